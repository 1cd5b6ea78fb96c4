package main

import (
	"context"
	"log/slog"
	"time"
)

const (
	completeEvery = time.Second
	completeLater = 15 * time.Second // where a core system would not
	// writing is how long a call may be at work on a booking beside its core
	// system's deadline.
	writing = 3 * time.Second
)

// complete goes on, until ctx ends, with bookings that nobody finished: those
// so old that the call which began them has given up.
func complete(ctx context.Context, h *house, m *metrics, log *slog.Logger) {
	alone := time.Duration(0)
	for _, core := range h.cores {
		alone = max(alone, core.Deadline+writing)
	}
	if alone == 0 {
		return
	}
	for {
		n, err := h.issuer.Complete(ctx, time.Now().Add(-alone))
		m.completed.Add(float64(n))
		if n > 0 {
			log.Info("bookings were finished that a call had left", "policies", n)
		}
		pause := completeEvery
		if err != nil && ctx.Err() == nil {
			pause = completeLater
			log.Warn("bookings are left; they are tried again", "in", pause, "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}
