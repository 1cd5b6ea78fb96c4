package storetest

import (
	"errors"
	"sync/atomic"
	"testing"

	"github.com/chudan-io/chudan/policy"
)

func checkReplace(t testing.TB, h Harness) {
	s := h.Open(t)
	k := key("k")
	win(t, s, deciding(k, policy.StatusRefused, "a"))
	second := win(t, s, replacing(deciding(k, policy.StatusReferred, "b", stream("S1")), 1))
	same(t, "referred", second, expected(entry(k, policy.StatusReferred, "", "b"), 2))
	third := win(t, s, replacing(issuing(k, "c", stream("S1")), 2))
	same(t, "issued", third, expected(entry(k, policy.StatusIssued, number(1), "c"), 3))
	same(t, "found", find(t, s, k), third)
	holder, err := findUnique(ctx(t), s, stream("S1"))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "holder", holder, third)
	if got := counted(t, h, s); got != (count{3, 3}) {
		t.Errorf("three decisions left %+v", got)
	}
}

func checkReplaceWrong(t testing.TB, h Harness) {
	s := h.Open(t)
	k := key("k")
	// A draft may be based on a record that is gone; the key is free then.
	first := win(t, s, replacing(deciding(k, policy.StatusRefused, "a"), 7))
	if first.Revision != 1 {
		t.Errorf("the first record has revision %d", first.Revision)
	}
	for _, revision := range []int64{0, 2, -1} {
		got, won := issue(t, s, replacing(issuing(k, "b", stream("S1")), revision))
		if won {
			t.Fatalf("revision 1 was replaced by a draft for %d", revision)
		}
		same(t, "answered", got, first)
	}
	second := win(t, s, replacing(deciding(k, policy.StatusRefused, "c"), 1))
	got, won := issue(t, s, replacing(issuing(k, "d"), 1))
	if won {
		t.Fatal("revision 1 was replaced twice")
	}
	same(t, "answered", got, second)
	if _, err := findUnique(ctx(t), s, stream("S1")); !errors.Is(err, policy.ErrNotFound) {
		t.Errorf("a loser claimed a business key (%v)", err)
	}
	unburnt(t, s, 0)
}

func checkReplaceIssued(t testing.TB, h Harness) {
	s := h.Open(t)
	k := key("k")
	first := win(t, s, issuing(k, "a"))
	for _, d := range []policy.Draft{issuing(k, "b"), deciding(k, policy.StatusRefused, "b")} {
		got, won := issue(t, s, replacing(d, 1))
		if won {
			t.Fatal("a policy was replaced")
		}
		same(t, "answered", got, first)
	}
	same(t, "kept", find(t, s, k), first)
}

func checkReplaceAtOnce(t testing.TB, h Harness) {
	s := h.Open(t)
	for i := range 20 {
		k := key("k-%d", i)
		win(t, s, deciding(k, policy.StatusRefused, "a"))
		var won atomic.Int64
		atOnce(t, 8, func(p int) error {
			r, first, err := s.Issue(ctx(t), replacing(issuing(k, string(rune('b'+p))), 1))
			if first {
				won.Add(1)
			}
			if err == nil && r.Revision != 2 {
				t.Errorf("answered with revision %d, want 2", r.Revision)
			}
			return err
		})
		if n := won.Load(); n != 1 {
			t.Fatalf("%d of 8 replaced one revision", n)
		}
	}
	unburnt(t, s, 20)
}
