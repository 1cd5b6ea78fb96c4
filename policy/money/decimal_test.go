package money_test

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/chudan-io/chudan/policy/money"
)

// dec reads a decimal of a test's table, which unlike Parse may be negative
// and as long as a product.
func dec(t testing.TB, s string) money.Decimal {
	t.Helper()
	var d money.Decimal
	if err := d.UnmarshalText([]byte(s)); err != nil {
		t.Fatalf("%q: %v", s, err)
	}
	return d
}

var accepted = map[string]struct{ in, want string }{
	"zero":                {"0", "0"},
	"zero with decimals":  {"0.0000000000", "0"},
	"one":                 {"1", "1"},
	"the sample's amount": {"1018.0", "1018"},
	"the sample's rate":   {"0.00625", "0.00625"},
	"trailing zeros":      {"1018.00", "1018"},
	"15 digits":           {"999999999999999", "999999999999999"},
	"10 decimals":         {"0.0000000001", "0.0000000001"},
	"15 and 10":           {"999999999999999.9999999999", "999999999999999.9999999999"},
	"18 digits in all":    {"99999999.9999999999", "99999999.9999999999"},
	"19 digits in all":    {"999999999.9999999999", "999999999.9999999999"},
	"inner zeros":         {"1000000.0000001", "1000000.0000001"},
}

var refused = map[string]string{
	"empty":                        "",
	"minus":                        "-1",
	"two minuses":                  "--5",
	"minus alone":                  "-",
	"minus zero":                   "-0",
	"plus":                         "+1",
	"U+2212 minus":                 "\u22121",
	"exponent":                     "1e3",
	"exponent in capitals":         "1E3",
	"an exponent to kill a server": "1e1000000000",
	"a small one":                  "1e-1000000000",
	"thousands":                    "1,018",
	"a comma for the point":        "1,5",
	"full-width digits":            "１０１８",
	"full-width point":             "1．5",
	"Arabic digits":                "١٢٣",
	"no digit before the point":    ".5",
	"no digit after the point":     "5.",
	"the point alone":              ".",
	"two points":                   "1.2.3",
	"a sign after the point":       "1.-5",
	"two zeros":                    "00",
	"leading zero":                 "01.0",
	"leading zeros":                "007",
	"NaN":                          "NaN",
	"infinity":                     "Inf",
	"hexadecimal":                  "0x10",
	"binary":                       "0b1",
	"underscore":                   "1_000",
	"leading space":                " 1",
	"trailing space":               "1 ",
	"inner space":                  "1 0",
	"line end":                     "1\n",
	"ideographic space":            "1\u3000",
	"byte order mark":              "\ufeff1",
	"NUL at the end":               "1\x00",
	"NUL alone":                    "\x00",
	"bad UTF-8":                    "1\xff",
	"percent":                      "0.625%",
	"currency":                     "¥1018",
	"fraction":                     "1/3",
	"16 digits":                    "1000000000000000",
	"16 digits and a point":        "1000000000000000.0",
	"11 decimals":                  "0.00000000001",
	"11 decimals, all zeros":       "1.00000000000",
	"a million digits":             strings.Repeat("9", 1e6),
	"a million zeros":              strings.Repeat("0", 1e6),
	"a million decimals":           "0." + strings.Repeat("3", 1e6),
	"a million minuses":            strings.Repeat("-", 1e6),
}

func TestParse(t *testing.T) {
	for name, c := range accepted {
		t.Run(name, func(t *testing.T) {
			d, err := money.Parse(c.in)
			if err != nil || !money.Valid(c.in) {
				t.Fatalf("refused: %v", err)
			}
			if got := d.String(); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
	for name, in := range refused {
		t.Run(name, func(t *testing.T) {
			d, err := money.Parse(in)
			if !errors.Is(err, money.ErrSyntax) || money.Valid(in) {
				t.Fatalf("accepted as %s, %v", d, err)
			}
			if !d.IsZero() {
				t.Error("a refused text leaves a value")
			}
		})
	}
}

// A text is refused by its first bytes: what follows them must not be copied,
// counted or computed with. shopspring/decimal needs seconds for a million digits.
func TestParseRefusesBombsAtOnce(t *testing.T) {
	const n, limit = 1000, 20 * time.Microsecond // nanoseconds in fact; the rest is for busy machines
	for _, name := range []string{"a million digits", "a million zeros", "a million decimals", "a million minuses", "an exponent to kill a server"} {
		t.Run(name, func(t *testing.T) {
			text := refused[name]
			raw := []byte(text)
			if allocs := testing.AllocsPerRun(100, func() { _, _ = money.Parse(text) }); allocs > 0 {
				t.Errorf("Parse: %v allocations", allocs)
			}
			var d money.Decimal
			if allocs := testing.AllocsPerRun(100, func() { _ = d.UnmarshalText(raw) }); allocs > 0 && len(raw) > 100 {
				t.Errorf("UnmarshalText: %v allocations", allocs)
			}
			start := time.Now()
			for range n {
				_, _ = money.Parse(text)
			}
			each := time.Since(start) / n
			if each > limit {
				t.Errorf("%v for each, want at most %v", each, limit)
			}
			t.Logf("%d bytes refused in %v", len(text), each)
		})
	}
}

func TestMustParse(t *testing.T) {
	if got := money.MustParse("6.36").String(); got != "6.36" {
		t.Errorf("got %s", got)
	}
	defer func() {
		if recover() == nil {
			t.Error("a bad literal does not panic")
		}
	}()
	money.MustParse("6,36")
}

func TestZeroValue(t *testing.T) {
	var d money.Decimal
	if d.String() != "0" || d.Fixed(2) != "0.00" || d.Scale() != 0 || d.Sign() != 0 || !d.IsZero() || !d.Equal(money.FromInt(0)) {
		t.Errorf("the zero value is not 0 but %s, %s", d, d.Fixed(2))
	}
	if n, ok := d.Int64(); n != 0 || !ok {
		t.Errorf("Int64: %d, %t", n, ok)
	}
	if got := d.Add(money.FromInt(1)).Mul(d).Sub(d).Neg().Abs().Round(2, money.Up); !got.IsZero() {
		t.Errorf("arithmetic on the zero value gives %s", got)
	}
	if q, ok := d.Quo(money.FromInt(3), 2, money.Up); !ok || !q.IsZero() {
		t.Errorf("0 ÷ 3 gives %s, %t", q, ok)
	}
}

func TestWriting(t *testing.T) {
	for name, c := range map[string]struct {
		in             string
		text, fixed    string // fixed has two places
		scale          int
		whole          int64
		wholeIsAllOfIt bool
	}{
		"zero":                  {"0", "0", "0.00", 0, 0, true},
		"zero with decimals":    {"0.000", "0", "0.00", 0, 0, true},
		"whole":                 {"1018", "1018", "1018.00", 0, 1018, true},
		"whole with zeros":      {"1018.00", "1018", "1018.00", 0, 1018, true},
		"round thousands":       {"1000000", "1000000", "1000000.00", 0, 1000000, true},
		"one decimal":           {"6.3", "6.3", "6.30", 1, 0, false},
		"two decimals":          {"6.36", "6.36", "6.36", 2, 0, false},
		"a zero after three":    {"1.250", "1.25", "1.25", 2, 0, false},
		"below one":             {"0.05", "0.05", "0.05", 2, 0, false},
		"negative":              {"-6.3", "-6.3", "-6.30", 1, 0, false},
		"negative whole":        {"-40.0", "-40", "-40.00", 0, -40, true},
		"minus zero":            {"-0.00", "0", "0.00", 0, 0, true},
		"never rounded":         {"6.3625", "6.3625", "6.3625", 4, 0, false},
		"19 digits, fitting":    {"9223372036854775807", "9223372036854775807", "9223372036854775807.00", 0, math.MaxInt64, true},
		"the lowest":            {"-9223372036854775808", "-9223372036854775808", "-9223372036854775808.00", 0, math.MinInt64, true},
		"one above the highest": {"9223372036854775808", "9223372036854775808", "9223372036854775808.00", 0, 0, false},
		"beyond 64 bits":        {"123456789012345678901234567890.10", "123456789012345678901234567890.1", "123456789012345678901234567890.10", 1, 0, false},
		"long, but whole":       {"1018.000000000000000000000000", "1018", "1018.00", 0, 1018, true},
		"long, and small":       {"0.000000000000000000000000000010", "0.00000000000000000000000000001", "0.00000000000000000000000000001", 29, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			d := dec(t, c.in)
			if got := d.String(); got != c.text {
				t.Errorf("String: got %s, want %s", got, c.text)
			}
			if got := d.Fixed(2); got != c.fixed {
				t.Errorf("Fixed: got %s, want %s", got, c.fixed)
			}
			if got := d.Scale(); got != c.scale {
				t.Errorf("Scale: got %d, want %d", got, c.scale)
			}
			if n, ok := d.Int64(); n != c.whole || ok != c.wholeIsAllOfIt {
				t.Errorf("Int64: got %d, %t, want %d, %t", n, ok, c.whole, c.wholeIsAllOfIt)
			}
		})
	}
}

// Shift leaves values whose exponent is above zero, which no text has.
func TestShift(t *testing.T) {
	for name, c := range map[string]struct {
		in     string
		places int
		text   string
		scale  int
		whole  int64
	}{
		"yuan to fen":      {"1018.01", 2, "101801", 0, 101801},
		"fen to yuan":      {"101801", -2, "1018.01", 2, 0},
		"up":               {"12", 3, "12000", 0, 12000},
		"up to the limit":  {"9", 18, "9000000000000000000", 0, 9e18},
		"beyond the limit": {"9", 19, "90000000000000000000", 0, 0},
		"nowhere":          {"12", 0, "12", 0, 12},
		"zero":             {"0", 5, "0", 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			d := dec(t, c.in).Shift(c.places)
			if d.String() != c.text || d.Fixed(0) != c.text || d.Scale() != c.scale {
				t.Errorf("got %s, %s, scale %d", d, d.Fixed(0), d.Scale())
			}
			if n, _ := d.Int64(); n != c.whole {
				t.Errorf("Int64: got %d, want %d", n, c.whole)
			}
			if back := d.Shift(-c.places); back.String() != c.in || !back.Equal(dec(t, c.in)) {
				t.Errorf("and back: %s", back)
			}
		})
	}
}

func TestArithmetic(t *testing.T) {
	for name, c := range map[string]struct {
		got  money.Decimal
		want string
	}{
		"0.1 + 0.2":             {dec(t, "0.1").Add(dec(t, "0.2")), "0.3"},
		"of different scales":   {dec(t, "100").Sub(dec(t, "0.0000000001")), "99.9999999999"},
		"below zero":            {dec(t, "6.36").Sub(dec(t, "6.37")), "-0.01"},
		"a premium":             {dec(t, "1018.0").Mul(dec(t, "0.00625")), "6.3625"},
		"the longest product":   {dec(t, "999999999999999.9999999999").Mul(dec(t, "0.9999999999")), "999999999899999.99999999990000000001"},
		"absolute":              {dec(t, "-6.36").Abs(), "6.36"},
		"negated":               {dec(t, "6.36").Neg(), "-6.36"},
		"negated zero":          {dec(t, "0").Neg(), "0"},
		"int":                   {money.FromInt(math.MinInt64), "-9223372036854775808"},
		"operands stay as were": {operands(t), "6.36"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := c.got.String(); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// operands is 6.36 after everything has been done to it.
func operands(t *testing.T) money.Decimal {
	d := dec(t, "6.36")
	e := d
	for _, r := range modes {
		_, _ = e.Quo(dec(t, "7"), 3, r)
		_ = e.Round(1, r)
	}
	_ = e.Add(e).Mul(e).Sub(e).Neg().Abs().Shift(3)
	e.Rat().SetInt64(0)
	_ = e.UnmarshalText([]byte("1"))
	return d
}

func TestComparison(t *testing.T) {
	for name, c := range map[string]struct {
		a, b string
		want int
	}{
		"the same":           {"6.36", "6.36", 0},
		"in other spellings": {"100.00", "100.0", 0},
		"zeros":              {"0", "0.00", 0},
		"below":              {"6.3599999999", "6.36", -1},
		"above":              {"10", "9.99", 1},
		"about zero":         {"-0.01", "0.01", -1},
		"negative":           {"-2", "-10.0", 1},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := dec(t, c.a), dec(t, c.b)
			if a.Cmp(b) != c.want || b.Cmp(a) != -c.want {
				t.Errorf("Cmp: got %d and %d, want %d", a.Cmp(b), b.Cmp(a), c.want)
			}
			if a.Equal(b) != (c.want == 0) || a.Less(b) != (c.want < 0) || (a.String() == b.String()) != (c.want == 0) {
				t.Errorf("Equal %t, Less %t, %s and %s", a.Equal(b), a.Less(b), a, b)
			}
		})
	}
}

func TestWithin(t *testing.T) {
	for name, c := range map[string]struct {
		a, b, tolerance string
		want            bool
	}{
		"equal at none":     {"6.36", "6.360", "0", true},
		"apart at none":     {"6.36", "6.37", "0", false},
		"at the edge":       {"6.36", "6.37", "0.01", true},
		"at the other edge": {"6.37", "6.36", "0.01", true},
		"beyond":            {"6.36", "6.3700000001", "0.01", false},
		"about zero":        {"-0.01", "0.01", "0.02", true},
	} {
		t.Run(name, func(t *testing.T) {
			if got := dec(t, c.a).Within(dec(t, c.b), dec(t, c.tolerance)); got != c.want {
				t.Errorf("got %t", got)
			}
		})
	}
}

func TestJSON(t *testing.T) {
	type sum struct {
		Amount money.Decimal
		ByName map[string]money.Decimal
	}
	// As long as anything that is computed: amount × rate × currency rate.
	longest := dec(t, "999999999999999.9999999999")
	longest = longest.Mul(longest).Mul(longest)
	for name, d := range map[string]money.Decimal{
		"zero":            {},
		"cents":           dec(t, "6.36"),
		"trailing zeros":  dec(t, "1018.00"),
		"negative":        dec(t, "-0.01"),
		"exact product":   dec(t, "123456789012345.67").Mul(dec(t, "0.0123456789")),
		"longest product": longest,
		"its difference":  longest.Neg().Sub(longest),
		"above its point": dec(t, "12").Shift(5),
	} {
		t.Run(name, func(t *testing.T) {
			text, err := json.Marshal(sum{d, map[string]money.Decimal{"x": d}})
			if err != nil {
				t.Fatal(err)
			}
			if want := `{"Amount":"` + d.String() + `","ByName":{"x":"` + d.String() + `"}}`; string(text) != want {
				t.Errorf("got %s, want %s", text, want)
			}
			var back sum
			if err := json.Unmarshal(text, &back); err != nil {
				t.Fatal(err)
			}
			if !back.Amount.Equal(d) || !back.ByName["x"].Equal(d) {
				t.Errorf("%s comes back as %s", d, back.Amount)
			}
		})
	}
}

func TestUnmarshalTextRefuses(t *testing.T) {
	for name, in := range refused {
		switch name {
		case "minus", "minus zero", "16 digits", "16 digits and a point", "11 decimals", "11 decimals, all zeros":
			continue // more than Parse takes, as documented
		}
		t.Run(name, func(t *testing.T) {
			d := money.FromInt(7)
			if err := d.UnmarshalText([]byte(in)); !errors.Is(err, money.ErrSyntax) || !d.Equal(money.FromInt(7)) {
				t.Errorf("accepted as %s, %v", d, err)
			}
		})
	}
	for name, in := range map[string]string{
		"47 digits":                strings.Repeat("9", 47),
		"31 decimals":              "0." + strings.Repeat("9", 31),
		"minus and a leading zero": "-01",
		"minus and no digit":       "-.5",
		"minus and a space":        "- 1",
	} {
		t.Run(name, func(t *testing.T) {
			var d money.Decimal
			if err := d.UnmarshalText([]byte(in)); !errors.Is(err, money.ErrSyntax) {
				t.Errorf("accepted as %s, %v", d, err)
			}
		})
	}
	// A number of JSON is a float to most who write it: sums are strings.
	var d money.Decimal
	if err := json.Unmarshal([]byte("6.36"), &d); err == nil {
		t.Errorf("a JSON number is accepted as %s", d)
	}
}
