package qimen

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/chudan-io/chudan/policy"
)

// gate bounds how many requests are worked on and how many wait for it. A
// queue without a bound answers everybody too late when there is too much to
// do.
type gate struct {
	places  chan struct{}
	waiting atomic.Int64
	most    int64
}

var errOverload = fmt.Errorf("qimen: too many requests at once: %w", policy.ErrUnavailable)

func newGate(working, waiting int) *gate {
	return &gate{places: make(chan struct{}, working), most: int64(waiting)}
}

// enter takes a place; whoever gets one must leave. It fails at once where too
// many are waiting already, and when the deadline passes or the caller is gone
// while it waits: work that nobody waits for is not begun.
func (g *gate) enter(ctx, caller context.Context) error {
	select {
	case g.places <- struct{}{}:
	default:
		if err := g.wait(ctx, caller); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		g.leave()
		return err
	}
	return nil
}

func (g *gate) wait(ctx, caller context.Context) error {
	defer g.waiting.Add(-1)
	if g.waiting.Add(1) > g.most {
		return errOverload
	}
	select {
	case g.places <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-caller.Done():
		return caller.Err()
	}
}

func (g *gate) leave() { <-g.places }
