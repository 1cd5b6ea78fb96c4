package memory

import (
	"context"
	"iter"

	"github.com/chudan-io/chudan/policy"
)

var _ policy.Lister = (*Store)(nil)

// List is policy.Lister's. Keys that arrive meanwhile are given too.
func (s *Store) List(ctx context.Context, sel policy.Selection) iter.Seq2[policy.Record, error] {
	return func(yield func(policy.Record, error) bool) {
		for i := 0; ; i++ {
			r, there, err := s.nth(ctx, i)
			switch {
			case err != nil:
				yield(policy.Record{}, err)
				return
			case !there:
				return
			case sel.Selects(&r) && !yield(r, nil):
				return
			}
		}
	}
}

// nth is the record of the key that arrived as number i.
func (s *Store) nth(ctx context.Context, i int) (r policy.Record, there bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.ready(ctx); err != nil {
		return policy.Record{}, false, err
	}
	if i >= len(s.order) {
		return policy.Record{}, false, nil
	}
	return clone(s.records[s.order[i]]), true, nil
}
