package mysql_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chudan-io/chudan/adapters/mysql"
	"github.com/chudan-io/chudan/adapters/storetest"
	"github.com/chudan-io/chudan/internal/mytest"
	"github.com/chudan-io/chudan/policy"
)

// hosting is a store each of whose decisions is made in a host's transaction.
type hosting struct {
	*mysql.Store
	db *sql.DB
}

func (h *hosting) Issue(ctx context.Context, d policy.Draft) (r policy.Record, won bool, err error) {
	if ctx.Err() != nil {
		return r, false, ctx.Err()
	}
	tx, err := h.db.BeginTx(ctx, nil)
	if err != nil {
		return r, false, err
	}
	if r, won, err = h.Within(tx).Issue(ctx, d); err != nil {
		return r, false, errors.Join(err, tx.Rollback())
	}
	return r, won, tx.Commit()
}

func (h *hosting) Expose(ctx context.Context, k policy.Key, x policy.Exposure) (added bool, err error) {
	tx, err := h.db.BeginTx(ctx, nil)
	if err != nil {
		return false, err
	}
	if added, err = h.Within(tx).(policy.Exposer).Expose(ctx, k, x); err != nil {
		return false, errors.Join(err, tx.Rollback())
	}
	return added, tx.Commit()
}

// TestStoreWithin holds a store whose every decision a host commits against the
// contract of all stores, at the isolation that servers come with.
func TestStoreWithin(t *testing.T) {
	if testing.Short() {
		t.Skip("the suite once more: make test has it, and under the race detector TestStore")
	}
	server := newServer(t)
	plain, databases := newHarnessOn(server)
	stores := map[policy.Store]policy.Store{}
	host := func(t testing.TB, s policy.Store) policy.Store {
		h := &hosting{s.(*mysql.Store), hostOf(t, server, databases[s])}
		stores[h] = s
		return h
	}
	storetest.Run(t, storetest.Harness{
		Open:   func(t testing.TB) policy.Store { return host(t, plain.Open(t)) },
		Reopen: func(t testing.TB, s policy.Store) policy.Store { return host(t, plain.Reopen(t, stores[s])) },
		Events: func(t testing.TB, s policy.Store) [][]byte { return plain.Events(t, stores[s]) },
		Audit:  func(t testing.TB, s policy.Store) []storetest.AuditRow { return plain.Audit(t, stores[s]) },
	})
}

// stage is a store, and a host with a table of his own beside it.
type stage struct {
	server   *mytest.Server
	database string
	store    *mysql.Store
	db       *sql.DB
}

func newStage(t *testing.T) *stage {
	t.Helper()
	server := newServer(t)
	g := &stage{server: server, database: server.Database(t)}
	g.store = open(t, mysql.Config{DSN: server.URL(g.database)})
	server.Exec(t, g.database, `CREATE TABLE orders (name VARBINARY(64) NOT NULL PRIMARY KEY) ENGINE = InnoDB`)
	g.db = hostOf(t, server, g.database)
	return g
}

func hostOf(t testing.TB, server *mytest.Server, database string) *sql.DB {
	db := openRaw(t, server.URL(database))
	db.SetMaxOpenConns(16)
	return db
}

func (g *stage) begin(t *testing.T, level sql.IsolationLevel) *sql.Tx {
	t.Helper()
	tx, err := g.db.BeginTx(t.Context(), &sql.TxOptions{Isolation: level})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tx.Rollback() })
	return tx
}

func (g *stage) order(t *testing.T, tx *sql.Tx, name string) {
	t.Helper()
	if _, err := tx.ExecContext(t.Context(), `INSERT INTO orders VALUES (?)`, name); err != nil {
		t.Error(err)
	}
}

// kept are the orders and the policies that others see.
func (g *stage) kept(t *testing.T) string {
	t.Helper()
	all := read(t, g.server, g.database, `SELECT concat('order ', name) FROM orders UNION ALL SELECT concat(identifier, ' ', coalesce(number, status)) FROM chudan_record`, scanText)
	if err := storetest.VerifyChain(audit(t, g.server, g.database)); err != nil {
		t.Error(err)
	}
	return strings.Join(all, ", ")
}

func (g *stage) want(t *testing.T, want string) {
	t.Helper()
	if got := g.kept(t); got != want {
		t.Errorf("kept is %q, want %q", got, want)
	}
}

func issueIn(t *testing.T, s policy.Store, d policy.Draft, number string, first bool) {
	t.Helper()
	if r, won, err := s.Issue(t.Context(), d); err != nil || won != first || r.Number != number {
		t.Errorf("%s: %q, won %v, %v; want %q, won %v", d.Key.Identifier, r.Number, won, err, number, first)
	}
}

func commitOf(t *testing.T, tx *sql.Tx) {
	t.Helper()
	if err := tx.Commit(); err != nil {
		t.Error(err)
	}
}

// TestWithin: what a host commits is there with its policy, and what it rolls
// back is not, its number and its business keys included.
func TestWithin(t *testing.T) {
	g := newStage(t)
	tx := g.begin(t, sql.LevelDefault)
	in := g.store.Within(tx)
	g.order(t, tx, "a")
	issueIn(t, in, draft("a"), "N1", true)
	issueIn(t, in, draft("a"), "N1", false)
	issueIn(t, in, draft("b"), "N2", true)
	other := draft("c")
	other.Unique[0].Value = "b"
	if _, _, err := in.Issue(t.Context(), other); !errors.As(err, new(*policy.TakenError)) {
		t.Errorf("a business key of this transaction: %v", err)
	}
	if r, err := in.Find(t.Context(), draft("b").Key); err != nil || r.Number != "N2" {
		t.Errorf("Find: %s, %v", r.Number, err)
	}
	if r, err := in.Policy(t.Context(), "N2"); err != nil || r.Key.Identifier != "b" {
		t.Errorf("Policy: %v, %v", r.Key, err)
	}
	if _, err := in.Policy(t.Context(), "N9"); !errors.Is(err, policy.ErrNotFound) {
		t.Errorf("no such policy: %v", err)
	}
	g.want(t, "") // nobody else sees it
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	g.want(t, "")
	if _, _, err := in.Issue(t.Context(), draft("a")); !errors.Is(err, sql.ErrTxDone) || errors.Is(err, policy.ErrUnavailable) {
		t.Errorf("after its end: %v", err)
	}

	tx = g.begin(t, sql.LevelDefault)
	g.order(t, tx, "b")
	issueIn(t, g.store.Within(tx), draft("b"), "N1", true)
	commitOf(t, tx)
	issueIn(t, g.store, draft("b"), "N1", false)
	issueIn(t, g.store, draft("next"), "N2", true)
	g.want(t, "order b, b N1, next N2")
}

// TestWithinOldSnapshot: the host has read before another node writes what it is
// about to write itself. It is told of that, whatever its snapshot shows.
func TestWithinOldSnapshot(t *testing.T) {
	for _, level := range []sql.IsolationLevel{sql.LevelDefault, sql.LevelRepeatableRead, sql.LevelReadCommitted} {
		t.Run(level.String(), func(t *testing.T) {
			g := newStage(t)
			refuse := func(d policy.Draft) policy.Draft {
				d.Numbered = false
				return changed(d, func(e *policy.Entry) { e.Record.Status, e.Record.Number = policy.StatusRefused, "" })
			}
			issueIn(t, g.store, refuse(draft("refused")), "", true)
			tx := g.begin(t, level)
			in := g.store.Within(tx)
			if _, err := in.Find(t.Context(), draft("k").Key); !errors.Is(err, policy.ErrNotFound) { // opens the snapshot
				t.Fatal(err)
			}
			issueIn(t, g.store, draft("k"), "N1", true)
			replacing := draft("refused")
			replacing.Replaces = 1
			issueIn(t, g.store, replacing, "N2", true)

			issueIn(t, in, draft("k"), "N1", false)
			issueIn(t, in, replacing, "N2", false)
			other := draft("other")
			other.Unique[0].Value = "k"
			if _, _, err := in.Issue(t.Context(), other); !errors.As(err, new(*policy.TakenError)) {
				t.Errorf("a business key that was taken meanwhile: %v", err)
			}
			if r, err := in.Find(t.Context(), draft("k").Key); err != nil || r.Number != "N1" {
				t.Errorf("what Issue told of is found as %q, %v", r.Number, err)
			}
			issueIn(t, in, draft("last"), "N3", true)
			g.order(t, tx, "k")
			commitOf(t, tx)
			g.want(t, "order k, refused N2, k N1, last N3")
		})
	}
}

// TestWithinGoesOn: what fails by itself leaves the host's transaction as it was.
func TestWithinGoesOn(t *testing.T) {
	g := newStage(t)
	issueIn(t, g.store, draft("before"), "N1", true)
	g.server.Exec(t, g.database, `CREATE TRIGGER poison BEFORE INSERT ON chudan_outbox FOR EACH ROW BEGIN IF NEW.journal IN (SELECT id FROM chudan_journal WHERE event = 'issued poison') THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'poison'; END IF; END`)
	tx := g.begin(t, sql.LevelDefault)
	in := g.store.Within(tx)
	g.order(t, tx, "a")
	failed := errors.New("failed")
	for name, d := range map[string]policy.Draft{
		"its own":             {Key: draft("x").Key, Complete: func(uint64) (policy.Entry, error) { return policy.Entry{}, failed }},
		"a panic":             {Key: draft("x").Key, Complete: func(uint64) (policy.Entry, error) { panic("x") }},
		"a number in use":     changed(draft("x"), func(e *policy.Entry) { e.Record.Number = "N1" }),
		"no room":             changed(draft("x"), func(e *policy.Entry) { e.Record.Product = strings.Repeat("x", 200) }),
		"the database's will": draft("poison"),
	} {
		_, won, err := in.Issue(t.Context(), d)
		if err == nil || won || errors.Is(err, policy.ErrUnavailable) || name == "its own" && !errors.Is(err, failed) ||
			name == "a number in use" && !strings.Contains(err.Error(), "number template") {
			t.Errorf("%s: won %v, %v", name, won, err)
		}
	}
	issueIn(t, in, draft("a"), "N2", true)
	g.order(t, tx, "b")
	commitOf(t, tx)
	g.want(t, "order a, order b, before N1, a N2")
	if claims := read(t, g.server, g.database, `SELECT value FROM chudan_claim ORDER BY record`, scanText); strings.Join(claims, " ") != "before a" {
		t.Errorf("claims are %q", claims)
	}
}

// TestWithinAtOnce: hosts on one database, and nodes beside them, take turns.
func TestWithinAtOnce(t *testing.T) {
	const hosts, rounds = 8, 25
	g := newStage(t)
	var acknowledged acknowledgements
	var done sync.WaitGroup
	for host := range hosts {
		done.Go(func() {
			for i := range rounds {
				tx := g.begin(t, sql.LevelDefault)
				g.order(t, tx, fmt.Sprintf("%d-%d", host, i))
				own, _, err := g.store.Within(tx).Issue(t.Context(), draft(fmt.Sprintf("%d-%d", host, i)))
				shared, _, again := g.store.Within(tx).Issue(t.Context(), draft(fmt.Sprint(i)))
				if err := errors.Join(err, again); err != nil {
					t.Error(err)
					return
				}
				if i%5 == 4 {
					_ = tx.Rollback()
					continue
				}
				commitOf(t, tx)
				acknowledged.take(t, own)
				acknowledged.take(t, shared)
			}
		})
	}
	for range 2 {
		s := open(t, mysql.Config{DSN: g.server.URL(g.database)})
		done.Go(func() {
			for i := range rounds {
				r, _, err := s.Issue(t.Context(), draft(fmt.Sprint(i)))
				if err != nil {
					t.Error(err)
					return
				}
				acknowledged.take(t, r)
			}
		})
	}
	done.Wait()
	sound(t, g.server, g.database, &acknowledged)
	if want := hosts*rounds*4/5 + rounds; acknowledged.count() != want {
		t.Errorf("%d policies, want %d", acknowledged.count(), want)
	}
	if orders := read(t, g.server, g.database, `SELECT count(*) FROM orders`, scanText)[0]; orders != fmt.Sprint(hosts*rounds*4/5) {
		t.Errorf("%s orders are kept", orders)
	}
}

// TestWithinTrouble: trouble is told, and leaves nothing behind that a host
// could commit.
func TestWithinTrouble(t *testing.T) {
	begin := func(t *testing.T) (*stage, *sql.Tx, func() string) {
		g := newStage(t)
		tx := g.begin(t, sql.LevelDefault)
		g.order(t, tx, "a")
		return g, tx, func() string {
			if err := tx.Commit(); err != nil {
				return "not committed, " + g.kept(t)
			}
			return "committed, " + g.kept(t)
		}
	}
	t.Run("a lock that another host keeps", func(t *testing.T) {
		g, tx, end := begin(t)
		other := g.begin(t, sql.LevelDefault)
		issueIn(t, g.store.Within(other), draft("other"), "N1", true)
		if _, err := tx.ExecContext(t.Context(), `SET SESSION innodb_lock_wait_timeout = 1`); err != nil {
			t.Fatal(err)
		}
		if _, _, err := g.store.Within(tx).Issue(t.Context(), draft("k")); !errors.Is(err, policy.ErrUnavailable) {
			t.Errorf("got %v", err)
		}
		commitOf(t, other)
		issueIn(t, g.store.Within(tx), draft("k"), "N2", true)
		if got := end(); got != "committed, order a, other N1, k N2" {
			t.Error(got)
		}
	})
	t.Run("a context that ends", func(t *testing.T) {
		g, tx, end := begin(t)
		other := g.begin(t, sql.LevelDefault)
		issueIn(t, g.store.Within(other), draft("other"), "N1", true)
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		if _, _, err := g.store.Within(tx).Issue(ctx, draft("k")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		commitOf(t, other)
		if got := end(); got != "not committed, other N1" {
			t.Error(got)
		}
	})
	t.Run("a circle", func(t *testing.T) {
		g, tx, end := begin(t)
		other := g.begin(t, sql.LevelDefault)
		issueIn(t, g.store.Within(other), draft("other"), "N1", true)
		var err error
		var done sync.WaitGroup
		done.Go(func() { _, _, err = g.store.Within(tx).Issue(t.Context(), draft("k")) })
		_, circle := other.ExecContext(t.Context(), `INSERT INTO orders VALUES ('a'), ('b'), ('c')`) // waits for tx, which waits for it
		done.Wait()
		if (err == nil) == (circle == nil) {
			t.Fatalf("both of them, or none: %v, %v", err, circle)
		}
		if circle == nil {
			commitOf(t, other)
		} else {
			_ = other.Rollback()
		}
		if err != nil && !errors.Is(err, policy.ErrUnavailable) {
			t.Errorf("got %v", err)
		}
		want := "committed, order a, k N1"
		if err != nil {
			want = "not committed, order a, order b, order c, other N1"
		}
		if got := end(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	})
	t.Run("innodb_snapshot_isolation", func(t *testing.T) {
		g, tx, end := begin(t)
		if _, err := tx.ExecContext(t.Context(), `SET SESSION innodb_snapshot_isolation = ON`); err != nil {
			mytest.CheckNewer(t, err, "MariaDB 10.11.8")
		}
		_ = tx.QueryRowContext(t.Context(), `SELECT count(*) FROM chudan_record`).Scan(new(int))
		issueIn(t, g.store, draft("other"), "N1", true)
		if _, _, err := g.store.Within(tx).Issue(t.Context(), draft("k")); !errors.Is(err, policy.ErrUnavailable) || !strings.Contains(err.Error(), "READ COMMITTED") {
			t.Errorf("got %v", err)
		}
		if got := end(); got != "not committed, other N1" {
			t.Error(got)
		}
	})
	t.Run("another database", func(t *testing.T) {
		g, _, _ := begin(t)
		elsewhere := newStage(t)
		_, _, err := g.store.Within(elsewhere.begin(t, sql.LevelDefault)).Issue(t.Context(), draft("k"))
		if err == nil || errors.Is(err, policy.ErrUnavailable) || !strings.Contains(err.Error(), elsewhere.database) {
			t.Errorf("got %v", err)
		}
		g.want(t, "")
		elsewhere.want(t, "")
	})
	t.Run("a store that is closed", func(t *testing.T) {
		g, tx, end := begin(t)
		_ = g.store.Close()
		if _, _, err := g.store.Within(tx).Issue(t.Context(), draft("k")); !errors.Is(err, policy.ErrUnavailable) {
			t.Errorf("got %v", err)
		}
		if got := end(); got != "committed, order a" {
			t.Error(got)
		}
	})
}
