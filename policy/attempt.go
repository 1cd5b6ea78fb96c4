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
	at        time.Time // when it was decided

	replaces    int64  // the revision that stands in the way, and may be replaced
	text        []byte // what is to be sealed, but for the receipt
	fingerprint []byte
	refused     []refused // payloads of the key that rules refused before
}

func (a *attempt) key() Key { return Key{a.tenant, a.request.Identifier} }

func (a *attempt) refusal(faults Faults) *Refusal {
	return &Refusal{Faults: faults, Reference: a.reference}
}

// answerFrom answers from a stored record. done is false where the record was
// refused or referred for another payload: this one is then a new attempt,
// which may replace it.
func (a *attempt) answerFrom(rec Record) (receipt Receipt, done bool, err error) {
	m, err := a.issuer.memoOf(&rec)
	if err != nil {
		return Receipt{}, true, err
	}
	var fields []string
	if !a.issuer.config.Keys.matches(rec.Fingerprint, a.request, a.ignore) {
		if fields, err = a.differsFrom(m.request); err != nil {
			return Receipt{}, true, err
		}
	}
	same := len(fields) == 0
	switch {
	case same && rec.Status == StatusIssued:
		return m.Receipt, true, nil
	case same:
		return Receipt{}, true, &Refusal{Faults: m.Faults, Reference: m.Reference, Replayed: true}
	case rec.Status == StatusIssued:
		return Receipt{}, true, &ConflictError{Fields: fields, Reference: a.reference}
	}
	for _, r := range m.Refused {
		if fields, err = a.differsFrom(r.Request); err != nil {
			return Receipt{}, true, err
		}
		if len(fields) == 0 {
			return Receipt{}, true, &Refusal{Faults: r.Faults, Reference: r.Reference, Replayed: true}
		}
	}
	a.replaces, a.refused = rec.Revision, m.Refused
	if rec.Status == StatusRefused {
		a.refused = append(a.refused, refused{m.request, m.Faults, m.Reference})
		a.refused = a.refused[max(0, len(a.refused)-maxRefused):]
	}
	return Receipt{}, false, nil
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
	a.at = a.issuer.config.Clock().UTC().Truncate(time.Microsecond)
	draft := Draft{Key: a.key()}
	if status == StatusIssued {
		unique, err := a.businessKeys()
		if err != nil {
			return Receipt{}, err
		}
		draft.Unique, draft.Numbered = unique, true
	}
	for range maxReplacements {
		if err := a.prepare(status); err != nil {
			return Receipt{}, err
		}
		draft.Replaces = a.replaces
		var receipt Receipt
		draft.Complete = func(sequence uint64) (entry Entry, err error) {
			entry, receipt, err = a.entry(status, sequence)
			return entry, err
		}
		rec, won, err := a.issuer.config.Store.Issue(ctx, draft)
		if taken := (*TakenError)(nil); errors.As(err, &taken) {
			return Receipt{}, a.refusal(Faults{newFault(KindDuplicateKey,
				"该业务号已用于另一张保单", "the value has funded another policy", taken.Path)})
		}
		if err != nil {
			return Receipt{}, err
		}
		if won && status == StatusIssued {
			return receipt, nil
		}
		if won {
			return Receipt{}, a.refusal(a.decision.Faults)
		}
		if receipt, done, err := a.answerFrom(rec); done {
			return receipt, err
		}
	}
	return Receipt{}, ErrInProgress
}

// businessKeys are the values that the product lets fund one policy only. A
// store keeps them in the clear.
func (a *attempt) businessKeys() ([]BusinessKey, error) {
	var keys []BusinessKey
	for _, path := range a.decision.Terms.Unique {
		f, ok := FieldNamed(path)
		if !ok || f.Personal {
			return nil, fmt.Errorf("policy: product %s, edition %s: Unique names %q, which is no field or a personal one", a.decision.Terms.Product, a.decision.Terms.Edition, path)
		}
		if text := f.Text(a.request); text != "" {
			keys = append(keys, BusinessKey{Path: path, Value: text})
		}
	}
	return keys, nil
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
	if e.Event, err = json.Marshal(newEvent(rec, d)); err != nil {
		return Entry{}, Receipt{}, err
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
