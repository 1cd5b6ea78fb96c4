package memory_test

import (
	"context"
	"errors"
	"io"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chudan-io/chudan/adapters/memory"
	"github.com/chudan-io/chudan/adapters/storetest"
	"github.com/chudan-io/chudan/policy"
)

// TestSuiteNotices is the control of the suite: each store that is broken in
// one way must fail the check that is there for it, and the sound one none.
func TestSuiteNotices(t *testing.T) {
	for name, c := range map[string]struct {
		fault
		want string
	}{
		"the last payload wins": {fault{out: func(d policy.Draft, a *answer) {
			if a.err == nil && !a.won {
				e, _ := d.Complete(1)
				a.record.Sealed = e.Record.Sealed
			}
		}}, "keys/same key, other payload"},
		"everyone wins": {fault{out: func(_ policy.Draft, a *answer) { a.won = true }},
			"keys/8 payloads at once under one key"},
		"tenants are one": {fault{in: func(_ *memory.Store, d *policy.Draft) {
			d.Key.Tenant = "all"
			making(d, func(e *policy.Entry) { e.Record.Key.Tenant = "all" })
		}}, "keys/tenants are apart"},
		"milliseconds": {fault{in: func(_ *memory.Store, d *policy.Draft) {
			making(d, func(e *policy.Entry) { e.Record.At = e.Record.At.Truncate(time.Millisecond) })
		}}, "keys/round trip of every column"},
		"bytes end at a zero": {fault{in: func(_ *memory.Store, d *policy.Draft) {
			making(d, func(e *policy.Entry) {
				if i := slices.Index(e.Record.Sealed, 0); i >= 0 {
					e.Record.Sealed = e.Record.Sealed[:i]
				}
			})
		}}, "keys/round trip of every column"},
		"no business keys": {fault{in: func(_ *memory.Store, d *policy.Draft) { d.Unique = nil }},
			"unique/one stream under 100 identifiers"},
		"one business key": {fault{in: func(_ *memory.Store, d *policy.Draft) { d.Unique = d.Unique[:min(1, len(d.Unique))] }},
			"unique/taken writes nothing"},
		"any revision is replaced": {fault{in: func(s *memory.Store, d *policy.Draft) {
			if r, err := s.Find(context.Background(), d.Key); err == nil {
				d.Replaces = r.Revision
			}
		}}, "replace/with another revision"},
		"nothing is replaced": {fault{in: func(_ *memory.Store, d *policy.Draft) { d.Replaces = 0 }},
			"replace/with the right revision"},
		"losers burn numbers": {fault{out: func(d policy.Draft, a *answer) {
			if !a.won {
				k := policy.Key{Identifier: time.Now().String()}
				_, _, _ = a.store.Issue(context.Background(), policy.Draft{Key: k, Numbered: true, Complete: func(uint64) (policy.Entry, error) {
					return policy.Entry{Record: policy.Record{Key: k, Status: policy.StatusRefused}}, nil
				}})
			}
		}}, "sequence/drawn by winners only"},
		"contexts are ignored": {fault{ctx: context.WithoutCancel}, "context/ended before"},
		"errors are swallowed": {fault{out: func(_ policy.Draft, a *answer) { a.err = nil }},
			"failing/beside others"},
		"errors are all one": {fault{out: func(_ policy.Draft, a *answer) {
			if a.err != nil {
				a.err = errors.New("rolled back")
			}
		}}, "unique/taken writes nothing"},
		"no events": {fault{in: func(_ *memory.Store, d *policy.Draft) {
			making(d, func(e *policy.Entry) { e.Event = nil })
		}}, "journal/one event and one audit row each"},
		"an altered audit row": {fault{audit: func(rows []storetest.AuditRow) {
			for _, row := range rows {
				row.Event[0] ^= 1
			}
		}}, "journal/an altered chain is found"},
		"what fails counts as published": {fault{relay: func(ctx context.Context, s *memory.Store, limit int, p publish) (int, error) {
			return s.Relay(ctx, limit, func(ctx context.Context, events [][]byte) error { _ = p(ctx, events); return nil })
		}}, "outbox/publishing fails"},
		"published twice": {fault{relay: func(ctx context.Context, s *memory.Store, limit int, p publish) (int, error) {
			return s.Relay(ctx, limit, func(ctx context.Context, events [][]byte) error {
				return errors.Join(p(ctx, events), p(ctx, events))
			})
		}}, "outbox/8 relays at once"},
		"published out of turn": {fault{relay: func(ctx context.Context, s *memory.Store, limit int, p publish) (int, error) {
			return s.Relay(ctx, limit, func(ctx context.Context, events [][]byte) error {
				slices.Reverse(events)
				return p(ctx, events)
			})
		}}, "outbox/oldest first, up to the limit"},
		"published without looking at others": {fault{relay: func(ctx context.Context, s *memory.Store, limit int, p publish) (int, error) {
			events := s.Events()
			events = events[:min(limit, len(events))]
			return len(events), p(ctx, events)
		}}, "outbox/shared"},
		"published when it is too late": {fault{relay: func(ctx context.Context, s *memory.Store, limit int, p publish) (int, error) {
			return s.Relay(context.WithoutCancel(ctx), limit, p)
		}}, "outbox/ended and closed"},
		"published before the commit": {uncommitted(), "outbox/nothing uncommitted"},
		"forgets what was published":  {fault{forgets: true}, "outbox/reopened"},
		"Close does nothing":          {fault{close: func() error { return nil }}, "end/closed"},
		"Close fails":                 {fault{close: func() error { return io.ErrClosedPipe }}, "end/closed under load"},
		"forgetful":                   {fault{forgets: true}, "end/reopened"},
		"erases what is held": {fault{erase: func(b *broken, k policy.Key, revision int64) error {
			_ = b.Store.Release(context.Background(), k, nil)
			return b.Store.Erase(context.Background(), k, revision, time.Now(), nil)
		}}, "erase/what must stay"},
		"erases nothing": {fault{erase: func(*broken, policy.Key, int64) error { return nil }}, "erase/gone for good"},
		"erases any revision": {fault{erase: func(b *broken, k policy.Key, _ int64) error {
			r, err := b.Store.Find(context.Background(), k)
			if err != nil {
				return err
			}
			return b.Store.Erase(context.Background(), k, r.Revision, time.Now(), nil)
		}}, "erase/what must stay"},
		"sound": {},
	} {
		t.Run(name, func(t *testing.T) {
			if c.want == "" {
				if failures := storetest.Failures(t, c.harness()); len(failures) > 0 {
					t.Errorf("a sound store failed %v", failures)
				}
				return
			}
			if failures := storetest.Failures(t, c.harness(), c.want); len(failures) == 0 {
				t.Errorf("%q did not notice", c.want)
			}
		})
	}
}

// fault is what is wrong with a broken store.
type fault struct {
	ctx     func(context.Context) context.Context
	in      func(*memory.Store, *policy.Draft) // done to a draft on its way in
	out     func(policy.Draft, *answer)        // done to the answer on its way out
	audit   func([]storetest.AuditRow)
	relay   func(context.Context, *memory.Store, int, publish) (int, error) // in the place of Relay
	erase   func(*broken, policy.Key, int64) error                          // in the place of Erase
	close   func() error
	forgets bool
}

type publish = func(context.Context, [][]byte) error

// uncommitted publishes an event as soon as it is made.
func uncommitted() fault {
	var made, out atomic.Pointer[[]byte]
	return fault{
		in: func(_ *memory.Store, d *policy.Draft) { making(d, func(e *policy.Entry) { made.Store(&e.Event) }) },
		relay: func(ctx context.Context, _ *memory.Store, _ int, p publish) (int, error) {
			e := made.Load()
			if e == nil || out.Swap(e) == e {
				return 0, nil
			}
			return 1, p(ctx, [][]byte{*e})
		},
	}
}

type answer struct {
	store  *memory.Store
	record policy.Record
	won    bool
	err    error
}

// making does something to what a draft makes.
func making(d *policy.Draft, change func(*policy.Entry)) {
	complete := d.Complete
	d.Complete = func(seq uint64) (policy.Entry, error) {
		e, err := complete(seq)
		change(&e)
		return e, err
	}
}

func (f fault) harness() storetest.Harness {
	h := storetest.Harness{
		Open:   func(testing.TB) policy.Store { return &broken{memory.New(), f} },
		Events: func(_ testing.TB, s policy.Store) [][]byte { return s.(*broken).Events() },
		Audit: func(_ testing.TB, s policy.Store) []storetest.AuditRow {
			rows := audit(s.(*broken).Store)
			if f.audit != nil {
				f.audit(rows)
			}
			return rows
		},
	}
	if f.forgets {
		h.Reopen = func(t testing.TB, _ policy.Store) policy.Store { return h.Open(t) }
	}
	return h
}

type broken struct {
	*memory.Store
	fault
}

func (b *broken) Issue(ctx context.Context, asked policy.Draft) (policy.Record, bool, error) {
	if b.ctx != nil {
		ctx = b.ctx(ctx)
	}
	d := asked
	if b.in != nil {
		b.in(b.Store, &d)
	}
	r, won, err := b.Store.Issue(ctx, d)
	a := answer{b.Store, r, won, err}
	if b.out != nil {
		b.out(asked, &a)
	}
	return a.record, a.won, a.err
}

func (b *broken) Relay(ctx context.Context, limit int, p func(context.Context, [][]byte) error) (int, error) {
	if b.relay != nil {
		return b.relay(ctx, b.Store, limit, p)
	}
	return b.Store.Relay(ctx, limit, p)
}

func (b *broken) Erase(ctx context.Context, k policy.Key, revision int64, at time.Time, audit []byte) error {
	if b.erase != nil {
		return b.erase(b, k, revision)
	}
	return b.Store.Erase(ctx, k, revision, at, audit)
}

func (b *broken) Close() error {
	if b.close != nil {
		return b.close()
	}
	return b.Store.Close()
}
