package postgres

import (
	"context"
	"fmt"
	"iter"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/chudan-io/chudan/policy"
)

var _ policy.Mover = (*Store)(nil)

// whole sets a connection up for statements that read tables whole and may take
// long, which those of a store that decides never do.
const whole = `SELECT set_config('statement_timeout', '0', false), set_config('enable_seqscan', 'on', false),
	set_config('enable_hashjoin', 'on', false), set_config('enable_mergejoin', 'on', false)`

// stream gives the rows of a query over a connection of its own. ctx alone
// bounds how long it takes.
func (s *Store) stream(ctx context.Context, query string, take func(pgx.Rows) (more bool, err error)) (err error) {
	if s.isClosed() {
		return errClosed
	}
	conn, err := s.config.connect(ctx, s.config.Wait)
	if err != nil {
		return s.refusal(ctx, err)
	}
	defer func() { _ = hangUp(conn) }()
	if _, err = conn.Exec(ctx, whole); err != nil {
		return s.trouble(err)
	}
	rows, err := conn.Query(ctx, query)
	if err != nil {
		return s.trouble(err)
	}
	defer rows.Close()
	for rows.Next() {
		if more, err := take(rows); err != nil {
			return s.trouble(err)
		} else if !more {
			return nil
		}
	}
	if err = rows.Err(); err != nil {
		return s.trouble(err)
	}
	return nil
}

// keyClaim is a business key and the key that holds it.
type keyClaim struct {
	key int64
	policy.BusinessKey
}

func (s *Store) claims(ctx context.Context) iter.Seq2[keyClaim, error] {
	return func(yield func(keyClaim, error) bool) {
		err := s.stream(ctx, `SELECT k.id, c.path, c.value FROM chudan_claim c JOIN chudan_key k USING (identifier, tenant) ORDER BY k.id, c.path, c.value`,
			func(rows pgx.Rows) (bool, error) {
				var c keyClaim
				if err := rows.Scan(&c.key, &c.Path, &c.Value); err != nil {
					return false, err
				}
				return yield(c, nil), nil
			})
		if err != nil {
			yield(keyClaim{}, err)
		}
	}
}

// Holdings is policy.Mover's. Business keys stand in an order of their own: the
// server sorts them by key first.
func (s *Store) Holdings(ctx context.Context) iter.Seq2[policy.Holding, error] {
	return func(yield func(policy.Holding, error) bool) {
		claim, stop := iter.Pull2(s.claims(ctx))
		defer stop()
		next, err, claims := claim()
		if err != nil {
			yield(policy.Holding{}, err)
			return
		}
		for after := int64(0); ; {
			ids, page, err := s.holdings(ctx, after)
			if err != nil {
				yield(policy.Holding{}, err)
				return
			}
			for i, h := range page {
				for claims && next.key <= ids[i] {
					if next.key == ids[i] {
						h.Claims = append(h.Claims, next.BusinessKey)
					}
					if next, err, claims = claim(); err != nil {
						yield(policy.Holding{}, err)
						return
					}
				}
				if !yield(h, nil) {
					return
				}
			}
			if len(page) < pageKeys {
				return
			}
			after = ids[len(ids)-1]
		}
	}
}

// holdings gives the records of the next keys behind after, and those keys.
func (s *Store) holdings(ctx context.Context, after int64) (ids []int64, page []policy.Holding, err error) {
	err = s.read(ctx, func(ctx context.Context, pool *pgxpool.Pool) error {
		ids, page = nil, nil
		rows, err := pool.Query(ctx, `SELECT `+recordColumns+`, k.id FROM (SELECT * FROM chudan_key WHERE id > $1 ORDER BY id LIMIT $2) k
			JOIN chudan_record r ON r.key = k.id ORDER BY k.id, r.revision`, after, pageKeys)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id int64
			r, err := scan(rows, &id)
			if err != nil {
				return err
			}
			if last := len(ids) - 1; last >= 0 && ids[last] == id {
				page[last].Records = append(page[last].Records, r)
				continue
			}
			ids, page = append(ids, id), append(page, policy.Holding{Records: []policy.Record{r}})
		}
		return rows.Err()
	})
	return ids, page, err
}

// PendingEvents is policy.Mover's. One that a relay is at work on is not
// published yet.
func (s *Store) PendingEvents(ctx context.Context) iter.Seq2[policy.PendingEvent, error] {
	return func(yield func(policy.PendingEvent, error) bool) {
		err := s.stream(ctx, `SELECT chain, position, event FROM chudan_outbox JOIN chudan_journal USING (chain, position) ORDER BY chain, position`,
			func(rows pgx.Rows) (bool, error) {
				var e policy.PendingEvent
				if err := rows.Scan(&e.Chain, &e.Position, &e.Event); err != nil {
					return false, err
				}
				return yield(e, nil), nil
			})
		if err != nil {
			yield(policy.PendingEvent{}, err)
		}
	}
}

// LastNumber is policy.Mover's.
func (s *Store) LastNumber(ctx context.Context) (last uint64, err error) {
	err = s.read(ctx, func(ctx context.Context, pool *pgxpool.Pool) error {
		return pool.QueryRow(ctx, `SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END FROM chudan_number`).Scan(&last)
	})
	return last, err
}

// Note is policy.Mover's. A sequence is part of no transaction: it is moved on
// before the event is written.
func (s *Store) Note(ctx context.Context, audit []byte, after uint64) error {
	return s.receiving(ctx, func(ctx context.Context, r *session) error {
		_, err := r.conn.Exec(ctx, `SELECT setval('chudan_number', $1) FROM chudan_number WHERE $1 > 0 AND (last_value < $1 OR last_value = $1 AND NOT is_called)`,
			int64(after)) //nolint:gosec // a sequence counts to the same
		if err != nil {
			return err
		}
		next, err := r.note(ctx, r.conn, audit)
		if err == nil {
			r.head = next
		}
		return err
	})
}

// note continues the session's chain with an event that is no decision's, and
// gives the head that it has when that is committed.
func (s *session) note(ctx context.Context, on interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}, audit []byte,
) (head, error) {
	next := head{s.head.position + 1, policy.ChainHash(s.head.hash, audit)}
	_, err := on.Exec(ctx, `INSERT INTO chudan_journal (chain, position, event, audit, hash) VALUES ($1, $2, NULL, $3, $4)`,
		s.chain, next.position, blob(audit), next.hash[:])
	return next, err
}

// receiving does something over the one connection that receives, which has an
// audit chain of its own.
func (s *Store) receiving(ctx context.Context, do func(context.Context, *session) error) (err error) {
	s.receiver.Lock()
	defer s.receiver.Unlock()
	if s.isClosed() {
		return errClosed
	}
	bounded, cancel := context.WithTimeout(ctx, 2*s.config.grace())
	defer cancel()
	r := s.receiver.session
	if r == nil {
		if r, err = s.config.openSession(bounded, &s.numbers); err != nil {
			return s.refusal(ctx, err)
		}
		s.receiver.session = r
	}
	if r.chain == 0 {
		r.chain, r.head, err = openChain(bounded, r.conn, false)
	}
	if err == nil {
		err = do(bounded, r)
	}
	if err == nil {
		return nil
	}
	// Where it had come to is looked up by whoever goes on.
	s.receiver.session = nil
	_ = r.close()
	if ctx.Err() != nil {
		return fmt.Errorf("postgres: %w", ctx.Err())
	}
	return s.trouble(err)
}
