package policy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Ruling is what a person decides about a record, and is kept with it and in
// the audit chain, in the clear: it should tell of no person but who rules.
type Ruling struct {
	By       string // who: 1 to 64 characters
	Why      string // 1 to 256 characters
	Revision int64  // of the record that was looked at; 0 for whichever it is now
}

// Ruled is a ruling as it is kept.
type Ruled struct {
	Status Status    `json:"status"` // that it led to: accepted, refused or reopened
	By     string    `json:"by"`
	Why    string    `json:"why"`
	At     time.Time `json:"at"` // UTC, to the microsecond
}

// StatusError tells that a record is not one that this can be done to.
type StatusError struct {
	Status   Status
	Revision int64
	Expired  bool // a referral that is held no longer
}

func (e *StatusError) Error() string {
	if e.Expired {
		return "policy: the referral has expired"
	}
	return fmt.Sprintf("policy: the record is %s, in revision %d", e.Status, e.Revision)
}

// ErrRuling is the error of a ruling that does not tell who and why.
var ErrRuling = errors.New("policy: a ruling wants who (1 to 64 characters) and why (1 to 256)")

// DefaultReferralLife is how long a referral is held, and then the policy that
// an underwriter accepted.
const DefaultReferralLife = 30 * 24 * time.Hour

// declinedCode is the code of a referral that an underwriter declined.
const declinedCode = "UNDERWRITER_DECLINED"

// Accept accepts a referral: its policy is issued when the platform sends the
// same application again, under the edition and at the premium that were
// referred. (One that was issued now would be a policy that the platform never
// learns of.) Errors are ErrNotFound, ErrRuling, ErrErased, a *StatusError, and
// trouble.
func (i *Issuer) Accept(ctx context.Context, k Key, r Ruling) (Record, error) {
	return i.rule(ctx, k, r, StatusAccepted, func(*memo) {}, StatusReferred)
}

// Decline declines a referral, also one that was accepted and is not issued
// yet: the platform is answered a refusal from then on, for this application.
// Errors are those of Accept.
func (i *Issuer) Decline(ctx context.Context, k Key, r Ruling) (Record, error) {
	return i.rule(ctx, k, r, StatusRefused, func(m *memo) {
		fault := newFault(KindRejected, "经人工核保，不予承保", "declined by an underwriter")
		fault.Code = declinedCode
		m.Faults = append(Faults{fault}, m.Faults.notes()...)
	}, StatusReferred, StatusAccepted)
}

// Reopen lets applications be decided anew that were refused under this key,
// the one of the record and those before it. Errors are those of Accept.
func (i *Issuer) Reopen(ctx context.Context, k Key, r Ruling) (Record, error) {
	return i.rule(ctx, k, r, StatusReopened, func(m *memo) { m.Refused = nil }, StatusRefused)
}

// rule writes what a ruling makes of a record that has one of these statuses.
func (i *Issuer) rule(ctx context.Context, k Key, r Ruling, to Status, change func(*memo), from ...Status) (Record, error) {
	if !r.told() {
		return Record{}, ErrRuling
	}
	rec, err := i.config.Store.Find(ctx, k)
	if err != nil {
		return Record{}, err
	}
	if rec.Erased() {
		return Record{}, ErrErased
	}
	fits := slices.Contains(from, rec.Status) && (r.Revision == 0 || r.Revision == rec.Revision)
	if expired := i.expired(&rec); !fits || expired {
		return Record{}, &StatusError{Status: rec.Status, Revision: rec.Revision, Expired: fits && expired}
	}
	m, err := i.memoOf(&rec)
	if err != nil {
		return Record{}, err
	}
	change(m)
	m.Ruled = append(m.Ruled, Ruled{Status: to, By: r.By, Why: r.Why, At: i.now()})
	m.Ruled = m.Ruled[max(0, len(m.Ruled)-maxRuled):]
	s := step{issuer: i, from: rec, memo: *m, status: to, reference: m.Reference, event: true, ruling: r}
	next, won, err := s.take(ctx)
	if err == nil && !won {
		err = &StatusError{Status: next.Status, Revision: next.Revision}
	}
	return next, err
}

// told tells whether a ruling says who and why.
func (r *Ruling) told() bool {
	return isText(r.By, "64") && isText(r.Why, "256") && r.By != "" && r.Why != ""
}

// maxRuled is how many rulings of one key are remembered; the audit chain has
// all of them.
const maxRuled = 32

// expired tells whether a referral, accepted or not, is held no longer: its
// application is then decided anew when it comes again.
func (i *Issuer) expired(rec *Record) bool {
	held := rec.Status == StatusReferred || rec.Status == StatusAccepted
	return held && !i.now().Before(rec.At.Add(i.config.ReferralLife))
}

// notes are the faults that refuse nothing.
func (fs Faults) notes() (notes Faults) {
	for _, f := range fs {
		if f.Severity == Note {
			notes = append(notes, f)
		}
	}
	return notes
}
