package postgres

import (
	"context"
	"iter"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/chudan-io/chudan/policy"
)

var _ policy.Lister = (*Store)(nil)

const (
	pageKeys = 256 // keys whose records are read in one query

	// A block is 4096 keys that arrived one after the other (key >> 12). Of 16 million keys one query tells which
	// blocks have something of a time.
	spanBlocks = 4096

	keysAfter    = `SELECT id FROM chudan_key WHERE id > $1 ORDER BY id LIMIT $2`
	pendingAfter = `SELECT key FROM chudan_pending WHERE key > $1 ORDER BY key LIMIT $2`

	lastBlock = `SELECT id >> 12 FROM chudan_key ORDER BY id DESC LIMIT 1`
	// Lateral with a limit, so that each block costs one look into the index, however much it has.
	blocksBetween = `SELECT b FROM generate_series($1::bigint, $2) b CROSS JOIN LATERAL (SELECT FROM chudan_record
		WHERE key >> 12 = b AND at >= coalesce($3::timestamptz, '-infinity') AND at < coalesce($4::timestamptz, 'infinity') LIMIT 1) r ORDER BY b`
	keysBetween = `SELECT DISTINCT key FROM chudan_record
		WHERE key >> 12 = $1 AND at >= coalesce($2::timestamptz, '-infinity') AND at < coalesce($3::timestamptz, 'infinity') ORDER BY key`

	selectedOf = `SELECT ` + recordColumns + ` FROM unnest($1::bigint[]) n (id) JOIN chudan_key k USING (id) ` + latestRecord + `
		WHERE ($2 = '' OR k.tenant = $2) AND ($3 = '' OR r.product = $3) AND ($4 = '' OR r.edition = $4) AND ($5 = '' OR r.status = $5)
		AND ($6::timestamptz IS NULL OR r.at >= $6) AND ($7::timestamptz IS NULL OR r.at < $7) ORDER BY k.id`
)

// List is policy.Lister's. Keys arrive in the order in which they were taken;
// of several nodes, one may commit what it took a moment later, and a listing
// that has come past it by then does not give it.
func (s *Store) List(ctx context.Context, sel policy.Selection) iter.Seq2[policy.Record, error] {
	return func(yield func(policy.Record, error) bool) {
		for keys, err := range s.keys(ctx, &sel) {
			var page []policy.Record
			if err == nil {
				page, err = collect(ctx, s, func(row pgx.CollectableRow) (policy.Record, error) { return scan(row) }, selectedOf,
					keys, string(sel.Tenant), sel.Product, sel.Edition, string(sel.Status), moment(sel.From), moment(sel.To))
			}
			if err != nil {
				yield(policy.Record{}, err)
				return
			}
			for _, r := range page {
				if !yield(r, nil) {
					return
				}
			}
		}
	}
}

// keys gives, pageKeys of them at a time, keys among which are all those whose
// records are selected.
func (s *Store) keys(ctx context.Context, sel *policy.Selection) iter.Seq2[[]int64, error] {
	switch {
	case sel.Status.Pending():
		return s.keyPages(ctx, pendingAfter)
	case !sel.From.IsZero() || !sel.To.IsZero():
		return s.keysOfTime(ctx, moment(sel.From), moment(sel.To))
	}
	return s.keyPages(ctx, keysAfter)
}

// keyPages gives the pages of a query that goes on behind the last key.
func (s *Store) keyPages(ctx context.Context, query string) iter.Seq2[[]int64, error] {
	return func(yield func([]int64, error) bool) {
		for last := int64(0); ; {
			keys, err := collect(ctx, s, pgx.RowTo[int64], query, last, pageKeys)
			if err != nil || len(keys) == 0 {
				if err != nil {
					yield(nil, err)
				}
				return
			}
			if !yield(keys, nil) || len(keys) < pageKeys {
				return
			}
			last = keys[len(keys)-1]
		}
	}
}

// keysOfTime gives the keys with a record from that time, block by block.
func (s *Store) keysOfTime(ctx context.Context, from, to *time.Time) iter.Seq2[[]int64, error] {
	return func(yield func([]int64, error) bool) {
		last, err := collect(ctx, s, pgx.RowTo[int64], lastBlock)
		for first := int64(0); err == nil && len(last) > 0 && first <= last[0]; first += spanBlocks {
			var blocks []int64
			blocks, err = collect(ctx, s, pgx.RowTo[int64], blocksBetween, first, min(first+spanBlocks-1, last[0]), from, to)
			for _, b := range blocks {
				keys, trouble := collect(ctx, s, pgx.RowTo[int64], keysBetween, b, from, to)
				if trouble != nil {
					yield(nil, trouble)
					return
				}
				for page := range slices.Chunk(keys, pageKeys) {
					if !yield(page, nil) {
						return
					}
				}
			}
		}
		if err != nil {
			yield(nil, err)
		}
	}
}

// collect reads all rows of a query.
func collect[T any](ctx context.Context, s *Store, to pgx.RowToFunc[T], query string, args ...any) (all []T, err error) {
	err = s.read(ctx, func(ctx context.Context, pool *pgxpool.Pool) error {
		rows, err := pool.Query(ctx, query, args...)
		if err != nil {
			return err
		}
		all, err = pgx.CollectRows(rows, to)
		return err
	})
	return all, err
}

// moment is t as a parameter; NULL where it is the zero time.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
