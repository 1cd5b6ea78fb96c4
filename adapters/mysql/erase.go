package mysql

import (
	"context"
	"database/sql"
	"errors"
	"iter"
	"time"

	"github.com/chudan-io/chudan/policy"
)

var _ policy.Eraser = (*Store)(nil)

var errNotErased = errors.New("a record was not erased, although its transaction held the lock; who else writes to this database?")

// The conditions are what keeps from erasing where there are no triggers.
const (
	eraseRecord = `UPDATE chudan_record SET sealed = '', fingerprint = '', erased = ? WHERE id = ? AND revision = ? AND erased IS NULL
		AND status NOT IN ('reserved', 'booked') AND NOT EXISTS (SELECT 1 FROM chudan_hold WHERE chudan_hold.record = chudan_record.id)`
	eraseHistory = `UPDATE chudan_history SET sealed = '', fingerprint = '' WHERE record = ?
		AND EXISTS (SELECT 1 FROM chudan_record WHERE chudan_record.id = chudan_history.record AND erased IS NOT NULL)`
)

// Erase is policy.Eraser's. What was there stays in InnoDB's undo log and free
// pages until the server uses them again, and in its binary log.
func (s *Store) Erase(ctx context.Context, k policy.Key, revision int64, at time.Time, audit []byte) error {
	return s.retaining(ctx, k, audit, func(ctx context.Context, t *transaction, r kept, held *policy.Hold) error {
		if held != nil {
			return &policy.HeldError{Hold: *held}
		}
		if err := r.record.Erasable(revision); err != nil {
			return err
		}
		result, err := t.run.ExecContext(ctx, eraseRecord, at.UnixMicro(), r.id, revision)
		if err != nil {
			return err
		}
		if found, err := result.RowsAffected(); err != nil || found != 1 {
			return errors.Join(errNotErased, err)
		}
		_, err = t.run.ExecContext(ctx, eraseHistory, r.id)
		return err
	})
}

// Hold is policy.Eraser's.
func (s *Store) Hold(ctx context.Context, h policy.Hold, audit []byte) error {
	if err := errors.Join(room("who holds", len(h.By), maxHolder), room("why it is held", len(h.Why), maxWhy)); err != nil {
		return err
	}
	return s.retaining(ctx, h.Key, audit, func(ctx context.Context, t *transaction, r kept, held *policy.Hold) error {
		switch {
		case held != nil:
			return &policy.HeldError{Hold: *held}
		case r.record.Erased():
			return policy.ErrErased
		}
		_, err := t.run.ExecContext(ctx, `INSERT INTO chudan_hold (record, placed_by, why, at) VALUES (?, ?, ?, ?)`, r.id, []byte(h.By), []byte(h.Why), h.At.UnixMicro())
		return err
	})
}

const maxHolder, maxWhy = 256, 1024 // bytes

// Release is policy.Eraser's.
func (s *Store) Release(ctx context.Context, k policy.Key, audit []byte) error {
	return s.retaining(ctx, k, audit, func(ctx context.Context, t *transaction, r kept, held *policy.Hold) error {
		if held == nil {
			return policy.ErrNotFound
		}
		_, err := t.run.ExecContext(ctx, `DELETE FROM chudan_hold WHERE record = ?`, r.id)
		return err
	})
}

// retaining does something about a key that has a record, in a transaction that
// has the lock on head as every other one, and notes it in the journal.
func (s *Store) retaining(ctx context.Context, k policy.Key, audit []byte, do func(context.Context, *transaction, kept, *policy.Hold) error) error {
	return s.alone(ctx, func(ctx context.Context, t *transaction) error {
		if err := t.lookUp(ctx, []*policy.Draft{{Key: k}}); err != nil {
			return err
		}
		r := t.known[k]
		if r.id == 0 {
			return policy.ErrNotFound
		}
		held, err := t.held(ctx, r.id, k)
		if err != nil {
			return err
		}
		if err := do(ctx, t, r, held); err != nil {
			return err
		}
		t.audit(audit)
		return nil
	})
}

// held is the legal hold on a record; nil where there is none.
func (t *transaction) held(ctx context.Context, id int64, k policy.Key) (*policy.Hold, error) {
	h := policy.Hold{Key: k}
	var at int64
	err := t.run.QueryRowContext(ctx, `SELECT placed_by, why, at FROM chudan_hold WHERE record = ?`, id).Scan(&h.By, &h.Why, &at)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	h.At = time.UnixMicro(at).UTC()
	return &h, err
}

const holdsAfter = `SELECT record, tenant, identifier, placed_by, why, chudan_hold.at FROM chudan_hold JOIN chudan_record ON chudan_record.id = chudan_hold.record
	WHERE record > ? ORDER BY record LIMIT ?`

// Holds is policy.Eraser's.
func (s *Store) Holds(ctx context.Context) iter.Seq2[policy.Hold, error] {
	return func(yield func(policy.Hold, error) bool) {
		for after := int64(0); ; {
			var page []policy.Hold
			last := after
			err := s.read(ctx, func(ctx context.Context) error {
				page = nil
				return s.eachRow(ctx, func(rows *sql.Rows) error {
					var h policy.Hold
					var at int64
					err := rows.Scan(&last, &h.Key.Tenant, &h.Key.Identifier, &h.By, &h.Why, &at)
					h.At = time.UnixMicro(at).UTC()
					page = append(page, h)
					return err
				}, holdsAfter, after, pageRows)
			})
			if err != nil {
				yield(policy.Hold{}, err)
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
