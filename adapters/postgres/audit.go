package postgres

import (
	"context"
	"iter"
	"math"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/chudan-io/chudan/policy"
)

var _ policy.Auditor = (*Store)(nil)

const (
	auditColumns = `SELECT chain, position, audit, hash FROM chudan_journal j `

	openingsAfter = `SELECT id, 0::bigint, opening, hash FROM chudan_chain WHERE id > $1 ORDER BY id LIMIT $2`
	journalAfter  = auditColumns + `WHERE (chain, position) > ($1, $2) AND chain <= $3 ORDER BY chain, position LIMIT $4`
	// Positions are written to chains that were opened before.
	journalAstray = auditColumns + `WHERE chain > $1 AND NOT EXISTS (SELECT FROM chudan_chain c WHERE c.id = j.chain) ORDER BY chain, position LIMIT 1`
)

// Audit is policy.Auditor's. Positions in a chain that was never opened come
// last, one of them: it is enough to break the whole.
func (s *Store) Audit(ctx context.Context) iter.Seq2[policy.AuditRow, error] {
	return func(yield func(policy.AuditRow, error) bool) {
		// From the least number there is: whoever adds a row may choose its place.
		least := policy.AuditRow{Chain: math.MinInt64, Position: math.MinInt64}
		newest, ok := s.auditPages(ctx, yield, least, func(last policy.AuditRow) (string, []any) {
			return openingsAfter, []any{last.Chain, pageKeys}
		})
		if !ok {
			return
		}
		_, ok = s.auditPages(ctx, yield, least, func(last policy.AuditRow) (string, []any) {
			return journalAfter, []any{last.Chain, last.Position, newest.Chain, pageKeys}
		})
		if !ok {
			return
		}
		s.auditPages(ctx, yield, newest, func(newest policy.AuditRow) (string, []any) {
			return journalAstray, []any{newest.Chain}
		})
	}
}

// auditPages gives the pages of a query that goes on behind the last row, until
// one is not full, and answers the last row of all. It is not ok where nothing
// more is wanted, or there was trouble.
func (s *Store) auditPages(ctx context.Context, yield func(policy.AuditRow, error) bool, last policy.AuditRow, after func(policy.AuditRow) (string, []any)) (_ policy.AuditRow, ok bool) {
	for {
		query, args := after(last)
		page, err := s.auditPage(ctx, query, args)
		if err != nil {
			yield(policy.AuditRow{}, err)
			return last, false
		}
		for _, r := range page {
			if !yield(r, nil) {
				return last, false
			}
			last = r
		}
		if len(page) < pageKeys {
			return last, true
		}
	}
}

func (s *Store) auditPage(ctx context.Context, query string, args []any) (page []policy.AuditRow, err error) {
	err = s.read(ctx, func(ctx context.Context, pool *pgxpool.Pool) error {
		rows, err := pool.Query(ctx, query, args...)
		if err != nil {
			return err
		}
		page, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (r policy.AuditRow, err error) {
			err = row.Scan(&r.Chain, &r.Position, &r.Event, &r.Hash)
			return r, err
		})
		return err
	})
	return page, err
}
