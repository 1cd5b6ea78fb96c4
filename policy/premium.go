package policy

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/chudan-io/chudan/policy/money"
)

// Method is a way from amount and rate to the premium in CNY. The page does
// not say which one its callers use, and in a foreign currency they differ in
// most cases.
type Method uint8

// The methods.
const (
	MethodAny Method = iota // whichever fits; A where several do
	MethodA                 // round(premium × currencyRate): round, then convert
	MethodB                 // round(amount × rate × currencyRate): one rounding at the end
	MethodC                 // round(round(amount × currencyRate) × rate): convert the sum insured, then rate
)

var methods = [...]string{MethodAny: "any", MethodA: "A", MethodB: "B", MethodC: "C"}

// String is any, A, B or C.
func (m Method) String() string {
	if int(m) < len(methods) {
		return methods[m]
	}
	return "Method(" + strconv.Itoa(int(m)) + ")"
}

// MarshalText writes String.
func (m Method) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText reads what String writes.
func (m *Method) UnmarshalText(text []byte) error {
	i := slices.Index(methods[:], string(text))
	if i < 0 {
		return fmt.Errorf("policy: unknown method %q; want any, A, B or C", text)
	}
	*m = Method(i) //nolint:gosec // four values
	return nil
}

// RateSource tells whose rate a premium was computed with.
type RateSource string

// The sources of a rate.
const (
	RateUnknown  RateSource = ""         // neither has one; the declared premium stands, within the bounds of the rate
	RateDeclared RateSource = "declared" // the request's premiumRate
	RateProduct  RateSource = "product"  // the product's own
)

// Premium is what a cover costs, with everything it was computed from. It is
// exact until Rounded. The names in JSON are kept with every policy.
type Premium struct {
	Currency   money.Currency `json:"currency"`
	Source     RateSource     `json:"source"`
	Rate       money.Decimal  `json:"rate"`  // a fraction; 0 where Source is RateUnknown
	Exact      money.Decimal  `json:"exact"` // amount × rate, or the last step
	Rounding   money.Rounding `json:"rounding"`
	Rounded    money.Decimal  `json:"rounded"` // in Currency, to its minor unit
	Declared   money.Decimal  `json:"declared"`
	Difference money.Decimal  `json:"difference"` // Declared − Rounded

	CNY    money.Decimal `json:"cny"`    // in CNY, by Method
	Method Method        `json:"method"` // the one that the declared premiumOfCny matched; MethodAny where none did

	Steps  []Step     `json:"steps,omitempty"`      // from amount and rate to Exact; none where that is their product
	Rows   []TableRow `json:"rows,omitempty"`       // of tables that were used
	Shares []Share    `json:"allocation,omitempty"` // by coverage, in the request's order; they add up to Rounded
}

// Known tells whether a premium was computed at all; it is not where an
// operand is faulty.
func (p *Premium) Known() bool { return p.Currency != "" }

// keepable tells whether p reads back from where it is kept. A product may
// compute a rate of more decimals than money reads; a policy that could never
// be opened again must not be issued.
func (p *Premium) keepable() error {
	all := []money.Decimal{p.Rate, p.Exact, p.Rounded, p.Declared, p.Difference, p.CNY}
	for _, s := range p.Steps {
		all = append(all, s.Exact, s.Value)
	}
	for _, s := range p.Shares {
		all = append(all, s.Weight, s.Amount)
	}
	for _, d := range all {
		text, err := d.MarshalText()
		if err == nil {
			err = new(money.Decimal).UnmarshalText(text)
		}
		if err != nil {
			return fmt.Errorf("policy: the premium has a number of too many digits: %w", err)
		}
	}
	return nil
}

// Quote is the premium of a sum insured at a rate: round(amount × rate), to
// the currency's minor unit, and not below the minimum. It answers faults where the terms do not allow
// the currency, the rate or the decimals of the amount.
func Quote(amount, rate money.Decimal, currency money.Currency, t Terms) (Premium, Faults) {
	a := &Application{Amount: amount, PremiumRate: rate, Currency: currency, CurrencyRate: money.FromInt(1)}
	a.present = setAmount | setRate | setCurrency | setCurrencyRate
	var faults Faults
	if amount.Sign() <= 0 {
		faults = append(faults, Invalid("amount", "应大于 0", "must be above 0"))
	}
	faults = append(faults, a.checkMinorUnit()...)
	faults = append(faults, t.checkCurrency(a)...)
	faults = append(faults, t.checkRate(a)...)
	if len(faults) > 0 {
		faults.sort()
		return Premium{}, faults
	}
	return newPremium(a, RateDeclared, rate, t), nil
}

func newPremium(a *Application, source RateSource, rate money.Decimal, t Terms) Premium {
	p := Premium{Currency: a.Currency, Source: source, Rate: rate, Rounding: t.Rounding, Exact: a.Amount.Mul(rate)}
	p.round(t)
	return p
}

// PriceAtRate prices an application at the product's own rate.
func PriceAtRate(a *Application, rate money.Decimal, t Terms) Premium {
	return Rating{Rate: rate}.Price(a, t)
}

// PriceAsDeclared prices an application of a product without a rate of its
// own: at the rate that the request declares or, where it declares none, at
// the premium itself, which must then lie within the bounds of the rate.
func PriceAsDeclared(a *Application, t Terms) (Premium, Faults) {
	if !a.Sound(setAmount | setCurrency | setRate) {
		return Premium{}, nil
	}
	if a.Has("premiumRate") {
		return newPremium(a, RateDeclared, a.PremiumRate, t), nil
	}
	if !a.Sound(setPremium) {
		return Premium{}, nil
	}
	places := a.Currency.MinorUnit()
	low := a.Amount.Mul(t.RateBounds.Min).Round(places, t.Rounding)
	if least := t.Minimum.Round(places, money.Up); low.Less(least) {
		low = least
	}
	high := a.Amount.Mul(t.RateBounds.Max).Round(places, t.Rounding)
	if high.Less(low) {
		high = low
	}
	if a.Premium.Scale() > places || !(Bounds{low, high}).contain(a.Premium) {
		return Premium{}, Faults{Mismatch("premium",
			fmt.Sprintf("应在 %s 至 %s 之间，最多 %d 位小数（amount %s × 费率 %s 至 %s, %s），申报 %s", low.Fixed(places), high.Fixed(places), places, a.Request.Amount, t.RateBounds.Min, t.RateBounds.Max, t.Rounding, a.Request.Premium),
			fmt.Sprintf("want %s to %s with at most %d decimals (amount %s × rate %s to %s, %s), declared %s", low.Fixed(places), high.Fixed(places), places, a.Request.Amount, t.RateBounds.Min, t.RateBounds.Max, t.Rounding, a.Request.Premium))}
	}
	return Premium{Currency: a.Currency, Rounding: t.Rounding, Exact: a.Premium, Rounded: a.Premium}, nil
}
