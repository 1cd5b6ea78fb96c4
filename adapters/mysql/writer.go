package mysql

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/chudan-io/chudan/policy"
)

// attempts is how often a transaction is tried that others are in the way of.
const attempts = 10

// waiting is a draft whose caller waits until done is closed.
type waiting struct {
	ctx   context.Context
	draft policy.Draft
	answer
	done chan struct{}
}

// writer alone writes decisions, in one goroutine.
type writer struct {
	store  *Store
	commit func(context.Context, *transaction) error
	done   chan struct{}
}

// run writes what arrives until the store is closed and nothing is left.
func (w *writer) run() {
	defer close(w.done)
	for first := range w.store.drafts {
		batch, err := w.transact(first, w.store.drafts)
		if err != nil && own(err) && len(batch) > 1 {
			// One of them is what the database will not take. Alone, each keeps its error to itself.
			for _, d := range batch {
				_, err := w.transact(d, nil)
				w.reply(w.explain(err, d), d)
			}
			continue
		}
		w.reply(w.explain(err, first), batch...)
	}
}

// explain tells of a single draft what was a duplicate, given that its key and
// its business keys were free.
func (w *writer) explain(err error, d *waiting) error {
	if number(err) != duplicate {
		return err
	}
	if _, found := w.store.Policy(context.Background(), d.record.Number); found == nil {
		return errNumberUsed
	}
	return err
}

// reply lets the callers go. After an error of the transaction nothing that
// was answered within it counts.
func (w *writer) reply(err error, batch ...*waiting) {
	if err != nil && !errors.Is(err, policy.ErrResultUnknown) && !errors.Is(err, errNumberUsed) {
		err = w.store.failed(context.Background(), err)
	}
	for _, d := range batch {
		if err != nil {
			d.answer = answer{err: err}
		}
		close(d.done)
	}
}

// transact carries out first, and what else is waiting, in one transaction. It
// gives the drafts that are part of it, or would have been.
func (w *writer) transact(first *waiting, more <-chan *waiting) ([]*waiting, error) {
	// The transaction is nobody's: no caller's context may cancel it.
	ctx, cancel := context.WithTimeout(context.Background(), w.store.config.Connect+2*w.store.config.Wait)
	defer cancel()
	batch := []*waiting{first}
	for attempt := 0; ; attempt++ {
		var err error
		batch, err = w.attempt(ctx, batch, more)
		if err == nil {
			return batch, nil
		}
		switch {
		case errors.Is(err, policy.ErrResultUnknown), own(err): // theirs alone
			return batch, err
		case attempt == attempts || !passing(err) || !pause(ctx, attempt):
			// Those that wait by now share the error: each for himself they would only wait for the same again.
			return w.gather(batch, more), err
		}
	}
}

// pause waits before the next attempt, so long that two nodes do not meet again.
// It tells whether there is time for one.
func pause(ctx context.Context, attempt int) bool {
	most := 2 * time.Millisecond << min(attempt, 7)
	timer := time.NewTimer(rand.N(most)) //nolint:gosec // two nodes should not wake in step, that is all
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// attempt is one transaction from begin to commit.
func (w *writer) attempt(ctx context.Context, batch []*waiting, more <-chan *waiting) ([]*waiting, error) {
	t, err := w.store.begin(ctx)
	if err != nil {
		return batch, err
	}
	batch = w.gather(batch, more) // what arrived while other nodes had their turn
	if err := t.decide(ctx, batch); err != nil {
		t.abandon(err)
		return batch, err
	}
	if !t.decided {
		t.abandon(nil)
		return batch, nil
	}
	if err := t.finish(ctx); err != nil {
		t.abandon(err)
		return batch, err
	}
	if err := w.commit(ctx, t); err != nil {
		t.discard()
		return batch, w.settle(t, err)
	}
	_ = t.conn.Close() // back into its pool
	return batch, nil
}

// gather adds the drafts that wait, as far as there is room.
func (w *writer) gather(batch []*waiting, more <-chan *waiting) []*waiting {
	for len(batch) < w.store.config.Batch {
		select {
		case d, open := <-more:
			if !open {
				return batch
			}
			batch = append(batch, d)
		default:
			return batch
		}
	}
	return batch
}

// settle finds out, over another connection, what a COMMIT did that failed. It
// waits for the lock of the transaction that is in doubt: once it has it, the
// server has made up its mind.
func (w *writer) settle(t *transaction, err error) error {
	ctx, cancel := w.store.within(context.Background())
	defer cancel()
	unknown := fmt.Errorf("mysql: %s: %w (%w)", w.store.place, policy.ErrResultUnknown, &failure{err})
	again, reading := w.store.begin(ctx)
	if reading != nil {
		return unknown
	}
	committed, reading := again.holds(ctx, t)
	again.abandon(reading)
	switch {
	case reading != nil:
		return unknown
	case committed:
		return nil
	}
	return err
}

// holds tells whether what t wrote last is there. A transaction is whole: one
// of its records tells of all of them.
func (t *transaction) holds(ctx context.Context, other *transaction) (bool, error) {
	var hash, sealed []byte
	last := other.last
	err := t.run.QueryRowContext(ctx, `SELECT coalesce((SELECT hash FROM chudan_journal WHERE id = ?), ''), coalesce(
		(SELECT sealed FROM chudan_record WHERE id = ? AND revision = ?), (SELECT sealed FROM chudan_history WHERE record = ? AND revision = ?), '')`,
		other.head.journal, last.id, last.record.Revision, last.id, last.record.Revision).Scan(&hash, &sealed)
	return err == nil && bytes.Equal(hash, other.head.hash[:]) && bytes.Equal(sealed, last.record.Sealed), err
}

func commit(ctx context.Context, t *transaction) error {
	_, err := t.run.ExecContext(ctx, "COMMIT")
	return err
}
