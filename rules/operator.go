package rules

import (
	"github.com/expr-lang/expr/ast"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/policy/money"
)

func (u *unit) unary(n *ast.UnaryNode, facts policy.FieldSet) term {
	t := u.compile(n.Node, facts)
	negation := n.Operator == "not" || n.Operator == "!"
	var h policy.Text
	switch {
	case t.kind == invalid:
		return t
	case t.kind == number && n.Operator == "-":
		return minus(t)
	case t.kind == boolean && negation:
		return not(t)
	case negation:
		h = policy.Text{ZH: "not 只作用于紧跟的一项：not (a > b)、a not in b", EN: "not takes only what follows at once: not (a > b), a not in b"}
	}
	return u.report("type", u.span(n), "`"+n.Operator+"` 不能用于"+kindNames[t.kind].ZH, "`"+n.Operator+"` does not take "+kindNames[t.kind].EN, h)
}

func (u *unit) binary(n *ast.BinaryNode, facts policy.FieldSet) term {
	switch n.Operator {
	case "and", "&&", "or", "||":
		return u.logic(n, facts)
	case "in":
		return u.membership(n, facts)
	case "+", "-", "*":
		return u.arithmetic(n, facts)
	}
	l, r := u.compile(n.Left, facts), u.compile(n.Right, facts)
	if l.kind == invalid || r.kind == invalid {
		return term{}
	}
	if l.kind == text && r.kind == text && n.Operator == "matches" {
		return u.matching(n, l, r)
	}
	if holds := compare(n.Operator, l, r); holds != nil {
		return condition(holds, "("+n.Operator+" "+l.key+" "+r.key+")")
	}
	return u.mismatch(n, l, r)
}

// mismatch reports an operator that does not take its operands.
func (u *unit) mismatch(n *ast.BinaryNode, l, r term) term {
	return u.report("type", u.span(n),
		"`"+n.Operator+"` 不能用于"+kindNames[l.kind].ZH+"与"+kindNames[r.kind].ZH,
		"`"+n.Operator+"` does not take "+kindNames[l.kind].EN+" and "+kindNames[r.kind].EN, advice(n.Operator, l, r))
}

// advice is what to write for an operation that people try.
func advice(operator string, l, r term) policy.Text {
	either := func(k kind) bool { return l.kind == k || r.kind == k }
	quotedNumber := func(t term) bool { return t.word != nil && money.Valid(*t.word) }
	switch {
	case either(list) && either(text):
		return hint("QUALITY in insuranceTypes")
	case either(list):
		return policy.Text{ZH: "列表只能用 in 与 len", EN: "a list takes in and len only"}
	case either(moment) && operator == "-":
		return hint("calendarDays(effectTime, expireTime)")
	case either(moment):
		return policy.Text{ZH: "时间只能与时间字段比较", EN: "a time is compared with another time field"}
	case either(number) && (quotedNumber(l) || quotedNumber(r)):
		return policy.Text{ZH: "数值不加引号", EN: "a number is written without quotes"}
	case l.kind == text && operator == "+":
		return policy.Text{ZH: "不支持文本拼接；在 message 中写 {路径}", EN: "texts are not joined; in a message write {path}"}
	case l.kind == text && operator == "in":
		return hint("a contains b")
	}
	return policy.Text{}
}
