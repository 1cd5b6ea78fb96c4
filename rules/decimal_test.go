package rules_test

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/chudan-io/chudan/rules"
)

// TestDecimalLaws holds the arithmetic of rules against math/big on random
// numbers, most of which overflow an int64 somewhere on the way.
func TestDecimalLaws(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	a := application(t, nil)
	var all []rules.Rule
	var want []bool
	for i := range 1000 {
		text, value := arithmetic(r, 3)
		other, second := arithmetic(r, 2)
		if i%3 == 0 { // near misses: equal, or off by the last decimal
			other, second = text+" + 0.0000000001", new(big.Rat).Add(value, big.NewRat(1, 10_000_000_000))
		}
		op := []string{"<", "<=", "==", "!=", ">", ">="}[r.IntN(6)]
		all = append(all, rules.Rule{Code: fmt.Sprintf("R%d", i), NoteIf: fmt.Sprintf("%s %s %s", text, op, other)})
		want = append(want, strings.Contains(map[int]string{-1: "< <= !=", 0: "<= == >=", 1: "> >= !="}[value.Cmp(second)]+" ", op+" "))
	}
	for i, o := range compile(t, rules.Spec{Rules: all}).Outcomes(a, nil) {
		if (o.State == rules.Fails) != want[i] {
			t.Errorf("%s: got %s", all[i].NoteIf, o.State)
		}
	}
}

// arithmetic is a random expression and its value.
func arithmetic(r *rand.Rand, depth int) (string, *big.Rat) {
	if depth == 0 || r.IntN(4) == 0 {
		text := fmt.Sprint(r.Int64N(pow10(1 + r.IntN(15))))
		if r.IntN(2) == 0 {
			text += fmt.Sprintf(".%0*d", 1+r.IntN(10), r.IntN(10))
		}
		v, _ := new(big.Rat).SetString(text)
		if r.IntN(6) == 0 {
			return text + "%", v.Mul(v, big.NewRat(1, 100))
		}
		return text, v
	}
	a, x := arithmetic(r, depth-1)
	b, y := arithmetic(r, depth-1)
	z := new(big.Rat)
	switch r.IntN(6) {
	case 0:
		return "(" + a + " + " + b + ")", z.Add(x, y)
	case 1:
		return "(" + a + " - " + b + ")", z.Sub(x, y)
	case 2, 3:
		return a + " * " + b, z.Mul(x, y)
	case 4:
		return "-" + a, z.Neg(x)
	}
	if x.Cmp(y) > 0 {
		z.Set(x)
	} else {
		z.Set(y)
	}
	return "max(" + a + ", " + b + ")", z
}

func pow10(n int) int64 {
	p := int64(1)
	for range n {
		p *= 10
	}
	return p
}
