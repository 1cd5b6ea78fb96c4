package money_test

import (
	"testing"

	"github.com/chudan-io/chudan/policy/money"
)

var modes = []money.Rounding{money.HalfUp, money.HalfEven, money.Down, money.Up}

// answers are what the four modes give, in the order of modes.
type answers [4]string

func (want answers) check(t *testing.T, got func(money.Rounding) money.Decimal) {
	t.Helper()
	for i, r := range modes {
		if s := got(r).String(); s != want[i] {
			t.Errorf("%s: got %s, want %s", r, s, want[i])
		}
	}
}

func TestRound(t *testing.T) {
	for name, c := range map[string]struct {
		in     string
		places int
		want   answers // half_up, half_even, down, up
	}{
		"the sample's premium":     {"6.3625", 2, answers{"6.36", "6.36", "6.36", "6.37"}},
		"nothing to round":         {"6.36", 2, answers{"6.36", "6.36", "6.36", "6.36"}},
		"fewer decimals":           {"6.3", 2, answers{"6.3", "6.3", "6.3", "6.3"}},
		"only zeros to drop":       {"6.3600", 2, answers{"6.36", "6.36", "6.36", "6.36"}},
		"zero":                     {"0.000", 2, answers{"0", "0", "0", "0"}},
		"half above even":          {"0.005", 2, answers{"0.01", "0", "0", "0.01"}},
		"half above odd":           {"0.015", 2, answers{"0.02", "0.02", "0.01", "0.02"}},
		"half with zeros":          {"0.00500", 2, answers{"0.01", "0", "0", "0.01"}},
		"a hair below half":        {"0.0049999999", 2, answers{"0", "0", "0", "0.01"}},
		"a hair above half":        {"0.0050000001", 2, answers{"0.01", "0.01", "0", "0.01"}},
		"a hair above none":        {"6.3600000001", 2, answers{"6.36", "6.36", "6.36", "6.37"}},
		"carry":                    {"9.995", 2, answers{"10", "10", "9.99", "10"}},
		"carry to half even":       {"9.985", 2, answers{"9.99", "9.98", "9.98", "9.99"}},
		"yen":                      {"636.5", 0, answers{"637", "636", "636", "637"}},
		"dinar":                    {"6.3625", 3, answers{"6.363", "6.362", "6.362", "6.363"}},
		"unidad de fomento":        {"6.36255", 4, answers{"6.3626", "6.3626", "6.3625", "6.3626"}},
		"tens":                     {"125", -1, answers{"130", "120", "120", "130"}},
		"below a ten":              {"4", -1, answers{"0", "0", "0", "10"}},
		"negative half above even": {"-0.005", 2, answers{"-0.01", "0", "0", "-0.01"}},
		"negative half above odd":  {"-0.015", 2, answers{"-0.02", "-0.02", "-0.01", "-0.02"}},
		"negative":                 {"-6.3625", 2, answers{"-6.36", "-6.36", "-6.36", "-6.37"}},
		"negative yen":             {"-636.5", 0, answers{"-637", "-636", "-636", "-637"}},
		"beyond 64 bits":           {"123456789012345678901.125", 2, answers{"123456789012345678901.13", "123456789012345678901.12", "123456789012345678901.12", "123456789012345678901.13"}},
	} {
		t.Run(name, func(t *testing.T) {
			d := dec(t, c.in)
			c.want.check(t, func(r money.Rounding) money.Decimal { return d.Round(c.places, r) })
		})
	}
}

func TestRoundAfterShift(t *testing.T) {
	d := money.FromInt(125).Shift(1)
	answers{"1250", "1250", "1250", "1250"}.check(t, func(r money.Rounding) money.Decimal { return d.Round(2, r) })
	answers{"1300", "1200", "1200", "1300"}.check(t, func(r money.Rounding) money.Decimal { return d.Round(-2, r) })
}

func TestQuo(t *testing.T) {
	for name, c := range map[string]struct {
		a, b   string
		places int
		want   answers // half_up, half_even, down, up
	}{
		"even":                       {"10", "4", 2, answers{"2.5", "2.5", "2.5", "2.5"}},
		"by one":                     {"6.36", "1.00", 2, answers{"6.36", "6.36", "6.36", "6.36"}},
		"a third":                    {"100", "3", 2, answers{"33.33", "33.33", "33.33", "33.34"}},
		"two thirds":                 {"200", "3", 2, answers{"66.67", "66.67", "66.66", "66.67"}},
		"exact half above even":      {"1", "8", 2, answers{"0.13", "0.12", "0.12", "0.13"}},
		"exact half above odd":       {"3", "8", 2, answers{"0.38", "0.38", "0.37", "0.38"}},
		"exact half of a yen":        {"5", "2", 0, answers{"3", "2", "2", "3"}},
		"half of the smallest":       {"0.01", "2", 2, answers{"0.01", "0", "0", "0.01"}},
		"a hair below half":          {"0.0999999999", "0.2", 0, answers{"0", "0", "0", "1"}},
		"a hair above half":          {"0.1000000001", "0.2", 0, answers{"1", "1", "0", "1"}},
		"a hair above half, unseen":  {"500000000000001", "1000000000000000", 0, answers{"1", "1", "0", "1"}},
		"negative ÷ positive":        {"-100", "3", 2, answers{"-33.33", "-33.33", "-33.33", "-33.34"}},
		"positive ÷ negative":        {"100", "-3", 2, answers{"-33.33", "-33.33", "-33.33", "-33.34"}},
		"negative ÷ negative":        {"-100", "-3", 2, answers{"33.33", "33.33", "33.33", "33.34"}},
		"negative half above even":   {"-1", "8", 2, answers{"-0.13", "-0.12", "-0.12", "-0.13"}},
		"negative half above odd":    {"3", "-8", 2, answers{"-0.38", "-0.38", "-0.37", "-0.38"}},
		"negative, all cut off":      {"-0.01", "3", 2, answers{"0", "0", "0", "-0.01"}},
		"zero":                       {"0", "3", 2, answers{"0", "0", "0", "0"}},
		"by a small one":             {"1", "0.0000000003", 2, answers{"3333333333.33", "3333333333.33", "3333333333.33", "3333333333.34"}},
		"a small one":                {"0.0000000001", "999999999999999", 2, answers{"0", "0", "0", "0.01"}},
		"a premium's rate":           {"6.36", "1018.0", 10, answers{"0.0062475442", "0.0062475442", "0.0062475442", "0.0062475443"}},
		"tens":                       {"375", "3", -1, answers{"130", "120", "120", "130"}},
		"0.1 ÷ 0.3 to one place":     {"0.1", "0.3", 1, answers{"0.3", "0.3", "0.3", "0.4"}},
		"half whose last digit is 9": {"79.95", "10", 2, answers{"8", "8", "7.99", "8"}},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := dec(t, c.a), dec(t, c.b)
			c.want.check(t, func(r money.Rounding) money.Decimal {
				q, ok := a.Quo(b, c.places, r)
				if !ok {
					t.Errorf("%s: not ok", r)
				}
				return q
			})
		})
	}
	if q, ok := money.FromInt(1).Quo(dec(t, "0.00"), 2, money.HalfUp); ok || !q.IsZero() {
		t.Errorf("1 ÷ 0 gives %s, %t", q, ok)
	}
}

func TestParseRounding(t *testing.T) {
	for i, name := range []string{"half_up", "half_even", "down", "up"} {
		if r, err := money.ParseRounding(name); err != nil || r != modes[i] || r.String() != name {
			t.Errorf("%s is read as %s, %v", name, r, err)
		}
	}
	for name, in := range map[string]string{
		"empty": "", "capitals": "HALF_UP", "another law": "half_down", "hyphen": "half-up", "space": "up ", "number": "0",
	} {
		t.Run(name, func(t *testing.T) {
			if r, err := money.ParseRounding(in); err == nil {
				t.Errorf("read as %s", r)
			}
		})
	}
}

func TestUnknownRounding(t *testing.T) {
	r := money.Rounding(9)
	if got := r.String(); got != "Rounding(9)" {
		t.Errorf("String: %s", got)
	}
	if got := dec(t, "0.005").Round(2, r).String(); got != "0.01" {
		t.Errorf("rounds 0.005 to %s, want half up", got)
	}
	if q, ok := money.FromInt(1).Quo(money.FromInt(8), 2, r); !ok || q.String() != "0.13" {
		t.Errorf("1 ÷ 8 gives %s, want half up", q)
	}
}

// TestRoundingText: a rounding reads back what it writes, and nothing else; it
// is kept with every policy.
func TestRoundingText(t *testing.T) {
	for _, want := range modes {
		text, err := want.MarshalText()
		var got money.Rounding
		if err != nil || got.UnmarshalText(text) != nil || got != want {
			t.Errorf("%s: %s, %v, read as %s", want, text, err, got)
		}
	}
	got := money.Down
	if err := got.UnmarshalText([]byte("half_down")); err == nil || got != money.Down {
		t.Errorf("half_down was read as %s, %v", got, err)
	}
}
