package postgres

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// session is a connection that writes. What it knows of the database goes with
// it: of a server that crashed nothing counts that was not committed.
type session struct {
	conn  *pgx.Conn
	chain int64 // of the journal; 0 before it is opened
	head  head

	numbers *numbers
}

// head is the end of a chain: what the next decision continues.
type head struct {
	position int64
	hash     [sha256.Size]byte
}

// errLost tells that a draft of the transaction did not win what it needs, or
// failed by itself: there is nothing to commit, and it is to be gone over again
// with a look at what others have written.
var errLost = errors.New("postgres: lost to another")

func (c *Config) openSession(ctx context.Context, n *numbers) (*session, error) {
	conn, err := c.connect(ctx, c.Wait)
	if err != nil {
		return nil, err
	}
	if err := c.migrate(ctx, conn); err != nil {
		return nil, errors.Join(err, hangUp(conn))
	}
	return &session{conn: conn, numbers: n}, nil
}

// rollback undoes the open transaction, if there is one. It fails where the
// connection is no longer good for anything.
func (s *session) rollback(ctx context.Context) error {
	if s.conn.PgConn().TxStatus() == 'I' {
		return nil
	}
	_, err := s.conn.Exec(ctx, "rollback")
	return err
}

// sender is a connection, or a transaction of somebody's.
type sender interface {
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

// send makes one round trip of a batch.
func send(ctx context.Context, to sender, b *pgx.Batch) error {
	return to.SendBatch(ctx, b).Close()
}

// each queues a query and reads its rows: into gives where the columns go,
// and done takes the row.
func each(b *pgx.Batch, sql string, args []any, into []any, done func() error) {
	b.Queue(sql, args...).Query(func(rows pgx.Rows) error {
		_, err := pgx.ForEachRow(rows, into, done)
		return err
	})
}

func (s *session) close() error {
	if s == nil {
		return nil
	}
	return hangUp(s.conn)
}

var errNotCommitted = fmt.Errorf("postgres: the transaction ended without being committed")
