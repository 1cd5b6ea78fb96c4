package money_test

import (
	"math/big"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/chudan-io/chudan/policy/money"
)

const benchAmount, benchRate, benchPremium = "1018.0", "0.00625", "6.36"

// BenchmarkPremium is the sum of each request: parse amount and rate, multiply
// and round half up. Beside ours stands what it costs without our grammar and
// our choice of rounding.
func BenchmarkPremium(b *testing.B) {
	b.Run("money", func(b *testing.B) {
		b.ReportAllocs()
		var premium money.Decimal
		for b.Loop() {
			amount, _ := money.Parse(benchAmount)
			rate, _ := money.Parse(benchRate)
			premium = amount.Mul(rate).Round(2, money.HalfUp)
		}
		checkBench(b, premium.Fixed(2))
	})
	b.Run("shopspring", func(b *testing.B) {
		b.ReportAllocs()
		var premium decimal.Decimal
		for b.Loop() {
			amount, _ := decimal.NewFromString(benchAmount)
			rate, _ := decimal.NewFromString(benchRate)
			premium = amount.Mul(rate).Round(2)
		}
		checkBench(b, premium.StringFixed(2))
	})
	// big.Rat has no rounding of its own; this is the shortest exact one.
	b.Run("big.Rat", func(b *testing.B) {
		b.ReportAllocs()
		cent, half := big.NewRat(100, 1), big.NewRat(1, 2)
		var cents *big.Int
		for b.Loop() {
			amount, _ := new(big.Rat).SetString(benchAmount)
			rate, _ := new(big.Rat).SetString(benchRate)
			x := amount.Mul(amount, rate)
			x.Add(x.Mul(x, cent), half)
			cents = new(big.Int).Quo(x.Num(), x.Denom())
		}
		checkBench(b, pointed(cents, 2))
	})
}

func checkBench(b *testing.B, got string) {
	b.Helper()
	if got != benchPremium {
		b.Errorf("got %s, want %s", got, benchPremium)
	}
}

func BenchmarkQuo(b *testing.B) {
	x, y := money.MustParse(benchPremium), money.MustParse(benchAmount)
	b.ReportAllocs()
	for b.Loop() {
		_, _ = x.Quo(y, 10, money.HalfUp)
	}
}

// BenchmarkScale is asked of every amount, with zeros at its end or not.
func BenchmarkScale(b *testing.B) {
	d := money.MustParse("1018.00")
	b.ReportAllocs()
	for b.Loop() {
		_ = d.Scale()
	}
}

// BenchmarkRefuse is a million digits.
func BenchmarkRefuse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		_, _ = money.Parse(refused["a million digits"])
	}
}
