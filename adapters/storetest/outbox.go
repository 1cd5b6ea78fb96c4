package storetest

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/chudan-io/chudan/policy"
)

func outboxOf(t testing.TB, s policy.Store) policy.Outbox {
	t.Helper()
	o, ok := s.(policy.Outbox)
	if !ok {
		t.Fatal("the store is no policy.Outbox")
	}
	return o
}

// eventful is a store with n events, oldest first.
func eventful(t testing.TB, s policy.Store, n int) [][]byte {
	t.Helper()
	var events [][]byte
	for i := range n {
		d := issuing(key("k-%d", i), "a")
		r := win(t, s, d)
		events = append(events, entry(d.Key, policy.StatusIssued, r.Number, "a").Event)
	}
	return events
}

// relay publishes once, and tells what was published.
func relay(t testing.TB, s policy.Store, limit int) (published [][]byte) {
	t.Helper()
	n, err := outboxOf(t, s).Relay(ctx(t), limit, func(_ context.Context, events [][]byte) error {
		published = events
		return nil
	})
	if err != nil || n != len(published) {
		t.Fatalf("Relay: %d, %v, although %d were published", n, err, len(published))
	}
	return published
}

func checkOutbox(t testing.TB, h Harness) {
	s := h.Open(t)
	if got := relay(t, s, 10); got != nil {
		t.Errorf("an empty outbox published %q", got)
	}
	events := eventful(t, s, 5)
	silent := deciding(key("silent"), policy.StatusRefused, "a")
	silent.Complete = func(uint64) (policy.Entry, error) {
		e := entry(silent.Key, policy.StatusRefused, "", "a")
		e.Event = nil
		return e, nil
	}
	win(t, s, silent)
	sixth := deciding(key("referred"), policy.StatusReferred, "a")
	win(t, s, sixth)
	issue(t, s, issuing(key("k-0"), "again")) // a replay is no event
	events = append(events, entry(sixth.Key, policy.StatusReferred, "", "a").Event)
	sameBytes(t, "first event", relay(t, s, 2), events[:2])
	sameBytes(t, "next event", relay(t, s, 1), events[2:3])
	sameBytes(t, "event that is left", relay(t, s, 10), events[3:])
	if got := relay(t, s, 10); got != nil {
		t.Errorf("published twice: %q", got)
	}
	sameBytes(t, "event, published or not", h.Events(t, s), events)
}

// checkOutboxFails: whatever becomes of a publish that does not answer nil, its
// events are the next one's. An error may mean that they are out all the same.
func checkOutboxFails(t testing.TB, h Harness) {
	s := h.Open(t)
	events := eventful(t, s, 4)
	refused := errors.New("the broker is down")
	for what, publish := range map[string]func([][]byte) error{
		"fails":                 func([][]byte) error { return refused },
		"panics":                func([][]byte) error { panic("publish") },
		"ends its goroutine":    func([][]byte) error { runtime.Goexit(); return nil },
		"fails, and overwrites": func(events [][]byte) error { clear(events[0]); clear(events); return refused },
	} {
		var got [][]byte
		var n int
		var err error
		returned := false
		var done sync.WaitGroup
		done.Go(func() {
			defer func() { _ = recover() }()
			n, err = outboxOf(t, s).Relay(ctx(t), 3, func(_ context.Context, events [][]byte) error {
				got = cloneAll(events)
				return publish(events)
			})
			returned = true
		})
		done.Wait()
		sameBytes(t, "event for a publish that "+what, got, events[:3])
		if returned && (n != 0 || !errors.Is(err, refused)) {
			t.Errorf("publish %s: Relay gives %d, %v", what, n, err)
		}
	}
	if h.Reopen != nil {
		s = h.Reopen(t, s)
	}
	sameBytes(t, "event", relay(t, s, 10), events)
}

// checkOutboxShared: what one relay is at work on, others pass over, and get
// what comes behind it, without waiting.
func checkOutboxShared(t testing.TB, h Harness) {
	s := h.Open(t)
	events := eventful(t, s, 5)
	var first, second, third [][]byte
	n, err := outboxOf(t, s).Relay(ctx(t), 2, func(_ context.Context, events [][]byte) error {
		first = events
		second = relay(t, s, 2)
		win(t, s, issuing(key("late"), "a")) // the store issues meanwhile
		third = relay(t, s, 10)
		if got := relay(t, s, 10); got != nil {
			t.Errorf("published what others are at work on: %q", got)
		}
		return nil
	})
	if err != nil || n != 2 {
		t.Fatalf("Relay: %d, %v", n, err)
	}
	late := entry(key("late"), policy.StatusIssued, number(6), "a").Event
	sameBytes(t, "event of the first relay", first, events[:2])
	sameBytes(t, "event of the second relay", second, events[2:4])
	sameBytes(t, "event of the third relay", third, append(slices.Clone(events[4:]), late))
	if got := relay(t, s, 10); got != nil {
		t.Errorf("published twice: %q", got)
	}
}

// checkOutboxAtOnce: while policies are issued, eight relays publish each event
// once, of which every fifth batch fails first.
func checkOutboxAtOnce(t testing.TB, h Harness) {
	const relays, callers, each, limit = 8, 4, 50, 7
	s := h.Open(t)
	o := outboxOf(t, s)
	var mu sync.Mutex
	times, batches := map[string]int{}, 0
	publish := func(_ context.Context, events [][]byte) error {
		mu.Lock()
		defer mu.Unlock()
		if batches++; batches%5 == 0 {
			return errors.New("not this time")
		}
		if len(events) == 0 || len(events) > limit {
			t.Errorf("%d events where 1 to %d were to be published", len(events), limit)
		}
		for _, e := range events {
			times[string(e)]++
		}
		return nil
	}
	published := func() int { mu.Lock(); defer mu.Unlock(); return len(times) }
	atOnce(t, relays+callers, func(i int) error {
		if i >= relays {
			for n := range each {
				if _, _, err := s.Issue(ctx(t), issuing(key("k-%d-%d", i, n), "a")); err != nil {
					return err
				}
			}
			return nil
		}
		for published() < callers*each && ctx(t).Err() == nil {
			n, err := o.Relay(ctx(t), limit, publish)
			if errors.Is(err, policy.ErrUnavailable) {
				return err
			}
			if n == 0 {
				runtime.Gosched()
			}
		}
		return nil
	})
	for _, e := range h.Events(t, s) {
		if times[string(e)] != 1 {
			t.Errorf("%s was published %d times", e, times[string(e)])
		}
	}
	if got := relay(t, s, 10); got != nil || len(times) != callers*each {
		t.Errorf("%d were published, %q are left", len(times), got)
	}
}

// checkOutboxUncommitted: what a transaction wrote and took back is never seen,
// whenever a relay looks.
func checkOutboxUncommitted(t testing.TB, h Harness) {
	s := h.Open(t)
	events := eventful(t, s, 1)
	sameBytes(t, "event", relay(t, s, 1), events)
	o := outboxOf(t, s)
	var looking sync.WaitGroup
	for i := range 20 {
		d := issuing(key("failing-%d", i), "a")
		d.Complete = func(uint64) (policy.Entry, error) {
			for range 2 {
				looking.Go(func() {
					_, err := o.Relay(ctx(t), 10, func(_ context.Context, events [][]byte) error {
						t.Errorf("published what was not committed: %q", events)
						return nil
					})
					if err != nil {
						t.Errorf("Relay: %v", err)
					}
				})
			}
			if i%2 == 0 {
				return policy.Entry{}, errors.New("no")
			}
			return entry(d.Key, policy.StatusIssued, number(1), "a"), nil // which is in use
		}
		if _, won, err := s.Issue(ctx(t), d); err == nil || won {
			t.Error("a draft that fails was issued")
		}
	}
	looking.Wait()
}

// checkOutboxKept: what was published stays so, and what was not is still there.
func checkOutboxKept(t testing.TB, h Harness) {
	if h.Reopen == nil {
		t.Skip("the store keeps nothing")
	}
	s := h.Open(t)
	events := eventful(t, s, 5)
	relay(t, s, 2)
	s = h.Reopen(t, s)
	sameBytes(t, "event", relay(t, s, 2), events[2:4])
	s = h.Reopen(t, s)
	more := win(t, s, issuing(key("more"), "a"))
	sameBytes(t, "event", relay(t, s, 10), [][]byte{events[4], entry(more.Key, policy.StatusIssued, more.Number, "a").Event})
	s = h.Reopen(t, s)
	if got := relay(t, s, 10); got != nil {
		t.Errorf("published twice: %q", got)
	}
}

// checkOutboxEnded: an ended context and a closed store publish nothing, and what
// ends meanwhile loses none.
func checkOutboxEnded(t testing.TB, h Harness) {
	s := h.Open(t)
	events := eventful(t, s, 3)
	never := func(context.Context, [][]byte) error {
		t.Error("published all the same")
		return nil
	}
	ended, end := context.WithCancel(ctx(t))
	end()
	if n, err := outboxOf(t, s).Relay(ended, 10, never); n != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("with a context that has ended: %d, %v", n, err)
	}
	// Ended while publish is at work: it counts, or it comes again.
	during, end := context.WithCancel(ctx(t))
	n, err := outboxOf(t, s).Relay(during, 1, func(context.Context, [][]byte) error { end(); return nil })
	if (err == nil) != (n == 1) {
		t.Errorf("with a context that ends meanwhile: %d, %v", n, err)
	}
	sameBytes(t, "event", relay(t, s, 10), events[n:])
	if !closeStore(t, s) {
		return
	}
	if n, err := outboxOf(t, s).Relay(ctx(t), 10, never); n != 0 || !errors.Is(err, policy.ErrUnavailable) {
		t.Errorf("after Close: %d, %v, want ErrUnavailable", n, err)
	}
}

func cloneAll(rows [][]byte) [][]byte {
	all := make([][]byte, len(rows))
	for i, row := range rows {
		all[i] = slices.Clone(row)
	}
	return all
}
