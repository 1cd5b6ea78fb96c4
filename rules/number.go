package rules

import (
	"github.com/expr-lang/expr/ast"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/policy/money"
)

// digits bounds the length of a number: at most whole digits before the point
// and frac after it. It is computed while compiling, so that no expression can
// grow a number without end, and nothing has to be watched at run time.
type digits struct{ whole, frac int }

// maxDigits is the longest number that an expression may be able to make.
const maxDigits = 200

// fieldDigits is the grammar of the page's decimals.
var fieldDigits = digits{money.MaxIntegerDigits, money.MaxFractionDigits}

func (d digits) times(e digits) digits { return digits{d.whole + e.whole, d.frac + e.frac} }

func (d digits) plus(e digits) digits {
	d = d.or(e)
	d.whole++
	return d
}

// or bounds either of two numbers.
func (d digits) or(e digits) digits { return digits{max(d.whole, e.whole), max(d.frac, e.frac)} }

// numeric is a term that is a number.
func numeric(value func(*env) decimal, size digits, key string) term {
	return term{kind: number, number: value, size: size, key: key}
}

func minus(t term) term {
	if t.literal != nil {
		return numberTerm(literal{t.literal.value.neg(), t.size})
	}
	x := t.number
	return numeric(func(e *env) decimal { return x(e).neg() }, t.size, "(- "+t.key+")")
}

func (u *unit) arithmetic(n *ast.BinaryNode, facts policy.FieldSet) term {
	l, r := u.compile(n.Left, facts), u.compile(n.Right, facts)
	if l.kind == invalid || r.kind == invalid {
		return term{}
	}
	if l.kind != number || r.kind != number {
		return u.mismatch(n, l, r)
	}
	a, b, key := l.number, r.number, "("+n.Operator+" "+l.key+" "+r.key+")"
	var t term
	switch n.Operator {
	case "+":
		t = numeric(func(e *env) decimal { return a(e).add(b(e)) }, l.size.plus(r.size), key)
	case "-":
		t = numeric(func(e *env) decimal { return a(e).sub(b(e)) }, l.size.plus(r.size), key)
	default:
		t = numeric(func(e *env) decimal { return a(e).mul(b(e)) }, l.size.times(r.size), key)
	}
	return u.bounded(t, u.span(n))
}

// bounded refuses a number that could grow over the limit.
func (u *unit) bounded(t term, at span) term {
	if t.size.whole+t.size.frac > maxDigits {
		return u.report("too-large", at, "结果可能超过 200 位", "the result may have more than 200 digits", hint("round(x, 2, half_up)"))
	}
	return t
}

func (u *unit) div(c call, facts policy.FieldSet) term {
	args, scale, mode, ok := u.rounded(c, 2, facts)
	if !ok {
		return term{}
	}
	a, b := args[0].number, args[1].number
	quotient := func(e *env) decimal {
		q, ok := a(e).money().Quo(b(e).money(), scale, mode)
		if !ok {
			e.fail(errDivision)
		}
		return fromMoney(q)
	}
	// Nothing but 0 is smaller than the last decimal of b.
	return u.bounded(numeric(quotient, digits{args[0].size.whole + args[1].size.frac + 1, scale}, c.key(args...)), c.at)
}

func (u *unit) round(c call, facts policy.FieldSet) term {
	args, scale, mode, ok := u.rounded(c, 1, facts)
	if !ok {
		return term{}
	}
	x := args[0].number
	return numeric(func(e *env) decimal { return fromMoney(x(e).money().Round(scale, mode)) },
		digits{args[0].size.whole + 1, scale}, c.key(args...))
}

// rounded reads n numbers, a constant scale of 0 to 10 and a rounding mode,
// with or without quotes. Scale and mode are among args for their keys.
func (u *unit) rounded(c call, n int, facts policy.FieldSet) (args []term, scale int, mode money.Rounding, ok bool) {
	if len(c.args) != n+2 {
		u.misused(c)
		return nil, 0, 0, false
	}
	args, ok = u.arguments(call{c.name, c.at, c.args[:n+1]}, facts, []kind{number, number, number}[:n+1]...)
	if !ok {
		return nil, 0, 0, false
	}
	scale, ok = args[n].small()
	if !ok {
		u.report("arguments", u.span(c.args[n]), "小数位数应为 0 至 10 的整数常量", "the scale is a constant whole number of 0 to 10", hint(signatures[c.name]))
		return nil, 0, 0, false
	}
	name, _ := pathOf(c.args[n+1])
	if s, quoted := c.args[n+1].(*ast.StringNode); quoted {
		name = s.Value
	}
	mode, err := money.ParseRounding(name)
	if err != nil {
		u.report("arguments", u.span(c.args[n+1]), "舍入方式应为 half_up、half_even、down 或 up", "the mode is half_up, half_even, down or up",
			nearest(name, []string{"half_up", "half_even", "down", "up"}))
		return nil, 0, 0, false
	}
	return append(args, term{key: mode.String()}), scale, mode, true
}

// small is a constant of 0 to 10: a number of decimals.
func (t term) small() (n int, ok bool) {
	if t.literal == nil {
		return 0, false
	}
	v, isWhole := t.literal.value.money().Int64()
	return int(v), isWhole && 0 <= v && v <= money.MaxFractionDigits
}

func (u *unit) abs(c call, facts policy.FieldSet) term {
	args, ok := u.arguments(c, facts, number)
	if !ok {
		return term{}
	}
	x := args[0].number
	return numeric(func(e *env) decimal { return x(e).abs() }, args[0].size, c.key(args...))
}

// extreme is min, max.
func (u *unit) extreme(c call, facts policy.FieldSet) term {
	if len(c.args) < 2 {
		return u.misused(c)
	}
	kinds := make([]kind, len(c.args))
	for i := range kinds {
		kinds[i] = number
	}
	args, ok := u.arguments(c, facts, kinds...)
	if !ok {
		return term{}
	}
	sign, size, values := 1, digits{}, numbersOf(args)
	if c.name == "min" {
		sign = -1
	}
	for _, a := range args {
		size = size.or(a.size)
	}
	return numeric(func(e *env) decimal {
		best := values[0](e)
		for _, value := range values[1:] {
			if x := value(e); x.cmp(best)*sign > 0 {
				best = x
			}
		}
		return best
	}, size, c.key(args...))
}
