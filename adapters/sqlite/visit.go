package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"math"
	"slices"
	"time"

	"github.com/chudan-io/chudan/policy"
)

var _ policy.Journal = (*Store)(nil)

// Enter is policy.Journal's. Visits are written together with the drafts that
// wait, in the same transaction.
func (s *Store) Enter(ctx context.Context, v ...policy.Visit) error {
	if len(v) == 0 {
		return nil
	}
	// The caller's own again when he has gone, and the writer may not be done by then.
	v = slices.Clone(v)
	for i := range v {
		v[i].Sealed = slices.Clone(blob(v[i].Sealed))
	}
	return s.do(ctx, func(ctx context.Context, session *session) error {
		for _, one := range v {
			_, err := session.enter.ExecContext(ctx, one.At.UnixMicro(), one.Key.Identifier, one.Key.Tenant, one.Reference, one.Code,
				one.Product, one.Edition, one.Digest, one.Replayed, one.Sealed)
			if err != nil {
				return err
			}
			session.untuned++
		}
		return nil
	})
}

// Forget is policy.Journal's. It is one transaction, that drafts wait for: a
// limit of some thousand keeps it short.
func (s *Store) Forget(ctx context.Context, before time.Time, limit int) (forgotten int, err error) {
	err = s.do(ctx, func(ctx context.Context, session *session) error {
		result, err := session.forgetVisits.ExecContext(ctx, before.UnixMicro(), max(limit, 0))
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		forgotten = int(n)
		return err
	})
	if err != nil {
		return 0, err
	}
	return forgotten, nil
}

// journals are the statements that write visits.
func (s *session) journals() []statement {
	return []statement{
		{&s.enter, `INSERT INTO visit (at, identifier, tenant, reference, code, product, edition, digest, replayed, sealed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`},
		{&s.forgetVisits, `DELETE FROM visit WHERE id IN (SELECT id FROM visit WHERE at < ? ORDER BY at, id LIMIT ?)`},
	}
}

// What a VisitSelection is found by. Each gives the rows in the order of time,
// from the one behind (?1, ?2) on, without sorting them.
const (
	visitColumns = `SELECT at, identifier, tenant, reference, code, product, edition, digest, replayed, sealed, id FROM visit
		WHERE (at, id) > (?1, ?2) AND at < ?3 AND (?4 = '' OR tenant = ?4) AND (?5 = '' OR product = ?5) AND (?6 = '' OR code = ?6) `
	visitOrder = `ORDER BY at, id LIMIT ?9`

	visitsByReference  = visitColumns + `AND reference = ?7 AND (?8 = '' OR identifier = ?8) ` + visitOrder
	visitsByIdentifier = visitColumns + `AND ?7 = '' AND identifier = ?8 ` + visitOrder
	visitsByTime       = visitColumns + `AND ?7 = '' AND ?8 = '' ` + visitOrder
)

// Visits is policy.Journal's.
func (s *Store) Visits(ctx context.Context, sel policy.VisitSelection) iter.Seq2[policy.Visit, error] {
	query := visitsByTime
	switch {
	case sel.Reference != "":
		query = visitsByReference
	case sel.Identifier != "":
		query = visitsByIdentifier
	}
	return func(yield func(policy.Visit, error) bool) {
		// Behind every row before From: ids begin with 1.
		for at, id := micros(sel.From, math.MinInt64), int64(0); ; {
			var page []policy.Visit
			err := s.each(ctx, func(rows *sql.Rows) (more bool, err error) {
				var v policy.Visit
				v, at, id, err = scanVisit(rows)
				page = append(page, v)
				return true, err
			}, query, at, id, micros(sel.To, math.MaxInt64), sel.Tenant, sel.Product, sel.Code, sel.Reference, sel.Identifier, pageRows)
			if err != nil {
				yield(policy.Visit{}, err)
				return
			}
			for _, v := range page {
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

func scanVisit(rows *sql.Rows) (v policy.Visit, at, id int64, err error) {
	err = rows.Scan(&at, &v.Key.Identifier, &v.Key.Tenant, &v.Reference, &v.Code, &v.Product, &v.Edition, &v.Digest, &v.Replayed, &v.Sealed, &id)
	if err != nil {
		return policy.Visit{}, 0, 0, fmt.Errorf("a row of the journal: %w", err)
	}
	v.At = time.UnixMicro(at).UTC()
	return v, at, id, nil
}
