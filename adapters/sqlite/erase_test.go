package sqlite_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chudan-io/chudan/adapters/sqlite"
	"github.com/chudan-io/chudan/policy"
)

var erasedAt = time.Date(2036, 1, 2, 3, 4, 5, 6000, time.UTC)

// marked is a policy whose bytes are found again wherever they are: some in its
// page, most in pages of their own.
func marked(identifier, mark string, replaces int64) policy.Draft {
	d := draft(identifier)
	d.Replaces = replaces
	issue := d.Complete
	d.Complete = func(seq uint64) (policy.Entry, error) {
		e, err := issue(seq)
		e.Record.Sealed, e.Record.Fingerprint = []byte(strings.Repeat(mark+" ", 2000)), []byte(mark)
		if replaces == 0 {
			e.Record.Status, e.Record.Number = policy.StatusRefused, ""
		}
		return e, err
	}
	return d
}

// TestErasedBytesAreGone: when the log has gone into the file nothing is left of
// what was erased, neither in a page nor in free space. Without secure_delete
// something is, which shows that the test would notice.
func TestErasedBytesAreGone(t *testing.T) {
	for name, secure := range map[string]bool{"as it is": true, "without secure_delete": false} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "chudan.db")
			s := open(t, sqlite.Config{Path: path})
			for i := range 40 {
				k := fmt.Sprint("k", i)
				mark := "KEPT-MARK"
				if i%2 == 0 {
					mark = "GONE-MARK"
				}
				for replaces := range int64(2) {
					if _, won, err := s.Issue(t.Context(), marked(k, mark, replaces)); err != nil || !won {
						t.Fatal(won, err)
					}
				}
			}
			if !secure {
				if err := s.Exec(t.Context(), `PRAGMA secure_delete = OFF`); err != nil {
					t.Fatal(err)
				}
			}
			for i := 0; i < 40; i += 2 {
				k := policy.Key{Tenant: "app-1", Identifier: fmt.Sprint("k", i)}
				if err := s.Erase(t.Context(), k, 2, erasedAt, []byte("erased")); err != nil {
					t.Fatal(err)
				}
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if n := bytes.Count(text, []byte("KEPT-MARK")); n < 20*2*1900 {
				t.Errorf("of what was kept %d are left", n)
			}
			if n := bytes.Count(text, []byte("GONE-MARK")); (n == 0) != secure {
				t.Errorf("of what was erased %d are left", n)
			}
			if _, err := os.Stat(path + "-wal"); err == nil {
				t.Error("the log is left")
			}
		})
	}
}

// TestErasingIsAllThatPasses: the triggers let a record be erased, and nothing
// beside.
func TestErasingIsAllThatPasses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "chudan.db")
	s := open(t, sqlite.Config{Path: path})
	issueHistory(t, s)
	for _, k := range []string{"held", "erased"} {
		issueOne(t, s, k)
	}
	if _, won, err := s.Issue(t.Context(), policy.Draft{Key: policy.Key{Tenant: "app-1", Identifier: "booking"}, Complete: func(uint64) (policy.Entry, error) {
		return policy.Entry{Record: policy.Record{Key: policy.Key{Tenant: "app-1", Identifier: "booking"}, Status: policy.StatusReserved, Sealed: []byte("x")}}, nil
	}}); err != nil || !won {
		t.Fatal(won, err)
	}
	if err := s.Hold(t.Context(), policy.Hold{Key: policy.Key{Tenant: "app-1", Identifier: "held"}, By: "a", Why: "b", At: erasedAt}, []byte("held")); err != nil {
		t.Fatal(err)
	}
	if err := s.Erase(t.Context(), policy.Key{Tenant: "app-1", Identifier: "erased"}, 1, erasedAt, []byte("erased")); err != nil {
		t.Fatal(err)
	}
	db := raw(t, path)
	defer db.Close()
	const emptied = `UPDATE record SET sealed = x'', fingerprint = x'', erased = 1`
	for name, slip := range map[string]string{
		"not dated":            `UPDATE record SET sealed = x'', fingerprint = x'' WHERE identifier = 'k'`,
		"dated alone":          `UPDATE record SET erased = 1 WHERE identifier = 'k'`,
		"fingerprint left":     `UPDATE record SET sealed = x'', fingerprint = x'01', erased = 1 WHERE identifier = 'k'`,
		"something else in it": `UPDATE record SET sealed = x'00', fingerprint = x'', erased = 1 WHERE identifier = 'k'`,
		"with another number":  emptied + `, number = 'N9' WHERE identifier = 'k'`,
		"with another key":     emptied + `, identifier = 'l' WHERE identifier = 'k'`,
		"at another time":      emptied + `, at = at + 1 WHERE identifier = 'k'`,
		"with another row":     emptied + `, id = 99 WHERE identifier = 'k'`,
		"held":                 emptied + ` WHERE identifier = 'held'`,
		"being booked":         emptied + ` WHERE identifier = 'booking'`,
		"dated anew":           `UPDATE record SET erased = 2 WHERE identifier = 'erased'`,
		"back":                 `UPDATE record SET erased = NULL WHERE identifier = 'erased'`,
		"filled again":         `UPDATE record SET sealed = x'01' WHERE identifier = 'erased'`,
		"deleted":              `DELETE FROM record WHERE identifier = 'erased'`,
		"history alone":        `UPDATE history SET sealed = x'', fingerprint = x''`,
		"another hold":         `UPDATE hold SET why = 'c'`,
	} {
		if _, err := db.ExecContext(t.Context(), slip); err == nil {
			t.Errorf("%s was let pass", name)
		}
	}
	for _, one := range []string{emptied + ` WHERE identifier = 'k'`, `UPDATE history SET sealed = x'', fingerprint = x''`} {
		if _, err := db.ExecContext(t.Context(), one); err != nil {
			t.Errorf("%s: %v", one, err)
		}
	}
	for _, slip := range []string{`UPDATE history SET sealed = x'01'`, `UPDATE history SET status = 'issued', sealed = x''`} {
		if _, err := db.ExecContext(t.Context(), slip); err == nil {
			t.Errorf("%s was let pass", slip)
		}
	}
}
