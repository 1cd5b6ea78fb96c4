package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chudan-io/chudan/adapters/postgres"
	"github.com/chudan-io/chudan/internal/pgtest"
	"github.com/chudan-io/chudan/internal/tcpproxy"
	"github.com/chudan-io/chudan/policy"
)

func publishNowhere(context.Context, [][]byte) error { return nil }

// proxied is a DSN that leads through a proxy.
func proxied(t testing.TB, dsn string) (*tcpproxy.Proxy, string) {
	t.Helper()
	p := tcpproxy.Start(t, "unix", shared.Cluster(t).Socket())
	_, rest, _ := strings.Cut(dsn, "?")
	_, settings, _ := strings.Cut(rest, "&")
	return p, fmt.Sprintf("postgres://postgres@%s/postgres?sslmode=disable&%s", p.Addr(), settings)
}

// committed is how PostgreSQL answers a COMMIT.
var committed = []byte("COMMIT\x00")

// times is n, or what CHUDAN_DROPS says for a storm.
func times(t testing.TB, n int) int {
	t.Helper()
	if s := os.Getenv("CHUDAN_DROPS"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	return n
}

// TestCommitUnanswered drops the reply to COMMIT again and again: each caller
// ends with one number, and each policy is there once.
func TestCommitUnanswered(t *testing.T) {
	const callers = 8
	drops := times(t, 40)
	dsn := shared.Database(t)
	proxy, through := proxied(t, dsn)
	s := open(t, postgres.Config{DSN: through})
	proxy.CutReplies(committed, func(n int) bool { return rand.N(3) == 0 && proxy.Cuts() < drops })
	var told ledger
	var unknown atomic.Int64
	var done sync.WaitGroup
	for c := range callers {
		done.Go(func() {
			for i := 0; proxy.Cuts() < drops && t.Context().Err() == nil; i++ {
				d := issuing(key("k-%d-%d", c, i), "a", fmt.Sprintf("%d-%d", c, i))
				for {
					r, _, err := s.Issue(t.Context(), d)
					if errors.Is(err, policy.ErrResultUnknown) || errors.Is(err, policy.ErrUnavailable) {
						unknown.Add(1)
						continue
					}
					if err != nil {
						t.Error(err)
						return
					}
					told.note(t, r)
					break
				}
			}
		})
	}
	done.Wait()
	policies := kept(t, dsn)
	if policies != told.len() {
		t.Errorf("%d callers' policies, %d kept", told.len(), policies)
	}
	if n := told.lost(t, s); n > 0 {
		t.Errorf("%d of them are not what is kept", n)
	}
	verify(t, dsn)
	t.Logf("%d replies to COMMIT dropped: %d policies, 0 duplicates; %d times the caller had to ask again", proxy.Cuts(), policies, unknown.Load())
}

// TestCommitUnansweredControl shows what the test would find: the same callers
// without a unique key have policies twice.
func TestCommitUnansweredControl(t *testing.T) {
	const policies = 20
	dsn := shared.Database(t)
	proxy, through := proxied(t, dsn)
	exec(t, pgtest.Connect(t, dsn), `CREATE TABLE naive (identifier text)`)
	proxy.CutReplies(committed, func(n int) bool { return n%2 == 0 })
	for i := range policies {
		for insertNaively(t, through, i) != nil {
		}
	}
	if n := scalar(t, dsn, `SELECT count(*) FROM naive`); n <= policies {
		t.Errorf("%d rows for %d identifiers: the proxy drops nothing", n, policies)
	}
}

func insertNaively(t testing.TB, dsn string, i int) error {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	return pgx.BeginFunc(t.Context(), conn, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO naive VALUES ($1)`, strconv.Itoa(i))
		return err
	})
}

// crash runs callers against a store whose server crashes n times, and gives
// how many acknowledged policies are gone.
func crash(t *testing.T, n int, settings ...string) (acknowledged, lost int) {
	t.Helper()
	const callers, between = 8, 200
	cluster := pgtest.Start(t, settings...)
	s := open(t, postgres.Config{DSN: cluster.DSN("postgres"), AcceptLoss: len(settings) > 0})
	var told ledger
	stop := make(chan struct{})
	progress := make(chan struct{}, callers)
	var done sync.WaitGroup
	for c := range callers {
		done.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				r, err := persist(t.Context(), s, issuing(key("k-%d-%d", c, i), "a"))
				if err != nil {
					t.Error(err)
					return
				}
				told.note(t, r)
				select {
				case progress <- struct{}{}:
				default:
				}
			}
		})
	}
	await := func(policies int) {
		for told.len() < policies && t.Context().Err() == nil {
			<-progress
		}
	}
	for range n {
		await(told.len() + between)
		cluster.Crash()
		cluster.Resume(t)
	}
	await(told.len() + between)
	close(stop)
	done.Wait()
	if len(settings) == 0 {
		kept(t, cluster.DSN("postgres"))
		verify(t, cluster.DSN("postgres"))
	}
	return told.len(), told.lost(t, s)
}

// TestCrash: what was acknowledged is never lost, and the store goes on by
// itself.
func TestCrash(t *testing.T) {
	const crashes = 3
	acknowledged, lost := crash(t, crashes)
	if lost > 0 {
		t.Errorf("%d of %d acknowledged policies are gone", lost, acknowledged)
	}
	t.Logf("%d crashes under load: %d acknowledged, %d lost", crashes, acknowledged, lost)
}

// TestCrashControl shows what that test would find: a server that Open refuses
// unless it is told to put up with it.
func TestCrashControl(t *testing.T) {
	acknowledged, lost := crash(t, 3, "synchronous_commit=off", "wal_writer_delay=10s", "wal_writer_flush_after=1GB")
	if lost == 0 {
		t.Errorf("of %d acknowledged policies none is gone although nothing was flushed: the test cannot fail", acknowledged)
	}
	t.Logf("%d of %d acknowledged policies are gone", lost, acknowledged)
}

// TestOutage: while the server is down nobody waits for it, nobody is told of
// success, and the store is back by itself.
func TestOutage(t *testing.T) {
	cluster := pgtest.Start(t)
	s := open(t, postgres.Config{DSN: cluster.DSN("postgres")})
	if _, _, err := s.Issue(t.Context(), issuing(key("before"), "a", "S1")); err != nil {
		t.Fatal(err)
	}
	cluster.Stop()
	calls := map[string]func() error{
		"Issue":        func() error { _, _, err := s.Issue(t.Context(), issuing(key("during"), "a")); return err },
		"Find":         func() error { _, err := s.Find(t.Context(), key("before")); return err },
		"Policy":       func() error { _, err := s.Policy(t.Context(), "P000000001"); return err },
		"KeptEditions": func() error { _, err := s.KeptEditions(t.Context()); return err },
		"Relay":        func() error { _, err := s.Relay(t.Context(), 1, publishNowhere); return err },
		"Enter":        func() error { return s.Enter(t.Context(), policy.Visit{At: at, Key: key("before")}) },
		"Visits":       func() error { return visitsError(t, s) },
		"Forget":       func() error { _, err := s.Forget(t.Context(), at, 1); return err },
		"Ping":         func() error { return s.Ping(t.Context()) },
	}
	for name, call := range calls {
		if err := call(); !errors.Is(err, policy.ErrUnavailable) {
			t.Errorf("%s while the server is down: %v, want ErrUnavailable", name, err)
		}
	}
	cluster.Resume(t)
	resumed := time.Now()
	r, err := persist(t.Context(), s, issuing(key("after"), "a"))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("back %v after the server", time.Since(resumed).Round(time.Millisecond))
	for name, call := range calls {
		if err := call(); err != nil {
			t.Errorf("%s when the server is back: %v", name, err)
		}
	}
	if found, err := s.Find(t.Context(), key("after")); err != nil || found.Number != r.Number {
		t.Error(found.Number, err)
	}
}

// TestSilence: a server that says nothing any more costs its first callers the
// wait for it, and nobody else.
func TestSilence(t *testing.T) {
	const wait = time.Second
	proxy, through := proxied(t, shared.Database(t))
	s := open(t, postgres.Config{DSN: through, Wait: wait, Connect: wait})
	proxy.Silence(true)
	_, _, err := s.Issue(t.Context(), issuing(key("first"), "a"))
	if !errors.Is(err, policy.ErrUnavailable) && !errors.Is(err, policy.ErrResultUnknown) {
		t.Errorf("Issue of the first: %v", err)
	}
	// It was the transaction that was in vain: now the connection is.
	if _, _, err = s.Issue(t.Context(), issuing(key("second"), "a")); !errors.Is(err, policy.ErrUnavailable) {
		t.Errorf("Issue of the second: %v", err)
	}
	var slowest time.Duration
	for range 100 {
		began := time.Now()
		_, _, issued := s.Issue(t.Context(), issuing(key("third"), "a"))
		_, found := s.Find(t.Context(), key("third"))
		if !errors.Is(issued, policy.ErrUnavailable) || !errors.Is(found, policy.ErrUnavailable) {
			t.Fatal(issued, found)
		}
		slowest = max(slowest, time.Since(began))
	}
	if slowest > wait/2 {
		t.Errorf("a caller waited %v for a server that is known to be silent", slowest)
	}
	proxy.Silence(false)
	if _, err := persist(t.Context(), s, issuing(key("third"), "a")); err != nil {
		t.Error(err)
	}
	t.Logf("the slowest of 100 callers was told after %v", slowest)
}

// TestDisconnected: connections that the server or the way to it has ended are
// made anew without anybody noticing.
func TestDisconnected(t *testing.T) {
	dsn := shared.Database(t)
	proxy, through := proxied(t, dsn)
	s := open(t, postgres.Config{DSN: through})
	admin := pgtest.Connect(t, shared.Cluster(t).DSN("postgres"))
	for i := range 20 {
		k := key("k-%d", i)
		if i%2 == 0 {
			proxy.Cut()
		} else {
			exec(t, admin, fmt.Sprintf(`SELECT pg_terminate_backend(%d)`, s.BackendOf(t.Context())))
		}
		r, won, err := s.Issue(t.Context(), issuing(k, "a"))
		if err != nil || !won {
			t.Fatalf("%s: won %v, %v", k.Identifier, won, err)
		}
		found, err := s.Find(t.Context(), k)
		if err != nil || found.Number != r.Number {
			t.Fatalf("%s: %v, %v", k.Identifier, found.Number, err)
		}
	}
	verify(t, dsn)
}

// TestLocked: a lock that somebody holds costs Config.Wait, not for ever.
func TestLocked(t *testing.T) {
	dsn := shared.Database(t)
	s := open(t, postgres.Config{DSN: dsn, Wait: 200 * time.Millisecond})
	conn := pgtest.Connect(t, dsn)
	exec(t, conn, `BEGIN; LOCK TABLE chudan_key IN EXCLUSIVE MODE`)
	_, _, err := s.Issue(t.Context(), issuing(key("k"), "a"))
	if !errors.Is(err, policy.ErrUnavailable) || !strings.Contains(err.Error(), "Config.Wait") {
		t.Errorf("got %v", err)
	}
	if err := s.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	exec(t, conn, `ROLLBACK`)
	if _, _, err := s.Issue(t.Context(), issuing(key("k"), "a")); err != nil {
		t.Error(err)
	}
}

// TestDeadlock: a transaction that has to give way to another is repeated.
func TestDeadlock(t *testing.T) {
	dsn := shared.Database(t)
	s := open(t, postgres.Config{DSN: dsn})
	// Someone who takes a business key before its key, and is patient: it is the store's transaction that finds the circle.
	conn := pgtest.Connect(t, dsn)
	exec(t, conn, `SET deadlock_timeout = '1h'; BEGIN; INSERT INTO chudan_claim VALUES ('S1', 'attrs.premiumFundStreamNo', 'app-1', 'other')`)
	done := make(chan error, 1)
	go func() {
		_, won, err := s.Issue(t.Context(), issuing(key("k"), "a", "S1"))
		if err == nil && !won {
			err = errors.New("not won")
		}
		done <- err
	}()
	for scalar(t, dsn, fmt.Sprintf(`SELECT count(*) FROM pg_locks WHERE NOT granted AND pid = %d`, s.BackendOf(t.Context()))) == 0 {
		if t.Context().Err() != nil {
			t.Fatal("the store never waited")
		}
	}
	exec(t, conn, `INSERT INTO chudan_key (identifier, tenant) VALUES ('k', 'app-1')`) // fails if it had to give way itself
	exec(t, conn, `ROLLBACK`)
	if err := <-done; err != nil {
		t.Error(err)
	}
	if n := kept(t, dsn); n != 1 {
		t.Errorf("%d policies", n)
	}
}

// TestText: what PostgreSQL does not keep as it is is its draft's own fault.
func TestText(t *testing.T) {
	s := open(t, postgres.Config{DSN: shared.Database(t)})
	for _, bad := range []string{"\x00", "a\x00b", "\xff", strings.Repeat("x", 1<<20)} {
		beside := make(chan error, 1)
		go func() {
			_, _, err := s.Issue(t.Context(), issuing(key("beside-%d-%x", len(bad), bad[0]), "a"))
			beside <- err
		}()
		random := bad
		if len(bad) > 10 {
			random = incompressible(len(bad))
		}
		_, won, err := s.Issue(t.Context(), issuing(policy.Key{Tenant: "app-1", Identifier: random}, "a"))
		if err == nil || won || errors.Is(err, policy.ErrUnavailable) {
			t.Errorf("an identifier of %d bytes: won %v, %v", len(bad), won, err)
		}
		if err := <-beside; err != nil {
			t.Error(err)
		}
		if _, err := s.Find(t.Context(), policy.Key{Identifier: bad}); !errors.Is(err, policy.ErrNotFound) {
			t.Errorf("Find: %v, want ErrNotFound", err)
		}
		d := issuing(key("number"), "a")
		d.Complete = func(uint64) (policy.Entry, error) { return entry(d.Key, policy.StatusIssued, random, "a"), nil }
		if _, won, err := s.Issue(t.Context(), d); err == nil || won {
			t.Errorf("a number of %d bytes: won %v, %v", len(random), won, err)
		}
	}
}

func incompressible(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_"[rand.N(64)]
	}
	return string(b)
}

// TestRelayKilled: events of a relay whose connection has gone are the next
// one's.
func TestRelayKilled(t *testing.T) {
	dsn := shared.Database(t)
	proxy, through := proxied(t, dsn)
	s := open(t, postgres.Config{DSN: through})
	other := open(t, postgres.Config{DSN: dsn})
	if _, _, err := other.Issue(t.Context(), issuing(key("k"), "a")); err != nil {
		t.Fatal(err)
	}
	n, err := s.Relay(t.Context(), 10, func(ctx context.Context, events [][]byte) error {
		if n, err := other.Relay(ctx, 10, publishNowhere); n != 0 || err != nil {
			t.Errorf("published what another is at work on: %d, %v", n, err)
		}
		proxy.Cut()
		return nil
	})
	if n != 0 || !errors.Is(err, policy.ErrUnavailable) {
		t.Errorf("a relay whose connection has gone: %d, %v", n, err)
	}
	deadline := time.Now().Add(time.Minute) // the server notices in its own time
	for n == 0 && time.Now().Before(deadline) {
		if n, err = other.Relay(t.Context(), 10, publishNowhere); err != nil {
			t.Fatal(err)
		}
	}
	if n != 1 {
		t.Errorf("the event was not published again")
	}
	if n, err := other.Relay(t.Context(), 10, publishNowhere); n != 0 || err != nil {
		t.Errorf("published twice: %d, %v", n, err)
	}
}
