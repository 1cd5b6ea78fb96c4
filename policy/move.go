package policy

import (
	"context"
	"errors"
	"iter"
)

// Holding is all that a store keeps for one key.
type Holding struct {
	Records []Record      // revision 1, 2, 3 …; the last is the one that Find gives
	Claims  []BusinessKey // that the last one holds, by path and value
}

// PendingEvent is an event of the outbox that is not published yet.
type PendingEvent struct {
	Chain, Position int64 // of the AuditRow that it was written with
	Event           []byte
}

// ErrNotReceived tells that what was to be received does not continue what is
// there: nothing was written.
var ErrNotReceived = errors.New("policy: what was to be received does not continue what the store holds")

// Mover is what a Store offers beside, to be copied whole into another one:
// what is not part of deciding, and what nobody needs who decides. The one that
// is copied is only read, and the one that receives has one writer, the copy.
type Mover interface {
	Auditor

	// Holdings gives what is kept for each key, in the order in which the keys
	// arrived. The first error, that of Store, ends it.
	Holdings(ctx context.Context) iter.Seq2[Holding, error]

	// PendingEvents gives the events that are not published yet, in the order of
	// their audit rows. The first error, that of Store, ends it.
	PendingEvents(ctx context.Context) iter.Seq2[PendingEvent, error]

	// LastNumber is the last sequence number that was drawn; 0 where none was.
	LastNumber(ctx context.Context) (uint64, error)

	// Receive writes what the drafts make, in their order and in one transaction:
	// all of it, or nothing. None may be Numbered: their entries have the numbers
	// that they had. A draft that would not win (see Store.Issue), that has nothing
	// to take the place of, or whose business key or number is taken answers
	// ErrNotReceived.
	Receive(ctx context.Context, drafts []Draft) error

	// Note continues the audit chain with an event that is no decision's, and has
	// the next sequence number drawn be larger than after; one that is larger
	// already stays. Where it fails, numbers may have been passed over, and none
	// is drawn twice.
	Note(ctx context.Context, audit []byte, after uint64) error
}
