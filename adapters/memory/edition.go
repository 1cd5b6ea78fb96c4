package memory

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/chudan-io/chudan/policy"
)

var _ policy.Archive = (*Store)(nil)

// named is what an edition is called.
type named struct{ product, edition string }

// KeepEdition is policy.Archive's.
func (s *Store) KeepEdition(ctx context.Context, e policy.ArchivedEdition) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.ready(ctx); err != nil {
		return err
	}
	name := named{e.Product, e.Edition}
	kept, there := s.editions[name]
	switch {
	case !there:
		e.Source = slices.Clone(e.Source)
		s.editions[name] = e
	case kept.Digest != e.Digest:
		return &policy.EditionChangedError{Product: e.Product, Edition: e.Edition, Kept: kept.Digest, Digest: e.Digest}
	}
	return nil
}

// KeptEdition is policy.Archive's.
func (s *Store) KeptEdition(ctx context.Context, digest string) (policy.ArchivedEdition, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.ready(ctx); err != nil {
		return policy.ArchivedEdition{}, err
	}
	for _, e := range s.editions {
		if e.Digest == digest {
			e.Source = slices.Clone(e.Source)
			return e, nil
		}
	}
	return policy.ArchivedEdition{}, policy.ErrNotFound
}

// KeptEditions is policy.Archive's.
func (s *Store) KeptEditions(ctx context.Context) ([]policy.ArchivedEdition, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	all := slices.SortedFunc(maps.Values(s.editions), func(a, b policy.ArchivedEdition) int {
		return cmp.Or(strings.Compare(a.Product, b.Product), strings.Compare(a.Edition, b.Edition))
	})
	for i := range all {
		all[i].Source = nil
	}
	return all, nil
}
