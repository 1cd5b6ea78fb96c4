package policy

import (
	"fmt"
	"strings"

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
func (m Method) String() string { return methods[m] }

// MarshalText writes String.
func (m Method) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// RateSource tells whose rate a premium was computed with.
type RateSource string

// The sources of a rate.
const (
	RateUnknown  RateSource = ""         // neither has one; the declared premium stands, within the bounds of the rate
	RateDeclared RateSource = "declared" // the request's premiumRate
	RateProduct  RateSource = "product"  // the product's own
)

// Premium is what a cover costs, with everything it was computed from. It is
// exact until Rounded.
type Premium struct {
	Currency   money.Currency
	Source     RateSource
	Rate       money.Decimal // a fraction; 0 where Source is RateUnknown
	Exact      money.Decimal // amount × rate
	Rounding   money.Rounding
	Rounded    money.Decimal // in Currency, to its minor unit
	Declared   money.Decimal // in Currency
	Difference money.Decimal // Declared − Rounded

	CNY    money.Decimal // in CNY, by Method
	Method Method        // the one that the declared premiumOfCny matched; MethodAny where none did
}

// Known tells whether a premium was computed at all; it is not where an
// operand is faulty.
func (p *Premium) Known() bool { return p.Currency != "" }

// Quote is the premium of a sum insured at a rate: round(amount × rate), to
// the currency's minor unit. It answers faults where the terms do not allow
// the currency or the rate.
func Quote(amount, rate money.Decimal, currency money.Currency, t Terms) (Premium, Faults) {
	a := &Application{Amount: amount, PremiumRate: rate, Currency: currency, CurrencyRate: money.FromInt(1)}
	a.present = setAmount | setRate | setCurrency | setCurrencyRate
	var faults Faults
	if amount.Sign() <= 0 {
		faults = append(faults, Invalid("amount", "应大于 0", "must be above 0"))
	}
	faults = append(faults, t.checkCurrency(a)...)
	faults = append(faults, t.checkRate(a)...)
	if len(faults) > 0 {
		return Premium{}, faults
	}
	return newPremium(a, RateDeclared, rate, t.Rounding), nil
}

func newPremium(a *Application, source RateSource, rate money.Decimal, rounding money.Rounding) Premium {
	p := Premium{Currency: a.Currency, Source: source, Rate: rate, Rounding: rounding}
	p.Exact = a.Amount.Mul(rate)
	p.Rounded = p.Exact.Round(p.Currency.MinorUnit(), rounding)
	return p
}

// PriceAtRate prices an application at the product's own rate.
func PriceAtRate(a *Application, rate money.Decimal, t Terms) Premium {
	if !a.Sound(setAmount | setCurrency) {
		return Premium{}
	}
	return newPremium(a, RateProduct, rate, t.Rounding)
}

// PriceAsDeclared prices an application of a product without a rate of its
// own: at the rate that the request declares or, where it declares none, at
// the premium itself, which must then lie within the bounds of the rate.
func PriceAsDeclared(a *Application, t Terms) (Premium, Faults) {
	if !a.Sound(setAmount | setCurrency | setRate) {
		return Premium{}, nil
	}
	if a.Has("premiumRate") {
		return newPremium(a, RateDeclared, a.PremiumRate, t.Rounding), nil
	}
	if !a.Sound(setPremium) {
		return Premium{}, nil
	}
	places := a.Currency.MinorUnit()
	low := a.Amount.Mul(t.RateBounds.Min).Round(places, money.Down)
	high := a.Amount.Mul(t.RateBounds.Max).Round(places, money.Up)
	if a.Premium.Scale() > places || !(Bounds{low, high}).contain(a.Premium) {
		return Premium{}, Faults{Mismatch("premium",
			fmt.Sprintf("应在 %s 至 %s 之间，最多 %d 位小数（amount %s × 费率 %s 至 %s），申报 %s", low, high, places, a.Request.Amount, t.RateBounds.Min, t.RateBounds.Max, a.Request.Premium),
			fmt.Sprintf("want %s to %s with at most %d decimals (amount %s × rate %s to %s), declared %s", low, high, places, a.Request.Amount, t.RateBounds.Min, t.RateBounds.Max, a.Request.Premium))}
	}
	return Premium{Currency: a.Currency, Rounding: t.Rounding, Exact: a.Premium, Rounded: a.Premium}, nil
}

// checkSums holds the sums that the request declares against the right ones
// and completes the premium with what was found.
func (t *Terms) checkSums(a *Application, p *Premium) Faults {
	faults := t.checkAmountOfCny(a)
	if !p.Known() {
		return faults
	}
	if p.Source == RateProduct && t.Declared.PremiumRate != Off && a.has(setRate) && !a.PremiumRate.Equal(p.Rate) {
		faults = append(faults, Mismatch("premiumRate",
			fmt.Sprintf("本产品费率为 %s，申报 %s", p.Rate, a.Request.PremiumRate),
			fmt.Sprintf("the product's rate is %s, declared %s", p.Rate, a.Request.PremiumRate)).at(t.Declared.PremiumRate))
	}
	faults = append(faults, t.checkPremium(a, p)...)
	faults = append(faults, t.checkPremiumOfCny(a, p)...)
	return faults
}

func (f Fault) at(l Level) Fault {
	f.Severity = l.severity()
	return f
}

func (t *Terms) checkAmountOfCny(a *Application) Faults {
	sum := t.Declared.AmountOfCny
	if sum.Level == Off || !a.has(setAmountCny) || !a.Sound(setAmount|setCurrency|setCurrencyRate) {
		return nil
	}
	exact := a.Amount.Mul(a.CurrencyRate)
	want := exact.Round(money.CNY.MinorUnit(), t.Rounding)
	if a.AmountOfCny.Within(want, sum.Within) {
		return nil
	}
	arithmetic := fmt.Sprintf("(amount %s × currencyRate %s = %s, %s)", a.Request.Amount, a.Request.CurrencyRate, exact, t.Rounding)
	return Faults{wrongSum("amountOfCny", want.Fixed(2), arithmetic, a.Request.AmountOfCny).at(sum.Level)}
}

// wrongSum is the fault of a declared sum, with the arithmetic: money is no
// personal data.
func wrongSum(path, want, arithmetic, declared string) Fault {
	return Mismatch(path,
		fmt.Sprintf("应为 %s %s, 申报 %s", want, arithmetic, declared),
		fmt.Sprintf("want %s %s, declared %s", want, arithmetic, declared))
}

func (t *Terms) checkPremium(a *Application, p *Premium) Faults {
	if !a.Sound(setPremium) {
		return nil
	}
	p.Declared = a.Premium
	p.Difference = a.Premium.Sub(p.Rounded)
	sum := t.Declared.Premium
	if sum.Level != Off && !a.Premium.Within(p.Rounded, sum.Within) {
		return Faults{wrongSum("premium", p.Rounded.Fixed(p.Currency.MinorUnit()), p.arithmetic(a), a.Request.Premium).at(sum.Level)}
	}
	if a.Amount.Less(a.Premium) {
		return Faults{Mismatch("premium",
			fmt.Sprintf("保费 %s 超过保额 %s", a.Request.Premium, a.Request.Amount),
			fmt.Sprintf("the premium %s is above the sum insured %s", a.Request.Premium, a.Request.Amount))}
	}
	return nil
}

// arithmetic shows how the premium came about, with the operands as sent.
func (p *Premium) arithmetic(a *Application) string {
	if p.Source == RateProduct {
		return fmt.Sprintf("(amount %s × rate %s = %s, %s)", a.Request.Amount, p.Rate, p.Exact, p.Rounding)
	}
	return fmt.Sprintf("(amount %s × premiumRate %s = %s, %s)", a.Request.Amount, a.Request.PremiumRate, p.Exact, p.Rounding)
}

// conversion is one way to the premium in CNY, before and after rounding.
type conversion struct {
	method     Method
	exact, cny money.Decimal
}

func (t *Terms) checkPremiumOfCny(a *Application, p *Premium) Faults {
	if !a.Sound(setCurrency | setCurrencyRate) {
		return nil
	}
	ways := t.conversions(a, p)
	p.CNY = ways[0].cny
	sum := t.Declared.PremiumOfCny
	if !a.Sound(setPremiumCny) {
		return nil
	}
	for _, w := range ways {
		if a.PremiumOfCny.Within(w.cny, sum.Within) {
			p.CNY, p.Method = w.cny, w.method
			return nil
		}
	}
	if sum.Level == Off {
		return nil
	}
	want := make([]string, len(ways))
	for i, w := range ways {
		want[i] = w.cny.Fixed(2) + " " + w.arithmetic(a, p)
	}
	return Faults{Mismatch("premiumOfCny",
		fmt.Sprintf("应为 %s, 申报 %s", strings.Join(want, " 或 "), a.Request.PremiumOfCny),
		fmt.Sprintf("want %s, declared %s", strings.Join(want, " or "), a.Request.PremiumOfCny)).at(sum.Level)}
}

// conversions are the accepted ways to the premium in CNY, the canonical one
// first. Without a known rate only A can be gone, and in CNY all are one.
func (t *Terms) conversions(a *Application, p *Premium) []conversion {
	way := func(m Method, exact money.Decimal) conversion {
		return conversion{m, exact, exact.Round(money.CNY.MinorUnit(), t.Rounding)}
	}
	method := t.Declared.Method
	if p.Source == RateUnknown || a.Currency == money.CNY {
		method = MethodA
	}
	var ways []conversion
	if method == MethodA || method == MethodAny {
		ways = append(ways, way(MethodA, p.Rounded.Mul(a.CurrencyRate)))
	}
	if method == MethodB || method == MethodAny {
		ways = append(ways, way(MethodB, p.Exact.Mul(a.CurrencyRate)))
	}
	if method == MethodC || method == MethodAny {
		cny := way(MethodC, a.Amount.Mul(a.CurrencyRate)).cny
		ways = append(ways, way(MethodC, cny.Mul(p.Rate)))
	}
	return ways
}

func (w conversion) arithmetic(a *Application, p *Premium) string {
	r := a.Request
	operands := ""
	switch w.method {
	case MethodB:
		operands = fmt.Sprintf("amount %s × rate %s × currencyRate %s", r.Amount, p.Rate, r.CurrencyRate)
	case MethodC:
		operands = fmt.Sprintf("round(amount %s × currencyRate %s) × rate %s", r.Amount, r.CurrencyRate, p.Rate)
	case MethodA, MethodAny:
		operands = fmt.Sprintf("premium %s × currencyRate %s", p.Rounded.Fixed(p.Currency.MinorUnit()), r.CurrencyRate)
	}
	return fmt.Sprintf("(%s: %s = %s, %s)", w.method, operands, w.exact, p.Rounding)
}
