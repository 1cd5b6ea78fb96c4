package products

import (
	"strings"

	"github.com/chudan-io/chudan/policy"
)

// Example is a case of the tests as its edition decides it now, for whoever
// shows what an edition does by examples.
type Example struct {
	Group, Name string   // a case with rows is a group, each row an example in it; Name is "" where it is alone
	Set         []string // the fields that the case sets or takes away itself, in page order
	Filled      []string // those that the engine filled in, in page order

	Decision policy.Decision // its request holds personal data: show it with policy.Field.Shown
	Met      bool            // what the case expects came
}

// Edition is the one that the tests are for.
func (s *Spec) Edition() *Edition { return s.edition }

// Examples decides the cases in their order; those that are skipped are left
// out.
func (s *Spec) Examples() []Example {
	var all []Example
	for i := range s.cases {
		c := &s.cases[i]
		if c.skip != "" {
			continue
		}
		d := c.decide(s.edition, nil)
		x := Example{Set: c.chosen.Paths(), Decision: d, Met: len(c.expect.differences(&d)) == 0}
		x.Group, x.Name, _ = strings.Cut(c.name, "/")
		for _, f := range policy.Fields() {
			if !c.chosen.Has(f) && f.Text(&c.request) != f.Text(d.Application.Request) {
				x.Filled = append(x.Filled, f.Path)
			}
		}
		all = append(all, x)
	}
	return all
}
