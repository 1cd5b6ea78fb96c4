package policy

import (
	"context"
	"time"
)

// Subject is a seller, a buyer or a product whose amounts in force are summed:
// an opaque name, made with the institution's keys, that tells nobody whose it is.
type Subject [16]byte

// Exposure is what a draft has to do with the amounts in force of its subjects.
type Exposure struct {
	Subjects []Subject // that the record's amount counts for while it holds (Status.Holds); all different
	Former   []Subject // what they were called under the keys of before: asked about, and taken from, never added to
	Amount   int64     // fen, not below zero
	Until    time.Time // expireTime: the amount is in force before
	At       time.Time // of the decision: what is in force then counts

	// Hold is told what is in force for Subjects and then Former, in fen, with
	// nobody else able to change it until the transaction ends. Its error is
	// the draft's own. It is as pure as Complete, and called before it, by Make;
	// nil where nothing depends on the sums.
	Hold func(inForce []int64) error
}

// All are the subjects that are asked about, in the order of Hold; none where
// there is no exposure.
func (e *Exposure) All() []Subject {
	if e == nil {
		return nil
	}
	return append(e.Subjects[:len(e.Subjects):len(e.Subjects)], e.Former...)
}

// Exposer is what a Store offers beside, so that editions can limit what is in
// force (see FactSpec.PerFields).
type Exposer interface {
	// InForce sums for each subject, in fen, the amounts of the records that hold
	// and whose Until is later than at. What another transaction has not
	// committed is not among them.
	InForce(ctx context.Context, at time.Time, subjects []Subject) ([]int64, error)

	// Expose counts the amount of an issued record for those of e.Subjects that it
	// does not count for yet: it was issued before its product limited anything, or
	// counts under what they were called before, e.Former, and does so no longer.
	// added tells whether there were any. Where k has no policy the answer is
	// ErrNotFound.
	Expose(ctx context.Context, k Key, e Exposure) (added bool, err error)
}
