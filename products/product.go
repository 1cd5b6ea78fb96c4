package products

import (
	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/policy/money"
	"github.com/chudan-io/chudan/rules"
)

// Edition is one edition of a product, ready to decide. It is immutable and
// safe for concurrent use.
type Edition struct {
	terms  policy.Terms
	filing string
	rate   money.Decimal // its own; 0 where it has none
	rules  *rules.Ruleset
	source []byte
}

// Terms are what the edition says beside its rules. Its slices are shared: they
// must not be changed.
func (e *Edition) Terms() policy.Terms { return e.terms }

// Filing is the number under which the edition was filed with the regulator;
// "" where its file names none.
func (e *Edition) Filing() string { return e.filing }

// Source is the edition's file, byte for byte: what its digest is the SHA-256
// of. It must not be changed.
func (e *Edition) Source() []byte { return e.source }

// Rules are the edition's rules.
func (e *Edition) Rules() *rules.Ruleset { return e.rules }

// Price prices an application at the edition's own rate or, where it has none,
// as the request declares it within the bounds of the rate.
func (e *Edition) Price(a *policy.Application) (policy.Premium, policy.Faults) {
	if e.rate.Sign() > 0 {
		return policy.PriceAtRate(a, e.rate, e.terms), nil
	}
	return policy.PriceAsDeclared(a, e.terms)
}

// Underwrite holds an application against every rule.
func (e *Edition) Underwrite(a *policy.Application, p *policy.Premium) policy.Faults {
	return e.rules.Evaluate(a, p)
}
