package queue

import (
	"context"
	"time"
)

// Message is what a broker carries.
type Message struct {
	Key     string            // messages with one key stay in order, where a broker keeps any
	ID      string            // brokers that can drop a second copy do so by it; it is not delivered back
	Headers map[string]string // names in lower case
	Body    []byte
}

// Delivery is a message that a broker has handed to us, and waits to hear of.
type Delivery struct {
	Message
	Attempt int    // 1 for the first time it is handed out
	Place   string // where the broker keeps it, for people: topic/partition/offset, stream/sequence
	Handle  any    // the Source's own
}

// Source is a subscription that a group of consumers shares. Implementations
// pass queuetest.Run. A message is handed out at least once. One that was
// acknowledged may come again only where an earlier one was not.
type Source interface {
	// Fetch waits for messages and gives what is there, from 1 to limit of them.
	Fetch(ctx context.Context, limit int) ([]Delivery, error)

	// Ack tells that these are done with. One that it fails for comes again.
	Ack(ctx context.Context, done []Delivery) error

	// Retry has a message handed out again after a while, with the next Attempt,
	// to this consumer or to another one. It does not hold up the others.
	Retry(ctx context.Context, d Delivery, after time.Duration) error

	// Close ends the subscription. What was not acknowledged comes again.
	Close() error
}

// Publisher sends messages to one topic or subject.
type Publisher interface {
	// Publish answers nil once the broker has taken all of them. After an error
	// some of them may be out.
	Publish(ctx context.Context, messages []Message) error
}
