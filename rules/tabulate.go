package rules

import (
	"slices"
	"strings"

	"github.com/chudan-io/chudan/policy"
)

// declareTables takes in the names of the tables.
func (c *compiler) declareTables(tables []Table) {
	for i, t := range tables {
		compiled := &table{Table: t}
		why := taken(t.Name)
		switch {
		case i == maxTables:
			compiled.report("too-long", At{}, wrongCell("", "表超过 50 张", "more than 50 tables", policy.Text{}))
		case !isName(t.Name):
			compiled.report("name", At{}, wrongCell("", "名称以字母开头，由字母、数字、下划线组成", "a name is a letter and letters, digits or _", policy.Text{}))
		case why != (policy.Text{}):
			compiled.report("name", At{}, wrong{message: why})
		}
		if len(compiled.problems) == 0 {
			c.names.tables[t.Name] = compiled
		}
		c.tabulated = append(c.tabulated, compiled)
	}
}

// report adds a problem of the table; of its name where no part is given.
func (t *table) report(code string, at At, w wrong) {
	at.Table = t.Name
	t.problems = append(t.problems, Diagnostic{Code: code, At: at, Message: w.message, Hint: w.hint})
}

// tabulate compiles a table if that has not happened yet. A column may read a
// definition, and a definition may call a table.
func (ns *names) tabulate(t *table) {
	if t.stage != untouched {
		return
	}
	t.stage = compiling
	ns.active = append(ns.active, t.Name)
	defer func() {
		ns.active = ns.active[:len(ns.active)-1]
		t.stage = compiled
	}()
	switch n := len(t.Columns); {
	case n == 0 || n > maxColumns:
		t.report("too-long", At{Part: "match"}, wrongCell("", "应有 1 至 8 列", "want 1 to 8 columns", policy.Text{}))
	case len(t.Rows) > maxRows:
		t.report("too-long", At{Part: "rows"}, wrongCell("", "行数超过 10000", "more than 10000 rows", policy.Text{}))
	}
	if len(t.problems) > 0 {
		return
	}
	for i := range t.Columns {
		t.columns = append(t.columns, ns.column(t, i))
	}
	if sound := len(t.problems) == 0; sound {
		t.readRows()
	}
}

// column reads what a column is asked for, and which values it may have.
func (ns *names) column(t *table, i int) column {
	spec, at := t.Columns[i], At{Part: "column", Column: i}
	c := column{name: spec.Name}
	if len(spec.Domain) == 0 {
		t.report("empty", at, wrongCell("", "取值范围为空", "the domain is empty", policy.Text{ZH: "如 1..365、[A, B]、coverages", EN: "such as 1..365, [A, B], coverages"}))
		return c
	}
	_, isField := fieldNamed(spec.Name)
	_, isDefinition := ns.definitions[spec.Name]
	if isField || isDefinition {
		u := unit{names: ns, definition: true, owner: &t.usage}
		c.source = u.compileText(spec.Name, 0)
		for _, d := range u.problems {
			t.report(d.Code, at, wrong{message: d.Message, hint: d.Hint})
		}
		if len(u.problems) > 0 {
			return c
		}
		t.reads.merge(u.reads)
		t.reads.free |= u.reads.free
		c.secret = u.reads.personal
		if paths := u.reads.paths(); len(paths) > 0 {
			c.blame = blamed(paths)
			if isDefinition {
				c.reads = paths
			}
		}
	} else if !isName(spec.Name) {
		t.report("name", at, wrongCell("", "列名应为字段、定义，或一个名称", "a column is named after a field or a definition, or by a name of its own", policy.Text{}))
		return c
	}
	var bad wrong
	at.Part = "domain"
	if c.domain, bad = ns.domain(spec.Domain, c.source.kind); bad.code != "" {
		t.report(bad.code, at, bad)
	}
	return c
}

// domain reads the domain of a column that reads a value of this kind.
func (ns *names) domain(texts []string, of kind) (d domain, bad wrong) {
	_, _, isRange := ends(texts[0])
	_, _, isNumber := quantity(texts[0])
	switch {
	case len(texts) > maxValues:
		return d, wrongCell("too-long", "取值超过 5000 个", "more than 5000 values", policy.Text{})
	case texts[0] == "coverages" && len(texts) == 1 && (of == invalid || of == text):
		d = listed(ns.coverages)
		d.text = strings.Join(ns.coverages, ", ")
		if len(ns.coverages) == 0 {
			bad = wrongCell("empty", "产品没有险种", "the product has no coverages", policy.Text{})
		}
		return d, bad
	case of == list:
		return d, wrongCell("type", "列表不能作为列", "a list is no column",
			policy.Text{ZH: "请写 coverage: coverages，并以 over: insuranceTypes 逐项求和", EN: "write coverage: coverages, and sum over: insuranceTypes"})
	case of == moment:
		return d, wrongCell("type", "时间不能作为列", "a time is no column", hint("days: calendarDays(effectTime, expireTime)"))
	case of == number, of == invalid && (isRange || isNumber):
		return numbered(texts)
	case isRange:
		return d, wrongCell("type", "该列是"+kindNames[of].ZH+"，不能取范围", "the column is "+kindNames[of].EN+" and has no range", hint("[A, B]"))
	}
	d = listed(texts)
	for i, word := range texts {
		switch {
		case slices.Index(texts, word) < i:
			return d, wrongCell("duplicate", "`"+word+"` 重复", "`"+word+"` stands twice", policy.Text{})
		case word == "" || word == anything:
			return d, wrongCell("unknown-value", "取值范围须逐一列出", "a domain lists its values", policy.Text{ZH: "如 1..365、[A, B]、coverages", EN: "such as 1..365, [A, B], coverages"})
		case of == boolean && word != "true" && word != "false":
			return d, wrongCell("type", "该列是是非，应为 [true, false]", "the column is a condition; want [true, false]", hint("[true, false]"))
		}
	}
	return d, bad
}
