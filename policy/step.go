package policy

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// step is the record that takes the place of another one of its key, with the
// same application: a reservation that was booked, a referral that was accepted.
type step struct {
	issuer    *Issuer
	from      Record
	memo      memo // as it is to be kept
	status    Status
	reference string
	event     bool // whether it is published
	ruling    Ruling
	at        time.Time // of the record; now where it is zero
	beside    *Decision // a refusal that is kept beside what the record says, and is what is told
}

// take writes the step. won is false where another one was faster: the record
// is then what the key has now.
func (s *step) take(ctx context.Context) (rec Record, won bool, err error) {
	at := s.at
	if at.IsZero() {
		at = s.issuer.now()
	}
	unique, err := s.businessKeys()
	if err != nil {
		return Record{}, false, err
	}
	exposure, err := s.exposure(at)
	if err != nil {
		return Record{}, false, err
	}
	if !s.status.Pending() {
		s.memo.Unique, s.memo.Exposed = nil, nil // nobody asks again
	}
	if s.status == StatusIssued {
		s.memo.Refused = nil // whatever comes now is a conflict
	}
	text, err := s.memo.text()
	if err != nil {
		return Record{}, false, err
	}
	d := Draft{Key: s.from.Key, Replaces: s.from.Revision, Unique: unique, Exposure: exposure}
	d.Numbered = s.status == StatusIssued && s.memo.Booking == nil
	d.Complete = func(sequence uint64) (Entry, error) { return s.entry(text, at, sequence) }
	return s.issuer.config.Store.Issue(ctx, d)
}

// businessKeys are those of the application, where it holds them or did.
func (s *step) businessKeys() ([]BusinessKey, error) {
	if !s.status.Holds() && !s.from.Status.Holds() {
		return nil, nil
	}
	r, err := readRequest(s.memo.request)
	if err != nil {
		return nil, err
	}
	return keysOf(r, s.memo.Unique), nil
}

// exposure is the application's, where it begins to count or does so no longer.
// What is in force keeps nothing from it: a limit is the decision's.
func (s *step) exposure(at time.Time) (*Exposure, error) {
	if s.status.Holds() == s.from.Status.Holds() {
		return nil, nil //nolint:nilnil // most have none
	}
	r, err := readRequest(s.memo.request)
	if err != nil {
		return nil, err
	}
	x, _ := s.issuer.config.Keys.exposure(s.memo.Exposed, s.from.Key.Tenant, r, at)
	return x, nil
}

func (s *step) entry(text []byte, at time.Time, sequence uint64) (e Entry, err error) {
	rec := &e.Record
	*rec = s.from
	rec.Revision, rec.Status, rec.At = s.from.Revision+1, s.status, at
	if s.status == StatusIssued {
		receipt, err := s.receipt(at, sequence)
		if err != nil {
			return Entry{}, err
		}
		if text, err = withReceipt(text, receipt); err != nil {
			return Entry{}, err
		}
		rec.Number = receipt.PolicyNo
	}
	rec.Sealed = s.issuer.config.Keys.seal(rec.Key, text)
	told, premium, faults := *rec, &s.memo.Premium, s.memo.Faults
	if s.beside != nil {
		told.Status, premium, faults = StatusRefused, &s.beside.Premium, s.beside.Faults
	}
	if s.event {
		if e.Event, err = json.Marshal(newEvent(&told, premium, faults)); err != nil {
			return Entry{}, err
		}
	}
	audit := newAuditEvent(rec, s.reference)
	if s.beside != nil {
		audit.Beside = told.eventType()
	}
	audit.By, audit.Why = s.ruling.By, s.ruling.Why
	e.Audit, err = json.Marshal(audit)
	return e, err
}

// receipt is the core system's where it has booked, and ours otherwise.
func (s *step) receipt(at time.Time, sequence uint64) (Receipt, error) {
	if b := s.memo.Booking; b != nil {
		r := Receipt{PolicyNo: b.PolicyNo, PolicyFileURL: b.PolicyFileURL, IssuedAt: at}
		if r.PolicyFileURL == "" {
			r.PolicyFileURL = s.issuer.policyURL(b.PolicyNo)
		}
		return r, nil
	}
	request, err := readRequest(s.memo.request)
	if err != nil {
		return Receipt{}, err
	}
	insured, ok := parseStamp(request.InsureTime)
	if !ok {
		return Receipt{}, fmt.Errorf("policy: a kept request has no insureTime")
	}
	number := s.issuer.config.Numbering.Number(s.from.Product, insured, sequence)
	return Receipt{PolicyNo: number, PolicyFileURL: s.issuer.policyURL(number), IssuedAt: at}, nil
}

// keysOf are the values of a request at these paths.
func keysOf(r *Request, paths []string) (keys []BusinessKey) {
	for _, path := range paths {
		if f, ok := FieldNamed(path); ok && f.Text(r) != "" {
			keys = append(keys, BusinessKey{Path: path, Value: f.Text(r)})
		}
	}
	return keys
}
