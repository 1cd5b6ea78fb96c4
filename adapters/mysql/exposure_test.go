package mysql_test

import (
	"database/sql"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chudan-io/chudan/adapters/mysql"
	"github.com/chudan-io/chudan/internal/mytest"
	"github.com/chudan-io/chudan/policy"
)

// decided is when the drafts of these tests are decided.
var decided = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

// subject is written as 'subject-' and a number of eight places.
func subject(n int) policy.Subject { return policy.Subject(fmt.Appendf(nil, "subject-%08d", n)) }

func exposing(d policy.Draft, amount int64, subjects ...policy.Subject) policy.Draft {
	d.Exposure = &policy.Exposure{Subjects: subjects, Amount: amount, Until: decided.AddDate(0, 1, 0), At: decided}
	return d
}

// load puts amounts of one fen behind the store's back, until so long after decided.
func load(t testing.TB, server *mytest.Server, database string, subject policy.Subject, rows int, until time.Duration) {
	t.Helper()
	server.Exec(t, database, fmt.Sprintf(`INSERT INTO chudan_exposure SELECT '%s', %d, 1000000000 + seq, 1 FROM seq_1_to_%d`,
		subject[:], decided.Add(until).UnixMicro(), rows))
	server.Exec(t, database, fmt.Sprintf(`INSERT INTO chudan_exposure_sum VALUES ('%s', %d) ON DUPLICATE KEY UPDATE amount = amount + %[2]d`, subject[:], rows))
}

func inForce(t *testing.T, s policy.Exposer, at time.Time, want ...int64) {
	t.Helper()
	subjects := make([]policy.Subject, len(want))
	for i := range subjects {
		subjects[i] = subject(i)
	}
	if sums, err := s.InForce(t.Context(), at, subjects); err != nil || !slices.Equal(sums, want) {
		t.Errorf("%d in force, %v; want %d", sums, err, want)
	}
}

var errLimit = errors.New("over the limit")

// TestNodesUnderOneLimit: two nodes, and hosts beside them, get 64 drafts at
// once. Together they issue as many as the limit lets them.
func TestNodesUnderOneLimit(t *testing.T) {
	g := newStage(t)
	nodes := []policy.Store{g.store, open(t, mysql.Config{DSN: g.server.URL(g.database)}), &hosting{g.store, g.db}}
	var won, over atomic.Int64
	var done sync.WaitGroup
	for i := range 64 {
		done.Go(func() {
			d := exposing(draft(fmt.Sprint(i)), 1000, subject(0), subject(1+i%2))
			d.Exposure.Hold = func(inForce []int64) error {
				if inForce[0]+1000 > 10_999 {
					return errLimit
				}
				return nil
			}
			switch _, first, err := nodes[i%3].Issue(t.Context(), d); {
			case errors.Is(err, errLimit):
				over.Add(1)
			case err != nil || !first:
				t.Errorf("won %v, %v", first, err)
			default:
				won.Add(1)
			}
		})
	}
	done.Wait()
	if won.Load() != 10 || over.Load() != 54 {
		t.Errorf("%d of 64 were issued and %d over the limit, want 10 and 54", won.Load(), over.Load())
	}
	inForce(t, g.store, decided, 10_000)
	exact(t, g.server, g.database)
}

// inexact lists where the sums and the rows differ, or the rows and the records.
func inexact(t *testing.T, server *mytest.Server, database string) (problems []string) {
	t.Helper()
	for _, query := range []string{
		`SELECT count(*) FROM chudan_exposure_sum AS s WHERE amount <> (SELECT coalesce(sum(amount), 0) FROM chudan_exposure AS e WHERE e.subject = s.subject)`,
		`SELECT count(*) FROM chudan_exposure WHERE subject NOT IN (SELECT subject FROM chudan_exposure_sum)`,
		`SELECT count(*) FROM chudan_exposure JOIN chudan_record ON id = record WHERE status NOT IN ('issued', 'reserved', 'booked')`,
	} {
		if got := read(t, server, database, query, scanText)[0]; got != "0" {
			problems = append(problems, fmt.Sprintf("%s: %s", query, got))
		}
	}
	return problems
}

func exact(t *testing.T, server *mytest.Server, database string) {
	t.Helper()
	for _, problem := range inexact(t, server, database) {
		t.Error(problem)
	}
}

// TestExposuresFollow: of records that are reserved, refused and booked at once,
// many of them in one transaction and some after their end, each counts exactly
// as long as it is one that holds, and the sums are those of the rows.
func TestExposuresFollow(t *testing.T) {
	const keys, rounds, callers = 6, 120, 24
	server := newServer(t)
	database := server.Database(t)
	s := open(t, mysql.Config{DSN: server.URL(database)})
	statuses := []policy.Status{policy.StatusReserved, policy.StatusRefused, policy.StatusBooked, policy.StatusReopened}
	var won atomic.Int64
	var done sync.WaitGroup
	for range callers {
		done.Go(func() {
			var revisions [keys]int64
			for range rounds {
				n := rand.N(keys)
				d := exposing(draft(fmt.Sprint(n)), int64(1)<<n, subject(0), subject(1+n%3))
				d.Replaces, d.Numbered = revisions[n], false
				if n > 3 { // it ends while others are decided, and its row may be deleted
					d.Exposure.Until = decided.Add(time.Duration(n) * time.Minute)
				}
				d.Exposure.At = decided.Add(time.Duration(rand.N(40)) * time.Minute)
				status := statuses[rand.N(len(statuses))]
				r, first, err := s.Issue(t.Context(), changed(d, func(e *policy.Entry) { e.Record.Status, e.Record.Number, e.Event = status, "", nil }))
				if err != nil {
					t.Error(err)
					return
				}
				revisions[n] = r.Revision
				if first {
					won.Add(1)
				}
			}
		})
	}
	done.Wait()
	exact(t, server, database)
	want := read(t, server, database, `SELECT coalesce(sum(1 << identifier), 0) FROM chudan_record WHERE identifier < 4 AND status IN ('reserved', 'booked')`, scanText)[0]
	if sums, err := s.InForce(t.Context(), decided.Add(time.Hour), []policy.Subject{subject(0)}); err != nil || fmt.Sprint(sums[0]) != want {
		t.Errorf("%d in force, %v; want %s", sums, err, want)
	}
	if won.Load() == 0 {
		t.Error("nothing was tried")
	}
	t.Logf("won %d", won.Load())
}

// TestInexactNotices is the control.
func TestInexactNotices(t *testing.T) {
	server := newServer(t)
	for name, spoil := range map[string]string{
		"another sum":                `UPDATE chudan_exposure_sum SET amount = amount + 1`,
		"a row too few":              `DELETE FROM chudan_exposure LIMIT 1`,
		"no sum":                     `DELETE FROM chudan_exposure_sum`,
		"of a record that is no one": `UPDATE chudan_record SET status = 'refused'`,
	} {
		t.Run(name, func(t *testing.T) {
			database := server.Database(t)
			s := open(t, mysql.Config{DSN: server.URL(database)})
			issueIn(t, s, exposing(draft("k"), 5, subject(0), subject(1)), "N1", true)
			exact(t, server, database)
			server.Exec(t, database, spoil)
			if len(inexact(t, server, database)) == 0 {
				t.Error("nothing was noticed")
			}
		})
	}
}

// TestExposureFails: what cannot be counted is an error of its own, nothing of it
// is written, and others are not told of it.
func TestExposureFails(t *testing.T) {
	server := newServer(t)
	database := server.Database(t)
	s := open(t, mysql.Config{DSN: server.URL(database)})
	issueIn(t, s, exposing(draft("first"), math.MaxInt64-10, subject(0)), "N1", true)
	issueIn(t, s, draft("later"), "N2", true)
	for name, d := range map[string]policy.Draft{
		"more than a sum holds": exposing(draft("x"), 11, subject(1), subject(0)),
		"below zero":            exposing(draft("x"), -1, subject(1)),
		"no room elsewhere":     changed(exposing(draft("x"), 1, subject(1)), func(e *policy.Entry) { e.Record.Product = strings.Repeat("x", 200) }),
	} {
		if _, won, err := s.Issue(t.Context(), d); won || err == nil || errors.Is(err, policy.ErrUnavailable) {
			t.Errorf("%s: won %v, %v", name, won, err)
		}
	}
	for name, x := range map[string]*policy.Exposure{
		"more than a sum holds": exposing(policy.Draft{}, 11, subject(1), subject(0)).Exposure,
		"below zero":            exposing(policy.Draft{}, -1, subject(1)).Exposure,
	} {
		if added, err := s.Expose(t.Context(), draft("later").Key, *x); added || err == nil || errors.Is(err, policy.ErrUnavailable) {
			t.Errorf("exposed %s: %v, %v", name, added, err)
		}
	}
	inForce(t, s, decided, math.MaxInt64-10, 0)
	issueIn(t, s, exposing(draft("x"), 10, subject(0)), "N3", true)
	inForce(t, s, decided, math.MaxInt64, 0)
	exact(t, server, database)
	_ = s.Close()
	if _, err := s.InForce(t.Context(), decided, []policy.Subject{subject(0)}); !errors.Is(err, policy.ErrUnavailable) {
		t.Errorf("InForce of a store that is closed: %v", err)
	}
	if _, err := s.Expose(t.Context(), draft("later").Key, policy.Exposure{}); !errors.Is(err, policy.ErrUnavailable) {
		t.Errorf("Expose of a store that is closed: %v", err)
	}
}

// TestExposeCommitLost: whatever became of the COMMIT, who exposes again counts once.
func TestExposeCommitLost(t *testing.T) {
	server := newServer(t)
	for name, c := range map[string]struct {
		fault fault
		again bool // there is something left to add
	}{"answer lost": {deaf, false}, "not received": {dropped, true}} {
		t.Run(name, func(t *testing.T) {
			database := server.Database(t)
			p := newProxy(t, server.Addr())
			s := open(t, mysql.Config{DSN: mytest.URL(p.Addr().String(), database), Wait: 2e9})
			issueIn(t, s, draft("k"), "N1", true)
			x := *exposing(policy.Draft{}, 5, subject(0)).Exposure
			p.set(c.fault)
			if added, err := s.Expose(t.Context(), draft("k").Key, x); added || !errors.Is(err, policy.ErrResultUnknown) {
				t.Errorf("added %v, %v", added, err)
			}
			for _, want := range []bool{c.again, false} {
				if added, err := s.Expose(t.Context(), draft("k").Key, x); added != want || err != nil {
					t.Errorf("again: added %v, %v; want %v", added, err, want)
				}
			}
			inForce(t, s, decided, 5)
			exact(t, server, database)
		})
	}
}

// TestExposureTampered: a sum is not changed by what is not there.
func TestExposureTampered(t *testing.T) {
	server := newServer(t)
	database := server.Database(t)
	s := open(t, mysql.Config{DSN: server.URL(database)})
	reserve := exposing(draft("k"), 5, subject(0))
	reserve.Numbered = false
	issueIn(t, s, changed(reserve, func(e *policy.Entry) { e.Record.Status, e.Record.Number = policy.StatusReserved, "" }), "", true)
	refuse := reserve
	refuse.Replaces = 1
	refuse = changed(refuse, func(e *policy.Entry) {
		e.Record.Status, e.Record.Number = policy.StatusRefused, ""
		server.Exec(t, database, `DELETE FROM chudan_exposure`) // somebody else, past the store
	})
	if _, won, err := s.Issue(t.Context(), refuse); won || err == nil || !strings.Contains(err.Error(), "who else writes") {
		t.Errorf("won %v, %v", won, err)
	}
	if r, err := s.Find(t.Context(), draft("k").Key); err != nil || r.Revision != 1 {
		t.Errorf("revision %d, %v", r.Revision, err)
	}
}

// TestExposureWithin: a host is told what is in force whatever his snapshot shows,
// gives back what was reserved since, and what he rolls back counts for nothing.
func TestExposureWithin(t *testing.T) {
	for _, level := range []sql.IsolationLevel{sql.LevelRepeatableRead, sql.LevelReadCommitted} {
		for _, commits := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, commits %v", level, commits), func(t *testing.T) {
				g := newStage(t)
				load(t, g.server, g.database, subject(0), 300, -time.Hour)
				issueIn(t, g.store, draft("before"), "N1", true)
				tx := g.begin(t, level)
				in := g.store.Within(tx)
				host := in.(policy.Exposer)
				inForce(t, host, decided, 0) // opens the snapshot
				issueIn(t, g.store, exposing(draft("other"), 100, subject(0)), "N2", true)
				reserved := exposing(draft("reserved"), 50, subject(0))
				reserved.Numbered = false
				issueIn(t, g.store, changed(reserved, func(e *policy.Entry) { e.Record.Status, e.Record.Number = policy.StatusReserved, "" }), "", true)

				d := exposing(draft("within"), 7, subject(0))
				var told []int64
				d.Exposure.Hold = func(inForce []int64) error { told = inForce; return nil }
				issueIn(t, in, d, "N3", true)
				if !slices.Equal(told, []int64{150}) {
					t.Errorf("told %d, want 150", told)
				}
				reserved.Replaces = 1
				issueIn(t, in, changed(reserved, func(e *policy.Entry) { e.Record.Status, e.Record.Number = policy.StatusRefused, "" }), "", true)
				x := *exposing(policy.Draft{}, 5, subject(1), subject(0)).Exposure
				for _, want := range []bool{true, false} {
					if added, err := host.Expose(t.Context(), draft("before").Key, x); added != want || err != nil {
						t.Errorf("added %v, %v; want %v", added, err, want)
					}
				}
				if _, err := host.Expose(t.Context(), draft("nobody").Key, x); !errors.Is(err, policy.ErrNotFound) {
					t.Errorf("nobody: %v", err)
				}
				inForce(t, host, decided, 112, 5)
				inForce(t, g.store, decided, 150, 0) // nobody else sees it
				if commits {
					commitOf(t, tx)
					inForce(t, g.store, decided, 112, 5)
				} else {
					_ = tx.Rollback()
					inForce(t, g.store, decided, 150, 0)
				}
				exact(t, g.server, g.database)
			})
		}
	}
}
