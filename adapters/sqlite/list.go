package sqlite

import (
	"context"
	"database/sql"
	"iter"
	"math"
	"time"

	"github.com/chudan-io/chudan/policy"
)

var _ policy.Lister = (*Store)(nil)

// pageRows is how many rows are read before any of them is given, so that
// whoever reads slowly does not keep SQLite from shortening its log.
const pageRows = 256

// maxRuns bounds what a listing by time keeps in mind: 1 MB.
const maxRuns = 65_536

// run is the rows from one id to another, both included. Those that were
// decided within some time stand side by side, but for the few that were
// decided again later.
type run struct{ from, to int64 }

// List is policy.Lister's. Rows stand in order of arrival: what is to be
// listed is a run of them, all if need be, or several.
func (s *Store) List(ctx context.Context, sel policy.Selection) iter.Seq2[policy.Record, error] {
	return func(yield func(policy.Record, error) bool) {
		runs, more := []run{{1, math.MaxInt64}}, false
		byTime := !sel.From.IsZero() && !sel.Status.Pending()
		for after := int64(0); ; after = runs[len(runs)-1].to {
			var err error
			if byTime {
				if runs, more, err = s.decided(ctx, sel, after, maxRuns); err != nil {
					yield(policy.Record{}, err)
					return
				}
			}
			for _, r := range runs {
				if !s.give(ctx, sel, r, yield) {
					return
				}
			}
			if !more {
				return
			}
		}
	}
}

// give yields what is selected of a run, and tells whether to go on.
func (s *Store) give(ctx context.Context, sel policy.Selection, r run, yield func(policy.Record, error) bool) bool {
	for {
		page, last, err := s.page(ctx, sel, r)
		if err != nil {
			yield(policy.Record{}, err)
			return false
		}
		for _, rec := range page {
			if !yield(rec, nil) {
				return false
			}
		}
		if len(page) < pageRows || last == r.to {
			return true
		}
		r.from = last + 1
	}
}

const (
	// selected are the records of a run that a Selection selects. The + keeps the index of times out of it.
	selected = `SELECT ` + columns + `, id FROM record WHERE id BETWEEN ?1 AND ?2
		AND (?3 = '' OR tenant = ?3) AND (?4 = '' OR product = ?4) AND (?5 = '' OR edition = ?5) AND (?6 = '' OR status = ?6) AND +at >= ?7 AND +at < ?8 `

	everything = selected + `ORDER BY id LIMIT ?9`
	// pending says of the status what the index says of it, or SQLite would not know that it has them all.
	pending = selected + `AND status = ?6 AND (status = 'referred' OR status = 'accepted' OR status = 'reserved' OR status = 'booked') ORDER BY id LIMIT ?9`

	// decidedWithin reads the index of times alone. SQLite sorts ids, in a file where they are many.
	decidedWithin = `SELECT id FROM record WHERE at >= ? AND at < ? AND +id > ? ORDER BY id`
)

// page gives the first records of a run, and the row of the last.
func (s *Store) page(ctx context.Context, sel policy.Selection, r run) (page []policy.Record, last int64, err error) {
	query := everything
	if sel.Status.Pending() {
		query = pending
	}
	err = s.each(ctx, func(rows *sql.Rows) (more bool, err error) {
		one, err := scan(rows, &last)
		page = append(page, one)
		return true, err
	}, query, r.from, r.to, sel.Tenant, sel.Product, sel.Edition, sel.Status, micros(sel.From, math.MinInt64), micros(sel.To, math.MaxInt64), pageRows)
	return page, last, err
}

// decided gives the rows behind the row after that were decided between From
// and To: so many runs of them, and whether there are more.
func (s *Store) decided(ctx context.Context, sel policy.Selection, after int64, limit int) (runs []run, more bool, err error) {
	err = s.each(ctx, func(rows *sql.Rows) (bool, error) {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return false, err
		}
		if n := len(runs); n > 0 && runs[n-1].to == id-1 {
			runs[n-1].to = id
			return true, nil
		}
		if more = len(runs) == limit; !more {
			runs = append(runs, run{id, id})
		}
		return !more, nil
	}, decidedWithin, micros(sel.From, math.MinInt64), micros(sel.To, math.MaxInt64), after)
	return runs, more, err
}

// each calls take for each row of a query, as long as it wants more.
func (s *Store) each(ctx context.Context, take func(*sql.Rows) (more bool, err error), query string, args ...any) error {
	if s.isClosed() {
		return errClosed
	}
	rows, err := s.reads.QueryContext(ctx, query, args...)
	if err != nil {
		return s.trouble(err)
	}
	defer rows.Close()
	for rows.Next() {
		if more, err := take(rows); err != nil {
			return s.trouble(err)
		} else if !more {
			return nil
		}
	}
	if err := rows.Err(); err != nil {
		return s.trouble(err)
	}
	return nil
}

// micros is t as it is stored; none where it is the zero time.
func micros(t time.Time, none int64) int64 {
	if t.IsZero() {
		return none
	}
	return t.UnixMicro()
}
