// Package postgres keeps policies in PostgreSQL: the store of any number of
// nodes.
//
// Drafts that arrive while transactions are under way share the next one, over
// Config.Writers connections. A key is won by INSERT … ON
// CONFLICT DO NOTHING at READ COMMITTED, so that of nodes that bring the same
// key at once all but one wait for its commit and answer what it wrote. Reads,
// relays and health checks have connections of their own.
//
// A record that was returned has been committed with fsync and
// synchronous_commit on; Open refuses servers where they are off. Where the
// answer to a COMMIT is lost, the draft is tried again on a new connection: its
// key tells whether it was written. Only where none can be had the caller is
// told policy.ErrResultUnknown. While the server is down every call answers
// policy.ErrUnavailable at once.
//
// # A host's own transaction
//
// Who keeps something of his own in the same database may have it written
// together with the policy, or not at all: see Store.Within.
//
// # Audit
//
// One chain of all nodes would make each wait for the other's commit. So every
// connection that writes has a chain of its own in chudan_journal, whose first
// position continues the hash of its opening in chudan_chain; hosts' transactions
// share some, which one of them holds at a time. The openings,
// numbered without a gap, are a chain among themselves; each names the last
// position and hash of the 32 chains before it that were opened last. Whoever
// verifies follows the openings from 1 (ChainHash from 32 zero bytes), then each
// chain from its opening, and holds the positions against what later openings
// say of them. What was altered, dropped, inserted or swapped is found; so is a
// chain that was dropped, or cut off below where a later opening saw it. What is
// not found is what was cut off at the very end: the last positions of a chain
// since the latest opening, and the last openings together with their chains.
// Finding that takes the heads as someone else has kept them.
//
// The tables refuse UPDATE, DELETE and TRUNCATE, but for the outbox, from which
// events go as they are published, business keys whose record does not hold
// them, the oldest visits (Forget), legal holds that are released, and the one
// change that erases a record which none stands on (Erase). Their owner can take the triggers off
// again: let him be another user than the one who serves.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/chudan-io/chudan/policy"
)

// Store is a policy.Store in a PostgreSQL database. Safe for concurrent use.
type Store struct {
	config Config
	where  string // host:port/database

	reads, relays, health *pgxpool.Pool
	outage                outage
	entrance              entrance

	gate   sync.RWMutex // guards closed and the end of drafts
	closed bool
	drafts chan *waiting

	numbers    numbers
	writers    []*writer
	dispatched chan struct{} // closed when all is written
	receiver   receiver

	ending sync.Once
}

var errClosed = fmt.Errorf("postgres: the store is closed: %w", policy.ErrUnavailable)

// Open connects, holds the server against what is refused, and brings the
// schema up to date. The store reconnects by itself whenever it must.
func Open(ctx context.Context, c Config) (*Store, error) {
	if err := c.validate(); err != nil {
		return nil, err
	}
	s := &Store{config: c, drafts: make(chan *waiting, c.Batch), dispatched: make(chan struct{})}
	s.outage.store = s
	s.outage.ctx, s.outage.stop = context.WithCancel(context.Background())
	if err := s.openPools(); err != nil {
		return nil, fmt.Errorf("postgres: %w", plain(err))
	}
	conn := s.reads.Config().ConnConfig
	s.where = net.JoinHostPort(conn.Host, strconv.Itoa(int(conn.Port))) + "/" + conn.Database
	session, err := c.openSession(ctx, &s.numbers)
	if err != nil {
		s.closePools()
		return nil, s.refusal(ctx, err)
	}
	for range c.Writers {
		s.writers = append(s.writers, &writer{store: s, batches: make(chan []*waiting)})
	}
	s.writers[0].session = session // the others open theirs when they are needed
	go s.dispatch()
	return s, nil
}

func (s *Store) openPools() (err error) {
	c := &s.config
	if s.reads, err = c.pool(c.Readers, c.Wait); err != nil {
		return err
	}
	if s.relays, err = c.pool(c.Relays, c.Publish+c.Wait); err != nil {
		return err
	}
	s.health, err = c.pool(1, c.Wait)
	return err
}

func (s *Store) closePools() {
	for _, pool := range []*pgxpool.Pool{s.reads, s.relays, s.health} {
		pool.Close()
	}
}

// refusal is the error of a server that cannot be used: trouble if it or the
// way to it says so, and otherwise what is to be put right before anything is
// tried again.
func (s *Store) refusal(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("postgres: %s: ended while opening: %w", s.where, ctx.Err())
	}
	if code(err) != "" || isUnreachable(err) || isTimeout(err) {
		return s.trouble(err)
	}
	return fmt.Errorf("postgres: %s: %w", s.where, plain(err))
}

// Issue is policy.Store's. The draft is written together with others that are
// waiting; a context that ends takes its own caller away, never the others'
// transaction.
func (s *Store) Issue(ctx context.Context, d policy.Draft) (policy.Record, bool, error) {
	w := &waiting{ctx: ctx, draft: d, claims: len(d.Unique) > 0, done: make(chan struct{})}
	if err := s.accept(w); err != nil {
		return policy.Record{}, false, err
	}
	select {
	case <-w.done:
		return w.record, w.won, w.err
	case <-ctx.Done():
	}
	select {
	case <-w.done: // both at once: the answer is worth more
		return w.record, w.won, w.err
	default:
		return policy.Record{}, false, fmt.Errorf("postgres: ended while waiting for the commit: %w", ctx.Err())
	}
}

// accept hands a draft to the writer. What it took is finished, Close or not.
func (s *Store) accept(w *waiting) error {
	s.gate.RLock()
	defer s.gate.RUnlock()
	if s.closed {
		return errClosed
	}
	if err := w.ctx.Err(); err != nil {
		return fmt.Errorf("postgres: %w", err)
	}
	if err := s.outage.err(); err != nil {
		return err
	}
	if !nameable(&w.draft) {
		return errText
	}
	select {
	case s.drafts <- w:
		return nil
	case <-w.ctx.Done():
		return fmt.Errorf("postgres: ended while waiting for the writer: %w", w.ctx.Err())
	}
}

func (s *Store) isClosed() bool {
	s.gate.RLock()
	defer s.gate.RUnlock()
	return s.closed
}

// Close finishes what was accepted and closes the connections. Calls from now
// on answer policy.ErrUnavailable. Closing again does nothing.
func (s *Store) Close() error {
	var err error
	s.ending.Do(func() {
		s.gate.Lock()
		s.closed = true
		close(s.drafts)
		s.gate.Unlock()
		s.outage.close()
		<-s.dispatched
		s.entrance.running.Wait()
		for _, w := range s.writers {
			err = errors.Join(err, w.session.close())
		}
		s.receiver.Lock()
		err = errors.Join(err, s.receiver.session.close())
		s.receiver.Unlock()
		s.closePools()
	})
	return err
}
