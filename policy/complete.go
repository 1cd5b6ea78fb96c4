package policy

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// defaultBookingDeadline bounds one call of a core system where Core does not: within the 3 s that a platform is answered in.
const defaultBookingDeadline = 2 * time.Second

// advance carries a record on that waits for us: one that is being booked, and
// one that an underwriter has accepted. It gives the record that the key has
// then.
func (i *Issuer) advance(ctx context.Context, rec Record, m *memo, reference string) (Record, error) {
	s := step{issuer: i, from: rec, memo: *m, status: StatusIssued, reference: reference, event: true}
	core, books := i.config.Cores[rec.Key.Tenant]
	switch {
	case rec.Status == StatusAccepted && books:
		s.status, s.event = StatusReserved, false
	case rec.Status == StatusReserved:
		if err := s.book(ctx, core); err != nil {
			return Record{}, err
		}
		// Whoever waits may have gone by now; what the core system said is kept all the same.
		keeping, cancel := context.WithTimeout(context.WithoutCancel(ctx), core.deadline())
		defer cancel()
		ctx = keeping
	}
	next, _, err := s.take(ctx)
	if taken := (*TakenError)(nil); errors.As(err, &taken) {
		return Record{}, err
	}
	if err != nil && rec.Status != StatusAccepted {
		return Record{}, fmt.Errorf("%w: %w", ErrInProgress, err)
	}
	return next, err
}

// book asks the core system, and makes of its answer what is kept next.
func (s *step) book(ctx context.Context, core Core) error {
	if core.Booker == nil {
		return fmt.Errorf("policy: an application is reserved for a core system, and its tenant has none: %w", ErrInProgress)
	}
	p, err := s.proposal()
	if err != nil {
		return err
	}
	calling, cancel := context.WithTimeout(ctx, core.deadline())
	defer cancel()
	b, err := core.Booker.Book(calling, p)
	declined := (*DeclinedError)(nil)
	switch {
	case errors.As(err, &declined):
		fault := declined.fault()
		s.status, s.event = StatusRefused, true
		s.memo.Faults = append(Faults{fault}, s.memo.Faults.notes()...)
		s.memo.Ruled = append(s.memo.Ruled, Ruled{Status: StatusRefused, By: "core system", Why: fault.Code, At: s.issuer.now()})
		return nil
	case err == nil:
		err = b.check()
	}
	if err != nil {
		return fmt.Errorf("policy: booking in the core system: %w (%w)", ErrInProgress, err)
	}
	s.status, s.event, s.memo.Booking = StatusBooked, false, &b
	return nil
}

func (c *Core) deadline() time.Duration {
	if c.Deadline <= 0 {
		return defaultBookingDeadline
	}
	return c.Deadline
}

func (s *step) proposal() (Proposal, error) {
	r, err := readRequest(s.memo.request)
	if err != nil {
		return Proposal{}, err
	}
	return Proposal{
		ID: revisionID(&s.from), Key: s.from.Key, Reference: s.memo.Reference,
		Product: s.from.Product, Edition: s.from.Edition, Digest: s.from.Digest,
		Title: s.memo.Title, Coverages: s.memo.Coverages, Request: r, Premium: s.memo.Premium, At: s.from.At,
	}, nil
}

// fault is what the platform is told.
func (e *DeclinedError) fault() Fault {
	f := newFault(KindRejected, "核心系统不予承保", "the core system does not book it")
	f.Code = "CORE_DECLINED"
	if len(e.Code) <= 64 && isCode(e.Code) {
		f.Code = e.Code
	}
	if isText(e.Message.ZH, "256") && isText(e.Message.EN, "256") && e.Message.ZH != "" && e.Message.EN != "" {
		f.Message = e.Message
	}
	return f
}

func isCode(s string) bool {
	return s != "" && all(s, func(c byte) bool { return isUpper(c) || isDigit(c) || c == '_' })
}

// Complete goes on with bookings that somebody began before a time and nobody
// finished: a process ended, or a core system's answer was lost. It tells how
// many are finished; the error joins what kept the first of the others from it,
// and none keeps those behind it. The store must be a Lister.
//
// Bookings are safe to be carried on by several at once, since a core system
// books an ID once; before leaves those alone that a call is still at work on.
func (i *Issuer) Complete(ctx context.Context, before time.Time) (finished int, err error) {
	l, ok := i.config.Store.(Lister)
	if !ok {
		return 0, errors.New("policy: Complete needs a store that is a Lister")
	}
	var all []error
	for _, status := range []Status{StatusBooked, StatusReserved} {
		for rec, err := range l.List(ctx, Selection{Status: status, To: before}) {
			if err != nil {
				return finished, errors.Join(append(all, err)...)
			}
			switch err := i.finish(ctx, rec); {
			case err == nil:
				finished++
			case ctx.Err() != nil:
				return finished, errors.Join(append(all, ctx.Err())...)
			case len(all) < maxBookingErrors:
				all = append(all, err)
			}
		}
	}
	return finished, errors.Join(all...)
}

// maxBookingErrors is how many errors Complete tells: a core system that is down
// answers none of those that wait, and all for one reason.
const maxBookingErrors = 8

// finish carries a booking to its end.
func (i *Issuer) finish(ctx context.Context, rec Record) error {
	for rec.Status == StatusReserved || rec.Status == StatusBooked {
		m, err := i.memoOf(&rec)
		if err == nil {
			rec, err = i.advance(ctx, rec, m, m.Reference)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
