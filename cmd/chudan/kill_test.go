package main

import (
	"context"
	"database/sql"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/chudan-io/chudan/adapters/qimen"
)

// kills is how often TestKill kills the server; CHUDAN_KILLS sets another
// number for a longer run.
func kills(t testing.TB) int {
	n, err := strconv.Atoi(os.Getenv("CHUDAN_KILLS"))
	if err != nil {
		return defaultKills
	}
	t.Logf("%d kills, as CHUDAN_KILLS says", n)
	return n
}

// storm is callers that send requests, each from several connections at once,
// until they get an answer, over however many servers that takes.
type storm struct {
	t    testing.TB
	http *http.Client

	mu   sync.Mutex
	up   *sync.Cond
	url  string // of the server that runs; "" while none does
	life int    // counts servers

	next, acknowledged, repeated atomic.Int64
	ending                       atomic.Bool
	answers                      sync.Map // identifier → the bytes of its first answer
	other                        atomic.Int64
}

const (
	callers    = 8
	duplicates = 3 // of each request, at once
)

func newStorm(t testing.TB) *storm {
	s := &storm{t: t, http: &http.Client{Timeout: patience, Transport: &http.Transport{MaxIdleConnsPerHost: callers * duplicates}}}
	s.up = sync.NewCond(&s.mu)
	return s
}

// serving tells the callers where a new server is, or that there is none.
func (s *storm) serving(url string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.url, s.life = url, s.life+1
	s.up.Broadcast()
}

// server waits for a server other than the one that has just failed.
func (s *storm) server(failed int) (url string, life int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.url == "" || s.life == failed {
		s.up.Wait()
	}
	return s.url, s.life
}

// blow sends new requests until the storm ends.
func (s *storm) blow() *sync.WaitGroup {
	var all sync.WaitGroup
	for range callers {
		all.Go(func() {
			for !s.ending.Load() {
				id, body := variant(s.t, int(s.next.Add(1)))
				var same sync.WaitGroup
				for range duplicates {
					same.Go(func() { s.send(id, body) })
				}
				same.Wait()
			}
		})
	}
	return &all
}

// send sends a request until it is answered, as a platform does that must know
// what became of it, and notes the answer.
func (s *storm) send(id string, body []byte) {
	for failed := 0; ; {
		url, life := s.server(failed)
		reply, err := (&qimen.Client{URL: url, Secret: devSecret, HTTP: s.http}).Post(context.Background(), body)
		if err != nil {
			failed = life // killed under the request: nobody knows what became of it
			continue
		}
		answer, err := qimen.ParseAnswer(reply)
		if err == nil && strings.HasPrefix(answer.Code, "isp.") {
			continue // told to send it again
		}
		if err != nil || !answer.Success {
			s.t.Errorf("%s: %v %s", id, err, reply)
			return
		}
		if first, again := s.answers.LoadOrStore(id, string(reply)); !again {
			s.acknowledged.Add(1)
		} else if s.repeated.Add(1); first != string(reply) {
			s.other.Add(1)
		}
		return
	}
}

// findings are what went wrong, and may not.
type findings struct {
	policies, stored, lost, twice, other int
}

// rage kills a server again and again under the storm, each after another
// number of acknowledgements, and asks the last one for everything once more.
func (s *storm) rage(dir string, times int, args ...string) *process {
	random := rand.New(rand.NewPCG(1, 2))
	all := s.blow()
	for range times {
		p := startServer(s.t, dir, args...)
		s.serving(p.URL)
		enough := s.acknowledged.Load() + 20 + random.Int64N(200)
		await(s.t, "the next acknowledgements", func() bool { return s.acknowledged.Load() >= enough })
		s.serving("")
		if err := p.Process.Signal(syscall.SIGKILL); err != nil {
			s.t.Fatal(err)
		}
		_ = p.Wait()
	}
	p := startServer(s.t, dir, args...)
	s.serving(p.URL)
	s.ending.Store(true)
	all.Wait()
	for i := range int(s.next.Load()) {
		id, body := variant(s.t, i+1)
		s.send(id, body)
	}
	return p
}

// count holds the acknowledgements against the database.
func (s *storm) count(path string) (f findings) {
	f.other = int(s.other.Load())
	ids, numbers := new(sync.Map), make(map[string]bool)
	s.answers.Range(func(id, reply any) bool {
		answer, _ := qimen.ParseAnswer([]byte(reply.(string)))
		ids.Store(id, answer.PolicyNo)
		numbers[answer.PolicyNo] = true
		f.policies++
		return true
	})
	f.twice = f.policies - len(numbers) // one number for two identifiers
	f.lost = lostIn(s.t, path, ids)
	f.stored = policiesIn(s.t, path)
	return f
}

// policiesIn counts what is stored, whoever knows of it.
func policiesIn(t testing.TB, path string) (n int) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var sound string
	if err := db.QueryRow(`PRAGMA integrity_check`).Scan(&sound); err != nil || sound != "ok" {
		t.Errorf("integrity_check: %s %v", sound, err)
	}
	if err := db.QueryRow(`SELECT count(*) FROM record WHERE number IS NOT NULL`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// kill -9 during a storm: nothing that was acknowledged is lost, nothing is
// issued twice, and a repeated request gets the same bytes from every server.
func TestKill(t *testing.T) {
	if testing.Short() {
		t.Skip("processes of their own that are killed: make test has them")
	}
	began, times, dir := time.Now(), kills(t), t.TempDir()
	s := newStorm(t)
	p := s.rage(dir, times)
	_ = p.Process.Signal(syscall.SIGTERM)
	if err := p.Wait(); err != nil {
		t.Errorf("the last server ended with %v\n%s", err, p.log)
	}
	f := s.count(filepath.Join(dir, "chudan.db"))
	t.Logf("%d kills, %d identifiers, %d repeated requests: %d policies, %d lost, %d twice, %d other answers, in %v",
		times, f.policies, s.repeated.Load(), f.stored, f.lost, f.twice, f.other, time.Since(began).Round(time.Millisecond))
	if f.policies != int(s.next.Load()) || f.stored != f.policies || f.lost+f.twice+f.other > 0 {
		t.Errorf("%d identifiers were sent; %+v", s.next.Load(), f)
	}
}

// The same without a store that lasts must be found out, or TestKill shows
// nothing.
func TestKillNoticesLoss(t *testing.T) {
	dir := t.TempDir()
	s := newStorm(t)
	p := s.rage(dir, 2, "--store", "memory:", "--key-file", filepath.Join(dir, "keys"))
	_ = p.Process.Kill()
	path := filepath.Join(dir, "chudan.db")
	if code, _, stderr := chudan(t, "", "issue", "--store", "sqlite:"+path, requests+"/performance-surety-bond.json"); code != exitOK {
		t.Fatal(stderr)
	}
	f := s.count(path)
	t.Logf("control: %+v", f)
	if f.lost != f.policies || f.twice == 0 || f.other == 0 || f.stored == f.policies {
		t.Errorf("a store that forgets passes for one that lasts: %+v", f)
	}
}
