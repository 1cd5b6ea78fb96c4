package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/chudan-io/chudan/policy"
)

func findUnique(c context.Context, s policy.Store, b policy.BusinessKey) (policy.Record, error) {
	f, ok := s.(policy.UniqueFinder)
	if !ok {
		return policy.Record{}, errors.New("the store is no policy.UniqueFinder")
	}
	return f.FindUnique(c, tenant, b)
}

// taken fails t unless err is a TakenError for this path.
func taken(t testing.TB, what string, err error, path string) {
	t.Helper()
	var e *policy.TakenError
	if !errors.As(err, &e) || e.Path != path {
		t.Errorf("%s: got %v, want a TakenError for %s", what, err, path)
	}
}

func checkTaken(t testing.TB, h Harness) {
	s := h.Open(t)
	insure := policy.BusinessKey{Path: "insureId", Value: "I1"}
	first := win(t, s, issuing(key("first"), "a", stream("S1")))
	before := counted(t, h, s)
	for _, unique := range [][]policy.BusinessKey{{stream("S1")}, {insure, stream("S1")}, {stream("S1"), insure}} {
		_, won, err := s.Issue(ctx(t), issuing(key("second"), "b", unique...))
		taken(t, "second", err, stream("").Path)
		if won {
			t.Error("won although it was taken")
		}
	}
	if after := counted(t, h, s); after != before {
		t.Errorf("a draft whose business key was taken wrote something: %+v, then %+v", before, after)
	}
	if _, err := s.Find(ctx(t), key("second")); !errors.Is(err, policy.ErrNotFound) {
		t.Errorf("a draft whose business key was taken left a record (%v)", err)
	}
	if _, err := findUnique(ctx(t), s, insure); !errors.Is(err, policy.ErrNotFound) {
		t.Errorf("its free business key was claimed all the same (%v)", err)
	}
	holder, err := findUnique(ctx(t), s, stream("S1"))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "holder", holder, first)
	unburnt(t, s, 1)
	win(t, s, issuing(key("second"), "b", insure, stream("S2")))
}

func checkFreeElsewhere(t testing.TB, h Harness) {
	s := h.Open(t)
	win(t, s, issuing(key("k1"), "a", stream("S1")))
	other := policy.Key{Tenant: "app-2", Identifier: "k1"}
	win(t, s, issuing(other, "a", stream("S1")))
	win(t, s, issuing(key("k2"), "a", policy.BusinessKey{Path: "insureId", Value: "S1"}))
	win(t, s, issuing(key("k3"), "a", stream("s1"), stream("S1 "), stream("")))
	holder, err := findUnique(ctx(t), s, stream("S1"))
	if err != nil {
		t.Fatal(err)
	}
	if holder.Key != key("k1") {
		t.Errorf("held by %v", holder.Key)
	}
}

func checkOneStream(t testing.TB, h Harness) {
	s := h.Open(t)
	var won atomic.Int64
	atOnce(t, 100, func(i int) error {
		_, first, err := s.Issue(ctx(t), issuing(key("k-%d", i), "a", stream("S1")))
		if first {
			won.Add(1)
			return err
		}
		taken(t, "loser", err, stream("").Path)
		return nil
	})
	if n := won.Load(); n != 1 {
		t.Errorf("one stream funded %d policies", n)
	}
	if got := counted(t, h, s); got != (count{1, 1}) {
		t.Errorf("left %+v", got)
	}
	unburnt(t, s, 1)
}

// checkCrosswise: two keys in opposite order are where locks taken one by one
// wait for each other for ever.
func checkCrosswise(t testing.TB, h Harness) {
	const pairs = 50
	s := h.Open(t)
	for i := range pairs {
		a, b := stream(fmt.Sprint("a", i)), stream(fmt.Sprint("b", i))
		var won atomic.Int64
		atOnce(t, 2, func(p int) error {
			unique := []policy.BusinessKey{a, b}
			if p == 1 {
				unique = []policy.BusinessKey{b, a}
			}
			_, first, err := s.Issue(ctx(t), issuing(key("k-%d-%d", i, p), "a", unique...))
			if first {
				won.Add(1)
				return err
			}
			taken(t, "loser", err, a.Path)
			return nil
		})
		if n := won.Load(); n != 1 {
			t.Fatalf("%d of 2 won", n)
		}
	}
	unburnt(t, s, pairs)
}

func checkOnlyPoliciesClaim(t testing.TB, h Harness) {
	s := h.Open(t)
	win(t, s, deciding(key("refused"), policy.StatusRefused, "a", stream("S1")))
	win(t, s, deciding(key("referred"), policy.StatusReferred, "a", stream("S1")))
	win(t, s, issuing(key("issued"), "a", stream("S1")))
	_, _, err := s.Issue(ctx(t), replacing(issuing(key("refused"), "b", stream("S1")), 1))
	taken(t, "replacement", err, stream("").Path)
	same(t, "kept", find(t, s, key("refused")), expected(entry(key("refused"), policy.StatusRefused, "", "a"), 1))
}

func checkNamedTwice(t testing.TB, h Harness) {
	s := h.Open(t)
	r := win(t, s, issuing(key("k"), "a", stream("S1"), stream("S1")))
	holder, err := findUnique(ctx(t), s, stream("S1"))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "holder", holder, r)
}
