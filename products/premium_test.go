package products_test

import (
	"strings"
	"testing"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
)

// TestPremiumForms prices the sample, of 40 days, by each way in which a
// product can say what it costs.
func TestPremiumForms(t *testing.T) {
	const head = header + "coverages: {QUALITY: 质量险, DELIVERY: 交期险, APPEARANCE: 外观险}\ndefine: {days: 'calendarDays(effectTime, expireTime)'}\n" +
		"tables:\n  rate:\n    match: {coverage: coverages}\n    rows: [[QUALITY, 0.3%], [DELIVERY, 2‰], [APPEARANCE, 0.00125]]\n" +
		"  load:\n    match: {currency: [CNY, USD]}\n    rows: [[CNY, 1.1], [USD, 1.2]]\npremium:\n"
	for name, c := range map[string]struct{ premium, want, shares string }{
		"one number":       {"  rate: 0.625 %\n", "6.36", ""},
		"an expression":    {"  rate: 'days > 30 ? 0.2% : 0.1%'\n", "2.04", ""},
		"a sum":            {"  rate: {sum: rate, over: insuranceTypes}\n", "6.36", "QUALITY 3.05, DELIVERY 2.04, APPEARANCE 1.27"},
		"rounded up":       {"  rate: {sum: rate, over: insuranceTypes}\n  round: up\n", "6.37", "QUALITY 3.06, DELIVERY 2.04, APPEARANCE 1.27"},
		"a call":           {"  rate: rate(QUALITY) + rate(DELIVERY)\n", "5.09", ""},
		"steps":            {"  rate: {sum: rate, over: insuranceTypes}\n  steps:\n    - {name: base, value: amount * rate}\n    - {name: loaded, value: base * load(), round: 1}\n", "7.00", "QUALITY 3.36, DELIVERY 2.24, APPEARANCE 1.40"},
		"steps alone":      {"  steps: [{name: daily, value: days * 0.25}]\n", "10.00", ""},
		"a minimum":        {"  rate: {sum: rate, over: insuranceTypes}\n  minimum: 10\n", "10.00", "QUALITY 4.80, DELIVERY 3.20, APPEARANCE 2.00"},
		"declared":         {"  round: down\n", "6.36", ""},
		"declared, with a": {"  minimum: 8.888\n", "8.89", ""},
	} {
		t.Run(name, func(t *testing.T) {
			catalog, err := products.Load(bond(t, map[string][]byte{edition: []byte(head + c.premium)}))
			if err != nil {
				t.Fatal(problems(t, err).Text(policy.English))
			}
			d, err := policy.Decide(catalog, sample(t, map[string]string{"premiumRate": "0.00625"}))
			if err != nil {
				t.Fatal(err)
			}
			var shares []string
			for _, s := range d.Premium.Shares {
				shares = append(shares, s.Coverage+" "+s.Amount.Fixed(2))
			}
			if got := d.Premium.Rounded.Fixed(2); got != c.want || strings.Join(shares, ", ") != c.shares {
				t.Errorf("got %s, %v, want %s, %s", got, shares, c.want, c.shares)
			}
		})
	}
}
