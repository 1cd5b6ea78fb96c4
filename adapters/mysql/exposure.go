package mysql

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"github.com/chudan-io/chudan/policy"
)

var (
	_ policy.Exposer = (*Store)(nil)
	_ policy.Exposer = (*hosted)(nil)
)

// Each statement reads ranges of a primary key.
const (
	thisRow  = `(subject = ? AND until = ? AND record = ?)`
	fromSums = ` FROM chudan_exposure_sum FORCE INDEX (PRIMARY) WHERE subject IN `
	fromRows = ` FROM chudan_exposure FORCE INDEX (PRIMARY) WHERE subject IN `
)

// countedQuery looks n rows up.
func countedQuery(n int) string {
	return `SELECT subject, until, record, amount FROM chudan_exposure WHERE ` + either(thisRow, n)
}

// uncountQuery deletes n rows.
func uncountQuery(n int) string { return `DELETE FROM chudan_exposure WHERE ` + either(thisRow, n) }

// sumsQuery looks up what all rows of n subjects come to.
func sumsQuery(n int) string { return `SELECT subject, amount` + fromSums + places(n, 1) }

// endedQuery gives the first rows of n subjects that have ended.
func endedQuery(n int) string {
	return `SELECT subject, until, record, amount` + fromRows + places(n, 1) + ` AND until <= ? ORDER BY subject, until, record LIMIT ` + fmt.Sprint(endedRows)
}

// endedSumsQuery gives what all rows of n subjects that have ended come to.
func endedSumsQuery(n int) string {
	return `SELECT subject, sum(amount)` + fromRows + places(n, 1) + ` AND until <= ? GROUP BY subject`
}

// inForceQuery gives what is in force, in parts that add up, without the lock on
// head: one statement sees one state of both tables.
func inForceQuery(n int) string {
	return sumsQuery(n) + ` UNION ALL SELECT subject, -sum(amount)` + fromRows + places(n, 1) + ` AND until <= ? GROUP BY subject`
}

func (c *counted) row() row { return row{c.subject[:], c.until, c.record} }

func scanCounted(rows *sql.Rows) (c counted, amount int64, err error) {
	var subject []byte
	err = rows.Scan(&subject, &c.until, &c.record, &amount)
	copy(c.subject[:], subject)
	return c, amount, err
}

func scanSum(rows *sql.Rows) (s policy.Subject, amount int64, err error) {
	var subject []byte
	err = rows.Scan(&subject, &amount)
	copy(s[:], subject)
	return s, amount, err
}

// distinct are the subjects in the order of their rows, each once.
func distinct(subjects []policy.Subject) []policy.Subject {
	sorted := slices.SortedFunc(slices.Values(subjects), func(a, b policy.Subject) int { return bytes.Compare(a[:], b[:]) })
	return slices.Compact(sorted)
}

func subjectValues(subjects []policy.Subject) (values []any) {
	for _, s := range distinct(subjects) {
		values = append(values, s[:])
	}
	return values
}

// InForce is policy.Exposer's.
func (s *Store) InForce(ctx context.Context, at time.Time, subjects []policy.Subject) ([]int64, error) {
	if len(subjects) == 0 {
		return nil, s.ready(ctx)
	}
	var t *transaction
	err := s.read(ctx, func(ctx context.Context) error {
		t = newTransaction(s.reads)
		return t.readInForce(ctx, at.UnixMicro(), subjects)
	})
	if err != nil {
		return nil, err
	}
	return t.inForce(subjects), nil
}

// readInForce reads sums without the lock on head.
func (t *transaction) readInForce(ctx context.Context, at int64, subjects []policy.Subject) error {
	t.sums = map[policy.Subject]sum{}
	values := subjectValues(subjects)
	args := append(slices.Concat(values, values), at)
	return t.each(ctx, inForceQuery(len(values)), args, func(rows *sql.Rows) error {
		subject, amount, err := scanSum(rows)
		t.add(subject, 0, amount)
		return err
	})
}

// Expose is policy.Exposer's. It takes its turn as every decision does.
func (s *Store) Expose(ctx context.Context, k policy.Key, x policy.Exposure) (added bool, err error) {
	if err := s.ready(ctx); err != nil {
		return false, err
	}
	bounded, cancel := context.WithTimeout(ctx, s.config.Connect+2*s.config.Wait)
	defer cancel()
	t, err := s.begin(bounded)
	if err != nil {
		return false, s.failed(ctx, err)
	}
	a, err := t.expose(bounded, k, x)
	if err != nil {
		t.abandon(err)
		return false, s.failed(ctx, err)
	}
	if !a.won {
		t.abandon(nil)
		return false, a.err
	}
	if err := commit(bounded, t); err != nil {
		t.discard()
		return false, fmt.Errorf("mysql: %s: %w (%w)", s.place, policy.ErrResultUnknown, &failure{err})
	}
	_ = t.conn.Close() // back into its pool
	return true, nil
}

// expose counts the amount of a policy where it does not count yet, which is what
// won tells. The second error is the transaction's.
func (t *transaction) expose(ctx context.Context, k policy.Key, x policy.Exposure) (answer, error) {
	if err := t.lookUp(ctx, []*policy.Draft{{Key: k, Exposure: &x}}); err != nil {
		return answer{}, err
	}
	of := t.known[k]
	if of.record.Status != policy.StatusIssued {
		return answer{err: policy.ErrNotFound}, nil
	}
	if err := t.countable(&x, of.id); err != nil {
		return answer{err: err}, nil //nolint:nilerr // what was asked, not the transaction
	}
	if !t.count(&x, of.id, true) {
		return answer{}, nil
	}
	return answer{won: true}, t.flush(ctx)
}

// InForce is policy.Exposer's: what the transaction sees, or, once it has issued,
// what there is.
func (h *hosted) InForce(ctx context.Context, at time.Time, subjects []policy.Subject) ([]int64, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.ready(ctx); err != nil || len(subjects) == 0 {
		return nil, err
	}
	t := h.transaction()
	look := t.readInForce
	if h.locked {
		look = t.readSums
	}
	if err := look(ctx, at.UnixMicro(), subjects); err != nil {
		return nil, h.trouble(ctx, err)
	}
	return t.inForce(subjects), nil
}

// Expose is policy.Exposer's.
func (h *hosted) Expose(ctx context.Context, k policy.Key, x policy.Exposure) (added bool, err error) {
	a, err := h.decide(ctx, func(t *transaction) (answer, error) { return t.expose(ctx, k, x) })
	return a.won, err
}
