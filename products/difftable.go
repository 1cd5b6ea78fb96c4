package products

import (
	"fmt"
	"slices"
	"strings"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/rules"
)

// tables compares tables, row by row.
func (d *differ) tables() {
	of := func(t rules.Table) subject {
		return called("table", "tables", t.Name, policy.Text{ZH: "表", EN: "table"})
	}
	pairing[rules.Table]{
		name: func(t rules.Table) string { return t.Name },
		gone: func(t rules.Table) { d.removed(of(t), outline(t)) },
		came: func(t rules.Table) { d.added(of(t), outline(t)) },
		both: func(b, a rules.Table) { d.table(of(a), b, a) },
	}.walk(d.before.spec.Tables, d.after.spec.Tables)
}

// outline is a table in a line.
func outline(t rules.Table) string {
	return fmt.Sprintf("match: %s; rows: %d", strings.Join(columnNames(t), ", "), len(t.Rows))
}

func columnNames(t rules.Table) []string {
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = c.Name
	}
	return names
}

func (d *differ) table(s subject, b, a rules.Table) {
	was, is := tableRows(b, columnNames(b)), tableRows(a, columnNames(b))
	if !alike(b, a) || !share(was, is) {
		s.title.ZH, s.title.EN = s.title.ZH+" 已替换", s.title.EN+" replaced"
		d.changed("-replaced", s, Change{Before: outline(b), After: outline(a)})
		return
	}
	for _, c := range b.Columns {
		domain := s.part("match."+c.Name, " "+c.Name+" 取值", "values of "+c.Name)
		domain.kind = "table-domain"
		i := slices.Index(columnNames(a), c.Name)
		d.worded(domain, cellWord(c.Domain), cellWord(a.Columns[i].Domain))
	}
	arguments := s.part("match", "调用参数顺序", "order of arguments")
	arguments.kind = "table-arguments"
	d.worded(arguments, callers(b, d.before), callers(a, d.after))
	d.rows(s, was, is)
}

// alike tells whether the columns are the same, in whatever order.
func alike(b, a rules.Table) bool {
	return slices.Equal(slices.Sorted(slices.Values(columnNames(b))), slices.Sorted(slices.Values(columnNames(a))))
}

// callers are the columns that a call fills, in the order of its arguments: of
// all columns only the order of these matters.
func callers(t rules.Table, e *Edition) string {
	var names []string
	for _, c := range t.Columns {
		_, field := policy.FieldNamed(c.Name)
		defined := slices.ContainsFunc(e.spec.Define, func(d rules.Definition) bool { return d.Name == c.Name })
		if !field && !defined {
			names = append(names, c.Name)
		}
	}
	return strings.Join(names, ", ")
}

// tableRow is a row by its cells.
type tableRow struct{ cells, value string }

// tableRows are the rows of a table with their cells in the order of these
// columns.
func tableRows(t rules.Table, columns []string) []tableRow {
	at := make([]int, 0, len(columns))
	for _, name := range columns {
		if i := slices.Index(columnNames(t), name); i >= 0 {
			at = append(at, i)
		}
	}
	all := make([]tableRow, len(t.Rows))
	for i, r := range t.Rows {
		words := make([]string, len(at))
		for j, column := range at {
			words[j] = cellWord(r.Cells[column])
		}
		all[i] = tableRow{strings.Join(words, ", "), r.Value}
	}
	return all
}

// cellWord is a cell as an edition writes it, its values in an order of their
// own.
func cellWord(c rules.Cell) string {
	texts := make([]string, len(c))
	for i, text := range c {
		low, high, isRange := strings.Cut(text, "..")
		if texts[i] = strings.TrimSpace(low); isRange {
			texts[i] += ".." + strings.TrimSpace(high)
		}
	}
	if len(texts) == 1 {
		return texts[0]
	}
	slices.Sort(texts)
	return "[" + strings.Join(texts, ", ") + "]"
}

// share tells whether any row is in both tables. Where none is, to list them
// all says nothing.
func share(b, a []tableRow) bool {
	known := make(map[string]bool, len(b))
	for _, r := range b {
		known[r.cells] = true
	}
	return slices.ContainsFunc(a, func(r tableRow) bool { return known[r.cells] })
}

func (d *differ) rows(s subject, b, a []tableRow) {
	of := func(r tableRow) subject {
		return subject{kind: "row", path: s.path + ".rows", name: s.name, row: r.cells, title: policy.Text{
			ZH: s.title.ZH + " 行 [" + r.cells + "]", EN: s.title.EN + ", row [" + r.cells + "]",
		}}
	}
	pairing[tableRow]{
		name: func(r tableRow) string { return r.cells },
		gone: func(r tableRow) { d.removed(of(r), r.value) },
		came: func(r tableRow) { d.added(of(r), r.value) },
		both: func(b, a tableRow) { d.measured(of(a), b.value, a.value) },
	}.walk(b, a)
}
