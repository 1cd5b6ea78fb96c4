package sqlite

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/chudan-io/chudan/policy"
)

// waiting is a draft whose caller waits until done is closed.
type waiting struct {
	ctx   context.Context
	draft policy.Draft
	task  func(context.Context, *session) error // in the place of the draft; its error is the transaction's
	answer
	done chan struct{}
}

// writer owns the session. It alone writes, in one goroutine.
type writer struct {
	store   *Store
	session *session // nil after trouble: the next transaction opens another
	commit  func(context.Context, *session) error
	done    chan struct{}
}

// run writes what arrives until the store is closed and nothing is left.
func (w *writer) run() {
	defer close(w.done)
	for first := range w.store.drafts {
		batch, err := w.transact(first, w.store.drafts)
		if err != nil && advise(err) == "" && len(batch) > 1 {
			// One of them is what the database will not take. Alone, each keeps its error to itself.
			for _, d := range batch {
				_, err := w.transact(d, nil)
				w.reply(err, d)
			}
			continue
		}
		w.reply(err, batch...)
	}
}

// reply lets the callers go. After an error of the transaction nothing that
// was answered within it counts.
func (w *writer) reply(err error, batch ...*waiting) {
	if err != nil && !errors.Is(err, policy.ErrResultUnknown) {
		err = w.store.trouble(err)
	}
	for _, d := range batch {
		if err != nil {
			d.answer = answer{err: err}
		}
		close(d.done)
	}
}

// transact carries out first, and whatever arrives from more meanwhile, in one
// transaction. It gives the drafts that are part of it, or would have been.
func (w *writer) transact(first *waiting, more <-chan *waiting) ([]*waiting, error) {
	// The transaction is nobody's: no caller's context may cancel it.
	ctx := context.Background()
	batch := []*waiting{first}
	h, err := w.begin(ctx)
	stale := false // a task may have moved the head on
	for i := 0; err == nil && i < len(batch); i++ {
		d := batch[i]
		if ended := d.ctx.Err(); ended != nil {
			d.answer = answer{err: fmt.Errorf("sqlite: ended before it was written: %w", ended)}
		} else if d.task != nil {
			err, stale = d.task(ctx, w.session), true
		} else {
			if stale {
				h, err = w.session.readHead(ctx)
				stale = false
			}
			if err == nil {
				d.answer, err = w.session.issue(ctx, d.draft, &h)
			}
		}
		batch = w.join(batch, more)
	}
	if err == nil {
		if err = w.commit(ctx, w.session); err != nil {
			err = w.settle(ctx, batch, err)
		}
		return batch, err
	}
	w.abandon(ctx, err)
	// Those that wait by now share the error: each for himself they would only wait for the same again.
	for joined := 0; joined < len(batch); {
		joined = len(batch)
		batch = w.join(batch, more)
	}
	return batch, err
}

// join adds the next draft, if one is there and there is room.
func (w *writer) join(batch []*waiting, more <-chan *waiting) []*waiting {
	if len(batch) < w.store.config.Batch {
		select {
		case d, open := <-more:
			if open {
				return append(batch, d)
			}
		default:
		}
	}
	return batch
}

func (w *writer) begin(ctx context.Context) (head, error) {
	if w.session == nil {
		session, err := openSession(ctx, w.store.config)
		if err != nil {
			return head{}, err
		}
		w.session = session
	}
	if w.session.untuned >= tuneAfter {
		if err := w.session.tune(ctx); err != nil {
			return head{}, err
		}
	}
	if err := w.session.lock(ctx, w.store.config.Wait); err != nil {
		return head{}, err
	}
	return w.session.readHead(ctx)
}

// abandon undoes what the transaction did. A connection that cannot even do
// that is given up; one that found the file locked has nothing to undo.
func (w *writer) abandon(ctx context.Context, err error) {
	if w.session == nil {
		return
	}
	if _, undone := w.session.rollback.ExecContext(ctx); undone != nil && !isBusy(err) {
		_ = w.session.close() // what failed is told already
		w.session = nil
	}
}

// settle finds out, over another connection, what a COMMIT did that failed. A
// transaction is whole: one of its records tells of all of them.
func (w *writer) settle(ctx context.Context, batch []*waiting, err error) error {
	w.abandon(ctx, err)
	unknown := fmt.Errorf("sqlite: %s: %w (%w)", w.store.config.Path, policy.ErrResultUnknown, err)
	if unsynced(err) {
		return unknown
	}
	for _, d := range batch {
		if !d.won {
			continue
		}
		found, reading := w.store.lookup(ctx, w.store.byKey, d.record.Key.Identifier, d.record.Key.Tenant)
		switch {
		case errors.Is(reading, policy.ErrNotFound):
			return err
		case reading != nil:
			return unknown
		case found.Revision == d.record.Revision && bytes.Equal(found.Sealed, d.record.Sealed):
			return nil
		}
		return err
	}
	if slices.ContainsFunc(batch, func(d *waiting) bool { return d.task != nil }) {
		return unknown // of what a task wrote nothing can be looked up
	}
	return err
}

func (w *writer) close() error {
	if w.session == nil {
		return nil
	}
	return w.session.close()
}

func commit(ctx context.Context, s *session) error {
	_, err := s.commit.ExecContext(ctx)
	return err
}
