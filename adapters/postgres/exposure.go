package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/chudan-io/chudan/policy"
)

var (
	_ policy.Exposer = (*Store)(nil)
	_ policy.Exposer = (*within)(nil)
)

// InForce is policy.Exposer's.
func (s *Store) InForce(ctx context.Context, at time.Time, subjects []policy.Subject) (sums []int64, err error) {
	err = s.read(ctx, func(ctx context.Context, pool *pgxpool.Pool) error {
		sums, err = readSums(ctx, pool, at, subjects)
		return err
	})
	return sums, err
}

// InForce is policy.Exposer's: what the host's transaction sees.
func (w *within) InForce(ctx context.Context, at time.Time, subjects []policy.Subject) ([]int64, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.ready(ctx); err != nil {
		return nil, err
	}
	sums, err := readSums(ctx, w.tx, at, subjects)
	if err != nil {
		return nil, w.trouble(ctx, err)
	}
	return sums, nil
}

func readSums(ctx context.Context, from sender, at time.Time, subjects []policy.Subject) ([]int64, error) {
	names := make([][]byte, len(subjects))
	for i := range subjects {
		names[i] = subjects[i][:]
	}
	found := make(map[policy.Subject]int64, len(subjects))
	var name []byte
	var amount int64
	b := &pgx.Batch{}
	each(b, sumsAt, []any{names, at.UnixMicro()}, []any{&name, &amount}, func() error {
		found[policy.Subject(name)] = amount
		return nil
	})
	if err := send(ctx, from, b); err != nil {
		return nil, err
	}
	sums := make([]int64, len(subjects))
	for i, subject := range subjects {
		sums[i] = found[subject]
	}
	return sums, nil
}

// Expose is policy.Exposer's. It leaves no trace in the audit chain: it decides
// nothing.
func (s *Store) Expose(ctx context.Context, k policy.Key, x policy.Exposure) (added bool, err error) {
	var own error
	err = s.finish(ctx, s.reads, func(ctx context.Context, pool *pgxpool.Pool) error {
		return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
			added, own, err = expose(ctx, tx, k, &x)
			return err
		})
	})
	return added && err == nil, errors.Join(err, own)
}

// Expose is policy.Exposer's, as part of the host's transaction.
func (w *within) Expose(ctx context.Context, k policy.Key, x policy.Exposure) (added bool, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.ready(ctx); err != nil {
		return false, err
	}
	var own error
	err = pgx.BeginFunc(ctx, w.tx, func(tx pgx.Tx) error { // a savepoint
		added, own, err = expose(ctx, tx, k, &x)
		return err
	})
	if err != nil {
		return false, w.trouble(ctx, err)
	}
	return added, own
}

// expose counts an issued record. own is the error of what is asked, and not the
// transaction's.
func expose(ctx context.Context, tx pgx.Tx, k policy.Key, x *policy.Exposure) (added bool, own, err error) {
	if !storable(k.Identifier, string(k.Tenant)) {
		return false, policy.ErrNotFound, nil
	}
	var key int64
	err = tx.QueryRow(ctx, `SELECT k.id FROM chudan_key k `+latestRecord+` WHERE k.identifier = $1 AND k.tenant = $2 AND r.status = 'issued'`,
		k.Identifier, string(k.Tenant)).Scan(&key)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, policy.ErrNotFound, nil
	}
	s := standingOf([]*waiting{{draft: policy.Draft{Key: k, Replaces: 1, Exposure: x}}})
	if err != nil || s == nil {
		return false, nil, err
	}
	b := &pgx.Batch{}
	s.lock(b)
	if err := send(ctx, tx, b); err != nil {
		return false, nil, err
	}
	if own := s.check(x); own != nil {
		return false, own, nil
	}
	if !s.count(x, key, true) {
		return false, nil, nil
	}
	b = &pgx.Batch{}
	s.queue(b)
	return true, nil, send(ctx, tx, b)
}
