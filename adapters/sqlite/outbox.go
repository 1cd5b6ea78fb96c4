package sqlite

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
	ids    []int64
	events [][]byte
}

// Relay is policy.Outbox's. Taking events and marking them are transactions of
// their own, written together with the drafts that wait; publish runs between
// them, in none. What a process that was killed had taken is free again after
// Config.Lease.
func (s *Store) Relay(ctx context.Context, limit int, publish func(context.Context, [][]byte) error) (int, error) {
	if waiting, err := s.hasEvents(ctx); err != nil || !waiting {
		return 0, err
	}
	l, err := s.takeEvents(ctx, limit)
	if err != nil || len(l.ids) == 0 {
		return 0, err
	}
	published := false
	defer func() {
		if !published { // publish failed or panicked
			_ = s.do(context.WithoutCancel(ctx), l.release) // or they are free when the lease ends
		}
	}()
	within, cancel := context.WithTimeout(ctx, s.config.Lease)
	defer cancel()
	if err := publish(within, l.events); err != nil {
		return 0, fmt.Errorf("sqlite: publishing events: %w", err)
	}
	published = true
	// Marked for a caller who has gone too: his events are out.
	if err := s.do(context.WithoutCancel(ctx), l.mark); err != nil {
		return 0, err
	}
	return len(l.ids), nil
}

// hasEvents looks without a lock, so that a relay that finds nothing to do
// writes nothing either.
func (s *Store) hasEvents(ctx context.Context) (bool, error) {
	if s.isClosed() {
		return false, errClosed
	}
	var id int64
	var event []byte
	err := s.unpublished.QueryRowContext(ctx, s.config.Clock().UnixMicro(), 1).Scan(&id, &event)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, s.trouble(err)
	}
	return true, nil
}

// takeEvents sees it through for a caller who goes meanwhile, or nobody would
// know what was taken.
func (s *Store) takeEvents(ctx context.Context, limit int) (l *lease, err error) {
	now := s.config.Clock()
	until := now.Add(s.config.Lease).UnixMicro()
	err = s.do(context.WithoutCancel(ctx), func(ctx context.Context, session *session) error {
		l = &lease{owner: rand.Int64()} //nolint:gosec // tells relays apart, that is all
		if err := l.read(session.unpublished.QueryContext(ctx, now.UnixMicro(), max(limit, 0))); err != nil {
			return err
		}
		for _, id := range l.ids {
			if _, err := session.take.ExecContext(ctx, id, l.owner, until); err != nil {
				return err
			}
		}
		return nil
	})
	return l, err
}

func (l *lease) read(rows *sql.Rows, err error) error {
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var event []byte
		if err := rows.Scan(&id, &event); err != nil {
			return err
		}
		l.ids, l.events = append(l.ids, id), append(l.events, event)
	}
	return rows.Err()
}

// mark notes that the events are out, whoever has taken them since.
func (l *lease) mark(ctx context.Context, s *session) error {
	for _, id := range l.ids {
		if _, err := s.mark.ExecContext(ctx, id, l.owner); err != nil {
			return err
		}
	}
	if _, err := s.advance.ExecContext(ctx); err != nil {
		return err
	}
	_, err := s.forget.ExecContext(ctx)
	return err
}

// release gives back what is still ours.
func (l *lease) release(ctx context.Context, s *session) error {
	for _, id := range l.ids {
		if _, err := s.release.ExecContext(ctx, id, l.owner); err != nil {
			return err
		}
	}
	return nil
}

// free are the events that nobody has published and nobody is at work on.
const free = `SELECT id, event FROM journal WHERE id > (SELECT published FROM relay WHERE id = 1) AND event IS NOT NULL
	AND NOT EXISTS (SELECT 1 FROM relaying WHERE relaying.event = journal.id AND (until IS NULL OR until > ?)) ORDER BY id LIMIT ?`

// relays are the statements that write what became of events.
func (s *session) relays() []statement {
	return []statement{
		{&s.unpublished, free},
		{&s.take, `INSERT OR REPLACE INTO relaying (event, owner, until) VALUES (?, ?, ?)`},
		{&s.mark, `INSERT OR REPLACE INTO relaying (event, owner, until) VALUES (?, ?, NULL)`},
		{&s.advance, `UPDATE relay SET published = coalesce(
			(SELECT journal.id - 1 FROM journal WHERE journal.id > published AND journal.event IS NOT NULL
				AND NOT EXISTS (SELECT 1 FROM relaying WHERE relaying.event = journal.id AND until IS NULL) ORDER BY journal.id LIMIT 1),
			(SELECT max(journal.id) FROM journal), published) WHERE id = 1`},
		{&s.forget, `DELETE FROM relaying WHERE event <= (SELECT published FROM relay WHERE id = 1)`},
		{&s.release, `DELETE FROM relaying WHERE event = ? AND owner = ? AND until IS NOT NULL`},
	}
}
