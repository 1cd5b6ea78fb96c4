package policy_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/policy/money"
)

// rated is the bond with a rate of the product's own.
type rated struct {
	*bond
	rate money.Decimal
}

func (r rated) Price(a *policy.Application) (policy.Premium, policy.Faults) {
	return policy.PriceAtRate(a, r.rate, r.terms), nil
}

func (r rated) Product(string, time.Time, time.Time) (policy.Product, error) { return r, nil }

// dollars is the sample in US dollars, where the three ways to the premium in
// CNY all differ: A 20.57, B 20.54, C 20.55.
func dollars(t testing.TB, changes ...string) *policy.Request {
	t.Helper()
	r := with(t, "currency", "USD", "amount", "2183", "premiumRate", "0.0014", "currencyRate", "6.7224", "premium", "3.06",
		"premiumOfCny", "20.57", "amountOfCny", "14675.00", "orderSubjectMatterInfo", "")
	change(t, r, changes...)
	return r
}

// messages are the texts of the faults that stand against issuing.
func message(t testing.TB, c policy.Catalog, r *policy.Request, lang policy.Lang) string {
	t.Helper()
	return decide(t, c, r).Faults.Message(lang, "")
}

// TestSumsInWords: a fault of a sum names every operand as it was sent, and
// shows the arithmetic.
func TestSumsInWords(t *testing.T) {
	var out strings.Builder
	for _, c := range []struct {
		name string
		r    *policy.Request
	}{
		{"premium 6.37", with(t, "premium", "6.37")},
		{"premium 6.35", with(t, "premium", "6.35")},
		{"premium 6.3625", with(t, "premium", "6.3625")},
		{"premium 0", with(t, "premium", "0")},
		{"premiumOfCny 6.35", with(t, "premiumOfCny", "6.35")},
		{"premium and premiumOfCny 6.37", with(t, "premium", "6.37", "premiumOfCny", "6.37")},
		{"amountOfCny 1018.01", with(t, "amountOfCny", "1018.01")},
		{"yen", with(t, "currency", "JPY", "amount", "1018.0", "premium", "6.36", "currencyRate", "0.05", "amountOfCny", "51", "premiumOfCny", "0.31")},
		{"dinar", with(t, "currency", "KWD", "amount", "1018", "premium", "6.36", "currencyRate", "23.5", "amountOfCny", "23923.00", "premiumOfCny", "9")},
		{"dollars", dollars(t, "premiumOfCny", "20.56")},
		{"no rate", with(t, "premiumRate", "", "premium", "50.91", "premiumOfCny", "50.91")},
		{"no rate, in CNY", with(t, "premiumRate", "", "premium", "6.37", "premiumOfCny", "6.36")},
	} {
		out.WriteString(c.name + "\n  " + message(t, newBond(), c.r, policy.Chinese) + "\n  " + message(t, newBond(), c.r, policy.English) + "\n")
	}
	own := rated{newBond(), money.MustParse("0.0065")}
	out.WriteString("the product's own rate\n  " + message(t, own, sample(t), policy.Chinese) + "\n  " + message(t, own, sample(t), policy.English) + "\n")
	golden(t, "sums.golden", out.String())
}

// TestPremiumInWords is the one text that the design fixes to the letter.
func TestPremiumInWords(t *testing.T) {
	const want = "premium: 应为 6.36 (amount 1018.0 × premiumRate 0.00625 = 6.3625, half_up), 申报 6.37"
	if got := message(t, newBond(), with(t, "premium", "6.37"), policy.Chinese); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

// TestPremium prices the sample in its variants: what it costs, to the minor
// unit, and what is said about what was declared.
func TestPremium(t *testing.T) {
	for name, c := range map[string]struct {
		terms   func(*policy.Terms)
		change  []string
		premium string // with the currency's decimals
		exact   string
		diff    string
		faults  string
	}{
		"as published": {premium: "6.36", exact: "6.3625", diff: "0"},
		"a cent more":  {change: also("premium", "6.37"), premium: "6.36", exact: "6.3625", diff: "0.01", faults: mismatch + "premium"},
		"a cent less":  {change: also("premium", "6.35"), premium: "6.36", exact: "6.3625", diff: "-0.01", faults: mismatch + "premium"},
		"not rounded":  {change: also("premium", "6.3625"), premium: "6.36", exact: "6.3625", diff: "0.0025", faults: mismatch + "premium"},
		"nothing":      {change: also("premium", "0"), premium: "6.36", exact: "6.3625", diff: "-6.36", faults: mismatch + "premium"},
		"rounded down": {
			terms:  func(t *policy.Terms) { t.Rounding = money.Down },
			change: also("amount", "1019", "premium", "6.36", "premiumOfCny", "6.36", "amountOfCny", "", "orderSubjectMatterInfo", ""), premium: "6.36", exact: "6.36875", diff: "0",
		},
		"rounded up": {
			terms:  func(t *policy.Terms) { t.Rounding = money.Up },
			change: also("premium", "6.37", "premiumOfCny", "6.37"), premium: "6.37", exact: "6.3625", diff: "0",
		},
		"a half, half up": {
			change: also("amount", "1000", "premiumRate", "0.006365", "premium", "6.37", "premiumOfCny", "6.37", "amountOfCny", ""), premium: "6.37", exact: "6.365", diff: "0",
		},
		"a half, half even": {
			terms:  func(t *policy.Terms) { t.Rounding = money.HalfEven },
			change: also("amount", "1000", "premiumRate", "0.006365", "premium", "6.36", "premiumOfCny", "6.36", "amountOfCny", ""), premium: "6.36", exact: "6.365", diff: "0",
		},
		"yen have no decimals": {
			change: also("currency", "JPY", "premium", "6", "premiumOfCny", "0.3", "currencyRate", "0.05", "amountOfCny", "50.9"), premium: "6", exact: "6.3625", diff: "0",
		},
		"dinars have three": {
			change:  also("currency", "KWD", "premium", "6.363", "premiumOfCny", "149.53", "currencyRate", "23.5", "amountOfCny", "23923", "orderSubjectMatterInfo", ""),
			premium: "6.363", exact: "6.3625", diff: "0",
		},
		"within the tolerance": {
			terms:  func(t *policy.Terms) { t.Declared.Premium.Within = money.MustParse("0.01") },
			change: also("premium", "6.37"), premium: "6.36", exact: "6.3625", diff: "0.01",
		},
		"just beyond the tolerance": {
			terms:  func(t *policy.Terms) { t.Declared.Premium.Within = money.MustParse("0.01") },
			change: also("premium", "6.38"), premium: "6.36", exact: "6.3625", diff: "0.02", faults: mismatch + "premium",
		},
		"within the tolerance, and yet no sum of money": {
			terms:  func(t *policy.Terms) { t.Declared.Premium.Within = money.MustParse("0.01") },
			change: also("premium", "6.3625"), premium: "6.36", exact: "6.3625", diff: "0.0025", faults: mismatch + "premium",
		},
		"observed": {
			terms:  func(t *policy.Terms) { t.Declared.Premium.Level = policy.Observe },
			change: also("premium", "6.37"), premium: "6.36", exact: "6.3625", diff: "0.01", faults: "note " + mismatch + "premium",
		},
		"observed, and above the sum insured": {
			terms:  func(t *policy.Terms) { t.Declared.Premium.Level = policy.Observe },
			change: also("premium", "1018.01"), premium: "6.36", exact: "6.3625", diff: "1011.65", faults: "note " + mismatch + "premium; " + mismatch + "premium",
		},
		"not checked": {
			terms:  func(t *policy.Terms) { t.Declared.Premium.Level = policy.Off },
			change: also("premium", "6.37"), premium: "6.36", exact: "6.3625", diff: "0.01",
		},
		"not checked, and above the sum insured": {
			terms:  func(t *policy.Terms) { t.Declared.Premium.Level = policy.Off },
			change: also("premium", "1018.01"), premium: "6.36", exact: "6.3625", diff: "1011.65", faults: mismatch + "premium",
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBond()
			if c.terms != nil {
				c.terms(&b.terms)
			}
			d := decide(t, b, with(t, c.change...))
			p := d.Premium
			if got := codes(d.Faults); got != c.faults {
				t.Errorf("faults %q, want %q", got, c.faults)
			}
			if got := p.Rounded.Fixed(p.Currency.MinorUnit()); got != c.premium || p.Exact.String() != c.exact || p.Difference.String() != c.diff {
				t.Errorf("premium %s of exactly %s, difference %s; want %s, %s, %s", got, p.Exact, p.Difference, c.premium, c.exact, c.diff)
			}
			if p.Source != policy.RateDeclared || !p.Known() {
				t.Errorf("rate from %q", p.Source)
			}
		})
	}
}

// TestPremiumOfCny: which of the three ways the caller went, and which the
// product lets pass.
func TestPremiumOfCny(t *testing.T) {
	for name, c := range map[string]struct {
		method   policy.Method
		within   string
		level    policy.Level
		declared string
		matched  policy.Method // MethodAny where none did
		cny      string
		faults   string
	}{
		"any, by A":             {policy.MethodAny, "0", policy.Refuse, "20.57", policy.MethodA, "20.57", ""},
		"any, by B":             {policy.MethodAny, "0", policy.Refuse, "20.54", policy.MethodB, "20.54", ""},
		"any, by C":             {policy.MethodAny, "0", policy.Refuse, "20.55", policy.MethodC, "20.55", ""},
		"any, by none":          {policy.MethodAny, "0", policy.Refuse, "20.56", policy.MethodAny, "20.57", mismatch + "premiumOfCny"},
		"any, a cent, A first":  {policy.MethodAny, "0.01", policy.Refuse, "20.56", policy.MethodA, "20.57", ""},
		"A only, by A":          {policy.MethodA, "0", policy.Refuse, "20.57", policy.MethodA, "20.57", ""},
		"A only, by B":          {policy.MethodA, "0", policy.Refuse, "20.54", policy.MethodAny, "20.57", mismatch + "premiumOfCny"},
		"B only, by B":          {policy.MethodB, "0", policy.Refuse, "20.54", policy.MethodB, "20.54", ""},
		"B only, by C":          {policy.MethodB, "0", policy.Refuse, "20.55", policy.MethodAny, "20.54", mismatch + "premiumOfCny"},
		"C only, by C":          {policy.MethodC, "0", policy.Refuse, "20.55", policy.MethodC, "20.55", ""},
		"C only, by A":          {policy.MethodC, "0", policy.Refuse, "20.57", policy.MethodAny, "20.55", mismatch + "premiumOfCny"},
		"A within a cent":       {policy.MethodA, "0.01", policy.Refuse, "20.58", policy.MethodA, "20.57", ""},
		"A beyond a cent":       {policy.MethodA, "0.01", policy.Refuse, "20.55", policy.MethodAny, "20.57", mismatch + "premiumOfCny"},
		"observed":              {policy.MethodAny, "0", policy.Observe, "20.56", policy.MethodAny, "20.57", "note " + mismatch + "premiumOfCny"},
		"not checked":           {policy.MethodAny, "0", policy.Off, "20.56", policy.MethodAny, "20.57", ""},
		"not checked, and by B": {policy.MethodAny, "0", policy.Off, "20.54", policy.MethodB, "20.54", ""},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBond()
			b.terms.Declared.Method = c.method
			b.terms.Declared.PremiumOfCny = policy.Sum{Level: c.level, Within: money.MustParse(c.within)}
			d := decide(t, b, dollars(t, "premiumOfCny", c.declared))
			if got := codes(d.Faults); got != c.faults {
				t.Errorf("faults %q, want %q", got, c.faults)
			}
			if d.Premium.Method != c.matched || d.Premium.CNY.Fixed(2) != c.cny {
				t.Errorf("%s CNY by %s, want %s by %s", d.Premium.CNY.Fixed(2), d.Premium.Method, c.cny, c.matched)
			}
		})
	}
}

// TestPremiumOfCnyIsHeldAgainstTheRightPremium: a wrong premium is blamed
// once, whatever premiumOfCny says.
func TestPremiumOfCnyIsHeldAgainstTheRightPremium(t *testing.T) {
	for premiumOfCny, want := range map[string]string{
		"20.57": mismatch + "premium",
		"20.64": mismatch + "premiumOfCny; " + mismatch + "premium", // 3.07 × 6.7224
	} {
		if got := codes(decide(t, newBond(), dollars(t, "premium", "3.07", "premiumOfCny", premiumOfCny)).Faults); got != want {
			t.Errorf("%s: got %s, want %s", premiumOfCny, got, want)
		}
	}
}

// TestWithoutRate: where neither the product nor the request has a rate, the
// premium must lie within the bounds, and CNY can only be reached from it.
func TestWithoutRate(t *testing.T) {
	for name, c := range map[string]struct {
		premium, premiumOfCny string
		faults                string
	}{
		"within":                     {"3.06", "20.57", ""},
		"within, by B":               {"3.06", "20.54", mismatch + "premiumOfCny"},
		"within, by C at rate 0":     {"3.06", "0", mismatch + "premiumOfCny"},
		"lowest":                     {"1.09", "7.33", ""}, // 1.0915
		"below the lowest":           {"1.08", "7.26", mismatch + "premium"},
		"highest":                    {"109.15", "733.75", ""},
		"above the highest":          {"109.16", "733.82", mismatch + "premium"},
		"no sum of money":            {"3.061", "20.58", mismatch + "premium"},
		"premium wrong, CNY unknown": {"0", "1", mismatch + "premium"},
	} {
		t.Run(name, func(t *testing.T) {
			d := decide(t, newBond(), dollars(t, "premiumRate", "", "premium", c.premium, "premiumOfCny", c.premiumOfCny))
			if got := codes(d.Faults); got != c.faults {
				t.Errorf("got %q, want %q", got, c.faults)
			}
			if d.Premium.Source != policy.RateUnknown {
				t.Errorf("rate from %q", d.Premium.Source)
			}
			if c.faults == "" && (d.Premium.Method != policy.MethodA || d.Premium.Rounded.Fixed(2) != c.premium) {
				t.Errorf("%+v", d.Premium)
			}
		})
	}
}

// TestOwnRate: a product's own rate prices, and a declared one that differs is
// refused, noted or let pass, as its terms say.
func TestOwnRate(t *testing.T) {
	for name, c := range map[string]struct {
		rate   string
		level  policy.Level
		change []string
		faults string
	}{
		"the same rate":           {"0.006250", policy.Refuse, nil, ""},
		"none declared":           {"0.00625", policy.Refuse, also("premiumRate", ""), ""},
		"another rate":            {"0.0065", policy.Refuse, nil, mismatch + "premiumRate; " + mismatch + "premiumOfCny; " + mismatch + "premium"},
		"another, the right sums": {"0.0065", policy.Refuse, also("premium", "6.62", "premiumOfCny", "6.62"), mismatch + "premiumRate"},
		"another, observed":       {"0.0065", policy.Observe, also("premium", "6.62", "premiumOfCny", "6.62"), "note " + mismatch + "premiumRate"},
		"another, let pass":       {"0.0065", policy.Off, also("premium", "6.62", "premiumOfCny", "6.62"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBond()
			b.terms.Declared.PremiumRate = c.level
			d := decide(t, rated{b, money.MustParse(c.rate)}, with(t, c.change...))
			if got := codes(d.Faults); got != c.faults {
				t.Errorf("got %q, want %q", got, c.faults)
			}
			if d.Premium.Source != policy.RateProduct || !d.Premium.Rate.Equal(money.MustParse(c.rate)) {
				t.Errorf("rate %s from %q", d.Premium.Rate, d.Premium.Source)
			}
		})
	}
}

// TestAmountOfCny: checked and derived with the product's rounding alike.
func TestAmountOfCny(t *testing.T) {
	for name, c := range map[string]struct {
		rounding money.Rounding
		level    policy.Level
		within   string
		declared string
		faults   string
	}{
		"exact is 14674.9992":       {money.HalfUp, policy.Refuse, "0", "14675.00", ""},
		"a cent less":               {money.HalfUp, policy.Refuse, "0", "14674.99", mismatch + "amountOfCny"},
		"rounded down":              {money.Down, policy.Refuse, "0", "14674.99", ""},
		"rounded down, a cent more": {money.Down, policy.Refuse, "0", "14675.00", mismatch + "amountOfCny"},
		"within a cent":             {money.HalfUp, policy.Refuse, "0.01", "14674.99", ""},
		"observed":                  {money.HalfUp, policy.Observe, "0", "14674.99", "note " + mismatch + "amountOfCny"},
		"not checked":               {money.HalfUp, policy.Off, "0", "1", ""},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBond()
			b.terms.Rounding = c.rounding
			b.terms.Declared.AmountOfCny = policy.Sum{Level: c.level, Within: money.MustParse(c.within)}
			b.terms.Declared.Premium.Level, b.terms.Declared.PremiumOfCny.Level = policy.Off, policy.Off
			d := decide(t, b, dollars(t, "amountOfCny", c.declared))
			if got := codes(d.Faults); got != c.faults {
				t.Errorf("declared: got %q, want %q", got, c.faults)
			}
			left := decide(t, b, dollars(t, "amountOfCny", "")).Application
			if c.faults == "" && c.within == "0" && c.level == policy.Refuse && left.AmountOfCny.Fixed(2) != c.declared {
				t.Errorf("derived %s, and %s is what passes the check", left.AmountOfCny.Fixed(2), c.declared)
			}
		})
	}
}

// TestDerived: what was left out is filled in and marked, and what cannot be
// filled in because an operand is faulty is neither there nor sound.
func TestDerived(t *testing.T) {
	period, cny := policy.SetOf("insurePeriod"), policy.SetOf("amountOfCny")
	for name, c := range map[string]struct {
		change          []string
		derived         policy.FieldSet
		unsound         policy.FieldSet
		period          int
		amountOfCny     string
		has, hasNothing []string
	}{
		"nothing":           {nil, 0, 0, 40, "1018", also("insurePeriod", "amountOfCny", "attrs"), nil},
		"both":              {also("insurePeriod", "", "amountOfCny", ""), period | cny, 0, 40, "1018", also("insurePeriod", "amountOfCny"), nil},
		"rate of CNY wrong": {also("amountOfCny", "", "currencyRate", "1.1"), cny, cny, 40, "1119.8", nil, nil},
		"amount faulty":     {also("amountOfCny", "", "amount", "-1"), 0, cny, 40, "0", nil, also("amountOfCny")},
		"expireTime faulty": {also("insurePeriod", "", "expireTime", "?"), 0, period, 0, "1018", nil, also("insurePeriod")},
		"expireTime early":  {also("insurePeriod", "", "expireTime", "2021-01-01 00:00:00"), 0, period, 0, "1018", nil, also("insurePeriod")},
		"sent and faulty":   {also("insurePeriod", "x", "amountOfCny", "x"), 0, period | cny, 0, "0", also("insurePeriod", "amountOfCny"), nil},
		"an empty object":   {also("attrs", ""), 0, 0, 40, "1018", nil, also("attrs", "attrs.insuranceTypes")},
	} {
		t.Run(name, func(t *testing.T) {
			a := decide(t, newBond(), with(t, c.change...)).Application
			if a.Derived() != c.derived {
				t.Errorf("derived %v, want %v", a.Derived().Paths(), c.derived.Paths())
			}
			for _, set := range []policy.FieldSet{period, cny} {
				if sound := !c.unsound.Overlaps(set); a.Sound(set) != sound {
					t.Errorf("%v sound: %v", set.Paths(), a.Sound(set))
				}
			}
			if a.InsurePeriod != c.period || a.AmountOfCny.String() != c.amountOfCny {
				t.Errorf("period %d, amountOfCny %s; want %d, %s", a.InsurePeriod, a.AmountOfCny, c.period, c.amountOfCny)
			}
			for _, path := range c.has {
				if !a.Has(path) || !a.HasAny(policy.SetOf(path)) {
					t.Errorf("%s is not there", path)
				}
			}
			for _, path := range c.hasNothing {
				if a.Has(path) || a.HasAny(policy.SetOf(path)) {
					t.Errorf("%s is there", path)
				}
			}
		})
	}
}

// TestTypedFieldsAreSound: a typed field holds a value only where its text is
// sound, whoever found the fault, so that nobody reckons with half of one.
func TestTypedFieldsAreSound(t *testing.T) {
	typed := map[string]func(*policy.Application) bool{ // is it empty?
		"insureTime":                         func(a *policy.Application) bool { return a.InsureTime.IsZero() },
		"effectTime":                         func(a *policy.Application) bool { return a.EffectTime.IsZero() },
		"expireTime":                         func(a *policy.Application) bool { return a.ExpireTime.IsZero() },
		"attrs.agreeOnSendTime":              func(a *policy.Application) bool { return a.AgreeOnSendTime.IsZero() },
		"amount":                             func(a *policy.Application) bool { return a.Amount.IsZero() },
		"premiumRate":                        func(a *policy.Application) bool { return a.PremiumRate.IsZero() },
		"premium":                            func(a *policy.Application) bool { return a.Premium.IsZero() },
		"premiumOfCny":                       func(a *policy.Application) bool { return a.PremiumOfCny.IsZero() },
		"amountOfCny":                        func(a *policy.Application) bool { return a.AmountOfCny.IsZero() },
		"currencyRate":                       func(a *policy.Application) bool { return a.CurrencyRate.IsZero() },
		"orderSubjectMatterInfo.orderAmount": func(a *policy.Application) bool { return a.OrderAmount.IsZero() },
		"currency":                           func(a *policy.Application) bool { return a.Currency == "" },
		"insurePeriod":                       func(a *policy.Application) bool { return a.InsurePeriod == 0 },
		"attrs.insuranceTypes":               func(a *policy.Application) bool { return len(a.InsuranceTypes) == 0 },
	}
	for path, empty := range typed {
		if a, _ := policy.NewApplication(sample(t)); empty(a) {
			t.Errorf("%s of the sample is empty", path)
		}
		r := sample(t)
		r.Unread = []policy.Fault{policy.Invalid(path, "应为字符串", "want a string")}
		if a, _ := policy.NewApplication(r); !empty(a) {
			t.Errorf("%s, which the channel could not read, has a value", path)
		}
	}
	for _, c := range shapeCases() {
		empty, ok := typed[c.field]
		if a, faults := policy.NewApplication(with(t, c.field, c.value)); ok && codes(faults) == invalid+c.field && !empty(a) {
			t.Errorf("%s has a value", caseName(c))
		}
	}
}

// TestPeriod: inclusive calendar days at +08:00, within the product's
// tolerance, either way.
func TestPeriod(t *testing.T) {
	for within, c := range map[int]map[string]bool{
		0: {"39": false, "40": true, "40.0": true, "41": false},
		1: {"38": false, "39": true, "40": true, "41": true, "42": false},
	} {
		for declared, ok := range c {
			b := newBond()
			b.terms.Checks.PeriodWithin = within
			want := ""
			if !ok {
				want = mismatch + "insurePeriod"
			}
			if got := codes(decide(t, b, with(t, "insurePeriod", declared)).Faults); got != want {
				t.Errorf("%s within %d: got %q, want %q", declared, within, got, want)
			}
		}
	}
}

func TestCalendarDays(t *testing.T) {
	at := func(text string) time.Time {
		moment, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return moment
	}
	for _, c := range []struct {
		from, to string
		want     int
	}{
		{"2021-08-04T15:23:26+08:00", "2021-09-12T23:59:59+08:00", 40},
		{"2021-08-04T00:00:00+08:00", "2021-08-04T23:59:59+08:00", 1},
		{"2021-08-04T23:59:59+08:00", "2021-08-05T00:00:00+08:00", 2},
		{"2021-08-03T16:00:00Z", "2021-08-04T15:59:59Z", 1}, // one day at +08:00, two in UTC
		{"2020-02-28T00:00:00+08:00", "2020-03-01T00:00:00+08:00", 3},
		{"2000-01-01T00:00:00+08:00", "2099-12-31T23:59:59+08:00", 36525},
		{"2021-08-05T00:00:00+08:00", "2021-08-04T23:59:59+08:00", -2},
	} {
		if got := policy.CalendarDays(at(c.from), at(c.to)); got != c.want {
			t.Errorf("%s to %s: %d, want %d", c.from, c.to, got, c.want)
		}
	}
}

func TestQuote(t *testing.T) {
	terms := newBond().terms
	for name, c := range map[string]struct {
		amount, rate string
		currency     money.Currency
		premium      string
		faults       string
	}{
		"as published":     {"1018.0", "0.00625", "CNY", "6.36", ""},
		"yen":              {"1018.0", "0.00625", "JPY", "6", ""},
		"dinars":           {"1018.0", "0.00625", "KWD", "6.363", ""},
		"half a yen":       {"1018.5", "0.00625", "JPY", "", mismatch + "amount"},
		"no such currency": {"1018.0", "0.00625", "XXX", "", invalid + "currency"},
		"nothing insured":  {"0", "0.00625", "CNY", "", invalid + "amount"},
		"a percentage":     {"1018.0", "0.625", "CNY", "", invalid + "premiumRate"},
		"all, in page order": {"0", "0.625", "GBP", "", invalid + "amount; " + invalid + "premiumRate; " +
			invalid + "currency"},
	} {
		t.Run(name, func(t *testing.T) {
			p, faults := policy.Quote(money.MustParse(c.amount), money.MustParse(c.rate), c.currency, terms)
			if got := codes(faults); got != c.faults {
				t.Errorf("faults %q, want %q", got, c.faults)
			}
			if p.Known() != (c.premium != "") || p.Known() && p.Rounded.Fixed(c.currency.MinorUnit()) != c.premium {
				t.Errorf("premium %s, want %s", p.Rounded, c.premium)
			}
		})
	}
}

// TestPremiumReadsBack: a premium is kept with its policy, so that every part
// of it, the exact product of three long factors and a negative difference
// too, must read back as it was.
func TestPremiumReadsBack(t *testing.T) {
	b := newBond()
	b.terms.Declared.Premium.Level, b.terms.Declared.PremiumOfCny.Level = policy.Observe, policy.Observe
	for name, r := range map[string]*policy.Request{
		"sample":     sample(t),
		"dollars":    dollars(t),
		"less":       dollars(t, "premium", "1.00"),
		"no rate":    dollars(t, "premiumRate", ""),
		"unknown":    dollars(t, "amount", "x"),
		"many parts": dollars(t, "amount", "123456789012.34", "premiumRate", "0.0123456789", "currencyRate", "6.1234567891", "amountOfCny", ""),
	} {
		t.Run(name, func(t *testing.T) {
			want := decide(t, b, r).Premium
			text, err := json.Marshal(want)
			if err != nil {
				t.Fatal(err)
			}
			var got policy.Premium
			if err := json.Unmarshal(text, &got); err != nil {
				t.Fatalf("%v\n%s", err, text)
			}
			again, _ := json.Marshal(got)
			if string(again) != string(text) || got.Method != want.Method || got.Rounding != want.Rounding || !got.Exact.Equal(want.Exact) || !got.Difference.Equal(want.Difference) {
				t.Errorf("\n got %s\nwant %s", again, text)
			}
		})
	}
}

func TestMethodText(t *testing.T) {
	for m := policy.MethodAny; m <= policy.MethodC; m++ {
		text, err := m.MarshalText()
		var back policy.Method
		if err != nil || back.UnmarshalText(text) != nil || back != m {
			t.Errorf("%v: %s, %v, %v", m, text, err, back)
		}
	}
	var m policy.Method
	if m.UnmarshalText([]byte("D")) == nil || m.UnmarshalText(nil) == nil {
		t.Error("an unknown method was read")
	}
	if got := policy.Method(9).String(); got != "Method(9)" {
		t.Errorf("a method that is none: %s", got)
	}
}
