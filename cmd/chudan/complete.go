package main

import (
	"context"
	"log/slog"
	"time"
)

const (
	completeEvery = time.Second
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
	again := time.NewTicker(completeEvery)
	defer again.Stop()
	for {
		n, err := h.issuer.Complete(ctx, time.Now().Add(-alone))
		m.completed.Add(float64(n))
		if n > 0 {
			log.Info("bookings were finished that a call had left", "policies", n)
		}
		if err != nil && ctx.Err() == nil {
			log.Warn("bookings are left; they are tried again", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-again.C:
		}
	}
}
