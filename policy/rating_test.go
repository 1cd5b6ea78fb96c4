package policy_test

import (
	"encoding/json"
	"fmt"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/policy/money"
)

// tabled is the bond with a rating of its own.
type tabled struct {
	*bond
	rating policy.Rating
}

func (b tabled) Price(a *policy.Application) (policy.Premium, policy.Faults) {
	return b.rating.Price(a, b.terms), nil
}

func (b tabled) Product(string, time.Time, time.Time) (policy.Product, error) { return b, nil }

// shares are weights, as in "QUALITY 0.003, DELIVERY 0.002".
func shares(text string) []policy.Share {
	var all []policy.Share
	for part := range strings.SplitSeq(text, ", ") {
		if code, weight, ok := strings.Cut(part, " "); ok {
			all = append(all, policy.Share{Coverage: code, Weight: money.MustParse(weight)})
		}
	}
	return all
}

// allocated writes what falls to each coverage.
func allocated(p policy.Premium) string {
	var parts []string
	for _, s := range p.Shares {
		parts = append(parts, s.Coverage+" "+s.Amount.Fixed(p.Currency.MinorUnit()))
	}
	return strings.Join(parts, ", ")
}

func TestAllocation(t *testing.T) {
	for name, c := range map[string]struct{ premium, currency, weights, want string }{
		"the sample":            {"6.36", "CNY", "QUALITY 0.003, DELIVERY 0.002, APPEARANCE 0.00125", "QUALITY 3.05, DELIVERY 2.04, APPEARANCE 1.27"},
		"one takes all":         {"6.36", "CNY", "QUALITY 0.003", "QUALITY 6.36"},
		"nobody":                {"6.36", "CNY", "", ""},
		"a tie goes by code":    {"0.01", "CNY", "B 0.1, A 0.1", "B 0.00, A 0.01"},
		"two cents for three":   {"0.02", "CNY", "C 0.1, B 0.1, A 0.1", "C 0.00, B 0.01, A 0.01"},
		"no weights":            {"0.03", "CNY", "B 0, A 0", "B 0.01, A 0.02"},
		"one without weight":    {"1.00", "CNY", "A 0, B 0.7, C 0.7", "A 0.00, B 0.50, C 0.50"},
		"nothing to divide":     {"0", "CNY", "A 0.1, B 0.2", "A 0.00, B 0.00"},
		"yen have no cents":     {"10", "JPY", "A 0.1, B 0.1, C 0.1", "A 4, B 3, C 3"},
		"dinars have three":     {"0.100", "KWD", "A 0.1, B 0.1, C 0.1", "A 0.034, B 0.033, C 0.033"},
		"a weight of no end":    {"100.00", "CNY", "A 0.0000000001, B 0.0000000002", "A 33.33, B 66.67"},
		"the longest of sums":   {"999999999999999.99", "CNY", "A 0.1, B 0.2", "A 333333333333333.33, B 666666666666666.66"},
		"as many as the minor":  {"0.03", "CNY", "C 0.1, B 0.1, A 0.1", "C 0.01, B 0.01, A 0.01"},
		"weights far from rate": {"1.00", "CNY", "A 900, B 100", "A 0.90, B 0.10"},
	} {
		t.Run(name, func(t *testing.T) {
			a, _ := policy.NewApplication(with(t, "currency", c.currency, "amount", "1018"))
			premium := money.MustParse(c.premium)
			p := policy.Rating{Steps: []policy.Step{{Name: "all", Exact: premium, Value: premium}}, Shares: shares(c.weights)}.Price(a, newBond().terms)
			if got := allocated(p); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// TestAllocationAddsUp holds random allocations against fractions: the shares
// add up, and none is a minor unit or more away from what is due.
func TestAllocationAddsUp(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	currencies := []string{"CNY", "JPY", "KWD"}
	for range 20_000 {
		currency := currencies[rnd.IntN(len(currencies))]
		a, _ := policy.NewApplication(with(t, "currency", currency, "amount", "1018"))
		places := a.Currency.MinorUnit()
		var weights []policy.Share
		total := new(big.Rat)
		for i := range 1 + rnd.IntN(6) {
			w := money.FromInt(rnd.Int64N(1000)).Shift(-rnd.IntN(10))
			weights = append(weights, policy.Share{Coverage: fmt.Sprintf("C%d", i), Weight: w})
			total.Add(total, w.Rat())
		}
		premium := money.FromInt(rnd.Int64N(100_000)).Shift(-places)
		p := policy.Rating{Steps: []policy.Step{{Value: premium}}, Shares: weights}.Price(a, newBond().terms)
		sum, unit := new(big.Rat), money.FromInt(1).Shift(-places).Rat()
		for i, s := range p.Shares {
			sum.Add(sum, s.Amount.Rat())
			due := new(big.Rat).Quo(premium.Rat(), big.NewRat(int64(len(weights)), 1))
			if total.Sign() > 0 {
				due.Quo(product(premium.Rat(), weights[i].Weight.Rat()), total)
			}
			if off := due.Sub(due, s.Amount.Rat()); off.Abs(off).Cmp(unit) >= 0 || s.Amount.Scale() > places {
				t.Fatalf("%s of %s %s: %s is %s away", s.Coverage, premium, currency, s.Amount, off.FloatString(6))
			}
		}
		if sum.Cmp(p.Rounded.Rat()) != 0 {
			t.Fatalf("%s %s was divided into %s", premium, currency, allocated(p))
		}
	}
}

// TestMinimum holds what a product asks at least, with the way to it told.
func TestMinimum(t *testing.T) {
	for name, c := range map[string]struct{ minimum, currency, amount, want, steps string }{
		"above it":              {"6.35", "CNY", "1018.0", "6.36", ""},
		"at it":                 {"6.36", "CNY", "1018.0", "6.36", ""},
		"below it":              {"10", "CNY", "1018.0", "10.00", "minimum 10"},
		"of no whole minor":     {"6.361", "CNY", "1018.0", "6.37", "minimum 6.37"},
		"a cent is a yen":       {"0.01", "JPY", "10", "1", "minimum 1"},
		"none":                  {"0", "CNY", "0.01", "0.00", ""},
		"nothing is below it":   {"0.01", "CNY", "0.01", "0.01", "minimum 0.01"},
		"half a cent is enough": {"0.01", "CNY", "0.80", "0.01", ""},
	} {
		t.Run(name, func(t *testing.T) {
			a, _ := policy.NewApplication(with(t, "currency", c.currency, "amount", c.amount))
			rating := policy.Rating{Rate: money.MustParse("0.00625"), Shares: shares("B 0.005, A 0.00125")}
			terms := newBond().terms
			terms.Minimum = money.MustParse(c.minimum)
			p := rating.Price(a, terms)
			var steps []string
			sum := money.Decimal{}
			for _, s := range p.Steps {
				steps = append(steps, s.Name+" "+s.Value.String())
			}
			for _, s := range p.Shares {
				sum = sum.Add(s.Amount)
			}
			if got := p.Rounded.Fixed(p.Currency.MinorUnit()); got != c.want || strings.Join(steps, ", ") != c.steps {
				t.Errorf("got %s by %v, want %s by %s", got, steps, c.want, c.steps)
			}
			if !sum.Equal(p.Rounded) {
				t.Errorf("%s was divided into %s", p.Rounded, allocated(p))
			}
		})
	}
}

// TestMinimumOfADeclaredRate: the minimum holds whoever names the rate.
func TestMinimumOfADeclaredRate(t *testing.T) {
	b := newBond()
	b.terms.Minimum = money.MustParse("10")
	for name, c := range map[string]struct{ rate, premium, cny, want string }{
		"met":          {"0.00625", "10.00", "10.00", ""},
		"not met":      {"0.00625", "6.36", "10.00", "premium: want 10.00 (amount 1018.0: minimum 10, half_up), declared 6.36"},
		"no rate, met": {"", "10.00", "10.00", ""},
		"no rate":      {"", "9.99", "9.99", "premium: want 10.00 to 50.90 with at most 2 decimals (amount 1018.0 × rate 0.0005 to 0.05, half_up), declared 9.99"},
	} {
		t.Run(name, func(t *testing.T) {
			got := message(t, b, with(t, "premiumRate", c.rate, "premium", c.premium, "premiumOfCny", c.cny), policy.English)
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// TestSteps: the last step is the premium, the refusal shows the way to it,
// and the declared rate is held against the product's where it has one.
func TestSteps(t *testing.T) {
	dec := money.MustParse
	steps := []policy.Step{{Name: "base", Exact: dec("6.3625"), Value: dec("6.36")}, {Name: "loaded", Exact: dec("6.996"), Value: dec("6.996")}}
	for name, c := range map[string]struct{ rate, premium, want string }{
		"right":        {"0.00625", "7.00", ""},
		"without rate": {"0", "7.00", ""},
		"wrong":        {"0.00625", "6.36", "premium: want 7.00 (amount 1018.0: base 6.36 → loaded 6.996, half_up), declared 6.36"},
		"another rate": {"0.0063", "7.00", "premiumRate: the product's rate is 0.0063, declared 0.00625"},
	} {
		t.Run(name, func(t *testing.T) {
			own := tabled{newBond(), policy.Rating{Rate: dec(c.rate), Steps: steps}}
			if got := message(t, own, with(t, "premium", c.premium, "premiumOfCny", "7.00"), policy.English); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
	t.Run("abroad only the premium itself is converted", func(t *testing.T) {
		own := tabled{newBond(), policy.Rating{Rate: dec("0.0014"), Steps: []policy.Step{{Name: "base", Exact: dec("3.0562"), Value: dec("3.0562")}}}}
		if got := message(t, own, dollars(t), policy.English); got != "" {
			t.Errorf("method A is refused: %s", got)
		}
		if got := message(t, own, dollars(t, "premiumOfCny", "20.55"), policy.English); !strings.Contains(got, "premiumOfCny: want 20.57 (A:") {
			t.Errorf("method C passes: %q", got)
		}
	})
}

// TestRatingIsKept: what was computed reads back from a record.
func TestRatingIsKept(t *testing.T) {
	a, _ := policy.NewApplication(sample(t))
	rate := money.MustParse("0.00625")
	p := policy.Rating{Rate: rate, Rows: []policy.TableRow{{Table: "rate", Line: 7, Item: "QUALITY", Value: rate}}, Shares: shares("QUALITY 0.00625")}.Price(a, newBond().terms)
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var back policy.Premium
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(back)
	if err != nil || string(again) != string(text) {
		t.Errorf("%v: wrote %s, read %s", err, text, again)
	}
}
