package products

import (
	"strconv"
	"time"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/policy/money"
)

// Alone is a catalog of this edition, whatever the time: what was decided under
// it, or might have been, is looked at once more.
func (e *Edition) Alone() policy.Catalog { return alone{e} }

type alone struct{ edition *Edition }

func (a alone) Product(code string, _, _ time.Time) (policy.Product, error) {
	if code != a.edition.terms.Product {
		return nil, policy.ErrProductNotFound
	}
	return a.edition, nil
}

// Requote decides a request as if its caller had declared the sums that this
// edition computes: what it would have charged, and whether it would have
// issued. The premium is unknown where the edition has none for the request.
func (e *Edition) Requote(r *policy.Request) policy.Decision {
	request := *r
	e.declare(&request, policy.SetOf("insurePeriod"))
	d, _ := policy.Decide(e.Alone(), &request) // its errors are the catalog's: this one has none
	return d
}

// declare gives a request the sums and days that an honest caller would
// declare, so that a case of limits need not do sums. What is kept stays, and
// so does all that cannot be computed because an operand is faulty.
//
// The premium in CNY is the first way that the edition accepts: A, round and
// then convert, unless it names another one.
func (e *Edition) declare(r *policy.Request, kept policy.FieldSet) {
	set := func(path, text string) {
		if field, _ := policy.FieldNamed(path); !kept.Has(field) {
			field.SetText(r, text)
		}
	}
	bare := *r
	for _, path := range e.computed() {
		if field, _ := policy.FieldNamed(path); !kept.Has(field) {
			field.SetText(&bare, "")
		}
	}
	d, _ := policy.Decide(quoter{e}, &bare) // its errors are the catalog's: this one has none
	a, p := d.Application, &d.Premium
	// Of the shape alone: also where the rates do not go as far as the period.
	if shape, _ := policy.NewApplication(a.Request); shape.Sound(policy.SetOf("effectTime", "expireTime")) {
		set("insurePeriod", strconv.Itoa(policy.CalendarDays(shape.EffectTime, shape.ExpireTime)))
	}
	if a.Has("amountOfCny") && a.Sound(policy.SetOf("amountOfCny")) {
		set("amountOfCny", a.AmountOfCny.Fixed(money.CNY.MinorUnit()))
	}
	if !p.Known() {
		return
	}
	if rate := p.Rate.String(); p.Source == policy.RateProduct {
		if p.Rate.Sign() == 0 || !money.Valid(rate) {
			rate = "" // there is none, or none that the page has room for
		}
		set("premiumRate", rate)
	}
	set("premium", p.Rounded.Fixed(p.Currency.MinorUnit()))
	if a.Sound(policy.SetOf("currency", "currencyRate")) {
		set("premiumOfCny", p.CNY.Fixed(money.CNY.MinorUnit()))
	}
}

// computed are the fields that the edition can compute.
func (e *Edition) computed() []string {
	fields := []string{"insurePeriod", "premium", "premiumOfCny", "amountOfCny"}
	if e.rules.Rates() {
		fields = append(fields, "premiumRate")
	}
	return fields
}

// quoter is the catalog of one edition that prices and does not underwrite: a
// sum that a rule refuses still has a premium.
type quoter struct{ *Edition }

func (q quoter) Product(code string, _, _ time.Time) (policy.Product, error) {
	if code != q.terms.Product {
		return nil, policy.ErrProductNotFound
	}
	return q, nil
}

func (q quoter) Underwrite(*policy.Application, *policy.Premium) policy.Faults { return nil }
