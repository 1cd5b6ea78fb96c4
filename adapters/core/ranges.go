package core

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/chudan-io/chudan/policy"
)

// Range is a range of policy numbers (号段): Prefix and then each of From to To,
// with zeros before it up to Width digits.
type Range struct {
	Prefix   string
	From, To uint64 // both included
	Width    int    // of the digits, 1 to 20
}

// Source hands out ranges; a Hook is one. It never hands out a number twice,
// to whichever process.
type Source interface {
	// Next gives a range of a pool that nobody has been given, of about so many
	// numbers.
	Next(ctx context.Context, pool string, size int) (Range, error)
}

// RangesConfig is what Ranges need.
type RangesConfig struct {
	Source Source // required
	Pool   string // what the core system calls the numbers of these products
	Size   int    // numbers that are asked for at once; default 1000
}

// Ranges is a policy.Booker that takes numbers out of ranges. The next range is
// asked for when half of the one in use is gone, so that few bookings wait for
// the core system.
//
// What is left of a range when the process ends is never used: numbers have
// gaps. A proposal that is repeated gets the number that it was given, as long as
// the process remembers it (the last 65,536); after that it gets another, which
// does no harm: had the first one been kept, it would not be repeated.
type Ranges struct {
	config RangesConfig

	mu      sync.Mutex
	current Range
	left    uint64 // of current
	spare   *Range
	pending chan struct{} // closed when the fetch that is under way ends; nil while none is
	failed  error         // of the last fetch
	seen    []Range       // that were handed out
	given   map[string]string
	order   []string // of given, oldest first
}

const (
	defaultSize  = 1000
	maxSeen      = 1024
	maxGiven     = 1 << 16
	maxRangeSize = 1 << 32
)

var _ policy.Booker = (*Ranges)(nil)

// NewRanges makes Ranges. Nothing is asked for before the first booking.
func NewRanges(c RangesConfig) (*Ranges, error) {
	switch {
	case c.Source == nil:
		return nil, errors.New("core: RangesConfig needs Source")
	case c.Size < 0:
		return nil, errors.New("core: RangesConfig.Size is below zero")
	case c.Size == 0:
		c.Size = defaultSize
	}
	return &Ranges{config: c, given: make(map[string]string)}, nil
}

// Book gives a proposal a number. Its document is served by chudan.
func (r *Ranges) Book(ctx context.Context, p policy.Proposal) (policy.Booking, error) {
	for {
		r.mu.Lock()
		if number, there := r.given[p.ID]; there {
			r.mu.Unlock()
			return policy.Booking{PolicyNo: number}, nil
		}
		if r.left == 0 && r.spare != nil {
			r.current, r.left, r.spare = *r.spare, r.spare.To-r.spare.From+1, nil
		}
		if r.left > 0 {
			number := r.draw(p.ID)
			if r.spare == nil && r.left <= (r.current.To-r.current.From+1)/2 {
				r.fetch(ctx)
			}
			r.mu.Unlock()
			return policy.Booking{PolicyNo: number}, nil
		}
		waiting := r.fetch(ctx)
		r.mu.Unlock()
		select {
		case <-waiting:
		case <-ctx.Done():
			return policy.Booking{}, fmt.Errorf("%w: %w", ErrTimeout, ctx.Err())
		}
		r.mu.Lock()
		err := r.failed
		if r.left > 0 || r.spare != nil {
			err = nil
		}
		r.mu.Unlock()
		if err != nil {
			return policy.Booking{}, err
		}
	}
}

// draw takes the next number of the current range. The lock is held.
func (r *Ranges) draw(id string) string {
	number := fmt.Sprintf("%s%0*d", r.current.Prefix, r.current.Width, r.current.To-r.left+1)
	r.left--
	r.given[id] = number
	if r.order = append(r.order, id); len(r.order) > maxGiven {
		delete(r.given, r.order[0])
		r.order = r.order[1:]
	}
	return number
}

// fetch asks for a range, unless somebody does already. The lock is held. Whoever
// began it may go: the range is the others'.
func (r *Ranges) fetch(ctx context.Context) <-chan struct{} {
	if r.pending != nil {
		return r.pending
	}
	done := make(chan struct{})
	r.pending = done
	go func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), atMost)
		defer cancel()
		next, err := r.config.Source.Next(ctx, r.config.Pool, r.config.Size)
		r.mu.Lock()
		defer r.mu.Unlock()
		if err == nil {
			err = r.accept(next)
		}
		if r.failed = err; err == nil {
			r.spare = &next
		}
		r.pending = nil
		close(done)
	}()
	return done
}

// accept refuses a range that is none, or that was handed out before.
func (r *Ranges) accept(next Range) error {
	digits := len(strconv.FormatUint(next.To, 10))
	switch {
	case next.From > next.To, next.To-next.From >= maxRangeSize:
		return fmt.Errorf("%w: a range wants from ≤ to, and fewer than 2³² numbers", ErrAnswer)
	case next.Width < digits || next.Width > 20:
		return fmt.Errorf("%w: the width of a range wants room for its last number, and at most 20 digits", ErrAnswer)
	case len(next.Prefix)+next.Width > 64 || strings.ContainsFunc(next.Prefix, notInNumber):
		return fmt.Errorf("%w: a number wants 1 to 64 of A–Z, a–z, 0–9, - and _", ErrAnswer)
	}
	for _, s := range r.seen {
		if s.Prefix == next.Prefix && s.Width == next.Width && next.From <= s.To && s.From <= next.To {
			return fmt.Errorf("%w: the range was handed out before, or a part of it", ErrAnswer)
		}
	}
	r.seen = append(r.seen, next)
	r.seen = r.seen[max(0, len(r.seen)-maxSeen):]
	return nil
}

func notInNumber(c rune) bool {
	return (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_'
}

// Next asks the core system for a range of numbers.
func (h *Hook) Next(ctx context.Context, pool string, size int) (Range, error) {
	body, err := encode(map[string]string{"kind": "range", "pool": pool, "size": strconv.Itoa(size)})
	if err != nil {
		return Range{}, err
	}
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails
	a, err := h.post(ctx, hex.EncodeToString(id[:]), body)
	if err != nil {
		return Range{}, err
	}
	var next Range
	if next.Prefix, err = a.text("prefix"); err != nil {
		return Range{}, err
	}
	for name, into := range map[string]*uint64{"from": &next.From, "to": &next.To} {
		text, err := a.needs(name)
		if err == nil {
			*into, err = strconv.ParseUint(text, 10, 64)
		}
		if err != nil {
			return Range{}, fmt.Errorf("%w: %s wants a text of digits", ErrAnswer, name)
		}
	}
	text, err := a.needs("width")
	if err == nil {
		next.Width, err = strconv.Atoi(text)
	}
	if err != nil {
		return Range{}, fmt.Errorf("%w: width wants a text of digits", ErrAnswer)
	}
	return next, nil
}
