package postgres

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/chudan-io/chudan/policy"
)

// outage is what everybody asks before waiting for a server: while it is down
// one goroutine tries to reach it, and all others are told so at once.
type outage struct {
	store *Store
	stop  context.CancelFunc
	ctx   context.Context // ends with the store

	mu      sync.Mutex
	trouble error // nil where there is none
	probing sync.WaitGroup
}

// err is the trouble that there is; it wraps policy.ErrUnavailable.
func (o *outage) err() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.trouble
}

// begin tells that the server cannot be worked with, and gives the trouble as
// callers are told it.
func (o *outage) begin(err error) error {
	err = o.store.trouble(err)
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.trouble == nil && o.ctx.Err() == nil {
		o.trouble = unavailable(err)
		o.probing.Go(o.probe)
	}
	return unavailable(err)
}

// probe ends the outage as soon as the server answers.
func (o *outage) probe() {
	for attempt := 1; ; attempt++ {
		select {
		case <-o.ctx.Done():
			return
		case <-time.After(backoff(attempt, 50*time.Millisecond, time.Second)):
		}
		if o.store.Ping(o.ctx) == nil {
			o.mu.Lock()
			o.trouble = nil
			o.mu.Unlock()
			return
		}
	}
}

func (o *outage) close() {
	o.stop()
	o.probing.Wait()
}

// unavailable makes sure that an error says so, whatever it is.
func unavailable(err error) error { return &unavailableError{err} }

type unavailableError struct{ error }

func (e *unavailableError) Unwrap() error      { return e.error }
func (*unavailableError) Is(target error) bool { return target == policy.ErrUnavailable }

// Ping asks the server, over a connection that nothing else uses, whether it
// can be worked with. It is for health checks, and does not care whether the
// store is busy.
func (s *Store) Ping(ctx context.Context) error {
	if s.isClosed() {
		return errClosed
	}
	ctx, cancel := context.WithTimeout(ctx, s.config.grace())
	defer cancel()
	err := s.ping(ctx)
	if err != nil {
		s.health.Reset()
		return s.trouble(err)
	}
	return nil
}

func (s *Store) ping(ctx context.Context) error {
	var replica bool
	if err := s.health.QueryRow(ctx, `SELECT pg_is_in_recovery()`).Scan(&replica); err != nil {
		return err
	}
	if replica && !s.config.AcceptReplica {
		return fmt.Errorf("%w", errReplica)
	}
	return nil
}
