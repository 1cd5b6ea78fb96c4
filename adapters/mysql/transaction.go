package mysql

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"github.com/chudan-io/chudan/policy"
)

// head is where the next decision continues.
type head struct {
	record, journal int64
	sequence        uint64
	hash            [sha256.Size]byte
}

// kept is a record and its row.
type kept struct {
	id     int64
	record policy.Record
	fresh  bool // not sent to the server yet
}

// claim is a business key and whose it is.
type claim struct {
	tenant policy.Tenant
	key    policy.BusinessKey
}

// transaction is one that has locked head: it alone writes decisions, on all
// nodes, until it ends.
type transaction struct {
	run     session
	conn    *sql.Conn // what run is, where the transaction is ours; nil within a host's
	locking string    // how rows are read: FOR UPDATE within a host's, whose snapshot may be older than the lock
	head    head
	packet  int // the server's max_allowed_packet

	// What is there for the drafts of a batch, and what they have changed.
	known   map[policy.Key]kept
	taken   map[claim]int64 // the row of the record that holds it
	numbers map[string]bool // that this transaction gave away
	sums    map[policy.Subject]sum
	counted map[counted]int64 // the amounts of their records that count
	at      int64             // microseconds since 1970: what is in force then is what sums tell

	pending pending
	decided bool // something is to be committed
	last    kept // that was written
}

// session runs statements within a transaction.
type session interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func newTransaction(run session) *transaction {
	return &transaction{run: run, known: map[policy.Key]kept{}, taken: map[claim]int64{}, numbers: map[string]bool{}}
}

// begin starts a transaction and locks head. A connection that broke while it
// was idle is replaced.
func (s *Store) begin(ctx context.Context) (*transaction, error) {
	t, err := s.tryBegin(ctx)
	if broken(err) && ctx.Err() == nil {
		t, err = s.tryBegin(ctx)
	}
	return t, err
}

func (s *Store) tryBegin(ctx context.Context) (*transaction, error) {
	dialling, cancel := s.within(ctx)
	defer cancel()
	conn, err := s.writes.Conn(dialling)
	if err != nil {
		return nil, err
	}
	t := newTransaction(conn)
	t.conn = conn
	// For others than TiDB it is a comment. There, an optimistic transaction would find out at COMMIT only that it never had the lock.
	_, err = conn.ExecContext(ctx, "BEGIN /*T! PESSIMISTIC */")
	if err == nil {
		err = t.lock(ctx)
	}
	if err != nil {
		t.abandon(err)
		return nil, err
	}
	return t, nil
}

var errNoHead = errors.New("the row of chudan_head is gone, and with it the last number; restore it from a backup")

func (t *transaction) lock(ctx context.Context) error {
	var hash []byte
	err := t.run.QueryRowContext(ctx, `SELECT record, journal, sequence, hash, @@max_allowed_packet FROM chudan_head WHERE one = 1 FOR UPDATE`).
		Scan(&t.head.record, &t.head.journal, &t.head.sequence, &hash, &t.packet)
	if errors.Is(err, sql.ErrNoRows) {
		return errNoHead
	}
	if len(hash) != 0 && len(hash) != sha256.Size && err == nil {
		return fmt.Errorf("the hash in chudan_head has %d bytes; restore it from a backup", len(hash))
	}
	copy(t.head.hash[:], hash)
	return err
}

// abandon undoes what the transaction did. A connection that cannot even do
// that is given up, and so is one whose server may be the wrong one by now.
func (t *transaction) abandon(err error) {
	if err != nil && !passing(err) && !own(err) {
		t.discard()
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if _, undone := t.run.ExecContext(ctx, "ROLLBACK"); undone != nil {
		t.discard()
		return
	}
	_ = t.conn.Close() // back into its pool
}

// discard ends the connection; the server rolls back what was open on it.
func (t *transaction) discard() {
	_ = t.conn.Raw(func(any) error { return driver.ErrBadConn })
	_ = t.conn.Close()
}
