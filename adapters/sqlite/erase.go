package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"iter"
	"time"

	"github.com/chudan-io/chudan/policy"
)

var _ policy.Eraser = (*Store)(nil)

// Erase is policy.Eraser's. What was there is overwritten in the file when the
// log is copied into it (PRAGMA secure_delete); see the package's documentation.
func (s *Store) Erase(ctx context.Context, k policy.Key, revision int64, at time.Time, audit []byte) error {
	return s.retaining(ctx, k, audit, func(ctx context.Context, session *session, id int64, r *policy.Record, held *policy.Hold) error {
		if held != nil {
			return &policy.HeldError{Hold: *held}
		}
		if err := r.Erasable(revision); err != nil {
			return err
		}
		if _, err := session.erase.ExecContext(ctx, at.UnixMicro(), id); err != nil {
			return err
		}
		_, err := session.eraseHistory.ExecContext(ctx, id)
		return err
	})
}

// Hold is policy.Eraser's.
func (s *Store) Hold(ctx context.Context, h policy.Hold, audit []byte) error {
	return s.retaining(ctx, h.Key, audit, func(ctx context.Context, session *session, id int64, r *policy.Record, held *policy.Hold) error {
		switch {
		case held != nil:
			return &policy.HeldError{Hold: *held}
		case r.Erased():
			return policy.ErrErased
		}
		_, err := session.hold.ExecContext(ctx, id, h.By, h.Why, h.At.UnixMicro())
		return err
	})
}

// Release is policy.Eraser's.
func (s *Store) Release(ctx context.Context, k policy.Key, audit []byte) error {
	return s.retaining(ctx, k, audit, func(ctx context.Context, session *session, id int64, _ *policy.Record, held *policy.Hold) error {
		if held == nil {
			return policy.ErrNotFound
		}
		_, err := session.unhold.ExecContext(ctx, id)
		return err
	})
}

// retaining does something about a key that has a record, and notes it in the
// journal. What do refuses, by an error that is not SQLite's, it must refuse
// before it writes: the transaction goes on with what else is waiting.
func (s *Store) retaining(ctx context.Context, k policy.Key, audit []byte, do func(context.Context, *session, int64, *policy.Record, *policy.Hold) error) error {
	var refused error
	err := s.do(ctx, func(ctx context.Context, session *session) error {
		id, r, held, err := session.standing(ctx, k)
		switch {
		case err != nil:
			return err
		case id == 0:
			refused = policy.ErrNotFound
			return nil
		}
		if err := do(ctx, session, id, &r, held); err != nil {
			if code(err) != 0 {
				return err
			}
			refused = err
			return nil
		}
		refused = nil // where the transaction is repeated
		return session.note(ctx, audit, 0)
	})
	if err == nil {
		err = refused
	}
	return err
}

// standing gives the record of a key, its row and its legal hold; row 0 where
// there is none.
func (s *session) standing(ctx context.Context, k policy.Key) (id int64, r policy.Record, held *policy.Hold, err error) {
	if id, r, err = s.current(ctx, policy.Draft{Key: k}); err != nil || id == 0 {
		return id, r, nil, err
	}
	h := policy.Hold{Key: k}
	var at int64
	switch err = s.held.QueryRowContext(ctx, id).Scan(&h.By, &h.Why, &at); {
	case errors.Is(err, sql.ErrNoRows):
		return id, r, nil, nil
	case err != nil:
		return 0, r, nil, err
	}
	h.At = time.UnixMicro(at).UTC()
	return id, r, &h, nil
}

// retentions are the statements of an Eraser.
func (s *session) retentions() []statement {
	return []statement{
		{&s.held, `SELECT placed_by, why, at FROM hold WHERE record = ?`},
		{&s.hold, `INSERT INTO hold (record, placed_by, why, at) VALUES (?, ?, ?, ?)`},
		{&s.unhold, `DELETE FROM hold WHERE record = ?`},
		{&s.erase, `UPDATE record SET sealed = x'', fingerprint = x'', erased = ? WHERE id = ?`},
		{&s.eraseHistory, `UPDATE history SET sealed = x'', fingerprint = x'' WHERE record = ?`},
	}
}

// Holds is policy.Eraser's.
func (s *Store) Holds(ctx context.Context) iter.Seq2[policy.Hold, error] {
	return func(yield func(policy.Hold, error) bool) {
		for after := int64(0); ; {
			var page []policy.Hold
			err := s.eachRow(ctx, func(rows *sql.Rows) error {
				var h policy.Hold
				var at int64
				err := rows.Scan(&after, &h.Key.Tenant, &h.Key.Identifier, &h.By, &h.Why, &at)
				h.At = time.UnixMicro(at).UTC()
				page = append(page, h)
				return err
			}, `SELECT record, tenant, identifier, placed_by, why, hold.at FROM hold JOIN record ON record.id = hold.record
				WHERE record > ? ORDER BY record LIMIT ?`, after, pageRows)
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
		}
	}
}
