package queue

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"github.com/chudan-io/chudan/policy"
)

// RelayConfig is what a [Relay] needs. Zero values take the defaults.
type RelayConfig struct {
	Outbox policy.Outbox // required
	Events Publisher     // required: where they go

	Limit   int           // events that are published together at most; default 256
	Poll    time.Duration // between looks at an outbox that was empty; default 1 second
	Timeout time.Duration // for publishing what is published together; default 30 seconds
	Backoff Backoff       // after failures; default from 1 second to 1 minute

	Clock    func() time.Time // for the age of events; default time.Now
	Observer RelayObserver    // default none
	Log      *slog.Logger     // default slog.Default()
}

// RelayObserver is told of every look at the outbox, for metrics: how many
// events were published, the age of the oldest that was to be (0 where there
// was none), and whether publishing failed.
type RelayObserver interface {
	Relayed(published int, oldest time.Duration, err error)
}

func (nobody) Relayed(int, time.Duration, error) {}

// Relay publishes the events of an outbox, each at least once. Any number of
// relays, in any number of processes, may share one.
type Relay struct {
	config RelayConfig
	awake  chan struct{}
}

// NewRelay makes a Relay.
func NewRelay(c RelayConfig) (*Relay, error) {
	switch {
	case c.Outbox == nil:
		return nil, errors.New("queue: RelayConfig needs Outbox")
	case c.Events == nil:
		return nil, errors.New("queue: RelayConfig needs Events, where they go")
	case c.Limit < 0 || c.Poll < 0 || c.Timeout < 0 || c.Backoff.First < 0 || c.Backoff.Most < 0:
		return nil, errors.New("queue: a duration or a limit in RelayConfig is negative")
	}
	c.Limit = orDefault(c.Limit, 256)
	c.Poll = orDefault(c.Poll, time.Second)
	c.Timeout = orDefault(c.Timeout, 30*time.Second)
	c.Backoff = c.Backoff.orDefault(time.Second, time.Minute)
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Observer == nil {
		c.Observer = nobody{}
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	return &Relay{c, make(chan struct{}, 1)}, nil
}

// Wake has the outbox looked at now. It never waits.
func (r *Relay) Wake() {
	select {
	case r.awake <- struct{}{}:
	default: // it is going to look anyway
	}
}

// Run publishes until ctx ends. What it is at work on then is the next one's.
func (r *Relay) Run(ctx context.Context) {
	for failures := 0; ctx.Err() == nil; {
		n, err := r.once(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			failures++
			r.config.Log.Error("events are not published; trying again", "failures", failures, "error", err)
			pause(ctx, r.config.Backoff.after(failures))
			continue
		}
		failures = 0
		if n < r.config.Limit {
			r.rest(ctx)
		}
	}
}

// Flush publishes what is there, until nothing is left, something fails or
// ctx ends.
func (r *Relay) Flush(ctx context.Context) error {
	for {
		if n, err := r.once(ctx); err != nil || n == 0 {
			return err
		}
	}
}

// rest waits until something may be there.
func (r *Relay) rest(ctx context.Context) {
	t := time.NewTimer(r.config.Poll)
	defer t.Stop()
	select {
	case <-t.C:
	case <-r.awake:
	case <-ctx.Done():
	}
}

func (r *Relay) once(ctx context.Context) (int, error) {
	var oldest time.Duration
	n, err := r.config.Outbox.Relay(ctx, r.config.Limit, func(ctx context.Context, events [][]byte) error {
		messages := make([]Message, len(events))
		for i, e := range events {
			var at time.Time
			messages[i], at = eventMessage(e)
			if !at.IsZero() {
				oldest = max(oldest, r.config.Clock().Sub(at))
			}
		}
		ctx, cancel := context.WithTimeout(ctx, r.config.Timeout)
		defer cancel()
		return publish(ctx, r.config.Events, messages)
	})
	r.config.Observer.Relayed(n, oldest, err)
	return n, err
}

// eventMessage wraps an event. Events of one identifier have one key, so that
// its refusal comes before its policy.
// Source: CloudEvents 1.0, structured mode of the protocol bindings.
func eventMessage(event []byte) (Message, time.Time) {
	var about struct {
		ID      string    `json:"id"`
		Subject string    `json:"subject"`
		Time    time.Time `json:"time"`
	}
	_ = json.Unmarshal(event, &about) // what is not ours goes out as it is
	return Message{
		Key: about.Subject, ID: about.ID, Body: event,
		Headers: map[string]string{"content-type": "application/cloudevents+json; charset=utf-8"},
	}, about.Time
}
