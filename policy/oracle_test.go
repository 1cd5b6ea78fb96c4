package policy_test

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/policy/money"
)

// roundRat is the oracle's rounding of a non-negative fraction, written
// without a look at ours: to the text with that many decimals.
func roundRat(x *big.Rat, places int, mode money.Rounding) string {
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(places)), nil)
	scaled := new(big.Rat).Mul(x, new(big.Rat).SetInt(scale))
	whole, rest := new(big.Int).QuoRem(scaled.Num(), scaled.Denom(), new(big.Int))
	half := new(big.Int).Lsh(rest, 1).Cmp(scaled.Denom())
	up := false
	switch mode {
	case money.HalfUp:
		up = half >= 0
	case money.HalfEven:
		up = half > 0 || half == 0 && whole.Bit(0) == 1
	case money.Up:
		up = rest.Sign() > 0
	case money.Down:
	}
	if up {
		whole.Add(whole, big.NewInt(1))
	}
	return new(big.Rat).SetFrac(whole, scale).FloatString(places)
}

func rat(text string) *big.Rat {
	x, ok := new(big.Rat).SetString(text)
	if !ok {
		panic(text)
	}
	return x
}

func product(factors ...*big.Rat) *big.Rat {
	all := big.NewRat(1, 1)
	for _, f := range factors {
		all.Mul(all, f)
	}
	return all
}

// digits is a random number of up to n digits before the point and exactly
// places after it.
func digits(rnd *rand.Rand, n, places int) string {
	limit := int64(1)
	for range n + places {
		limit *= 10
	}
	text := strconv.FormatInt(1+rnd.Int64N(limit-1), 10)
	for len(text) <= places {
		text = "0" + text
	}
	if places == 0 {
		return text
	}
	return text[:len(text)-places] + "." + text[len(text)-places:]
}

// TestPremiumOracle holds random foreign-currency cases against fractions:
// the premium, amountOfCny, and the three ways to premiumOfCny, each of which
// must be accepted as the one it is.
func TestPremiumOracle(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(2021, 8))
	currencies := []money.Currency{"USD", "JPY", "KWD"}
	begin := map[money.Currency]string{"USD": "7", "JPY": "0.05", "KWD": "23"} // what a unit costs in CNY, roughly
	products := make([]*bond, money.Up+1)
	for mode := range products {
		products[mode] = newBond()
		products[mode].terms.Rounding = money.Rounding(mode)
		products[mode].terms.RateBounds.Min = money.MustParse("0.0000000001")
	}
	type tally struct{ cases, ab, ac, bc, all int }
	counted := make(map[money.Currency]*tally)
	r := with(t, "orderSubjectMatterInfo", "")
	for n := range oracleCases {
		currency := currencies[n%len(currencies)]
		mode := money.Rounding(n / len(currencies) % len(products))
		places := currency.MinorUnit()
		r.Currency = string(currency)
		r.Amount = digits(rnd, 2+rnd.IntN(6), places)
		r.PremiumRate = "0.00" + digits(rnd, 0, 1+rnd.IntN(7))[len("0."):]
		if rat(r.PremiumRate).Sign() == 0 {
			r.PremiumRate = "0.004"
		}
		r.CurrencyRate = begin[currency]
		if tail := digits(rnd, 0, 1+rnd.IntN(6)); rat(r.CurrencyRate).IsInt() {
			r.CurrencyRate += tail[1:]
		} else {
			r.CurrencyRate += tail[2:]
		}
		amount, rate, fx := rat(r.Amount), rat(r.PremiumRate), rat(r.CurrencyRate)

		r.Premium = roundRat(product(amount, rate), places, mode)
		r.AmountOfCny = roundRat(product(amount, fx), 2, mode)
		want := map[policy.Method]string{
			policy.MethodA: roundRat(product(rat(r.Premium), fx), 2, mode),
			policy.MethodB: roundRat(product(amount, rate, fx), 2, mode),
			policy.MethodC: roundRat(product(rat(r.AmountOfCny), rate), 2, mode),
		}
		// Where two ways end in one sum, the first of them is told.
		method := policy.MethodA + policy.Method(n%3)
		r.PremiumOfCny = want[method]
		for m := policy.MethodA; m < method; m++ {
			if want[m] == r.PremiumOfCny {
				method = m
			}
		}
		d := decide(t, ruled{bond: products[mode]}, r)
		if d.Verdict() >= policy.Refer || d.Premium.Method != method || d.Premium.CNY.Fixed(2) != r.PremiumOfCny || d.Premium.Rounded.Fixed(places) != r.Premium {
			t.Fatalf("%s, %s: amount %s, rate %s, currencyRate %s; by fractions premium %s, amountOfCny %s, A B C %v\ngot %s: %+v",
				currency, mode, r.Amount, r.PremiumRate, r.CurrencyRate, r.Premium, r.AmountOfCny, want, codes(d.Faults), d.Premium)
		}
		c := counted[currency]
		if c == nil {
			c = new(tally)
			counted[currency] = c
		}
		c.cases++
		c.ab += differ(want[policy.MethodA], want[policy.MethodB])
		c.ac += differ(want[policy.MethodA], want[policy.MethodC])
		c.bc += differ(want[policy.MethodB], want[policy.MethodC])
		c.all += max(differ(want[policy.MethodA], want[policy.MethodB]), differ(want[policy.MethodA], want[policy.MethodC]))
	}
	for _, currency := range currencies {
		c := counted[currency]
		percent := func(n int) string { return fmt.Sprintf("%.1f %%", 100*float64(n)/float64(c.cases)) }
		t.Logf("%s, %d cases: A and B differ in %s, A and C in %s, B and C in %s, not all three agree in %s",
			currency, c.cases, percent(c.ab), percent(c.ac), percent(c.bc), percent(c.all))
	}
}

func differ(a, b string) int {
	if a == b {
		return 0
	}
	return 1
}
