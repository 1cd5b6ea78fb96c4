package policy

import (
	"slices"
	"strings"

	"github.com/chudan-io/chudan/policy/money"
)

// Rating is how a product came to the premium of an application: exact, and
// not yet rounded to a minor unit.
type Rating struct {
	Rate   money.Decimal // a fraction; 0 where the product has steps and no rate
	Steps  []Step        // the last one is the premium; where there are none it is amount × Rate
	Rows   []TableRow    // that were used, in the order of use
	Shares []Share       // the weights of the allocation to coverages; Amount is left to Price
}

// Step is one named value on the way to a premium.
type Step struct {
	Name  string        `json:"name"`
	Exact money.Decimal `json:"exact"` // before the rounding of the step
	Value money.Decimal `json:"value"` // the same where the step does not round
}

// TableRow is one row of a table that was used.
type TableRow struct {
	Table string        `json:"table"`
	Line  int           `json:"line"`           // of the file in which the table stands
	Item  string        `json:"item,omitempty"` // the coverage, or what else the table was asked for
	Value money.Decimal `json:"value"`
}

// stepMinimum is the step that a minimum adds where it applies.
const stepMinimum = "minimum"

// Price makes the premium of a rating. It answers the zero Premium where the
// amount or the currency is faulty.
func (r Rating) Price(a *Application, t Terms) Premium {
	if !a.Sound(setAmount | setCurrency) {
		return Premium{}
	}
	p := newPremium(a, RateProduct, r.Rate, t)
	if n := len(r.Steps); n > 0 {
		p.Exact, p.Steps = r.Steps[n-1].Value, r.Steps
		p.round(t)
	}
	p.Rows = r.Rows
	p.Shares = allocate(p.Rounded, p.Currency.MinorUnit(), r.Shares)
	return p
}

// round is the one rounding at the end, and the minimum.
func (p *Premium) round(t Terms) {
	places := p.Currency.MinorUnit()
	p.Rounded = p.Exact.Round(places, t.Rounding)
	if least := t.Minimum.Round(places, money.Up); p.Rounded.Less(least) {
		// Clipped: an append must not write into the steps of a rating.
		p.Steps = append(slices.Clip(p.Steps), Step{stepMinimum, t.Minimum, least})
		p.Exact, p.Rounded = least, least
	}
}

// proportional tells whether the premium is amount × rate and nothing else.
func (p *Premium) proportional() bool { return len(p.Steps) == 0 }

// way shows the steps in an arithmetic: base 6.36 → loaded 7.00.
func (p *Premium) way() string {
	parts := make([]string, len(p.Steps))
	for i, s := range p.Steps {
		parts[i] = s.Name + " " + s.Value.String()
	}
	return strings.Join(parts, " → ")
}
