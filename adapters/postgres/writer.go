package postgres

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/chudan-io/chudan/policy"
)

// answer is what a draft comes to. Its error is the draft's own.
type answer struct {
	record policy.Record
	won    bool
	err    error
}

// waiting is a draft whose caller waits until done is closed.
type waiting struct {
	ctx   context.Context
	draft policy.Draft
	answer
	settled bool
	done    chan struct{}

	claims bool           // whether its business keys are to be claimed, as far as is known; else they are only looked up
	prior  *policy.Record // what an attempt wrote whose COMMIT nobody answered
}

func (d *waiting) settle(a answer) { d.answer, d.settled = a, true }

// open are those that have no answer yet.
func open(drafts []*waiting) (left []*waiting) {
	for _, d := range drafts {
		if !d.settled {
			left = append(left, d)
		}
	}
	return left
}

// writer owns a session. Its goroutine alone uses it.
type writer struct {
	store   *Store
	session *session // nil after trouble: the next transaction opens another
	batches chan []*waiting
}

// run carries out batch after batch until there are no more. It is free for
// the next before anybody is told, so that one caller alone always meets the
// first writer.
func (w *writer) run(free chan<- *writer) {
	for batch := range w.batches {
		w.carryOut(batch)
		free <- w
		for _, d := range batch {
			close(d.done)
		}
	}
}

// dispatch gives what arrives to the first writer that is free, until the
// store is closed and nothing is left. While one waits for its commit the next
// is at work; what arrives while all are busy shares a transaction.
func (s *Store) dispatch() {
	defer close(s.dispatched)
	free := make(chan *writer, len(s.writers)) // none of them ever waits
	idle := make(map[*writer]bool, len(s.writers))
	var running sync.WaitGroup
	for _, w := range s.writers {
		idle[w] = true
		running.Go(func() { w.run(free) })
	}
	for first := range s.drafts {
		for len(idle) == 0 || len(free) > 0 {
			idle[<-free] = true
		}
		w := s.writers[slices.IndexFunc(s.writers, func(w *writer) bool { return idle[w] })]
		delete(idle, w)
		w.batches <- s.gather(first)
	}
	for _, w := range s.writers {
		close(w.batches)
	}
	running.Wait()
}

// gather adds to a draft those that wait already.
func (s *Store) gather(first *waiting) []*waiting {
	batch := []*waiting{first}
	for len(batch) < s.config.Batch {
		select {
		case d, more := <-s.drafts:
			if more {
				batch = append(batch, d)
				continue
			}
		default:
		}
		break
	}
	return batch
}

const (
	maxLosses    = 1000 // in a row: each has either answered a draft or met another node's commit
	maxConflicts = 10   // deadlocks and the like
	maxBreaks    = 3    // connections lost
)

// carryOut answers every draft of a batch.
func (w *writer) carryOut(batch []*waiting) {
	for _, d := range batch {
		if ended := d.ctx.Err(); ended != nil {
			d.settle(answer{err: fmt.Errorf("postgres: ended before it was written: %w", ended)})
		}
	}
	careful := false // whether to look before writing
	for losses, conflicts, breaks := 0, 0, 0; ; {
		left := open(batch)
		if len(left) == 0 {
			return
		}
		committing, err := w.transact(left, careful)
		switch {
		case err == nil:
			losses, conflicts = 0, 0
		case errors.Is(err, errLost) && losses < maxLosses:
			losses++
		case isConflict(err) && conflicts < maxConflicts:
			conflicts++
			time.Sleep(backoff(conflicts, time.Millisecond, 100*time.Millisecond))
		case isLost(err) && w.store.outage.err() == nil && (committing || !isTimeout(err)) && breaks < maxBreaks:
			breaks++
		case advise(err) == "" && len(left) > 1:
			// One of them is what the database will not take. Alone, each keeps its error to itself.
			for _, d := range left {
				w.carryOut([]*waiting{d})
			}
			return
		default:
			w.fail(left, err)
			return
		}
		careful = true
	}
}

// fail answers those that are left with the trouble that there is.
func (w *writer) fail(left []*waiting, err error) {
	told := w.store.trouble(err)
	switch {
	case constraint(err) == "chudan_record_number":
		told = errNumberUsed
	case errors.Is(err, errLost):
		told = fmt.Errorf("postgres: lost to others again and again: %w", policy.ErrUnavailable)
	}
	for _, d := range left {
		if d.prior != nil {
			d.settle(answer{err: fmt.Errorf("postgres: %s: %w (%w)", w.store.where, policy.ErrResultUnknown, plain(err))})
		} else {
			d.settle(answer{err: told})
		}
	}
}

// transact makes one transaction of the drafts that do not meet each other;
// the others have their turn when it is known what became of these. committing
// tells that an error leaves open whether it was committed.
func (w *writer) transact(drafts []*waiting, careful bool) (committing bool, err error) {
	// The transaction is nobody's: no caller's context may cancel it.
	ctx, cancel := context.WithTimeout(context.Background(), w.store.config.grace())
	defer cancel()
	if err := w.ready(ctx); err != nil {
		return false, err
	}
	if careful {
		err = w.session.look(ctx, drafts)
	}
	if err == nil {
		if first := apart(open(drafts)); len(first) > 0 {
			committing, err = w.session.write(ctx, first)
		}
	}
	if err != nil {
		w.abandon(ctx, err)
	}
	return committing, err
}

// ready sees to a session.
func (w *writer) ready(ctx context.Context) error {
	if err := w.store.outage.err(); err != nil {
		return err
	}
	if w.session != nil {
		return nil
	}
	session, err := w.store.config.openSession(ctx, &w.store.numbers)
	if err != nil {
		return w.store.outage.begin(err)
	}
	w.session = session
	return nil
}

// abandon undoes what the transaction did, and gives up a connection that is
// no longer good for that.
func (w *writer) abandon(ctx context.Context, err error) {
	if isLost(err) || w.session.rollback(ctx) != nil {
		w.store.numbers.forget()
		_ = w.session.close() // what failed is told already
		w.session = nil
	}
}

// apart gives the drafts that share no key and no business key with one before
// them.
func apart(drafts []*waiting) (first []*waiting) {
	keys := make(map[policy.Key]bool, len(drafts))
	claims := map[claimName]bool{}
	for _, d := range drafts {
		meets := keys[d.draft.Key]
		for _, b := range d.draft.Unique {
			meets = meets || claims[claimName{b, d.draft.Key.Tenant}]
		}
		if meets {
			continue
		}
		keys[d.draft.Key] = true
		for _, b := range d.draft.Unique {
			claims[claimName{b, d.draft.Key.Tenant}] = true
		}
		first = append(first, d)
	}
	return first
}

// backoff grows with the attempts up to a cap, and differs from node to node
// so that they do not meet again.
func backoff(attempt int, first, most time.Duration) time.Duration {
	d := min(first<<min(attempt-1, 20), most)
	return d/2 + rand.N(d/2+1) //nolint:gosec // nothing secret
}
