package policy

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// Tenant is the configured app whose secret verified a request. A retry that
// names its app in another way is the same tenant.
type Tenant string

// Key is what a policy is issued at most once for.
type Key struct {
	Tenant     Tenant
	Identifier string
}

// Status is what became of a key.
type Status string

// The statuses. Only issued is final: any other record may be replaced by a
// later one under the same key (Draft.Replaces), until it is erased.
const (
	StatusIssued   Status = "issued"
	StatusRefused  Status = "refused"
	StatusReferred Status = "referred" // held for an underwriter
	StatusAccepted Status = "accepted" // by an underwriter: the same payload is issued when it comes again
	StatusReopened Status = "reopened" // by an operator: the key is as free as one without a record
	StatusReserved Status = "reserved" // a core system is being asked to book it
	StatusBooked   Status = "booked"   // a core system has booked it
)

// known tells whether s is one of the statuses.
func (s Status) known() bool {
	switch s {
	case StatusIssued, StatusRefused, StatusReferred, StatusAccepted, StatusReopened, StatusReserved, StatusBooked:
		return true
	}
	return false
}

// Holds tells whether a record of this status holds its business keys.
func (s Status) Holds() bool {
	return s == StatusIssued || s == StatusReserved || s == StatusBooked
}

// Pending tells whether somebody is still to do something about a record of
// this status: these are few, and stores find them without reading the others.
func (s Status) Pending() bool {
	return s == StatusReferred || s == StatusAccepted || s == StatusReserved || s == StatusBooked
}

// Final tells whether nothing may take the place of a record.
func (r *Record) Final() bool { return r.Status == StatusIssued || r.Erased() }

// Record is what a store keeps for a key. The plain columns are for looking
// up and listing; request and answer are in Sealed, which the Issuer alone can
// open.
type Record struct {
	Key         Key
	Revision    int64 // 1 for the first record of a key, one more for each that replaced it
	Status      Status
	Number      string // policy number; "" unless issued
	Product     string
	Edition     string
	Digest      string // of the edition
	Fingerprint []byte // of the request, keyed
	Sealed      []byte
	At          time.Time // of the decision, UTC, to the microsecond
	ErasedAt    time.Time // UTC, to the microsecond; zero unless it was erased (see Erased)
}

// BusinessKey is a value that may fund one policy only, within a tenant.
type BusinessKey struct {
	Path  string // of the field: attrs.premiumFundStreamNo
	Value string
}

// Entry is what one decision writes: all of it, or nothing.
type Entry struct {
	Record Record
	Event  []byte // for the outbox: a CloudEvents 1.0 JSON object without personal data
	Audit  []byte // for the audit chain (see ChainHash)
}

// Draft is a decision on its way into a store.
type Draft struct {
	Key      Key
	Replaces int64         // the revision of the record, not issued, that it takes the place of; 0 where there was none
	Unique   []BusinessKey // claimed together with the key where the new record holds any (Status.Holds), given back where it does not
	Numbered bool          // whether Complete needs a sequence number
	Exposure *Exposure     // nil where no amount in force matters

	// Complete makes the entry. It is pure but for random nonces, and may be
	// called again (with another number) where a transaction is repeated. seq
	// is 0 unless Numbered. An error fails this draft alone, never its batch.
	// Stores call Make, which calls it.
	Complete func(seq uint64) (Entry, error)
}

// Store keeps what was decided. Implementations pass storetest.Run; they must
// be safe for concurrent use.
type Store interface {
	// Issue writes a draft's entry in one transaction, once:
	//
	//   - A key without a record is won; so is one whose record has the
	//     revision draft.Replaces and is not final. Any other record is
	//     returned with won false, whatever the payload.
	//   - Then the business keys are looked up. One that another key's record
	//     holds answers a *TakenError, and nothing is written.
	//   - Then, if Numbered, the next sequence number is drawn (1, 2, 3 …, unique,
	//     never reused, not burnt by losers) and Complete is called. An entry that
	//     does not fit fails its draft too: of another key, of no known status,
	//     with a number although it is no policy, without one or with one in use.
	//   - If the draft has an Exposure, Make is told what is in force for its
	//     subjects, which stays so until the transaction ends: no other one adds to
	//     them meanwhile. A store that is no Exposer fails such a draft.
	//   - Record, business keys, event (if there is one) and audit event are
	//     written together. A record whose status holds business keys takes those of
	//     the draft; any other gives back those of the draft that its own key held
	//     until now. So does it with the amount of the Exposure, which counts once
	//     for each subject, however many records of the key hold it one after the
	//     other. The store counts Record.Revision itself.
	//
	// A returned record is durable. Trouble wraps ErrUnavailable (nothing was
	// written) or ErrResultUnknown (it may have been); a context that ends while
	// waiting answers its error, and the work may still be done.
	Issue(ctx context.Context, d Draft) (rec Record, won bool, err error)

	// Find gives the record of a key; ErrNotFound where there is none.
	Find(ctx context.Context, k Key) (Record, error)

	// Policy gives the issued record with this policy number; ErrNotFound where
	// there is none.
	Policy(ctx context.Context, number string) (Record, error)
}

// UniqueFinder is what a Store offers beside, for people who look something up.
type UniqueFinder interface {
	// FindUnique gives the record that holds a business key; ErrNotFound where
	// none does.
	FindUnique(ctx context.Context, t Tenant, b BusinessKey) (Record, error)
}

// Trouble. Callers match with errors.Is; the same request may be sent again.
var (
	ErrNotFound      = errors.New("policy: no such record")
	ErrUnavailable   = errors.New("policy: the store is not available")
	ErrResultUnknown = errors.New("policy: the outcome of the commit is not known")
)

// TakenError tells that a business key belongs to another policy.
type TakenError struct{ Path string }

func (e *TakenError) Error() string {
	return fmt.Sprintf("policy: the value of %s has funded another policy", e.Path)
}

// ChainHash is the hash of an audit event: SHA-256 over the hash of the event
// before it (32 zero bytes for the first), the event's length as 8 bytes, big
// endian, and the event. Altering, dropping, inserting or swapping events
// breaks the chain.
func ChainHash(previous [sha256.Size]byte, event []byte) [sha256.Size]byte {
	buf := make([]byte, 0, sha256.Size+8+len(event))
	buf = append(buf, previous[:]...)
	buf = binary.BigEndian.AppendUint64(buf, uint64(len(event)))
	return sha256.Sum256(append(buf, event...))
}
