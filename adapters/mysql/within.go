package mysql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/chudan-io/chudan/policy"
)

// Within is the store in a transaction that its caller, the host, has begun on
// the store's database: what is issued there becomes durable, or vanishes,
// together with what the host writes itself. It neither commits nor rolls back.
//
// Issue locks the row that all decisions continue from (see the package's
// documentation), and keeps it until the host's transaction ends: meanwhile
// nobody else issues, on any node. So let the host do its own work first, issue
// last, and commit at once; and let it close its rows before. A host that locks
// rows of its own after it has issued may meet another one in a circle, which
// the server then breaks. The Store itself is not to be asked to issue in
// between: it would wait for its own caller.
//
// Isolation may be READ COMMITTED or REPEATABLE READ; what was issued since the
// host's snapshot counts all the same, and Issue answers with it. SERIALIZABLE
// makes hosts meet in circles too. On MariaDB, innodb_snapshot_isolation (on
// from 11.6) refuses whoever has read before another one wrote: take READ
// COMMITTED there. On TiDB the transaction has to be pessimistic, as it is unless
// somebody set it otherwise.
//
// The error of a draft (of its Complete, a number in use, what has no room), a
// *policy.TakenError and a record that was there leave the host's transaction as
// it was, to go on with. So does trouble, where the server can undo what was
// done to a savepoint; where it cannot, because it has rolled the transaction
// back or the connection broke, the transaction is at its end, and its Commit
// answers sql.ErrTxDone. A context that ends while a statement is under way
// breaks the connection.
//
// A refused or referred request is a record as well: a host who rolls back
// forgets it, and one who commits keeps it.
//
// The host's user needs the grants that the package's documentation lists. What
// is answered counts once the host has committed, which is for the host to find
// out; sending the request again tells.
func (s *Store) Within(tx *sql.Tx) policy.Store { return &hosted{store: s, tx: tx} }

// hosted is a Store within a transaction of somebody else's.
type hosted struct {
	store *Store
	tx    *sql.Tx

	mu     sync.Mutex // a transaction does one thing at a time
	looked bool       // the transaction is on the store's database
	locked bool       // it has the lock on head, until it ends
}

var (
	_ policy.Store        = (*hosted)(nil)
	_ policy.UniqueFinder = (*hosted)(nil)
)

// Issue is policy.Store's.
func (h *hosted) Issue(ctx context.Context, d policy.Draft) (policy.Record, bool, error) {
	a, err := h.decide(ctx, func(t *transaction) (answer, error) {
		if err := t.lookUp(ctx, []*policy.Draft{&d}); err != nil {
			return answer{}, err
		}
		a, err := t.issue(ctx, &d)
		if err == nil && t.decided {
			err = t.finish(ctx)
		}
		return a, err
	})
	return a.record, a.won, err
}

// decide does something while nobody else writes decisions. The error of do is
// the transaction's.
func (h *hosted) decide(ctx context.Context, do func(*transaction) (answer, error)) (answer, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.ready(ctx); err != nil {
		return answer{}, err
	}
	t := h.transaction()
	a, err := h.guard(ctx, t, do)
	if err != nil {
		return answer{}, h.undo(ctx, t, err)
	}
	return a, a.err
}

func (h *hosted) transaction() *transaction {
	t := newTransaction(h.tx)
	t.locking = " FOR UPDATE"
	return t
}

// savepoint is undone to, so that a host that commits in spite of trouble does
// not commit a part of a decision.
const savepoint = `chudan_issue`

func (h *hosted) guard(ctx context.Context, t *transaction, do func(*transaction) (answer, error)) (a answer, err error) {
	if _, err := h.tx.ExecContext(ctx, `SAVEPOINT `+savepoint); err != nil {
		return a, err
	}
	if err := t.lock(ctx); err != nil {
		return a, err
	}
	h.locked = true
	if a, err = do(t); err != nil {
		return a, err
	}
	_, err = h.tx.ExecContext(ctx, `RELEASE SAVEPOINT `+savepoint)
	return a, err
}

// undo takes back what a decision has written before it failed, and if it must,
// ends the transaction. It says what failed.
func (h *hosted) undo(ctx context.Context, t *transaction, err error) error {
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if _, undoing := h.tx.ExecContext(bounded, `ROLLBACK TO SAVEPOINT `+savepoint); undoing != nil {
		if ended := h.tx.Rollback(); errors.Is(ended, sql.ErrTxDone) {
			err = errors.Join(err, ended)
		}
		return h.trouble(ctx, err)
	}
	if number(err) == duplicate && t.last.record.Number != "" {
		// As for the writer: the key and the business keys were free.
		if _, used := h.look(bounded, byNumber, []byte(t.last.record.Number)); used == nil {
			return errNumberUsed
		}
	}
	return h.trouble(ctx, err)
}

// trouble is the Store's, but that the host's connection tells nothing of ours,
// and that a transaction which has ended comes back with no waiting.
func (h *hosted) trouble(ctx context.Context, err error) error {
	if errors.Is(err, sql.ErrTxDone) && ctx.Err() == nil {
		return fmt.Errorf("mysql: the host's transaction has ended: %w", err)
	}
	return h.store.trouble(ctx, err)
}

// ready tells whether there is any use in asking. Once it finds out whether the
// transaction is on the store's database: tables of the same names may be in
// several.
func (h *hosted) ready(ctx context.Context) error {
	if h.store.isClosed() {
		return errClosed
	}
	if ctx.Err() != nil {
		return h.store.trouble(ctx, ctx.Err())
	}
	if h.looked {
		return nil
	}
	var database string
	if err := h.tx.QueryRowContext(ctx, `SELECT coalesce(DATABASE(), '')`).Scan(&database); err != nil {
		return h.trouble(ctx, err)
	}
	if want := h.store.config.driver.DBName; !strings.EqualFold(database, want) {
		return fmt.Errorf("mysql: the host's transaction is on the database %q, the store on %q; begin it on the store's", database, want)
	}
	h.looked = true
	return nil
}

// Find is policy.Store's: what the transaction sees, or, once it has issued,
// what there is.
func (h *hosted) Find(ctx context.Context, k policy.Key) (policy.Record, error) {
	return h.record(ctx, byKey, []byte(k.Identifier), []byte(k.Tenant))
}

// Policy is policy.Store's.
func (h *hosted) Policy(ctx context.Context, number string) (policy.Record, error) {
	return h.record(ctx, byNumber, []byte(number))
}

// FindUnique is policy.UniqueFinder's.
func (h *hosted) FindUnique(ctx context.Context, t policy.Tenant, b policy.BusinessKey) (policy.Record, error) {
	return h.record(ctx, byClaim, []byte(b.Value), []byte(b.Path), []byte(t))
}

func (h *hosted) record(ctx context.Context, query string, args ...any) (policy.Record, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.ready(ctx); err != nil {
		return policy.Record{}, err
	}
	r, err := h.look(ctx, query, args...)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return policy.Record{}, policy.ErrNotFound
	case err != nil:
		return policy.Record{}, h.trouble(ctx, err)
	}
	return r, nil
}

// look reads past the snapshot where the lock on head keeps that from waiting
// for anybody: without it, the gaps that are locked along would be in the way of
// who has it.
func (h *hosted) look(ctx context.Context, query string, args ...any) (policy.Record, error) {
	if h.locked {
		query += " FOR UPDATE"
	}
	return scan(h.tx.QueryRowContext(ctx, query, args...))
}
