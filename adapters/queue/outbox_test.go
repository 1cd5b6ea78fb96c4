package queue_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/chudan-io/chudan/adapters/queue"
	"github.com/chudan-io/chudan/adapters/queue/queuetest"
)

// outbox holds events; the store's suite is the contract's.
type outbox struct {
	mu     sync.Mutex
	events [][]byte
	looks  int
	fail   error
}

func (o *outbox) add(n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for range n {
		o.events = append(o.events, fmt.Appendf(nil, `{"id":"e%d","subject":"k","time":%q}`, len(o.events), time.Now().Format(time.RFC3339Nano)))
	}
}

func (o *outbox) Relay(ctx context.Context, limit int, publish func(context.Context, [][]byte) error) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.looks++
	if o.fail != nil {
		return 0, o.fail
	}
	n := min(limit, len(o.events))
	if n == 0 {
		return 0, ctx.Err()
	}
	if err := publish(ctx, o.events[:n]); err != nil {
		return 0, err
	}
	o.events = o.events[n:]
	return n, nil
}

// seen is what a RelayObserver was told.
type seen struct {
	published, failures int
	oldest              time.Duration // the most there was
	last                time.Duration
}

func (s *seen) Relayed(n int, oldest time.Duration, err error) {
	s.published += n
	if err != nil {
		s.failures++
	}
	s.oldest, s.last = max(s.oldest, oldest), oldest
}

func newRelay(t testing.TB, o *outbox, b *queuetest.Broker) (*queue.Relay, *seen) {
	t.Helper()
	s := new(seen)
	r, err := queue.NewRelay(queue.RelayConfig{
		Outbox: o, Events: b.Publisher("events"), Limit: 10, Poll: time.Minute, Observer: s, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return r, s
}

func TestRelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, b := new(outbox), queuetest.NewBroker()
		r, s := newRelay(t, o, b)
		ctx, end := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { r.Run(ctx) })
		o.add(25)
		synctest.Wait()
		r.Wake()
		synctest.Wait()
		if got := len(b.Messages("events")); got != 25 { // limits of ten do not wait for the next look
			t.Errorf("%d events are out when it was woken", got)
		}
		o.add(1)
		time.Sleep(time.Minute)
		synctest.Wait()
		events := b.Messages("events")
		if len(events) != 26 || s.published != 26 || s.failures != 0 || s.oldest != time.Minute || o.looks > 6 {
			t.Errorf("%d events, %+v, %d looks", len(events), s, o.looks)
		}
		for i, m := range events {
			if m.ID == "" || m.Key != "k" || m.Headers["content-type"] != "application/cloudevents+json; charset=utf-8" || !strings.HasPrefix(string(m.Body), "{") {
				t.Errorf("event %d: %q", i, m)
			}
		}
		end()
		running.Wait()
	})
}

// TestRelayFails: it comes back later and later, and loses nothing.
func TestRelayFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, b := new(outbox), queuetest.NewBroker()
		r, s := newRelay(t, o, b)
		var tries []time.Duration
		began := time.Now()
		b.Fail(func(string, []queue.Message) error {
			tries = append(tries, time.Since(began))
			if len(tries) == 5 {
				panic("a client that panics is one that fails")
			}
			if len(tries) < 10 {
				return errors.New("the broker is down")
			}
			return nil
		})
		o.add(3)
		ctx, end := context.WithTimeout(t.Context(), time.Hour)
		defer end()
		r.Run(ctx)
		if got := len(b.Messages("events")); got != 3 || s.failures != 9 || s.published != 3 || s.oldest < tries[9] || s.last != 0 {
			t.Errorf("%d events, %+v", got, s)
		}
		for i, most := range []time.Duration{1, 2, 4, 8, 16, 32, 60, 60, 60} {
			if wait := tries[i+1] - tries[i]; wait > most*time.Second || wait < most*time.Second/2 {
				t.Errorf("after failure %d it waited %v, want %v to %v s", i+1, wait, most/2, most)
			}
		}
	})
}

func TestFlush(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, b := new(outbox), queuetest.NewBroker()
		r, _ := newRelay(t, o, b)
		o.add(35)
		if err := r.Flush(t.Context()); err != nil || len(b.Messages("events")) != 35 {
			t.Errorf("%v, %d events", err, len(b.Messages("events")))
		}
		o.fail = errors.New("the store is closed")
		if err := r.Flush(t.Context()); !errors.Is(err, o.fail) {
			t.Errorf("%v", err)
		}
	})
}

func TestRelayConfig(t *testing.T) {
	for want, c := range map[string]queue.RelayConfig{
		"Outbox":   {Events: queuetest.NewBroker().Publisher("events")},
		"Events":   {Outbox: new(outbox)},
		"negative": {Outbox: new(outbox), Events: queuetest.NewBroker().Publisher("events"), Limit: -1},
	} {
		if _, err := queue.NewRelay(c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}
