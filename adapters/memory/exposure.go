package memory

import (
	"context"
	"time"

	"github.com/chudan-io/chudan/policy"
)

// exposed is an amount that counts for a subject.
type exposed struct {
	amount int64
	until  time.Time
}

// InForce is policy.Exposer's.
func (s *Store) InForce(ctx context.Context, at time.Time, subjects []policy.Subject) ([]int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	return s.inForce(at, subjects), nil
}

// inForce sums what ends later than at.
func (s *Store) inForce(at time.Time, subjects []policy.Subject) []int64 {
	sums := make([]int64, len(subjects))
	for i, subject := range subjects {
		for _, e := range s.exposures[subject] {
			if e.until.After(at) {
				sums[i] += e.amount
			}
		}
	}
	return sums
}

// Expose is policy.Exposer's.
func (s *Store) Expose(ctx context.Context, k policy.Key, e policy.Exposure) (added bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.record(ctx, k, true)
	switch {
	case err != nil:
		return false, err
	case r.Status != policy.StatusIssued:
		return false, policy.ErrNotFound
	}
	for _, subject := range e.Subjects {
		if _, counts := s.exposures[subject][k]; !counts {
			added = true
		}
	}
	s.expose(k, &e, false) // under the names of before it would count a second time
	s.expose(k, &e, true)
	return added, nil
}

// expose has the amount of a key count, or no longer.
func (s *Store) expose(k policy.Key, e *policy.Exposure, holds bool) {
	if !holds {
		for _, subject := range e.All() {
			delete(s.exposures[subject], k)
		}
		return
	}
	for _, subject := range e.Subjects {
		if s.exposures[subject] == nil {
			s.exposures[subject] = map[policy.Key]exposed{}
		}
		s.exposures[subject][k] = exposed{e.Amount, e.Until}
	}
}
