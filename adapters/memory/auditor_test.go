package memory_test

import (
	"context"
	"iter"
	"testing"

	"github.com/chudan-io/chudan/adapters/memory"
	"github.com/chudan-io/chudan/adapters/storetest"
	"github.com/chudan-io/chudan/policy"
)

// auditing is a store in memory that is an Auditor as well, of the rows that
// change leaves.
type auditing struct {
	*memory.Store
	deaf   bool // to the end of ctx
	change func([]policy.AuditRow) []policy.AuditRow
}

// Audit is policy.Auditor's.
func (a *auditing) Audit(ctx context.Context) iter.Seq2[policy.AuditRow, error] {
	return func(yield func(policy.AuditRow, error) bool) {
		if ctx.Err() != nil && !a.deaf {
			yield(policy.AuditRow{}, ctx.Err())
			return
		}
		var rows []policy.AuditRow
		for i, r := range audit(a.Store) {
			rows = append(rows, policy.AuditRow{Position: int64(i) + 1, Event: r.Event, Hash: r.Hash})
		}
		if a.change != nil && len(rows) > 0 {
			rows = a.change(rows)
		}
		for _, r := range rows {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// TestSuiteNoticesAuditors is the control of the suite's check of Auditors.
func TestSuiteNoticesAuditors(t *testing.T) {
	const check = "journal/who verifies is given all of it"
	for name, c := range map[string]struct {
		auditing
		sound bool
	}{
		"sound":           {auditing{}, true},
		"the first page":  {auditing{change: func(r []policy.AuditRow) []policy.AuditRow { return r[:256] }}, false},
		"without a row":   {auditing{change: func(r []policy.AuditRow) []policy.AuditRow { return append(r[:99], r[100:]...) }}, false},
		"a row twice":     {auditing{change: func(r []policy.AuditRow) []policy.AuditRow { return append(r, r[len(r)-1]) }}, false},
		"without hashes":  {auditing{change: func(r []policy.AuditRow) []policy.AuditRow { r[7].Hash = nil; return r }}, false},
		"nothing":         {auditing{change: func([]policy.AuditRow) []policy.AuditRow { return nil }}, false},
		"to nobody":       {auditing{deaf: true}, false},
		"counting from 0": {auditing{change: func(r []policy.AuditRow) []policy.AuditRow { r[0].Position = 0; return r }}, false},
	} {
		t.Run(name, func(t *testing.T) {
			h := storetest.Harness{
				Open: func(testing.TB) policy.Store {
					a := c.auditing
					a.Store = memory.New()
					return &a
				},
				Audit: func(_ testing.TB, s policy.Store) []storetest.AuditRow { return audit(s.(*auditing).Store) },
			}
			if failures := storetest.Failures(t, h, check); (len(failures) == 0) != c.sound {
				t.Errorf("%v", failures)
			}
		})
	}
}
