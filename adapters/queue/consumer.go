package queue

import (
	"context"
	"sync"
	"time"

	"github.com/chudan-io/chudan/policy"
)

// Consumer answers the requests that come from a broker. Any number of them, in
// any number of processes, may share a queue.
type Consumer struct{ config Config }

// New makes a Consumer.
func New(c Config) (*Consumer, error) {
	if err := c.validate(); err != nil {
		return nil, err
	}
	return &Consumer{c}, nil
}

// Run takes requests until ctx ends, and then finishes what it has in hand,
// within Config.Timeout for deciding it and as much for answering. The Source
// stays open: closing it is its owner's.
func (c *Consumer) Run(ctx context.Context) {
	for failures := 0; ctx.Err() == nil; {
		batch, err := c.config.Source.Fetch(ctx, c.config.Batch)
		switch {
		case ctx.Err() != nil && len(batch) == 0:
			return
		case err != nil:
			c.config.Log.Error("no requests can be fetched; trying again", "error", err)
			failures++
		case c.handle(context.WithoutCancel(ctx), batch) == 0:
			// None could be done, so the next ones could not either: a store that
			// is down is not to use up their attempts.
			failures++
		default:
			failures = 0
		}
		if failures > 0 {
			pause(ctx, c.config.Backoff.after(failures))
		}
	}
}

// handle sees a batch through, and tells how many of it are done with.
func (c *Consumer) handle(ctx context.Context, batch []Delivery) int {
	results := make([]*result, len(batch))
	var deciding sync.WaitGroup
	for i, d := range batch {
		deciding.Go(func() { results[i] = c.decide(ctx, d) })
	}
	deciding.Wait()
	within, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	c.answer(within, results)
	c.bury(within, results)
	return c.settle(within, results)
}

// answer sends what is answered. What cannot be told is not done with.
func (c *Consumer) answer(ctx context.Context, results []*result) {
	if c.config.Replies == nil {
		return
	}
	var replies []Message
	for _, r := range results {
		if r.outcome != Retried && r.reply != nil {
			replies = append(replies, r.answer())
		}
	}
	if len(replies) == 0 {
		return
	}
	if err := publish(ctx, c.config.Replies, replies); err != nil {
		c.config.Log.Error("answers cannot be sent; their requests come again", "answers", len(replies), "error", err)
		for _, r := range results {
			r.outcome = Retried
		}
	}
}

// bury sends the dead letters. One that cannot be stored is not done with.
func (c *Consumer) bury(ctx context.Context, results []*result) {
	var letters []Message
	for _, r := range results {
		if r.dead() {
			letters = append(letters, c.letter(r))
		}
	}
	if len(letters) == 0 {
		return
	}
	if err := publish(ctx, c.config.Dead, letters); err != nil {
		c.config.Log.Error("dead letters cannot be stored; their requests come again", "letters", len(letters), "error", err)
		for _, r := range results {
			if r.dead() {
				r.outcome = Retried
			}
		}
	}
}

// publish takes a panic of a client for the failure that it is.
func publish(ctx context.Context, p Publisher, messages []Message) (err error) {
	if e := guarded(func() { err = p.Publish(ctx, messages) }); e != nil {
		return e
	}
	return err
}

// settle tells the broker, and gives how many were done with.
func (c *Consumer) settle(ctx context.Context, results []*result) int {
	var done []Delivery
	for _, r := range results {
		c.config.Observer.Message(r.outcome, r.took)
		if r.outcome != Retried {
			done = append(done, r.delivery)
			continue
		}
		if err := c.config.Source.Retry(ctx, r.delivery, c.config.Backoff.after(r.delivery.Attempt)); err != nil {
			c.config.Log.Warn("a request cannot be given back; it comes again when the broker misses it", "place", r.delivery.Place, "error", err)
		}
	}
	if len(done) > 0 {
		if err := c.config.Source.Ack(ctx, done); err != nil {
			c.config.Log.Warn("requests that are done cannot be acknowledged; they come again, and get the same answers", "requests", len(done), "error", err)
		}
	}
	return len(done)
}

// result is what became of one message.
type result struct {
	delivery   Delivery
	reference  string
	identifier string
	outcome    Outcome
	reason     policy.Kind // of trouble
	reply      []byte
	took       time.Duration
}

func (r *result) dead() bool { return r.outcome == Dead || r.outcome == Panicked }
