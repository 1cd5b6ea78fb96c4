package postgres

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/chudan-io/chudan/policy"
)

const (
	enterVisits = `INSERT INTO chudan_visit (at, tenant, identifier, reference, code, product, edition, digest, replayed, sealed)
		SELECT * FROM unnest($1::timestamptz[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::boolean[], $10::bytea[])`

	maxEntering = 256 // callers whose visits share a statement
)

// entering is one caller's visits on their way.
type entering struct {
	visits []policy.Visit
	done   chan struct{}
	err    error // when done is closed
}

// entrance lets the visits of callers that come while a statement is under way
// share the next.
type entrance struct {
	mu      sync.Mutex
	waiting []*entering
	at      bool // somebody is at work on them
	running sync.WaitGroup
}

// Enter is policy.Journal's.
func (s *Store) Enter(ctx context.Context, v ...policy.Visit) error {
	e := &entering{visits: v, done: make(chan struct{})}
	for i := range v {
		if !storable(string(v[i].Key.Tenant), v[i].Key.Identifier, v[i].Reference, v[i].Code, v[i].Product, v[i].Edition, v[i].Digest) {
			return errText
		}
	}
	if err := s.admit(ctx, e); err != nil || len(v) == 0 {
		return err
	}
	select {
	case <-e.done:
		return e.err
	case <-ctx.Done():
		return fmt.Errorf("postgres: ended while waiting for the visit to be entered: %w", ctx.Err())
	}
}

// admit hands visits to whoever is at work, or puts somebody to it. What it
// took is finished, Close or not.
func (s *Store) admit(ctx context.Context, e *entering) error {
	s.gate.RLock()
	defer s.gate.RUnlock()
	if s.closed {
		return errClosed
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("postgres: %w", err)
	}
	if err := s.outage.err(); err != nil || len(e.visits) == 0 {
		return err
	}
	in := &s.entrance
	in.mu.Lock()
	defer in.mu.Unlock()
	in.waiting = append(in.waiting, e)
	if !in.at {
		in.at = true
		in.running.Go(s.enterAll)
	}
	return nil
}

// enterAll works until nobody waits.
func (s *Store) enterAll() {
	in := &s.entrance
	for {
		in.mu.Lock()
		batch := in.waiting[:min(len(in.waiting), maxEntering)]
		in.waiting = in.waiting[len(batch):]
		if len(batch) == 0 {
			in.waiting, in.at = nil, false
		}
		in.mu.Unlock()
		if len(batch) == 0 {
			return
		}
		s.enter(batch)
		for _, e := range batch {
			close(e.done)
		}
	}
}

// enter answers each of a batch. One that the database will not take keeps its
// error to itself.
func (s *Store) enter(batch []*entering) {
	err := s.insertVisits(batch)
	if err != nil && advise(err) == "" && len(batch) > 1 {
		for _, e := range batch {
			s.enter([]*entering{e})
		}
		return
	}
	for _, e := range batch {
		e.err = err
	}
}

func (s *Store) insertVisits(batch []*entering) error {
	var c visitColumns
	for _, e := range batch {
		for i := range e.visits {
			c.add(&e.visits[i])
		}
	}
	sent := false // and nobody knows what became of it
	err := s.finish(context.Background(), s.reads, func(ctx context.Context, pool *pgxpool.Pool) error {
		_, err := pool.Exec(ctx, enterVisits, c.at, c.tenant, c.identifier, c.reference, c.code, c.product, c.edition, c.digest, c.replayed, c.sealed)
		sent = sent || err != nil && isLost(err) && !pgconn.SafeToRetry(err) && !isUnreachable(err)
		return err
	})
	if err != nil && sent {
		return fmt.Errorf("postgres: %s: %w (%w)", s.where, policy.ErrResultUnknown, plain(err))
	}
	return err
}

// visitColumns are the rows of a statement, column by column.
type visitColumns struct {
	at                                                            []time.Time
	tenant, identifier, reference, code, product, edition, digest []string
	replayed                                                      []bool
	sealed                                                        [][]byte
}

func (c *visitColumns) add(v *policy.Visit) {
	c.at, c.tenant, c.identifier = append(c.at, v.At), append(c.tenant, string(v.Key.Tenant)), append(c.identifier, v.Key.Identifier)
	c.reference, c.code, c.product = append(c.reference, v.Reference), append(c.code, v.Code), append(c.product, v.Product)
	c.edition, c.digest = append(c.edition, v.Edition), append(c.digest, v.Digest)
	c.replayed, c.sealed = append(c.replayed, v.Replayed), append(c.sealed, blob(v.Sealed))
}
