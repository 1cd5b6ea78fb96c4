package products_test

import (
	"testing"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
)

// TestRequote: what another edition would have charged does not depend on what
// the request declared for the first one.
func TestRequote(t *testing.T) {
	dearer := loadFiles(t, `product: PERFORMANCE_SURETY_BONDS
edition: "2"
title: 测试
coverages: {QUALITY: 质量险, DELIVERY: 交期险, APPEARANCE: 外观险}
premium: {rate: 1%}
checks: {order_amount: off}
rules:
  LARGE: {reject_if: amount > 5000, message: 保额过高}
  BY_PREMIUM: {note_if: premium > 10, message: 保费超过 10}
`, nil)
	for name, c := range map[string]struct {
		amount, premium, want string
		verdict               policy.Verdict
		codes                 int
	}{
		"as declared for another": {"1018.0", "6.36", "10.18", policy.Note, 1},
		"refused":                 {"6000", "37.50", "60", policy.Reject, 2},
		"declared nonsense":       {"500", "499", "5", policy.Accept, 0},
	} {
		t.Run(name, func(t *testing.T) {
			r := sample(t, nil)
			r.Amount, r.Premium, r.PremiumOfCny, r.AmountOfCny = c.amount, c.premium, c.premium, c.amount
			before := *r
			d := dearer.Requote(r)
			if d.Premium.Rounded.String() != c.want || d.Verdict() != c.verdict || len(d.Faults) != c.codes {
				t.Errorf("%s, %s, %v; want %s, %s, %d faults", d.Premium.Rounded, d.Verdict(), d.Faults, c.want, c.verdict, c.codes)
			}
			if r.Premium != before.Premium || r.PremiumRate != before.PremiumRate {
				t.Error("the request was changed")
			}
		})
	}
}

// TestAlone: an edition by itself is sold at any time, and no other product is.
func TestAlone(t *testing.T) {
	catalog, err := products.Load(products.Library())
	if err != nil {
		t.Fatal(err)
	}
	e := catalog.Edition("PERFORMANCE_SURETY_BONDS", "2021.2")
	r := sample(t, nil)
	r.InsureTime, r.EffectTime, r.ExpireTime, r.Attrs.AgreeOnSendTime = "2010-08-04 15:23:28", "2010-08-04 15:23:26", "2010-09-12 23:59:59", "1281715199000"
	if d, err := policy.Decide(e.Alone(), r); err != nil || d.Verdict() != policy.Accept {
		t.Errorf("%s %v, %v", d.Verdict(), d.Faults, err)
	}
	if d, _ := policy.Decide(catalog, r); d.Verdict() != policy.Reject {
		t.Errorf("control: the catalog sells it in 2010: %s", d.Verdict())
	}
	r.ProductCode = "OTHER"
	if d, err := policy.Decide(e.Alone(), r); err != nil || d.Verdict() != policy.Reject {
		t.Errorf("%s, %v", d.Verdict(), err)
	}
}
