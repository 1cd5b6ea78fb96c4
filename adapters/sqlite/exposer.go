package sqlite

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/chudan-io/chudan/policy"
)

var (
	_ policy.Exposer = (*Store)(nil)
	_ policy.Exposer = (*within)(nil)
)

// InForce is policy.Exposer's. Each subject is looked up by itself.
func (s *Store) InForce(ctx context.Context, at time.Time, subjects []policy.Subject) ([]int64, error) {
	if s.isClosed() {
		return nil, errClosed
	}
	x, err := sumUp(ctx, s.sums, &policy.Exposure{Subjects: subjects, At: at})
	switch {
	case errors.Is(err, errTooMuch):
		return nil, err
	case err != nil:
		return nil, s.trouble(err)
	}
	return x.inForce, nil
}

// Expose is policy.Exposer's. It is written together with the drafts that wait,
// and leaves no trace in the audit chain: it decides nothing.
func (s *Store) Expose(ctx context.Context, k policy.Key, e policy.Exposure) (added bool, err error) {
	e.Subjects, e.Former = slices.Clone(e.Subjects), slices.Clone(e.Former) // the caller's own again when he has gone
	var own error
	err = s.do(ctx, func(ctx context.Context, session *session) (err error) {
		added, own, err = session.expose(ctx, k, &e)
		return err
	})
	if err != nil {
		return false, err // the writer may still be at work on the others
	}
	return added, own
}

// InForce is policy.Exposer's. It sees what the transaction has written.
func (w *within) InForce(ctx context.Context, at time.Time, subjects []policy.Subject) (sums []int64, err error) {
	err = w.doExposing(ctx, func(ctx context.Context) error {
		x, err := sumUp(ctx, w.session.sums, &policy.Exposure{Subjects: subjects, At: at})
		sums = x.sums()
		return err
	})
	return sums, err
}

// Expose is policy.Exposer's.
func (w *within) Expose(ctx context.Context, k policy.Key, e policy.Exposure) (added bool, err error) {
	var own error
	err = w.doExposing(ctx, func(ctx context.Context) (err error) {
		added, own, err = w.session.expose(ctx, k, &e)
		return err
	})
	if err != nil {
		return false, err
	}
	return added, own
}

// doExposing is do, for those that need the sums: few transactions do, so that
// the statements are prepared by the first one that comes.
func (w *within) doExposing(ctx context.Context, task func(context.Context) error) error {
	return w.do(ctx, func(ctx context.Context) error {
		if !w.exposing {
			if err := prepare(ctx, w.tx, w.session.exposures()); err != nil {
				return err
			}
			w.exposing = true
		}
		return task(ctx)
	})
}
