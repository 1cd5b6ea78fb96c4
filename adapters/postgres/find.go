package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/chudan-io/chudan/policy"
)

// recordColumns are what scan reads, of a key k and a record r.
const recordColumns = `k.tenant, k.identifier, r.revision, r.status, coalesce(r.number, ''), r.product, r.edition, r.digest, r.fingerprint, r.at, r.sealed, r.erased`

// latestRecord joins to a key k the record that it has now.
const latestRecord = `CROSS JOIN LATERAL (SELECT * FROM chudan_record WHERE key = k.id ORDER BY revision DESC LIMIT 1) r`

const (
	byKey    = `SELECT ` + recordColumns + ` FROM chudan_key k ` + latestRecord + ` WHERE k.identifier = $1 AND k.tenant = $2`
	byNumber = `SELECT ` + recordColumns + ` FROM chudan_record r JOIN chudan_key k ON k.id = r.key WHERE r.number = $1`
	byClaim  = `SELECT ` + recordColumns + ` FROM chudan_claim c JOIN chudan_key k ON k.identifier = c.identifier AND k.tenant = c.tenant ` +
		latestRecord + ` WHERE c.value = $1 AND c.path = $2 AND c.tenant = $3`
)

// Find is policy.Store's.
func (s *Store) Find(ctx context.Context, k policy.Key) (policy.Record, error) {
	return s.record(ctx, byKey, k.Identifier, string(k.Tenant))
}

// Policy is policy.Store's.
func (s *Store) Policy(ctx context.Context, number string) (policy.Record, error) {
	return s.record(ctx, byNumber, number)
}

// FindUnique is policy.UniqueFinder's.
func (s *Store) FindUnique(ctx context.Context, t policy.Tenant, b policy.BusinessKey) (policy.Record, error) {
	return s.record(ctx, byClaim, b.Value, b.Path, string(t))
}

func (s *Store) record(ctx context.Context, query string, words ...string) (r policy.Record, err error) {
	if !storable(words...) {
		return policy.Record{}, policy.ErrNotFound // no such thing was ever kept
	}
	err = s.read(ctx, func(ctx context.Context, pool *pgxpool.Pool) error {
		r, err = scan(pool.QueryRow(ctx, query, arguments(words)...))
		return err
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return policy.Record{}, policy.ErrNotFound
	}
	return r, err
}

func arguments(words []string) []any {
	args := make([]any, len(words))
	for i, w := range words {
		args[i] = w
	}
	return args
}

// scan reads the columns, and into more what stands behind them.
func scan(row interface{ Scan(into ...any) error }, more ...any) (r policy.Record, err error) {
	var erased *time.Time
	err = row.Scan(append([]any{
		&r.Key.Tenant, &r.Key.Identifier, &r.Revision, &r.Status, &r.Number,
		&r.Product, &r.Edition, &r.Digest, &r.Fingerprint, &r.At, &r.Sealed, &erased,
	}, more...)...)
	r.At = r.At.UTC()
	if erased != nil {
		r.ErasedAt = erased.UTC()
	}
	return r, err
}

// read runs a query, a second time where its connection turned out to be
// broken: a server that was started anew has broken all of them.
func (s *Store) read(ctx context.Context, query func(context.Context, *pgxpool.Pool) error) error {
	return s.over(ctx, s.reads, query)
}

func (s *Store) over(ctx context.Context, pool *pgxpool.Pool, do func(context.Context, *pgxpool.Pool) error) error {
	if s.isClosed() {
		return errClosed
	}
	return s.finish(ctx, pool, do)
}

// finish is for what was accepted before Close.
func (s *Store) finish(ctx context.Context, pool *pgxpool.Pool, do func(context.Context, *pgxpool.Pool) error) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("postgres: %w", err)
	}
	if err := s.outage.err(); err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, s.config.grace())
	defer cancel()
	err := do(limited, pool)
	if err != nil && breaks(err) && limited.Err() == nil {
		pool.Reset()
		err = do(limited, pool)
	}
	changed := (*policy.EditionChangedError)(nil)
	switch {
	case err == nil, errors.Is(err, pgx.ErrNoRows), errors.As(err, &changed):
		return err
	case ctx.Err() != nil:
		return fmt.Errorf("postgres: ended while waiting for the database: %w", ctx.Err())
	case s.isClosed():
		return errClosed
	case breaks(err) && code(err) != "53300": // others may still have theirs
		return s.outage.begin(err)
	}
	return s.trouble(err)
}

// breaks tells that an error is the connection's.
func breaks(err error) bool {
	changed := (*policy.EditionChangedError)(nil)
	return isLost(err) && !errors.Is(err, pgx.ErrNoRows) && !errors.As(err, &changed)
}
