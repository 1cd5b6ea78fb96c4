package mysql_test

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chudan-io/chudan/adapters/mysql"
	"github.com/chudan-io/chudan/policy"
)

// TestServerKilled kills the server under load, again and again, and holds what
// is left against what was acknowledged. CHUDAN_KILLS says how often; 5 without it.
func TestServerKilled(t *testing.T) {
	kills := 5
	if n, err := strconv.Atoi(os.Getenv("CHUDAN_KILLS")); err == nil {
		kills = n
	}
	if testing.Short() {
		kills = 2
	}
	server := newOwnServer(t)
	const database = "storm"
	server.Exec(t, "", "CREATE DATABASE "+database)
	storm := &storm{test: t, stop: make(chan struct{}), progress: make(chan struct{}, 1)}
	for node := range 2 {
		s := open(t, mysql.Config{DSN: server.URL(database)})
		for c := range 8 {
			storm.done.Go(func() { storm.blow(s, node, c) })
		}
	}
	var back time.Duration
	for range kills {
		storm.await(150)
		server.Kill()
		storm.await(-20) // refusals: all of them are answered while there is no server
		if err := server.Run(); err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		storm.await(1)
		back = max(back, time.Since(begin))
	}
	close(storm.stop)
	storm.done.Wait()
	sound(t, server, database, &storm.acknowledged)
	if back > 5*time.Second {
		t.Errorf("the stores were back %v after the server", back)
	}
	slowest := time.Duration(storm.slowest.Load())
	if slowest > 2*time.Second {
		t.Errorf("a caller waited %v to be told that there is no server", slowest)
	}
	t.Logf("%d kills, %d policies acknowledged, %d refusals (slowest %v, %d of them of unknown outcome), back within %v", kills,
		storm.acknowledged.count(), storm.refused.Load(), slowest.Round(time.Millisecond), storm.unknown.Load(), back.Round(time.Millisecond))
}

// storm are callers that issue until they are stopped.
type storm struct {
	test                     *testing.T
	stop                     chan struct{}
	done                     sync.WaitGroup
	acknowledged             acknowledgements
	issued, refused, unknown atomic.Int64
	slowest                  atomic.Int64 // refusal
	progress                 chan struct{}
}

// blow issues identifiers of its own, some of them for both nodes, each until
// it has its policy.
func (s *storm) blow(store *mysql.Store, node, caller int) {
	for i := 0; ; {
		select {
		case <-s.stop:
			return
		default:
		}
		identifier := fmt.Sprintf("%d-%d-%d", node, caller, i)
		if i%3 == 0 {
			identifier = fmt.Sprintf("both-%d-%d", caller, i)
		}
		begin := time.Now()
		r, _, err := store.Issue(s.test.Context(), draft(identifier))
		switch {
		case err == nil:
			s.acknowledged.take(s.test, r)
			s.issued.Add(1)
			i++
		case errors.Is(err, policy.ErrUnavailable), errors.Is(err, policy.ErrResultUnknown):
			if errors.Is(err, policy.ErrResultUnknown) {
				s.unknown.Add(1)
			}
			s.refused.Add(1)
			if took := int64(time.Since(begin)); took > s.slowest.Load() {
				s.slowest.Store(took)
			}
			time.Sleep(time.Millisecond) // as a caller would, so that the server can be heard
		default:
			s.test.Error(err)
			return
		}
		select {
		case s.progress <- struct{}{}:
		default:
		}
	}
}

// await waits for n more policies, or, below 0, for so many more refusals.
func (s *storm) await(n int64) {
	count := &s.issued
	if n < 0 {
		count, n = &s.refused, -n
	}
	for want := count.Load() + n; count.Load() < want; {
		select {
		case <-s.progress:
		case <-time.After(30 * time.Second):
			s.test.Fatalf("nothing happens any more: %d issued, %d refused", s.issued.Load(), s.refused.Load())
		}
	}
}
