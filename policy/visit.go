package policy

import (
	"context"
	"iter"
	"time"
)

// Visit is one authenticated request and what it was answered: a row of the
// journal of everything that came, beside the records of what was decided.
type Visit struct {
	At        time.Time // of the answer, UTC, to the microsecond
	Key       Key       // without an identifier where none could be read
	Reference string    // of the call; stands in every answer that is no success
	Code      string    // of the answer: SUCCESS, isv.missing-parameter:attrs.agreeOnSendTime …
	Product   string    // as the request names it; "" where that is none
	Edition   string    // it was decided under; "" where none was
	Digest    string    // of the edition
	Replayed  bool      // answered from what was kept before
	Sealed    []byte    // request, faults and facts (see Issuer.OpenVisit); empty where the key's record has them
}

// VisitSelection says which visits are listed. What is left zero selects all.
type VisitSelection struct {
	Tenant     Tenant
	Identifier string
	Reference  string
	Product    string
	Code       string    // a whole code
	From, To   time.Time // From included, To not
}

// Journal is what a Store offers beside, to keep every authenticated request.
type Journal interface {
	// Enter keeps visits. What it answered nil for is durable; trouble is that of
	// Store. A visit that is entered twice, because its outcome was not known,
	// stands there twice.
	Enter(ctx context.Context, v ...Visit) error

	// Visits gives the selected ones, oldest first, page by page. A reference, an
	// identifier and a time are each found without reading the rest. The first
	// error, that of Store, ends it.
	Visits(ctx context.Context, s VisitSelection) iter.Seq2[Visit, error]

	// Forget deletes the oldest visits from before a time, limit of them at most,
	// and tells how many they were. Records are not touched.
	Forget(ctx context.Context, before time.Time, limit int) (int, error)
}

// Selects tells whether a visit is one of those that are listed.
func (s *VisitSelection) Selects(v *Visit) bool {
	return (s.Tenant == "" || s.Tenant == v.Key.Tenant) &&
		(s.Identifier == "" || s.Identifier == v.Key.Identifier) &&
		(s.Reference == "" || s.Reference == v.Reference) &&
		(s.Product == "" || s.Product == v.Product) &&
		(s.Code == "" || s.Code == v.Code) &&
		(s.From.IsZero() || !v.At.Before(s.From)) &&
		(s.To.IsZero() || v.At.Before(s.To))
}
