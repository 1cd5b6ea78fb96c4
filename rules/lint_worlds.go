package rules

import (
	"slices"
	"strings"

	"github.com/chudan-io/chudan/policy"
)

// The limits of thinking about one condition, and about all of them. What is
// beyond them counts as possible: a lint keeps silent where it does not know.
const (
	maxWorlds   = 64
	maxThinking = 10_000
	maxLinting  = 3_000_000
)

// thinker finds the worlds of conditions.
type thinker struct {
	rs       *Ruleset
	env      *env
	thinking int // left for this condition
	linting  int // left for all of them
}

// unknown is that of a condition that is not understood.
func unknown() []world { return []world{{}} }

// worlds are the ways in which the i-th subterm of x can come to be what is
// wanted.
func (t *thinker) worlds(x *expression, i int, want bool) []world {
	p := &x.parts[i]
	if !t.spend(1) {
		return unknown()
	}
	if p.constant {
		holds, ok := t.constant(p)
		if ok && holds != want {
			return nil
		}
		return unknown()
	}
	switch operands := x.operands(i); {
	case p.named > 0:
		d := t.rs.defined[p.named-1].expr
		return t.worlds(d, d.root(), want)
	case p.op == opNot:
		return t.worlds(x, operands[0], !want)
	case p.op == opAnd && want, p.op == opOr && !want:
		return t.both(t.worlds(x, operands[0], want), t.worlds(x, operands[1], want))
	case p.op == opAnd, p.op == opOr:
		return t.either(t.worlds(x, operands[0], want), t.worlds(x, operands[1], want))
	case p.op == opChoose:
		return t.either(
			t.both(t.worlds(x, operands[0], true), t.worlds(x, operands[1], want)),
			t.both(t.worlds(x, operands[0], false), t.worlds(x, operands[2], want)),
		)
	}
	return t.atom(x, i, want)
}

func (t *thinker) spend(n int) bool {
	t.thinking -= n
	t.linting -= n
	return t.thinking > 0 && t.linting > 0
}

func (t *thinker) both(a, b []world) []world {
	var all []world
	for _, v := range a {
		for _, w := range b {
			if !t.spend(1 + len(v) + len(w)*len(v)/4) {
				return unknown()
			}
			if c, ok := v.and(w); ok {
				all = append(all, c)
			}
		}
	}
	if len(all) > maxWorlds {
		return unknown()
	}
	return all
}

func (t *thinker) either(a, b []world) []world {
	if len(a)+len(b) > maxWorlds {
		return unknown()
	}
	return slices.Concat(a, b)
}

// constant is the value of a condition that reads nothing.
func (t *thinker) constant(p *subterm) (holds, ok bool) {
	value, isCondition := p.value.(func(*env) bool)
	if !isCondition {
		return false, false
	}
	t.env.err = nil
	holds = value(t.env)
	return holds, t.env.err == nil
}

// limit is the value of a number that reads nothing.
func (t *thinker) limit(x *expression, p *subterm) (d decimal, ok bool) {
	if p.kind != number || !p.constant {
		return d, false
	}
	t.env.err = nil
	d = t.rs.number(x, p)(t.env)
	return d, t.env.err == nil
}

// word is the text of a literal or of a definition that stands for one.
func (t *thinker) word(p *subterm) (s string, ok bool) {
	value, isText := p.value.(func(*env) string)
	if !isText || !p.constant {
		return "", false
	}
	return value(t.env), true
}

// atom is a condition that joins no others.
func (t *thinker) atom(x *expression, i int, want bool) []world {
	p, operands := &x.parts[i], x.operands(i)
	op, negated := strings.CutPrefix(p.op, "not ")
	want = want != negated
	if p.op == opHas {
		return t.presence(t.subject(x, i), want)
	}
	if _, ordered := orders[op]; ordered && len(operands) == 2 {
		return t.comparison(x, op, operands, want)
	}
	if op == "in" {
		if worlds, ok := t.membership(x, operands, want); ok {
			return worlds
		}
	}
	about := op
	for _, o := range operands {
		about += " " + t.subject(x, o)
	}
	if len(operands) != 2 {
		about = t.subject(x, i)
	}
	return truth(about, want)
}

func truth(about string, want bool) []world {
	outcome := isFalse
	if want {
		outcome = isTrue
	}
	return []world{{{about: about, outcomes: outcome}}}
}

// presence is whether a field is there. Those that the page requires, and those
// that are derived, are there wherever a rule is run.
func (t *thinker) presence(call string, want bool) []world {
	path := strings.TrimSuffix(strings.TrimPrefix(call, opHas+"("), ")")
	if f, ok := fieldNamed(path); ok {
		path = f.Path
	}
	if alwaysThere(policy.SetOf(path)) {
		if want {
			return unknown()
		}
		return nil
	}
	return truth(opHas+"("+path+")", want)
}

func alwaysThere(set policy.FieldSet) bool {
	for _, f := range page {
		if set.Has(f) && (f.Required || derived.Has(f)) {
			return true
		}
	}
	return false
}
