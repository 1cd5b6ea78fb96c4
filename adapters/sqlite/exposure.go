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
// have expired: more than it adds, and too few to be felt, however many they are.
const trimmed = 256

// exposure is what a draft has to do with the amounts in force, and what they
// were before it. The slices are in the order of subjects.
type exposure struct {
	policy.Exposure
	subjects []policy.Subject // all of them
	inForce  []int64
	astray   []bool // whether what is in force now is another sum than the one that is kept
	expired  []bool // whether rows are left that can be trimmed
}

// sumUp reads the sums of e; nil where e is.
func sumUp(ctx context.Context, sums *sql.Stmt, e *policy.Exposure) (*exposure, error) {
	if e == nil {
		return nil, nil //nolint:nilnil // most drafts have none
	}
	x := &exposure{Exposure: *e, subjects: e.All()}
	for i := range x.subjects {
		var kept int64
		var ended, later sql.NullInt64
		var expired bool
		err := sums.QueryRowContext(ctx, x.subjects[i][:], e.At.UnixMicro()).Scan(&kept, &ended, &later, &expired)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return nil, err
		}
		sum := kept - ended.Int64
		if sum > math.MaxInt64-later.Int64 {
			return nil, errTooMuch
		}
		x.inForce = append(x.inForce, sum+later.Int64)
		x.astray, x.expired = append(x.astray, ended.Valid || later.Valid), append(x.expired, expired)
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
	case slices.ContainsFunc(x.inForce[:len(x.Subjects)], func(sum int64) bool { return sum > math.MaxInt64-x.Amount }):
		return errTooMuch
	}
	return nil
}

// count has the amount of a record count for its subjects where it holds, and
// for none where it does not. held tells whether the record before it did.
func (s *session) count(ctx context.Context, x *exposure, record int64, held, holds bool) error {
	if err := s.settle(ctx, x); err != nil {
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

// settle keeps the sums of the decision's time, so that nobody reads again what
// has expired by then, and deletes some of that. A node whose clock is behind
// misses what is deleted and it would still have counted. One that is far ahead
// deletes what is in force, and Expose counts it again.
func (s *session) settle(ctx context.Context, x *exposure) error {
	at := x.At.UnixMicro()
	for i := range x.subjects {
		if x.astray[i] {
			if _, err := s.settled.ExecContext(ctx, x.inForce[i], at, x.subjects[i][:]); err != nil {
				return err
			}
		}
		if x.expired[i] {
			if _, err := s.trim.ExecContext(ctx, x.subjects[i][:], at, trimmed); err != nil {
				return err
			}
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
	switch {
	case errors.Is(err, errTooMuch):
		return false, err, nil
	case err != nil:
		return false, nil, err
	}
	if own := x.check(); own != nil {
		return false, own, nil
	}
	// Under the names of before it would count a second time.
	if err := s.takeFrom(ctx, id, e.Former); err != nil {
		return false, nil, err
	}
	added, err = s.addTo(ctx, id, e)
	s.untuned++
	return added, nil, err
}

// sumsOf gives the sum that is kept of a subject; what of it has ended by the
// time that is asked for, and what had not by then and is no part of it, NULL
// where there are no such rows; and whether rows are left that have ended.
const sumsOf = `SELECT amount,
	(SELECT sum(amount) FROM exposure WHERE subject = ?1 AND until > settled AND until <= ?2),
	(SELECT sum(amount) FROM exposure WHERE subject = ?1 AND until > ?2 AND until <= settled),
	EXISTS (SELECT 1 FROM exposure WHERE subject = ?1 AND until <= ?2) FROM exposure_sum WHERE subject = ?1`

// exposures are the statements that drafts with an Exposure need beside. The
// sums follow by triggers.
func (s *session) exposures() []statement {
	return []statement{
		{&s.sums, sumsOf},
		{&s.counts, `INSERT INTO exposure (subject, until, record, amount) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`},
		{&s.countsNot, `DELETE FROM exposure WHERE record = ? AND subject = ?`},
		{&s.settled, `UPDATE exposure_sum SET amount = ?, settled = ? WHERE subject = ?`},
		{&s.trim, `DELETE FROM exposure WHERE (subject, until, record) IN
			(SELECT subject, until, record FROM exposure WHERE subject = ? AND until <= ? ORDER BY until, record LIMIT ?)`},
	}
}
