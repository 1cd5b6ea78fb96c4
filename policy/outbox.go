package policy

import "context"

// Outbox is what a Store offers beside, for a relay that publishes events.
type Outbox interface {
	// Relay hands the oldest events that are not published yet to publish, limit
	// (from 1 on) of them at most, and marks them once it answers nil. It gives how many that
	// were; 0 where there are none that nobody else is at work on.
	//
	// Any number of relays may call it at once, on any number of nodes: they share
	// the events. One that is killed, or whose publish fails, leaves its events
	// to the next: each is published at least once, and its id tells the copies
	// apart. An event that was not committed is never seen.
	Relay(ctx context.Context, limit int, publish func(ctx context.Context, events [][]byte) error) (int, error)
}
