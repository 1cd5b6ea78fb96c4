package products

import (
	"fmt"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/policy/money"
)

// Calculation is one line of the arithmetic behind a premium.
type Calculation struct {
	Text    policy.Text `json:"text"`              // what is computed
	Formula string      `json:"formula,omitempty"` // with the operands as they were sent
	Result  string      `json:"result"`
}

// roundingWords are what the Chinese reader calls a rounding.
var roundingWords = map[money.Rounding]string{
	money.HalfUp: "四舍五入", money.HalfEven: "四舍六入五成双", money.Down: "舍尾", money.Up: "进位",
}

// Arithmetic tells a premium from the sum insured to the yuan, each number as
// it was computed.
func Arithmetic(r *policy.Request, p *policy.Premium) []Calculation {
	places := p.Currency.MinorUnit()
	exact := Calculation{say("保额 × 费率", "sum insured × rate"), "amount " + r.Amount + " × " + rateOf(r, p), p.Exact.String()}
	if p.Source == policy.RateUnknown {
		exact = Calculation{say("未申报费率，以申报保费为准（费率须在范围内）", "no rate is declared: the premium stands as declared, within the bounds of the rate"), "premium " + r.Premium, p.Exact.String()}
	}
	steps := rowSteps(p)
	switch amount, err := money.Parse(r.Amount); {
	case len(p.Steps) == 0:
		steps = append(steps, exact)
	case len(p.Steps) == 1 && p.Steps[0].Name == leastStep && p.Source != policy.RateUnknown && err == nil:
		exact.Result = amount.Mul(p.Rate).String() // p.Exact is the minimum by now
		steps = append(steps, exact)
	}
	for _, s := range p.Steps {
		steps = append(steps, namedStep(s))
	}
	steps = append(steps,
		Calculation{
			say("%[3]s至 %[2]d 位小数", "rounded to %[2]d decimals, %[1]s", p.Rounding, places, roundingWords[p.Rounding]),
			fmt.Sprintf("round(%s)", p.Exact), p.Rounded.Fixed(places) + " " + string(p.Currency),
		},
		Calculation{
			say("申报保费与应收之差", "declared premium against the right one"),
			fmt.Sprintf("premium %s − %s", r.Premium, p.Rounded.Fixed(places)), p.Difference.String(),
		},
	)
	if p.CNY.Sign() > 0 {
		steps = append(steps, cnyStep(r, p))
	}
	for _, s := range p.Shares {
		steps = append(steps, Calculation{say("分摊保费，权重 %s", "its share of the premium, by weight %s", s.Weight), s.Coverage, s.Amount.Fixed(places) + " " + string(p.Currency)})
	}
	return steps
}

// rowSteps are the rows of tables that went into the premium.
func rowSteps(p *policy.Premium) []Calculation {
	steps := make([]Calculation, len(p.Rows))
	for i, row := range p.Rows {
		steps[i] = Calculation{say("费率表第 %d 行", "line %d of the table", row.Line), row.Table + "(" + row.Item + ")", row.Value.String()}
	}
	return steps
}

// leastStep is the step that a minimum adds where it applies.
const leastStep = "minimum"

// namedStep is a step that the product names, or the minimum.
func namedStep(s policy.Step) Calculation {
	if s.Name == leastStep {
		return Calculation{say("不足最低保费 %s，按最低保费计", "below the least premium of %s, which is charged", s.Exact), s.Name, s.Value.String()}
	}
	if s.Exact.Equal(s.Value) {
		return Calculation{say("步骤", "a step"), s.Name, s.Value.String()}
	}
	return Calculation{say("由 %s 舍入", "rounded from %s", s.Exact), s.Name, s.Value.String()}
}

func rateOf(r *policy.Request, p *policy.Premium) string {
	if p.Source == policy.RateDeclared {
		return "premiumRate " + r.PremiumRate
	}
	return "rate " + p.Rate.String()
}

// cnyStep tells which way to the premium in CNY the declared one went; where
// it went none, the canonical way is shown, and a fault tells the rest.
func cnyStep(r *policy.Request, p *policy.Premium) Calculation {
	s := Calculation{Result: p.CNY.Fixed(money.CNY.MinorUnit()) + " CNY"}
	switch p.Method {
	case policy.MethodB:
		s.Formula = fmt.Sprintf("round(amount %s × %s × currencyRate %s)", r.Amount, rateOf(r, p), r.CurrencyRate)
	case policy.MethodC:
		s.Formula = fmt.Sprintf("round(round(amount %s × currencyRate %s) × %s)", r.Amount, r.CurrencyRate, rateOf(r, p))
	case policy.MethodA, policy.MethodAny:
		s.Formula = fmt.Sprintf("round(premium %s × currencyRate %s)", p.Rounded.Fixed(p.Currency.MinorUnit()), r.CurrencyRate)
	}
	if p.Method == policy.MethodAny {
		s.Text = say("折人民币，方法 A；申报 premiumOfCny %s 与各方法均不符", "in CNY, method A; the declared premiumOfCny %s fits no method", r.PremiumOfCny)
	} else {
		s.Text = say("折人民币，方法 %[2]s；申报 premiumOfCny %[1]s", "in CNY, method %[2]s; declared premiumOfCny %[1]s", r.PremiumOfCny, p.Method)
	}
	return s
}

// say writes the same values into both languages.
func say(zh, en string, values ...any) policy.Text {
	return policy.Text{ZH: fmt.Sprintf(zh, values...), EN: fmt.Sprintf(en, values...)}
}
