package mysql

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"time"
)

// outage is what everybody asks before waiting for a server: while it cannot be
// reached one goroutine tries to, and all others are told so at once.
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

// failed is trouble, and begins an outage where the server cannot be reached.
func (s *Store) failed(ctx context.Context, err error) error {
	told := s.trouble(ctx, err)
	if ctx.Err() == nil && unreachable(err) {
		s.outage.begin(told)
	}
	return told
}

// unreachable tells whether asking somebody else's question would end in the
// same way.
func unreachable(err error) bool { return number(err) == 0 && errors.As(err, new(*unreached)) }

func (o *outage) begin(trouble error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.trouble == nil && o.ctx.Err() == nil {
		o.trouble = trouble
		o.probing.Go(o.probe)
	}
}

// probe ends the outage as soon as the server takes connections.
func (o *outage) probe() {
	for attempt := 4; pause(o.ctx, attempt); attempt++ {
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

// Ping asks the server, over a new connection, whether it can be worked with.
// It is for health checks, and does not care whether the store is busy.
func (s *Store) Ping(ctx context.Context) (err error) {
	if s.isClosed() {
		return errClosed
	}
	db, err := s.config.connect(1, time.Minute)
	if err != nil {
		return s.trouble(ctx, err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	bounded, cancel := s.within(ctx)
	defer cancel()
	if err := ask(bounded, db); err != nil {
		return s.trouble(ctx, err)
	}
	return nil
}

func ask(ctx context.Context, db *sql.DB) error {
	var one int
	return db.QueryRowContext(ctx, `SELECT one FROM chudan_head WHERE one = 1 AND record + journal + sequence + length(hash) >= 0`).Scan(&one)
}
