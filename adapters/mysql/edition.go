package mysql

import (
	"context"
	"time"

	"github.com/chudan-io/chudan/policy"
)

var _ policy.Archive = (*Store)(nil)

// KeepEdition is policy.Archive's. Whoever comes second, at once or later, finds
// the edition by its primary key.
func (s *Store) KeepEdition(ctx context.Context, e policy.ArchivedEdition) error {
	var kept string
	err := s.write(ctx, func(ctx context.Context) error {
		_, err := s.writes.ExecContext(ctx, `INSERT INTO chudan_edition (product, edition, digest, source, at) VALUES (?, ?, ?, ?, ?)`,
			[]byte(e.Product), []byte(e.Edition), []byte(e.Digest), blob(e.Source), e.At.UnixMicro())
		if err != nil && number(err) != duplicate {
			return err
		}
		return s.reads.QueryRowContext(ctx, `SELECT digest FROM chudan_edition WHERE product = ? AND edition = ?`, []byte(e.Product), []byte(e.Edition)).Scan(&kept)
	})
	if err == nil && kept != e.Digest {
		err = &policy.EditionChangedError{Product: e.Product, Edition: e.Edition, Kept: kept, Digest: e.Digest}
	}
	return err
}

// KeptEdition is policy.Archive's.
func (s *Store) KeptEdition(ctx context.Context, digest string) (policy.ArchivedEdition, error) {
	e := policy.ArchivedEdition{Digest: digest}
	err := s.read(ctx, func(ctx context.Context) error {
		var at int64
		err := s.reads.QueryRowContext(ctx, `SELECT product, edition, source, at FROM chudan_edition WHERE digest = ? LIMIT 1`, []byte(digest)).
			Scan(&e.Product, &e.Edition, &e.Source, &at)
		e.At = time.UnixMicro(at).UTC()
		return err
	})
	if err != nil {
		return policy.ArchivedEdition{}, err
	}
	return e, nil
}

// KeptEditions is policy.Archive's.
func (s *Store) KeptEditions(ctx context.Context) (all []policy.ArchivedEdition, err error) {
	err = s.read(ctx, func(ctx context.Context) error {
		all = nil
		rows, err := s.reads.QueryContext(ctx, `SELECT product, edition, digest, at FROM chudan_edition ORDER BY product, edition`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var e policy.ArchivedEdition
			var at int64
			if err := rows.Scan(&e.Product, &e.Edition, &e.Digest, &at); err != nil {
				return err
			}
			e.At = time.UnixMicro(at).UTC()
			all = append(all, e)
		}
		return rows.Err()
	})
	return all, err
}
