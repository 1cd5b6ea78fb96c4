package mysql_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/chudan-io/chudan/adapters/mysql"
	"github.com/chudan-io/chudan/adapters/storetest"
	"github.com/chudan-io/chudan/policy"
)

// TestClaimsFollow: of records that are reserved, refused and booked at once,
// many of them in one transaction, each holds its business keys exactly as long
// as it is one that holds any.
func TestClaimsFollow(t *testing.T) {
	const keys, streams, rounds, callers = 6, 4, 120, 24
	server := newServer(t)
	database := server.Database(t)
	s := open(t, mysql.Config{DSN: server.URL(database)})
	statuses := []policy.Status{policy.StatusReserved, policy.StatusRefused, policy.StatusBooked, policy.StatusReopened}
	var taken, won atomic.Int64
	var done sync.WaitGroup
	for range callers {
		done.Go(func() {
			var revisions [keys]int64
			for range rounds {
				n := rand.N(keys)
				d := draft(fmt.Sprint(n))
				d.Replaces, d.Numbered = revisions[n], false
				d.Unique = []policy.BusinessKey{{Path: "insureId", Value: fmt.Sprint(n % streams)}} // the same for each attempt of a key
				status := statuses[rand.N(len(statuses))]
				d = changed(d, func(e *policy.Entry) { e.Record.Status, e.Record.Number, e.Event = status, "", nil })
				r, first, err := s.Issue(t.Context(), d)
				switch {
				case errors.As(err, new(*policy.TakenError)):
					taken.Add(1)
				case err != nil:
					t.Error(err)
					return
				default:
					revisions[n] = r.Revision
					if first {
						won.Add(1)
					}
				}
			}
		})
	}
	done.Wait()
	for query, want := range map[string]string{
		`SELECT count(*) FROM chudan_claim JOIN chudan_record ON id = record WHERE status NOT IN ('reserved', 'booked')`:              "0",
		`SELECT count(*) FROM chudan_record WHERE status IN ('reserved', 'booked') AND id NOT IN (SELECT record FROM chudan_claim)`:   "0",
		`SELECT count(*) - count(DISTINCT record) FROM chudan_claim`:                                                                  "0",
		`SELECT (SELECT count(*) FROM chudan_journal) - (SELECT count(*) FROM chudan_record) - (SELECT count(*) FROM chudan_history)`: "0",
	} {
		if got := read(t, server, database, query, scanText)[0]; got != want {
			t.Errorf("%s: %s", query, got)
		}
	}
	if err := storetest.VerifyChain(audit(t, server, database)); err != nil {
		t.Error(err)
	}
	if taken.Load() == 0 || won.Load() == 0 {
		t.Errorf("won %d, taken %d: nothing was tried", won.Load(), taken.Load())
	}
	t.Logf("won %d, taken %d", won.Load(), taken.Load())
}

// TestPolicyKeepsItsClaims: not even a statement that is told to gives back what
// a policy holds.
func TestPolicyKeepsItsClaims(t *testing.T) {
	server := newServer(t)
	database := server.Database(t)
	s := open(t, mysql.Config{DSN: server.URL(database)})
	reserve := changed(draft("k"), func(e *policy.Entry) { e.Record.Status, e.Record.Number = policy.StatusReserved, "" })
	reserve.Numbered = false
	if _, _, err := s.Issue(t.Context(), reserve); err != nil {
		t.Fatal(err)
	}
	d := draft("k")
	d.Numbered, d.Replaces = false, 1
	_, won, err := s.Issue(t.Context(), changed(d, func(e *policy.Entry) {
		e.Record.Status, e.Record.Number = policy.StatusRefused, ""
		server.Exec(t, database, `UPDATE chudan_record SET status = 'issued', number = 'X1'`) // somebody else, past the store
	}))
	if err == nil || won {
		t.Error("a policy was refused")
	}
	if r, err := s.FindUnique(t.Context(), "app-1", draft("k").Unique[0]); err != nil || r.Number != "X1" {
		t.Errorf("its business key is held by %q, %v", r.Number, err)
	}
}
