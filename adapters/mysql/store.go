// Package mysql keeps policies in a database that speaks MySQL's protocol: the
// store of any number of nodes, for insurers who run MySQL or what is
// compatible with it.
//
// It was tried on MariaDB 10.11. MySQL (5.7 or later), TiDB and OceanBase were
// not tried; for their sake it does without what one of them lacks or is known
// to do in its own way: RETURNING, SKIP LOCKED (which TiDB reads and does not
// carry out), GET_LOCK, triggers, foreign keys, AUTO_INCREMENT, collations,
// several statements in one, and, but for Within, savepoints.
//
// Drafts that wait are written together: a transaction locks one row, reads what
// is there for all of them, writes with a few statements of many rows, and
// commits once. The row, in chudan_head, holds the last sequence number and the
// end of the audit chain, and makes nodes take turns, for the length of a
// transaction each; under it nothing can come between a look and a write, so
// that neither gap locks nor duplicate keys decide anything, and nobody waits in
// a circle. All nodes together have one audit chain. A node that stops in the
// midst of a transaction is cut off by the server after Config.Wait.
//
// Who opens a database for the first time, or with a program that brings a newer
// schema, needs CREATE, ALTER and INDEX as well; from then on these grants are
// enough, and keep what is final from changing:
//
//	GRANT SELECT, INSERT on all tables
//	GRANT UPDATE on chudan_head, chudan_record and chudan_exposure_sum
//	GRANT UPDATE, DELETE on chudan_outbox
//	GRANT DELETE on chudan_claim, chudan_exposure and chudan_visit
//
// Who erases, and places and releases legal holds, needs beside SELECT:
//
//	GRANT UPDATE on chudan_head, chudan_record and chudan_history
//	GRANT INSERT on chudan_journal
//	GRANT INSERT, DELETE on chudan_hold
//
// What a server acknowledged is as durable as the server is: where one is
// replaced by a replica that had not got the last commits, they are lost. Let
// replication be semi-synchronous, or by group, where a failover is automatic.
//
// What is in force for a subject (see policy.Exposer) is the sum of its amounts
// without those that have ended: it is read under the same lock, and takes as long
// for a hundred thousand policies as for ten. What ended is deleted by and by, ten
// minutes after its end, so that the clocks of nodes may differ by as much. Who
// exposes nothing pays nothing for it.
//
// A record that is issued stays what it is by the condition of the one statement
// that replaces records, is erased by that of the one which empties them, and
// keeps its business keys by that of the one which gives them back: there are no
// triggers on TiDB.
package mysql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/chudan-io/chudan/policy"
)

// Store is a policy.Store in a MySQL database. Safe for concurrent use.
type Store struct {
	config Config
	place  string // for messages: host:port/database

	// Each has connections of its own, so that reading never waits for writing,
	// nor a decision for the journal of visits.
	reads, writes, journal *sql.DB

	visits atomic.Int64 // the id of the last one

	gate   sync.RWMutex // guards closed and the end of drafts
	closed bool
	drafts chan *waiting
	writer *writer
	outage outage

	ending sync.Once
	ended  error
}

var errClosed = fmt.Errorf("mysql: the store is closed: %w", policy.ErrUnavailable)

// Open connects, refuses a server that would lose what it acknowledged, and
// brings the schema up to date.
func Open(ctx context.Context, c Config) (*Store, error) {
	if err := c.validate(); err != nil {
		return nil, err
	}
	s := &Store{config: c, place: place(c.driver), drafts: make(chan *waiting, c.Batch)}
	s.outage.store = s
	s.visits.Store(firstVisit())
	s.outage.ctx, s.outage.stop = context.WithCancel(context.Background())
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(s.refusal(ctx, err), s.disconnect())
	}
	s.writer = &writer{store: s, commit: commit, done: make(chan struct{})}
	go s.writer.run()
	return s, nil
}

func (s *Store) open(ctx context.Context) (err error) {
	if s.reads, err = s.config.connect(s.config.Readers, 0); err != nil {
		return err
	}
	if s.writes, err = s.config.connect(4, s.config.Wait); err != nil {
		return err
	}
	if s.journal, err = s.config.connect(4, 0); err != nil {
		return err
	}
	looking, cancel := s.within(ctx)
	defer cancel()
	if err := s.inspect(looking); err != nil {
		return err
	}
	if err := s.migrate(ctx); err != nil {
		return err
	}
	looking, cancel = s.within(ctx)
	defer cancel()
	return s.inspectTables(looking)
}

// refusal is the error of a server that cannot be used: trouble if it is the
// server's or the network's, and otherwise what is to be put right before
// anything is tried again.
func (s *Store) refusal(ctx context.Context, err error) error {
	if number(err) != 0 || broken(err) || errors.As(err, new(*unreached)) || errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil {
		return s.trouble(ctx, err)
	}
	return fmt.Errorf("mysql: %s: %w", s.place, err)
}

// Issue is policy.Store's. The draft is written together with others that are
// waiting; a context that ends takes its own caller away, never the others'
// transaction.
func (s *Store) Issue(ctx context.Context, d policy.Draft) (policy.Record, bool, error) {
	w := &waiting{ctx: ctx, draft: d, done: make(chan struct{})}
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
		return policy.Record{}, false, fmt.Errorf("mysql: ended while waiting for the commit: %w", ctx.Err())
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
		return fmt.Errorf("mysql: %w", err)
	}
	if err := s.outage.err(); err != nil {
		return err
	}
	select {
	case s.drafts <- w:
		return nil
	case <-w.ctx.Done():
		return fmt.Errorf("mysql: ended while waiting for the writer: %w", w.ctx.Err())
	}
}

func (s *Store) isClosed() bool {
	s.gate.RLock()
	defer s.gate.RUnlock()
	return s.closed
}

// within bounds ctx by what a connection and an answer may take. The server
// gives up a lock before that, with an error that tells why.
func (s *Store) within(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, s.config.Connect+s.config.Wait+time.Second)
}

// Close finishes what was accepted and ends the connections. Calls from now on
// answer policy.ErrUnavailable. Closing again does nothing.
func (s *Store) Close() error {
	s.ending.Do(func() {
		s.gate.Lock()
		s.closed = true
		close(s.drafts)
		s.gate.Unlock()
		<-s.writer.done
		s.ended = s.disconnect()
	})
	return s.ended
}

func (s *Store) disconnect() (err error) {
	s.outage.close()
	for _, db := range []*sql.DB{s.reads, s.writes, s.journal} {
		if db != nil {
			err = errors.Join(err, db.Close())
		}
	}
	return err
}
