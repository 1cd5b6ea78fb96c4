package money_test

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chudan-io/chudan/policy/money"
)

// The oracle knows fractions only: it shares no line with the package, nor
// with the library below it.

// oracle is x rounded to places decimals, with all of them written out. tie
// tells whether x lay exactly between two of the results to choose from.
func oracle(x *big.Rat, places int, r money.Rounding) (text string, tie bool) {
	scaled := new(big.Int).Mul(x.Num(), tens[places])
	q, rest := scaled.QuoRem(scaled, x.Denom(), new(big.Int))
	sign := int64(rest.Sign())
	half := rest.Abs(rest).Lsh(rest, 1).Cmp(x.Denom())
	var away bool
	switch r {
	case money.HalfUp:
		away = half >= 0
	case money.HalfEven:
		away = half > 0 || half == 0 && q.Bit(0) == 1
	case money.Up:
		away = sign != 0
	case money.Down:
	}
	if away {
		q.Add(q, big.NewInt(sign))
	}
	return pointed(q, places), half == 0
}

// tens are powers of ten.
var tens = func() (powers [61]*big.Int) {
	for i := range powers {
		powers[i] = new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(i)), nil)
	}
	return powers
}()

// pointed writes q × 10^-places with that many decimals.
func pointed(q *big.Int, places int) string {
	s := q.String()
	if places == 0 {
		return s
	}
	sign := ""
	if s[0] == '-' {
		sign, s = "-", s[1:]
	}
	if missing := places + 1 - len(s); missing > 0 {
		s = strings.Repeat("0", missing) + s
	}
	return sign + s[:len(s)-places] + "." + s[len(s)-places:]
}

// rat reads text into x.
func rat(x *big.Rat, text string) *big.Rat {
	if _, ok := x.SetString(text); !ok {
		panic("not a number: " + text)
	}
	return x
}

// random makes operands as requests have them, of all lengths alike.
type random struct{ *rand.Rand }

// newRandom is the same in every run, so that what fails once can be found.
func newRandom(places int, r money.Rounding) random {
	return random{rand.New(rand.NewPCG(uint64(places), uint64(r)))}
}

// number has 1 to 15 digits, most of them few, and exactly so many decimals.
func (r random) number(decimals int) string {
	b := strconv.AppendInt(nil, r.Int64N(int64(tens[1+r.IntN(15)].Uint64())), 10)
	if decimals == 0 {
		return string(b)
	}
	return string(r.decimals(append(b, '.'), decimals))
}

func (r random) decimals(b []byte, n int) []byte {
	for range n {
		b = append(b, byte('0'+r.IntN(10)))
	}
	return b
}

// premium is a sum insured, as exact as its currency allows, and a rate. One
// in eight premiums lies exactly on the half of a minor unit: chance alone
// would rarely get there, and nowhere else do the modes differ so.
func (r random) premium(places int) (amount, rate string) {
	cents := r.IntN(places + 1)
	b := []byte("0.")
	if r.IntN(8) > 0 {
		return r.number(cents), string(r.decimals(b, 1+r.IntN(money.MaxFractionDigits)))
	}
	// An odd number × one that ends in 5 ends in 5, one place after the last.
	odd := []byte(r.number(cents))
	odd[len(odd)-1] |= 1
	return string(odd), string(append(r.decimals(b, places-cents), '5'))
}

// tally counts what a run has compared.
type tally struct{ cases, ties, wrong int64 }

func (a *tally) add(b tally) {
	atomic.AddInt64(&a.cases, b.cases)
	atomic.AddInt64(&a.ties, b.ties)
	atomic.AddInt64(&a.wrong, b.wrong)
}

// premiums compares n random premiums, computed by the given function, with
// the oracle's, and hands the first that differs to report.
func premiums(n, places int, r money.Rounding, compute func(amount, rate string) string, report func(string)) (sum tally) {
	rnd := newRandom(places, r)
	var x, y big.Rat
	for range n {
		amount, rate := rnd.premium(places)
		want, tie := oracle(x.Mul(rat(&x, amount), rat(&y, rate)), places, r)
		got := compute(amount, rate)
		sum.cases++
		if tie {
			sum.ties++
		}
		if got != want {
			if sum.wrong++; sum.wrong == 1 {
				report(fmt.Sprintf("%s × %s = %s, rounded %s to %d places: got %s, want %s", amount, rate, x.RatString(), r, places, got, want))
			}
		}
	}
	return sum
}

// ours is the premium as the engine computes it.
func ours(places int, r money.Rounding) func(amount, rate string) string {
	return func(amount, rate string) string {
		a, err := money.Parse(amount)
		if err != nil {
			return err.Error()
		}
		b, err := money.Parse(rate)
		if err != nil {
			return err.Error()
		}
		return a.Mul(b).Round(places, r).Fixed(places)
	}
}

// TestPremiumOracle compares a million random premiums for each of the minor
// units of ISO 4217, a quarter of them in each mode.
func TestPremiumOracle(t *testing.T) {
	n := 1_000_000
	if testing.Short() {
		n = 20_000
	}
	for _, places := range []int{0, 2, 3} {
		var sum tally
		t.Run(fmt.Sprintf("%d decimals", places), func(t *testing.T) {
			for _, r := range modes {
				t.Run(r.String(), func(t *testing.T) {
					t.Parallel()
					sum.add(premiums(n/len(modes), places, r, ours(places, r), func(s string) { t.Error(s) }))
				})
			}
		})
		if sum.cases != int64(n) || sum.ties < sum.cases/10 {
			t.Errorf("%d decimals: %d premiums, %d on the half: too few", places, sum.cases, sum.ties)
		}
		t.Logf("%d decimals: %d premiums, %d on the half, %d differences from math/big.Rat", places, sum.cases, sum.ties, sum.wrong)
	}
}

// TestPremiumOracleControl shows that the oracle sees a wrong rounding, also
// one that is wrong on the half only.
func TestPremiumOracleControl(t *testing.T) {
	for name, c := range map[string]struct {
		mode  money.Rounding
		wrong func(amount, rate string, places int) string
	}{
		"half_even for half_up": {money.HalfUp, inMode(money.HalfEven)},
		"half_up for half_even": {money.HalfEven, inMode(money.HalfUp)},
		"down for half_up":      {money.HalfUp, inMode(money.Down)},
		"half_up for up":        {money.Up, inMode(money.HalfUp)},
		"up for down":           {money.Down, inMode(money.Up)},
		"rounded twice": {money.HalfUp, func(amount, rate string, places int) string {
			exact := money.MustParse(amount).Mul(money.MustParse(rate))
			return exact.Round(places+1, money.HalfUp).Round(places, money.HalfUp).Fixed(places)
		}},
		"floats": {money.HalfUp, func(amount, rate string, places int) string {
			a, _ := strconv.ParseFloat(amount, 64)
			b, _ := strconv.ParseFloat(rate, 64)
			return strconv.FormatFloat(a*b, 'f', places, 64)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, places := range []int{0, 2, 3} {
				compute := func(amount, rate string) string { return c.wrong(amount, rate, places) }
				sum := premiums(10_000, places, c.mode, compute, func(string) {})
				if sum.wrong == 0 {
					t.Errorf("%d decimals: not one of %d premiums, %d on the half, is seen to be wrong", places, sum.cases, sum.ties)
				}
				t.Logf("%d decimals: %d of %d wrong", places, sum.wrong, sum.cases)
			}
		})
	}
}

func inMode(r money.Rounding) func(amount, rate string, places int) string {
	return func(amount, rate string, places int) string { return ours(places, r)(amount, rate) }
}

// division is a dividend and a divisor other than zero, of either sign. One
// in four is such that an exact half is likely.
func (r random) division(places int) (a, b string) {
	a, b = r.number(r.IntN(money.MaxFractionDigits+1)), r.number(r.IntN(money.MaxFractionDigits+1))
	if r.IntN(4) == 0 {
		a, b = r.number(places), strconv.Itoa(2<<r.IntN(3))
	}
	if strings.Trim(b, "0.") == "" {
		b = "7"
	}
	signs := [2]string{"", "-"}
	return signs[r.IntN(2)] + a, signs[r.IntN(2)] + b
}

// quotients compares n random quotients with the oracle's, as premiums does.
func quotients(n, places int, r money.Rounding, compute func(a, b money.Decimal) money.Decimal, report func(string)) (sum tally) {
	rnd := newRandom(places, r)
	var dividend, divisor big.Rat
	for range n {
		x, y := rnd.division(places)
		var a, b money.Decimal
		if a.UnmarshalText([]byte(x)) != nil || b.UnmarshalText([]byte(y)) != nil {
			report("cannot read " + x + " or " + y)
			continue
		}
		want, tie := oracle(dividend.Quo(rat(&dividend, x), rat(&divisor, y)), places, r)
		got := compute(a, b).Fixed(places)
		sum.cases++
		if tie {
			sum.ties++
		}
		if got != want {
			if sum.wrong++; sum.wrong == 1 {
				report(fmt.Sprintf("%s ÷ %s, rounded %s to %d places: got %s, want %s", x, y, r, places, got, want))
			}
		}
	}
	return sum
}

func TestQuoOracle(t *testing.T) {
	n := 10_000
	if testing.Short() {
		n = 1_000
	}
	var sum, control tally
	for _, places := range []int{0, 2, 3, 10} {
		for _, r := range modes {
			sum.add(quotients(n, places, r, func(a, b money.Decimal) money.Decimal {
				q, _ := a.Quo(b, places, r)
				return q
			}, func(s string) { t.Error(s) }))
			// The control: a quotient that is cut off one place later and then
			// rounded has lost the rest that tells a half from a hair above it.
			control.add(quotients(n/10, places, r, func(a, b money.Decimal) money.Decimal {
				q, _ := a.Quo(b, places+1, money.Down)
				return q.Round(places, r)
			}, func(string) {}))
		}
	}
	if sum.ties < sum.cases/50 {
		t.Errorf("%d quotients, %d on the half: too few", sum.cases, sum.ties)
	}
	if control.wrong == 0 {
		t.Error("the oracle does not see quotients that are rounded twice")
	}
	t.Logf("%d quotients, %d on the half, %d differences from math/big.Rat; control: %d of %d wrong",
		sum.cases, sum.ties, sum.wrong, control.wrong, control.cases)
}
