package main

import (
	"cmp"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
)

// defaultFactDeadline is of a system that names none.
const defaultFactDeadline = time.Second

// answering is a system that answers facts, and how long it may take.
type answering struct {
	*system

	deadline time.Duration
	trouble  seldom
}

// answerers are the systems that answer facts: of some tenants, and of all
// others.
type answerers struct {
	of     map[policy.Tenant]*answering
	others *answering // nil: nobody answers for them
	nobody seldom
	watch  factWatch
}

// factWatch is who is told of calls for facts; either may be nil. Neither learns
// more of an error than what kind of trouble it is.
type factWatch struct {
	took    func(time.Duration, error)
	trouble func(system string, times int, err error) // times since it was told last
}

var errNoFactSystem = errors.New("no system answers facts for the tenant: see --facts")

// Facts asks the system of the query's tenant.
func (a *answerers) Facts(ctx context.Context, q policy.FactQuery) (policy.Facts, error) {
	s := a.system(q.Key.Tenant)
	if s == nil { // an app that came while we served
		a.tell("none for "+string(q.Key.Tenant), &a.nobody, errNoFactSystem)
		return nil, errNoFactSystem
	}
	ctx, cancel := context.WithTimeout(ctx, s.deadline)
	defer cancel()
	began := time.Now()
	facts, err := s.hook.Facts(ctx, q)
	if a.watch.took != nil {
		a.watch.took(time.Since(began), err)
	}
	if err != nil {
		a.tell(s.name, &s.trouble, err)
	}
	return facts, err
}

// tell tells of trouble with a system, unless it was told not long ago.
func (a *answerers) tell(system string, s *seldom, err error) {
	if times := s.count(time.Now()); times > 0 && a.watch.trouble != nil {
		a.watch.trouble(system, times, err)
	}
}

// seldom counts what may come with every request, for a log that is still read.
type seldom struct {
	mu    sync.Mutex
	told  time.Time
	times int
}

// troubleEvery is how often trouble with a system is told.
const troubleEvery = 10 * time.Second

// count answers how often it came since it was told last, or 0 where that is not
// long ago.
func (s *seldom) count(now time.Time) (times int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.times++; now.Sub(s.told) < troubleEvery {
		return 0
	}
	times, s.told, s.times = s.times, now, 0
	return times
}

func (a *answerers) system(t policy.Tenant) *answering {
	if s := a.of[t]; s != nil {
		return s
	}
	return a.others
}

// longest is the longest that any of them may take.
func (a *answerers) longest() (span time.Duration) {
	for _, s := range a.of {
		span = max(span, s.deadline)
	}
	if a.others != nil {
		span = max(span, a.others.deadline)
	}
	return span
}

// openFacts finds out where facts come from: from the systems that a file in
// YAML names, from a file in JSON that states them, or from nowhere.
func (c *console) openFacts(h *house, o *options, config *policy.Config) error {
	if !namesSystems(o.facts) {
		facts, err := c.readFacts(o.facts, h.catalog.Catalog())
		if err == nil {
			err = refuseInForce(o.facts, facts, h.catalog.Catalog())
		}
		if facts != nil {
			h.facts = stated(facts)
		}
		config.Facts = h.facts
		return err
	}
	text, err := os.ReadFile(o.facts)
	if err != nil {
		return unreadable(o.facts, err)
	}
	all, err := products.LoadFactSystems(o.facts, text, o.known...)
	if err != nil {
		return err
	}
	a := &answerers{of: make(map[policy.Tenant]*answering), watch: o.factWatch}
	for _, f := range all {
		s, err := openSystem(factSystem, f.Name, f.URL, f.SecretFile, filepath.Dir(o.facts))
		if err != nil {
			return err
		}
		h.systems = append(h.systems, s)
		one := &answering{system: s, deadline: cmp.Or(f.Deadline, defaultFactDeadline)}
		if len(f.Tenants) == 0 {
			a.others = one
		}
		for _, tenant := range f.Tenants {
			a.of[tenant] = one
		}
	}
	h.facts, config.Facts, config.FactsDeadline = a, a, a.longest()
	return nil
}

// namesSystems tells whether a file for --facts names systems, and does not
// state facts.
func namesSystems(path string) bool {
	return slices.Contains([]string{".yaml", ".yml"}, filepath.Ext(path))
}

// unanswered are the callers whose facts nobody answers.
func (h *house) unanswered() (callers []policy.Tenant) {
	a, are := h.facts.(*answerers)
	for _, t := range h.callers {
		if are && a.system(t) == nil {
			callers = append(callers, t)
		}
	}
	return callers
}
