package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chudan-io/chudan/policy"
)

func listerOf(t testing.TB, s policy.Store) policy.Lister {
	t.Helper()
	l, ok := s.(policy.Lister)
	if !ok {
		t.Fatal("the store is no policy.Lister")
	}
	return l
}

func listed(t testing.TB, s policy.Store, sel policy.Selection) (keys []policy.Key) {
	t.Helper()
	for r, err := range listerOf(t, s).List(ctx(t), sel) {
		if err != nil {
			t.Fatal(err)
		}
		same(t, "listed", r, find(t, s, r.Key))
		keys = append(keys, r.Key)
	}
	return keys
}

func checkList(t testing.TB, h Harness) {
	s := h.Open(t)
	other := policy.Key{Tenant: "app-2", Identifier: "a"}
	amend := func(d policy.Draft, change func(*policy.Record)) policy.Draft {
		complete := d.Complete
		d.Complete = func(seq uint64) (policy.Entry, error) {
			e, err := complete(seq)
			change(&e.Record)
			return e, err
		}
		return d
	}
	win(t, s, amend(issuing(key("b"), "x"), func(r *policy.Record) { r.Product = "P2" }))
	win(t, s, amend(deciding(key("a"), policy.StatusRefused, "x"), func(r *policy.Record) { r.At = at.Add(time.Microsecond) }))
	win(t, s, amend(issuing(other, "x"), func(r *policy.Record) { r.Edition = "E2"; r.At = at.Add(time.Hour) }))
	win(t, s, deciding(key("c"), policy.StatusRefused, "x"))
	win(t, s, replacing(issuing(key("c"), "y"), 1))
	for what, c := range map[string]struct {
		sel  policy.Selection
		want []policy.Key
	}{
		"all, as they arrived":    {policy.Selection{}, []policy.Key{key("b"), key("a"), other, key("c")}},
		"of a tenant":             {policy.Selection{Tenant: "app-2"}, []policy.Key{other}},
		"of a product":            {policy.Selection{Product: "P2"}, []policy.Key{key("b")}},
		"of an edition":           {policy.Selection{Edition: "E2"}, []policy.Key{other}},
		"of a status they have":   {policy.Selection{Status: policy.StatusIssued}, []policy.Key{key("b"), other, key("c")}},
		"refused":                 {policy.Selection{Status: policy.StatusRefused}, []policy.Key{key("a")}},
		"from, which is included": {policy.Selection{From: at.Add(time.Microsecond)}, []policy.Key{key("a"), other}},
		"to, which is not":        {policy.Selection{To: at.Add(time.Hour)}, []policy.Key{key("b"), key("a"), key("c")}},
		"a moment":                {policy.Selection{From: at, To: at.Add(time.Microsecond)}, []policy.Key{key("b"), key("c")}},
		"none":                    {policy.Selection{Product: "P3"}, nil},
	} {
		if diff := cmp.Diff(c.want, listed(t, s, c.sel)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
}

// checkListPages: more than any page holds, each once, in order; and the
// listing ends where its reader, its context or the store does.
func checkListPages(t testing.TB, h Harness) {
	const rows = 1200
	s := h.Open(t)
	atOnce(t, 8, func(c int) error {
		for i := range rows / 8 {
			if _, _, err := s.Issue(ctx(t), issuing(key("k-%d-%d", c, i), "a")); err != nil {
				return err
			}
		}
		return nil
	})
	seen := map[policy.Key]bool{}
	for r, err := range listerOf(t, s).List(ctx(t), policy.Selection{}) {
		if err != nil {
			t.Fatal(err)
		}
		seen[r.Key] = true
	}
	if len(seen) != rows {
		t.Errorf("%d of %d were listed", len(seen), rows)
	}
	for _, err := range listerOf(t, s).List(ctx(t), policy.Selection{}) {
		if err != nil {
			t.Error(err)
		}
		break
	}
	ended, end := context.WithCancel(ctx(t))
	end()
	if err := listError(ended, listerOf(t, s)); !errors.Is(err, context.Canceled) {
		t.Errorf("with a context that has ended: %v", err)
	}
	if closeStore(t, s) {
		if err := listError(ctx(t), listerOf(t, s)); !errors.Is(err, policy.ErrUnavailable) {
			t.Errorf("after Close: %v, want ErrUnavailable", err)
		}
	}
}

func listError(ctx context.Context, l policy.Lister) error {
	n := 0
	for _, err := range l.List(ctx, policy.Selection{}) {
		if err != nil {
			return err
		}
		n++
	}
	return fmt.Errorf("%d records and no error", n)
}
