package products_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/policy/money"
	"github.com/chudan-io/chudan/products"
)

// loadEdition loads an edition of which only the lines below the header are
// given.
func loadEdition(t testing.TB, lines string) *products.Edition {
	t.Helper()
	catalog, err := products.Load(bond(t, map[string][]byte{edition: []byte(header + lines)}))
	if err != nil {
		t.Fatalf("%v\n%s", err, lines)
	}
	return catalog.Edition("PERFORMANCE_SURETY_BONDS", "2021.2")
}

// TestDefaults shows that an edition that says nothing has the default terms.
func TestDefaults(t *testing.T) {
	got, want := loadEdition(t, "").Terms(), policy.DefaultTerms()
	want.Product, want.Edition, want.Title, want.Digest, want.Source = got.Product, got.Edition, policy.Text{ZH: "履约保证保险"}, got.Digest, got.Source
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestTerms sets each key in its short and its long form.
func TestTerms(t *testing.T) {
	decimal := money.MustParse
	for name, c := range map[string]struct {
		lines string
		want  func(*policy.Terms)
	}{
		"title": {"coverages: {QUALITY: {zh: 质量险, en: Quality}, DELIVERY: 交期险}", func(w *policy.Terms) {
			w.Coverages = []policy.Coverage{{Code: "QUALITY", Title: policy.Text{ZH: "质量险", EN: "Quality"}}, {Code: "DELIVERY", Title: policy.Text{ZH: "交期险"}}}
		}},
		"currencies":        {"currencies: [USD, JPY]", func(w *policy.Terms) { w.Currencies = []money.Currency{"USD", "JPY"} }},
		"one currency":      {"currencies: USD", func(w *policy.Terms) { w.Currencies = []money.Currency{"USD"} }},
		"unique":            {"unique: [insureId, attrs.premiumFundStreamNo]", func(w *policy.Terms) { w.Unique = []string{"insureId", "attrs.premiumFundStreamNo"} }},
		"bounds":            {"premium: {rate_bounds: 0.05%..5%}", func(w *policy.Terms) { w.RateBounds = policy.Bounds{Min: decimal("0.0005"), Max: decimal("0.05")} }},
		"bounds, spaces":    {"premium: {rate_bounds: 1.25‰ .. 62.5 %}", func(w *policy.Terms) { w.RateBounds = policy.Bounds{Min: decimal("0.00125"), Max: decimal("0.625")} }},
		"bounds, fractions": {"premium: {rate_bounds: '0.0005..0.05'}", func(w *policy.Terms) { w.RateBounds = policy.Bounds{Min: decimal("0.0005"), Max: decimal("0.05")} }},
		"rounding":          {"premium: {round: half_even}", func(w *policy.Terms) { w.Rounding = money.HalfEven }},
		"rounding, quoted":  {`premium: {"round": "up"}`, func(w *policy.Terms) { w.Rounding = money.Up }},
		"declared, short": {"premium: {declared: {premiumRate: ignore, premium: note, premiumOfCny: B, amountOfCny: ignore}}", func(w *policy.Terms) {
			w.Declared = policy.Declared{PremiumRate: policy.Off, Premium: policy.Sum{Level: policy.Observe}, PremiumOfCny: policy.Sum{Level: policy.Refuse}, Method: policy.MethodB}
		}},
		"declared, long": {"premium: {declared: {premiumRate: {level: note}, premium: {level: note, within: 0.01}, premiumOfCny: {level: note, method: A, within: 0.05}, amountOfCny: {within: 1}}}", func(w *policy.Terms) {
			w.Declared.PremiumRate = policy.Observe
			w.Declared.Premium = policy.Sum{Level: policy.Observe, Within: decimal("0.01")}
			w.Declared.PremiumOfCny, w.Declared.Method = policy.Sum{Level: policy.Observe, Within: decimal("0.05")}, policy.MethodA
			w.Declared.AmountOfCny.Within = decimal("1")
		}},
		"premiumOfCny by level": {"premium: {declared: {premiumOfCny: ignore}}", func(w *policy.Terms) { w.Declared.PremiumOfCny.Level = policy.Off }},
		"premiumOfCny any":      {"premium: {declared: {premiumOfCny: any}}", func(*policy.Terms) {}},
		"checks off": {"checks: {period: off, backdating: off, order_amount: off, identity_card: off, company_license: off, parties: off}", func(w *policy.Terms) {
			w.Checks = policy.Checks{Behind: w.Checks.Behind, Ahead: w.Checks.Ahead}
		}},
		"checks, long": {"checks: {period: {level: note, within: 1}, backdating: {level: note, within: 90m, ahead: 30d}, order_amount: {level: refuse}, parties: {level: note}}", func(w *policy.Terms) {
			w.Checks.Period, w.Checks.PeriodWithin = policy.Observe, 1
			w.Checks.Backdating, w.Checks.Behind, w.Checks.Ahead = policy.Observe, 90*time.Minute, 30*24*time.Hour
			w.Checks.OrderAmount, w.Checks.Parties = policy.Refuse, policy.Observe
		}},
		"no backdating": {"checks: {backdating: {within: 0}}", func(w *policy.Terms) { w.Checks.Behind = 0 }},
		"licences, short": {"checks: {identity_card: shape, company_license: checksum}", func(w *policy.Terms) {
			w.Checks.IdentityCard = policy.Number{Level: policy.Refuse}
			w.Checks.CompanyCode = policy.Number{Level: policy.Refuse, Checksum: true}
		}},
		"licences, long": {"checks: {identity_card: {check: checksum, masked: true}, company_license: {level: note, check: shape}}", func(w *policy.Terms) {
			w.Checks.IdentityCard = policy.Number{Level: policy.Refuse, Checksum: true, Masked: true}
			w.Checks.CompanyCode = policy.Number{Level: policy.Observe}
		}},
		"no pins": {"pin_refusals: false", func(w *policy.Terms) { w.PinRefusals = false }},
	} {
		t.Run(name, func(t *testing.T) {
			got, want := loadEdition(t, c.lines+"\n").Terms(), loadEdition(t, "").Terms()
			want.Digest, want.Source = got.Digest, got.Source
			c.want(&want)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestQuotesDoNotMatter writes one edition with quotes everywhere and nowhere.
func TestQuotesDoNotMatter(t *testing.T) {
	bare := loadEdition(t, "filing: 2021\ndefine: {limit: 100000}\npremium: {rate: 0.300%, declared: {premium: {within: 0.01}}}\nchecks: {parties: off}\npin_refusals: true\n")
	quoted := loadEdition(t, "'filing': \"2021\"\n\"define\": {'limit': '100000'}\npremium: {rate: '0.300%', declared: {premium: {within: \"0.01\"}}}\nchecks: {parties: 'off'}\npin_refusals: \"true\"\n")
	one, other := bare.Terms(), quoted.Terms()
	one.Digest, other.Digest, one.Source, other.Source = "", "", nil, nil
	if diff := cmp.Diff(one, other); diff != "" || bare.Filing() != "2021" || quoted.Filing() != "2021" {
		t.Error(diff)
	}
}

// TestOwnRate prices at the product's own rate, which a declared one must
// equal.
func TestOwnRate(t *testing.T) {
	fsys := bond(t, map[string][]byte{edition: []byte(header + "coverages: {QUALITY: 质量险, DELIVERY: 交期险, APPEARANCE: 外观险}\npremium: {rate: 0.300%}\n")})
	catalog, err := products.Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	for premium, want := range map[string]policy.Verdict{"3.05": policy.Accept, "6.36": policy.Reject} {
		d, err := policy.Decide(catalog, sample(t, map[string]string{"premiumRate": "0.003", "premium": premium, "premiumOfCny": premium}))
		if err != nil || d.Verdict() != want || d.Premium.Source != policy.RateProduct || d.Premium.Exact.String() != "3.054" {
			t.Errorf("%s: %v, %s, exactly %s", premium, err, d.Verdict(), d.Premium.Exact)
		}
	}
	d, err := policy.Decide(catalog, sample(t, map[string]string{"premium": "3.05", "premiumOfCny": "3.05"}))
	if err != nil || len(d.Faults) != 1 || d.Faults[0].ErrorCode() != "isv.parameters-mismatch:premiumRate" {
		t.Errorf("%v, %s", err, d.Faults.Message(policy.English, ""))
	}
}
