package products

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/policy/money"
)

// setting is a key that each edition has a value for, written or not.
type setting struct {
	kind, path string
	zh, en     string
	value      string // as an edition writes it
}

// settings compares those of two editions, which come in the same order.
func (d *differ) settings(before, after []setting) {
	for i, s := range after {
		d.measured(subject{kind: s.kind, path: s.path, title: policy.Text{
			ZH: s.zh + "（" + s.path + "）", EN: s.en + " (" + s.path + ")",
		}}, before[i].value, s.value)
	}
}

func premiumSettings(e *Edition) []setting {
	t, rate := &e.terms, e.spec.Rating.Rate
	if sum := e.spec.Rating.Sum; sum != "" {
		rate = "{sum: " + sum + ", over: insuranceTypes}"
	}
	least := ""
	if !t.Minimum.IsZero() {
		least = t.Minimum.String()
	}
	return []setting{
		{"rate", "premium.rate", "费率", "rate", rate},
		{"rate-bounds", "premium.rate_bounds", "申报费率范围", "bounds of a declared rate", asPercentage(t.RateBounds.Min) + ".." + asPercentage(t.RateBounds.Max)},
		{"round", "premium.round", "舍入", "rounding", t.Rounding.String()},
		{"minimum", "premium.minimum", "最低保费", "least premium", least},
	}
}

func asPercentage(rate money.Decimal) string { return rate.Shift(2).String() + "%" }

func declaredSettings(e *Edition) []setting {
	of := &e.terms.Declared
	level := func(path, zh, en string, l policy.Level) setting {
		return setting{"declared", "premium.declared." + path, zh, en, levelWord(l, "ignore", "equal")}
	}
	within := func(path, zh, en string, sum policy.Sum) setting {
		return setting{"declared", "premium.declared." + path + ".within", zh + "容差", "tolerance of " + en, sum.Within.String()}
	}
	return []setting{
		level("premiumRate", "申报费率", "declared rate", of.PremiumRate),
		level("premium", "申报保费", "declared premium", of.Premium.Level),
		within("premium", "申报保费", "the declared premium", of.Premium),
		level("premiumOfCny", "申报折人民币保费", "declared premium in CNY", of.PremiumOfCny.Level),
		{"declared", "premium.declared.premiumOfCny.method", "折算方法", "ways to the premium in CNY", of.Method.String()},
		within("premiumOfCny", "申报折人民币保费", "the declared premium in CNY", of.PremiumOfCny),
		level("amountOfCny", "申报折人民币保额", "declared sum insured in CNY", of.AmountOfCny.Level),
		within("amountOfCny", "申报折人民币保额", "the declared sum insured in CNY", of.AmountOfCny),
	}
}

// levelWord is a level as an edition writes it.
func levelWord(l policy.Level, off, refuse string) string {
	switch l {
	case policy.Off:
		return off
	case policy.Observe:
		return "note"
	case policy.Refuse:
	}
	return refuse
}

func checkSettings(e *Edition) []setting {
	of := &e.terms.Checks
	check := func(path, zh, en, value string) setting { return setting{"check", "checks." + path, zh, en, value} }
	level := func(l policy.Level) string { return levelWord(l, "off", "refuse") }
	return []setting{
		check("period", "检查保险期间天数", "check of the period", level(of.Period)),
		check("period.within", "天数容差", "tolerance of the period in days", strconv.Itoa(of.PeriodWithin)),
		check("backdating", "检查起保时间", "check of the beginning", level(of.Backdating)),
		check("backdating.within", "最多倒签", "furthest back", spanWord(of.Behind)),
		check("backdating.ahead", "最多提前", "furthest ahead", spanWord(of.Ahead)),
		check("order_amount", "检查订单金额", "check of the order's amount", level(of.OrderAmount)),
		check("identity_card", "检查身份证号", "check of identity cards", numberWord(of.IdentityCard)),
		check("company_license", "检查企业证照号", "check of company licences", numberWord(of.CompanyCode)),
		check("parties", "检查投保人与被保险人", "check of the parties", level(of.Parties)),
	}
}

// numberWord is how a licence number is checked, as an edition writes it.
func numberWord(n policy.Number) string {
	if n.Level == policy.Off {
		return "off"
	}
	words := []string{"shape"}
	if n.Checksum {
		words[0] = "checksum"
	}
	if n.Level == policy.Observe {
		words = append(words, "level: note")
	}
	if n.Masked {
		words = append(words, "masked: true")
	}
	return strings.Join(words, ", ")
}

// spanWord is a span of time in the largest unit that it is whole in; less than
// a week is told in hours, so that 24h and 48h are in the same unit.
func spanWord(s time.Duration) string {
	const day = 24 * time.Hour
	const week = 7 * day
	switch {
	case s == 0:
		return "0"
	case s >= week && s%day == 0:
		return fmt.Sprintf("%dd", s/day)
	case s%time.Hour == 0:
		return fmt.Sprintf("%dh", s/time.Hour)
	}
	return fmt.Sprintf("%dm", s/time.Minute)
}

// lastSettings are those behind the rules.
func lastSettings(e *Edition) []setting {
	return []setting{
		{"pin-refusals", "pin_refusals", "同一报文重发仍拒", "a refusal is kept for its payload", strconv.FormatBool(e.terms.PinRefusals)},
		{"on-error", "on_error", "规则算不出结果时", "where a rule cannot be evaluated", e.spec.OnError.String()},
	}
}
