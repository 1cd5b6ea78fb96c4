package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"time"

	"github.com/chudan-io/chudan/policy"
)

var _ policy.Mover = (*Store)(nil)

// Holdings is policy.Mover's. Business keys stand in an order of their own:
// SQLite sorts them by record first, on disk where they are many.
func (s *Store) Holdings(ctx context.Context) iter.Seq2[policy.Holding, error] {
	return func(yield func(policy.Holding, error) bool) {
		if s.isClosed() {
			yield(policy.Holding{}, errClosed)
			return
		}
		rows, err := s.reads.QueryContext(ctx, `SELECT record, path, value FROM claim ORDER BY record, path, value`) //nolint:rowserrcheck // claimReader checks
		if err != nil {
			yield(policy.Holding{}, s.trouble(err))
			return
		}
		defer rows.Close()
		claims := &claimReader{rows: rows}
		for after := int64(0); ; {
			page, last, err := s.holdings(ctx, after, claims)
			if err != nil {
				yield(policy.Holding{}, err)
				return
			}
			for _, h := range page {
				if !yield(h, nil) {
					return
				}
			}
			if len(page) < pageRows {
				return
			}
			after = last
		}
	}
}

// holdings gives the holdings of the next keys behind the row after, and the
// row of the last.
func (s *Store) holdings(ctx context.Context, after int64, claims *claimReader) (page []policy.Holding, last int64, err error) {
	var ids []int64
	at := map[int64]int{}
	err = s.eachRow(ctx, func(rows *sql.Rows) error {
		r, err := scan(rows, &last)
		at[last], ids, page = len(page), append(ids, last), append(page, policy.Holding{Records: []policy.Record{r}})
		return err
	}, `SELECT `+columns+`, id FROM record WHERE id > ? ORDER BY id LIMIT ?`, after, pageRows)
	if err != nil || len(page) == 0 {
		return nil, 0, err
	}
	err = s.eachRow(ctx, func(rows *sql.Rows) error {
		var id, micros int64
		var r policy.Record
		if err := rows.Scan(&id, &r.Revision, &r.Status, &r.Product, &r.Edition, &r.Digest, &r.Fingerprint, &micros, &r.Sealed); err != nil {
			return err
		}
		h := &page[at[id]]
		r.Key, r.At, r.ErasedAt = h.Records[0].Key, time.UnixMicro(micros).UTC(), h.Records[len(h.Records)-1].ErasedAt
		now := len(h.Records) - 1 // the record that the key has now stays the last one
		h.Records = append(h.Records[:now:now], r, h.Records[now])
		return nil
	}, `SELECT record, revision, status, product, edition, digest, fingerprint, at, sealed FROM history
		WHERE record > ? AND record <= ? ORDER BY record, revision`, after, last)
	if err != nil {
		return nil, 0, err
	}
	for i, id := range ids {
		if page[i].Claims, err = claims.of(id); err != nil {
			return nil, 0, s.trouble(err)
		}
	}
	return page, last, nil
}

// eachRow gives the rows of a query one by one.
func (s *Store) eachRow(ctx context.Context, take func(*sql.Rows) error, query string, args ...any) error {
	if s.isClosed() {
		return errClosed
	}
	rows, err := s.reads.QueryContext(ctx, query, args...)
	if err != nil {
		return s.trouble(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := take(rows); err != nil {
			return s.trouble(err)
		}
	}
	if err := rows.Err(); err != nil {
		return s.trouble(err)
	}
	return nil
}

// claimReader reads business keys that are sorted by their record.
type claimReader struct {
	rows   *sql.Rows
	record int64 // of next; 0 where none was read
	next   policy.BusinessKey
}

// of gives those of a record, after those of smaller ones.
func (c *claimReader) of(record int64) (claims []policy.BusinessKey, err error) {
	for c.record <= record {
		if c.record == record {
			claims = append(claims, c.next)
		}
		if !c.rows.Next() {
			c.record = 1<<63 - 1
			return claims, c.rows.Err()
		}
		if err := c.rows.Scan(&c.record, &c.next.Path, &c.next.Value); err != nil {
			return nil, err
		}
	}
	return claims, nil
}

// PendingEvents is policy.Mover's. One that a relay is at work on is not
// published yet.
func (s *Store) PendingEvents(ctx context.Context) iter.Seq2[policy.PendingEvent, error] {
	return func(yield func(policy.PendingEvent, error) bool) {
		for after := int64(0); ; {
			var page []policy.PendingEvent
			err := s.eachRow(ctx, func(rows *sql.Rows) error {
				var e policy.PendingEvent
				err := rows.Scan(&e.Position, &e.Event)
				page = append(page, e)
				return err
			}, `SELECT id, event FROM journal WHERE id > max(?, (SELECT published FROM relay WHERE id = 1)) AND event IS NOT NULL
				AND NOT EXISTS (SELECT 1 FROM relaying WHERE relaying.event = journal.id AND until IS NULL) ORDER BY id LIMIT ?`, after, pageRows)
			if err != nil {
				yield(policy.PendingEvent{}, err)
				return
			}
			for _, e := range page {
				if !yield(e, nil) {
					return
				}
				after = e.Position
			}
			if len(page) < pageRows {
				return
			}
		}
	}
}

// LastNumber is policy.Mover's.
func (s *Store) LastNumber(ctx context.Context) (last uint64, err error) {
	err = s.eachRow(ctx, func(rows *sql.Rows) error { return rows.Scan(&last) }, `SELECT sequence FROM journal ORDER BY id DESC LIMIT 1`)
	return last, err
}

// Receive is policy.Mover's.
func (s *Store) Receive(ctx context.Context, drafts []policy.Draft) error {
	var own error // of a draft: nothing is wrong with the database
	err := s.do(ctx, func(ctx context.Context, session *session) error {
		own = nil
		h, err := session.readHead(ctx)
		if err != nil {
			return err
		}
		for _, d := range drafts {
			a, err := session.issue(ctx, d, &h)
			if err != nil {
				return err
			}
			if a.err != nil || !a.won || a.record.Revision != d.Replaces+1 {
				own = fmt.Errorf("sqlite: %s: %w", s.config.Path, policy.ErrNotReceived)
				return own
			}
		}
		return nil
	})
	if own != nil {
		return own
	}
	return err
}

// Note is policy.Mover's.
func (s *Store) Note(ctx context.Context, audit []byte, after uint64) error {
	return s.do(ctx, func(ctx context.Context, session *session) error {
		return session.note(ctx, audit, after)
	})
}

// note continues the journal with an event that is no decision's.
func (s *session) note(ctx context.Context, audit []byte, after uint64) error {
	h, err := s.readHead(ctx)
	if err != nil {
		return err
	}
	hash := policy.ChainHash(h.hash, audit)
	_, err = s.journal.ExecContext(ctx, nil, blob(audit), hash[:], max(h.sequence, after))
	return err
}
