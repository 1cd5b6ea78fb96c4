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
		if err := s.list(ctx, sel, func(r policy.Record) bool { return yield(r, nil) }); err != nil {
			yield(policy.Record{}, err)
		}
	}
}

// give takes a record of a listing, and tells whether there may be more.
type give func(policy.Record) bool

// list reads by the index that leaves out most.
func (s *Store) list(ctx context.Context, sel policy.Selection, give give) error {
	c := selected(sel)
	switch {
	case sel.Status.Pending():
		return s.walk(ctx, byStatus, c, 0, give)
	case sel.From.IsZero():
		return s.walk(ctx, byArrival, c, 0, give)
	}
	found, err := s.span(ctx, sel)
	switch {
	case err != nil:
		return err
	case found.scattered():
		return s.gather(ctx, sel, c, give)
	}
	c.add("id <= ?", found.last)
	return s.walk(ctx, byArrival, c, found.first-1, give)
}

// The indexes are named, because a server that sorts by id likes to read all
// records in the order of their ids instead.
const (
	byArrival = `FORCE INDEX (PRIMARY)`
	byStatus  = `FORCE INDEX (record_status)`
)

func pageQuery(index string, c *conditions) string {
	return `SELECT ` + columns + `, id FROM chudan_record ` + index + ` WHERE ` + c.String() + ` AND id > ? ORDER BY id LIMIT ?`
}

// walk gives the records that meet conditions, in order of arrival, from the one
// behind the row after.
func (s *Store) walk(ctx context.Context, index string, c conditions, after int64, give give) error {
	query := pageQuery(index, &c)
	for {
		page, last, err := s.page(ctx, query, append(c.args[:len(c.args):len(c.args)], after, pageRows)...)
		if err != nil {
			return err
		}
		for _, r := range page {
			if !give(r) {
				return nil
			}
		}
		if len(page) < pageRows {
			return nil
		}
		after = last
	}
}

// page gives the records that a query finds, and the row of the last.
func (s *Store) page(ctx context.Context, query string, args ...any) (page []policy.Record, last int64, err error) {
	err = s.read(ctx, func(ctx context.Context) error {
		page = nil
		rows, err := s.reads.QueryContext(ctx, query, args...)
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

// conditions are what rows have to meet, all of them.
type conditions struct {
	all  []string
	args []any
}

func (c *conditions) String() string {
	return strings.Join(append([]string{"TRUE"}, c.all...), " AND ")
}

func (c *conditions) add(condition string, args ...any) {
	c.all, c.args = append(c.all, condition), append(c.args, args...)
}

// equal is for a column of text; "" asks for nothing.
func (c *conditions) equal(column, value string) {
	if value != "" {
		c.add(column+" = ?", []byte(value))
	}
}

func selected(sel policy.Selection) (c conditions) {
	c.equal("tenant", string(sel.Tenant))
	c.equal("product", sel.Product)
	c.equal("edition", sel.Edition)
	c.equal("status", string(sel.Status))
	c.between(sel.From, sel.To)
	return c
}
