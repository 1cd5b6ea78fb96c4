package policy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

// attempt is one call of Issue on its way.
type attempt struct {
	issuer    *Issuer
	tenant    Tenant
	request   *Request
	ignore    FieldSet
	reference string
	decision  Decision
	product   Product   // that it was decided by
	lacking   error     // why facts were not to be had
	sums      []int64   // in fen, that the decision knows to be in force: of Exposure.All
	at        time.Time // when it was decided

	held        *Record // a referral of another payload that stands in the way, and outlasts a refusal of this one
	heldMemo    *memo
	replayed    bool   // answered from what was kept before
	kept        bool   // the record of the key holds what was answered
	replaces    int64  // the revision that stands in the way, and may be replaced
	text        []byte // what is to be sealed, but for the receipt
	fingerprint []byte
	refused     []refused // payloads of the key that rules refused before
}

func (a *attempt) key() Key { return Key{a.tenant, a.request.Identifier} }

func (a *attempt) refusal(faults Faults) *Refusal {
	return &Refusal{Faults: faults, Reference: a.reference}
}

// issue answers from what is kept, or decides.
func (a *attempt) issue(ctx context.Context) (Receipt, error) {
	i := a.issuer
	if _, books := i.config.Cores[a.tenant]; books && i.hosted {
		return Receipt{}, errHosted
	}
	if isIdentifier(a.request.Identifier) {
		rec, err := i.config.Store.Find(ctx, a.key())
		if err != nil && !errors.Is(err, ErrNotFound) {
			return Receipt{}, err
		}
		if err == nil {
			if receipt, done, err := a.answerFrom(ctx, rec); done {
				return receipt, err
			}
		}
	}
	decision, err := i.decide(ctx, a)
	if err != nil {
		return Receipt{}, err
	}
	a.decision = decision
	status, kept := decision.status()
	if !kept {
		return Receipt{}, a.refusal(decision.Faults)
	}
	return a.keep(ctx, status)
}

// answerFrom answers from a stored record, and carries it on where it waits for
// us. done is false where this payload is a new attempt, which may replace the
// record.
func (a *attempt) answerFrom(ctx context.Context, rec Record) (Receipt, bool, error) {
	a.replayed, a.kept = true, true // but where it is found otherwise below
	for range maxReplacements {
		if rec.Erased() { // of what it was nothing can be compared
			a.replayed, a.kept = false, false
			return Receipt{}, true, &ConflictError{Fields: []string{"identifier"}, Reference: a.reference, erased: true}
		}
		m, err := a.issuer.memoOf(&rec)
		if err != nil {
			return Receipt{}, true, err
		}
		fields, err := a.differs(&rec, m)
		if err != nil {
			return Receipt{}, true, err
		}
		if len(fields) > 0 || rec.Status == StatusReopened || a.issuer.expired(&rec) {
			return a.answerOther(&rec, m, fields)
		}
		switch rec.Status {
		case StatusIssued:
			return m.Receipt, true, nil
		case StatusAccepted, StatusReserved, StatusBooked:
			a.replayed = false
			if rec, err = a.issuer.advance(ctx, rec, m, a.reference); err != nil {
				a.kept = false
				return Receipt{}, true, a.takenOr(err)
			}
			continue
		case StatusRefused, StatusReferred, StatusReopened:
		}
		return Receipt{}, true, &Refusal{Faults: m.Faults, Reference: m.Reference, Replayed: a.replayed}
	}
	return Receipt{}, true, ErrInProgress
}

// answerOther answers a payload that is not the record's, or not any longer.
func (a *attempt) answerOther(rec *Record, m *memo, fields []string) (receipt Receipt, done bool, err error) {
	a.replayed, a.kept = false, false
	if rec.Status.Holds() {
		return Receipt{}, true, &ConflictError{Fields: fields, Reference: a.reference}
	}
	for _, r := range m.Refused {
		differs, err := a.differsFrom(r.Request)
		if err != nil {
			return Receipt{}, true, err
		}
		if len(differs) == 0 {
			a.replayed, a.kept = true, true
			return Receipt{}, true, &Refusal{Faults: r.Faults, Reference: r.Reference, Replayed: true}
		}
	}
	a.replaces, a.refused, a.held, a.heldMemo = rec.Revision, m.Refused, nil, nil
	switch {
	case rec.Status == StatusRefused:
		a.refused = remember(a.refused, refused{m.request, m.Faults, m.Reference})
	case (rec.Status == StatusReferred || rec.Status == StatusAccepted) && !a.issuer.expired(rec):
		a.held, a.heldMemo = rec, m
	}
	return Receipt{}, false, nil
}

// remember adds a refused payload to those of its key.
func remember(all []refused, one refused) []refused {
	all = append(slices.Clip(all), one)
	return all[max(0, len(all)-maxRefused):]
}

// differs names the fields in which the request differs from the record's.
func (a *attempt) differs(rec *Record, m *memo) ([]string, error) {
	if a.issuer.config.Keys.matches(rec.Fingerprint, a.request, a.ignore) {
		return nil, nil
	}
	return a.differsFrom(m.request)
}

// differsFrom names the fields in which the request differs from a kept one.
func (a *attempt) differsFrom(kept []byte) ([]string, error) {
	r, err := readRequest(kept)
	if err != nil {
		return nil, err
	}
	return differing(r, a.request, a.ignore), nil
}

// keep stores the decision, or answers from the one that was stored first.
func (a *attempt) keep(ctx context.Context, status Status) (Receipt, error) {
	if err := a.decision.Premium.keepable(); err != nil {
		return Receipt{}, err
	}
	if err := a.issuer.archive(ctx, &a.decision.Terms); err != nil {
		return Receipt{}, err
	}
	for range maxReplacements {
		a.at = a.issuer.now()
		if _, books := a.issuer.config.Cores[a.tenant]; books && status == StatusIssued {
			status = StatusReserved
		}
		receipt, rec, err := a.write(ctx, status)
		if errors.Is(err, errDecidedAnew) {
			kept := false
			if status, kept = a.decision.status(); !kept {
				return Receipt{}, a.refusal(a.decision.Faults)
			}
			continue
		}
		if err != nil {
			return Receipt{}, a.takenOr(err)
		}
		if rec == nil {
			a.kept = true
			return a.answer(receipt, status)
		}
		if receipt, done, err := a.answerFrom(ctx, *rec); done {
			return receipt, err
		}
	}
	return Receipt{}, ErrInProgress
}

// answer is what is answered once a decision is kept.
func (a *attempt) answer(receipt Receipt, status Status) (Receipt, error) {
	if status == StatusIssued {
		return receipt, nil
	}
	return Receipt{}, a.refusal(a.decision.Faults)
}

// write writes the decision. It gives the record that the key has where that
// is not the answer: another call's, or a reservation of its own.
func (a *attempt) write(ctx context.Context, status Status) (receipt Receipt, other *Record, err error) {
	if status == StatusRefused && a.held != nil {
		other, err = a.refuseBeside(ctx)
		return Receipt{}, other, err
	}
	if err := a.prepare(status); err != nil {
		return Receipt{}, nil, err
	}
	draft := Draft{Key: a.key(), Replaces: a.replaces, Numbered: status == StatusIssued}
	w := *a // a store may still be at work on it when nobody waits for it any longer
	if status.Holds() {
		if draft.Unique, err = a.businessKeys(); err != nil {
			return Receipt{}, nil, err
		}
		var places [][]int
		draft.Exposure, places = a.issuer.config.Keys.exposure(a.decision.exposed(), a.tenant, a.request, a.at)
		if draft.Exposure != nil {
			draft.Exposure.Hold = w.hold(status, places)
		}
	}
	draft.Complete = func(sequence uint64) (entry Entry, err error) {
		entry, receipt, err = w.entry(status, sequence)
		return entry, err
	}
	rec, won, err := a.issuer.config.Store.Issue(ctx, draft)
	switch {
	case errors.Is(err, errDecidedAnew):
		*a = w
		return Receipt{}, nil, err
	case err != nil:
		return Receipt{}, nil, err
	case !won:
		return Receipt{}, &rec, nil
	}
	*a = w
	if status == StatusReserved {
		return Receipt{}, &rec, nil
	}
	return receipt, nil, nil
}

// refuseBeside keeps a refusal beside the referral of another payload, which
// stays held: an underwriter may be at work on it.
func (a *attempt) refuseBeside(ctx context.Context) (other *Record, err error) {
	m := *a.heldMemo
	m.Refused = remember(m.Refused, refused{requestText(a.request), a.decision.Faults, a.reference})
	s := step{issuer: a.issuer, from: *a.held, memo: m, status: a.held.Status, reference: a.reference, event: true, beside: &a.decision}
	s.at = a.held.At // it is held no longer for that
	rec, won, err := s.take(ctx)
	if err != nil || won {
		return nil, err
	}
	return &rec, nil
}

// takenOr makes a refusal of a business key that another policy holds.
func (a *attempt) takenOr(err error) error {
	if taken := (*TakenError)(nil); errors.As(err, &taken) {
		return a.refusal(Faults{newFault(KindDuplicateKey, "该业务号已用于另一张保单", "the value has funded another policy", taken.Path)})
	}
	return err
}

// businessKeys are the values that the product lets fund one policy only. A
// store keeps them in the clear.
func (a *attempt) businessKeys() ([]BusinessKey, error) {
	terms := &a.decision.Terms
	for _, path := range terms.Unique {
		if f, ok := FieldNamed(path); !ok || f.Personal {
			return nil, fmt.Errorf("policy: product %s, edition %s: Unique names %q, which is no field or a personal one", terms.Product, terms.Edition, path)
		}
	}
	return keysOf(a.request, terms.Unique), nil
}

// prepare makes what does not depend on the sequence number. A store completes
// its drafts one after the other; what is done here is done side by side.
func (a *attempt) prepare(status Status) (err error) {
	c, d := &a.issuer.config, &a.decision
	m := memo{
		Title: d.Terms.Title, Coverages: d.coverages(), Premium: d.Premium, Faults: d.Faults,
		Reference: a.reference, Facts: d.Application.Request.Facts, request: requestText(a.request),
	}
	if status != StatusIssued {
		m.Refused = a.refused
	}
	if status.Pending() {
		m.Unique, m.Exposed = d.Terms.Unique, d.exposed()
	}
	a.fingerprint = c.Keys.fingerprint(c.Keys.active, a.request, a.ignore)
	a.text, err = m.text()
	return err
}

// entry is what the decision writes.
func (a *attempt) entry(status Status, sequence uint64) (e Entry, receipt Receipt, err error) {
	c, d := &a.issuer.config, &a.decision
	rec := &e.Record
	*rec = Record{
		Key: a.key(), Revision: a.replaces + 1, Status: status,
		Product: d.Terms.Product, Edition: d.Terms.Edition, Digest: d.Terms.Digest,
		Fingerprint: a.fingerprint, At: a.at,
	}
	text := a.text
	if status == StatusIssued {
		rec.Number = c.Numbering.Number(d.Terms.Product, d.Application.InsureTime, sequence)
		receipt = Receipt{PolicyNo: rec.Number, PolicyFileURL: a.issuer.policyURL(rec.Number), IssuedAt: a.at}
		if text, err = withReceipt(text, receipt); err != nil {
			return Entry{}, Receipt{}, err
		}
	}
	rec.Sealed = c.Keys.seal(rec.Key, text)
	if status != StatusReserved {
		if e.Event, err = json.Marshal(newEvent(rec, &d.Premium, d.Faults)); err != nil {
			return Entry{}, Receipt{}, err
		}
	}
	e.Audit, err = json.Marshal(newAuditEvent(rec, a.reference))
	return e, receipt, err
}

// coverages are those that the request names, in the product's order.
func (d *Decision) coverages() []Coverage {
	var named []Coverage
	for _, c := range d.Terms.Coverages {
		if slices.Contains(d.Application.InsuranceTypes, c.Code) {
			named = append(named, c)
		}
	}
	return named
}
