package rules

import (
	"errors"

	"github.com/chudan-io/chudan/policy"
)

// Coverage is what a number of applications showed of a Ruleset. A rule has
// been covered when it was seen to hold and to fail; a condition when it was
// seen true and false; a row of a table when it was used.
//
// The conditions are the atomic ones: what `and`, `or`, `not` and `? :` join,
// in `when`, in what a rule asks for, and in the definitions that those use.
// One that was not computed, because its rule did not apply or what stands
// before it had settled the matter, was not seen. Conditions that read nothing
// are not counted: they cannot be seen otherwise ([Lint] names them).
//
// A Coverage is for one goroutine; Merge brings several together.
type Coverage struct {
	rs         *Ruleset
	rules      []sides // seen to hold, and to fail
	conditions []covered
	places     map[*subterm]int
	rows       rowsSeen
}

// sides are the two things that have to be seen.
type sides struct{ yes, no bool }

func (s sides) count() (n int) {
	for _, seen := range [...]bool{s.yes, s.no} {
		if seen {
			n++
		}
	}
	return n
}

// covered is an atomic condition, and what was seen of it.
type covered struct {
	at   At
	text string
	sides
}

// Count is how many of a number of things were seen. Each rule and each
// condition is two: it has to be seen either way.
type Count struct{ Seen, Of int }

// Percent is the count in percent, rounded down: 100 is all of it.
func (c Count) Percent() int {
	if c.Of == 0 {
		return 100
	}
	return c.Seen * 100 / c.Of
}

// NewCoverage is that of no application yet.
func NewCoverage(rs *Ruleset) *Coverage {
	c := &Coverage{rs: rs, rules: make([]sides, len(rs.rules)), places: map[*subterm]int{}, rows: newRowsSeen(rs)}
	used := make([]bool, len(rs.defined))
	for i, a := range rs.anatomy {
		rs.use(a.when, used)
		rs.use(a.condition, used)
		c.take(At{Rule: rs.rules[i].code, Part: "when"}, a.when)
		c.take(At{Rule: rs.rules[i].code, Part: rs.rules[i].part}, a.condition)
	}
	for i, d := range rs.defined {
		if used[i] {
			c.take(At{Definition: d.name}, d.expr)
		}
	}
	return c
}

// use marks the definitions that x uses, by way of others too.
func (rs *Ruleset) use(x *expression, used []bool) {
	if x == nil {
		return
	}
	for i := range x.parts {
		if d := x.parts[i].named; d > 0 && !used[d-1] {
			used[d-1] = true
			rs.use(rs.defined[d-1].expr, used)
		}
	}
}

// take enters the conditions of an expression.
func (c *Coverage) take(at At, x *expression) {
	if x == nil {
		return
	}
	runes := []rune(x.text)
	for i := range x.parts {
		p := &x.parts[i]
		if p.kind != boolean || p.joins() || p.constant {
			continue
		}
		at.Offset, at.Length = int(p.from), int(p.to-p.from)
		c.places[p] = len(c.conditions)
		c.conditions = append(c.conditions, covered{at: at, text: string(runes[p.from:p.to])})
	}
}

// Add takes in an application, in the state in which underwriting finds it,
// and its premium; nil where it has none.
func (c *Coverage) Add(a *policy.Application, p *policy.Premium) {
	t := c.rs.tracer(a)
	defer c.rs.leave(t.env)
	var used policy.Rating
	t.env.rating = &used // takes the rows that rules use
	defer func() { c.rows.see(used.Rows) }()
	if p != nil {
		c.rows.see(p.Rows)
	}
	for i := range c.rules {
		r := t.rule(i)
		s := &c.rules[i]
		s.yes, s.no = s.yes || r.State == Holds, s.no || r.State == Fails
		c.see(r.When)
		c.see(r.Condition)
	}
	for _, d := range t.definitions() {
		c.see(d.Expr)
	}
}

func (c *Coverage) see(n *Node) {
	if n == nil {
		return
	}
	if i, ok := c.places[n.part]; ok && n.State == Computed {
		s := &c.conditions[i].sides
		s.yes, s.no = s.yes || n.truth, s.no || !n.truth
	}
	for i := range n.Nodes {
		c.see(&n.Nodes[i])
	}
}

// Merge adds what other saw. It fails where other is of another Ruleset.
func (c *Coverage) Merge(other *Coverage) error {
	if c.rs != other.rs {
		return errors.New("rules: coverage of another ruleset")
	}
	for i, s := range other.rules {
		c.rules[i].yes, c.rules[i].no = c.rules[i].yes || s.yes, c.rules[i].no || s.no
	}
	for i, s := range other.conditions {
		into := &c.conditions[i].sides
		into.yes, into.no = into.yes || s.yes, into.no || s.no
	}
	for i, used := range other.rows.used {
		c.rows.used[i] = c.rows.used[i] || used
	}
	return nil
}

// Rules counts what was seen of the rules.
func (c *Coverage) Rules() Count {
	n := Count{Of: 2 * len(c.rules)}
	for _, s := range c.rules {
		n.Seen += s.count()
	}
	return n
}

// Conditions counts what was seen of the conditions.
func (c *Coverage) Conditions() Count {
	n := Count{Of: 2 * len(c.conditions)}
	for _, s := range c.conditions {
		n.Seen += s.count()
	}
	return n
}
