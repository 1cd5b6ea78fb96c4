package rules

import (
	"maps"
	"slices"
	"strings"

	"github.com/chudan-io/chudan/policy"
)

// sum adds up the rows of a table for the coverages of the request.
func (u *unit) sum(name string) (*table, term) {
	t, ok := u.tables[name]
	if !ok {
		return nil, u.report("unknown-table", span{}, "没有名为 `"+name+"` 的表", "no table is called `"+name+"`", nearest(name, slices.Sorted(maps.Keys(u.tables))))
	}
	if u.tabulate(t); len(t.problems) > 0 {
		return nil, term{}
	}
	u.use(&t.usage)
	before := len(t.problems)
	t.checkItem(u.all)
	for i, row := range t.Rows {
		if bad := wrongRate(strings.TrimSpace(row.Value)); bad.code != "" {
			t.report(bad.code, At{Part: "cell", Index: i, Column: len(t.columns)}, bad)
		}
	}
	if len(t.problems) > before {
		return nil, term{}
	}
	set := policy.SetOf(typesPath)
	u.reads.leaves |= set
	if u.lookup(t, span{}, 0).kind == invalid {
		return nil, term{}
	}
	total := func(e *env) decimal {
		var sum decimal
		for _, item := range e.app.InsuranceTypes {
			sum = sum.add(t.amount(e, value{word: item}))
		}
		return sum
	}
	return t, numeric(total, digits{t.size.whole + 2, t.size.frac}, "(sum "+t.Name+")")
}

// checkItem wants one column that the items of the sum fill, and no other that
// nothing fills.
func (t *table) checkItem(known []string) {
	items := 0
	for _, i := range t.free() {
		c := &t.columns[i]
		if isItem := len(t.Columns[i].Domain) == 1 && t.Columns[i].Domain[0] == "coverages"; isItem {
			if items++; items == 1 {
				continue
			}
		}
		t.report("unknown-column", At{Part: "column", Column: i}, wrong{
			message: policy.Text{ZH: "没有名为 `" + c.name + "` 的字段或定义", EN: "no field or definition is called `" + c.name + "`"},
			hint:    nearest(c.name, known),
		})
	}
	if items == 0 {
		t.report("unknown-column", At{Part: "match"}, wrongCell("", "没有险种列", "there is no column of coverages", hint("match: {coverage: coverages, …}")))
	}
}

// lookup takes in what a table reads; what its columns leave unproven must be
// proven here.
func (u *unit) lookup(t *table, at span, facts policy.FieldSet) term {
	u.reads.merge(t.reads)
	if u.rating && t.reads.facts {
		return u.factInRating(t.Name, at)
	}
	if missing := u.unproven(t.reads.free, facts); missing != 0 {
		path := missing.Paths()[0]
		return u.report("unguarded", at, "表 "+t.Name+" 读取选填字段 "+path+"，此处可能缺失", "the table "+t.Name+" reads "+path+", which is optional and may be absent here",
			policy.Text{ZH: "请为该列写一个定义：has(" + path + ") ? … : …", EN: "make the column a definition: has(" + path + ") ? … : …"})
	}
	return term{kind: number}
}
