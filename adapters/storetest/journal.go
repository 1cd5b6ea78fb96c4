package storetest

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"github.com/chudan-io/chudan/policy"
)

func checkJournal(t testing.TB, h Harness) {
	s := h.Open(t)
	if got := counted(t, h, s); got != (count{}) {
		t.Fatalf("a new store holds %+v", got)
	}
	refused := deciding(key("2"), policy.StatusRefused, "a")
	win(t, s, issuing(key("1"), "a"))
	win(t, s, refused)
	issue(t, s, issuing(key("1"), "b"))
	win(t, s, deciding(key("3"), policy.StatusReferred, "a"))
	win(t, s, replacing(issuing(key("2"), "b"), 1))
	want := []policy.Entry{
		entry(key("1"), policy.StatusIssued, number(1), "a"),
		entry(key("2"), policy.StatusRefused, "", "a"),
		entry(key("3"), policy.StatusReferred, "", "a"),
		entry(key("2"), policy.StatusIssued, number(2), "b"),
	}
	sameBytes(t, "event", h.Events(t, s), column(want, func(e policy.Entry) []byte { return e.Event }))
	rows := h.Audit(t, s)
	sameBytes(t, "audit event", column(rows, func(r AuditRow) []byte { return r.Event }),
		column(want, func(e policy.Entry) []byte { return e.Audit }))
	if err := VerifyChain(rows); err != nil {
		t.Error(err)
	}
}

func checkTampering(t testing.TB, h Harness) {
	const rows = 20
	s := h.Open(t)
	atOnce(t, rows, func(i int) error {
		_, _, err := s.Issue(ctx(t), issuing(key("k-%d", i), "a"))
		return err
	})
	written := h.Audit(t, s)
	if err := VerifyChain(written); err != nil {
		t.Error(err)
	}
	for i := range rows - 1 {
		if !bytes.Equal(written[i].Begin, written[i+1].Begin) {
			continue // the last of its chain: a tail that is cut off goes unnoticed
		}
		for what, tamper := range map[string]func([]AuditRow) []AuditRow{
			"altered":  func(r []AuditRow) []AuditRow { r[i].Event[len(r[i].Event)-1] ^= 1; return r },
			"deleted":  func(r []AuditRow) []AuditRow { return slices.Delete(r, i, i+1) },
			"inserted": func(r []AuditRow) []AuditRow { return slices.Insert(r, i, r[i]) },
			"swapped":  func(r []AuditRow) []AuditRow { r[i], r[i+1] = r[i+1], r[i]; return r },
		} {
			if VerifyChain(tamper(copies(written))) == nil {
				t.Errorf("nobody noticed that row %d was %s", i+1, what)
			}
		}
	}
}

func copies(rows []AuditRow) []AuditRow {
	all := slices.Clone(rows)
	for i, row := range rows {
		all[i].Event = slices.Clone(row.Event)
	}
	return all
}

func column[T any](rows []T, of func(T) []byte) [][]byte {
	out := make([][]byte, len(rows))
	for i, row := range rows {
		out[i] = of(row)
	}
	return out
}

func sameBytes(t testing.TB, what string, got, want [][]byte) {
	t.Helper()
	if !slices.EqualFunc(got, want, bytes.Equal) {
		t.Errorf("%ss:\n got %s\nwant %s", what, fmt.Sprintf("%q", got), fmt.Sprintf("%q", want))
	}
}
