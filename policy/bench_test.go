package policy_test

import (
	"context"
	"strconv"
	"testing"

	"github.com/chudan-io/chudan/policy"
)

func BenchmarkNewApplication(b *testing.B) {
	r := sample(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, faults := policy.NewApplication(r); len(faults) > 0 {
			b.Fatal(faults)
		}
	}
}

func BenchmarkDecide(b *testing.B) {
	for name, r := range map[string]*policy.Request{"published": sample(b), "dollars": dollars(b), "refused": with(b, "premium", "6.37", "insureId", "")} {
		b.Run(name, func(b *testing.B) {
			bond := newBond()
			b.ReportAllocs()
			for b.Loop() {
				if _, err := policy.Decide(bond, r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkIssue is without a real store: what the issuer itself costs.
func BenchmarkIssue(b *testing.B) {
	b.Run("new", func(b *testing.B) {
		i := issuerOf(b, newLedger())
		r := with(b, "attrs.premiumFundStreamNo", "")
		n := 0
		b.ReportAllocs()
		for b.Loop() {
			n++
			r.Identifier = strconv.Itoa(n)
			if _, err := i.Issue(context.Background(), acme, r); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("replay", func(b *testing.B) {
		i := issuerOf(b, newLedger())
		r := sample(b)
		issue(b, i, r)
		b.ReportAllocs()
		for b.Loop() {
			if _, err := i.Issue(context.Background(), acme, r); err != nil {
				b.Fatal(err)
			}
		}
	})
}
