package rulebook

import (
	"slices"
	"strings"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/rules"
)

// words says an expression in words. ok is false where something in it cannot
// be said so that it stays true: then the expression speaks for itself.
func (w *writer) words(expression string) (said policy.Text, ok bool) {
	tree, ok := w.Edition.Rules().Tree(expression)
	if !ok {
		return said, false
	}
	s := speaker{w, true}
	if said = s.say(tree); tree.Op == "calendarDays" || tree.Op == "round" || tree.Op == "div" {
		said.ZH = strings.TrimSuffix(strings.TrimPrefix(said.ZH, "（"), "）") // nothing stands around it
		said.EN = strings.TrimSuffix(strings.TrimPrefix(said.EN, "("), ")")
	}
	return said, s.ok
}

// speaker says one expression.
type speaker struct {
	*writer
	ok bool
}

// comparisons say what is true of two values, by their kind.
var comparisons = map[rules.Kind]map[string]policy.Text{
	rules.KindNumber: {
		">": {ZH: "{0} 大于 {1}", EN: "{0} is above {1}"}, "<": {ZH: "{0} 小于 {1}", EN: "{0} is below {1}"},
		">=": {ZH: "{0} 不小于 {1}", EN: "{0} is at least {1}"}, "<=": {ZH: "{0} 不大于 {1}", EN: "{0} is at most {1}"},
		"==": {ZH: "{0} 等于 {1}", EN: "{0} equals {1}"}, "!=": {ZH: "{0} 不等于 {1}", EN: "{0} does not equal {1}"},
	},
	rules.KindTime: {
		">": {ZH: "{0} 晚于 {1}", EN: "{0} is after {1}"}, "<": {ZH: "{0} 早于 {1}", EN: "{0} is before {1}"},
		">=": {ZH: "{0} 不早于 {1}", EN: "{0} is not before {1}"}, "<=": {ZH: "{0} 不晚于 {1}", EN: "{0} is not after {1}"},
		"==": {ZH: "{0} 与 {1} 相同", EN: "{0} is the same as {1}"}, "!=": {ZH: "{0} 与 {1} 不同", EN: "{0} is not the same as {1}"},
	},
	rules.KindText: {
		"==": {ZH: "{0} 为 {1}", EN: "{0} is {1}"}, "!=": {ZH: "{0} 不为 {1}", EN: "{0} is not {1}"},
		"contains":   {ZH: "{0} 含有 {1}", EN: "{0} contains {1}"},
		"startsWith": {ZH: "{0} 以 {1} 开头", EN: "{0} begins with {1}"},
		"endsWith":   {ZH: "{0} 以 {1} 结尾", EN: "{0} ends with {1}"},
		"matches":    {ZH: "{0} 中有符合正则表达式 {1} 的内容", EN: "{0} has something in it that matches the regular expression {1}"},
	},
}

// negations say the opposite of an operator that stands behind not.
var negations = map[string]policy.Text{
	"contains":   {ZH: "{0} 不含 {1}", EN: "{0} does not contain {1}"},
	"startsWith": {ZH: "{0} 不以 {1} 开头", EN: "{0} does not begin with {1}"},
	"endsWith":   {ZH: "{0} 不以 {1} 结尾", EN: "{0} does not end with {1}"},
	"matches":    {ZH: "{0} 中没有符合正则表达式 {1} 的内容", EN: "{0} has nothing in it that matches the regular expression {1}"},
}

func (s *speaker) say(t rules.Tree) policy.Text {
	switch t.Op {
	case "":
		return s.leaf(t)
	case "and":
		return s.list(t.Args, "{0}，且 {1}", "{0}, and {1}")
	case "or":
		return s.list(t.Args, "{0}，或 {1}", "{0}, or {1}")
	case "not":
		return s.negated(t.Args[0])
	case "has":
		return put("已提供 {0}", "{0} "+be(t.Text)+" given", s.named(t.Text))
	case "in":
		return s.member(t, true)
	}
	if len(t.Args) == 2 && t.Args[0].Kind == t.Args[1].Kind {
		if is, ok := comparisons[t.Args[0].Kind][t.Op]; ok {
			return put(is.ZH, is.EN, s.compared(t.Args[0]), s.compared(t.Args[1]))
		}
	}
	return s.computed(t)
}

// list says parts one behind the other, two by two.
func (s *speaker) list(parts []rules.Tree, zh, en string) (said policy.Text) {
	for i, p := range parts {
		if next := s.operand(p); i == 0 {
			said = next
		} else {
			said = put(zh, en, said, next)
		}
	}
	return said
}

// operand is a part in its place: in brackets where it is made of parts itself
// that what stands around could be read into.
func (s *speaker) operand(t rules.Tree) policy.Text {
	said := s.say(t)
	if slices.Contains([]string{"and", "or", "?:", "+", "-", "-x"}, t.Op) {
		return put("（{0}）", "({0})", said)
	}
	return said
}

// compared is what words part from the other side: a sum needs no brackets.
func (s *speaker) compared(t rules.Tree) policy.Text {
	if t.Op == "?:" {
		return s.operand(t)
	}
	return s.say(t)
}

// negated says the opposite.
func (s *speaker) negated(t rules.Tree) policy.Text {
	switch not, ok := negations[t.Op]; {
	case ok:
		return put(not.ZH, not.EN, s.operand(t.Args[0]), s.operand(t.Args[1]))
	case t.Op == "has":
		return put("未提供 {0}", "{0} "+be(t.Text)+" not given", s.named(t.Text))
	case t.Op == "in":
		return s.member(t, false)
	case t.Op == "" && !t.Literal:
		return put("{0} 不成立", "{0} does not hold", s.named(t.Text))
	}
	return put("并非（{0}）", "it is not so that ({0})", s.say(t))
}

// be is "is" of a field, or "are" of the one that is many.
func be(path string) string {
	if path == typesName || path == typesPath {
		return "are"
	}
	return "is"
}

// member says that something is in a list, or one of a few values.
func (s *speaker) member(t rules.Tree, is bool) policy.Text {
	what := s.operand(t.Args[0])
	if len(t.Args) == 2 && t.Args[1].Kind == rules.KindList {
		in := s.named(t.Args[1].Text)
		if is {
			return put("{1} 包含 {0}", "{1} include {0}", what, in)
		}
		return put("{1} 不包含 {0}", "{1} do not include {0}", what, in)
	}
	set := s.list(t.Args[1:], "{0}、{1}", "{0}, {1}")
	if is {
		return put("{0} 为以下之一：{1}", "{0} is one of [{1}]", what, set)
	}
	return put("{0} 不是以下任何一个：{1}", "{0} is none of [{1}]", what, set)
}

// leaf says a name or a literal.
func (s *speaker) leaf(t rules.Tree) policy.Text {
	switch {
	case t.Literal && t.Kind == rules.KindText:
		return put("“{0}”", `"{0}"`, policy.Text{EN: t.Text})
	case t.Literal && t.Kind == rules.KindNumber:
		return policy.Text{ZH: t.Text, EN: t.Text}
	case t.Literal:
		s.ok = false // true and false are said by nobody
	case t.Kind == rules.KindCondition:
		return put("{0} 成立", "{0} holds", s.named(t.Text))
	}
	return s.named(t.Text)
}

// named says a field by what people call it, a coverage by its title, a
// constant by its value.
func (s *speaker) named(name string) policy.Text {
	if field, ok := nameOf(name); ok {
		return policy.Text{ZH: field.ZH, EN: "the " + field.EN}
	}
	for _, c := range s.terms.Coverages {
		if c.Code == name {
			return put("{0}（{1}）", "{0} ({1})", policy.Text{EN: name}, c.Title)
		}
	}
	for _, d := range s.spec.Define {
		if tree, ok := s.Edition.Rules().Tree(d.Expr); d.Name == name && ok && tree.Literal {
			return put("{0}（{1}）", "{0} ({1})", policy.Text{EN: name}, policy.Text{EN: strings.TrimSpace(d.Expr)})
		}
	}
	return policy.Text{ZH: name, EN: name}
}

// modes say a rounding.
var modes = map[string]policy.Text{
	"half_up":   {ZH: "四舍五入", EN: "half up"},
	"half_even": {ZH: "四舍六入五成双", EN: "half to even"},
	"down":      {ZH: "舍尾", EN: "down"},
	"up":        {ZH: "进位", EN: "up"},
}

// functions say a function of so many operands.
var functions = map[string][]policy.Text{
	"-x":           {1: {ZH: "−{0}", EN: "−{0}"}},
	"-":            {2: {ZH: "{0} − {1}", EN: "{0} − {1}"}},
	"?:":           {3: {ZH: "若 {0}，则 {1}，否则 {2}", EN: "if {0}, then {1}, otherwise {2}"}},
	"abs":          {1: {ZH: "绝对值（{0}）", EN: "the absolute value of ({0})"}},
	"calendarDays": {2: {ZH: "（{0} 至 {1} 的日历天数，首尾均计）", EN: "(the calendar days from {0} to {1}, both ends counted)"}},
	"round":        {3: {ZH: "（{0}，{2}至 {1} 位小数）", EN: "({0}, rounded {2} to {1} decimals)"}},
	"div":          {4: {ZH: "（{0} ÷ {1}，{3}至 {2} 位小数）", EN: "({0} ÷ {1}, rounded {3} to {2} decimals)"}},
}

// computed says what is computed from its operands.
func (s *speaker) computed(t rules.Tree) policy.Text {
	switch t.Op {
	case "+":
		return s.list(t.Args, "{0} + {1}", "{0} + {1}")
	case "*":
		return s.list(t.Args, "{0} × {1}", "{0} × {1}")
	case "min":
		return put("最小值（{0}）", "the least of ({0})", s.list(t.Args, "{0}，{1}", "{0}, {1}"))
	case "max":
		return put("最大值（{0}）", "the greatest of ({0})", s.list(t.Args, "{0}，{1}", "{0}, {1}"))
	case "len":
		if t.Args[0].Kind == rules.KindList {
			return put("项数（{0}）", "the number of items in ({0})", s.operand(t.Args[0]))
		}
		return put("字符数（{0}）", "the number of characters in ({0})", s.operand(t.Args[0]))
	}
	if forms := functions[t.Op]; len(forms) == len(t.Args)+1 {
		said := make([]policy.Text, len(t.Args))
		for i, a := range t.Args {
			if said[i] = modes[a.Text]; a.Kind != rules.KindMode {
				said[i] = s.operand(a)
			}
		}
		form := forms[len(t.Args)]
		return put(form.ZH, form.EN, said...)
	}
	if !slices.ContainsFunc(s.spec.Tables, func(table rules.Table) bool { return table.Name == t.Op }) {
		s.ok = false
	}
	if len(t.Args) == 0 {
		return put("表 {0} 的值", "the value of table {0}", policy.Text{EN: t.Op})
	}
	return put("表 {0}（{1}）的值", "the value of table {0} ({1})", policy.Text{EN: t.Op}, s.list(t.Args, "{0}，{1}", "{0}, {1}"))
}
