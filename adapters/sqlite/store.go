// Package sqlite keeps policies in one SQLite file: the store of a single
// node, with nothing to install.
//
// Writes go through one connection. Drafts that arrive while a transaction is
// open join it, so that one sync of the disk commits many of them; reads have
// connections of their own and never wait for writes. Two processes may share
// a file; they take turns by SQLite's own locks.
//
// A record that was returned has been synced to the disk (WAL, synchronous =
// FULL). The -wal file beside the database grows up to some 128 MB under load
// and belongs to it: back both up with SQLite's own means (.backup, VACUUM
// INTO), never by copying the one file of a running store.
//
// Triggers keep what is issued as it is, but for Erase, and let nothing be erased
// that is under legal hold. What is erased, or forgotten, is overwritten with
// zeros (secure_delete) when the -wal file is copied into the database, at the
// latest when the last process closes it.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"

	"github.com/chudan-io/chudan/policy"
)

// Store is a policy.Store in one SQLite file. Safe for concurrent use.
type Store struct {
	config Config
	reads  *sql.DB

	lookups
	unpublished *sql.Stmt
	sums        *sql.Stmt

	gate   sync.RWMutex // guards closed and the end of drafts
	closed bool
	drafts chan *waiting
	writer *writer

	keeping sync.Mutex // an edition is kept by one caller at a time

	ending sync.Once
	ended  error
}

var errClosed = fmt.Errorf("sqlite: the store is closed: %w", policy.ErrUnavailable)

// Open opens or creates the file, brings its schema up to date and verifies
// the settings that durability rests on.
func Open(ctx context.Context, c Config) (*Store, error) {
	if err := c.validate(); err != nil {
		return nil, err
	}
	if err := createFile(c.Path); err != nil {
		return nil, err
	}
	s := &Store{config: c, drafts: make(chan *waiting, c.Batch)}
	session, err := openSession(ctx, c)
	if err != nil {
		return nil, s.refusal(err)
	}
	if err := s.openReads(ctx); err != nil {
		return nil, s.refusal(errors.Join(err, session.close()))
	}
	s.writer = &writer{store: s, session: session, commit: commit, done: make(chan struct{})}
	go s.writer.run()
	return s, nil
}

func (s *Store) openReads(ctx context.Context) (err error) {
	if s.reads, err = s.config.connectReaders(); err != nil {
		return err
	}
	err = verify(ctx, s.reads, pragma{"journal_mode", "wal"}, pragma{"query_only", "1"})
	if err == nil {
		err = prepare(ctx, s.reads, s.queries())
	}
	if err != nil {
		return errors.Join(err, s.reads.Close())
	}
	return nil
}

// refusal is the error of a file that cannot be used: trouble if SQLite says
// so, and otherwise what is to be put right before anything is tried again.
func (s *Store) refusal(err error) error {
	if code(err) != 0 {
		return s.trouble(err)
	}
	return fmt.Errorf("sqlite: %s: %w", s.config.Path, err)
}

// Issue is policy.Store's. The draft is written together with others that are
// waiting; a context that ends takes its own caller away, never the others'
// transaction.
func (s *Store) Issue(ctx context.Context, d policy.Draft) (policy.Record, bool, error) {
	a := s.await(&waiting{ctx: ctx, draft: d, done: make(chan struct{})})
	return a.record, a.won, a.err
}

// do carries out a task in a transaction, together with what else is waiting.
// It may be called again where the transaction is repeated, and still be at
// work where ctx has ended.
func (s *Store) do(ctx context.Context, task func(context.Context, *session) error) error {
	return s.await(&waiting{ctx: ctx, task: task, done: make(chan struct{})}).err
}

func (s *Store) await(w *waiting) answer {
	if err := s.accept(w); err != nil {
		return answer{err: err}
	}
	select {
	case <-w.done:
		return w.answer
	case <-w.ctx.Done():
	}
	select {
	case <-w.done: // both at once: the answer is worth more
		return w.answer
	default:
		return answer{err: fmt.Errorf("sqlite: ended while waiting for the commit: %w", w.ctx.Err())}
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
		return fmt.Errorf("sqlite: %w", err)
	}
	select {
	case s.drafts <- w:
		return nil
	case <-w.ctx.Done():
		return fmt.Errorf("sqlite: ended while waiting for the writer: %w", w.ctx.Err())
	}
}

func (s *Store) isClosed() bool {
	s.gate.RLock()
	defer s.gate.RUnlock()
	return s.closed
}

// Close finishes what was accepted and closes the file. Calls from now on
// answer policy.ErrUnavailable. Closing again does nothing.
func (s *Store) Close() error {
	s.ending.Do(func() {
		s.gate.Lock()
		s.closed = true
		close(s.drafts)
		s.gate.Unlock()
		<-s.writer.done
		// Readers first: the last connection to go copies the log into the file.
		s.ended = errors.Join(s.reads.Close(), s.writer.close())
	})
	return s.ended
}
