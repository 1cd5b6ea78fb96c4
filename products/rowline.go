package products

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// stretch is a part of a line, in characters from 0, its end not included.
type stretch struct{ from, to int }

// stretch is where a scalar, or a list in brackets, stands in its line. ok is
// false where it stands in several.
func (f *file) stretch(n *node) (in stretch, ok bool) {
	in.from = n.col - 1
	switch {
	case n.kind == list:
		if in.to = in.from + 1; f.at(n.line, n.col) != '[' {
			return in, false
		}
		for _, item := range n.items {
			inner, ok := f.stretch(item)
			if !ok || item.line != n.line {
				return in, false
			}
			in.to = inner.to
		}
		row := f.row(n.line)
		for in.to < len(row) && (row[in.to] == ' ' || row[in.to] == ',') {
			in.to++
		}
		in.to++
		return in, f.at(n.line, in.to) == ']'
	case n.kind != scalar || n.style == block || n.style == absent:
		return in, false
	}
	line, col := f.within(n, utf8.RuneCountInString(n.text))
	if in.to = col - 1; n.style == singleQuoted || n.style == doubleQuoted {
		in.to++
	}
	return in, line == n.line
}

// replace puts another text there. Where cells stand in columns, the spaces
// behind the comma that follows take up the difference.
func (in stretch) replace(row []rune, text string, aligned bool) []rune {
	fresh, rest := []rune(text), row[in.to:]
	if aligned && len(rest) > 0 && rest[0] == ',' {
		spaces := 1
		for spaces < len(rest) && rest[spaces] == ' ' {
			spaces++
		}
		gap := max(1, spaces-1-len(fresh)+in.to-in.from)
		fresh, rest = append(fresh, []rune(","+strings.Repeat(" ", gap))...), rest[spaces:]
	}
	return append(append(row[:in.from:in.from], fresh...), rest...)
}

// rowLine is a row of a table that stands in a line of its own: - [A, 1, 0.3%].
type rowLine struct {
	line  int
	text  []rune
	end   int // where its bracket closes
	cells []stretch
}

var (
	beforeRow = regexp.MustCompile(`^ *- +$`)
	behindRow = regexp.MustCompile(`^(?: *| +#.*)$`)
)

// rowLine reads the line of a row; ok is false where there is more in it, or
// less.
func (f *file) rowLine(row *node, cells []*node) (r rowLine, ok bool) {
	r = rowLine{line: row.line, text: f.row(row.line)}
	in, ok := f.stretch(row)
	if r.end = in.to; !ok || !beforeRow.MatchString(string(r.text[:in.from])) || !behindRow.MatchString(string(r.text[in.to:])) {
		return r, false
	}
	for _, c := range cells {
		in, ok := f.stretch(c)
		if !ok || c.line != row.line {
			return r, false
		}
		r.cells = append(r.cells, in)
	}
	return r, true
}

// remark tells whether a comment stands behind the row.
func (r rowLine) remark() bool { return strings.TrimSpace(string(r.text[r.end:])) != "" }

// bare is the row without a comment.
func (r rowLine) bare() rowLine {
	r.text = r.text[:r.end:r.end]
	return r
}

// with is the line with other texts in its cells; "" leaves one as it is.
func (r rowLine) with(texts []string, aligned bool) string {
	row := r.text
	for k := len(texts) - 1; k >= 0; k-- {
		if texts[k] != "" {
			row = r.cells[k].replace(row, texts[k], aligned)
		}
	}
	return string(row)
}
