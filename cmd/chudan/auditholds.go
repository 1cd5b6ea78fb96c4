package main

import (
	"cmp"
	"context"
	"slices"

	"github.com/chudan-io/chudan/policy"
)

// heldKeys holds the legal holds of a store against those of its audit chain.
type heldKeys struct {
	wanted bool
	chain  map[policy.Key]int  // holds less releases, in whatever order chains are gone through
	stood  map[policy.Key]bool // before the chain was read
}

func (k *heldKeys) before(ctx context.Context, wanted bool, s store) (err error) {
	if k.wanted = wanted; wanted {
		k.chain = map[policy.Key]int{}
		k.stood, err = standing(ctx, s)
	}
	return err
}

func standing(ctx context.Context, s store) (map[policy.Key]bool, error) {
	stand := map[policy.Key]bool{}
	for h, err := range s.Holds(ctx) {
		if err != nil {
			return nil, err
		}
		stand[h.Key] = true
	}
	return stand, nil
}

// note takes an event of the chain.
func (k *heldKeys) note(e *auditedDecision) {
	if e.Type == policyHeld {
		k.chain[e.key()]++
	} else {
		k.chain[e.key()]--
	}
	if k.chain[e.key()] == 0 {
		delete(k.chain, e.key())
	}
}

// after tells what is wrong. What is placed, or released, while the chain is
// read is not: it stood before or after, and not both.
func (k *heldKeys) after(ctx context.Context, v *verification, s store) error {
	if !k.wanted {
		return nil
	}
	stand, err := standing(ctx, s)
	if err != nil {
		return err
	}
	var flaws []auditFlaw
	for key, n := range k.chain {
		if n > 0 && !k.stood[key] && !stand[key] {
			flaws = append(flaws, auditFlaw{Problem: "hold-gone", Key: string(key.Tenant) + "/" + key.Identifier})
		}
	}
	for key := range k.stood {
		if stand[key] && k.chain[key] <= 0 {
			flaws = append(flaws, auditFlaw{Problem: "hold-made", Key: string(key.Tenant) + "/" + key.Identifier})
		}
	}
	slices.SortFunc(flaws, func(a, b auditFlaw) int { return cmp.Or(cmp.Compare(a.Problem, b.Problem), cmp.Compare(a.Key, b.Key)) })
	for _, f := range flaws {
		v.add(f)
	}
	return nil
}
