package mysql

import (
	"context"
	"iter"
	"strings"

	"github.com/chudan-io/chudan/policy"
)

var _ policy.Lister = (*Store)(nil)

// pageRows is how many records are read before any of them is given, so that
// whoever reads slowly keeps no connection.
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
	where, args := conditions(sel, after)
	query := pageQuery(where)
	err = s.read(ctx, func(ctx context.Context) error {
		page = nil
		rows, err := s.reads.QueryContext(ctx, query, append(args, pageRows)...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			r, err := scan(rows, &last)
			if err != nil {
				return err
			}
			page = append(page, r)
		}
		return rows.Err()
	})
	return page, last, err
}

func pageQuery(where string) string {
	return `SELECT ` + columns + `, id FROM chudan_record WHERE ` + where + ` ORDER BY id LIMIT ?`
}

func conditions(sel policy.Selection, after int64) (where string, args []any) {
	all := []string{"id > ?"}
	args = []any{after}
	add := func(given bool, condition string, arg any) {
		if given {
			all, args = append(all, condition), append(args, arg)
		}
	}
	add(sel.Tenant != "", "tenant = ?", []byte(sel.Tenant))
	add(sel.Product != "", "product = ?", []byte(sel.Product))
	add(sel.Edition != "", "edition = ?", []byte(sel.Edition))
	add(sel.Status != "", "status = ?", []byte(sel.Status))
	add(!sel.From.IsZero(), "at >= ?", sel.From.UnixMicro())
	add(!sel.To.IsZero(), "at < ?", sel.To.UnixMicro())
	return strings.Join(all, " AND "), args
}
