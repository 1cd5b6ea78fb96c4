package memory

import (
	"context"
	"fmt"
	"slices"

	"github.com/chudan-io/chudan/policy"
)

var _ policy.Outbox = (*Store)(nil)

// Relay is policy.Outbox's. Nothing is locked while publish is at work.
func (s *Store) Relay(ctx context.Context, limit int, publish func(context.Context, [][]byte) error) (int, error) {
	taken, events, err := s.take(ctx, limit)
	if err != nil || len(taken) == 0 {
		return 0, err
	}
	defer s.release(taken) // also where publish panics
	if err := publish(ctx, events); err != nil {
		return 0, fmt.Errorf("memory: publishing events: %w", err)
	}
	return s.mark(ctx, taken)
}

func (s *Store) take(ctx context.Context, limit int) (taken []int, events [][]byte, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.ready(ctx); err != nil {
		return nil, nil, err
	}
	for _, at := range s.outbox {
		if len(taken) >= limit {
			break
		}
		if s.relaying[at] {
			continue
		}
		s.relaying[at] = true
		taken, events = append(taken, at), append(events, slices.Clone(s.events[at]))
	}
	return taken, events, nil
}

// mark is done for a caller who has gone too: his events are out.
func (s *Store) mark(ctx context.Context, taken []int) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.ready(context.WithoutCancel(ctx)); err != nil {
		return 0, err
	}
	s.outbox = slices.DeleteFunc(s.outbox, func(at int) bool { return slices.Contains(taken, at) })
	return len(taken), nil
}

func (s *Store) release(taken []int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, at := range taken {
		delete(s.relaying, at)
	}
}
