package policy

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"
)

// Hold is a legal hold: what is kept for its key is not erased while it stands,
// however old it is. A key has one at most.
type Hold struct {
	Key Key
	By  string // who placed it
	Why string
	At  time.Time // UTC, to the microsecond
}

// HeldError tells that a legal hold is in the way: of erasing, or of another one.
type HeldError struct{ Hold Hold }

func (e *HeldError) Error() string {
	return fmt.Sprintf("policy: under legal hold since %s", e.Hold.At.Format(time.RFC3339))
}

// ErrErased is the error of whoever asks what was sealed in a record that was
// erased since.
var ErrErased = errors.New("policy: the record was erased when its retention was over")

// Erased tells whether a record was erased: its key, its number, its edition and
// its times stay, so that neither key nor number is ever used again; request and
// answer are gone, and with them everything that is personal.
func (r *Record) Erased() bool { return !r.ErasedAt.IsZero() }

// Eraser is what a Store offers beside, for records whose retention is over and
// for those that must stay although it is. What it does is durable when it
// returns nil, and its trouble is that of Store.
type Eraser interface {
	// Erase empties Sealed and Fingerprint of all records of a key for good, tells
	// so in their ErasedAt, and continues the audit chain, in one transaction.
	// From then on the key is as final as an issued one, whatever its status.
	//
	// Nothing is changed where it answers ErrNotFound; a *HeldError; ErrErased,
	// where that was done before; or a *StatusError, where the key's record has
	// another revision by now, or is reserved or booked: a core system is at work.
	Erase(ctx context.Context, k Key, revision int64, at time.Time, audit []byte) error

	// Hold places a legal hold and continues the audit chain, in one transaction.
	// It answers ErrNotFound for a key without a record, ErrErased for one that has
	// nothing left to be held, and a *HeldError where one stands already.
	Hold(ctx context.Context, h Hold, audit []byte) error

	// Release takes a hold away and continues the audit chain, in one transaction;
	// ErrNotFound where there is none.
	Release(ctx context.Context, k Key, audit []byte) error

	// Holds gives the holds that stand, in the order in which their keys arrived.
	// The first error, that of Store, ends it.
	Holds(ctx context.Context) iter.Seq2[Hold, error]
}

// Erasable tells an Eraser's answer for a record that no hold is in the way of:
// nil where it may be erased in this revision.
func (r *Record) Erasable(revision int64) error {
	switch {
	case r.Erased():
		return ErrErased
	case r.Revision != revision, r.Status == StatusReserved, r.Status == StatusBooked:
		return &StatusError{Status: r.Status, Revision: r.Revision}
	}
	return nil
}
