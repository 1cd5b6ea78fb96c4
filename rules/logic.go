package rules

import (
	"slices"

	"github.com/expr-lang/expr/ast"

	"github.com/chudan-io/chudan/policy"
)

// proof are the optional fields that a condition proves to be present.
type proof struct{ whenTrue, whenFalse policy.FieldSet }

func (p proof) not() proof { return proof{p.whenFalse, p.whenTrue} }

// and is the proof of `p and q`, where q is only asked if p is true.
func (p proof) and(q proof) proof {
	return proof{p.whenTrue | q.whenTrue, p.whenFalse & (p.whenTrue | q.whenFalse)}
}

// or is the proof of `p or q`, where q is only asked if p is false.
func (p proof) or(q proof) proof { return p.not().and(q.not()).not() }

// choose is the proof of `p ? yes : no`.
func (p proof) choose(yes, no proof) proof {
	return proof{
		whenTrue:  (p.whenTrue | yes.whenTrue) & (p.whenFalse | no.whenTrue),
		whenFalse: (p.whenTrue | yes.whenFalse) & (p.whenFalse | no.whenFalse),
	}
}

func not(t term) term {
	holds := t.boolean
	n := condition(func(e *env) bool { return !holds(e) }, "(not "+t.key+")")
	n.proves, n.doubtful = t.proves.not(), t.doubtful
	return n
}

// logic is and, or. What the left side proves where it leaves the matter open
// holds for the right side.
func (u *unit) logic(n *ast.BinaryNode, facts policy.FieldSet) term {
	and := n.Operator == "and" || n.Operator == "&&"
	l := u.compile(n.Left, facts)
	known := l
	if !and {
		known = not(l)
	}
	r := u.compile(n.Right, facts|known.mayProve())
	if l.kind == invalid || r.kind == invalid {
		return term{doubtful: l.doubtful || r.doubtful}
	}
	if l.kind != boolean || r.kind != boolean {
		return u.mismatch(n, l, r)
	}
	a, b := l.boolean, r.boolean
	if !and {
		t := condition(func(e *env) bool { return a(e) || b(e) }, "(or "+l.key+" "+r.key+")")
		t.proves = l.proves.or(r.proves)
		return t
	}
	t := condition(func(e *env) bool { return a(e) && b(e) }, "(and "+l.key+" "+r.key+")")
	t.proves = l.proves.and(r.proves)
	t.conjuncts = slices.Concat(l.conjuncts, r.conjuncts)
	return t
}

// conditional is `c ? a : b`; both values are of one kind.
func (u *unit) conditional(n *ast.ConditionalNode, facts policy.FieldSet) term {
	c := u.compile(n.Cond, facts)
	yes, no := u.compile(n.Exp1, facts|c.mayProve()), u.compile(n.Exp2, facts|not(c).mayProve())
	at := u.span(n.Cond)
	switch {
	case c.kind == invalid || yes.kind == invalid || no.kind == invalid:
		return term{doubtful: c.doubtful || yes.doubtful || no.doubtful}
	case c.kind != boolean:
		return u.report("type", at, "`?` 之前应为是非，得到"+kindNames[c.kind].ZH, "want a condition before `?`, got "+kindNames[c.kind].EN, policy.Text{})
	case yes.kind != no.kind:
		return u.report("type", at, "`? :` 的两个值类型不同："+kindNames[yes.kind].ZH+"与"+kindNames[no.kind].ZH,
			"the values of `? :` are of two kinds: "+kindNames[yes.kind].EN+" and "+kindNames[no.kind].EN, policy.Text{})
	}
	t := condition(choose(c.boolean, yes.boolean, no.boolean), "(? "+c.key+" "+yes.key+" "+no.key+")")
	t.kind, t.size, t.proves = yes.kind, yes.size.or(no.size), c.proves.choose(yes.proves, no.proves)
	t.number = choose(c.boolean, yes.number, no.number)
	t.text = choose(c.boolean, yes.text, no.text)
	t.moment = choose(c.boolean, yes.moment, no.moment)
	t.list = choose(c.boolean, yes.list, no.list)
	return t
}

func choose[T any](holds func(*env) bool, yes, no func(*env) T) func(*env) T {
	return func(e *env) T {
		if holds(e) {
			return yes(e)
		}
		return no(e)
	}
}
