package storm_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/chudan-io/chudan/policy"
)

// verdict is what a storm comes to.
type verdict struct {
	identifiers  int // of which a policy was acknowledged
	acknowledged int // answers that carried a number
	stored       int // policies in the store
	duplicates   int // identifiers that were told more than one number, or numbers told for two
	lost         int // acknowledged and not in the store, or there with another number
}

func (v verdict) sound() bool {
	return v.duplicates == 0 && v.lost == 0 && v.stored == v.identifiers
}

func (v verdict) String() string {
	return fmt.Sprintf("%d identifiers, %d acknowledgements: %d policies, %d duplicates, %d lost",
		v.identifiers, v.acknowledged, v.stored, v.duplicates, v.lost)
}

// judge holds what was acknowledged against what is stored.
func (f *fleet) judge(ctx context.Context, s policy.Lister) (v verdict, err error) {
	stored := map[string]string{}
	for r, err := range s.List(ctx, policy.Selection{Status: policy.StatusIssued}) {
		if err != nil {
			return v, err
		}
		v.stored++
		stored[r.Key.Identifier] = r.Number
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	told, holder := map[string]string{}, map[string]string{}
	for _, r := range f.reports {
		if r.report.Number == "" {
			continue
		}
		v.acknowledged++
		first, again := told[r.order.Identifier]
		other, taken := holder[r.report.Number]
		switch {
		case again && first != r.report.Number, taken && other != r.order.Identifier:
			v.duplicates++
		case !again && stored[r.order.Identifier] != r.report.Number:
			v.lost++
		}
		if !again {
			told[r.order.Identifier] = r.report.Number
		}
		holder[r.report.Number] = r.order.Identifier
	}
	v.identifiers = len(told)
	return v, nil
}

// examine opens the store once more, as the next process would, and judges.
func (f *fleet) examine(t testing.TB) verdict {
	t.Helper()
	s, err := open(t.Context(), f.dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	v, err := f.judge(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
