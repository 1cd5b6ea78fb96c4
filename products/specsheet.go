package products

import (
	"encoding/csv"
	"errors"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/chudan-io/chudan/policy"
)

// The columns of a sheet of cases that are no fields. Those of `each` are
// expect and case; the rest stands in the case that the sheet is for.
var (
	rowColumns  = []string{"expect", "case"}
	caseColumns = []string{"expect", "case", "given", "fill"}
)

var wantCases = policy.Text{ZH: "应为旁边的 CSV 文件名，如 limits.csv", EN: "want the name of a CSV file beside this one, such as limits.csv"}

// isSheet tells a name of a CSV file from what else may stand there.
func isSheet(n *node) bool { return n.kind == scalar && path.Ext(n.value()) == ".csv" }

// sheetRows reads a CSV file beside the tests as a list of mappings, each row
// one of them: the heading are the keys, an empty cell leaves its key out. read
// reads them in the sheet's own name, so that problems are told where they are.
func (r *specReader) sheetRows(n *node, columns []string, read func(*specReader, *node)) {
	name := n.value()
	if path.Base(name) != name || strings.HasPrefix(name, ".") {
		r.bad(n, codeName, policy.Text{ZH: shown(name) + "：" + wantCases.ZH, EN: shown(name) + ": " + wantCases.EN}, policy.Text{})
		return
	}
	s := &sheet{file: readFile(r.fsys, path.Join(r.dir, name))}
	if found := s.file.problems; len(found) > 0 {
		r.refuse(n, codeFixture, found[0].Message, policy.Text{})
		return
	}
	inner := *r
	inner.file = s.file
	if s.decode() {
		if rows := inner.readSheet(columns); len(s.file.problems) == 0 {
			read(&inner, rows)
		}
	}
	r.beside = append(r.beside, s.file.problems...)
}

// readSheet makes the list of the file's rows.
func (r *specReader) readSheet(columns []string) *node {
	all := &node{kind: list, line: 1, col: 1}
	reader := csv.NewReader(strings.NewReader(strings.Join(r.lines, "\n")))
	reader.FieldsPerRecord = -1
	var heads []*node
	for {
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			r.noteCSV(err)
			return all
		}
		cells := r.cells(reader, record)
		switch {
		case len(cells) == 0:
		case heads == nil:
			heads = cells
			r.checkHeads(heads, columns)
		default:
			all.items = append(all.items, r.sheetRow(heads, cells))
		}
	}
	if heads == nil {
		r.note(1, 1, 1, codeHeading, policy.Text{ZH: "缺少表头", EN: "the heading is missing"}, oneOf(columns))
	}
	return all
}

// checkHeads notes columns that are neither fields nor one of the others, and
// those that stand twice.
func (r *specReader) checkHeads(heads []*node, columns []string) {
	for i, h := range heads {
		h.text = plainCell(h.text)
		_, field := policy.FieldNamed(h.text)
		field = field || slices.Contains(r.factPaths(), h.text)
		switch {
		case !field && !policy.IsObject(h.text) && !slices.Contains(columns, h.text):
			hint := r.did(h.text, append(append(pagePaths(), r.factPaths()...), columns...))
			r.refuse(h, codeHeading, policy.Text{ZH: "没有字段或列 " + shown(h.text), EN: "there is no field and no column " + shown(h.text)}, hint)
		case slices.ContainsFunc(heads[:i], func(o *node) bool { return o.text == h.text }):
			r.refuse(h, codeDuplicate, policy.Text{ZH: shown(h.text) + " 重复", EN: shown(h.text) + " stands twice"}, policy.Text{})
		}
	}
}

// sheetRow makes a mapping of a row.
func (r *specReader) sheetRow(heads, cells []*node) *node {
	row := &node{kind: mapping, line: cells[0].line, col: cells[0].col}
	for i, c := range cells {
		c.text = strings.TrimSpace(c.text)
		switch {
		case i >= len(heads):
			r.refuse(c, codeHeading, policy.Text{ZH: "该列没有表头", EN: "the column has no heading"}, policy.Text{})
			continue
		case c.text == "":
			continue
		case c.text == "~":
			c.style = absent
		}
		row.entries = append(row.entries, entry{&node{text: heads[i].text, line: c.line, col: c.col}, c})
	}
	return row
}

// sheetCases reads cases of which each is a row. Where the tests have one
// fixture it need not be named in each.
func (r *specReader) sheetCases(base string, rows *node) {
	for i, row := range rows.items {
		c := entry{&node{text: base + "/" + strconv.Itoa(i+1), line: row.line, col: row.col}, &node{kind: mapping, line: row.line, col: row.col}}
		with := &node{kind: mapping, line: row.line, col: row.col}
		for _, e := range row.entries {
			switch {
			case e.key.text == "case":
				c.key.text = base + "/" + e.value.text
			case slices.Contains(caseColumns, e.key.text):
				c.value.entries = append(c.value.entries, e)
			default:
				with.entries = append(with.entries, e)
			}
		}
		c.value.entries = append(c.value.entries, entry{&node{text: "with"}, with})
		if row.child("given") == nil && len(r.fixtures) == 1 {
			for name := range r.fixtures {
				at := node{line: row.line, col: row.col}
				key, value := at, at
				key.text, value.text = "given", name
				c.value.entries = append(c.value.entries, entry{&key, &value})
			}
		}
		r.readCase(c)
	}
}
