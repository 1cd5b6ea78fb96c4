package products

import (
	"regexp"
	"time"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/rules"
)

// Run decides the cases whose names match, nil for all of them, under the
// edition that the tests are for, whatever the calendar says.
func (s *Spec) Run(match *regexp.Regexp) Report {
	r := Report{Product: s.product, Edition: s.edition.terms.Edition, File: s.file}
	focused := false
	for i := range s.cases {
		focused = focused || s.cases[i].only
	}
	seen := rules.NewCoverage(s.edition.rules)
	for i := range s.cases {
		c := &s.cases[i]
		if match != nil && !match.MatchString(c.name) {
			r.Partial = true
			continue
		}
		result := Result{Name: c.name, File: c.file, Line: c.line, Outcome: Passed, Focused: c.only}
		switch {
		case c.skip != "":
			result.Outcome, result.Reason = Skipped, policy.Text{ZH: c.skip, EN: c.skip}
		case focused && !c.only:
			result.Outcome, result.Reason = Skipped, policy.Text{ZH: "其他用例标有 only", EN: "another case says only"}
		default:
			d := c.decide(s.edition, seen)
			if result.Differences = c.expect.differences(&d); len(result.Differences) > 0 {
				result.Outcome = Failed
				result.expect, result.came = c.expect, c.expect.came(&d)
			}
		}
		r.Cases = append(r.Cases, result)
	}
	r.Coverage = s.require.coverage(seen)
	return r
}

// decide decides the request of a case.
func (c *specCase) decide(e *Edition, seen *rules.Coverage) policy.Decision {
	request := c.request
	if c.fill {
		e.declare(&request, c.chosen)
	}
	w := &witness{e, seen}
	d, _ := policy.Decide(w, &request) // its errors are the catalog's: this one has none
	return d
}

// witness is the catalog of one edition, on sale whenever it is asked. It
// notes what becomes of its rules: at that moment, because a field that a rule
// refuses is not held against others after it.
type witness struct {
	*Edition
	seen *rules.Coverage
}

func (w *witness) Product(code string, _, _ time.Time) (policy.Product, error) {
	if code != w.terms.Product {
		return nil, policy.ErrProductNotFound
	}
	return w, nil
}

func (w *witness) Underwrite(a *policy.Application, p *policy.Premium) policy.Faults {
	w.seen.Add(a, p)
	return w.Edition.Underwrite(a, p)
}
