package products

import (
	"cmp"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/policy/money"
)

// What amounts of money and rates are told to look like.
var (
	wantAmount = policy.Text{ZH: "应为普通十进制数，如 0.01", EN: "want a plain decimal, such as 0.01"}
	wantRate   = policy.Text{ZH: "应为费率，如 0.625%、6.25‰ 或 0.00625", EN: "want a rate, such as 0.625%, 6.25‰ or 0.00625"}
	wantRates  = policy.Text{ZH: "应为费率范围，如 0.05%..5%", EN: "want a range of rates, such as 0.05%..5%"}
)

// amount reads a plain decimal, such as 0.01.
func (f *file) amount(into *money.Decimal) read {
	return func(n *node) {
		text, ok := f.word(n)
		if !ok {
			return
		}
		d, err := money.Parse(text)
		if err != nil {
			f.bad(n, codeNumber, policy.Text{ZH: shown(text) + "：" + wantAmount.ZH, EN: shown(text) + ": " + wantAmount.EN}, policy.Text{})
			return
		}
		*into = d
	}
}

// suspicious is the rate from which on a number without % is not believed: it
// is more likely a percentage whose sign was left out.
var suspicious = money.MustParse("0.1")

// parseRate reads a rate that is below 1: 0.00625, 0.625%, 6.25‰. Each of them
// is exact.
func parseRate(text string) (rate money.Decimal, wrong, hint policy.Text) {
	number, places := text, 0
	for _, sign := range [...]struct {
		sign   string
		places int
	}{{"%", 2}, {"‰", 3}} {
		if before, ok := strings.CutSuffix(text, sign.sign); ok {
			number, places = strings.TrimRight(before, " "), sign.places
		}
	}
	d, err := money.Parse(number)
	if err != nil {
		return d, policy.Text{ZH: shown(text) + "：" + wantRate.ZH, EN: shown(text) + ": " + wantRate.EN}, policy.Text{}
	}
	rate = d.Shift(-places)
	switch one := money.FromInt(1); {
	case rate.Sign() == 0:
		return rate, policy.Text{ZH: "费率应大于 0", EN: "a rate is above 0"}, policy.Text{}
	case places > 0 && !rate.Less(one):
		return rate, policy.Text{ZH: "费率应小于 100%", EN: "a rate is below 100%"}, policy.Text{}
	case places == 0 && !rate.Less(suspicious):
		return rate, policy.Text{
			ZH: number + " 像是百分数",
			EN: number + " looks like a percentage",
		}, meant(number+"%", d.Shift(-2).String())
	}
	return rate, policy.Text{}, policy.Text{}
}

// rate reads one rate.
func (f *file) rate(into *money.Decimal) read {
	return func(n *node) {
		text, ok := f.word(n)
		if !ok {
			return
		}
		rate, wrong, hint := parseRate(text)
		if wrong != (policy.Text{}) {
			f.bad(n, codeRate, wrong, hint)
			return
		}
		*into = rate
	}
}

// rates reads a range of rates, both ends included: 0.05%..5%.
func (f *file) rates(into *policy.Bounds) read {
	return func(n *node) {
		text, ok := f.word(n)
		if !ok {
			return
		}
		low, high, ok := strings.Cut(text, "..")
		if !ok {
			f.bad(n, codeRate, policy.Text{ZH: shown(text) + "：" + wantRates.ZH, EN: shown(text) + ": " + wantRates.EN}, hintRange(text))
			return
		}
		var bounds policy.Bounds
		before := len(f.problems)
		f.end(n, 0, low, &bounds.Min)
		f.end(n, utf8.RuneCountInString(low)+2, high, &bounds.Max)
		if len(f.problems) > before {
			return
		}
		if bounds.Max.Less(bounds.Min) {
			f.refuse(n, codeRate, policy.Text{ZH: "下限大于上限", EN: "the lower end is above the upper one"}, meant(strings.TrimSpace(high)+".."+strings.TrimSpace(low)))
			return
		}
		*into = bounds
	}
}

// end reads one end of a range, which stands at an offset of the node's text.
func (f *file) end(n *node, offset int, text string, into *money.Decimal) {
	rate, wrong, hint := parseRate(strings.TrimSpace(text))
	if wrong != (policy.Text{}) {
		f.refuseWithin(n, offset, max(utf8.RuneCountInString(text), 1), codeRate, wrong, cmp.Or(hintFullWidth(text), hint))
		return
	}
	*into = rate
}

var otherRange = regexp.MustCompile(`^([0-9.]+ ?[%‰]?) *(?:-|~|～|—|–|…|\.{3,}|to|至|到) *([0-9.]+ ?[%‰]?)$`)

func hintRange(text string) policy.Text {
	if m := otherRange.FindStringSubmatch(text); m != nil {
		return meant(m[1] + ".." + m[2])
	}
	return policy.Text{}
}
