package mysql

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"slices"
	"time"

	"github.com/chudan-io/chudan/policy"
)

const (
	// endedRows is how many rows of amounts that have ended a transaction reads one
	// by one, and deletes, at most.
	endedRows = 256

	// endedFor is how long a row is kept after its end: nodes have clocks of their
	// own, and a draft may have waited since it was decided.
	endedFor = 10 * time.Minute
)

var (
	errTooMuch   = errors.New("mysql: with this amount more would be in force for a subject than a sum can hold")
	errNegative  = errors.New("mysql: the amount of an exposure is below zero")
	errUncounted = errors.New("an amount that was in force is gone although its transaction held the lock; who else writes to this database?")
)

// sum is what the amounts of a subject come to, in fen.
type sum struct {
	all     int64 // that have a row, ended or not
	inForce int64
}

// counted is a row of chudan_exposure.
type counted struct {
	subject       policy.Subject
	until, record int64
}

// lookUpSums reads what is in force for the subjects of drafts, and which of
// them count their records already. It asks nothing where there is no exposure.
// All are told what is in force at the earliest of their times, which is no less
// than at their own.
func (t *transaction) lookUpSums(ctx context.Context, drafts []*policy.Draft) error {
	var subjects []policy.Subject
	var rows []any
	at := int64(math.MaxInt64)
	for _, d := range drafts {
		for _, s := range d.Exposure.All() {
			subjects = append(subjects, s)
			at = min(at, d.Exposure.At.UnixMicro())
			if id := t.known[d.Key].id; id != 0 {
				rows = append(rows, s[:], d.Exposure.Until.UnixMicro(), id)
			}
		}
	}
	if len(subjects) == 0 {
		return nil
	}
	t.counted = map[counted]int64{}
	for some := range slices.Chunk(rows, 3*endedRows) {
		if err := t.each(ctx, countedQuery(len(some)/3)+t.locking, some, func(rows *sql.Rows) error {
			c, amount, err := scanCounted(rows)
			t.counted[c] = amount
			return err
		}); err != nil {
			return err
		}
	}
	return t.readSums(ctx, at, subjects)
}

// readSums reads the sums of subjects. Of what ended long before, some is deleted
// together with what will be written, if anything is.
func (t *transaction) readSums(ctx context.Context, at int64, subjects []policy.Subject) error {
	t.at, t.sums = at, map[policy.Subject]sum{}
	values := subjectValues(subjects)
	if err := t.each(ctx, sumsQuery(len(values))+t.locking, values, func(rows *sql.Rows) error {
		s, amount, err := scanSum(rows)
		t.sums[s] = sum{amount, amount}
		return err
	}); err != nil {
		return err
	}
	ended := map[policy.Subject]int64{}
	args := append(slices.Clone(values), at)
	found := 0
	if err := t.each(ctx, endedQuery(len(values))+t.locking, args, func(rows *sql.Rows) error {
		c, amount, err := scanCounted(rows)
		found++
		ended[c.subject] += amount
		if c.until <= at-endedFor.Microseconds() {
			delete(t.counted, c)
			t.pending.uncounted = append(t.pending.uncounted, c)
			t.add(c.subject, -amount, 0)
		}
		return err
	}); err != nil {
		return err
	}
	if found == endedRows { // there may be more
		if err := t.each(ctx, endedSumsQuery(len(values))+t.locking, args, func(rows *sql.Rows) error {
			s, amount, err := scanSum(rows)
			ended[s] = amount
			return err
		}); err != nil {
			return err
		}
	}
	for s, amount := range ended {
		t.add(s, 0, -amount)
	}
	return nil
}

// add changes a sum.
func (t *transaction) add(s policy.Subject, all, inForce int64) {
	v := t.sums[s]
	t.sums[s] = sum{v.all + all, v.inForce + inForce}
	if all != 0 {
		t.pending.subjects = append(t.pending.subjects, s)
	}
}

// inForce are the sums that a draft is told, with what the batch has changed so
// far.
func (t *transaction) inForce(subjects []policy.Subject) []int64 {
	sums := make([]int64, len(subjects))
	for i, s := range subjects {
		sums[i] = t.sums[s].inForce
	}
	return sums
}

// count has the amount of a record count, or no longer, and tells whether that
// changes anything. Under the names of before it never does: it would count twice.
func (t *transaction) count(x *policy.Exposure, id int64, holds bool) (changed bool) {
	for i, s := range x.All() {
		c := counted{s, x.Until.UnixMicro(), id}
		amount, counts := t.counted[c]
		wanted := holds && i < len(x.Subjects)
		if counts == wanted {
			continue
		}
		changed = true
		if wanted {
			amount = x.Amount
			t.counted[c] = amount
			t.pending.counted = append(t.pending.counted, append(c.row(), amount))
		} else {
			delete(t.counted, c)
			t.pending.uncounted = append(t.pending.uncounted, c)
			amount = -amount
		}
		if c.until > t.at {
			t.add(s, amount, amount)
		} else {
			t.add(s, amount, 0)
		}
	}
	return changed
}

// countable refuses an amount that a sum cannot hold.
func (t *transaction) countable(x *policy.Exposure, id int64) error {
	if x == nil {
		return nil
	}
	if x.Amount < 0 {
		return errNegative
	}
	for _, s := range x.Subjects {
		if _, counts := t.counted[counted{s, x.Until.UnixMicro(), id}]; !counts && t.sums[s].all > math.MaxInt64-x.Amount {
			return errTooMuch
		}
	}
	return nil
}

// flushSums writes what counts, what does so no longer, and the sums.
func (t *transaction) flushSums(ctx context.Context, p *pending) error {
	for some := range slices.Chunk(p.uncounted, endedRows) {
		var args []any
		for _, c := range some {
			args = append(args, c.row()...)
		}
		result, err := t.run.ExecContext(ctx, uncountQuery(len(some)), args...)
		if err != nil {
			return err
		}
		if found, err := result.RowsAffected(); err != nil || found != int64(len(some)) {
			return errors.Join(errUncounted, err)
		}
	}
	if err := t.insert(ctx, `INSERT INTO chudan_exposure (subject, until, record, amount) VALUES `, p.counted); err != nil {
		return err
	}
	for some := range slices.Chunk(distinct(p.subjects), endedRows) {
		var sums []any
		for _, s := range some {
			sums = append(sums, s[:], t.sums[s].all)
		}
		// There is one unique key that a row can meet.
		_, err := t.run.ExecContext(ctx, `INSERT INTO chudan_exposure_sum (subject, amount) VALUES `+places(2, len(some))+` ON DUPLICATE KEY UPDATE amount = VALUES(amount)`, sums...)
		if err != nil {
			return err
		}
	}
	return nil
}
