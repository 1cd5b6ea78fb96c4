package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/chudan-io/chudan/policy"
)

func journalOf(t testing.TB, s policy.Store) policy.Journal {
	t.Helper()
	j, ok := s.(policy.Journal)
	if !ok {
		t.Fatal("the store is no policy.Journal")
	}
	return j
}

// visit is the nth one: a minute after the one before.
func visit(n int, k policy.Key, code string) policy.Visit {
	return policy.Visit{
		At: at.Add(time.Duration(n) * time.Minute), Key: k, Reference: fmt.Sprintf("REF%05d", n), Code: code,
		Product: "PERFORMANCE_SURETY_BONDS", Edition: "2021-08", Digest: "d1", Sealed: []byte{0, 0xff, byte(n)},
	}
}

func visits(t testing.TB, j policy.Journal, s policy.VisitSelection) (all []policy.Visit) {
	t.Helper()
	for v, err := range j.Visits(ctx(t), s) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, v)
	}
	return all
}

func sameVisits(t testing.TB, what string, got, want []policy.Visit) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// checkVisits: what was entered is given back to the byte, by everything that
// it is looked up by, also when the process has ended.
func checkVisits(t testing.TB, h Harness) {
	s := h.Open(t)
	j := journalOf(t, s)
	other := policy.Key{Tenant: "app-2", Identifier: "k1"}
	all := []policy.Visit{
		visit(0, key("k1"), "isv.missing-parameter:attrs.agreeOnSendTime"),
		visit(1, policy.Key{Tenant: tenant}, "isv.invalid-parameter:body"),
		visit(2, other, "SUCCESS"),
		visit(3, key("k1"), "SUCCESS"),
		visit(4, key("保单"), "SUCCESS"),
	}
	all[1].Product, all[1].Edition, all[1].Digest = "", "", ""
	all[3].Replayed, all[3].Sealed = true, nil
	if err := j.Enter(ctx(t), all[:2]...); err != nil {
		t.Fatal(err)
	}
	if err := j.Enter(ctx(t), all[2:]...); err != nil {
		t.Fatal(err)
	}
	if err := j.Enter(ctx(t)); err != nil {
		t.Errorf("nothing to enter: %v", err)
	}
	if h.Reopen != nil {
		s = h.Reopen(t, s)
		j = journalOf(t, s)
	}
	for name, c := range map[string]struct {
		selection policy.VisitSelection
		want      []policy.Visit
	}{
		"all":              {policy.VisitSelection{}, all},
		"of a tenant":      {policy.VisitSelection{Tenant: "app-2"}, all[2:3]},
		"of an identifier": {policy.VisitSelection{Tenant: tenant, Identifier: "k1"}, []policy.Visit{all[0], all[3]}},
		"of any tenant's":  {policy.VisitSelection{Identifier: "k1"}, []policy.Visit{all[0], all[2], all[3]}},
		"by reference":     {policy.VisitSelection{Reference: "REF00003"}, all[3:4]},
		"of a product":     {policy.VisitSelection{Product: "PERFORMANCE_SURETY_BONDS", Code: "SUCCESS"}, all[2:]},
		"of a time":        {policy.VisitSelection{From: all[1].At, To: all[3].At}, all[1:3]},
		"of none":          {policy.VisitSelection{Reference: "REF00003", Tenant: "app-2"}, nil},
		"another case":     {policy.VisitSelection{Reference: "ref00003"}, nil},
	} {
		sameVisits(t, name, visits(t, j, c.selection), c.want)
	}
	if got := counted(t, h, s); got != (count{}) {
		t.Errorf("visits left %+v", got)
	}
}

// checkForget: the oldest go, so many as was said, and the others stay.
func checkForget(t testing.TB, h Harness) {
	const rows = 700
	s := h.Open(t)
	j := journalOf(t, s)
	kept := win(t, s, issuing(key("k"), "a"))
	atOnce(t, 7, func(c int) error {
		for n := range rows / 7 {
			if err := j.Enter(ctx(t), visit(n*7+c, key("k"), "SUCCESS")); err != nil {
				return err
			}
		}
		return nil
	})
	before := at.Add(500 * time.Minute)
	for _, want := range []int{300, 200, 0} {
		if n, err := j.Forget(ctx(t), before, 300); err != nil || n != want {
			t.Errorf("forgot %d (%v), want %d", n, err, want)
		}
	}
	left := visits(t, j, policy.VisitSelection{})
	if len(left) != rows-500 {
		t.Errorf("%d are left, want %d", len(left), rows-500)
	}
	for _, v := range left {
		if v.At.Before(before) {
			t.Fatalf("one of %v is left", v.At)
		}
	}
	same(t, "the record", find(t, s, key("k")), kept)
	ended, end := context.WithCancel(ctx(t))
	end()
	if err := j.Enter(ended, visit(0, key("k"), "SUCCESS")); !errors.Is(err, context.Canceled) {
		t.Errorf("with a context that has ended: %v", err)
	}
	if closeStore(t, s) {
		if err := j.Enter(ctx(t), visit(0, key("k"), "SUCCESS")); !errors.Is(err, policy.ErrUnavailable) {
			t.Errorf("after Close: %v, want ErrUnavailable", err)
		}
	}
}
