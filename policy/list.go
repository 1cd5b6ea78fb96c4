package policy

import (
	"context"
	"iter"
	"time"
)

// Selection says which records are listed. What is left zero selects all.
type Selection struct {
	Tenant   Tenant
	Product  string
	Edition  string
	Status   Status
	From, To time.Time // of the decision, From included, To not
}

// Lister is what a Store offers beside, for reports.
type Lister interface {
	// List gives the record that each key has now, in the order in which the
	// keys arrived. It reads page by page, so that a listing of any length holds
	// neither a lock nor much memory; a record that is written or replaced
	// meanwhile is given or not. The first error, that of Store, ends it. Records
	// of a Pending status are found without reading the others, and those decided
	// between From and To without reading what was decided before.
	List(ctx context.Context, s Selection) iter.Seq2[Record, error]
}

// Selects tells whether a record is one of those that are listed.
func (s *Selection) Selects(r *Record) bool {
	return (s.Tenant == "" || s.Tenant == r.Key.Tenant) &&
		(s.Product == "" || s.Product == r.Product) &&
		(s.Edition == "" || s.Edition == r.Edition) &&
		(s.Status == "" || s.Status == r.Status) &&
		(s.From.IsZero() || !r.At.Before(s.From)) &&
		(s.To.IsZero() || r.At.Before(s.To))
}
