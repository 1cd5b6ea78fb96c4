package postgres

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chudan-io/chudan/policy"
)

var _ policy.Eraser = (*Store)(nil)

// retained is what an Eraser looks at before it does anything: a key, the record
// that it has, and its legal hold.
type retained struct {
	key    int64
	record policy.Record
	held   *policy.Hold
}

const (
	// Whoever replaces the record of a key, or holds or erases it, has its row first.
	lockKey  = `SELECT id FROM chudan_key WHERE identifier = $1 AND tenant = $2 FOR NO KEY UPDATE`
	retains  = `SELECT r.revision, r.status, r.erased, h.placed_by, h.why, h.at FROM chudan_key k ` + latestRecord + ` LEFT JOIN chudan_hold h ON h.key = k.id WHERE k.id = $1`
	eraseKey = `UPDATE chudan_record SET sealed = '', fingerprint = '', erased = $2 WHERE key = $1`
)

// Erase is policy.Eraser's. Row versions of before stay in the files until the
// server has vacuumed the table.
func (s *Store) Erase(ctx context.Context, k policy.Key, revision int64, at time.Time, audit []byte) error {
	return s.retaining(ctx, k, audit, func(ctx context.Context, tx pgx.Tx, r *retained) (refused, err error) {
		if r.held != nil {
			return &policy.HeldError{Hold: *r.held}, nil
		}
		if refused = r.record.Erasable(revision); refused == nil {
			_, err = tx.Exec(ctx, eraseKey, r.key, at)
		}
		return refused, err
	})
}

// Hold is policy.Eraser's.
func (s *Store) Hold(ctx context.Context, h policy.Hold, audit []byte) error {
	if !storable(h.By, h.Why) {
		return errText
	}
	return s.retaining(ctx, h.Key, audit, func(ctx context.Context, tx pgx.Tx, r *retained) (refused, err error) {
		switch {
		case r.held != nil:
			return &policy.HeldError{Hold: *r.held}, nil
		case r.record.Erased():
			return policy.ErrErased, nil
		}
		_, err = tx.Exec(ctx, `INSERT INTO chudan_hold (key, placed_by, why, at) VALUES ($1, $2, $3, $4)`, r.key, h.By, h.Why, h.At)
		return nil, err
	})
}

// Release is policy.Eraser's.
func (s *Store) Release(ctx context.Context, k policy.Key, audit []byte) error {
	return s.retaining(ctx, k, audit, func(ctx context.Context, tx pgx.Tx, r *retained) (refused, err error) {
		if r.held == nil {
			return policy.ErrNotFound, nil
		}
		_, err = tx.Exec(ctx, `DELETE FROM chudan_hold WHERE key = $1`, r.key)
		return nil, err
	})
}

// retaining does something about a key that has a record, and notes it in the
// audit chain of the connection that receives. What is refused leaves the
// transaction with nothing to commit.
func (s *Store) retaining(ctx context.Context, k policy.Key, audit []byte, do func(context.Context, pgx.Tx, *retained) (refused, err error)) error {
	if !storable(string(k.Tenant), k.Identifier) {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("postgres: %w", err)
		}
		return policy.ErrNotFound // no such thing was ever kept
	}
	var refused error
	err := s.receiving(ctx, func(ctx context.Context, r *session) error {
		next := r.head
		err := pgx.BeginFunc(ctx, r.conn, func(tx pgx.Tx) error {
			found, err := retainedOf(ctx, tx, k)
			if errors.Is(err, pgx.ErrNoRows) {
				refused = policy.ErrNotFound
				return nil
			}
			if err == nil {
				refused, err = do(ctx, tx, found)
			}
			if err != nil || refused != nil {
				return err
			}
			next, err = r.note(ctx, tx, audit)
			return err
		})
		if err == nil {
			r.head = next
		}
		return err
	})
	if err == nil {
		err = refused
	}
	return err
}

func retainedOf(ctx context.Context, tx pgx.Tx, k policy.Key) (*retained, error) {
	r := &retained{record: policy.Record{Key: k}}
	if err := tx.QueryRow(ctx, lockKey, k.Identifier, string(k.Tenant)).Scan(&r.key); err != nil {
		return nil, err
	}
	var by, why *string
	var erased, at *time.Time
	// A statement of its own: what the first one waited for, only this one sees.
	if err := tx.QueryRow(ctx, retains, r.key).Scan(&r.record.Revision, &r.record.Status, &erased, &by, &why, &at); err != nil {
		return nil, err
	}
	if erased != nil {
		r.record.ErasedAt = erased.UTC()
	}
	if at != nil {
		r.held = &policy.Hold{Key: k, By: *by, Why: *why, At: at.UTC()}
	}
	return r, nil
}

const holdsAfter = `SELECT k.id, k.tenant, k.identifier, h.placed_by, h.why, h.at FROM chudan_hold h JOIN chudan_key k ON k.id = h.key WHERE h.key > $1 ORDER BY h.key LIMIT $2`

// Holds is policy.Eraser's.
func (s *Store) Holds(ctx context.Context) iter.Seq2[policy.Hold, error] {
	return func(yield func(policy.Hold, error) bool) {
		for after := int64(0); ; {
			last := after
			page, err := collect(ctx, s, func(row pgx.CollectableRow) (h policy.Hold, err error) {
				err = row.Scan(&last, &h.Key.Tenant, &h.Key.Identifier, &h.By, &h.Why, &h.At)
				h.At = h.At.UTC()
				return h, err
			}, holdsAfter, after, pageKeys)
			if err != nil {
				yield(policy.Hold{}, err)
				return
			}
			for _, h := range page {
				if !yield(h, nil) {
					return
				}
			}
			if len(page) < pageKeys {
				return
			}
			after = last
		}
	}
}
