package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"sync"

	"github.com/chudan-io/chudan/policy"
	sqlite3 "modernc.org/sqlite/lib"
)

// Within is the store in a transaction of the host's own, so that a policy and
// the host's rows are committed together or not at all. tx belongs to a handle
// of the driver "sqlite" on the same file; it is neither committed nor rolled
// back here.
//
// What Issue answers counts once the host has committed, and not before: until
// then it must reach no customer. After a rollback there is no record, and the
// sequence number and the place in the audit chain are the next one's.
//
// The transaction should be begun IMMEDIATE (_txlock=immediate in the DSN), or
// have nothing read before: SQLite lets nobody write who has read what others
// changed since, which answers policy.ErrUnavailable. From the first call here
// it holds the lock of the file. Meanwhile the Store itself and every other
// host wait, so that whoever calls the Store within its own transaction waits
// for himself, until Config.Wait is over. End it soon.
//
// A draft that fails leaves the transaction as it was before, and usable. Where
// SQLite has undone all of it (a full disk), every later call answers so. The
// handle keeps its settings; one that commits with less than synchronous = FULL
// is refused, because a policy would not outlive a power cut.
//
// The file is chudan's: Open makes it, and refuses one that another application
// made. The host adds its tables afterwards, best under a prefix of its own, as
// later versions of the schema add tables too.
//
// The store that is given is a policy.UniqueFinder, a policy.Archive and a
// policy.Exposer too. It may be used by several goroutines, one after the other
// is served.
func (s *Store) Within(tx *sql.Tx) policy.Store { return &within{store: s, tx: tx} }

type within struct {
	store *Store
	tx    *sql.Tx

	mu       sync.Mutex
	ready    bool
	exposing bool  // whether what exposures need is ready too
	lost     error // why nothing can be done any more
	session  session
	lookups
}

var (
	_ policy.UniqueFinder = (*within)(nil)
	_ policy.Archive      = (*within)(nil)
)

var errLost = errors.New("sqlite: the host's transaction was rolled back by the database; begin another")

// Issue is policy.Store's.
func (w *within) Issue(ctx context.Context, d policy.Draft) (policy.Record, bool, error) {
	var a answer
	do := w.do
	if d.Exposure != nil {
		do = w.doExposing
	}
	err := do(ctx, func(ctx context.Context) error {
		h, err := w.session.readHead(ctx)
		if err == nil {
			a, err = w.session.issue(ctx, d, &h)
		}
		return err
	})
	if err != nil {
		return policy.Record{}, false, err
	}
	return a.record, a.won, a.err
}

// Find is policy.Store's. It sees what the transaction has written.
func (w *within) Find(ctx context.Context, k policy.Key) (policy.Record, error) {
	return w.find(ctx, &w.byKey, k.Identifier, k.Tenant)
}

// Policy is policy.Store's.
func (w *within) Policy(ctx context.Context, number string) (policy.Record, error) {
	return w.find(ctx, &w.byNumber, number)
}

// FindUnique is policy.UniqueFinder's.
func (w *within) FindUnique(ctx context.Context, t policy.Tenant, b policy.BusinessKey) (policy.Record, error) {
	return w.find(ctx, &w.byClaim, b.Value, b.Path, t)
}

func (w *within) find(ctx context.Context, by **sql.Stmt, args ...any) (r policy.Record, err error) {
	found := policy.ErrNotFound
	err = w.do(ctx, func(ctx context.Context) error {
		r, found = w.store.lookup(ctx, *by, args...)
		return nil
	})
	if err == nil {
		err = found
	}
	return r, err
}

// KeepEdition is policy.Archive's: an edition that is new to the file is kept
// with the policy, or vanishes with it.
func (w *within) KeepEdition(ctx context.Context, e policy.ArchivedEdition) error {
	var changed *policy.EditionChangedError
	err := w.do(ctx, func(ctx context.Context) error {
		err := insertEdition(ctx, w.tx, e)
		if errors.As(err, &changed) {
			return nil
		}
		return err
	})
	if err == nil && changed != nil {
		return changed
	}
	return err
}

// KeptEdition is policy.Archive's: those that are committed.
func (w *within) KeptEdition(ctx context.Context, digest string) (policy.ArchivedEdition, error) {
	return w.store.KeptEdition(ctx, digest)
}

// KeptEditions is policy.Archive's: those that are committed.
func (w *within) KeptEditions(ctx context.Context) ([]policy.ArchivedEdition, error) {
	return w.store.KeptEditions(ctx)
}

// do carries out a task so that it leaves nothing behind where it fails. No
// caller's context may end it half-way: SQLite would undo the whole transaction
// of the host, and what he writes next would be committed by itself.
func (w *within) do(ctx context.Context, task func(context.Context) error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.lost != nil:
		return w.lost
	case w.store.isClosed():
		return errClosed
	case ctx.Err() != nil:
		return fmt.Errorf("sqlite: %w", ctx.Err())
	}
	ctx = context.WithoutCancel(ctx)
	err := w.begin(ctx)
	if err == nil {
		if err = w.attempt(ctx, task); err == nil {
			return nil
		}
	}
	if errors.Is(err, sql.ErrTxDone) {
		return fmt.Errorf("sqlite: the host's transaction has ended: %w", err)
	}
	if code(err) != 0 {
		return w.store.trouble(err)
	}
	return fmt.Errorf("sqlite: %s: %w", w.store.config.Path, err)
}

func (w *within) attempt(ctx context.Context, task func(context.Context) error) error {
	if _, err := w.tx.ExecContext(ctx, `SAVEPOINT chudan`); err != nil {
		return err
	}
	err := task(ctx)
	if err != nil {
		if _, undone := w.tx.ExecContext(ctx, `ROLLBACK TO chudan`); undone != nil {
			w.lost = fmt.Errorf("%w: %w (%w)", errLost, policy.ErrUnavailable, err)
			return err
		}
	}
	_, released := w.tx.ExecContext(ctx, `RELEASE chudan`)
	if err == nil {
		err = released
	}
	return err
}

// begin takes the lock before anything is read, then finds out what file it is.
func (w *within) begin(ctx context.Context) error {
	if w.ready {
		return nil
	}
	_, locked := w.tx.ExecContext(ctx, `DELETE FROM main.relaying WHERE 0`) // none; but SQLite takes it for writing
	if locked != nil && code(locked)&0xff != sqlite3.SQLITE_ERROR {
		return locked
	}
	if err := w.identify(ctx); err != nil {
		return err
	}
	if locked != nil {
		return locked
	}
	if err := prepare(ctx, w.tx, append(w.session.decisions(), w.statements()...)); err != nil {
		return err
	}
	w.ready = true
	return nil
}

// identify tells whether the transaction is one of the store's file, and keeps
// what it commits.
func (w *within) identify(ctx context.Context) error {
	var file string
	var version, synchronous int
	err := w.tx.QueryRowContext(ctx, `SELECT (SELECT file FROM pragma_database_list WHERE name = 'main'),
		(SELECT user_version FROM pragma_user_version), (SELECT synchronous FROM pragma_synchronous)`).Scan(&file, &version, &synchronous)
	if err != nil {
		return err
	}
	theirs, err := os.Stat(file)
	if err != nil {
		return fmt.Errorf("the host's transaction is one of another file: %w", err)
	}
	ours, err := os.Stat(w.store.config.Path)
	switch {
	case err != nil:
		return err
	case !os.SameFile(theirs, ours):
		return fmt.Errorf("the host's transaction is one of another file, %s; begin it on a handle of this one", file)
	case version != len(migrations):
		return fmt.Errorf("the schema has version %d where this program knows %d; another program has changed it", version, len(migrations))
	case synchronous < 2:
		return fmt.Errorf("the host's handle has synchronous = %d, with which a policy may be lost; open it with _synchronous=FULL", synchronous)
	}
	return nil
}
