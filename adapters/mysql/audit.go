package mysql

import (
	"context"
	"iter"
	"math"

	"github.com/chudan-io/chudan/policy"
)

var _ policy.Auditor = (*Store)(nil)

// Audit is policy.Auditor's. All nodes have one chain.
func (s *Store) Audit(ctx context.Context) iter.Seq2[policy.AuditRow, error] {
	return func(yield func(policy.AuditRow, error) bool) {
		// From the least number there is: whoever adds a row may choose its id.
		for after := int64(math.MinInt64); ; {
			page, err := s.auditPage(ctx, after)
			if err != nil {
				yield(policy.AuditRow{}, err)
				return
			}
			for _, r := range page {
				if !yield(r, nil) {
					return
				}
				after = r.Position
			}
			if len(page) < pageRows {
				return
			}
		}
	}
}

func (s *Store) auditPage(ctx context.Context, after int64) (page []policy.AuditRow, err error) {
	err = s.read(ctx, func(ctx context.Context) error {
		page = nil
		rows, err := s.reads.QueryContext(ctx, `SELECT id, audit, hash FROM chudan_journal WHERE id > ? ORDER BY id LIMIT ?`, after, pageRows)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var r policy.AuditRow
			if err := rows.Scan(&r.Position, &r.Event, &r.Hash); err != nil {
				return err
			}
			page = append(page, r)
		}
		return rows.Err()
	})
	return page, err
}
