package products

import (
	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/rules"
)

// table is where a table stands: what package rules says of its rows and cells
// is put there.
type table struct {
	name  *node
	match []entry // the columns
	rows  *node   // what stands for all rows: the list, or the name of the file
	row   []*node // the rows
	cells [][]*node
	sheet *sheet // nil where the rows stand in the edition itself

	broken bool // a row or the sheet could not be read: whether there are gaps cannot be told
}

var wantRows = policy.Text{ZH: "rows 与 file 须有且仅有一个", EN: "want either rows or file"}

// tables reads the tables of an edition.
func (d *definition) readTables(f *file) read {
	return func(n *node) {
		if !f.is(n, mapping) {
			return
		}
		for _, e := range n.entries {
			t := &table{name: e.key}
			spec := rules.Table{Name: e.key.text}
			f.mapping(e.value,
				key{"match", true, t.columns(f, &spec)},
				key{"rows", false, t.inline(f, &spec)},
				key{"file", false, func(*node) {}},
			)
			rows, beside := e.value.child("rows"), e.value.child("file")
			if beside != nil { // behind the columns, wherever it stands
				t.fromFile(f, d, &spec)(beside)
			}
			if e.value.kind == mapping && (rows == nil) == (beside == nil) {
				f.refuse(e.key, codeMissingKey,
					wantRows,
					policy.Text{ZH: "rows 在此写出各行，file 为旁边的 CSV 文件", EN: "rows lists them here, file names a CSV beside the edition"})
			}
			if t.match == nil || t.rows == nil || t.broken {
				d.unread = append(d.unread, e.key.text)
				continue
			}
			d.tables = append(d.tables, t)
			d.rules.Tables = append(d.rules.Tables, spec)
		}
	}
}

// columns reads what a table is asked for, in the order of its cells.
func (t *table) columns(f *file, spec *rules.Table) read {
	return func(n *node) {
		if !f.is(n, mapping) {
			return
		}
		if len(n.entries) == 0 {
			f.refuse(n, codeEmpty, policy.Text{ZH: "没有列", EN: "there are no columns"}, policy.Text{ZH: "如 {coverage: coverages, days: 1..365}", EN: "such as {coverage: coverages, days: 1..365}"})
			return
		}
		t.match = n.entries
		for _, e := range n.entries {
			spec.Columns = append(spec.Columns, rules.Column{Name: e.key.text, Domain: f.cell(e.value)})
		}
	}
}

// cell reads one text, or those of a set.
func (f *file) cell(n *node) (c rules.Cell) {
	if n.kind != list {
		text, _ := f.word(n)
		return rules.Cell{text}
	}
	f.each(func(n *node) {
		if text, ok := f.word(n); ok {
			c = append(c, text)
		}
	})(n)
	return c
}

// inline reads rows that stand in the edition.
func (t *table) inline(f *file, spec *rules.Table) read {
	return func(n *node) {
		if t.rows = n; !f.is(n, list) {
			t.broken = true
			return
		}
		for _, item := range n.items {
			if !f.is(item, list) {
				t.broken = true
				continue
			}
			if len(item.items) == 0 {
				f.refuse(item, codeEmpty, policy.Text{ZH: "列表为空", EN: "the list is empty"}, policy.Text{})
				t.broken = true
				continue
			}
			row := rules.Row{Line: item.line}
			for i, c := range item.items {
				if last := i == len(item.items)-1; last {
					row.Value, _ = f.word(c)
					continue
				}
				row.Cells = append(row.Cells, f.cell(c))
			}
			t.row, t.cells = append(t.row, item), append(t.cells, item.items)
			spec.Rows = append(spec.Rows, row)
		}
	}
}

// locate finds what a diagnostic of the table means.
func (t *table) locate(f *file, at rules.At) spot {
	switch at.Part {
	case "column":
		return spot{in: f, n: t.match[at.Column].key}
	case "domain":
		return spot{in: f, n: t.match[at.Column].value}
	case "rows":
		return spot{in: f, n: t.rows}
	case "row", "cell":
	default:
		return spot{in: f, n: t.name}
	}
	s := spot{in: f, n: t.row[at.Index]}
	if at.Part == "cell" && at.Column < len(t.cells[at.Index]) {
		s.n = t.cells[at.Index][at.Column]
	}
	if t.sheet != nil {
		s.in = t.sheet.file
		s.cell = cellName(s.n.line, at.Column)
	}
	return s
}
