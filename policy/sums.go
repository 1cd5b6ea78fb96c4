package policy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/chudan-io/chudan/policy/money"
)

// checkSums holds the sums that the request declares against the right ones
// and completes the premium with what was found.
func (t *Terms) checkSums(a *Application, p *Premium) Faults {
	faults := t.checkAmountOfCny(a)
	if !p.Known() {
		return faults
	}
	if p.Source == RateProduct && p.Rate.Sign() > 0 && t.Declared.PremiumRate != Off && a.has(setRate) && !a.PremiumRate.Equal(p.Rate) {
		faults = append(faults, Mismatch("premiumRate",
			fmt.Sprintf("本产品费率为 %s，申报 %s", p.Rate, a.Request.PremiumRate),
			fmt.Sprintf("the product's rate is %s, declared %s", p.Rate, a.Request.PremiumRate)).at(t.Declared.PremiumRate))
	}
	faults = append(faults, t.checkPremium(a, p)...)
	return append(faults, t.checkPremiumOfCny(a, p)...)
}

func (f Fault) at(l Level) Fault {
	f.Severity = l.severity()
	return f
}

// wrongSum is the fault of a declared sum, with the arithmetic: money is no
// personal data.
func wrongSum(path, want, arithmetic, declared string) Fault {
	return Mismatch(path,
		fmt.Sprintf("应为 %s %s, 申报 %s", want, arithmetic, declared),
		fmt.Sprintf("want %s %s, declared %s", want, arithmetic, declared))
}

func (t *Terms) checkAmountOfCny(a *Application) Faults {
	sum := t.Declared.AmountOfCny
	if sum.Level == Off || !a.has(setAmountCny) || !a.Sound(setAmount|setCurrency|setCurrencyRate) {
		return nil
	}
	exact, want := a.amountInCNY(t.Rounding)
	if a.AmountOfCny.Within(want, sum.Within) {
		return nil
	}
	arithmetic := fmt.Sprintf("(amount %s × currencyRate %s = %s, %s)", a.Request.Amount, a.Request.CurrencyRate, exact, t.Rounding)
	return Faults{wrongSum("amountOfCny", want.Fixed(money.CNY.MinorUnit()), arithmetic, a.Request.AmountOfCny).at(sum.Level)}
}

func (t *Terms) checkPremium(a *Application, p *Premium) Faults {
	if !a.Sound(setPremium) {
		return nil
	}
	p.Declared = a.Premium
	p.Difference = a.Premium.Sub(p.Rounded)
	places := p.Currency.MinorUnit()
	sum := t.Declared.Premium
	var faults Faults
	if sum.Level != Off && (a.Premium.Scale() > places || !a.Premium.Within(p.Rounded, sum.Within)) {
		faults = Faults{wrongSum("premium", p.Rounded.Fixed(places), p.arithmetic(a), a.Request.Premium).at(sum.Level)}
	}
	// Whatever the product lets pass, nobody pays more than what is insured.
	if faults.Verdict() < Reject && a.Amount.Less(a.Premium) {
		faults = append(faults, Mismatch("premium",
			fmt.Sprintf("保费 %s 超过保额 %s", a.Request.Premium, a.Request.Amount),
			fmt.Sprintf("the premium %s is above the sum insured %s", a.Request.Premium, a.Request.Amount)))
	}
	return faults
}

// arithmetic shows how the premium came about, with the operands as sent.
func (p *Premium) arithmetic(a *Application) string {
	if !p.proportional() {
		return fmt.Sprintf("(amount %s: %s, %s)", a.Request.Amount, p.way(), p.Rounding)
	}
	return fmt.Sprintf("(amount %s × %s = %s, %s)", a.Request.Amount, p.rateOf(a.Request), p.Exact, p.Rounding)
}

// rateOf names the rate in an arithmetic: the page's field where it is the
// request's.
func (p *Premium) rateOf(r *Request) string {
	if p.Source == RateDeclared {
		return "premiumRate " + r.PremiumRate
	}
	return "rate " + p.Rate.String()
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
		want[i] = w.cny.Fixed(money.CNY.MinorUnit()) + " " + w.arithmetic(a, p)
	}
	return Faults{Mismatch("premiumOfCny",
		fmt.Sprintf("应为 %s, 申报 %s", strings.Join(want, " 或 "), a.Request.PremiumOfCny),
		fmt.Sprintf("want %s, declared %s", strings.Join(want, " or "), a.Request.PremiumOfCny)).at(sum.Level)}
}

// conversion is one way to the premium in CNY, before and after rounding.
type conversion struct {
	method     Method
	exact, cny money.Decimal
}

// conversions are the accepted ways to the premium in CNY that end in
// different sums, the canonical one first. Where the premium is not amount ×
// rate only A can be gone, and in CNY all are one.
func (t *Terms) conversions(a *Application, p *Premium) []conversion {
	accepted := t.Declared.Method
	if p.Source == RateUnknown || !p.proportional() || a.Currency == money.CNY {
		accepted = MethodA
	}
	var ways []conversion
	for m := MethodA; m <= MethodC; m++ {
		if accepted != MethodAny && accepted != m {
			continue
		}
		exact := t.convert(m, a, p)
		w := conversion{m, exact, exact.Round(money.CNY.MinorUnit(), t.Rounding)}
		if !slices.ContainsFunc(ways, func(o conversion) bool { return o.cny.Equal(w.cny) }) {
			ways = append(ways, w)
		}
	}
	return ways
}

// convert is the premium in CNY by m, before its last rounding.
func (t *Terms) convert(m Method, a *Application, p *Premium) money.Decimal {
	switch m {
	case MethodB:
		return p.Exact.Mul(a.CurrencyRate)
	case MethodC:
		_, cny := a.amountInCNY(t.Rounding)
		return cny.Mul(p.Rate)
	case MethodA, MethodAny:
	}
	return p.Rounded.Mul(a.CurrencyRate)
}

func (w conversion) arithmetic(a *Application, p *Premium) string {
	r := a.Request
	operands := ""
	switch w.method {
	case MethodB:
		operands = fmt.Sprintf("amount %s × %s × currencyRate %s", r.Amount, p.rateOf(r), r.CurrencyRate)
	case MethodC:
		operands = fmt.Sprintf("round(amount %s × currencyRate %s) × %s", r.Amount, r.CurrencyRate, p.rateOf(r))
	case MethodA, MethodAny:
		operands = fmt.Sprintf("premium %s × currencyRate %s", p.Rounded.Fixed(p.Currency.MinorUnit()), r.CurrencyRate)
	}
	return fmt.Sprintf("(%s: %s = %s, %s)", w.method, operands, w.exact, p.Rounding)
}
