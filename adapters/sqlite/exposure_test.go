package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chudan-io/chudan/adapters/sqlite"
	"github.com/chudan-io/chudan/policy"
)

// noon is when the tests decide, and what they count ends a day later.
var (
	noon  = time.Date(2026, 8, 4, 12, 0, 0, 0, time.UTC)
	later = noon.AddDate(0, 0, 1)
)

func subject(n byte) policy.Subject { return policy.Subject{n, 15: 0xff} }

// exposing is a policy that counts for subjects.
func exposing(identifier string, amount int64, subjects ...policy.Subject) policy.Draft {
	d := draft(identifier)
	d.Exposure = &policy.Exposure{Subjects: subjects, Amount: amount, Until: later, At: noon}
	return d
}

func win(t *testing.T, s policy.Store, d policy.Draft) {
	t.Helper()
	if _, won, err := s.Issue(t.Context(), d); !won || err != nil {
		t.Fatalf("%s: won %v, %v", d.Key.Identifier, won, err)
	}
}

func inForceAre(t *testing.T, s policy.Store, at time.Time, subjects []policy.Subject, want ...int64) {
	t.Helper()
	if got, err := s.(policy.Exposer).InForce(t.Context(), at, subjects); err != nil || !slices.Equal(got, want) {
		t.Errorf("%d are in force, %v, want %d", got, err, want)
	}
}

// sumsFollow holds the sums against the rows that they are of.
func sumsFollow(t *testing.T, path string) {
	t.Helper()
	const astray = `SELECT hex(subject) FROM exposure_sum AS s
			WHERE amount != (SELECT coalesce(sum(amount), 0) FROM exposure AS e WHERE e.subject = s.subject AND until > settled)
		UNION SELECT hex(subject) FROM exposure WHERE subject NOT IN (SELECT subject FROM exposure_sum)`
	if got := read(t, path, astray, scanText); len(got) > 0 {
		t.Errorf("the sums of %q are not those of their rows", got)
	}
}

// TestExposureUsesAnIndex: what is in force is a row and a range, and so is what
// is trimmed.
func TestExposureUsesAnIndex(t *testing.T) {
	path := filepath.Join(t.TempDir(), "chudan.db")
	open(t, sqlite.Config{Path: path})
	var trim string
	for _, q := range sqlite.Queries() {
		if strings.Contains(q, "LIMIT") && strings.Contains(q, "DELETE FROM exposure ") {
			trim = q
		}
	}
	for query, want := range map[string][]string{
		sqlite.SumsOf: {
			"SEARCH exposure_sum USING PRIMARY KEY (subject=?)",
			"CORRELATED SCALAR SUBQUERY 1", "SEARCH exposure USING PRIMARY KEY (subject=? AND until>? AND until<?)",
			"CORRELATED SCALAR SUBQUERY 2", "SEARCH exposure USING PRIMARY KEY (subject=? AND until>? AND until<?)",
			"SCALAR SUBQUERY 3", "SEARCH exposure USING PRIMARY KEY (subject=? AND until<?)",
		},
		trim: {
			"SEARCH exposure USING PRIMARY KEY (subject=? AND until=? AND record=?)",
			"LIST SUBQUERY 2", "SEARCH exposure USING PRIMARY KEY (subject=? AND until<?)",
		},
	} {
		if got := plan(t, path, query); !slices.Equal(got, want) {
			t.Errorf("%s:\n%q, want\n%q", query, got, want)
		}
	}
}

// TestExposureMigrated: the policies of a file of the version before are counted
// in by those who ask for it.
func TestExposureMigrated(t *testing.T) {
	path := filepath.Join(t.TempDir(), "chudan.db")
	execute(t, path, `PRAGMA journal_mode = WAL; `+sqlite.Schema(5)+`;`+rowsOf3)
	s := open(t, sqlite.Config{Path: path})
	both := []policy.Subject{subject(1), subject(2)}
	inForceAre(t, s, noon, both, 0, 0)
	x := *exposing("", 100, both...).Exposure
	for identifier, want := range map[string]error{"k3": nil, "k7": policy.ErrNotFound, "k8": policy.ErrNotFound, "nobody": policy.ErrNotFound} {
		if added, err := s.Expose(t.Context(), draft(identifier).Key, x); !errors.Is(err, want) || added != (want == nil) {
			t.Errorf("%s: added %v, %v, want %v", identifier, added, err, want)
		}
	}
	win(t, s, exposing("new", 1, both[1]))
	inForceAre(t, s, noon, both, 100, 101)
	sumsFollow(t, path)
}

// TestExposureOfTwoStores: two on one file share a limit, as two processes do.
func TestExposureOfTwoStores(t *testing.T) {
	path := filepath.Join(t.TempDir(), "chudan.db")
	stores := [2]*sqlite.Store{}
	for i := range stores {
		stores[i] = open(t, sqlite.Config{Path: path, Wait: 20 * time.Second})
	}
	errLimit := errors.New("over the limit")
	var won, over atomic.Int64
	var done sync.WaitGroup
	for i := range 64 {
		done.Go(func() {
			d := exposing(fmt.Sprintf("k-%d", i), 1000, subject(1))
			d.Exposure.Hold = func(inForce []int64) error {
				if inForce[0]+1000 > 10_999 {
					return errLimit
				}
				return nil
			}
			switch _, first, err := stores[i%2].Issue(t.Context(), d); {
			case errors.Is(err, errLimit):
				over.Add(1)
			case err != nil:
				t.Error(err)
			case first:
				won.Add(1)
			}
		})
	}
	done.Wait()
	if won.Load() != 10 || over.Load() != 54 {
		t.Errorf("%d of 64 were issued and %d over the limit, want 10 and 54", won.Load(), over.Load())
	}
	for _, s := range stores {
		inForceAre(t, s, noon, []policy.Subject{subject(1)}, 10_000)
	}
	sumsFollow(t, path)
}

// TestExposureBehind: nodes whose clocks differ are told what is in force by
// their own, as far as it is not deleted, whoever came before.
func TestExposureBehind(t *testing.T) {
	path := filepath.Join(t.TempDir(), "chudan.db")
	s := open(t, sqlite.Config{Path: path})
	win(t, s, exposing("first", 7, subject(1)))
	expire(t, path, 1000, subject(1))
	sum := int64(7)
	for i, c := range []struct{ behind, rows int64 }{
		{0, 0}, {100, 199}, {0, 0}, // each time 256 are deleted
		{300, 232}, // of 599
		{100, 199}, {-1, 0},
	} {
		d := exposing(strconv.Itoa(i), 1, subject(1))
		d.Exposure.At = noon.Add(-time.Duration(c.behind) * time.Microsecond)
		inForceAre(t, s, d.Exposure.At, d.Exposure.Subjects, sum+10*c.rows)
		d.Exposure.Hold = func(inForce []int64) error {
			if want := sum + 10*c.rows; inForce[0] != want {
				t.Errorf("draft %d is told of %d, want %d", i, inForce[0], want)
			}
			return nil
		}
		win(t, s, d)
		sum++
		sumsFollow(t, path)
	}
}

// expire has rows count 10 each for the subjects that end half a microsecond
// after each other, the last one at noon.
func expire(t *testing.T, path string, rows int, subjects ...policy.Subject) {
	t.Helper()
	for _, one := range subjects {
		execute(t, path, fmt.Sprintf(`WITH RECURSIVE series(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM series WHERE i < %d)
			INSERT INTO exposure SELECT x'%x', %d - i / 2, 1000 + i, 10 FROM series`, rows, one, noon.UnixMicro()))
	}
}

// TestExposureTrimmed: after however many have expired, a draft deletes a number
// of them and finds the sum right; in the end none is left. The subjects of
// others are left alone.
func TestExposureTrimmed(t *testing.T) {
	const expired, most = 1000, 256
	path := filepath.Join(t.TempDir(), "chudan.db")
	s := open(t, sqlite.Config{Path: path})
	win(t, s, exposing("first", 7, subject(1), subject(2)))
	expire(t, path, expired, subject(1), subject(2))
	const left = `SELECT count(*) FROM exposure WHERE record >= 1000 AND subject = x'%x'`
	for i := range 5 {
		d := exposing(strconv.Itoa(i), 1, subject(1))
		d.Exposure.Hold = func(inForce []int64) error {
			if want := int64(7 + i); inForce[0] != want {
				t.Errorf("draft %d is told of %d, want %d", i, inForce[0], want)
			}
			return nil
		}
		win(t, s, d)
		inForceAre(t, s, noon, []policy.Subject{subject(1), subject(2)}, int64(8+i), 7)
		if got, want := read(t, path, fmt.Sprintf(left, subject(1)), scanText)[0], strconv.Itoa(max(0, expired-most*(i+1))); got != want {
			t.Errorf("after draft %d %s that have expired are left, want %s", i, got, want)
		}
		sumsFollow(t, path)
	}
	if got := read(t, path, fmt.Sprintf(left, subject(2)), scanText)[0]; got != strconv.Itoa(expired) {
		t.Errorf("of the other subject %s are left", got)
	}
}

// TestExposureTooMuch: what cannot be added up is an error of its own draft; the
// others go on, and no number is burnt.
func TestExposureTooMuch(t *testing.T) {
	path := filepath.Join(t.TempDir(), "chudan.db")
	s := open(t, sqlite.Config{Path: path})
	win(t, s, exposing("most", math.MaxInt64-5, subject(1)))
	for name, d := range map[string]policy.Draft{
		"too much":   exposing("much", 6, subject(2), subject(1)),
		"below zero": exposing("little", -1, subject(2)),
	} {
		_, won, err := s.Issue(t.Context(), d)
		if won || err == nil || errors.Is(err, policy.ErrUnavailable) || strings.Contains(err.Error(), "constraint") {
			t.Errorf("%s: won %v, %v", name, won, err)
		}
	}
	if added, err := s.Expose(t.Context(), draft("most").Key, *exposing("", math.MaxInt64, subject(1), subject(2)).Exposure); added || err == nil {
		t.Errorf("counted later: added %v, %v", added, err)
	}
	win(t, s, exposing("just", 5, subject(1)))
	if r := issueOne(t, s, "next"); r.Number != "N3" {
		t.Errorf("after two policies comes %s", r.Number)
	}
	inForceAre(t, s, noon, []policy.Subject{subject(1), subject(2)}, math.MaxInt64, 0)
	inForceAre(t, s, later, []policy.Subject{subject(1)}, 0)
	sumsFollow(t, path)
}

// TestExposureRenamed: under other keys a subject has another name, and what
// counts under the one before is not counted twice.
func TestExposureRenamed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "chudan.db")
	s := open(t, sqlite.Config{Path: path})
	before, now := subject(1), subject(2)
	reserved := exposing("k", 100, before)
	reserved.Numbered = false
	reserved.Complete = func(uint64) (policy.Entry, error) {
		return policy.Entry{Record: policy.Record{Key: reserved.Key, Status: policy.StatusReserved}}, nil
	}
	win(t, s, reserved)
	issued := exposing("k", 90, now)
	issued.Replaces, issued.Exposure.Former = 1, []policy.Subject{before}
	win(t, s, issued)
	inForceAre(t, s, noon, []policy.Subject{now, before}, 90, 0)

	win(t, s, exposing("old", 5, before))
	x := policy.Exposure{Subjects: []policy.Subject{now}, Former: []policy.Subject{before}, Amount: 5, Until: later, At: noon}
	for i, want := range []bool{true, false} {
		if added, err := s.Expose(t.Context(), draft("old").Key, x); added != want || err != nil {
			t.Errorf("time %d: added %v, %v", i+1, added, err)
		}
	}
	inForceAre(t, s, noon, []policy.Subject{now, before}, 95, 0)
	sumsFollow(t, path)
}

// TestExposureByHand: the sums follow what is deleted and inserted by hand, and
// nothing is changed in place.
func TestExposureByHand(t *testing.T) {
	path := filepath.Join(t.TempDir(), "chudan.db")
	s := open(t, sqlite.Config{Path: path})
	for i := range 3 {
		win(t, s, exposing(strconv.Itoa(i), 10, subject(1), subject(byte(2+i))))
	}
	db := raw(t, path)
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), `UPDATE exposure SET amount = 0`); err == nil {
		t.Error("an amount was changed in place")
	}
	execute(t, path, `DELETE FROM exposure WHERE record = 2`)
	inForceAre(t, s, noon, []policy.Subject{subject(1), subject(2), subject(3)}, 20, 10, 0)
	sumsFollow(t, path)
	execute(t, path, `DELETE FROM exposure`)
	inForceAre(t, s, noon, []policy.Subject{subject(1), subject(2)}, 0, 0)
	sumsFollow(t, path)
}

// TestExposureIsOthers: a draft without one has nothing to do with the tables:
// it does not miss them, here or within a host's transaction.
func TestExposureIsOthers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "chudan.db")
	s := open(t, sqlite.Config{Path: path})
	execute(t, path, `DROP TABLE exposure; DROP TABLE exposure_sum`)
	issueHistory(t, s)
	tx := beginTx(t, host(t, path, immediate))
	within := s.Within(tx)
	issueWithin(t, within, "inside")
	for name, one := range map[string]policy.Store{"inside": within, "outside": s} {
		if name == "outside" {
			if err := tx.Commit(); err != nil {
				t.Fatal(err)
			}
		}
		if _, _, err := one.Issue(t.Context(), exposing("x", 1, subject(1))); err == nil || !strings.Contains(err.Error(), "no such table") {
			t.Errorf("%s: one that counts: %v", name, err)
		}
	}
	issueOne(t, s, "outside")
}

// TestWithinExposes: what a host's transaction counts is seen by it alone until
// it commits, and is gone with it.
func TestWithinExposes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "chudan.db")
	s := open(t, sqlite.Config{Path: path})
	db := host(t, path, immediate)
	one := []policy.Subject{subject(1)}
	issueOne(t, s, "before")
	x := *exposing("", 100, one...).Exposure
	for _, commits := range []bool{false, true} {
		tx := beginTx(t, db)
		within := s.Within(tx)
		inForceAre(t, within, noon, one, 0)
		if added, err := within.(policy.Exposer).Expose(t.Context(), draft("before").Key, x); !added || err != nil {
			t.Errorf("added %v, %v", added, err)
		}
		if added, err := within.(policy.Exposer).Expose(t.Context(), draft("inside").Key, x); added || !errors.Is(err, policy.ErrNotFound) {
			t.Errorf("nobody's: added %v, %v", added, err)
		}
		win(t, within, exposing("inside", 1, one...))
		if _, _, err := within.Issue(t.Context(), exposing("much", math.MaxInt64, one...)); err == nil {
			t.Error("more was counted than there is")
		}
		inForceAre(t, within, noon, one, 101)
		inForceAre(t, s, noon, one, 0)
		end := tx.Rollback
		if commits {
			end = tx.Commit
		}
		if err := end(); err != nil {
			t.Fatal(err)
		}
	}
	inForceAre(t, s, noon, one, 101)
	sound(t, path)
	sumsFollow(t, path)
}

// TestExposureOfTheClosed: as with everything else.
func TestExposureOfTheClosed(t *testing.T) {
	s := open(t, sqlite.Config{Path: filepath.Join(t.TempDir(), "chudan.db")})
	issueOne(t, s, "k")
	ended, end := context.WithCancel(t.Context())
	end()
	x := *exposing("", 1, subject(1)).Exposure
	if _, err := s.InForce(ended, noon, x.Subjects); !errors.Is(err, context.Canceled) {
		t.Errorf("InForce for a caller who has gone: %v", err)
	}
	if _, err := s.Expose(ended, draft("k").Key, x); !errors.Is(err, context.Canceled) {
		t.Errorf("Expose for a caller who has gone: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.InForce(t.Context(), noon, x.Subjects); !errors.Is(err, policy.ErrUnavailable) {
		t.Errorf("InForce: %v", err)
	}
	if _, err := s.Expose(t.Context(), draft("k").Key, x); !errors.Is(err, policy.ErrUnavailable) {
		t.Errorf("Expose: %v", err)
	}
}
