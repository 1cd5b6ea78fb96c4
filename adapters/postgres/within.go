package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/chudan-io/chudan/policy"
)

var (
	_ policy.Store        = (*within)(nil)
	_ policy.UniqueFinder = (*within)(nil)

	errTxEnded = errors.New("postgres: the host's transaction has ended")
)

const maxHostLosses = 10 // in a row, to others whose transactions then came to nothing

// Within gives a store that works in a transaction of the host's: what it
// issues is committed or rolled back together with whatever else the host
// writes. It ends no transaction itself, and is of no use when tx has ended. The
// record that it returns is not durable before the host has committed; whoever
// is told of the policy earlier may be told of one that never was.
//
// The transaction is to be of the same database and to find the same tables
// (search_path), as a user with the same rights. An Issue that fails undoes what
// it did and nothing else, so that after a *policy.TakenError, a lost key, or an
// error of the draft's own, the host's transaction goes on. Where the database
// fails, the error wraps policy.ErrUnavailable, and the host begins anew.
//
//   - Take READ COMMITTED, which is the default: a draft that waited for another
//     transaction then sees what that has written. At REPEATABLE READ and
//     SERIALIZABLE a transaction sees what there was when it began: where another
//     has written a key, or continued the audit chain, since then, Issue answers
//     policy.ErrUnavailable, and the whole transaction is to be repeated.
//   - From Issue until the host ends, others who bring the same key or business
//     key wait, and with them those who share their batch, for Config.Wait at
//     most. So let Issue be among the last things that a transaction does, and
//     call nobody over the network after it. Hosts who issue several policies in
//     one transaction issue them in the order of their identifiers, or wait for
//     each other in a circle, which the database ends with an error.
//   - How long Issue waits for a lock is up to the host's lock_timeout.
//   - A sequence number drawn in a transaction that is rolled back is burnt.
//
// A connection of the store's own opens a new audit chain, now and then, when
// more hosts are at work at once than ever before.
func (s *Store) Within(tx pgx.Tx) policy.Store { return &within{store: s, tx: tx} }

type within struct {
	store *Store
	mu    sync.Mutex // a transaction is for one at a time
	tx    pgx.Tx
}

// Issue is policy.Store's, but for what Within says.
func (w *within) Issue(ctx context.Context, d policy.Draft) (policy.Record, bool, error) {
	if !nameable(&d) {
		return policy.Record{}, false, errText
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.ready(ctx); err != nil {
		return policy.Record{}, false, err
	}
	one := &waiting{draft: d, claims: len(d.Unique) > 0}
	for range maxHostLosses {
		err := w.attempt(ctx, one)
		if errors.Is(err, errLost) && !one.settled {
			if err = look(ctx, w.tx, &pgx.Batch{}, []*waiting{one}); err == nil && !one.settled {
				continue
			}
		}
		if one.settled {
			return one.record, one.won, one.err
		}
		return policy.Record{}, false, w.trouble(ctx, err)
	}
	return policy.Record{}, false, fmt.Errorf("postgres: lost to others again and again: %w", policy.ErrUnavailable)
}

// attempt writes the draft, or leaves the transaction as it was.
func (w *within) attempt(ctx context.Context, d *waiting) (err error) {
	tx, err := w.tx.Begin(ctx) // a savepoint
	if err != nil {
		return err
	}
	var drawn []uint64
	defer func() {
		if err != nil {
			_ = tx.Rollback(context.WithoutCancel(ctx)) // a connection that is lost takes the transaction with it
		}
		if err != nil && !isLost(err) {
			w.store.numbers.put(drawn)
		}
	}()
	drafts := []*waiting{d}
	places, standing, err := win(ctx, tx, &pgx.Batch{}, drafts)
	if err != nil {
		return err
	}
	if d.draft.Numbered {
		if drawn, err = w.store.numbers.draw(ctx, tx, 1); err != nil {
			return err
		}
	}
	entries, err := makeAll(drafts, places, standing, drawn)
	if err != nil {
		return err
	}
	chain, from, err := w.takeChain(ctx, tx)
	if err != nil {
		return err
	}
	var written bool
	b := &pgx.Batch{}
	standing.queue(b)
	queue(b, drafts, places, entries, chain, from, &written)
	if err = send(ctx, tx, b); err == nil {
		err = tx.Commit(ctx) // releases the savepoint
	}
	if err != nil {
		return err
	}
	d.settle(answer{record: entries[0].Record, won: true})
	return nil
}

const (
	// The locks are tried one by one, of the chains in their order, until one is had. Who holds one already, of an Issue before, has it again.
	freeChain = `SELECT id FROM (SELECT id FROM chudan_chain WHERE hosted ORDER BY id OFFSET 0) c WHERE pg_try_advisory_xact_lock($1, (id % 2147483647)::int) LIMIT 1`
	lockChain = `SELECT pg_try_advisory_xact_lock($1, ($2::bigint % 2147483647)::int)`
	chainHead = `SELECT position, hash FROM (SELECT position, hash FROM chudan_journal WHERE chain = $1
		UNION ALL SELECT 0, hash FROM chudan_chain WHERE id = $1) h ORDER BY position DESC LIMIT 1`
)

// takeChain gives a chain that nobody else continues before the host's
// transaction has ended, and the head of it. A lock goes when what was written
// under it can be seen, so that the head which is read after it is the last one.
func (w *within) takeChain(ctx context.Context, tx pgx.Tx) (chain int64, from head, err error) {
	err = tx.QueryRow(ctx, freeChain, lockHosted).Scan(&chain)
	for taken := false; errors.Is(err, pgx.ErrNoRows) && !taken; {
		// Over a connection of the store's: an opening is everybody's, whatever becomes of the host.
		err = w.store.read(ctx, func(ctx context.Context, pool *pgxpool.Pool) (err error) {
			chain, from, err = openChain(ctx, pool, true)
			return err
		})
		if err != nil {
			return 0, head{}, err
		}
		if err = tx.QueryRow(ctx, lockChain, lockHosted, chain).Scan(&taken); err == nil && !taken {
			err = tx.QueryRow(ctx, freeChain, lockHosted).Scan(&chain) // another was faster
		}
	}
	if err != nil {
		return 0, head{}, err
	}
	var hash []byte
	err = tx.QueryRow(ctx, chainHead, chain).Scan(&from.position, &hash)
	if errors.Is(err, pgx.ErrNoRows) && from != (head{}) {
		return chain, from, nil // a snapshot from before it was opened
	}
	if err == nil && copy(from.hash[:], hash) < len(from.hash) {
		err = fmt.Errorf("the hash at the end of chain %d is not one", chain)
	}
	return chain, from, err
}

// Find is policy.Store's: as the host's transaction sees it.
func (w *within) Find(ctx context.Context, k policy.Key) (policy.Record, error) {
	return w.record(ctx, byKey, k.Identifier, string(k.Tenant))
}

// Policy is policy.Store's: as the host's transaction sees it.
func (w *within) Policy(ctx context.Context, number string) (policy.Record, error) {
	return w.record(ctx, byNumber, number)
}

// FindUnique is policy.UniqueFinder's: as the host's transaction sees it.
func (w *within) FindUnique(ctx context.Context, t policy.Tenant, b policy.BusinessKey) (policy.Record, error) {
	return w.record(ctx, byClaim, b.Value, b.Path, string(t))
}

func (w *within) record(ctx context.Context, query string, words ...string) (policy.Record, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.ready(ctx); err != nil {
		return policy.Record{}, err
	}
	if !storable(words...) {
		return policy.Record{}, policy.ErrNotFound
	}
	r, err := scan(w.tx.QueryRow(ctx, query, arguments(words)...))
	if errors.Is(err, pgx.ErrNoRows) {
		return policy.Record{}, policy.ErrNotFound
	}
	if err != nil {
		return policy.Record{}, w.trouble(ctx, err)
	}
	return r, nil
}

func (w *within) ready(ctx context.Context) error {
	if w.store.isClosed() {
		return errClosed
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("postgres: %w", err)
	}
	return nil
}

// trouble is the store's, in the words of a host.
func (w *within) trouble(ctx context.Context, err error) error {
	switch name := constraint(err); {
	case ctx.Err() != nil:
		return fmt.Errorf("postgres: ended in the host's transaction: %w", ctx.Err())
	case errors.Is(err, pgx.ErrTxClosed):
		return errTxEnded
	case name == "chudan_record_number":
		return errNumberUsed
	case isConflict(err), name == "chudan_journal_pkey", name == "chudan_record_pkey":
		// The latter two where the isolation level hides what another has committed.
		return fmt.Errorf("postgres: %s: the host's transaction had to give way to another; roll it back and begin it anew: %w (%w)",
			w.store.where, policy.ErrUnavailable, plain(err))
	}
	return w.store.trouble(err)
}
