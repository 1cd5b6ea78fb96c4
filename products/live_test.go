package products_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
)

// marked is an edition whose two rules and notes all bear one mark.
func marked(t testing.TB, mark string) *products.Catalog {
	t.Helper()
	text := strings.Replace(header, "履约保证保险", mark, 1) + `coverages: {QUALITY: 质量险, DELIVERY: 交期险, APPEARANCE: 外观险}
rules:
  FIRST_` + mark + `: {reject_if: amount > 0, message: 一}
  SECOND_` + mark + `: {reject_if: amount > 1, message: 二}
`
	c, err := products.Load(bond(t, map[string][]byte{edition: []byte(text)}))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestLive exchanges a catalog while requests are decided: each is decided
// under one edition from beginning to end.
func TestLive(t *testing.T) {
	catalogs := []*products.Catalog{marked(t, "A"), marked(t, "B")}
	live := products.NewLive(catalogs[0])
	request := sample(t, nil)
	var ended atomic.Bool
	var all sync.WaitGroup
	var decided [2]atomic.Int64
	for range 4 {
		all.Go(func() {
			for !ended.Load() {
				d, err := policy.Decide(live, request)
				if err != nil || len(d.Faults) < 2 {
					t.Errorf("%v %v", err, d.Faults)
					return
				}
				mark := d.Terms.Title.ZH
				for _, f := range d.Faults {
					if f.Kind == policy.KindRejected && !strings.HasSuffix(f.Code, mark) {
						t.Errorf("edition %s found %s", mark, f.Code)
					}
				}
				decided[map[string]int{"A": 0, "B": 1}[mark]].Add(1)
			}
		})
	}
	for i := 0; !t.Failed() && (decided[0].Load() < 200 || decided[1].Load() < 200); i++ {
		live.Set(catalogs[i%2])
	}
	ended.Store(true)
	all.Wait()
	if got := live.Catalog(); got != catalogs[0] && got != catalogs[1] {
		t.Error("another catalog than was set")
	}
}
