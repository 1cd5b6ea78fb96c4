package rulebook

import (
	"strconv"
	"strings"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/policy/money"
	"github.com/chudan-io/chudan/rules"
)

// table is a table in full.
func (w *writer) table(i int, t rules.Table) Section {
	var heads []Line
	for _, c := range t.Columns {
		head := verbatim(c.Name)
		if name, ok := nameOf(c.Name); ok {
			head = say("{0} {1}", "{0} {1}", headed(name), code(c.Name))
		}
		heads = append(heads, head)
	}
	full := columns(append(append([]Line{say("文件行", "Line")}, heads...), say("值", "Value"))...).number(0, len(heads)+1)
	for _, r := range t.Rows {
		cells := []Line{literal(strconv.Itoa(r.Line))}
		for _, c := range r.Cells {
			cells = append(cells, w.cell(c))
		}
		full.add(append(cells, literal(strings.TrimSpace(r.Value)))...)
	}
	domains := make([]Line, len(t.Columns))
	for k, c := range t.Columns {
		domains[k] = say("{0}：{1}", "{0}: {1}", code(c.Name), w.domain(c.Domain))
	}
	return Section{
		ID: "table-" + strconv.Itoa(i+1), Title: say("表 {0}", "Table {0}", code(t.Name)),
		Blocks: []Block{
			paragraph("查表条件与取值：{0}。范围含两端；每种组合恰有一行适用，装载时已验证。计算保费时超出取值范围的请求以 {1} 拒绝。",
				"What it is asked for: {0}. Ranges include both ends. Exactly one row fits each combination, which is proven when the edition is loaded. Where a request leaves these values and the premium needs the table, it is refused with {1}.",
				join(domains, "；", "; "), code(policy.KindInvalidParameter)),
			{Table: full},
		},
	}
}

// domain are the values that a column may have.
func (w *writer) domain(c rules.Cell) Line {
	if len(c) == 1 && strings.TrimSpace(c[0]) == "coverages" {
		return say("各险种", "the coverages")
	}
	return w.cell(c)
}

// cell is a cell as people read it: 1 to 90, all, QUALITY Quality.
func (w *writer) cell(c rules.Cell) Line {
	lines := make([]Line, len(c))
	for i, text := range c {
		text = strings.TrimSpace(text)
		low, high, isRange := strings.Cut(text, "..")
		switch {
		case text == "*":
			lines[i] = say("全部", "all")
		case isRange && isNumber(low) && isNumber(high):
			lines[i] = say("{0} 至 {1}", "{0} to {1}", strings.TrimSpace(low), strings.TrimSpace(high))
		case isNumber(text):
			lines[i] = literal(text)
		default:
			lines[i] = w.coverage(text)
		}
	}
	return join(lines, "、", ", ")
}

// isNumber tells a number of a table, such as 90 or 1.25‰, from a text.
func isNumber(text string) bool {
	return money.Valid(strings.TrimSpace(strings.TrimRight(strings.TrimSpace(text), "%‰")))
}
