package policy

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/chudan-io/chudan/policy/money"
)

// Checks are the checks that a product may switch.
type Checks struct {
	Period       Level         // insurePeriod is the inclusive calendar days from effectTime to expireTime
	PeriodWithin int           // days
	Backdating   Level         // effectTime may lie this far before insureTime …
	Behind       time.Duration // … 24 h
	Ahead        time.Duration // … and this far after it: 365 days
	OrderAmount  Level         // amount ≤ orderAmount. Source: Insurance Law art. 55
	Parties      Level         // at least one of person and company for applicant and insured
	IdentityCard Number
	CompanyCode  Number
}

// Number is how a licence number is checked.
type Number struct {
	Level    Level
	Checksum bool // the check digit too, not the shape alone
	Masked   bool // a masked number passes
}

// termChecks are all checks but those of the sums.
var termChecks = [...]func(*Terms, *Application) Faults{
	(*Terms).checkCurrency, (*Terms).checkRate, (*Terms).checkCoverages, (*Terms).checkWindow, (*Terms).checkPeriod,
	(*Terms).checkOrderAmount, (*Terms).checkParties, (*Terms).checkLicences, (*Terms).checkExposed,
}

// check holds an application against the terms: everything but the sums.
func (t *Terms) check(a *Application) Faults {
	var faults Faults
	for _, check := range termChecks {
		found := check(t, a)
		a.distrust(found)
		faults = append(faults, found...)
	}
	return faults
}

func (t *Terms) checkCurrency(a *Application) Faults {
	if !a.Sound(setCurrency) {
		return nil
	}
	if !slices.Contains(t.Currencies, a.Currency) {
		return Faults{Invalid("currency",
			"本产品不接受该币种，可用："+join(t.Currencies, "、"),
			"the product does not take this currency; it takes "+join(t.Currencies, ", "))}
	}
	if a.Currency == money.CNY && a.Sound(setCurrencyRate) && !a.CurrencyRate.Equal(money.FromInt(1)) {
		return Faults{Mismatch("currencyRate", "currency 为 CNY 时汇率应为 1", "must be 1 where currency is CNY")}
	}
	return nil
}

func (t *Terms) checkRate(a *Application) Faults {
	if !a.has(setRate) || t.RateBounds.contain(a.PremiumRate) {
		return nil
	}
	return Faults{Invalid("premiumRate",
		fmt.Sprintf("费率应在 %s 至 %s 之间（小数，非百分数）", t.RateBounds.Min, t.RateBounds.Max),
		fmt.Sprintf("the rate must lie within %s and %s (a fraction, no percentage)", t.RateBounds.Min, t.RateBounds.Max))}
}

func (b Bounds) contain(d money.Decimal) bool { return b.Min.Cmp(d) <= 0 && d.Cmp(b.Max) <= 0 }

func (t *Terms) checkCoverages(a *Application) Faults {
	if !a.Sound(setTypes) {
		return nil
	}
	unknown := func(code string) bool {
		return !slices.ContainsFunc(t.Coverages, func(c Coverage) bool { return c.Code == code })
	}
	if !slices.ContainsFunc(a.InsuranceTypes, unknown) {
		return nil
	}
	codes := make([]string, len(t.Coverages))
	for i, c := range t.Coverages {
		codes[i] = c.Code
	}
	return Faults{Invalid("attrs.insuranceTypes",
		"含本产品没有的险种，可用："+join(codes, "、"),
		"names a coverage that the product does not have; it has "+join(codes, ", "))}
}

func join[S ~string](codes []S, separator string) string {
	var b strings.Builder
	for i, code := range codes {
		if i > 0 {
			b.WriteString(separator)
		}
		b.WriteString(string(code))
	}
	return b.String()
}

func (t *Terms) checkWindow(a *Application) Faults {
	if t.Checks.Backdating == Off || !a.Sound(setInsureTime|setEffectTime) {
		return nil
	}
	ahead := a.EffectTime.Sub(a.InsureTime)
	if ahead >= -t.Checks.Behind && ahead <= t.Checks.Ahead {
		return nil
	}
	f := Mismatch("effectTime",
		fmt.Sprintf("应不早于 insureTime 前 %s，不晚于其后 %s", spanZH(t.Checks.Behind), spanZH(t.Checks.Ahead)),
		fmt.Sprintf("must be no more than %s before and %s after insureTime", spanEN(t.Checks.Behind), spanEN(t.Checks.Ahead)))
	f.Severity = t.Checks.Backdating.severity()
	return Faults{f}
}

func spanZH(d time.Duration) string {
	if d > 48*time.Hour && d%(24*time.Hour) == 0 {
		return fmt.Sprintf("%d 天", d/(24*time.Hour))
	}
	if d%time.Hour == 0 {
		return fmt.Sprintf("%d 小时", d/time.Hour)
	}
	return d.String()
}

func spanEN(d time.Duration) string {
	if d > 48*time.Hour && d%(24*time.Hour) == 0 {
		return fmt.Sprintf("%d days", d/(24*time.Hour))
	}
	if d%time.Hour == 0 {
		return fmt.Sprintf("%d h", d/time.Hour)
	}
	return d.String()
}

func (t *Terms) checkPeriod(a *Application) Faults {
	if t.Checks.Period == Off || !a.has(setPeriod) || !a.Sound(setEffectTime|setExpireTime) {
		return nil
	}
	days := CalendarDays(a.EffectTime, a.ExpireTime)
	if diff := a.InsurePeriod - days; diff <= t.Checks.PeriodWithin && -diff <= t.Checks.PeriodWithin {
		return nil
	}
	f := Mismatch("insurePeriod",
		fmt.Sprintf("应为 %d 天（effectTime %s 至 expireTime %s，首尾均计），申报 %d", days, a.Request.EffectTime, a.Request.ExpireTime, a.InsurePeriod),
		fmt.Sprintf("want %d days (effectTime %s to expireTime %s, both ends counted), declared %d", days, a.Request.EffectTime, a.Request.ExpireTime, a.InsurePeriod))
	f.Severity = t.Checks.Period.severity()
	return Faults{f}
}

func (t *Terms) checkOrderAmount(a *Application) Faults {
	if t.Checks.OrderAmount == Off || !a.has(setOrderAmount) || !a.Sound(setAmount|setCurrency) {
		return nil
	}
	order := a.OrderAmount.Shift(-a.Currency.MinorUnit())
	if a.Amount.Cmp(order) <= 0 {
		return nil
	}
	f := Mismatch("amount",
		fmt.Sprintf("保额 %s 超过订单金额 %s（orderAmount %s）", a.Amount, order, a.OrderAmount),
		fmt.Sprintf("the sum insured %s is above the order amount %s (orderAmount %s)", a.Amount, order, a.OrderAmount))
	f.Severity = t.Checks.OrderAmount.severity()
	return Faults{f}
}

func (t *Terms) checkParties(a *Application) Faults {
	if t.Checks.Parties == Off {
		return nil
	}
	var faults Faults
	for _, party := range [...]struct{ person, company string }{
		{"insuredPersonalInfo", "insuredCompanyInfo"},
		{"applicantPersonalInfo", "applicantCompanyInfo"},
	} {
		if !a.Has(party.person) && !a.Has(party.company) {
			f := newFault(KindMissingParameter, "个人与公司信息至少提供一项", "at least one of person and company is required",
				party.person, party.company)
			f.Severity = t.Checks.Parties.severity()
			faults = append(faults, f)
		}
	}
	return faults
}
