package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/chudan-io/chudan/policy"
)

// columns are what scan reads.
const columns = `record.tenant, identifier, revision, status, coalesce(number, ''), product, edition, digest, fingerprint, at, sealed, erased`

// Find is policy.Store's.
func (s *Store) Find(ctx context.Context, k policy.Key) (policy.Record, error) {
	return s.record(ctx, s.byKey, k.Identifier, k.Tenant)
}

// Policy is policy.Store's.
func (s *Store) Policy(ctx context.Context, number string) (policy.Record, error) {
	return s.record(ctx, s.byNumber, number)
}

// FindUnique is policy.UniqueFinder's.
func (s *Store) FindUnique(ctx context.Context, t policy.Tenant, b policy.BusinessKey) (policy.Record, error) {
	return s.record(ctx, s.byClaim, b.Value, b.Path, t)
}

// lookups are the statements that find a record.
type lookups struct{ byKey, byNumber, byClaim *sql.Stmt }

func (l *lookups) statements() []statement {
	return []statement{
		{&l.byKey, `SELECT ` + columns + ` FROM record WHERE identifier = ? AND tenant = ?`},
		{&l.byNumber, `SELECT ` + columns + ` FROM record WHERE number = ?`},
		{&l.byClaim, `SELECT ` + columns + ` FROM claim JOIN record ON record.id = claim.record WHERE value = ? AND path = ? AND claim.tenant = ?`},
	}
}

// queries are the statements of the connections that read.
func (s *Store) queries() []statement {
	return append(s.lookups.statements(), statement{&s.unpublished, free}, statement{&s.sums, sumsOf})
}

func (s *Store) record(ctx context.Context, by *sql.Stmt, args ...any) (policy.Record, error) {
	if s.isClosed() {
		return policy.Record{}, errClosed
	}
	return s.lookup(ctx, by, args...)
}

func (s *Store) lookup(ctx context.Context, by *sql.Stmt, args ...any) (policy.Record, error) {
	r, err := scan(by.QueryRowContext(ctx, args...))
	if errors.Is(err, sql.ErrNoRows) {
		return policy.Record{}, policy.ErrNotFound
	}
	if err != nil {
		return policy.Record{}, s.trouble(err)
	}
	return r, nil
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
