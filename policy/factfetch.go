package policy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

const (
	factsDeadline = time.Second // where Config has none
	maxFetches    = 256         // calls of a FactSource under way, those that outlive their deadline among them
)

var (
	errNoSource   = errors.New("policy: Config has no FactSource")
	errFactsTime  = errors.New("policy: the facts did not come in time")
	errFactsPanic = errors.New("policy: the FactSource panicked")
)

// decide is Decide, with the facts that the edition declares fetched before its
// rules are held against the request. What a caller left in the request counts
// for nothing: facts come from the source alone.
func (i *Issuer) decide(ctx context.Context, a *attempt) (Decision, error) {
	d, product, err := begin(i.config.Catalog, a.request)
	if err != nil || product == nil {
		return d, err
	}
	a.product = product
	if len(d.Terms.Facts) > 0 || a.request.Facts != nil {
		if err := i.know(ctx, a, &d); err != nil {
			return d, err
		}
	}
	d.finish(product)
	d.Faults.blame(a.lacking)
	return d, nil
}

// know gives a decision its facts.
func (i *Issuer) know(ctx context.Context, a *attempt, d *Decision) error {
	r := *a.request
	r.Facts, a.lacking = i.facts(ctx, a, d)
	if err := ctx.Err(); err != nil {
		return err // nobody waits for a decision that would be made of nothing
	}
	if r.Facts == nil {
		r.Facts = make(Facts)
	}
	why, err := a.inForce(ctx, d, r.Facts)
	if err != nil {
		return err
	}
	a.lacking = errors.Join(a.lacking, why)
	d.Application.Request = &r
	return nil
}

// blame tells the faults of rules that lacked a fact why it was lacking.
func (fs Faults) blame(why error) {
	for i := range fs {
		if why != nil && errors.Is(fs[i].Err, ErrNoFact) {
			fs[i].Err = fmt.Errorf("%w: %w", fs[i].Err, why)
		}
	}
}

// facts asks the source, and answers what of its answer can be used; the error
// is why there is no more.
func (i *Issuer) facts(ctx context.Context, a *attempt, d *Decision) (Facts, error) {
	specs := slices.DeleteFunc(slices.Clone(d.Terms.Facts), func(f FactSpec) bool { return len(f.PerFields) > 0 })
	switch {
	case len(specs) == 0:
		return nil, nil
	case i.config.Facts == nil:
		return nil, errNoSource
	}
	app := *d.Application // a source that outlives its deadline may still read it
	q := FactQuery{
		Key: a.key(), Reference: a.reference, Application: &app,
		Product: d.Terms.Product, Edition: d.Terms.Edition, Facts: specs,
	}
	ctx, cancel := context.WithTimeout(ctx, i.config.FactsDeadline)
	defer cancel()
	select {
	case i.fetching <- struct{}{}:
	case <-ctx.Done():
		return nil, errFactsTime
	}
	type answer struct {
		facts Facts
		err   error
	}
	came := make(chan answer, 1)
	// On the side: a source that does not heed its context holds up no answer.
	go func() {
		defer func() { <-i.fetching }()
		var got answer
		defer func() {
			if recover() != nil { // whose text may hold a value
				got = answer{err: errFactsPanic}
			}
			came <- got
		}()
		got.facts, got.err = i.config.Facts.Facts(ctx, q)
	}()
	select {
	case got := <-came:
		if got.err != nil {
			return nil, got.err
		}
		return got.facts.sound(q.Facts)
	case <-ctx.Done():
		return nil, errFactsTime
	}
}
