package sqlite

import (
	"context"
	"iter"
	"time"

	"github.com/chudan-io/chudan/policy"
)

var _ policy.Lister = (*Store)(nil)

// pageRows is how many records are read before any of them is given, so that
// whoever reads slowly does not keep SQLite from shortening its log.
const pageRows = 256

// List is policy.Lister's.
func (s *Store) List(ctx context.Context, sel policy.Selection) iter.Seq2[policy.Record, error] {
	return func(yield func(policy.Record, error) bool) {
		for after := int64(0); ; {
			page, last, err := s.page(ctx, sel, after)
			if err != nil {
				yield(policy.Record{}, err)
				return
			}
			for _, r := range page {
				if !yield(r, nil) {
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

// page gives the next records behind the row after, and the row of the last.
func (s *Store) page(ctx context.Context, sel policy.Selection, after int64) (page []policy.Record, last int64, err error) {
	if s.isClosed() {
		return nil, 0, errClosed
	}
	rows, err := s.reads.QueryContext(ctx, `SELECT `+columns+`, id FROM record WHERE id > ?
		AND (? = '' OR tenant = ?) AND (? = '' OR product = ?) AND (? = '' OR edition = ?) AND (? = '' OR status = ?) AND at >= ? AND at < ?
		ORDER BY id LIMIT ?`,
		after, sel.Tenant, sel.Tenant, sel.Product, sel.Product, sel.Edition, sel.Edition, sel.Status, sel.Status,
		micros(sel.From, -1<<63), micros(sel.To, 1<<63-1), pageRows)
	if err != nil {
		return nil, 0, s.trouble(err)
	}
	defer rows.Close()
	for rows.Next() {
		r, err := scan(rows, &last)
		if err != nil {
			return nil, 0, s.trouble(err)
		}
		page = append(page, r)
	}
	if err := rows.Err(); err != nil {
		return nil, 0, s.trouble(err)
	}
	return page, last, nil
}

// micros is t as it is stored; none where it is the zero time.
func micros(t time.Time, none int64) int64 {
	if t.IsZero() {
		return none
	}
	return t.UnixMicro()
}
