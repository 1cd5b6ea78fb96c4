package memory

import (
	"context"
	"iter"
	"slices"
	"time"

	"github.com/chudan-io/chudan/policy"
)

var _ policy.Eraser = (*Store)(nil)

// Erase is policy.Eraser's.
func (s *Store) Erase(ctx context.Context, k policy.Key, revision int64, at time.Time, audit []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.record(ctx, k, true)
	if err != nil {
		return err
	}
	if h, held := s.holds[k]; held {
		return &policy.HeldError{Hold: h}
	}
	if err := r.Erasable(revision); err != nil {
		return err
	}
	r.Sealed, r.Fingerprint, r.ErasedAt = nil, nil, at
	s.records[k] = r
	s.audit = append(s.audit, slices.Clone(audit))
	return nil
}

// Hold is policy.Eraser's.
func (s *Store) Hold(ctx context.Context, h policy.Hold, audit []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.record(ctx, h.Key, true)
	if err != nil {
		return err
	}
	if stands, held := s.holds[h.Key]; held {
		return &policy.HeldError{Hold: stands}
	}
	if r.Erased() {
		return policy.ErrErased
	}
	s.holds[h.Key] = h
	s.audit = append(s.audit, slices.Clone(audit))
	return nil
}

// Release is policy.Eraser's.
func (s *Store) Release(ctx context.Context, k policy.Key, audit []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.ready(ctx); err != nil {
		return err
	}
	if _, held := s.holds[k]; !held {
		return policy.ErrNotFound
	}
	delete(s.holds, k)
	s.audit = append(s.audit, slices.Clone(audit))
	return nil
}

// Holds is policy.Eraser's: those that stand when it begins.
func (s *Store) Holds(ctx context.Context) iter.Seq2[policy.Hold, error] {
	return func(yield func(policy.Hold, error) bool) {
		s.mu.Lock()
		err := s.ready(ctx)
		var all []policy.Hold
		for _, k := range s.order {
			if h, held := s.holds[k]; held {
				all = append(all, h)
			}
		}
		s.mu.Unlock()
		if err != nil {
			yield(policy.Hold{}, err)
			return
		}
		for _, h := range all {
			if !yield(h, nil) {
				return
			}
		}
	}
}
