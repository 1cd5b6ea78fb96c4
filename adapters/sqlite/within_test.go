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
	"testing"
	"time"

	"github.com/chudan-io/chudan/adapters/sqlite"
	"github.com/chudan-io/chudan/adapters/storetest"
	"github.com/chudan-io/chudan/policy"
)

// host is a handle of somebody else's on the file, with a table of his own.
func host(t *testing.T, path, settings string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?_busy_timeout=20000&"+settings)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if _, err := db.ExecContext(t.Context(), `CREATE TABLE IF NOT EXISTS booked (identifier TEXT NOT NULL)`); err != nil {
		t.Fatal(err)
	}
	return db
}

const immediate = "_txlock=immediate"

func beginTx(t *testing.T, db *sql.DB) *sql.Tx {
	t.Helper()
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tx.Rollback() })
	return tx
}

func book(t *testing.T, tx *sql.Tx, identifier string) {
	t.Helper()
	if _, err := tx.ExecContext(t.Context(), `INSERT INTO booked VALUES (?)`, identifier); err != nil {
		t.Error(err)
	}
}

// issueWithin issues and wants to have won.
func issueWithin(t *testing.T, s policy.Store, identifier string) policy.Record {
	t.Helper()
	r, won, err := s.Issue(t.Context(), draft(identifier))
	if err != nil || !won {
		t.Fatalf("%s: won %v, %v", identifier, won, err)
	}
	return r
}

func booked(t *testing.T, path string) []string {
	t.Helper()
	return read(t, path, `SELECT identifier FROM booked ORDER BY 1`, scanText)
}

// sound holds the chain, and the claims against the policies.
func sound(t *testing.T, path string) {
	t.Helper()
	if err := storetest.VerifyChain(audit(t, path)); err != nil {
		t.Error(err)
	}
	const counts = `SELECT (SELECT count(*) FROM record) = (SELECT count(*) FROM claim) AND (SELECT count(*) FROM record) = (SELECT count(*) FROM journal)`
	if got := read(t, path, counts, scanText); !slices.Equal(got, []string{"1"}) {
		t.Error("there are not as many claims, or rows of the journal, as policies")
	}
}

// TestWithin: the host's row and the policy are there together, or neither is.
func TestWithin(t *testing.T) {
	path := filepath.Join(t.TempDir(), "chudan.db")
	s := open(t, sqlite.Config{Path: path})
	db := host(t, path, immediate)
	issueOne(t, s, "before")

	tx := beginTx(t, db)
	within := s.Within(tx)
	book(t, tx, "gone")
	lost := issueWithin(t, within, "gone")
	if _, err := s.Find(t.Context(), lost.Key); !errors.Is(err, policy.ErrNotFound) {
		t.Errorf("found outside before the commit (%v)", err)
	}
	if r, err := within.Find(t.Context(), lost.Key); err != nil || r.Number != lost.Number {
		t.Errorf("found inside: %s, %v", r.Number, err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Find(t.Context(), lost.Key); !errors.Is(err, policy.ErrNotFound) {
		t.Errorf("found after the rollback (%v)", err)
	}
	if _, _, err := within.Issue(t.Context(), draft("late")); !errors.Is(err, sql.ErrTxDone) || errors.Is(err, policy.ErrUnavailable) {
		t.Errorf("after the rollback: %v", err)
	}

	tx = beginTx(t, db)
	book(t, tx, "kept")
	kept := issueWithin(t, s.Within(tx), "kept")
	if kept.Number != lost.Number {
		t.Errorf("the number %s was burnt by a rollback: next comes %s", lost.Number, kept.Number)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	if r, err := s.Policy(t.Context(), kept.Number); err != nil || r.Key != kept.Key {
		t.Errorf("after the commit: %v, %v", r.Key, err)
	}
	if got := booked(t, path); !slices.Equal(got, []string{"kept"}) {
		t.Errorf("the host's rows are %q", got)
	}
	if r := issueOne(t, s, "after"); r.Number != "N3" {
		t.Errorf("after two policies comes %s", r.Number)
	}
	sound(t, path)
}

// TestWithinLosesAndFails: what is true of the store is true inside, and the
// host's transaction goes on after each of it.
func TestWithinLosesAndFails(t *testing.T) {
	path := filepath.Join(t.TempDir(), "chudan.db")
	s := open(t, sqlite.Config{Path: path})
	first := issueOne(t, s, "first")
	execute(t, path, `CREATE TRIGGER poison BEFORE INSERT ON claim WHEN NEW.value = '13' BEGIN SELECT RAISE(ABORT, 'poison'); END`)
	tx := beginTx(t, host(t, path, immediate))
	within := s.Within(tx)
	book(t, tx, "host")

	if r, won, err := within.Issue(t.Context(), draft("first")); won || err != nil || r.Number != first.Number {
		t.Errorf("a key from outside: %v, %v, %s", won, err, r.Number)
	}
	second := issueWithin(t, within, "second")
	if r, won, err := within.Issue(t.Context(), draft("second")); won || err != nil || r.Number != second.Number {
		t.Errorf("a key from inside: %v, %v, %s", won, err, r.Number)
	}
	broken := errors.New("broken")
	failing := func(change func(*policy.Draft)) policy.Draft {
		d := draft("failing")
		change(&d)
		return d
	}
	var taken *policy.TakenError
	for name, d := range map[string]policy.Draft{
		"a stream from outside": failing(func(d *policy.Draft) { d.Unique[0].Value = "first" }),
		"a stream from inside":  failing(func(d *policy.Draft) { d.Unique[0].Value = "second" }),
	} {
		if _, _, err := within.Issue(t.Context(), d); !errors.As(err, &taken) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, _, err := within.Issue(t.Context(), failing(func(d *policy.Draft) {
		d.Complete = func(uint64) (policy.Entry, error) { return policy.Entry{}, broken }
	})); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	// What fails half-way, when its record is written already, leaves none.
	if _, _, err := within.Issue(t.Context(), draft("13")); err == nil || errors.Is(err, policy.ErrUnavailable) {
		t.Errorf("the poisoned one: %v", err)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if _, _, err := within.Issue(ended, draft("ended")); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if holder, err := within.(policy.UniqueFinder).FindUnique(t.Context(), "app-1", draft("second").Unique[0]); err != nil || holder.Key != second.Key {
		t.Errorf("the holder of a stream is %v, %v", holder.Key, err)
	}
	if r := issueWithin(t, within, "third"); r.Number != "N3" {
		t.Errorf("the third policy has the number %s", r.Number)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	if got := booked(t, path); !slices.Equal(got, []string{"host"}) {
		t.Errorf("the host's rows are %q", got)
	}
	for _, identifier := range []string{"failing", "13", "ended"} {
		if _, err := s.Find(t.Context(), draft(identifier).Key); !errors.Is(err, policy.ErrNotFound) {
			t.Errorf("%s left a record (%v)", identifier, err)
		}
	}
	sound(t, path)
}

// TestWithinAtOnce: eight hosts beside the store's own callers; every third
// transaction is rolled back.
func TestWithinAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "chudan.db")
	s := open(t, sqlite.Config{Path: path, Wait: 20 * time.Second})
	for name, settings := range map[string]string{"immediate": immediate, "deferred": ""} {
		db := host(t, path, settings)
		var done sync.WaitGroup
		for h := range 8 {
			done.Go(func() {
				for i := range 12 {
					// Half of the identifiers are every host's.
					identifier := fmt.Sprintf("%s-%d-%d", name, i, h*(i%2))
					tx, err := db.BeginTx(t.Context(), nil)
					if err != nil {
						t.Error(err)
						return
					}
					_, won, err := s.Within(tx).Issue(t.Context(), draft(identifier))
					if err != nil {
						t.Error(err)
					}
					if won {
						book(t, tx, identifier)
					}
					end := tx.Commit
					if i%3 == 2 {
						end = tx.Rollback
					}
					if err := end(); err != nil {
						t.Error(err)
					}
				}
			})
			done.Go(func() { issueOne(t, s, fmt.Sprintf("%s-store-%d", name, h)) })
		}
		done.Wait()
	}
	policies := read(t, path, `SELECT identifier FROM record WHERE identifier NOT LIKE '%store%' ORDER BY 1`, scanText)
	if got := booked(t, path); !slices.Equal(got, policies) {
		t.Errorf("the hosts have\n%q for the policies\n%q", got, policies)
	}
	if want := 2 * (4 + 4*8); len(policies) != want {
		t.Errorf("%d policies, want %d", len(policies), want)
	}
	sound(t, path)
}

// TestWithinRefuses: what cannot end well is refused before anything is written.
func TestWithinRefuses(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	s := open(t, sqlite.Config{Path: at("chudan.db"), Wait: 50 * time.Millisecond})
	_ = open(t, sqlite.Config{Path: at("other.db")})
	for name, c := range map[string]struct{ path, settings, before, want string }{
		"no schema":                     {"theirs.db", immediate, ``, "another file, " + at("theirs.db")},
		"another file of chudan's":      {"other.db", immediate, ``, "another file, " + at("other.db")},
		"commits that are not synced":   {"chudan.db", immediate + "&_synchronous=NORMAL", ``, "_synchronous=FULL"},
		"a transaction that only reads": {"chudan.db", "_query_only=true", ``, "cannot be written"},
		"another version":               {"chudan.db", immediate, `PRAGMA user_version = 99`, "version 99"},
	} {
		t.Run(name, func(t *testing.T) {
			db := host(t, at(c.path), "")
			if c.settings != "" {
				var err error
				if db, err = sql.Open("sqlite", "file:"+at(c.path)+"?"+c.settings); err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = db.Close() })
			}
			tx := beginTx(t, db)
			if _, err := tx.ExecContext(t.Context(), c.before); err != nil {
				t.Fatal(err)
			}
			if _, _, err := s.Within(tx).Issue(t.Context(), draft("k")); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v\ndoes not say %q", err, c.want)
			}
			_ = tx.Rollback()
		})
	}
	t.Run("what it read has changed", func(t *testing.T) {
		tx := beginTx(t, host(t, at("chudan.db"), ""))
		var n int
		if err := tx.QueryRowContext(t.Context(), `SELECT count(*) FROM booked`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		issueOne(t, s, "meanwhile")
		if _, _, err := s.Within(tx).Issue(t.Context(), draft("k")); !errors.Is(err, policy.ErrUnavailable) || !strings.Contains(err.Error(), "IMMEDIATE") {
			t.Errorf("got %v", err)
		}
	})
	tx := beginTx(t, host(t, at("chudan.db"), immediate))
	within := s.Within(tx)
	issueWithin(t, within, "k")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := within.Issue(t.Context(), draft("l")); !errors.Is(err, policy.ErrUnavailable) {
		t.Errorf("after Close: %v", err)
	}
}

// TestWithinLost: where SQLite undoes all of the transaction, nothing more is
// written in its place.
func TestWithinLost(t *testing.T) {
	path := filepath.Join(t.TempDir(), "chudan.db")
	s := open(t, sqlite.Config{Path: path})
	tx := beginTx(t, host(t, path, immediate))
	within := s.Within(tx)
	book(t, tx, "host")
	issueWithin(t, within, "1")
	if _, err := tx.ExecContext(t.Context(), `CREATE TRIGGER gone BEFORE INSERT ON claim WHEN NEW.value = '2' BEGIN SELECT RAISE(ROLLBACK, 'gone'); END`); err != nil {
		t.Fatal(err)
	}
	for _, identifier := range []string{"2", "3"} {
		if _, _, err := within.Issue(t.Context(), draft(identifier)); err == nil {
			t.Errorf("%s was issued", identifier)
		}
	}
	_ = tx.Rollback()
	if got := read(t, path, `SELECT identifier FROM record UNION ALL SELECT identifier FROM booked`, scanText); len(got) > 0 {
		t.Errorf("%q are there", got)
	}
	issueOne(t, s, "4")
}

// TestWithinKeepsEditions: an edition that is new goes with the transaction;
// one that is there needs no lock, which the transaction holds.
func TestWithinKeepsEditions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "chudan.db")
	s := open(t, sqlite.Config{Path: path, Wait: 50 * time.Millisecond})
	db := host(t, path, immediate)
	old := policy.ArchivedEdition{Product: "P", Edition: "1", Digest: "d1", At: time.UnixMicro(1)}
	if err := s.KeepEdition(t.Context(), old); err != nil {
		t.Fatal(err)
	}
	tx := beginTx(t, db)
	archive := s.Within(tx).(policy.Archive)
	fresh, altered := old, old
	fresh.Edition, fresh.Digest, altered.Digest = "2", "d2", "d9"
	for what, err := range map[string]error{
		"there, inside": archive.KeepEdition(t.Context(), old), "new, inside": archive.KeepEdition(t.Context(), fresh),
		"there, outside": s.KeepEdition(t.Context(), old),
	} {
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	var changed *policy.EditionChangedError
	if err := archive.KeepEdition(t.Context(), altered); !errors.As(err, &changed) {
		t.Errorf("got %v", err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.KeptEdition(t.Context(), "d2"); !errors.Is(err, policy.ErrNotFound) {
		t.Errorf("the new edition outlived the rollback (%v)", err)
	}
}
