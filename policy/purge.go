package policy

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Retention says how long what was decided is kept, and what is done when that
// is over.
type Retention struct {
	Tenant Tenant    // whose records; "" for all
	From   time.Time // only those decided from then on; zero for all: what runs before have gone through need not be again
	By     string    // who purges: 1 to 64 characters, kept in the audit chain

	// Years are counted from the end of the business: the expireTime of a policy,
	// the decision on anything else. 0 stands for 10.
	// Source: Insurance Law of the PRC (2015) art. 87: books and vouchers for 10
	// years from the end of a contract of more than a year; Anti-Money-Laundering
	// Law of the PRC (2024) art. 34: 10 years from the end of the business.
	Years int

	AsOf   time.Time         // a dry run tells what is due then; zero is now
	Dry    bool              // nothing is erased, only counted
	Passed func(records int) // is told how many were gone through, after each; may be nil
}

const defaultRetention = 10 // years

// Purged is what a purge has met of one product's business that ended in one
// year.
type Purged struct {
	Product string
	Year    int // at +08:00
	Erased  int // or to be erased, in a dry run
	Held    int // under legal hold: they stay
	Later   int // decided long enough ago, and their retention is not over
	Open    int // somebody is still to do something about them, or has changed them just now
}

// Purge erases the records whose retention is over (see Eraser), and tells what
// it met by product and year. It holds little memory whatever the store holds,
// may be ended at any moment and begun again: what was erased is passed over. The
// journal of visits is forgotten in its own time.
//
// A policy that cannot be opened, or says no expireTime, stays and keeps none
// behind it from being erased; the error joins the first of those. What was
// counted is given with an error too. The store must be a Lister and an Eraser.
func (i *Issuer) Purge(ctx context.Context, r Retention) ([]Purged, error) {
	lister, lists := i.config.Store.(Lister)
	eraser, ok := i.config.Store.(Eraser)
	switch {
	case !ok || !lists:
		return nil, errNoEraser
	case r.Years < 0:
		return nil, errors.New("policy: Retention.Years is below zero")
	case !r.Dry && !isText(r.By, "64") || !r.Dry && r.By == "":
		return nil, ErrRuling
	}
	r.Years = cmp.Or(r.Years, defaultRetention)
	p := purge{Retention: r, issuer: i, eraser: eraser, now: i.now(), met: map[Purged]*Purged{}, held: map[Key]bool{}}
	if r.Dry && !r.AsOf.IsZero() {
		p.now = r.AsOf
	}
	for h, err := range eraser.Holds(ctx) {
		if err != nil {
			return nil, err
		}
		p.held[h.Key] = true
	}
	// No business ends before it was decided on. With a From, stores go by the index of times.
	decided := Selection{Tenant: r.Tenant, From: time.Unix(0, 0), To: p.now.In(zone).AddDate(-r.Years, 0, 0).Add(time.Microsecond)}
	if r.From.After(decided.From) {
		decided.From = r.From
	}
	passed := 0
	for rec, err := range lister.List(ctx, decided) {
		if err == nil && !rec.Erased() {
			err = p.pass(ctx, &rec)
		}
		if err != nil {
			return p.counts(), errors.Join(append(p.errors, err)...)
		}
		if passed++; r.Passed != nil {
			r.Passed(passed)
		}
	}
	return p.counts(), errors.Join(p.errors...)
}

// purge is one run of Purge.
type purge struct {
	Retention
	issuer *Issuer
	eraser Eraser
	now    time.Time
	held   map[Key]bool       // when it began: so that a dry run knows them
	met    map[Purged]*Purged // by product and year
	errors []error
}

// pass is for one record. Its error is trouble that ends the purge.
func (p *purge) pass(ctx context.Context, rec *Record) error {
	ended, open, err := p.issuer.ended(rec)
	if err != nil {
		if len(p.errors) < maxBookingErrors {
			p.errors = append(p.errors, fmt.Errorf("policy: %s is kept: %w", rec.Number, err))
		}
		return nil
	}
	name := Purged{Product: rec.Product, Year: ended.In(zone).Year()}
	met := p.met[name]
	if met == nil {
		met = &Purged{Product: name.Product, Year: name.Year}
		p.met[name] = met
	}
	switch {
	case open:
		met.Open++
	case p.now.Before(ended.In(zone).AddDate(p.Years, 0, 0)):
		met.Later++
	case p.held[rec.Key]:
		met.Held++
	case p.Dry:
		met.Erased++
	default:
		return p.erase(ctx, rec, ended, met)
	}
	return nil
}

func (p *purge) erase(ctx context.Context, rec *Record, ended time.Time, met *Purged) error {
	at := p.issuer.now()
	audit, err := json.Marshal(retentionEvent{
		Type: "policy.erased", Tenant: rec.Key.Tenant, Identifier: rec.Key.Identifier, Revision: rec.Revision, PolicyNo: rec.Number,
		By: p.By, Why: fmt.Sprintf("retention: %d years from %s", p.Years, ended.In(zone).Format(time.RFC3339)), Time: at,
	})
	if err != nil {
		return err
	}
	var held *HeldError
	var changed *StatusError
	switch err = p.eraser.Erase(ctx, rec.Key, rec.Revision, at, audit); {
	case err == nil:
		met.Erased++
	case errors.As(err, &held):
		met.Held++
	case errors.As(err, &changed):
		met.Open++
	case !errors.Is(err, ErrErased): // by another purge
		return err
	}
	return nil
}

func (p *purge) counts() []Purged {
	all := make([]Purged, 0, len(p.met))
	for _, met := range p.met {
		all = append(all, *met)
	}
	slices.SortFunc(all, func(a, b Purged) int { return cmp.Or(cmp.Compare(a.Product, b.Product), a.Year-b.Year) })
	return all
}

// ended is when the business of a record ended; open tells that it has not.
func (i *Issuer) ended(rec *Record) (at time.Time, open bool, err error) {
	if rec.Status != StatusIssued {
		return rec.At, rec.Status.Pending() && !i.expired(rec), nil
	}
	c, err := i.Open(*rec)
	if err != nil {
		return time.Time{}, false, err
	}
	expires, ok := parseStamp(c.Request.ExpireTime)
	switch {
	case !ok:
		return time.Time{}, false, errors.New("policy: a policy that was issued has no expireTime")
	case expires.Before(rec.At):
		return rec.At, false, nil
	}
	return expires, false, nil
}
