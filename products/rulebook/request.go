package rulebook

import (
	"slices"

	"github.com/chudan-io/chudan/policy"
)

// request is what a request has to carry.
func (w *writer) request() Section {
	s := Section{ID: "request", Title: say("投保请求须提供的内容", "What a request must carry")}
	t := columns(say("内容", "What"), say("字段", "Field"), say("何时必填", "When"))
	for _, f := range policy.Fields() {
		if name, _ := nameOf(f.Path); f.Required {
			t.add(plain(headed(name)), verbatim(f.Path), say("一律", "always"))
		}
	}
	if w.spec.Rating.Sum != "" {
		name, _ := nameOf(typesPath)
		t.add(plain(headed(name)), verbatim(typesPath), say("一律：费率按险种相加", "always: the rate is a sum over the coverages"))
	}
	for _, r := range w.spec.Rules {
		when := say("一律（规则 {0}）", "always (rule {0})", code(r.Code))
		if r.When != "" {
			when = say("{0}（规则 {1}）", "{0} (rule {1})", w.condition(r.When), code(r.Code))
		}
		for _, path := range r.Require {
			name, _ := nameOf(path)
			t.add(plain(headed(name)), verbatim(path), when)
		}
	}
	s.Blocks = []Block{{Table: t}}
	notes := []Line{
		say("空值、空字符串与缺失同样视为未提供。", "Null, an empty text and absence are the same: not given."),
		say("可省略而由引擎推算：{0}由起止日期计出，{1}由保额与汇率计出。", "What may be left out and is then derived: the {0} from both dates, the {1} from the sum insured and the exchange rate.", field("insurePeriod"), field("amountOfCny")),
		say("证件类型与证件号须同时提供。", "The type of a person's licence and its number come together."),
		say("{0}须晚于{1}；{2}的小数位数不得多于币种的小数位数。", "The {0} is after the {1}; the {2} has no more decimals than its currency.", field("expireTime"), field("effectTime"), field("amount")),
	}
	if slices.Contains(w.terms.Currencies, "CNY") {
		notes = append(notes, say("币种为 {0} 时，{1}须为 1。", "Where the currency is {0}, the {1} is 1.", code("CNY"), field("currencyRate")))
	}
	s.Blocks = append(s.Blocks, Block{List: notes})
	return s
}

// condition is an expression in words where it can be said, else as it is.
func (w *writer) condition(expression string) Line {
	if said, ok := w.words(expression); ok {
		return plain(said)
	}
	return verbatim(oneLine(expression))
}
