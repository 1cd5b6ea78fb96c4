package postgres

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/chudan-io/chudan/policy"
)

var _ policy.Journal = (*Store)(nil)

const (
	visitsBehind = `(at, id) > (coalesce($1::timestamptz, '-infinity'), $2) AND at < coalesce($3::timestamptz, 'infinity') ORDER BY at, id LIMIT $4`

	visitsAfter        = `SELECT at, id FROM chudan_visit WHERE ` + visitsBehind
	visitsOfReference  = `SELECT at, id FROM chudan_visit WHERE reference = $5 AND ` + visitsBehind
	visitsOfIdentifier = `SELECT at, id FROM chudan_visit WHERE identifier = $5 AND ` + visitsBehind

	selectedVisits = `SELECT at, tenant, identifier, reference, code, product, edition, digest, replayed, sealed FROM chudan_visit
		WHERE id = ANY ($1) AND ($2 = '' OR tenant = $2) AND ($3 = '' OR identifier = $3) AND ($4 = '' OR reference = $4)
		AND ($5 = '' OR product = $5) AND ($6 = '' OR code = $6) ORDER BY at, id`

	forgetVisits = `DELETE FROM chudan_visit WHERE id = ANY (ARRAY(SELECT id FROM chudan_visit WHERE at < $1 ORDER BY at, id LIMIT $2))`
)

// visitPlace is where a visit stands: oldest first, and as they came.
type visitPlace struct {
	at *time.Time // nil before all
	id int64
}

// Visits is policy.Journal's. Of several nodes, one may enter an older visit a
// moment later, and whoever has come past it by then is not given it.
func (s *Store) Visits(ctx context.Context, sel policy.VisitSelection) iter.Seq2[policy.Visit, error] {
	return func(yield func(policy.Visit, error) bool) {
		last := visitPlace{at: moment(sel.From)}
		for more := true; more; {
			ids, err := s.visitIDs(ctx, &sel, &last)
			more = len(ids) == pageKeys
			var page []policy.Visit
			if err == nil {
				page, err = collect(ctx, s, scanVisit, selectedVisits, ids, string(sel.Tenant), sel.Identifier, sel.Reference, sel.Product, sel.Code)
			}
			if err != nil {
				yield(policy.Visit{}, err)
				return
			}
			for _, v := range page {
				if !yield(v, nil) {
					return
				}
			}
		}
	}
}

// visitIDs gives the next visits among which the selected ones are, by what
// leaves the fewest of them, and moves last on.
func (s *Store) visitIDs(ctx context.Context, sel *policy.VisitSelection, last *visitPlace) ([]int64, error) {
	if !storable(string(sel.Tenant), sel.Identifier, sel.Reference, sel.Product, sel.Code) {
		return nil, s.read(ctx, func(context.Context, *pgxpool.Pool) error { return nil }) // no such thing was ever entered
	}
	query, args := visitsAfter, []any{last.at, last.id, moment(sel.To), pageKeys}
	switch {
	case sel.Reference != "":
		query, args = visitsOfReference, append(args, sel.Reference)
	case sel.Identifier != "":
		query, args = visitsOfIdentifier, append(args, sel.Identifier)
	}
	places, err := collect(ctx, s, func(row pgx.CollectableRow) (p visitPlace, err error) {
		err = row.Scan(&p.at, &p.id)
		return p, err
	}, query, args...)
	ids := make([]int64, len(places))
	for i, p := range places {
		ids[i], *last = p.id, p
	}
	return ids, err
}

func scanVisit(row pgx.CollectableRow) (v policy.Visit, err error) {
	err = row.Scan(&v.At, &v.Key.Tenant, &v.Key.Identifier, &v.Reference, &v.Code, &v.Product, &v.Edition, &v.Digest, &v.Replayed, &v.Sealed)
	v.At = v.At.UTC()
	return v, err
}

// Forget is policy.Journal's. It takes the right to DELETE from chudan_visit,
// which whoever serves can do without.
func (s *Store) Forget(ctx context.Context, before time.Time, limit int) (n int, err error) {
	err = s.read(ctx, func(ctx context.Context, pool *pgxpool.Pool) error {
		tag, err := pool.Exec(ctx, forgetVisits, before, max(limit, 0))
		n += int(tag.RowsAffected())
		return err
	})
	if code(err) == "42501" {
		return n, fmt.Errorf("postgres: %s: this user may not delete visits; let another one forget them, or GRANT DELETE ON chudan_visit: %w (%w)",
			s.where, policy.ErrUnavailable, plain(err))
	}
	return n, err
}
