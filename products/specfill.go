package products

import (
	"strconv"
	"time"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/policy/money"
)

// fillDeclared gives a request the sums and days that an honest caller would
// declare, so that a case of limits need not do sums. What the case sets
// itself stays, and so does all that cannot be computed because an operand is
// faulty.
//
// The premium in CNY is the first way that the edition accepts: A, round and
// then convert, unless it names another one.
func (c *specCase) fillDeclared(e *Edition, r *policy.Request) {
	set := func(path, text string) {
		if field, _ := policy.FieldNamed(path); !c.chosen.Has(field) {
			field.SetText(r, text)
		}
	}
	computed := []string{"insurePeriod", "premium", "premiumOfCny", "amountOfCny"}
	if e.rules.Rates() {
		computed = append(computed, "premiumRate")
	}
	d := c.price(e, computed...)
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

// price decides the request of the case without some of its fields.
func (c *specCase) price(e *Edition, without ...string) policy.Decision {
	r := c.request
	for _, path := range without {
		if field, _ := policy.FieldNamed(path); !c.chosen.Has(field) {
			field.SetText(&r, "")
		}
	}
	d, _ := policy.Decide(quoter{e}, &r) // its errors are the catalog's: this one has none
	return d
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
