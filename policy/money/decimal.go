// Package money holds exact decimals, named roundings and the currencies of
// ISO 4217. No float64 takes part: a value is exact until one call of Round.
package money

import (
	"errors"
	"math/big"

	"github.com/shopspring/decimal"
)

// Limits of the decimal grammar that Parse accepts. They are checked before
// any big-number arithmetic sees the text: a million digits would cost seconds
// and gigabytes there.
const (
	MaxIntegerDigits  = 15
	MaxFractionDigits = 10
)

// ErrSyntax is what Parse answers for a text off its grammar.
var ErrSyntax = errors.New("money: not a decimal of at most 15 digits, a point and 10 decimals")

// Decimal is an exact, immutable decimal number. The zero value is 0. Two
// Decimals may differ under == and yet be the same number: compare with Equal.
type Decimal struct{ d decimal.Decimal }

// Parse reads a plain non-negative decimal, ^(0|[1-9][0-9]{0,14})(\.[0-9]{1,10})?$:
// no sign, no exponent, no separators, no leading zeros, ASCII digits only.
func Parse(s string) (Decimal, error) {
	if !Valid(s) {
		return Decimal{}, ErrSyntax
	}
	d, err := decimal.NewFromString(s)
	if err != nil {
		return Decimal{}, ErrSyntax
	}
	return Decimal{d}, nil
}

// Valid tells whether s is of the grammar that Parse accepts.
func Valid(s string) bool {
	whole := digits(s)
	if whole == 0 || whole > MaxIntegerDigits || (s[0] == '0' && whole > 1) {
		return false
	}
	if len(s) == whole {
		return true
	}
	if s[whole] != '.' {
		return false
	}
	frac := digits(s[whole+1:])
	return frac >= 1 && frac <= MaxFractionDigits && whole+1+frac == len(s)
}

// digits counts the ASCII digits that s begins with, looking no further than
// the grammar can accept.
func digits(s string) int {
	n := 0
	for n < len(s) && n <= MaxIntegerDigits && '0' <= s[n] && s[n] <= '9' {
		n++
	}
	return n
}

// MustParse is Parse for literals in Go source; it panics on a bad one.
func MustParse(s string) Decimal {
	d, err := Parse(s)
	if err != nil {
		panic("money: MustParse(" + s + "): " + err.Error())
	}
	return d
}

// FromInt is the whole number n.
func FromInt(n int64) Decimal { return Decimal{decimal.NewFromInt(n)} }

// Add is d + e.
func (d Decimal) Add(e Decimal) Decimal { return Decimal{d.d.Add(e.d)} }

// Sub is d − e.
func (d Decimal) Sub(e Decimal) Decimal { return Decimal{d.d.Sub(e.d)} }

// Mul is d × e, exact.
func (d Decimal) Mul(e Decimal) Decimal { return Decimal{d.d.Mul(e.d)} }

// Neg is −d.
func (d Decimal) Neg() Decimal { return Decimal{d.d.Neg()} }

// Abs is |d|.
func (d Decimal) Abs() Decimal { return Decimal{d.d.Abs()} }

// Shift is d × 10^places, exact.
func (d Decimal) Shift(places int) Decimal { return Decimal{d.d.Shift(int32(places))} } //nolint:gosec // places is a small constant

// Cmp is −1, 0 or +1 as d is below, equal to or above e.
func (d Decimal) Cmp(e Decimal) int { return d.d.Cmp(e.d) }

// Equal compares by value: 100.00 equals 100.0.
func (d Decimal) Equal(e Decimal) bool { return d.d.Cmp(e.d) == 0 }

// Less tells whether d < e.
func (d Decimal) Less(e Decimal) bool { return d.d.Cmp(e.d) < 0 }

// Sign is −1, 0 or +1.
func (d Decimal) Sign() int { return d.d.Sign() }

// IsZero tells whether d is 0.
func (d Decimal) IsZero() bool { return d.d.IsZero() }

// Within tells whether d and e differ by no more than tolerance.
func (d Decimal) Within(e, tolerance Decimal) bool {
	return d.Sub(e).Abs().Cmp(tolerance) <= 0
}

// Scale is the number of decimals that matter: 3 for 1.250 × 10^-1, 0 for 1018.00.
func (d Decimal) Scale() int {
	return max(0, -int(d.d.Normalize().Exponent()))
}

// Int64 is d as a whole number; ok is false where d has a fraction or does not fit.
func (d Decimal) Int64() (n int64, ok bool) {
	if !d.d.IsInteger() {
		return 0, false
	}
	b := d.d.BigInt()
	return b.Int64(), b.IsInt64()
}

// String is the shortest plain form: no exponent, no trailing zeros. Equal
// values have equal strings.
func (d Decimal) String() string { return d.d.String() }

// Fixed is d with exactly places decimals; it does not round values that have
// no more decimals than that, which is what callers guarantee by rounding first.
func (d Decimal) Fixed(places int) string { return d.d.StringFixed(int32(places)) } //nolint:gosec // places is a minor unit

// Rat is d as a fraction, for tests and reports.
func (d Decimal) Rat() *big.Rat { return d.d.Rat() }

// MarshalText writes String.
func (d Decimal) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what Parse accepts, and a leading minus sign.
func (d *Decimal) UnmarshalText(text []byte) error {
	s, negative := string(text), false
	if len(s) > 1 && s[0] == '-' {
		s, negative = s[1:], true
	}
	v, err := Parse(s)
	if err != nil {
		return err
	}
	if negative {
		v = v.Neg()
	}
	*d = v
	return nil
}
