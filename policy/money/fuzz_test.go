package money_test

import (
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"regexp"
	"strings"
	"testing"

	"github.com/chudan-io/chudan/policy/money"
)

// grammar is the one that Parse promises.
var grammar = regexp.MustCompile(`^(0|[1-9][0-9]{0,14})(\.[0-9]{1,10})?$`)

// FuzzDecimal: what is off the grammar is refused, and what is on it is the
// number that math/big reads, however it is written and read again.
func FuzzDecimal(f *testing.F) {
	for _, c := range accepted {
		f.Add(c.in)
	}
	for _, in := range refused {
		if len(in) < 100 {
			f.Add(in)
		}
	}
	f.Fuzz(func(t *testing.T, in string) {
		d, err := money.Parse(in)
		if want := grammar.MatchString(in); (err == nil) != want || money.Valid(in) != want {
			t.Fatalf("%q: Parse %v, Valid %t, the grammar says %t", in, err, money.Valid(in), want)
		}
		if err != nil {
			if !errors.Is(err, money.ErrSyntax) || !d.IsZero() {
				t.Errorf("%q: %s, %v", in, d, err)
			}
			return
		}
		if want := rat(new(big.Rat), in); d.Rat().Cmp(want) != 0 {
			t.Errorf("%q is read as %s, math/big has %s", in, d, want)
		}
		text := shortest(in)
		checkTexts(t, d, text)
		if text != "0" {
			text = "-" + text
		}
		checkTexts(t, d.Neg(), text)
	})
}

// shortest is in without the zeros that say nothing.
func shortest(in string) string {
	if !strings.Contains(in, ".") {
		return in
	}
	return strings.TrimSuffix(strings.TrimRight(in, "0"), ".")
}

// checkTexts checks all that d is written as, given its shortest text.
func checkTexts(t *testing.T, d money.Decimal, text string) {
	t.Helper()
	if d.String() != text {
		t.Errorf("String: got %s, want %s", d, text)
	}
	_, fraction, _ := strings.Cut(text, ".")
	if d.Scale() != len(fraction) {
		t.Errorf("%s: scale %d", text, d.Scale())
	}
	if n, ok := d.Int64(); ok != (fraction == "") || ok && !money.FromInt(n).Equal(d) {
		t.Errorf("%s: Int64 %d, %t", text, n, ok)
	}
	for _, places := range []int{0, 2, money.MaxFractionDigits} {
		fixed := d.Fixed(places)
		if _, decimals, _ := strings.Cut(fixed, "."); len(decimals) != max(places, len(fraction)) || !dec(t, fixed).Equal(d) {
			t.Errorf("%s: Fixed(%d) is %s", text, places, fixed)
		}
	}
	raw, err := json.Marshal(d)
	if err != nil || string(raw) != `"`+text+`"` {
		t.Errorf("%s: JSON %s, %v", text, raw, err)
	}
	var back money.Decimal
	if err := json.Unmarshal(raw, &back); err != nil || !back.Equal(d) || back.String() != text {
		t.Errorf("%s: back from JSON as %s, %v", text, back, err)
	}
}

// FuzzRounding holds the laws of rounding and of division against any values:
// x = a × b × 10^-xScale and y = b × 10^-yScale.
func FuzzRounding(f *testing.F) {
	f.Add(int64(10180), int64(625), uint8(6), uint8(5), uint8(2))
	f.Add(int64(5), int64(1), uint8(3), uint8(0), uint8(2))
	f.Add(int64(-15), int64(1), uint8(3), uint8(0), uint8(2))
	f.Add(int64(3), int64(8), uint8(0), uint8(0), uint8(1))
	f.Add(int64(-9995), int64(-1), uint8(3), uint8(1), uint8(2))
	f.Add(int64(math.MaxInt64), int64(math.MinInt64), uint8(20), uint8(0), uint8(10))
	f.Add(int64(0), int64(0), uint8(0), uint8(0), uint8(0))
	f.Fuzz(func(t *testing.T, a, b int64, xScale, yScale, p uint8) {
		x := money.FromInt(a).Mul(money.FromInt(b)).Shift(-int(xScale % 31))
		y := money.FromInt(b).Shift(-int(yScale % 31))
		places := int(p % 13)
		for _, r := range modes {
			checkLaws(t, x, places, r)
			checkOrder(t, x, y, places, r)
			checkOrder(t, x, x.Add(money.FromInt(1).Shift(-int(xScale%31))), places, r)
			checkQuo(t, x, y, places, r)
		}
		checkBetween(t, x, places)
	})
}

// checkLaws checks one rounding of one value.
func checkLaws(t *testing.T, x money.Decimal, places int, r money.Rounding) {
	t.Helper()
	got := x.Round(places, r)
	if want, _ := oracle(x.Rat(), places, r); got.Fixed(places) != want {
		t.Errorf("%s to %d, %s: got %s, the oracle has %s", x, places, r, got, want)
	}
	if got.Scale() > places {
		t.Errorf("%s to %d, %s: %s has too many decimals", x, places, r, got)
	}
	if !got.Round(places, r).Equal(got) {
		t.Errorf("%s to %d, %s: rounding %s again changes it", x, places, r, got)
	}
	if x.Scale() <= places && !got.Equal(x) {
		t.Errorf("%s to %d, %s: there was nothing to round, got %s", x, places, r, got)
	}
	// Doubled, so that the bound of the halves is a whole unit too.
	unit := money.FromInt(1).Shift(-places)
	off := got.Sub(x).Abs()
	switch r {
	case money.HalfUp, money.HalfEven:
		if unit.Less(off.Add(off)) {
			t.Errorf("%s to %d, %s: %s is more than half a unit off", x, places, r, got)
		}
	case money.Down, money.Up:
		if !off.Less(unit) {
			t.Errorf("%s to %d, %s: %s is a unit off", x, places, r, got)
		}
	}
	if !x.Neg().Round(places, r).Equal(got.Neg()) {
		t.Errorf("%s to %d, %s: the opposite is not rounded to the opposite", x, places, r)
	}
	if !x.Shift(5).Round(places-5, r).Equal(got.Shift(5)) {
		t.Errorf("%s to %d, %s: another unit, another result", x, places, r)
	}
}

// checkOrder: of two values the lower is not rounded above the other.
func checkOrder(t *testing.T, x, y money.Decimal, places int, r money.Rounding) {
	t.Helper()
	if y.Less(x) {
		x, y = y, x
	}
	if y.Round(places, r).Less(x.Round(places, r)) {
		t.Errorf("%s < %s, but not when rounded to %d, %s", x, y, places, r)
	}
}

// checkBetween: down ≤ half ≤ up away from zero; the halves part on the half
// only, and there one is even and the other is up.
func checkBetween(t *testing.T, x money.Decimal, places int) {
	t.Helper()
	x = x.Abs()
	down, up := x.Round(places, money.Down), x.Round(places, money.Up)
	halfUp, halfEven := x.Round(places, money.HalfUp), x.Round(places, money.HalfEven)
	for _, half := range []money.Decimal{halfUp, halfEven} {
		if !half.Equal(down) && !half.Equal(up) || x.Less(down) || up.Less(x) {
			t.Errorf("%s to %d: down %s, half %s, up %s", x, places, down, half, up)
		}
	}
	tie := !down.Equal(up) && x.Sub(down).Equal(up.Sub(x))
	if !tie {
		if !halfUp.Equal(halfEven) {
			t.Errorf("%s to %d is no half, but half_up is %s and half_even %s", x, places, halfUp, halfEven)
		}
		return
	}
	even := halfEven.Shift(places).Rat().Num().Bit(0) == 0
	if !even || !halfUp.Equal(up) {
		t.Errorf("%s to %d: half_up %s, half_even %s", x, places, halfUp, halfEven)
	}
}

// checkQuo compares a quotient with the oracle's.
func checkQuo(t *testing.T, x, y money.Decimal, places int, r money.Rounding) {
	t.Helper()
	got, ok := x.Quo(y, places, r)
	if ok == y.IsZero() {
		t.Fatalf("%s ÷ %s: ok is %t", x, y, ok)
	}
	if !ok {
		return
	}
	if want, _ := oracle(new(big.Rat).Quo(x.Rat(), y.Rat()), places, r); got.Fixed(places) != want {
		t.Errorf("%s ÷ %s to %d, %s: got %s, the oracle has %s", x, y, places, r, got, want)
	}
}
