package policy

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// journalWait bounds how long an answer waits for its row in the journal.
const journalWait = 2 * time.Second

// visitKey is what a visit's sealed part is bound to. No identifier holds a
// space.
func visitKey(t Tenant, reference string) Key { return Key{t, "visit " + reference} }

// visited is what is sealed of a visit, after the request or the body.
type visited struct {
	Faults Faults `json:"faults,omitempty"`
	Read   bool   `json:"read"` // what precedes it is a request; else a body as it was sent
}

// VisitCase is a visit that was opened.
type VisitCase struct {
	Visit   Visit
	Request *Request // nil where the body could not be read
	Body    []byte   // as it was sent, where it could not be read
	Faults  Faults
}

// enter keeps what was answered. A policy that was issued just now is told by
// its record, and a store that is down is not asked to keep that it is.
func (i *Issuer) enter(ctx context.Context, a *attempt, err error) {
	if i.config.Journal == nil || err == nil && !a.replayed || errors.Is(err, ErrUnavailable) {
		return
	}
	v := Visit{
		At: i.now(), Key: a.key(), Reference: a.reference, Code: string(KindSuccess), Replayed: a.replayed,
		Edition: a.decision.Terms.Edition, Digest: a.decision.Terms.Digest,
	}
	if !isIdentifier(v.Key.Identifier) {
		v.Key.Identifier = ""
	}
	if isProductCode(a.request.ProductCode) {
		v.Product = a.request.ProductCode
	}
	faults := FaultsOf(err)
	if worst, ok := faults.Worst(); ok {
		v.Code = worst.ErrorCode()
	}
	if !a.kept {
		if v.Sealed, err = i.sealVisit(a.tenant, a.reference, requestText(a.request), visited{faults, true}); err != nil {
			i.journalTrouble(err)
			return
		}
	}
	i.note(ctx, v)
}

// EnterUnread keeps a request in the journal whose body could not be read, with
// the faults that were answered. Adapters call it.
func (i *Issuer) EnterUnread(ctx context.Context, t Tenant, body []byte, faults Faults) {
	if i.config.Journal == nil {
		return
	}
	v := Visit{At: i.now(), Key: Key{Tenant: t}, Reference: Reference(ctx)}
	if worst, ok := faults.Worst(); ok {
		v.Code = worst.ErrorCode()
	}
	var err error
	if v.Sealed, err = i.sealVisit(t, v.Reference, body, visited{Faults: faults}); err != nil {
		i.journalTrouble(err)
		return
	}
	i.note(ctx, v)
}

func (i *Issuer) sealVisit(t Tenant, reference string, text []byte, v visited) ([]byte, error) {
	line, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return i.config.Keys.seal(visitKey(t, reference), append(append(line, '\n'), text...)), nil
}

// note enters a visit, also for a caller who has gone.
func (i *Issuer) note(ctx context.Context, v Visit) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), journalWait)
	defer cancel()
	if err := i.config.Journal.Enter(ctx, v); err != nil {
		i.journalTrouble(err)
	}
}

func (i *Issuer) journalTrouble(err error) {
	if i.config.JournalTrouble != nil {
		i.config.JournalTrouble(err)
	}
}

// OpenVisit reads what is sealed of a visit; it is empty where the record of
// its key has it.
func (i *Issuer) OpenVisit(v Visit) (VisitCase, error) {
	c := VisitCase{Visit: v}
	if len(v.Sealed) == 0 {
		return c, nil
	}
	text, err := i.config.Keys.open(visitKey(v.Key.Tenant, v.Reference), v.Sealed)
	if err != nil {
		return c, err
	}
	line, rest, _ := bytes.Cut(text, []byte{'\n'})
	var told visited
	if err := json.Unmarshal(line, &told); err != nil {
		return c, fmt.Errorf("policy: a sealed visit does not read: %w", err)
	}
	c.Faults = told.Faults
	if told.Read {
		c.Request, err = readRequest(rest)
	} else {
		c.Body = rest
	}
	return c, err
}

// FaultsOf are the faults that an error of Issue is answered with, trouble of
// ours included; none for nil.
func FaultsOf(err error) Faults {
	var refusal *Refusal
	var conflict *ConflictError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &refusal):
		return refusal.Faults
	case errors.As(err, &conflict):
		return conflict.Faults()
	}
	return TroubleFaults(TroubleKind(err))
}
