// Package money holds exact decimals, named roundings and the currencies of
// ISO 4217. No float64 takes part: a value is exact until one call of Round.
package money

import (
	"errors"
	"math/big"
	"strings"

	"github.com/shopspring/decimal"
)

// Limits of the decimal grammar that Parse accepts. They are checked before
// any big-number arithmetic sees the text: a million digits would cost seconds
// and gigabytes there.
const (
	MaxIntegerDigits  = 15
	MaxFractionDigits = 10
)

// Limits of UnmarshalText, which reads back what was computed: the product of
// three parsed numbers (amount × rate × currency rate), or a difference of two.
const (
	maxTextInteger  = 3*MaxIntegerDigits + 1
	maxTextFraction = 3 * MaxFractionDigits
	maxText         = len("-") + maxTextInteger + len(".") + maxTextFraction
)

// maxInt64Digits is how many digits always fit an int64.
const maxInt64Digits = 18

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
func Valid(s string) bool { return plain(s, MaxIntegerDigits, MaxFractionDigits) }

// plain tells whether s is an unsigned decimal without exponent, separators
// and leading zeros, of at most so many digits before and after the point.
func plain(s string, maxInteger, maxFraction int) bool {
	whole := digits(s, maxInteger)
	if whole == 0 || whole > maxInteger || (s[0] == '0' && whole > 1) {
		return false
	}
	if len(s) == whole {
		return true
	}
	if s[whole] != '.' {
		return false
	}
	frac := digits(s[whole+1:], maxFraction)
	return frac >= 1 && frac <= maxFraction && whole+1+frac == len(s)
}

// digits counts the ASCII digits that s begins with and stops at one too many,
// so that a million of them cost no more than sixteen.
func digits(s string, limit int) int {
	n := 0
	for n < len(s) && n <= limit && '0' <= s[n] && s[n] <= '9' {
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

// Scale is the number of decimals that matter: 2 for 1.250, 0 for 1018.00.
func (d Decimal) Scale() int {
	if d.d.NumDigits() > maxInt64Digits {
		return max(0, -int(d.d.Normalize().Exponent()))
	}
	// Normalize would allocate, and every amount of a request comes by here.
	n := max(0, -int(d.d.Exponent()))
	for c := d.d.CoefficientInt64(); n > 0 && c%10 == 0; c /= 10 {
		n--
	}
	return n
}

// Int64 is d as a whole number; ok is false where d has a fraction or does not fit.
func (d Decimal) Int64() (n int64, ok bool) {
	if !d.d.IsInteger() {
		return 0, false
	}
	if d.d.Exponent() <= 0 && d.d.NumDigits() <= maxInt64Digits {
		return d.d.IntPart(), true
	}
	b := d.d.BigInt()
	if !b.IsInt64() {
		return 0, false
	}
	return b.Int64(), true
}

// String is the shortest plain form: no exponent, no trailing zeros. Equal
// values have equal strings.
func (d Decimal) String() string { return d.d.String() }

// Fixed is d with places decimals, 6.30 for 6.3. It never rounds: a value that
// has more decimals is written with all of them, so round it first.
func (d Decimal) Fixed(places int) string {
	return d.d.StringFixed(int32(max(places, d.Scale()))) //nolint:gosec // places is a minor unit
}

// Rat is d as a fraction, for tests and reports.
func (d Decimal) Rat() *big.Rat { return d.d.Rat() }

// MarshalText writes String.
func (d Decimal) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText writes: the grammar of Parse with a
// leading minus sign allowed, and three times its digits, so that an exact
// product survives being stored. Ask Valid about a text from outside.
func (d *Decimal) UnmarshalText(text []byte) error {
	if len(text) > maxText {
		return ErrSyntax
	}
	s := string(text)
	if !plain(strings.TrimPrefix(s, "-"), maxTextInteger, maxTextFraction) {
		return ErrSyntax
	}
	v, err := decimal.NewFromString(s)
	if err != nil {
		return ErrSyntax
	}
	*d = Decimal{v}
	return nil
}
