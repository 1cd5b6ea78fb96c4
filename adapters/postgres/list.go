package postgres

import (
	"context"
	"iter"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/chudan-io/chudan/policy"
)

var _ policy.Lister = (*Store)(nil)

// pageKeys is how many keys are looked at in one query.
const pageKeys = 256

// List is policy.Lister's. Keys arrive in the order in which they were taken;
// of several nodes, one may commit what it took a moment later, and a listing
// that has come past it by then does not give it.
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
			if last == 0 {
				return
			}
			after = last
		}
	}
}

// page gives what is selected among the next keys behind after, and the last
// of those keys; 0 where there are none.
func (s *Store) page(ctx context.Context, sel policy.Selection, after int64) (page []policy.Record, last int64, err error) {
	err = s.read(ctx, func(ctx context.Context, pool *pgxpool.Pool) error {
		page, last = nil, 0
		// Outer, so that a page of which nothing is selected has an end too.
		rows, err := pool.Query(ctx, `SELECT k.id, r.key IS NOT NULL, k.tenant, k.identifier, coalesce(r.revision, 0), coalesce(r.status, ''), coalesce(r.number, ''),
			coalesce(r.product, ''), coalesce(r.edition, ''), coalesce(r.digest, ''), r.fingerprint, coalesce(r.at, 'epoch'), r.sealed
			FROM (SELECT * FROM chudan_key WHERE id > $1 ORDER BY id LIMIT $2) k
			LEFT JOIN LATERAL (SELECT * FROM (SELECT * FROM chudan_record WHERE key = k.id ORDER BY revision DESC LIMIT 1) l
				WHERE ($3 = '' OR k.tenant = $3) AND ($4 = '' OR product = $4) AND ($5 = '' OR edition = $5) AND ($6 = '' OR status = $6)
				AND ($7::timestamptz IS NULL OR at >= $7) AND ($8::timestamptz IS NULL OR at < $8)) r ON true
			ORDER BY k.id`,
			after, pageKeys, string(sel.Tenant), sel.Product, sel.Edition, string(sel.Status), moment(sel.From), moment(sel.To))
		if err != nil {
			return err
		}
		defer rows.Close()
		var selected bool
		for rows.Next() {
			r, err := scan(after2{rows, &last, &selected})
			if err != nil {
				return err
			}
			if selected {
				page = append(page, r)
			}
		}
		return rows.Err()
	})
	return page, last, err
}

// after2 reads two columns that stand before the others.
type after2 struct {
	pgx.Rows
	first, second any
}

// Scan is pgx.Rows's.
func (a after2) Scan(into ...any) error {
	return a.Rows.Scan(append([]any{a.first, a.second}, into...)...)
}

// moment is t as a parameter; NULL where it is the zero time.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
