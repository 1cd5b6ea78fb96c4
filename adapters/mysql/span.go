package mysql

import (
	"context"
	"database/sql"
	"math"
	"time"

	"github.com/chudan-io/chudan/policy"
)

// span is where the records of a time stand among all, which are kept in order
// of arrival. Mostly they stand side by side; one that was referred for weeks
// stands far from the others of its day.
type span struct{ first, last, rows int64 }

// How much is read at once of an index, which holds no more than an id and a
// time: to find a span, and of the ids in it.
const (
	spanRows   = 100_000
	gatherRows = 16_384
)

// scattered tells whether the records are found sooner one by one than by
// reading everything from the first to the last. One by one, the entries of the
// index are read once for each gatherRows of them, and cost a fraction of what a
// record does.
func (s *span) scattered() bool {
	n := float64(s.rows)
	return float64(s.last-s.first) >= max(4*n, n*n/(4*gatherRows))
}

const spanQuery = `SELECT count(*), coalesce(min(id), 0), coalesce(max(id), 0), coalesce(max(at), 0) FROM
	(SELECT id, at FROM chudan_record FORCE INDEX (record_at) WHERE at >= ? AND at < ? ORDER BY at LIMIT ?) AS part`

// span finds it in the index alone, in parts, so that no query of it is long.
func (s *Store) span(ctx context.Context, sel policy.Selection) (found span, err error) {
	from, to := limits(sel.From, sel.To)
	found.first = math.MaxInt64
	for {
		var part span
		var latest int64
		err := s.read(ctx, func(ctx context.Context) error {
			return s.reads.QueryRowContext(ctx, spanQuery, from, to, spanRows).Scan(&part.rows, &part.first, &part.last, &latest)
		})
		if err != nil {
			return found, err
		}
		if part.rows > 0 {
			found = span{min(found.first, part.first), max(found.last, part.last), found.rows + part.rows}
		}
		switch {
		case part.rows < spanRows:
			return found, nil
		case latest == from: // all of one moment: there is no telling where the rest of it stands
			return span{1, math.MaxInt64, math.MaxInt64}, nil
		}
		from = latest // its records may be counted twice; where they stand is what matters
	}
}

func (c *conditions) between(from, to time.Time) {
	if !from.IsZero() {
		c.add("at >= ?", from.UnixMicro())
	}
	if !to.IsZero() {
		c.add("at < ?", to.UnixMicro())
	}
}

// limits are those of a time that may be open, in microseconds.
func limits(from, to time.Time) (first, end int64) {
	first, end = math.MinInt64, math.MaxInt64
	if !from.IsZero() {
		first = from.UnixMicro()
	}
	if !to.IsZero() {
		end = to.UnixMicro()
	}
	return first, end
}

const idsQuery = `SELECT id FROM chudan_record FORCE INDEX (record_at) WHERE at >= ? AND at < ? AND id > ? ORDER BY id LIMIT ?`

func gatherQuery(n int, c *conditions) string {
	return `SELECT ` + columns + `, id FROM chudan_record FORCE INDEX (PRIMARY) WHERE ` + c.String() + ` AND id IN ` + places(n, 1) + ` ORDER BY id`
}

// gather gives scattered records one by one, in order of arrival.
func (s *Store) gather(ctx context.Context, sel policy.Selection, c conditions, give give) error {
	for after := any(int64(0)); ; {
		ids, err := s.ids(ctx, sel, after)
		if err != nil || len(ids) == 0 {
			return err
		}
		after = ids[len(ids)-1]
		for len(ids) > 0 {
			some := ids[:min(pageRows, len(ids))]
			ids = ids[len(some):]
			page, _, err := s.page(ctx, gatherQuery(len(some), &c), append(c.args[:len(c.args):len(c.args)], some...)...)
			if err != nil {
				return err
			}
			for _, r := range page {
				if !give(r) {
					return nil
				}
			}
		}
	}
}

// ids are those of the next records of a time, in order of arrival.
func (s *Store) ids(ctx context.Context, sel policy.Selection, after any) (ids []any, err error) {
	from, to := limits(sel.From, sel.To)
	err = s.read(ctx, func(ctx context.Context) error {
		rows, err := s.reads.QueryContext(ctx, idsQuery, from, to, after, gatherRows)
		if err != nil {
			return err
		}
		ids, err = scanIDs(rows)
		return err
	})
	return ids, err
}

func scanIDs(rows *sql.Rows) (ids []any, err error) {
	defer rows.Close()
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}
