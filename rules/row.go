package rules

import (
	"fmt"
	"strings"

	"github.com/chudan-io/chudan/policy"
)

// readRows reads the cells, and proves that each combination has its one row.
func (t *table) readRows() {
	p := &prover{known: map[string]*branch{}, seen: map[[2]int]bool{}}
	for i := range t.columns {
		p.domains = append(p.domains, interval{t.columns[i].domain.first, t.columns[i].domain.last})
	}
	all := make([]int, len(t.Rows))
	for i := range t.Rows {
		all[i] = i
		p.covers = append(p.covers, t.readRow(i))
	}
	if len(t.problems) > 0 {
		return
	}
	t.root = p.prove(0, all)
	for _, f := range p.found {
		t.tell(f)
	}
	if len(p.found) >= maxFindings {
		t.report("gap", At{}, wrongCell("", fmt.Sprintf("已列出 %d 处空缺或重叠，可能还有", maxFindings),
			fmt.Sprintf("%d gaps or overlaps are listed; there may be more", maxFindings), policy.Text{}))
	}
	if len(p.found) == 0 && p.work > maxWork {
		t.report("too-long", At{}, wrongCell("", "表过于复杂，无法验证每种组合恰有一行", "the table is too complex to prove that each combination has one row",
			policy.Text{ZH: "请减少列数或拆成几张表", EN: "take fewer columns, or make several tables of it"}))
	}
}

// readRow reads one row: what it covers, and its value.
func (t *table) readRow(i int) (covers [][]interval) {
	row, at := t.Rows[i], At{Part: "row", Index: i}
	t.values = append(t.values, decimal{})
	if len(row.Cells) != len(t.columns) {
		want := t.heading()
		t.report("row", at, wrongCell("", fmt.Sprintf("应为 %d 格 %s，得到 %d 格", len(t.columns)+1, want, len(row.Cells)+1),
			fmt.Sprintf("want %d cells %s, got %d", len(t.columns)+1, want, len(row.Cells)+1), policy.Text{}))
		return nil
	}
	at.Part = "cell"
	for k := range t.columns {
		at.Column = k
		cover, bad := t.columns[k].domain.cover(row.Cells[k])
		if bad.code != "" {
			t.report(bad.code, at, bad)
		}
		covers = append(covers, cover)
	}
	at.Column = len(t.columns)
	value, places, ok := quantity(strings.TrimSpace(row.Value))
	if !ok {
		bad := notANumber(row.Value)
		if strings.TrimSpace(row.Value) == "" {
			bad = wrongCell("empty", "缺少值", "the value is missing", policy.Text{})
		}
		t.report(bad.code, at, bad)
	}
	t.values[i] = value
	integer, _, _ := strings.Cut(value.String(), ".")
	t.size = t.size.or(digits{len(integer), places})
	return covers
}

// heading names the cells of a row.
func (t *table) heading() string {
	names := make([]string, 0, len(t.columns)+1)
	for i := range t.columns {
		names = append(names, t.columns[i].name)
	}
	return "[" + strings.Join(append(names, "value"), ", ") + "]"
}

// tell reports a gap or an overlap: both rows, and a combination that hits it.
func (t *table) tell(f finding) {
	sample := make([]string, len(f.at))
	stretch := make([]string, len(f.at))
	for i, at := range f.at {
		d := &t.columns[i].domain
		sample[i] = t.columns[i].name + " = " + d.show(at.from)
		if of := t.columns[i].reads; len(of) > 0 {
			sample[i] += " (" + strings.Join(of, ", ") + ")"
		}
		stretch[i] = t.columns[i].name + " " + d.span(at)
	}
	where, example := strings.Join(stretch, ", "), strings.Join(sample, ", ")
	d := Diagnostic{Code: "overlap", At: At{Table: t.Name, Part: "rows"}}
	d.Message = policy.Text{ZH: "两行都适用于 " + where, EN: "two rows fit " + where}
	if f.gap {
		d.Code = "gap"
		d.Message = policy.Text{ZH: "没有一行适用于 " + where, EN: "no row fits " + where}
	}
	for i, row := range f.rows {
		place := At{Table: t.Name, Part: "row", Index: row}
		if i == 0 {
			d.At = place
		} else {
			d.Also = append(d.Also, place)
		}
	}
	d.Hint = policy.Text{ZH: "例如投保请求 " + example, EN: "a request that hits it: " + example}
	t.problems = append(t.problems, d)
}
