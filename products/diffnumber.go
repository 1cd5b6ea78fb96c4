package products

import (
	"strings"

	"github.com/chudan-io/chudan/policy/money"
)

// quantity reads a number as editions write it: 500000, 0.300%, 1.25‰.
func quantity(text string) (q money.Decimal, ok bool) {
	number, places := strings.TrimSpace(text), 0
	if before, found := strings.CutSuffix(number, "%"); found {
		number, places = strings.TrimSpace(before), 2
	} else if before, found := strings.CutSuffix(number, "‰"); found {
		number, places = strings.TrimSpace(before), 3
	}
	d, err := money.Parse(number)
	return d.Shift(-places), err == nil
}

// percent is by how much a number moved, rounded once; 0 where one of them is
// no number, or the first one nothing to compare with.
func percent(before, after string) (p money.Decimal) {
	b, ok := quantity(before)
	a, also := quantity(after)
	if ok && also {
		p, _ = a.Sub(b).Shift(2).Quo(b.Abs(), 2, money.HalfUp)
	}
	return p
}

// signed is a percentage with its sign; "" where it is 0.
func signed(p money.Decimal) string {
	switch p.Sign() {
	case 0:
		return ""
	case 1:
		return "+" + p.String() + "%"
	}
	return p.String() + "%"
}

// sameExpression tells whether two texts are the same number or expression.
// Spaces count within quotes only.
func sameExpression(before, after string) bool {
	if before == after {
		return true
	}
	if b, ok := quantity(before); ok {
		a, also := quantity(after)
		return also && a.Equal(b)
	}
	return !strings.ContainsAny(before+after, "\"'`") && oneLine(before) == oneLine(after)
}
