package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/chudan-io/chudan/policy"
)

var _ policy.Archive = (*Store)(nil)

// KeepEdition is policy.Archive's. It may be repeated, so that a COMMIT which
// nobody answered is no more than that.
func (s *Store) KeepEdition(ctx context.Context, e policy.ArchivedEdition) error {
	if !storable(e.Product, e.Edition, e.Digest) {
		return errText
	}
	return s.read(ctx, func(ctx context.Context, pool *pgxpool.Pool) error {
		_, err := pool.Exec(ctx, `INSERT INTO chudan_edition (product, edition, digest, source, at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
			e.Product, e.Edition, e.Digest, blob(e.Source), e.At)
		if err != nil {
			return err
		}
		var kept string
		err = pool.QueryRow(ctx, `SELECT digest FROM chudan_edition WHERE product = $1 AND edition = $2`, e.Product, e.Edition).Scan(&kept)
		if err == nil && kept != e.Digest {
			err = &policy.EditionChangedError{Product: e.Product, Edition: e.Edition, Kept: kept, Digest: e.Digest}
		}
		return err
	})
}

// KeptEdition is policy.Archive's.
func (s *Store) KeptEdition(ctx context.Context, digest string) (policy.ArchivedEdition, error) {
	e := policy.ArchivedEdition{Digest: digest}
	if !storable(digest) {
		return policy.ArchivedEdition{}, policy.ErrNotFound
	}
	err := s.read(ctx, func(ctx context.Context, pool *pgxpool.Pool) error {
		return pool.QueryRow(ctx, `SELECT product, edition, source, at FROM chudan_edition WHERE digest = $1 LIMIT 1`, digest).
			Scan(&e.Product, &e.Edition, &e.Source, &e.At)
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return policy.ArchivedEdition{}, policy.ErrNotFound
	}
	if err != nil {
		return policy.ArchivedEdition{}, err
	}
	e.At = e.At.UTC()
	return e, nil
}

// KeptEditions is policy.Archive's.
func (s *Store) KeptEditions(ctx context.Context) (all []policy.ArchivedEdition, err error) {
	err = s.read(ctx, func(ctx context.Context, pool *pgxpool.Pool) error {
		rows, err := pool.Query(ctx, `SELECT product, edition, digest, at FROM chudan_edition ORDER BY product, edition`)
		if err != nil {
			return err
		}
		all, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (e policy.ArchivedEdition, err error) {
			err = row.Scan(&e.Product, &e.Edition, &e.Digest, &e.At)
			e.At = e.At.UTC()
			return e, err
		})
		return err
	})
	return all, err
}
