package mysql

import (
	"context"
	"errors"
	"iter"
	"math"
	"math/rand/v2"
	"time"

	"github.com/chudan-io/chudan/policy"
)

var _ policy.Journal = (*Store)(nil)

const visitColumns = `at, id, identifier, tenant, reference, code, product, edition, digest, replayed, sealed`

// enterVisits enters n of them.
func enterVisits(n int) string {
	return `INSERT INTO chudan_visit (` + visitColumns + `) VALUES ` + places(11, n)
}

// maxReference and maxCode are widths of chudan_visit, beside those that records have too.
const maxReference, maxCode = 128, 255

// Enter is policy.Journal's. It waits for no lock, and nobody who issues waits
// for it: the journal has connections of its own.
func (s *Store) Enter(ctx context.Context, visits ...policy.Visit) error {
	if err := s.ready(ctx); err != nil {
		return err
	}
	rows := make([]row, len(visits))
	for i := range visits {
		if err := visitFits(&visits[i]); err != nil {
			return err
		}
		rows[i] = s.visitRow(&visits[i])
	}
	for len(rows) > 0 {
		some := fitting(rows)
		rows = rows[len(some):]
		if err := s.write(ctx, func(ctx context.Context) error {
			_, err := s.journal.ExecContext(ctx, enterVisits(len(some)), values(some)...)
			if number(err) == duplicate { // the answer to the attempt before was lost
				return nil
			}
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) visitRow(v *policy.Visit) row {
	replayed := 0
	if v.Replayed {
		replayed = 1
	}
	return row{
		v.At.UnixMicro(), s.visits.Add(1), []byte(v.Key.Identifier), []byte(v.Key.Tenant), []byte(v.Reference), []byte(v.Code),
		[]byte(v.Product), []byte(v.Edition), []byte(v.Digest), replayed, blob(v.Sealed),
	}
}

// firstVisit is where a process begins to count. Another one's ids are so far
// away that they do not meet at one moment.
func firstVisit() int64 { return rand.Int64N(math.MaxInt64 / 2) } //nolint:gosec // tells processes apart, that is all

func visitFits(v *policy.Visit) error {
	return errors.Join(
		room("the identifier", len(v.Key.Identifier), maxIdentifier), room("the tenant", len(v.Key.Tenant), maxTenant),
		room("the reference", len(v.Reference), maxReference), room("the code", len(v.Code), maxCode),
		room("the product", len(v.Product), maxName), room("the edition", len(v.Edition), maxName),
		room("the digest", len(v.Digest), maxDigest), room("the sealed visit", len(v.Sealed), maxBlob),
	)
}

// Visits is policy.Journal's.
func (s *Store) Visits(ctx context.Context, sel policy.VisitSelection) iter.Seq2[policy.Visit, error] {
	return func(yield func(policy.Visit, error) bool) {
		c := selectedVisits(sel)
		query := visitsQuery(visitIndex(sel), &c)
		for at, id := int64(math.MinInt64), int64(math.MinInt64); ; {
			page, last, err := s.visitPage(ctx, query, append(c.args[:len(c.args):len(c.args)], at, at, id, pageRows)...)
			if err != nil {
				yield(policy.Visit{}, err)
				return
			}
			for _, v := range page {
				at, id = v.At.UnixMicro(), last
				if !yield(v, nil) {
					return
				}
			}
			if len(page) < pageRows {
				return
			}
		}
	}
}

// visitIndex is the one that leaves out most.
func visitIndex(sel policy.VisitSelection) string {
	switch {
	case sel.Reference != "":
		return `FORCE INDEX (visit_reference)`
	case sel.Identifier != "":
		return `FORCE INDEX (visit_key)`
	}
	return `FORCE INDEX (PRIMARY)`
}

func visitsQuery(index string, c *conditions) string {
	return `SELECT ` + visitColumns + ` FROM chudan_visit ` + index + ` WHERE ` + c.String() + ` AND at >= ? AND (at > ? OR id > ?) ORDER BY at, id LIMIT ?`
}

func selectedVisits(sel policy.VisitSelection) (c conditions) {
	c.equal("tenant", string(sel.Tenant))
	c.equal("identifier", sel.Identifier)
	c.equal("reference", sel.Reference)
	c.equal("product", sel.Product)
	c.equal("code", sel.Code)
	c.between(sel.From, sel.To)
	return c
}

// visitPage gives the visits that a query finds, and the id of the last.
func (s *Store) visitPage(ctx context.Context, query string, args ...any) (page []policy.Visit, last int64, err error) {
	err = s.read(ctx, func(ctx context.Context) error {
		page = nil
		rows, err := s.reads.QueryContext(ctx, query, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var v policy.Visit
			var at int64
			if err := rows.Scan(&at, &last, &v.Key.Identifier, &v.Key.Tenant, &v.Reference, &v.Code, &v.Product, &v.Edition, &v.Digest, &v.Replayed, &v.Sealed); err != nil {
				return err
			}
			v.At = time.UnixMicro(at).UTC()
			page = append(page, v)
		}
		return rows.Err()
	})
	return page, last, err
}

// forgetRows is how many visits one statement deletes at most, so that none
// takes long.
const forgetRows = 5000

const forgetQuery = `DELETE FROM chudan_visit WHERE at < ? ORDER BY at, id LIMIT ?`

// Forget is policy.Journal's. Where the connection breaks, what its last
// statement deleted may go uncounted.
func (s *Store) Forget(ctx context.Context, before time.Time, limit int) (n int, err error) {
	for n < limit {
		some, deleted := min(limit-n, forgetRows), int64(0)
		if err := s.write(ctx, func(ctx context.Context) error {
			result, err := s.journal.ExecContext(ctx, forgetQuery, before.UnixMicro(), some)
			if err != nil {
				return err
			}
			deleted, err = result.RowsAffected()
			return err
		}); err != nil {
			return n, err
		}
		n += int(deleted)
		if int(deleted) < some {
			break
		}
	}
	return n, nil
}
