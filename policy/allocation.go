package policy

import (
	"cmp"
	"slices"

	"github.com/chudan-io/chudan/policy/money"
)

// Share is what of a premium falls to one coverage.
type Share struct {
	Coverage string        `json:"coverage"`
	Weight   money.Decimal `json:"weight"` // its part of the rate
	Amount   money.Decimal `json:"amount"` // in the premium's currency, to its minor unit
}

// allocate divides a premium by weight, by the largest remainder: each share is
// rounded down, and the minor units that are left go to those that lost most,
// ties by code. The shares always add up to the premium. Where no weight is
// above 0 all weigh the same.
func allocate(premium money.Decimal, places int, weights []Share) []Share {
	if len(weights) == 0 {
		return nil
	}
	shares := slices.Clone(weights)
	weight := func(s Share) money.Decimal { return s.Weight }
	total := money.Decimal{}
	for _, s := range shares {
		total = total.Add(s.Weight)
	}
	if total.IsZero() {
		weight = func(Share) money.Decimal { return money.FromInt(1) }
		total = money.FromInt(int64(len(shares)))
	}
	left := premium
	lost := make(map[string]money.Decimal, len(shares)) // times total, so that it is exact
	for i, s := range shares {
		due := premium.Mul(weight(s))
		shares[i].Amount, _ = due.Quo(total, places, money.Down)
		lost[s.Coverage] = due.Sub(shares[i].Amount.Mul(total))
		left = left.Sub(shares[i].Amount)
	}
	order := make([]int, len(shares))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int {
		a, b := shares[i].Coverage, shares[j].Coverage
		return cmp.Or(lost[b].Cmp(lost[a]), cmp.Compare(a, b))
	})
	unit := money.FromInt(1).Shift(-places)
	for _, i := range order {
		if left.Sign() <= 0 {
			break
		}
		shares[i].Amount = shares[i].Amount.Add(unit)
		left = left.Sub(unit)
	}
	return shares
}
