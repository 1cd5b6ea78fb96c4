package memory

import (
	"context"
	"iter"
	"slices"
	"time"

	"github.com/chudan-io/chudan/policy"
)

var _ policy.Journal = (*Store)(nil)

// Enter is policy.Journal's.
func (s *Store) Enter(ctx context.Context, v ...policy.Visit) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.ready(ctx); err != nil {
		return err
	}
	for _, one := range v {
		one.Sealed = slices.Clone(one.Sealed)
		// Those of one moment stay in the order in which they came.
		at, _ := slices.BinarySearchFunc(s.visits, one, func(a, b policy.Visit) int {
			if a.At.After(b.At) {
				return 1
			}
			return -1
		})
		s.visits = slices.Insert(s.visits, at, one)
	}
	return nil
}

// Visits is policy.Journal's: those that are there when it begins.
func (s *Store) Visits(ctx context.Context, sel policy.VisitSelection) iter.Seq2[policy.Visit, error] {
	return func(yield func(policy.Visit, error) bool) {
		s.mu.Lock()
		err, all := s.ready(ctx), slices.Clone(s.visits)
		s.mu.Unlock()
		if err != nil {
			yield(policy.Visit{}, err)
			return
		}
		for _, v := range all {
			v.Sealed = slices.Clone(v.Sealed)
			if sel.Selects(&v) && !yield(v, nil) {
				return
			}
		}
	}
}

// Forget is policy.Journal's.
func (s *Store) Forget(ctx context.Context, before time.Time, limit int) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.ready(ctx); err != nil {
		return 0, err
	}
	n := 0
	for n < min(limit, len(s.visits)) && s.visits[n].At.Before(before) {
		n++
	}
	s.visits = slices.Delete(s.visits, 0, n)
	return n, nil
}
