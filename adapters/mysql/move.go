package mysql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/chudan-io/chudan/policy"
)

var _ policy.Mover = (*Store)(nil)

// Holdings is policy.Mover's. Business keys stand in an order of their own: the
// server sorts them by record first. ctx alone bounds how long that takes.
func (s *Store) Holdings(ctx context.Context) iter.Seq2[policy.Holding, error] {
	return func(yield func(policy.Holding, error) bool) {
		err := s.ready(ctx)
		if err != nil {
			yield(policy.Holding{}, err)
			return
		}
		rows, err := s.reads.QueryContext(ctx, `SELECT record, path, value FROM chudan_claim ORDER BY record, path, value`) //nolint:rowserrcheck // claimReader checks
		if err != nil {
			yield(policy.Holding{}, s.failed(ctx, err))
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
	err = s.read(ctx, func(ctx context.Context) error {
		page, ids, last = nil, nil, after
		at := map[int64]int{}
		err := s.eachRow(ctx, func(rows *sql.Rows) error {
			r, err := scan(rows, &last)
			at[last], ids, page = len(page), append(ids, last), append(page, policy.Holding{Records: []policy.Record{r}})
			return err
		}, `SELECT `+columns+`, id FROM chudan_record WHERE id > ? ORDER BY id LIMIT ?`, after, pageRows)
		if err != nil {
			return err
		}
		return s.eachRow(ctx, func(rows *sql.Rows) error {
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
		}, `SELECT record, revision, status, product, edition, digest, fingerprint, at, sealed FROM chudan_history
			WHERE record > ? AND record <= ? ORDER BY record, revision`, after, last)
	})
	for i, id := range ids {
		if err == nil {
			if page[i].Claims, err = claims.of(id); err != nil {
				err = s.failed(ctx, err)
			}
		}
	}
	return page, last, err
}

func (s *Store) eachRow(ctx context.Context, take func(*sql.Rows) error, query string, args ...any) error {
	rows, err := s.reads.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := take(rows); err != nil {
			return err
		}
	}
	return rows.Err()
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
			err := s.read(ctx, func(ctx context.Context) error {
				page = nil
				return s.eachRow(ctx, func(rows *sql.Rows) error {
					var e policy.PendingEvent
					err := rows.Scan(&e.Position, &e.Event)
					page = append(page, e)
					return err
				}, `SELECT id, event FROM chudan_outbox JOIN chudan_journal ON id = journal WHERE journal > ? ORDER BY journal LIMIT ?`, after, pageRows)
			})
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
	err = s.read(ctx, func(ctx context.Context) error {
		return s.reads.QueryRowContext(ctx, `SELECT sequence FROM chudan_head WHERE one = 1`).Scan(&last)
	})
	return last, err
}

// Receive is policy.Mover's.
func (s *Store) Receive(ctx context.Context, drafts []policy.Draft) error {
	batch := make([]*waiting, len(drafts))
	for i, d := range drafts {
		batch[i] = &waiting{ctx: ctx, draft: d}
	}
	return s.alone(ctx, func(ctx context.Context, t *transaction) error {
		if err := t.decide(ctx, batch); err != nil {
			return err
		}
		for _, d := range batch {
			if d.err != nil && !errors.As(d.err, new(*policy.TakenError)) {
				return d.err
			}
			if d.err != nil || !d.won || d.record.Revision != d.draft.Replaces+1 {
				return fmt.Errorf("mysql: %s: %w", s.place, policy.ErrNotReceived)
			}
		}
		return nil
	})
}

// Note is policy.Mover's.
func (s *Store) Note(ctx context.Context, audit []byte, after uint64) error {
	return s.alone(ctx, func(_ context.Context, t *transaction) error {
		t.head.sequence = max(t.head.sequence, after)
		t.audit(audit)
		return nil
	})
}

// audit continues the journal with an event that is no decision's.
func (t *transaction) audit(event []byte) {
	t.head.journal++
	t.head.hash = policy.ChainHash(t.head.hash, event)
	t.pending.journal = append(t.pending.journal, row{t.head.journal, nil, blob(event), slices.Clone(t.head.hash[:])})
}

// alone makes one transaction, which has the lock on head as every other one.
// What was own is told as it is; whether a COMMIT was carried out that nobody
// answered is not looked up: who receives looks at what is there anyway.
func (s *Store) alone(ctx context.Context, do func(context.Context, *transaction) error) error {
	if err := s.ready(ctx); err != nil {
		return err
	}
	bounded, cancel := context.WithTimeout(ctx, s.config.Connect+2*s.config.Wait)
	defer cancel()
	t, err := s.begin(bounded)
	if err != nil {
		return s.failed(ctx, err)
	}
	if err := do(bounded, t); err != nil {
		t.abandon(err)
		if number(err) == 0 && !broken(err) {
			return err
		}
		return s.failed(ctx, err)
	}
	if err := t.finish(bounded); err != nil {
		t.abandon(err)
		if number(err) == duplicate { // a number: keys and business keys were looked up
			return fmt.Errorf("mysql: %s: %w", s.place, policy.ErrNotReceived)
		}
		return s.failed(ctx, err)
	}
	if err := commit(bounded, t); err != nil {
		t.discard()
		return fmt.Errorf("mysql: %s: %w (%w)", s.place, policy.ErrResultUnknown, &failure{err})
	}
	_ = t.conn.Close() // back into its pool
	return nil
}
