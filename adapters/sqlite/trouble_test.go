package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chudan-io/chudan/adapters/sqlite"
	"github.com/chudan-io/chudan/policy"
	sqlite3 "modernc.org/sqlite/lib"
)

func TestLockedByAnotherProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "chudan.db")
	s := open(t, sqlite.Config{Path: path, Wait: 50 * time.Millisecond})
	release := lock(t, path)
	var done sync.WaitGroup
	begin := time.Now()
	for i := range 64 {
		done.Go(func() {
			_, _, err := s.Issue(t.Context(), draft(fmt.Sprint(i)))
			if !errors.Is(err, policy.ErrUnavailable) || !strings.Contains(err.Error(), "locked by another process") || !strings.Contains(err.Error(), path) {
				t.Errorf("got %v", err)
			}
		})
	}
	done.Wait()
	// All of them share one or two waits; one after the other would be 64.
	if waited := time.Since(begin); waited > 2*time.Second {
		t.Errorf("64 callers waited %v for a lock that is given up after 50 ms", waited)
	}
	if _, err := s.Find(t.Context(), draft("0").Key); !errors.Is(err, policy.ErrNotFound) {
		t.Errorf("reading under the lock: %v", err)
	}
	release()
	if r := issueOne(t, s, "0"); r.Number != "N1" {
		t.Errorf("the first policy has the number %s", r.Number)
	}
}

// TestTwoWritersTakeTurns: two stores on one file, both without a pause; each
// must get its turn.
func TestTwoWritersTakeTurns(t *testing.T) {
	path := filepath.Join(t.TempDir(), "chudan.db")
	var wins [2]atomic.Int64
	var done sync.WaitGroup
	for p := range wins {
		s := open(t, sqlite.Config{Path: path, Wait: 20 * time.Second})
		for c := range 16 {
			done.Go(func() {
				for i := range 50 {
					_, won, err := s.Issue(t.Context(), draft(fmt.Sprintf("%d-%d", c, i)))
					if err != nil {
						t.Error(err)
						return
					}
					if won {
						wins[p].Add(1)
					}
				}
			})
		}
	}
	done.Wait()
	if sum := wins[0].Load() + wins[1].Load(); sum != 16*50 {
		t.Errorf("%d keys were won by one and %d by the other, in sum %d of %d", wins[0].Load(), wins[1].Load(), sum, 16*50)
	}
}

func TestDiskFull(t *testing.T) {
	path := filepath.Join(t.TempDir(), "chudan.db")
	s := open(t, sqlite.Config{Path: path})
	if err := s.Exec(t.Context(), `PRAGMA max_page_count = 100`); err != nil {
		t.Fatal(err)
	}
	issued := 0
	for ; issued < 1000; issued++ {
		_, _, err := s.Issue(t.Context(), draft(fmt.Sprint(issued)))
		if err == nil {
			continue
		}
		if !errors.Is(err, policy.ErrUnavailable) || !strings.Contains(err.Error(), "disk is full") {
			t.Errorf("got %v", err)
		}
		break
	}
	if issued == 0 || issued == 1000 {
		t.Fatalf("%d policies found room in 100 pages", issued)
	}
	// The connection was given up, and with it the limit: as if there were room again.
	if r := issueOne(t, s, "more"); r.Number != fmt.Sprintf("N%d", issued+1) {
		t.Errorf("after %d policies and one that found no room comes %s", issued, r.Number)
	}
}

func TestConnectionLost(t *testing.T) {
	s := open(t, sqlite.Config{Path: filepath.Join(t.TempDir(), "chudan.db")})
	issueOne(t, s, "1")
	if err := s.Disconnect(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Issue(t.Context(), draft("2")); !errors.Is(err, policy.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
	if r := issueOne(t, s, "2"); r.Number != "N2" {
		t.Errorf("the second policy has the number %s", r.Number)
	}
}

// TestPoisonedDraft: what the database itself refuses fails alone, and is no
// trouble that waiting would cure.
func TestPoisonedDraft(t *testing.T) {
	path := filepath.Join(t.TempDir(), "chudan.db")
	s := open(t, sqlite.Config{Path: path})
	execute(t, path, `CREATE TRIGGER poison BEFORE INSERT ON claim WHEN NEW.value = '13' BEGIN SELECT RAISE(ABORT, 'poison'); END`)
	var done sync.WaitGroup
	for i := range 64 {
		done.Go(func() {
			_, won, err := s.Issue(t.Context(), draft(fmt.Sprint(i)))
			if i == 13 && (err == nil || errors.Is(err, policy.ErrUnavailable)) {
				t.Errorf("the poisoned one: %v", err)
			}
			if i != 13 && (err != nil || !won) {
				t.Errorf("another one: won %v, %v", won, err)
			}
		})
	}
	done.Wait()
	if _, err := s.Find(t.Context(), draft("13").Key); !errors.Is(err, policy.ErrNotFound) {
		t.Errorf("the poisoned one left a record (%v)", err)
	}
	if r := issueOne(t, s, "next"); r.Number != "N64" {
		t.Errorf("after 63 policies comes %s", r.Number)
	}
}

type coded int

func (c coded) Error() string { return fmt.Sprintf("code %d", int(c)) }
func (c coded) Code() int     { return int(c) }

func TestCommitFails(t *testing.T) {
	for name, c := range map[string]struct {
		done bool // whether the commit was carried out before it failed
		code coded
		want error // nil: the record is answered
	}{
		"before the commit":              {false, sqlite3.SQLITE_IOERR_WRITE, policy.ErrUnavailable},
		"after the commit":               {true, sqlite3.SQLITE_IOERR_UNLOCK, nil},
		"the disk did not sync":          {true, sqlite3.SQLITE_IOERR_FSYNC, policy.ErrResultUnknown},
		"the disk did not sync, nothing": {false, sqlite3.SQLITE_IOERR_FSYNC, policy.ErrResultUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, sqlite.Config{Path: filepath.Join(t.TempDir(), "chudan.db")})
			fail := true
			s.OnCommit(func(commit func() error) error {
				if !fail {
					return commit()
				}
				fail = false
				if c.done {
					if err := commit(); err != nil {
						return err
					}
				}
				return c.code
			})
			first, won, err := s.Issue(t.Context(), draft("k"))
			if c.want == nil && (err != nil || !won) || !errors.Is(err, c.want) {
				t.Errorf("got %v, %v, want %v", won, err, c.want)
			}
			// Sent again, the request gets one policy in any case.
			again, won, err := s.Issue(t.Context(), draft("k"))
			if err != nil || won == c.done {
				t.Errorf("sent again: won %v, %v", won, err)
			}
			if c.want == nil && again.Number != first.Number {
				t.Errorf("answered %s, then %s", first.Number, again.Number)
			}
			if next := issueOne(t, s, "next"); next.Number != "N2" {
				t.Errorf("the second policy has the number %s", next.Number)
			}
		})
	}
}

// TestLookupsUseAnIndex: a scan would pass every other test.
func TestLookupsUseAnIndex(t *testing.T) {
	path := filepath.Join(t.TempDir(), "chudan.db")
	open(t, sqlite.Config{Path: path})
	for _, query := range sqlite.Queries() {
		if !strings.Contains(query, "WHERE") {
			continue
		}
		for _, step := range read(t, path, "EXPLAIN QUERY PLAN "+parameter.ReplaceAllString(query, "'1'"), func(r *sql.Rows) (detail string, err error) {
			var id, parent, unused int
			err = r.Scan(&id, &parent, &unused, &detail)
			return detail, err
		}) {
			if strings.HasPrefix(step, "SCAN") && step != "SCAN CONSTANT ROW" || strings.Contains(step, "TEMP B-TREE") {
				t.Errorf("%s: %s", query, step)
			}
		}
	}
}

// TestHistory: what was replaced is kept as it was.
func TestHistory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "chudan.db")
	issueHistory(t, open(t, sqlite.Config{Path: path}))
	got := read(t, path, `SELECT revision || status || CAST(sealed AS TEXT) FROM history ORDER BY revision`, scanText)
	if want := []string{"1refused1", "2referred2"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestFinal: a slip of the hand on an open file does no harm.
func TestFinal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "chudan.db")
	issueHistory(t, open(t, sqlite.Config{Path: path}))
	db := raw(t, path)
	defer db.Close()
	for _, slip := range []string{
		`DELETE FROM record`, `UPDATE record SET sealed = x''`, `DELETE FROM history`, `UPDATE history SET sealed = x''`,
		`DELETE FROM claim`, `UPDATE claim SET record = 2`, `DELETE FROM journal`, `UPDATE journal SET audit = x''`,
	} {
		if _, err := db.ExecContext(t.Context(), slip); err == nil {
			t.Errorf("%s was let pass", slip)
		}
	}
}

// issueHistory issues a policy whose key was refused and referred before.
func issueHistory(t *testing.T, s *sqlite.Store) {
	t.Helper()
	for revision, status := range []policy.Status{policy.StatusRefused, policy.StatusReferred} {
		d := draft("k")
		d.Replaces = int64(revision)
		d.Complete = func(uint64) (policy.Entry, error) {
			return policy.Entry{Record: policy.Record{Key: d.Key, Status: status, Sealed: fmt.Append(nil, revision+1)}}, nil
		}
		if _, won, err := s.Issue(t.Context(), d); err != nil || !won {
			t.Fatalf("won %v, %v", won, err)
		}
	}
	d := draft("k")
	d.Replaces = 2
	if _, won, err := s.Issue(t.Context(), d); err != nil || !won {
		t.Fatalf("won %v, %v", won, err)
	}
}

// draft is a policy under the identifier, with a business key of its own.
func draft(identifier string) policy.Draft {
	k := policy.Key{Tenant: "app-1", Identifier: identifier}
	return policy.Draft{
		Key: k, Numbered: true, Unique: []policy.BusinessKey{{Path: "attrs.premiumFundStreamNo", Value: identifier}},
		Complete: func(seq uint64) (policy.Entry, error) {
			r := policy.Record{Key: k, Status: policy.StatusIssued, Number: fmt.Sprintf("N%d", seq), Sealed: make([]byte, 2000)}
			return policy.Entry{Record: r, Event: fmt.Append(nil, "issued ", identifier), Audit: fmt.Append(nil, "issued ", identifier, seq)}, nil
		},
	}
}

func issueOne(t *testing.T, s *sqlite.Store, identifier string) policy.Record {
	t.Helper()
	r, won, err := s.Issue(t.Context(), draft(identifier))
	if err != nil || !won {
		t.Fatalf("won %v, %v", won, err)
	}
	return r
}

// execute does something to the file past the store.
func execute(t *testing.T, path, statement string) {
	t.Helper()
	db := raw(t, path)
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

// lock holds the file as another process would that does not end its transaction.
func lock(t *testing.T, path string) (release func()) {
	t.Helper()
	db := raw(t, path)
	conn, err := db.Conn(t.Context())
	if err == nil {
		_, err = conn.ExecContext(t.Context(), `BEGIN IMMEDIATE`)
	}
	if err != nil {
		t.Fatal(err)
	}
	return sync.OnceFunc(func() {
		if _, err := conn.ExecContext(context.Background(), `ROLLBACK`); err != nil {
			t.Error(err)
		}
		_ = conn.Close()
		_ = db.Close()
	})
}

func scanText(r *sql.Rows) (text string, err error) {
	err = r.Scan(&text)
	return text, err
}
