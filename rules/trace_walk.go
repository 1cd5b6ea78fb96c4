package rules

import (
	"fmt"
	"slices"

	"github.com/chudan-io/chudan/policy"
)

// tracer computes expressions part by part for one application. It goes through
// the same closures that decide, in the order in which they would be asked.
type tracer struct {
	rs    *Ruleset
	env   *env
	asked []bool // by definition
}

func (rs *Ruleset) tracer(a *policy.Application) *tracer {
	return &tracer{rs, rs.enter(a), make([]bool, len(rs.defined))}
}

// rule tells what becomes of the i-th rule, and why.
func (t *tracer) rule(i int) RuleTrace {
	r, from, e := &t.rs.rules[i], &t.rs.anatomy[i], t.env
	state := r.run(e)
	out := RuleTrace{Code: r.code, Verdict: r.verdict, State: state, Label: state.Text(), Asks: r.part}
	if state == Errored {
		out.Error = e.err.Error()
	}
	if state == Fails {
		f := r.fault(e)
		out.Message, out.Paths = &f.Message, slices.Clone(f.Paths)
	}
	applies := r.when.ready(e)
	if !applies {
		out.Lacks = r.when.lacks(e)
	}
	if from.when != nil {
		out.When = t.expression(from.when, applies)
		applies = applies && out.When.State == Computed && out.When.truth
	}
	for _, q := range r.require {
		out.Requires = append(out.Requires, Presence{q.path, e.app.HasAny(q.set)})
		if applies && state == Skipped && !e.app.Sound(q.set) {
			out.Lacks = append(out.Lacks, q.path)
		}
	}
	if from.condition != nil {
		if applies && !r.condition.ready(e) {
			applies, out.Lacks = false, r.condition.lacks(e)
		}
		out.Condition = t.expression(from.condition, applies)
	}
	return out
}

// lacks are the paths of what keeps the check from being made.
func (c *check) lacks(e *env) (paths []string) {
	for _, f := range page {
		set := policy.FieldSet(0).With(f)
		if c.sound.Overlaps(set) && !e.app.Sound(set) || slices.Contains(c.needs, set) && !e.app.HasAny(set) {
			paths = append(paths, f.Path)
		}
	}
	return paths
}

// definitions are those that were asked for, and those that they ask for.
func (t *tracer) definitions() []DefinitionTrace {
	done := make([]*Node, len(t.asked))
	for more := true; more; {
		more = false
		for i, asked := range t.asked {
			if asked && done[i] == nil {
				done[i], more = t.expression(t.rs.defined[i].expr, true), true
			}
		}
	}
	var all []DefinitionTrace
	for i, n := range done {
		if n != nil {
			all = append(all, DefinitionTrace{t.rs.defined[i].name, n})
		}
	}
	return all
}

// expression computes x where it is reached.
func (t *tracer) expression(x *expression, reached bool) *Node {
	w := walk{t, x, []rune(x.text)}
	state := NotReached
	if reached {
		state = Computed
	}
	n := w.visit(x.root(), state)
	return &n
}

// walk goes through one expression.
type walk struct {
	*tracer
	expr  *expression
	runes []rune
}

// visit computes the i-th subterm and what it is made of, or says of all of it
// why it is not computed.
func (w *walk) visit(i int, state NodeState) Node {
	p := &w.expr.parts[i]
	n := Node{
		Text: string(w.runes[p.from:p.to]), Offset: int(p.from), Length: int(p.to - p.from),
		Op: p.op, State: state, part: p,
	}
	n.Nodes = w.operands(i, state)
	if state == Computed {
		w.compute(&n)
	}
	n.Label = n.State.Text()
	return n
}

// operands are visited from the left, as far as the one before leaves the
// matter open.
func (w *walk) operands(i int, state NodeState) (nodes []Node) {
	p := &w.expr.parts[i]
	for at, operand := range w.expr.joined(i) {
		s := state
		if at > 0 && state == Computed {
			s = w.following(p.op, at, nodes)
		}
		// A constant that stands in the text speaks for itself, unless it decides.
		if o := &w.expr.parts[operand]; !o.literal() || p.joins() {
			nodes = append(nodes, w.visit(operand, s))
		}
	}
	return nodes
}

// following is whether the operand at this place, behind these, is computed.
func (w *walk) following(op string, at int, before []Node) NodeState {
	last := Node{State: Computed}
	if len(before) > 0 {
		last = before[len(before)-1]
	}
	open := true
	switch op {
	case opAnd:
		open = last.State == Computed && last.truth
	case opOr:
		open = last.State == Computed && !last.truth
	case opChoose:
		open = before[0].State == Computed && before[0].truth == (at == 1)
	}
	if !open {
		return ShortCircuited
	}
	return Computed
}

// compute asks the subterm's own closure.
func (w *walk) compute(n *Node) {
	e := w.env
	e.err = nil
	defer func() {
		if p := recover(); p != nil {
			e.fail(fmt.Errorf("panic: %v", p))
		}
		if e.err != nil {
			n.State, n.Value, n.truth, e.err = Uncomputable, "", false, nil
		}
	}()
	if n.part.named > 0 {
		w.asked[n.part.named-1] = true
	}
	if holds, ok := n.part.value.(func(*env) bool); ok {
		n.truth = holds(e)
	}
	n.Value = e.show(w.rs, w.expr, n.part)
}
