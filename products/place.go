package products

import (
	"unicode"
	"unicode/utf8"

	"github.com/chudan-io/chudan/policy"
)

// at is the character at a place of the file; 0 where there is none.
func (f *file) at(line, col int) rune {
	if row := f.row(line); col >= 1 && col <= len(row) {
		return row[col-1]
	}
	return 0
}

// row is a line of the file in characters. The last one is kept: a hostile
// file may be one line of a million characters.
func (f *file) row(line int) []rune {
	if line < 1 || line > len(f.lines) {
		return nil
	}
	if line != f.lastLine {
		f.lastLine, f.lastRow = line, []rune(f.lines[line-1])
	}
	return f.lastRow
}

// refuse notes a problem of a whole node, underlined as far as it goes on its
// first line.
func (f *file) refuse(n *node, code string, message, hint policy.Text) {
	f.refuseWithin(n, 0, -1, code, message, hint)
}

// refuseWithin notes a problem of a part of a scalar's text: length characters
// from the offset-th on, or all of it where length is negative.
func (f *file) refuseWithin(n *node, offset, length int, code string, message, hint policy.Text) {
	if f.full() {
		return
	}
	if n.kind != scalar {
		f.note(n.line, n.col, 1, code, message, hint)
		return
	}
	line, col, endLine, endCol := n.line, n.col, 0, 0
	switch {
	case length >= 0:
		line, col = f.within(n, offset)
		endLine, endCol = f.within(n, offset+length)
	case n.style == block:
		endLine, endCol = line, col+1
	default:
		endLine, endCol = f.within(n, utf8.RuneCountInString(n.text))
		if n.style == singleQuoted || n.style == doubleQuoted {
			endCol++
		}
	}
	if endLine != line {
		endCol = len(f.row(line)) + 1
	}
	f.note(line, col, endCol-col, code, message, hint)
}

// place is where a node begins.
func (f *file) place(n *node) Place {
	p := Place{File: f.name, Line: n.line, Col: n.col}
	if n.line >= 1 && n.line <= len(f.lines) && len(f.lines[n.line-1]) <= maxSource {
		p.Source = f.lines[n.line-1]
	}
	return p
}

// within is the place in the file of the offset-th character of a scalar's
// text. Quotes, escapes, folding and the indentation of blocks are undone by
// walking text and source side by side: whatever YAML does to spaces and line
// breaks, all other characters come in the same order in both.
func (f *file) within(n *node, offset int) (line, col int) {
	c := cursor{file: f, line: n.line, index: n.col - 1}
	switch n.style {
	case singleQuoted, doubleQuoted:
		c.next()
	case block:
		c.line, c.index = c.line+1, 0
	case plain, absent:
	}
	for _, r := range n.text {
		size := c.align(n.style, unicode.IsSpace(r))
		if offset == 0 {
			break
		}
		for range size {
			c.next()
		}
		offset--
	}
	return c.line, c.index + 1
}

// cursor walks over the characters of a file.
type cursor struct {
	file  *file
	line  int // from 1
	index int // from 0
}

// peek is the next character but n: a line break at the end of a line, 0 at the
// end of the file.
func (c *cursor) peek(n int) rune {
	row := c.file.row(c.line)
	switch i := c.index + n; {
	case i >= 0 && i < len(row):
		return row[i]
	case c.line >= len(c.file.lines):
		return 0
	}
	return '\n'
}

func (c *cursor) next() {
	c.index++
	if c.index > len(c.file.row(c.line)) && c.line < len(c.file.lines) {
		c.line, c.index = c.line+1, 0
	}
}

// align moves to the source of the text's next character and tells how many
// characters it takes there.
func (c *cursor) align(s style, space bool) (size int) {
	for {
		switch r := c.peek(0); {
		case s == doubleQuoted && r == '\\' && c.peek(1) == '\n': // the line goes on
			c.next()
			c.next()
			for unicode.IsSpace(c.peek(0)) {
				c.next()
			}
		case s == doubleQuoted && r == '\\':
			return escapeSize(c.peek(1))
		case s == singleQuoted && r == '\'' && c.peek(1) == '\'':
			return 2
		case !space && unicode.IsSpace(r):
			c.next()
		case space && !unicode.IsSpace(r): // folded away
			return 0
		default:
			return 1
		}
	}
}

// escapeSize is the length of an escape in double quotes, by the character
// after the backslash.
func escapeSize(r rune) int {
	switch r {
	case 'x':
		return 4
	case 'u':
		return 6
	case 'U':
		return 10
	}
	return 2
}
