package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// session is the one connection that writes, with its statements prepared.
// Transactions are statements too: on a connection of our own that saves the
// copy of each statement that sql.Tx makes.
type session struct {
	db   *sql.DB
	conn *sql.Conn

	untuned int // decisions and visits since the last tune

	begin, commit, rollback        *sql.Stmt
	head, find, full, taken        *sql.Stmt
	insert, replace, keep, journal *sql.Stmt
	claim, giveBack                *sql.Stmt
	sums, counts, countsNot        *sql.Stmt
	settled, trim                  *sql.Stmt
	unpublished, take, release     *sql.Stmt
	mark, advance, forget          *sql.Stmt
	enter, forgetVisits            *sql.Stmt
	held, hold, unhold             *sql.Stmt
	erase, eraseHistory            *sql.Stmt
}

// openSession connects, verifies and migrates. SQLite does not wait where one
// process gives a new file its log and others come to it.
func openSession(ctx context.Context, c Config) (*session, error) {
	for deadline := time.Now().Add(c.Wait); ; {
		s, err := newSession(ctx, c)
		if !isBusy(err) || time.Now().After(deadline) || ctx.Err() != nil {
			return s, err
		}
		time.Sleep(rand.N(time.Millisecond)) //nolint:gosec // as in lock
	}
}

func newSession(ctx context.Context, c Config) (_ *session, err error) {
	s := &session{}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	if s.db, err = c.connectWriter(); err != nil {
		return nil, err
	}
	if s.conn, err = s.db.Conn(ctx); err != nil {
		return nil, err
	}
	if err := verify(ctx, s.conn, pragma{"journal_mode", "wal"}, pragma{"synchronous", "2"}, pragma{"secure_delete", "1"}); err != nil {
		return nil, err
	}
	if err := migrate(ctx, s.conn); err != nil {
		return nil, err
	}
	// From here on the only wait for a lock is lock's.
	if _, err = s.conn.ExecContext(ctx, "PRAGMA busy_timeout = 0"); err != nil {
		return nil, err
	}
	if err := s.tune(ctx); err != nil {
		return nil, err
	}
	err = prepare(ctx, s.conn, s.statements())
	return s, err
}

// SQLite copies its log into the file when it has this many pages.
const (
	shortLog  = 4 << 20 / pageSize
	longLog   = 256 << 20 / pageSize
	logShare  = 16   // of the file, within these bounds
	tuneAfter = 4096 // decisions and visits
)

// tune fits the log to the file. Copying costs what random keys have touched
// since the last time: in a large file that is a page for every key, unless
// the log is long enough for a page to be touched again and copied once. A
// small file has no use for it: each copy of a long log is a pause that callers
// see (32 MB instead of 4: the 99th percentile of 64 callers went from 19 to 59 ms).
func (s *session) tune(ctx context.Context) error {
	var pages int
	if err := s.conn.QueryRowContext(ctx, "PRAGMA page_count").Scan(&pages); err != nil {
		return err
	}
	s.untuned = 0
	_, err := s.conn.ExecContext(ctx, fmt.Sprintf("PRAGMA wal_autocheckpoint = %d", min(max(pages/logShare, shortLog), longLog)))
	return err
}

// statement is a text, and where it goes when it is prepared.
type statement struct {
	stmt **sql.Stmt
	text string
}

func (s *session) statements() []statement {
	return slices.Concat(s.decisions(), s.exposures(), s.relays(), s.journals(), s.retentions(), []statement{
		{&s.begin, `BEGIN IMMEDIATE`},
		{&s.commit, `COMMIT`},
		{&s.rollback, `ROLLBACK`},
	})
}

// decisions are the statements that issue needs.
func (s *session) decisions() []statement {
	return []statement{
		{&s.head, `SELECT hash, sequence FROM journal ORDER BY id DESC LIMIT 1`},
		{&s.find, `SELECT id, revision, status FROM record WHERE identifier = ? AND tenant = ?`},
		{&s.full, `SELECT ` + columns + ` FROM record WHERE id = ?`},
		{&s.taken, `SELECT 1 FROM claim WHERE value = ? AND path = ? AND tenant = ? AND record != ?`},
		{&s.insert, `INSERT INTO record (identifier, tenant, revision, status, number, product, edition, digest, fingerprint, at, sealed)
			VALUES (?, ?, ?, ?, nullif(?, ''), ?, ?, ?, ?, ?, ?)`},
		{&s.replace, `UPDATE record SET revision = ?, status = ?, number = nullif(?, ''), product = ?, edition = ?, digest = ?, fingerprint = ?, at = ?, sealed = ?
			WHERE id = ?`},
		{&s.keep, `INSERT INTO history (record, revision, status, product, edition, digest, fingerprint, at, sealed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`},
		// Nobody else holds the keys, that was looked up: what conflicts is one that is named twice, or was claimed by the record before.
		{&s.claim, `INSERT INTO claim (value, path, tenant, record) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`},
		{&s.giveBack, `DELETE FROM claim WHERE value = ? AND path = ? AND tenant = ? AND record = ?`},
		{&s.journal, `INSERT INTO journal (event, audit, hash, sequence) VALUES (?, ?, ?, ?)`},
	}
}

type preparer interface {
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
}

func prepare(ctx context.Context, on preparer, statements []statement) (err error) {
	for _, s := range statements {
		if *s.stmt, err = on.PrepareContext(ctx, s.text); err != nil { //nolint:sqlclosecheck // the session closes it
			return err
		}
	}
	return nil
}

// lock begins a transaction that writes. SQLite's own way of waiting sleeps
// up to 100 ms between attempts and, against a process that commits without a
// pause, never meets the moment between two of its transactions.
func (s *session) lock(ctx context.Context, wait time.Duration) error {
	for deadline := time.Now().Add(wait); ; {
		_, err := s.begin.ExecContext(ctx)
		if !isBusy(err) || time.Now().After(deadline) {
			return err
		}
		time.Sleep(rand.N(time.Millisecond)) //nolint:gosec // two processes should not wake in step, that is all
	}
}

// close ends the connection. Its statements go first: sql.Conn does not know
// them, and SQLite keeps a connection, locks and all, until the last one is gone.
func (s *session) close() error {
	var err error
	for _, p := range s.statements() {
		if *p.stmt != nil {
			err = errors.Join(err, (*p.stmt).Close())
		}
	}
	if s.conn != nil {
		err = errors.Join(err, s.conn.Close())
	}
	if s.db != nil {
		err = errors.Join(err, s.db.Close())
	}
	return err
}
