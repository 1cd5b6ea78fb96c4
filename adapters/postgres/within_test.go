package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/chudan-io/chudan/adapters/postgres"
	"github.com/chudan-io/chudan/adapters/storetest"
	"github.com/chudan-io/chudan/internal/pgtest"
	"github.com/chudan-io/chudan/policy"
)

// hosted is a store each of whose calls has a host's transaction of its own.
type hosted struct {
	*postgres.Store
	pool *pgxpool.Pool
}

func (h hosted) Issue(ctx context.Context, d policy.Draft) (r policy.Record, won bool, err error) {
	err = pgx.BeginFunc(context.WithoutCancel(ctx), h.pool, func(tx pgx.Tx) (err error) {
		r, won, err = h.Within(tx).Issue(ctx, d)
		return err
	})
	return r, won, err
}

func (h hosted) Find(ctx context.Context, k policy.Key) (r policy.Record, err error) {
	err = pgx.BeginFunc(context.WithoutCancel(ctx), h.pool, func(tx pgx.Tx) (err error) {
		r, err = h.Within(tx).Find(ctx, k)
		return err
	})
	return r, err
}

func (h hosted) Policy(ctx context.Context, number string) (r policy.Record, err error) {
	err = pgx.BeginFunc(context.WithoutCancel(ctx), h.pool, func(tx pgx.Tx) (err error) {
		r, err = h.Within(tx).Policy(ctx, number)
		return err
	})
	return r, err
}

// TestWithinStore holds hosts' transactions against what the contract of every
// store says of issuing. One thing is another's: a context that ends takes the
// host's transaction away, and the number that was drawn in it.
func TestWithinStore(t *testing.T) {
	if testing.Short() {
		t.Skip("the suite once more: make test has it, and under the race detector TestStore")
	}
	databases := map[policy.Store]string{}
	openAt := func(t testing.TB, dsn string) policy.Store {
		s := hosted{open(t, postgres.Config{DSN: dsn}), hostPool(t, dsn)}
		databases[s] = dsn
		return s
	}
	harness := storetest.Harness{
		Open: func(t testing.TB) policy.Store { return openAt(t, shared.Database(t)) },
		Reopen: func(t testing.TB, s policy.Store) policy.Store {
			_ = s.(hosted).Close()
			return openAt(t, databases[s])
		},
		Events: func(t testing.TB, s policy.Store) [][]byte { return events(t, databases[s]) },
		Audit:  func(t testing.TB, s policy.Store) []storetest.AuditRow { return audit(t, databases[s]) },
	}
	failures := storetest.Failures(t, harness,
		"keys/round trip of every column", "keys/large sealed", "keys/not found", "keys/same key, same payload", "keys/same key, other payload",
		"keys/tenants are apart", "keys/8 payloads at once under one key", "unique/taken writes nothing", "unique/free elsewhere",
		"unique/one stream under 100 identifiers", "unique/two keys claimed crosswise", "unique/only policies claim", "unique/named twice",
		"replace/with the right revision", "replace/with another revision", "replace/never an issued one", "replace/8 at once",
		"booking/reserved, booked, issued", "booking/given back", "booking/the core booked, the reply was lost", "booking/what is pending",
		"sequence/drawn by winners only", "numbers/used before", "failing/beside others", "failing/entries that do not fit", "context/ended before",
		"journal/one event and one audit row each", "journal/who verifies is given all of it", "end/reopened", "end/closed")
	for check, messages := range failures {
		t.Errorf("%s: %q", check, messages)
	}
	if len(databases) < 30 {
		t.Errorf("%d checks were made, want 30", len(databases))
	}
}

func hostPool(t testing.TB, dsn string) *pgxpool.Pool {
	t.Helper()
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		t.Fatal(err)
	}
	config.MaxConns = 8
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// host opens a store, a table of a host's own, and his connections.
func host(t testing.TB) (s *postgres.Store, dsn string, pool *pgxpool.Pool) {
	t.Helper()
	dsn = shared.Database(t)
	s = open(t, postgres.Config{DSN: dsn})
	exec(t, pgtest.Connect(t, dsn), `CREATE TABLE orders (id text PRIMARY KEY, policy text NOT NULL)`)
	return s, dsn, hostPool(t, dsn)
}

func begin(t testing.TB, pool *pgxpool.Pool, level pgx.TxIsoLevel) pgx.Tx {
	t.Helper()
	tx, err := pool.BeginTx(t.Context(), pgx.TxOptions{IsoLevel: level})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tx.Rollback(context.Background()) })
	return tx
}

func order(t testing.TB, tx pgx.Tx, id, number string) {
	t.Helper()
	if _, err := tx.Exec(t.Context(), `INSERT INTO orders VALUES ($1, $2)`, id, number); err != nil {
		t.Error(err)
	}
}

func TestWithinCommit(t *testing.T) {
	for name, end := range map[string]func(pgx.Tx) error{
		"commit":   func(tx pgx.Tx) error { return tx.Commit(t.Context()) },
		"rollback": func(tx pgx.Tx) error { return tx.Rollback(t.Context()) },
	} {
		t.Run(name, func(t *testing.T) {
			s, dsn, pool := host(t)
			tx := begin(t, pool, pgx.ReadCommitted)
			inside := s.Within(tx)
			var numbers []string
			for i := range 2 {
				r, won, err := inside.Issue(t.Context(), issuing(key("k-%d", i), "a", fmt.Sprint("S", i)))
				if err != nil || !won {
					t.Fatal(won, err)
				}
				order(t, tx, r.Key.Identifier, r.Number)
				numbers = append(numbers, r.Number)
			}
			if r, err := inside.Find(t.Context(), key("k-0")); err != nil || r.Number != numbers[0] {
				t.Errorf("inside, by key: %s, %v", r.Number, err)
			}
			if r, err := inside.Policy(t.Context(), numbers[1]); err != nil || r.Key != key("k-1") {
				t.Errorf("inside, by number: %v, %v", r.Key, err)
			}
			if _, err := s.Find(t.Context(), key("k-0")); !errors.Is(err, policy.ErrNotFound) {
				t.Errorf("outside, before the end: %v", err)
			}
			if err := end(tx); err != nil {
				t.Fatal(err)
			}
			want := map[string]int{"commit": 2, "rollback": 0}[name]
			if n := kept(t, dsn); n != want {
				t.Errorf("%d policies, want %d", n, want)
			}
			if n := scalar(t, dsn, `SELECT count(*) FROM orders JOIN chudan_record ON number = policy`); n != want {
				t.Errorf("%d orders, want %d", n, want)
			}
			if _, _, err := inside.Issue(t.Context(), issuing(key("late"), "a")); err == nil || errors.Is(err, policy.ErrUnavailable) {
				t.Errorf("after the end: %v", err)
			}
			// The chain goes on where it was left.
			if _, won, err := (hosted{s, pool}).Issue(t.Context(), issuing(key("after"), "a")); err != nil || !won {
				t.Error(won, err)
			}
			if n := scalar(t, dsn, `SELECT count(*) FROM chudan_chain WHERE hosted`); n != 1 {
				t.Errorf("%d chains for one host after the other", n)
			}
			verify(t, dsn)
		})
	}
}

// TestWithinGoesOn: what a draft comes to does not spoil the host's
// transaction.
func TestWithinGoesOn(t *testing.T) {
	s, dsn, pool := host(t)
	if _, _, err := s.Issue(t.Context(), issuing(key("there"), "a", "S1")); err != nil {
		t.Fatal(err)
	}
	tx := begin(t, pool, pgx.ReadCommitted)
	order(t, tx, "before", "")
	inside := s.Within(tx)
	if r, won, err := inside.Issue(t.Context(), issuing(key("there"), "b")); err != nil || won || string(r.Sealed) != "sealed a" {
		t.Errorf("a key that is there: %q, %v, %v", r.Sealed, won, err)
	}
	var taken *policy.TakenError
	if _, _, err := inside.Issue(t.Context(), issuing(key("k"), "a", "S1")); !errors.As(err, &taken) {
		t.Errorf("a business key that is taken: %v", err)
	}
	failing := issuing(key("k"), "a", "S2")
	own := errors.New("the draft's own")
	failing.Complete = func(uint64) (policy.Entry, error) { return policy.Entry{}, own }
	if _, _, err := inside.Issue(t.Context(), failing); !errors.Is(err, own) {
		t.Errorf("a draft's own error: %v", err)
	}
	used := issuing(key("k"), "a")
	used.Complete = func(uint64) (policy.Entry, error) {
		return entry(key("k"), policy.StatusIssued, "P000000001", "a"), nil
	}
	if _, _, err := inside.Issue(t.Context(), used); err == nil || errors.Is(err, policy.ErrUnavailable) {
		t.Errorf("a number that is used: %v", err)
	}
	long := policy.Key{Tenant: "app-1", Identifier: incompressible(1 << 14)}
	if _, _, err := inside.Issue(t.Context(), issuing(long, "a")); err == nil || errors.Is(err, policy.ErrUnavailable) {
		t.Errorf("what the database does not take: %v", err)
	}
	if _, won, err := inside.Issue(t.Context(), issuing(key("k"), "a", "S2")); err != nil || !won {
		t.Error(won, err)
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := kept(t, dsn); n != 2 {
		t.Errorf("%d policies, want 2", n)
	}
	if n := scalar(t, dsn, `SELECT count(*) FROM orders`); n != 1 {
		t.Errorf("%d orders", n)
	}
	verify(t, dsn)
}

// TestWithinDuplicate: whoever brings the same key waits for the host, and is
// told what came of it.
func TestWithinDuplicate(t *testing.T) {
	for name, commits := range map[string]bool{"committed": true, "rolled back": false} {
		t.Run(name, func(t *testing.T) {
			s, dsn, pool := host(t)
			tx := begin(t, pool, pgx.ReadCommitted)
			first, _, err := s.Within(tx).Issue(t.Context(), issuing(key("k"), "host", "S1"))
			if err != nil {
				t.Fatal(err)
			}
			type told struct {
				record policy.Record
				won    bool
				err    error
			}
			answers := make(chan told, 2)
			for _, other := range []policy.Store{s, hosted{s, pool}} {
				go func() {
					var a told
					a.record, a.won, a.err = other.Issue(t.Context(), issuing(key("k"), "other", "S1"))
					answers <- a
				}()
			}
			for scalar(t, dsn, `SELECT count(*) FROM pg_locks WHERE NOT granted`) < 2 {
				if t.Context().Err() != nil {
					t.Fatal("they do not wait")
				}
			}
			end := tx.Rollback
			if commits {
				end = tx.Commit
			}
			if err := end(t.Context()); err != nil {
				t.Fatal(err)
			}
			a, b := <-answers, <-answers
			if a.err != nil || b.err != nil || a.record.Number != b.record.Number {
				t.Fatalf("%+v and %+v", a, b)
			}
			if replays := !a.won && !b.won; replays != commits || replays && a.record.Number != first.Number {
				t.Errorf("%+v and %+v, the host had %s", a, b, first.Number)
			}
			if n := kept(t, dsn); n != 1 {
				t.Errorf("%d policies", n)
			}
			verify(t, dsn)
		})
	}
}

// TestWithinAtOnce: 8 hosts and a node, every third transaction rolled back.
func TestWithinAtOnce(t *testing.T) {
	const hosts, each = 8, 30
	s, dsn, pool := host(t)
	undone := errors.New("the host thinks better of it")
	var done sync.WaitGroup
	for h := range hosts {
		done.Go(func() {
			for i := range each {
				err := pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error {
					r, won, err := s.Within(tx).Issue(t.Context(), issuing(key("k-%d-%d", h, i), "a", fmt.Sprint(h, "-", i)))
					if err != nil || !won {
						return fmt.Errorf("won %v: %w", won, err)
					}
					order(t, tx, r.Key.Identifier, r.Number)
					if i%3 == 0 {
						return undone
					}
					return nil
				})
				if err != nil && !errors.Is(err, undone) {
					t.Error(err)
				}
				if _, _, err := s.Issue(t.Context(), issuing(key("n-%d-%d", h, i), "a")); err != nil {
					t.Error(err)
				}
			}
		})
	}
	done.Wait()
	if n := kept(t, dsn); n != hosts*each*5/3 {
		t.Errorf("%d policies, want %d", n, hosts*each*5/3)
	}
	if n := scalar(t, dsn, `SELECT count(*) FROM orders JOIN chudan_record ON number = policy`); n != hosts*each*2/3 {
		t.Errorf("%d orders, want %d", n, hosts*each*2/3)
	}
	if n := scalar(t, dsn, `SELECT count(*) FROM chudan_chain WHERE hosted`); n > 2*hosts {
		t.Errorf("%d hosts opened %d chains", hosts, n)
	}
	verify(t, dsn)
}

// TestWithinSnapshot: a host who does not see what others have written since
// he began is told to begin anew.
func TestWithinSnapshot(t *testing.T) {
	for _, level := range []pgx.TxIsoLevel{pgx.RepeatableRead, pgx.Serializable} {
		for name, between := range map[string]func(policy.Store) error{
			"the key":   func(s policy.Store) error { _, _, err := s.Issue(t.Context(), issuing(key("k"), "b")); return err },
			"the chain": func(s policy.Store) error { _, _, err := s.Issue(t.Context(), issuing(key("other"), "b")); return err },
			"nothing":   func(policy.Store) error { return nil },
		} {
			t.Run(string(level)+"/"+name, func(t *testing.T) {
				s, dsn, pool := host(t)
				if _, _, err := (hosted{s, pool}).Issue(t.Context(), issuing(key("opens a chain"), "a")); err != nil {
					t.Fatal(err)
				}
				tx := begin(t, pool, level)
				order(t, tx, "o", "") // from here on it sees one moment
				if err := between(hosted{s, pool}); err != nil {
					t.Fatal(err)
				}
				_, won, err := s.Within(tx).Issue(t.Context(), issuing(key("k"), "a"))
				switch {
				case name == "nothing" && (err != nil || !won):
					t.Error(won, err)
				case name != "nothing" && (!errors.Is(err, policy.ErrUnavailable) || !strings.Contains(err.Error(), "begin it anew")):
					t.Errorf("got %v", err)
				}
				_ = tx.Rollback(t.Context())
				again := begin(t, pool, level)
				if _, _, err := s.Within(again).Issue(t.Context(), issuing(key("k"), "a")); err != nil {
					t.Error(err)
				}
				if err := again.Commit(t.Context()); err != nil {
					t.Error(err)
				}
				kept(t, dsn)
				verify(t, dsn)
			})
		}
	}
}
