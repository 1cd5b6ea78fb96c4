package rules

import (
	"math"
	"math/bits"

	"github.com/chudan-io/chudan/policy/money"
)

// decimal is an exact number of the language. Nearly every number of a request
// fits into an int64 with a scale, so that a comparison needs no memory; one
// that does not is kept as money's, and rounding is always money's.
type decimal struct {
	n     int64 // ≠ math.MinInt64, so that it can be negated
	scale int   // decimals of n: 0..maxScale
	wide  *money.Decimal
}

// maxScale is the greatest power of ten in an int64.
const maxScale = 18

var powersOf10 = func() (p [maxScale + 1]int64) {
	p[0] = 1
	for i := 1; i < len(p); i++ {
		p[i] = p[i-1] * 10
	}
	return p
}()

// whole is the whole number n.
func whole(n int) decimal { return decimal{n: int64(n)} }

// parse reads a text that money.Valid accepts.
func parse(text string) decimal {
	if len(text) > maxScale+1 {
		return wide(text)
	}
	var d decimal
	for i := range len(text) {
		if text[i] == '.' {
			d.scale = len(text) - 1 - i
			continue
		}
		d.n = d.n*10 + int64(text[i]-'0')
	}
	return d
}

func wide(text string) decimal {
	m, _ := money.Parse(text)
	return decimal{wide: &m}
}

// fromMoney is m, in the short form where it fits.
func fromMoney(m money.Decimal) decimal {
	if scale := m.Scale(); scale <= maxScale {
		if n, ok := m.Shift(scale).Int64(); ok && n != math.MinInt64 {
			return decimal{n: n, scale: scale}
		}
	}
	return decimal{wide: &m}
}

func (d decimal) money() money.Decimal {
	if d.wide != nil {
		return *d.wide
	}
	return money.FromInt(d.n).Shift(-d.scale)
}

// String is the shortest plain form.
func (d decimal) String() string { return d.money().String() }

func (d decimal) neg() decimal {
	if d.wide != nil {
		m := d.wide.Neg()
		return decimal{wide: &m}
	}
	d.n = -d.n
	return d
}

func (d decimal) abs() decimal {
	if d.cmp(decimal{}) < 0 {
		return d.neg()
	}
	return d
}

func (d decimal) add(e decimal) decimal {
	if x, y, scale, ok := align(d, e); ok {
		sum := x + y
		if overflown := (x < 0) == (y < 0) && (sum < 0) != (x < 0); !overflown && sum != math.MinInt64 {
			return decimal{n: sum, scale: scale}
		}
	}
	m := d.money().Add(e.money())
	return decimal{wide: &m}
}

func (d decimal) sub(e decimal) decimal { return d.add(e.neg()) }

func (d decimal) mul(e decimal) decimal {
	if d.wide == nil && e.wide == nil && d.scale+e.scale <= maxScale {
		if n, ok := product(d.n, e.n); ok {
			return decimal{n: n, scale: d.scale + e.scale}
		}
	}
	m := d.money().Mul(e.money())
	return decimal{wide: &m}
}

// cmp compares by value: 100.00 and 100.0 are the same.
func (d decimal) cmp(e decimal) int {
	x, y, _, ok := align(d, e)
	switch {
	case !ok:
		return d.money().Cmp(e.money())
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

// align brings d and e to the same scale; ok is false where they do not fit.
func align(d, e decimal) (x, y int64, scale int, ok bool) {
	if d.wide != nil || e.wide != nil {
		return 0, 0, 0, false
	}
	switch {
	case d.scale < e.scale:
		x, ok = product(d.n, powersOf10[e.scale-d.scale])
		return x, e.n, e.scale, ok
	case d.scale > e.scale:
		y, ok = product(e.n, powersOf10[d.scale-e.scale])
		return d.n, y, d.scale, ok
	}
	return d.n, e.n, d.scale, true
}

// product is x × y; ok is false where it does not fit.
func product(x, y int64) (p int64, ok bool) {
	hi, lo := bits.Mul64(magnitude(x), magnitude(y))
	if hi != 0 || lo > math.MaxInt64 {
		return 0, false
	}
	if (x < 0) != (y < 0) {
		return -int64(lo), true
	}
	return int64(lo), true
}

func magnitude(x int64) uint64 {
	if x < 0 {
		return uint64(-x)
	}
	return uint64(x)
}
