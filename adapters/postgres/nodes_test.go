package postgres_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/chudan-io/chudan/adapters/postgres"
	"github.com/chudan-io/chudan/policy"
)

// TestNodes: whatever node a duplicate comes to, it gets the one answer.
func TestNodes(t *testing.T) {
	const keys, callers = 200, 4
	dsn := shared.Database(t)
	nodes := []*postgres.Store{open(t, postgres.Config{DSN: dsn}), open(t, postgres.Config{DSN: dsn})}
	var told ledger
	var callersDone sync.WaitGroup
	for n, s := range nodes {
		for c := range callers {
			callersDone.Go(func() {
				for i := range keys {
					d := issuing(key("k-%d", i), fmt.Sprintf("%d-%d", n, c), fmt.Sprint("a", i), fmt.Sprint("b", i))
					if n == 1 { // crosswise, which is where locks meet in a circle
						d.Unique[0], d.Unique[1] = d.Unique[1], d.Unique[0]
					}
					r, _, err := s.Issue(t.Context(), d)
					if err != nil {
						t.Error(err)
						return
					}
					told.note(t, r)
				}
			})
		}
	}
	callersDone.Wait()
	if n := kept(t, dsn); n != keys {
		t.Errorf("%d keys, %d policies", keys, n)
	}
	if n := told.lost(t, nodes[0]); n > 0 {
		t.Errorf("%d answers are not what is kept", n)
	}
	if used := scalar(t, dsn, `SELECT last_value FROM chudan_number`) - nodes[0].Spare() - nodes[1].Spare(); used != keys {
		t.Errorf("%d policies took %d numbers", keys, used)
	}
	verify(t, dsn)
	if n := scalar(t, dsn, `SELECT count(DISTINCT chain) FROM chudan_journal`); n < 2 {
		t.Errorf("2 nodes wrote %d chains", n)
	}
}

// TestNodesOneStream: one payment funds one policy, on however many nodes it is
// tried under other identifiers.
func TestNodesOneStream(t *testing.T) {
	const streams, callers = 100, 4
	dsn := shared.Database(t)
	var mu sync.Mutex
	won := map[string]int{}
	var done sync.WaitGroup
	for n := range 2 {
		s := open(t, postgres.Config{DSN: dsn})
		for c := range callers {
			done.Go(func() {
				for i := range streams {
					stream := fmt.Sprint("s", i)
					_, first, err := s.Issue(t.Context(), issuing(key("k-%d-%d-%d", i, n, c), "a", stream))
					var taken *policy.TakenError
					if err != nil && !errors.As(err, &taken) {
						t.Error(err)
						return
					}
					mu.Lock()
					if first {
						won[stream]++
					}
					mu.Unlock()
				}
			})
		}
	}
	done.Wait()
	if n := kept(t, dsn); n != streams || len(won) != streams {
		t.Errorf("%d streams funded %d policies, %d callers won", streams, n, len(won))
	}
}

// TestNodesReplace: of two nodes that replace one record at once, one does.
func TestNodesReplace(t *testing.T) {
	dsn := shared.Database(t)
	nodes := []*postgres.Store{open(t, postgres.Config{DSN: dsn}), open(t, postgres.Config{DSN: dsn})}
	for i := range 30 {
		k := key("k-%d", i)
		refusing := policy.Draft{Key: k, Complete: func(uint64) (policy.Entry, error) {
			return entry(k, policy.StatusRefused, "", "a"), nil
		}}
		if _, won, err := nodes[0].Issue(t.Context(), refusing); err != nil || !won {
			t.Fatal(won, err)
		}
		var records [2]policy.Record
		var wins [2]bool
		var done sync.WaitGroup
		for n, s := range nodes {
			done.Go(func() {
				d := issuing(k, fmt.Sprint(n))
				d.Replaces = 1
				var err error
				if records[n], wins[n], err = s.Issue(t.Context(), d); err != nil {
					t.Error(err)
				}
			})
		}
		done.Wait()
		if wins[0] == wins[1] || records[0].Revision != 2 || records[0].Number != records[1].Number {
			t.Fatalf("%s: won %v with %+v", k.Identifier, wins, records)
		}
	}
}

// TestNodesStart: of many that find no schema, one makes it.
func TestNodesStart(t *testing.T) {
	const nodes = 8
	dsn := shared.Database(t)
	var done sync.WaitGroup
	for range nodes {
		done.Go(func() {
			s, err := postgres.Open(t.Context(), postgres.Config{DSN: dsn})
			if err != nil {
				t.Error(err)
				return
			}
			_ = s.Close()
		})
	}
	done.Wait()
	if n := scalar(t, dsn, `SELECT count(*) FROM chudan_schema`); n != postgres.Migrations() {
		t.Errorf("%d nodes applied %d migrations, there are %d", nodes, n, postgres.Migrations())
	}
}
