package mysql_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chudan-io/chudan/adapters/mysql"
	"github.com/chudan-io/chudan/policy"
)

// TestTwoNodes: two stores on one database get each identifier at once, many
// times; one of them wins it, and all answers are the same.
func TestTwoNodes(t *testing.T) {
	server := newServer(t)
	database := server.Database(t)
	const identifiers, callers = 300, 4
	var wins [2]atomic.Int64
	var acknowledged acknowledgements
	var done sync.WaitGroup
	for node := range wins {
		s := open(t, mysql.Config{DSN: server.URL(database)})
		for range callers {
			done.Go(func() {
				for i := range identifiers {
					r, won, err := s.Issue(t.Context(), draft(fmt.Sprint(i)))
					if err != nil {
						t.Error(err)
						return
					}
					acknowledged.take(t, r)
					if won {
						wins[node].Add(1)
					}
				}
			})
		}
	}
	done.Wait()
	if sum := wins[0].Load() + wins[1].Load(); sum != identifiers || acknowledged.count() != identifiers {
		t.Errorf("%d and %d of %d identifiers were won, %d acknowledged", wins[0].Load(), wins[1].Load(), identifiers, acknowledged.count())
	}
	sound(t, server, database, &acknowledged)
	t.Logf("%d identifiers × %d callers on 2 nodes: %d policies, won %d and %d", identifiers, 2*callers, acknowledged.count(), wins[0].Load(), wins[1].Load())
}

// TestExamineNotices is the control: what acknowledges and does not commit is
// found out, and so is a policy that was made twice.
func TestExamineNotices(t *testing.T) {
	server := newServer(t)
	for name, c := range map[string]struct{ spoil, want string }{
		"a lost policy":    {`DELETE FROM chudan_record WHERE identifier = '1'`, "is lost"},
		"another number":   {`UPDATE chudan_record SET number = 'N7' WHERE identifier = '1'`, "was acknowledged as N1 and is N7"},
		"a broken chain":   {`UPDATE chudan_journal SET audit = 'x' WHERE id = 1`, "breaks the chain"},
		"a burnt number":   {`UPDATE chudan_head SET sequence = 3`, "sequence"},
		"an event dropped": {`DELETE FROM chudan_outbox`, "chudan_outbox"},
	} {
		t.Run(name, func(t *testing.T) {
			database := server.Database(t)
			var acknowledged acknowledgements
			s := open(t, mysql.Config{DSN: server.URL(database)})
			acknowledged.take(t, issueOne(t, s, "1"))
			acknowledged.take(t, issueOne(t, s, "2"))
			sound(t, server, database, &acknowledged)
			server.Exec(t, database, c.spoil)
			if problems := strings.Join(examine(t, server, database, &acknowledged), "\n"); !strings.Contains(problems, c.want) {
				t.Errorf("found %q", problems)
			}
		})
	}
}

// TestLocked: a transaction of somebody else that keeps the lock is waited for,
// for a while, by all callers together.
func TestLocked(t *testing.T) {
	server := newServer(t)
	database := server.Database(t)
	s := open(t, mysql.Config{DSN: server.URL(database), Wait: 500 * time.Millisecond, Connect: 500 * time.Millisecond})
	db := server.DB(t, database)
	defer db.Close()
	lock, err := db.BeginTx(t.Context(), nil)
	if err == nil {
		_, err = lock.ExecContext(t.Context(), `SELECT one FROM chudan_head FOR UPDATE`)
	}
	if err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	var done sync.WaitGroup
	for i := range 64 {
		done.Go(func() {
			_, _, err := s.Issue(t.Context(), draft(fmt.Sprint(i)))
			if !errors.Is(err, policy.ErrUnavailable) || !strings.Contains(err.Error(), "no answer within 500ms") {
				t.Errorf("got %v", err)
			}
		})
	}
	done.Wait()
	if waited := time.Since(begin); waited > 10*time.Second {
		t.Errorf("64 callers waited %v", waited)
	}
	if _, err := s.Find(t.Context(), draft("0").Key); !errors.Is(err, policy.ErrNotFound) {
		t.Errorf("reading under the lock: %v", err)
	}
	if err := lock.Rollback(); err != nil {
		t.Fatal(err)
	}
	if r := issueOne(t, s, "0"); r.Number != "N1" {
		t.Errorf("the first policy has the number %s", r.Number)
	}
}

// TestFrozenNode: a node that stops in the midst of a transaction, and says
// nothing any more, keeps the others waiting no longer than Wait; when it goes
// on, its draft is issued once.
func TestFrozenNode(t *testing.T) {
	server := newServer(t)
	database := server.Database(t)
	frozen := open(t, mysql.Config{DSN: server.URL(database), Wait: time.Second})
	s := open(t, mysql.Config{DSN: server.URL(database), Wait: 10 * time.Second})
	stopped, goOn := make(chan struct{}), make(chan struct{})
	first := true
	frozen.OnCommit(func(commit func() error) error {
		if first {
			first = false
			close(stopped)
			<-goOn
		}
		return commit()
	})
	var acknowledged acknowledgements
	var done sync.WaitGroup
	done.Go(func() {
		r, won, err := frozen.Issue(t.Context(), draft("frozen"))
		if err != nil || !won {
			t.Errorf("won %v, %v", won, err)
		}
		acknowledged.take(t, r)
	})
	<-stopped
	begin := time.Now()
	acknowledged.take(t, issueOne(t, s, "other"))
	t.Logf("the other node waited %v", time.Since(begin).Round(10*time.Millisecond))
	close(goOn)
	done.Wait()
	sound(t, server, database, &acknowledged)
}
