package policy

import (
	"time"

	"github.com/chudan-io/chudan/policy/money"
)

// Terms are what an edition of a product says beside its rates and rules.
// Begin with DefaultTerms: the zero Terms takes no currency and no rate.
type Terms struct {
	Product string // productCode
	Edition string
	Digest  string // SHA-256 of the edition's files in hex; recorded with every decision
	Source  []byte // what Digest is of, kept in the archive with the first decision; nil where there is nothing to keep. Shared: not to be changed
	Title   Text

	Coverages  []Coverage       // in the product's order
	Currencies []money.Currency // that it accepts
	Rounding   money.Rounding   // of the premium, to the currency's minor unit
	Minimum    money.Decimal    // the least premium, in the policy's currency, rounded up to its minor unit; 0: none
	RateBounds Bounds           // for a rate that the request declares, both ends included
	Unique     []string         // paths of fields that may fund one policy only; none of them personal
	Declared   Declared
	Checks     Checks
	Facts      []FactSpec // that its rules may read, fetched before the decision

	PinRefusals bool // a refusal by a rule is kept for its payload
}

// Coverage is one 险种 of a product.
type Coverage struct {
	Code  string `json:"code"`
	Title Text   `json:"title"`
}

// Bounds is a closed range.
type Bounds struct{ Min, Max money.Decimal }

// Level is how seriously a check is taken.
type Level uint8

// The levels of a check.
const (
	Off     Level = iota
	Observe       // a note: what the page does not settle is observed before it refuses
	Refuse
)

func (l Level) severity() Verdict {
	if l == Refuse {
		return Reject
	}
	return Note
}

// Declared says how the sums of the request are held against the right ones.
type Declared struct {
	PremiumRate  Level // against the product's own rate, where it has one
	Premium      Sum
	PremiumOfCny Sum
	Method       Method // the ways to premiumOfCny that are accepted
	AmountOfCny  Sum
}

// Sum is how one declared sum is checked.
type Sum struct {
	Level  Level
	Within money.Decimal // the difference that is let pass, in the sum's own currency
}

// DefaultTerms are the terms of a product that says nothing: the page's own
// example passes them.
func DefaultTerms() Terms {
	return Terms{
		Currencies: []money.Currency{money.CNY},
		Rounding:   money.HalfUp,
		RateBounds: Bounds{Min: money.MustParse("0.0000000001"), Max: money.MustParse("0.9999999999")},
		Declared: Declared{
			PremiumRate:  Refuse,
			Premium:      Sum{Level: Refuse},
			PremiumOfCny: Sum{Level: Refuse},
			Method:       MethodAny,
			AmountOfCny:  Sum{Level: Refuse},
		},
		Checks: Checks{
			Period:      Refuse,
			Backdating:  Refuse,
			Behind:      24 * time.Hour,
			Ahead:       365 * 24 * time.Hour,
			OrderAmount: Observe,
			Parties:     Refuse,
		},
		PinRefusals: true,
	}
}
