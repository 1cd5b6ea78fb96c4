package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/chudan-io/chudan/policy"
)

var _ policy.Outbox = (*Store)(nil)

// Relay is policy.Outbox's. The events are locked in one transaction for as
// long as publish takes, Config.Publish at most: other relays skip them, and
// with the connection the locks go.
func (s *Store) Relay(ctx context.Context, limit int, publish func(ctx context.Context, events [][]byte) error) (int, error) {
	if s.isClosed() {
		return 0, errClosed
	}
	if err := ctx.Err(); err != nil {
		return 0, fmt.Errorf("postgres: %w", err)
	}
	if err := s.outage.err(); err != nil {
		return 0, err
	}
	// What is published is marked for a caller too who has gone meanwhile.
	whole, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.config.Publish+2*s.config.grace())
	defer cancel()
	var b relayed
	err := s.relay(ctx, whole, limit, &b, publish)
	switch {
	case err == nil:
		return len(b.ids), nil
	case b.failed != nil:
		return 0, fmt.Errorf("postgres: publishing events: %w", b.failed)
	case ctx.Err() != nil:
		return 0, fmt.Errorf("postgres: ended while relaying: %w", ctx.Err())
	case s.isClosed():
		return 0, errClosed
	case isLost(err):
		// Whether they are marked is not known, and need not be: else they are published again.
		s.relays.Reset()
	}
	return 0, s.trouble(err)
}

// relayed is what one call of Relay is at work on.
type relayed struct {
	ids    []int64
	events [][]byte
	failed error // of publish
}

func (s *Store) relay(ctx, whole context.Context, limit int, b *relayed, publish func(context.Context, [][]byte) error) error {
	conn, err := s.relays.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release() // which ends a connection that is still in a transaction
	return pgx.BeginFunc(whole, conn, func(tx pgx.Tx) error {
		if err := b.lock(whole, tx, limit); err != nil || len(b.ids) == 0 {
			return err
		}
		within, cancel := context.WithTimeout(ctx, s.config.Publish)
		defer cancel()
		if b.failed = publish(within, b.events); b.failed != nil {
			return b.failed
		}
		_, err := tx.Exec(whole, `DELETE FROM chudan_outbox WHERE id = ANY ($1)`, b.ids)
		return err
	})
}

// lock reads the oldest events that nobody else is at work on. Their order is
// that in which they were written, not that of their commits: of two nodes, one
// may commit an older event later, and it is taken then.
func (b *relayed) lock(ctx context.Context, tx pgx.Tx, limit int) error {
	rows, err := tx.Query(ctx, `SELECT o.id, j.event FROM (SELECT * FROM chudan_outbox ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED) o
		JOIN chudan_journal j USING (chain, position) ORDER BY o.id`, max(limit, 0))
	if err != nil {
		return err
	}
	var id int64
	var event []byte
	_, err = pgx.ForEachRow(rows, []any{&id, &event}, func() error {
		b.ids, b.events = append(b.ids, id), append(b.events, event)
		return nil
	})
	return err
}
