package mysql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/chudan-io/chudan/policy"
)

var _ policy.Outbox = (*Store)(nil)

// lease is a number of events that one call of Relay is at work on.
type lease struct {
	owner  int64
	ids    []any // int64, rows of the journal
	events [][]byte
}

// now is the server's clock in microseconds, the same for all nodes.
const now = `CAST(UNIX_TIMESTAMP(NOW(6)) * 1000000 AS SIGNED)`

// The statements for n events.
func takeEvents(n int) string {
	return `UPDATE chudan_outbox SET owner = ?, until = ` + now + ` + ? WHERE journal IN ` + places(n, 1) + ` AND until <= ` + now
}

func ownEvents(n int) string {
	return `SELECT id, event FROM chudan_outbox JOIN chudan_journal ON id = journal WHERE journal IN ` + places(n, 1) + ` AND owner = ? ORDER BY id`
}

func markEvents(n int) string { return `DELETE FROM chudan_outbox WHERE journal IN ` + places(n, 1) }

func releaseEvents(n int) string {
	return `UPDATE chudan_outbox SET owner = 0, until = 0 WHERE journal IN ` + places(n, 1) + ` AND owner = ?`
}

// Relay is policy.Outbox's. Taking events and marking them are statements of
// their own, without the lock on head; publish runs between them, in no
// transaction. SKIP LOCKED would do with less, but MySQL 5.7 lacks it, and TiDB
// reads it and locks nothing.
// Source: github.com/pingcap/tidb/issues/69720.
func (s *Store) Relay(ctx context.Context, limit int, publish func(context.Context, [][]byte) error) (int, error) {
	l := &lease{owner: rand.Int64()} //nolint:gosec // tells relays apart, that is all
	if err := s.write(ctx, func(ctx context.Context) error { return s.take(ctx, l, limit) }); err != nil {
		s.release(l) // what was taken before it failed
		return 0, err
	}
	if len(l.ids) == 0 {
		return 0, nil
	}
	published := false
	defer func() {
		if !published { // publish failed or panicked
			s.release(l)
		}
	}()
	within, cancel := context.WithTimeout(ctx, s.config.Lease)
	defer cancel()
	if err := publish(within, l.events); err != nil {
		return 0, fmt.Errorf("mysql: publishing events: %w", err)
	}
	published = true
	// Marked for a caller who has gone too, and whoever has taken them since: they are out.
	err := s.write(context.WithoutCancel(ctx), func(ctx context.Context) error {
		_, err := s.writes.ExecContext(ctx, markEvents(len(l.ids)), l.ids...)
		return err
	})
	if err != nil {
		return 0, err
	}
	return len(l.ids), nil
}

// write does something that may be done twice, as often as others are in the
// way of it.
func (s *Store) write(ctx context.Context, do func(context.Context) error) error {
	if err := s.ready(ctx); err != nil {
		return err
	}
	bounded, cancel := s.within(ctx)
	defer cancel()
	for attempt := 0; ; attempt++ {
		err := do(bounded)
		if err == nil {
			return nil
		}
		if attempt == attempts || !passing(err) || !pause(bounded, attempt) {
			return s.failed(ctx, err)
		}
	}
}

// take looks for events that are free and takes those that still are so when
// it comes to it, until it has some or there are none.
func (s *Store) take(ctx context.Context, l *lease, limit int) error {
	for {
		free, err := s.free(ctx, limit)
		if err != nil || len(free) == 0 {
			return err
		}
		l.ids = free // until we know better: what fails from here on gives them back
		result, err := s.writes.ExecContext(ctx, takeEvents(len(free)), append([]any{l.owner, s.config.Lease.Microseconds()}, free...)...)
		if err != nil {
			return err
		}
		if taken, err := result.RowsAffected(); err != nil || taken > 0 {
			return errors.Join(err, s.readEvents(ctx, l))
		}
		l.ids = nil // others were faster
	}
}

func (s *Store) free(ctx context.Context, limit int) (ids []any, err error) {
	rows, err := s.writes.QueryContext(ctx, `SELECT journal FROM chudan_outbox WHERE until <= `+now+` ORDER BY journal LIMIT ?`, max(limit, 0))
	if err != nil {
		return nil, err
	}
	return scanIDs(rows)
}

// readEvents reads those of l.ids that became ours.
func (s *Store) readEvents(ctx context.Context, l *lease) error {
	rows, err := s.writes.QueryContext(ctx, ownEvents(len(l.ids)), append(l.ids[:len(l.ids):len(l.ids)], l.owner)...)
	if err != nil {
		return err
	}
	return l.read(rows)
}

func (l *lease) read(rows *sql.Rows) error {
	defer rows.Close()
	var ids []any
	l.events = nil
	for rows.Next() {
		var id int64
		var event []byte
		if err := rows.Scan(&id, &event); err != nil {
			return err
		}
		ids, l.events = append(ids, id), append(l.events, event)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	l.ids = ids
	return nil
}

// release gives back what is still ours. If that fails, it is free when the
// lease ends.
func (s *Store) release(l *lease) {
	if len(l.ids) == 0 {
		return
	}
	_ = s.write(context.Background(), func(ctx context.Context) error {
		_, err := s.writes.ExecContext(ctx, releaseEvents(len(l.ids)), append(l.ids[:len(l.ids):len(l.ids)], l.owner)...)
		return err
	})
}
