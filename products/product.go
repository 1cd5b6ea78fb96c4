package products

import (
	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/rules"
)

// Edition is one edition of a product, ready to decide. It is immutable and
// safe for concurrent use.
type Edition struct {
	terms  policy.Terms
	filing string
	rules  *rules.Ruleset
	spec   rules.Spec // what rules was compiled from, for Diff
}

// Terms are what the edition says beside its rules. Its slices are shared: they
// must not be changed.
func (e *Edition) Terms() policy.Terms { return e.terms }

// Filing is the number under which the edition was filed with the regulator;
// "" where its file names none.
func (e *Edition) Filing() string { return e.filing }

// Source is what the edition consists of, byte for byte: its file and, each
// behind a line with its name and length, the sheets of its tables. Its digest
// is the SHA-256 of it. It must not be changed. LoadSource reads it again.
func (e *Edition) Source() []byte { return e.terms.Source }

// Rules are the edition's rules.
func (e *Edition) Rules() *rules.Ruleset { return e.rules }

// Price prices an application by the edition's own rate or steps or, where it
// has neither, as the request declares it within the bounds of the rate.
func (e *Edition) Price(a *policy.Application) (policy.Premium, policy.Faults) {
	if !e.rules.Rates() {
		return policy.PriceAsDeclared(a, e.terms)
	}
	rating, faults, known := e.rules.Rate(a)
	if !known {
		return policy.Premium{}, faults
	}
	return rating.Price(a, e.terms), nil
}

// Underwrite holds an application against every rule.
func (e *Edition) Underwrite(a *policy.Application, p *policy.Premium) policy.Faults {
	return e.rules.Evaluate(a, p)
}
