package mysql

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"github.com/chudan-io/chudan/policy"
)

var (
	_ policy.Store        = (*Store)(nil)
	_ policy.UniqueFinder = (*Store)(nil)
)

// columns are what scan reads. Their names need their table's where claim has them too.
const columns = `chudan_record.tenant, identifier, revision, status, coalesce(number, ''), product, edition, digest, fingerprint, at, sealed, erased`

// Each statement finds its rows by an index.
const (
	byKey    = `SELECT ` + columns + ` FROM chudan_record WHERE identifier = ? AND tenant = ?`
	byNumber = `SELECT ` + columns + ` FROM chudan_record WHERE number = ?`
	byClaim  = `SELECT ` + columns + ` FROM chudan_claim JOIN chudan_record ON chudan_record.id = chudan_claim.record WHERE value = ? AND path = ? AND chudan_claim.tenant = ?`
)

// keysQuery looks n keys up. It is an OR of equalities, the form that needs no
// optimization of its own to be read by an index, as lists of pairs do.
func keysQuery(n int) string {
	return `SELECT ` + columns + `, id FROM chudan_record WHERE ` + either("(identifier = ? AND tenant = ?)", n)
}

// claimsQuery looks n business keys up.
func claimsQuery(n int) string {
	return `SELECT value, path, tenant, record FROM chudan_claim WHERE ` + either("(value = ? AND path = ? AND tenant = ?)", n)
}

// Find is policy.Store's.
func (s *Store) Find(ctx context.Context, k policy.Key) (policy.Record, error) {
	return s.record(ctx, byKey, []byte(k.Identifier), []byte(k.Tenant))
}

// Policy is policy.Store's.
func (s *Store) Policy(ctx context.Context, number string) (policy.Record, error) {
	return s.record(ctx, byNumber, []byte(number))
}

// FindUnique is policy.UniqueFinder's.
func (s *Store) FindUnique(ctx context.Context, t policy.Tenant, b policy.BusinessKey) (policy.Record, error) {
	return s.record(ctx, byClaim, []byte(b.Value), []byte(b.Path), []byte(t))
}

func (s *Store) record(ctx context.Context, query string, args ...any) (r policy.Record, err error) {
	err = s.read(ctx, func(ctx context.Context) (err error) {
		r, err = scan(s.reads.QueryRowContext(ctx, query, args...))
		return err
	})
	return r, err
}

// read looks something up within the time that the server is given. What broke
// with its connection is tried again: reading twice does no harm.
func (s *Store) read(ctx context.Context, look func(context.Context) error) error {
	if err := s.ready(ctx); err != nil {
		return err
	}
	bounded, cancel := s.within(ctx)
	defer cancel()
	err := look(bounded)
	if broken(err) && bounded.Err() == nil {
		err = look(bounded)
	}
	if errors.Is(err, sql.ErrNoRows) {
		return policy.ErrNotFound
	}
	if err != nil {
		return s.failed(ctx, err)
	}
	return nil
}

// ready tells whether there is any use in asking.
func (s *Store) ready(ctx context.Context) error {
	if s.isClosed() {
		return errClosed
	}
	if ctx.Err() != nil {
		return s.trouble(ctx, ctx.Err())
	}
	return s.outage.err()
}

// scan reads the columns, and into more what stands behind them.
func scan(row interface{ Scan(into ...any) error }, more ...any) (r policy.Record, err error) {
	var at int64
	var erased sql.NullInt64
	err = row.Scan(append([]any{
		&r.Key.Tenant, &r.Key.Identifier, &r.Revision, &r.Status, &r.Number,
		&r.Product, &r.Edition, &r.Digest, &r.Fingerprint, &at, &r.Sealed, &erased,
	}, more...)...)
	r.At = time.UnixMicro(at).UTC()
	if erased.Valid {
		r.ErasedAt = time.UnixMicro(erased.Int64).UTC()
	}
	return r, err
}

// lookUp reads what is there under the keys and business keys of drafts, with
// one statement each, and what is in force for their subjects.
func (t *transaction) lookUp(ctx context.Context, drafts []*policy.Draft) error {
	var keys, claims []any
	for _, d := range drafts {
		keys = append(keys, []byte(d.Key.Identifier), []byte(d.Key.Tenant))
		for _, b := range d.Unique {
			claims = append(claims, []byte(b.Value), []byte(b.Path), []byte(d.Key.Tenant))
		}
	}
	if err := t.each(ctx, keysQuery(len(drafts))+t.locking, keys, func(rows *sql.Rows) error {
		var id int64
		r, err := scan(rows, &id)
		t.known[r.Key] = kept{id: id, record: r}
		return err
	}); err != nil {
		return err
	}
	if err := t.lookUpSums(ctx, drafts); err != nil || len(claims) == 0 {
		return err
	}
	return t.each(ctx, claimsQuery(len(claims)/3)+t.locking, claims, func(rows *sql.Rows) error {
		var c claim
		var holder int64
		err := rows.Scan(&c.key.Value, &c.key.Path, &c.tenant, &holder)
		t.taken[c] = holder
		return err
	})
}

// either is one condition for each of n.
func either(condition string, n int) string { return strings.Repeat(condition+" OR ", n-1) + condition }

func (t *transaction) each(ctx context.Context, query string, args []any, scan func(*sql.Rows) error) error {
	rows, err := t.run.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
