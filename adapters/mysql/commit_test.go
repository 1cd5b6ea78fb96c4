package mysql_test

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/chudan-io/chudan/adapters/mysql"
	"github.com/chudan-io/chudan/internal/mytest"
	"github.com/chudan-io/chudan/policy"
)

// TestCommitLost: the connection breaks around COMMIT, in each way there is.
// Whatever became of it, the caller is told, and there is one policy.
func TestCommitLost(t *testing.T) {
	server := newServer(t)
	for name, f := range map[string]fault{"answer lost": deaf, "while it is carried out": hasty, "not received, connection lost": dropped, "not received, connection half open": mute} {
		t.Run(name, func(t *testing.T) {
			database := server.Database(t)
			p := newProxy(t, server.Addr())
			s := open(t, mysql.Config{DSN: mytest.URL(p.Addr().String(), database), Wait: 2e9})
			p.set(f)
			var acknowledged acknowledgements
			r, _, err := s.Issue(t.Context(), draft("k"))
			if err != nil {
				t.Fatal(err)
			}
			acknowledged.take(t, r)
			if p.hits() != 1 {
				t.Fatalf("%d commits were lost", p.hits())
			}
			again, won, err := s.Issue(t.Context(), draft("k"))
			if err != nil || won {
				t.Errorf("sent again: won %v, %v", won, err)
			}
			acknowledged.take(t, again)
			if next := issueOne(t, s, "next"); next.Number != "N2" {
				t.Errorf("the second policy has the number %s", next.Number)
			}
			acknowledged.take(t, policy.Record{Key: draft("next").Key, Number: "N2"})
			sound(t, server, database, &acknowledged)
		})
	}
}

// TestCommitsLost loses the answers to many commits under load. CHUDAN_KILLS
// says how many; 200 without it.
func TestCommitsLost(t *testing.T) {
	lost := 200
	if n, err := strconv.Atoi(os.Getenv("CHUDAN_KILLS")); err == nil {
		lost = n
	}
	if testing.Short() {
		lost = 20
	}
	server := newServer(t)
	database := server.Database(t)
	p := newProxy(t, server.Addr())
	s := open(t, mysql.Config{DSN: mytest.URL(p.Addr().String(), database)})
	var acknowledged acknowledgements
	var unknown atomic.Int64
	var done sync.WaitGroup
	for c := range 8 {
		done.Go(func() {
			for i := 0; p.hits() < lost; i++ {
				p.set(deaf)
				d := draft(fmt.Sprintf("%d-%d", c, i/2)) // each twice
				r, _, err := s.Issue(t.Context(), d)
				for errors.Is(err, policy.ErrResultUnknown) || errors.Is(err, policy.ErrUnavailable) {
					unknown.Add(1)
					r, _, err = s.Issue(t.Context(), d)
				}
				if err != nil {
					t.Error(err)
					return
				}
				acknowledged.take(t, r)
			}
		})
	}
	done.Wait()
	p.set(none)
	sound(t, server, database, &acknowledged)
	t.Logf("%d answers to COMMIT lost: %d policies, 0 duplicates, %d callers had to ask again", p.hits(), acknowledged.count(), unknown.Load())
}

// TestCommitUnknown: where nobody can be asked, the caller is told so.
func TestCommitUnknown(t *testing.T) {
	server := newServer(t)
	database := server.Database(t)
	p := newProxy(t, server.Addr())
	s := open(t, mysql.Config{DSN: mytest.URL(p.Addr().String(), database)})
	var once sync.Once
	s.OnCommit(func(commit func() error) error {
		err := commit()
		once.Do(func() {
			p.stop()
			err = errors.New("connection reset")
		})
		return err
	})
	_, _, err := s.Issue(t.Context(), draft("k"))
	if !errors.Is(err, policy.ErrResultUnknown) || errors.Is(err, policy.ErrUnavailable) {
		t.Errorf("got %v, want ErrResultUnknown", err)
	}
	// On the way that is there, the request gets its policy.
	if r, won, err := open(t, mysql.Config{DSN: server.URL(database)}).Issue(t.Context(), draft("k")); err != nil || won || r.Number != "N1" {
		t.Errorf("sent again: %s, won %v, %v", r.Number, won, err)
	}
}
