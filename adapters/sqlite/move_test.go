package sqlite_test

import (
	"context"
	"slices"
	"testing"

	"github.com/chudan-io/chudan/adapters/sqlite"
	"github.com/chudan-io/chudan/adapters/storetest"
	"github.com/chudan-io/chudan/policy"
)

// lossy is a store that loses something of what it receives.
type lossy struct {
	*sqlite.Store
	lose func([]policy.Draft) []policy.Draft
}

func (l *lossy) Receive(ctx context.Context, drafts []policy.Draft) error {
	return l.Store.Receive(ctx, l.lose(slices.Clone(drafts)))
}

// The check of what is received must notice what gets lost, or it shows nothing.
func TestMoveNoticesLoss(t *testing.T) {
	if testing.Short() {
		t.Skip("a control, which races with nothing: make test has it")
	}
	const check = "move/received as it was"
	for name, lose := range map[string]func([]policy.Draft) []policy.Draft{
		"nothing": func(d []policy.Draft) []policy.Draft { return d },
		"business keys": func(d []policy.Draft) []policy.Draft {
			for i := range d {
				d[i].Unique = nil
			}
			return d
		},
		"the last of a transaction": func(d []policy.Draft) []policy.Draft { return d[:len(d)-1] },
		"the order": func(d []policy.Draft) []policy.Draft {
			slices.SortStableFunc(d, func(a, b policy.Draft) int { return int(a.Replaces - b.Replaces) })
			return d
		},
		"events": func(d []policy.Draft) []policy.Draft {
			for i := range d {
				complete := d[i].Complete
				d[i].Complete = func(seq uint64) (policy.Entry, error) {
					e, err := complete(seq)
					e.Event = nil
					return e, err
				}
			}
			return d
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHarness()
			inner := h
			h.Open = func(t testing.TB) policy.Store { return &lossy{inner.Open(t).(*sqlite.Store), lose} }
			h.Reopen = func(t testing.TB, s policy.Store) policy.Store {
				return &lossy{inner.Reopen(t, s.(*lossy).Store).(*sqlite.Store), lose}
			}
			h.Audit = func(t testing.TB, s policy.Store) []storetest.AuditRow { return inner.Audit(t, s.(*lossy).Store) }
			if failures := storetest.Failures(t, h, check); (len(failures) > 0) != (name != "nothing") {
				t.Errorf("failures: %v", failures)
			}
		})
	}
}
