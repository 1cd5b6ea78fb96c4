package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/chudan-io/chudan/policy"
)

var _ policy.Archive = (*Store)(nil)

// KeepEdition is policy.Archive's. It happens once for an edition and a
// process, so that it takes a connection of its own instead of the writer's.
func (s *Store) KeepEdition(ctx context.Context, e policy.ArchivedEdition) error {
	s.keeping.Lock()
	defer s.keeping.Unlock()
	if s.isClosed() {
		return errClosed
	}
	err := s.keepEdition(ctx, e)
	if changed := (*policy.EditionChangedError)(nil); err == nil || errors.As(err, &changed) {
		return err
	}
	return s.trouble(err)
}

func (s *Store) keepEdition(ctx context.Context, e policy.ArchivedEdition) (err error) {
	// One that is there needs no lock, which a host's own transaction may hold.
	if err := checkEdition(ctx, s.reads, e); !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	db, err := s.config.connectWriter()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := verify(ctx, db, pragma{"journal_mode", "wal"}, pragma{"synchronous", "2"}); err != nil {
		return err
	}
	return insertEdition(ctx, db, e)
}

// executor is a pool, a connection or a transaction.
type executor interface {
	querier
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

func insertEdition(ctx context.Context, db executor, e policy.ArchivedEdition) error {
	_, err := db.ExecContext(ctx, `INSERT INTO edition (product, edition, digest, source, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		e.Product, e.Edition, e.Digest, blob(e.Source), e.At.UnixMicro())
	if err != nil {
		return err
	}
	return checkEdition(ctx, db, e)
}

// checkEdition answers sql.ErrNoRows where no such edition is kept.
func checkEdition(ctx context.Context, db querier, e policy.ArchivedEdition) error {
	var kept string
	err := db.QueryRowContext(ctx, `SELECT digest FROM edition WHERE product = ? AND edition = ?`, e.Product, e.Edition).Scan(&kept)
	if err == nil && kept != e.Digest {
		err = &policy.EditionChangedError{Product: e.Product, Edition: e.Edition, Kept: kept, Digest: e.Digest}
	}
	return err
}

// KeptEdition is policy.Archive's.
func (s *Store) KeptEdition(ctx context.Context, digest string) (policy.ArchivedEdition, error) {
	if s.isClosed() {
		return policy.ArchivedEdition{}, errClosed
	}
	e := policy.ArchivedEdition{Digest: digest}
	var at int64
	err := s.reads.QueryRowContext(ctx, `SELECT product, edition, source, at FROM edition WHERE digest = ?`, digest).
		Scan(&e.Product, &e.Edition, &e.Source, &at)
	if errors.Is(err, sql.ErrNoRows) {
		return policy.ArchivedEdition{}, policy.ErrNotFound
	}
	if err != nil {
		return policy.ArchivedEdition{}, s.trouble(err)
	}
	e.At = time.UnixMicro(at).UTC()
	return e, nil
}

// KeptEditions is policy.Archive's.
func (s *Store) KeptEditions(ctx context.Context) ([]policy.ArchivedEdition, error) {
	if s.isClosed() {
		return nil, errClosed
	}
	all, err := s.keptEditions(ctx)
	if err != nil {
		return nil, s.trouble(err)
	}
	return all, nil
}

func (s *Store) keptEditions(ctx context.Context) (all []policy.ArchivedEdition, err error) {
	rows, err := s.reads.QueryContext(ctx, `SELECT product, edition, digest, at FROM edition ORDER BY product, edition`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var e policy.ArchivedEdition
		var at int64
		if err := rows.Scan(&e.Product, &e.Edition, &e.Digest, &at); err != nil {
			return nil, err
		}
		e.At = time.UnixMicro(at).UTC()
		all = append(all, e)
	}
	return all, rows.Err()
}
