package core

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/chudan-io/chudan/policy"
)

// Source is where ranges of numbers come from; a [Hook] is one.
type Source interface {
	// Next hands out the next range of a pool, of about size numbers. No number
	// may ever be in two ranges, whoever asks, whenever.
	Next(ctx context.Context, pool string, size int) (Range, error)
}

// ErrRange is the trouble of a range that cannot be used: malformed, or with
// numbers that this process has been handed before.
var ErrRange = errors.New("core: the range of numbers is refused")

// RangesConfig is what [NewRanges] needs. Zero values take the defaults.
type RangesConfig struct {
	Source   Source        // required
	Pool     string        // required: which numbers, 1 to 64 of A–Z, a–z, 0–9, - and _
	Size     int           // of a range, in numbers; default 1000, at most 1,000,000
	Deadline time.Duration // of one call of Source; default 10 s
	Remember int           // how many proposals get the same number again; default 65,536
}

// Ranges books policies with numbers out of ranges that the core system handed
// out in advance. It is safe for concurrent use. The next range is fetched when
// half of one is used, one call at a time.
//
// It keeps nothing: what is left of a range when the process ends is never
// used, and a proposal that is sent again after a restart, or after so many
// others that it is forgotten, gets another number. Nobody has been told the
// first, for only what is stored as booked is told. So there are gaps, and
// never duplicates.
type Ranges struct {
	config RangesConfig

	mu      sync.Mutex
	current Range
	empty   bool    // current is used up
	next    []Range // fetched ahead: one at most
	low     uint64  // fetch ahead when current has so many left
	used    used
	given   given
	fetch   *fetch // the one that is under way
}

var _ policy.Booker = (*Ranges)(nil)

// fetch is one call of the source, which all who need a number wait for.
type fetch struct {
	done chan struct{}
	err  error // once done is closed
}

// NewRanges makes a Booker of a source of ranges. It fetches nothing yet.
func NewRanges(c RangesConfig) (*Ranges, error) {
	if c.Source == nil {
		return nil, errors.New("core: RangesConfig needs Source")
	}
	if c.Pool == "" || len(c.Pool) > 64 || !prefixForm.MatchString(c.Pool) {
		return nil, errors.New("core: RangesConfig.Pool wants 1 to 64 of A–Z, a–z, 0–9, - and _")
	}
	if c.Size < 0 || c.Size > maxSize || c.Deadline < 0 || c.Remember < 0 {
		return nil, fmt.Errorf("core: a value in RangesConfig is negative, or Size above %d", maxSize)
	}
	if c.Size == 0 {
		c.Size = 1000
	}
	if c.Deadline == 0 {
		c.Deadline = 10 * time.Second
	}
	if c.Remember == 0 {
		c.Remember = 1 << 16
	}
	return &Ranges{config: c, empty: true, given: newGiven(c.Remember)}, nil
}

const maxSize = 1_000_000

// Book draws the next number. It waits where there is none yet, until ctx ends
// or the call of the source that is under way fails.
func (r *Ranges) Book(ctx context.Context, p policy.Proposal) (policy.Booking, error) {
	if p.ID == "" {
		return policy.Booking{}, errors.New("core: the proposal has no ID, by which its number would be told again")
	}
	for {
		if err := ctx.Err(); err != nil {
			return policy.Booking{}, err
		}
		number, f := r.draw(p.ID)
		if f == nil {
			return policy.Booking{PolicyNo: number}, nil
		}
		select {
		case <-f.done:
			if f.err != nil {
				return policy.Booking{}, f.err
			}
		case <-ctx.Done():
			return policy.Booking{}, fmt.Errorf("core: no range of numbers came in time: %w", ctx.Err())
		}
	}
}

// draw is the number of a proposal or, where there is none left, what to wait
// for.
func (r *Ranges) draw(id string) (number string, wait *fetch) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if number, ok := r.given.of[id]; ok {
		return number, nil
	}
	if r.empty && len(r.next) > 0 {
		r.current, r.empty, r.next = r.next[0], false, nil
		r.low = r.current.left() / 2
	}
	if r.empty {
		return "", r.fetching()
	}
	number = r.current.number(r.current.From)
	r.given.add(id, number)
	if r.empty = r.current.From == r.current.To; !r.empty {
		r.current.From++
	}
	if len(r.next) == 0 && (r.empty || r.current.left() <= r.low) {
		r.fetching()
	}
	return number, nil
}

// fetching is the call of the source that is under way, or a new one. It does
// not end with the caller who needed it first: its range would be lost.
func (r *Ranges) fetching() *fetch {
	if r.fetch == nil {
		r.fetch = &fetch{done: make(chan struct{})}
		r.low /= 2 // if it fails, the next attempt ahead is made when there is half as much left
		go r.take(r.fetch)
	}
	return r.fetch
}

// take asks the source once.
func (r *Ranges) take(f *fetch) {
	ctx, cancel := context.WithTimeout(context.Background(), r.config.Deadline)
	defer cancel()
	next, err := r.config.Source.Next(ctx, r.config.Pool, r.config.Size)
	r.mu.Lock()
	defer r.mu.Unlock()
	if err == nil {
		err = next.check()
		if err == nil {
			err = r.used.add(next)
		}
		if err != nil {
			err = fmt.Errorf("%w: %w", ErrRange, err)
		}
	}
	if err == nil {
		r.next = append(r.next, next)
	}
	f.err, r.fetch = err, nil
	close(f.done)
}

// given are the numbers of the last proposals, by their IDs.
type given struct {
	of    map[string]string
	order []string // a ring of the IDs, the oldest at the next place
	place int
}

func newGiven(most int) given {
	return given{of: make(map[string]string), order: make([]string, most)}
}

func (g *given) add(id, number string) {
	delete(g.of, g.order[g.place])
	g.of[id], g.order[g.place] = number, id
	g.place = (g.place + 1) % len(g.order)
}
