package money

import "fmt"

// Rounding names the one way in which an exact value becomes money.
type Rounding uint8

// The roundings that a product may choose. For the non-negative values of a
// premium half_up and "half away from zero" are the same.
const (
	HalfUp   Rounding = iota // 0.005 → 0.01
	HalfEven                 // 0.005 → 0.00, 0.015 → 0.02
	Down                     // towards zero
	Up                       // away from zero
)

var roundings = [...]string{HalfUp: "half_up", HalfEven: "half_even", Down: "down", Up: "up"}

// ParseRounding reads half_up, half_even, down or up.
func ParseRounding(s string) (Rounding, error) {
	for r, name := range roundings {
		if s == name {
			return Rounding(r), nil
		}
	}
	return 0, fmt.Errorf("money: unknown rounding %q; want half_up, half_even, down or up", s)
}

// String is the name that ParseRounding reads.
func (r Rounding) String() string {
	if int(r) < len(roundings) {
		return roundings[r]
	}
	return fmt.Sprintf("Rounding(%d)", uint8(r))
}

// MarshalText writes String.
func (r Rounding) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads what ParseRounding reads.
func (r *Rounding) UnmarshalText(text []byte) error {
	parsed, err := ParseRounding(string(text))
	if err != nil {
		return err
	}
	*r = parsed
	return nil
}

// Round gives d with at most places decimals. A rounding that is none of the
// four rounds half up.
func (d Decimal) Round(places int, r Rounding) Decimal {
	p := int32(places) //nolint:gosec // places is a minor unit
	if d.d.Exponent() >= -p {
		return d // a sum that came with its cents, the common one, costs nothing
	}
	switch r {
	case HalfEven:
		return Decimal{d.d.RoundBank(p)}
	case Down:
		return Decimal{d.d.RoundDown(p)}
	case Up:
		return Decimal{d.d.RoundUp(p)}
	case HalfUp:
	}
	return Decimal{d.d.Round(p)}
}

// Quo is d ÷ e with places decimals, rounded once. ok is false where e is 0.
func (d Decimal) Quo(e Decimal, places int, r Rounding) (q Decimal, ok bool) {
	if e.IsZero() {
		return Decimal{}, false
	}
	quo, rem := d.d.QuoRem(e.d, int32(places)) //nolint:gosec // places is a small constant
	if rem.IsZero() {
		return Decimal{quo}, true
	}
	// The quotient is cut towards zero at places decimals. One more digit and a
	// sticky one stand for the rest, so that Round sees on which side of the
	// half it lies.
	sign := int64(d.Sign() * e.Sign())
	twice := rem.Abs().Add(rem.Abs()).Cmp(e.d.Abs().Shift(int32(-places))) //nolint:gosec // places is a small constant
	tail := FromInt(sign * int64(5+twice)).Shift(-places - 1)
	return Decimal{quo}.Add(tail).Round(places, r), true
}
