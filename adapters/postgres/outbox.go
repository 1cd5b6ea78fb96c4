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
// with the connection the locks go. Events leave the table once they are
// published; the audit chain keeps what was decided.
func (s *Store) Relay(ctx context.Context, limit int, publish func(ctx context.Context, events [][]byte) error) (n int, err error) {
	if limit <= 0 {
		return 0, fmt.Errorf("postgres: Relay: limit %d is not positive", limit)
	}
	if s.isClosed() {
		return 0, errClosed
	}
	if err := ctx.Err(); err != nil {
		return 0, fmt.Errorf("postgres: %w", err)
	}
	if err := s.outage.err(); err != nil {
		return 0, err
	}
	limited, cancel := context.WithTimeout(ctx, s.config.grace()+s.config.Publish)
	defer cancel()
	var failed error
	err = pgx.BeginFunc(limited, s.relays, func(tx pgx.Tx) error {
		ids, events, err := locked(limited, tx, limit)
		if err != nil || len(ids) == 0 {
			return err
		}
		if failed = s.publish(limited, events, publish); failed != nil {
			return failed
		}
		n = len(ids)
		_, err = tx.Exec(limited, `DELETE FROM chudan_outbox WHERE id = ANY ($1)`, ids)
		return err
	})
	switch {
	case err == nil:
		return n, nil
	case failed != nil:
		return 0, fmt.Errorf("postgres: publishing: %w", failed)
	case ctx.Err() != nil:
		return 0, fmt.Errorf("postgres: ended while relaying: %w", ctx.Err())
	case s.isClosed():
		return 0, errClosed
	case isLost(err):
		// Whether they are marked is not known, and need not be: they would be published again.
		s.relays.Reset()
	}
	return 0, s.trouble(err)
}

func (s *Store) publish(ctx context.Context, events [][]byte, publish func(context.Context, [][]byte) error) error {
	ctx, cancel := context.WithTimeout(ctx, s.config.Publish)
	defer cancel()
	return publish(ctx, events)
}

// locked gives the oldest events that nobody else is at work on. Their order is
// that of their drafts, not of their commits: of two nodes, one may commit an
// older event later, and it is taken then.
func locked(ctx context.Context, tx pgx.Tx, limit int) (ids []int64, events [][]byte, err error) {
	rows, err := tx.Query(ctx, `SELECT id, event FROM chudan_outbox ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED`, limit)
	if err != nil {
		return nil, nil, err
	}
	var id int64
	var event []byte
	_, err = pgx.ForEachRow(rows, []any{&id, &event}, func() error {
		ids, events = append(ids, id), append(events, event)
		return nil
	})
	return ids, events, err
}
