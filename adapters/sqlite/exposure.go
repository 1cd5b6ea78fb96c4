package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"slices"

	"github.com/chudan-io/chudan/policy"
)

var (
	errNegative = errors.New("sqlite: an amount that is to count for a subject is below zero")
	errTooMuch  = errors.New("sqlite: the amounts of a subject would sum to more than 92,233,720,368,547,758.07 yuan, the most that is counted")
)

// trimmed is how many rows a draft deletes of each of its subjects, where some
// have expired: more than it adds, and too few to be felt, however long nobody came.
const trimmed = 256

// exposure is what a draft has to do with the amounts in force, and what they
// were before it. The slices are in the order of subjects.
type exposure struct {
	policy.Exposure
	subjects []policy.Subject // all of them
	inForce  []int64
	total    []int64 // with what has expired and is not deleted yet
	expired  []bool  // whether there is any of that
}

// sumUp reads the sums of e; nil where e is.
func sumUp(ctx context.Context, sums *sql.Stmt, e *policy.Exposure) (*exposure, error) {
	if e == nil {
		return nil, nil //nolint:nilnil // most drafts have none
	}
	x := &exposure{Exposure: *e, subjects: e.All()}
	for i := range x.subjects {
		var total int64
		var expired sql.NullInt64
		if err := sums.QueryRowContext(ctx, x.subjects[i][:], e.At.UnixMicro()).Scan(&total, &expired); err != nil {
			return nil, err
		}
		x.inForce, x.total, x.expired = append(x.inForce, total-expired.Int64), append(x.total, total), append(x.expired, expired.Valid)
	}
	return x, nil
}

// sums are what Make is told.
func (x *exposure) sums() []int64 {
	if x == nil {
		return nil
	}
	return x.inForce
}

// check refuses what cannot be added up.
func (x *exposure) check() error {
	switch {
	case x == nil:
		return nil
	case x.Amount < 0:
		return errNegative
	case slices.ContainsFunc(x.total[:len(x.Subjects)], func(total int64) bool { return total > math.MaxInt64-x.Amount }):
		return errTooMuch
	}
	return nil
}

// count has the amount of a record count for its subjects where it holds, and
// for none where it does not. held tells whether the record before it did.
func (s *session) count(ctx context.Context, x *exposure, record int64, held, holds bool) error {
	if err := s.trim(ctx, x); err != nil {
		return err
	}
	if held {
		if err := s.takeFrom(ctx, record, x.subjects); err != nil {
			return err
		}
	}
	if !holds {
		return nil
	}
	_, err := s.addTo(ctx, record, &x.Exposure)
	return err
}

// trim deletes some of what had expired by the decision's time. A node whose
// clock is behind misses what it would still have counted for that long. One
// that is far ahead takes away what is in force, until Expose counts it again.
func (s *session) trim(ctx context.Context, x *exposure) error {
	for i := range x.subjects {
		if !x.expired[i] {
			continue
		}
		if _, err := s.expire.ExecContext(ctx, x.subjects[i][:], x.At.UnixMicro(), trimmed); err != nil {
			return err
		}
	}
	return nil
}

// addTo passes over those that the record counts for already.
func (s *session) addTo(ctx context.Context, record int64, e *policy.Exposure) (added bool, err error) {
	for i := range e.Subjects {
		result, err := s.counts.ExecContext(ctx, e.Subjects[i][:], e.Until.UnixMicro(), record, e.Amount)
		if err != nil {
			return false, err
		}
		n, err := result.RowsAffected()
		if err != nil {
			return false, err
		}
		added = added || n > 0
	}
	return added, nil
}

func (s *session) takeFrom(ctx context.Context, record int64, subjects []policy.Subject) error {
	for i := range subjects {
		if _, err := s.countsNot.ExecContext(ctx, record, subjects[i][:]); err != nil {
			return err
		}
	}
	return nil
}

// expose counts an issued record. own is the error of what is asked, and not the
// transaction's: nothing was written.
func (s *session) expose(ctx context.Context, k policy.Key, e *policy.Exposure) (added bool, own, err error) {
	id, r, err := s.current(ctx, policy.Draft{Key: k})
	switch {
	case err != nil:
		return false, nil, err
	case r.Status != policy.StatusIssued:
		return false, policy.ErrNotFound, nil
	}
	x, err := sumUp(ctx, s.sums, e)
	if err != nil {
		return false, nil, err
	}
	if own := x.check(); own != nil {
		return false, own, nil
	}
	if added, err = s.addTo(ctx, id, e); err != nil {
		return false, nil, err
	}
	s.untuned++
	// Under the names of before it would count a second time.
	return added, nil, s.takeFrom(ctx, id, e.Former)
}

// sumsOf gives what the rows of a subject come to, and those of them that have
// expired; NULL where there are none of these.
const sumsOf = `SELECT coalesce((SELECT amount FROM exposure_sum WHERE subject = ?1), 0), (SELECT sum(amount) FROM exposure WHERE subject = ?1 AND until <= ?2)`

// exposures are the statements that drafts with an Exposure need beside. The
// sums follow by triggers.
func (s *session) exposures() []statement {
	return []statement{
		{&s.sums, sumsOf},
		{&s.counts, `INSERT INTO exposure (subject, until, record, amount) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`},
		{&s.countsNot, `DELETE FROM exposure WHERE record = ? AND subject = ?`},
		{&s.expire, `DELETE FROM exposure WHERE (subject, until, record) IN
			(SELECT subject, until, record FROM exposure WHERE subject = ? AND until <= ? ORDER BY until, record LIMIT ?)`},
	}
}
