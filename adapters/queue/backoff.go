package queue

import (
	"context"
	"math/rand/v2"
	"time"
)

// Backoff is how long to wait after failures: First after the first one, twice
// as long after each that follows, and never longer than Most. Of each wait a
// random half is left out, so that those who failed together do not come back
// together.
type Backoff struct{ First, Most time.Duration }

func (b Backoff) orDefault(first, most time.Duration) Backoff {
	b.First = orDefault(b.First, first)
	b.Most = max(orDefault(b.Most, most), b.First)
	return b
}

// after is the wait after so many failures, from 1 on.
func (b Backoff) after(failures int) time.Duration {
	wait := b.First
	for range failures - 1 {
		if wait *= 2; wait <= 0 || wait >= b.Most {
			wait = b.Most
			break
		}
	}
	return wait - rand.N(wait/2+1) //nolint:gosec // spreads load, that is all
}

// pause waits, unless ctx ends before.
func pause(ctx context.Context, wait time.Duration) {
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
