package products

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/rules"
)

// rewriter writes rows back to where they stand.
type rewriter struct {
	file          *file // the edition, or its sheet
	table         *table
	before, after []rules.Row
	from          []int // which of before each of after was; -1: none
	lost          []Place
}

// same tells whether there is nothing to write.
func (w *rewriter) same() bool { return w.inPlace() && sameRows(w.before, w.after) }

// inPlace tells whether rows neither come nor go nor move.
func (w *rewriter) inPlace() bool {
	for i, from := range w.from {
		if from != i {
			return false
		}
	}
	return len(w.before) == len(w.after)
}

// rewrite is the whole file with the new rows.
func (w *rewriter) rewrite() ([]byte, error) {
	switch {
	case w.table.sheet != nil:
		return w.sheet()
	case w.inPlace():
		return w.cells()
	}
	return w.lines()
}

// changedCells are the texts of a row's cells that are not those of another
// row; "" where one is the same.
func changedCells(was, is rules.Row) []string {
	texts := make([]string, len(is.Cells)+1)
	for k, c := range is.Cells {
		if cellWord(c) != cellWord(was.Cells[k]) {
			texts[k] = written(c)
		}
	}
	if !sameExpression(was.Value, is.Value) {
		texts[len(is.Cells)] = scalarText(is.Value)
	}
	return texts
}

// written is a cell as it stands in a list in brackets.
func written(c rules.Cell) string {
	texts := make([]string, len(c))
	for i, text := range c {
		texts[i] = scalarText(text)
	}
	if len(texts) == 1 {
		return texts[0]
	}
	return "[" + strings.Join(texts, ", ") + "]"
}

var bareText = regexp.MustCompile(`^[\pL\pN_](?:[\pL\pN_.%‰/+ -]*[\pL\pN_.%‰])?$`)

// scalarText is a text as YAML, quoted where it would be read as something else.
func scalarText(text string) string {
	switch {
	case bareText.MatchString(text) && !strings.EqualFold(text, "null"):
		return text
	case strings.ContainsAny(text, "\n\t"):
		return strconv.Quote(text)
	}
	return "'" + strings.ReplaceAll(text, "'", "''") + "'"
}

// refuse is the problem of rows that cannot be written back.
func (w *rewriter) refuse(n *node) error {
	w.file.refuse(n, codeSheet,
		policy.Text{ZH: "各行不是一行一条，无法原样写回", EN: "the rows do not stand in lines of their own: they cannot be written back as they are"},
		policy.Text{ZH: "请写成每行一条：- [A, 1..90, 0.300%]", EN: "write each of them in a line: - [A, 1..90, 0.300%]"})
	return w.file.problems.asError()
}

// cells writes other texts into cells that stay where they are, in whatever
// form the rows are written.
func (w *rewriter) cells() ([]byte, error) {
	type edit struct {
		in   stretch
		text string
	}
	edits := make(map[int][]edit) // by line
	for i := range w.after {
		for k, text := range changedCells(w.before[i], w.after[i]) {
			if text == "" {
				continue
			}
			n := w.table.cells[i][k]
			in, ok := w.file.stretch(n)
			if !ok {
				return nil, w.refuse(n)
			}
			edits[n.line] = append(edits[n.line], edit{in, text})
		}
	}
	lines := strings.Split(string(w.file.data), "\n")
	for line, all := range edits {
		row := []rune(lines[line-1])
		slices.SortFunc(all, func(a, b edit) int { return b.in.from - a.in.from })
		for _, e := range all {
			row = e.in.replace(row, e.text, w.aligned())
		}
		lines[line-1] = string(row)
	}
	return []byte(strings.Join(lines, "\n")), nil
}

// lines writes rows that come, go or move, where each stands in a line.
func (w *rewriter) lines() ([]byte, error) {
	rows := make([]rowLine, len(w.table.row))
	for i, n := range w.table.row {
		var ok bool
		if rows[i], ok = w.file.rowLine(n, w.table.cells[i]); !ok {
			return nil, w.refuse(n)
		}
		if !slices.Contains(w.from, i) && rows[i].remark() {
			w.lost = append(w.lost, w.file.place(n))
		}
	}
	aligned, like := w.aligned(), 0
	text := w.arrange(strings.Split(string(w.file.data), "\n"),
		func(i int) (first, last int) { return rows[i].line, rows[i].line },
		func(i int) string {
			from, row := w.from[i], rowLine{}
			if from < 0 { // like the row before it
				from, row = like, rows[like].bare()
			} else {
				row = rows[from]
			}
			like = from
			return row.with(changedCells(w.before[from], w.after[i]), aligned)
		})
	return []byte(text), nil
}

// sheet writes the CSV file that the edition names. Rows that are as they were
// keep their lines; the others are written as the file is: with formulas that
// spreadsheets keep, or without.
func (w *rewriter) sheet() ([]byte, error) {
	s, write := w.table.sheet, func(text string) string { return text }
	if strings.Contains(s.text, `="`) {
		write = proof
	}
	text := w.arrange(strings.Split(s.text, "\n"),
		func(i int) (first, last int) {
			cells := w.table.cells[i]
			end := cells[len(cells)-1]
			return cells[0].line, end.line + strings.Count(end.text, "\n")
		},
		func(i int) string {
			row, from := w.after[i], w.from[i]
			if from >= 0 && sameExpression(w.before[from].Value, row.Value) {
				if row.Value = w.before[from].Value; rowKey(w.before[from]) == rowKey(row) {
					return ""
				}
			}
			return sheetLine(row, write)
		})
	data, lacking, err := s.like(text)
	if err != nil {
		w.file.refuse(w.table.row[0], codeEncoding, policy.Text{ZH: "GBK 没有字符 " + shown(string(lacking)), EN: "GBK has no character " + shown(string(lacking))},
			policy.Text{ZH: "请将该文件另存为“CSV UTF-8（逗号分隔）”", EN: "save the file as “CSV UTF-8 (comma delimited)”"})
		return nil, w.file.problems.asError()
	}
	return data, nil
}

// arrange puts the rows into the lines of the file. What stands above a row goes
// with it; what stands above one that is no more stays where it is. extent is
// where a row stands, text what becomes of it; "" is the lines that it has.
func (w *rewriter) arrange(lines []string, extent func(before int) (first, last int), text func(after int) string) string {
	begin, _ := extent(0)
	above, pending, end := make([][]string, len(w.before)), []string(nil), begin-1
	for i := range w.before {
		first, last := extent(i)
		pending = append(pending, lines[end:first-1]...)
		if end = last; slices.Contains(w.from, i) {
			above[i], pending = pending, nil
		}
	}
	var rows []string
	for i, from := range w.from {
		if from >= 0 {
			rows = append(rows, above[from]...)
		}
		if changed := text(i); changed != "" {
			rows = append(rows, changed)
			continue
		}
		first, last := extent(from)
		rows = append(rows, lines[first-1:last]...)
	}
	rows = append(rows, pending...)
	if strings.HasSuffix(lines[0], "\r") {
		for i, row := range rows {
			rows[i] = strings.TrimSuffix(row, "\r") + "\r"
		}
		if last := len(rows) - 1; end == len(lines) { // the file ends without an end of line
			rows[last] = strings.TrimSuffix(rows[last], "\r")
		}
	}
	return strings.Join(slices.Concat(lines[:begin-1], rows, lines[end:]), "\n")
}

// aligned tells whether the cells of the rows stand in columns.
func (w *rewriter) aligned() bool {
	return slices.ContainsFunc(w.table.row, func(n *node) bool { return strings.Contains(string(w.file.row(n.line)), ",  ") })
}
