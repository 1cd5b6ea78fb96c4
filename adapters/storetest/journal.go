package storetest

import (
	"bytes"
	"context"
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

// checkAuditor: who verifies is given every row, and openings beside them only.
// A store that forgets need not be an Auditor.
func checkAuditor(t testing.TB, h Harness) {
	const rows = 600 // more than any page holds
	s := h.Open(t)
	auditor, ok := s.(policy.Auditor)
	if !ok {
		return
	}
	verified := func() (given []policy.AuditRow, heads int) {
		var c policy.AuditCheck
		for r, err := range auditor.Audit(ctx(t)) {
			if err != nil {
				t.Fatal(err)
			}
			if !c.Add(r) {
				t.Fatalf("row %d of chain %d breaks it", r.Position, r.Chain)
			}
			if r.Position > 0 {
				given = append(given, r)
			}
		}
		if missing := c.Missing(); len(missing) > 0 {
			t.Fatalf("%d rows are missing", len(missing))
		}
		return given, len(c.Heads())
	}
	if given, _ := verified(); len(given) > 0 {
		t.Fatalf("a new store gives %d rows", len(given))
	}
	atOnce(t, rows, func(i int) error {
		_, _, err := s.Issue(ctx(t), issuing(key("k-%d", i), "a"))
		return err
	})
	given, heads := verified()
	if heads == 0 {
		t.Error("there is no head to keep")
	}
	sameBytes(t, "audit event", column(given, func(r policy.AuditRow) []byte { return r.Event }), column(h.Audit(t, s), func(r AuditRow) []byte { return r.Event }))
	seen := 0
	for _, err := range auditor.Audit(ctx(t)) {
		if seen++; err != nil {
			t.Fatal(err)
		}
		break // whoever has seen enough
	}
	if seen != 1 {
		t.Errorf("%d rows are given to who wants one", seen)
	}
	gone, cancel := context.WithCancel(ctx(t))
	cancel()
	for _, err := range auditor.Audit(gone) {
		if err == nil {
			t.Error("a row is given to nobody")
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
