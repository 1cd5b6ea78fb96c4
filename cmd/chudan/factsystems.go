package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
)

// defaultFactDeadline is of a system that names none.
const defaultFactDeadline = time.Second

// answering is a system that answers facts, and how long it may take.
type answering struct {
	policy.FactSource

	deadline time.Duration
}

// answerers are the systems that answer facts: of some tenants, and of all
// others.
type answerers struct {
	of     map[policy.Tenant]*answering
	others *answering // nil: nobody answers for them
}

var errNoFactSystem = errors.New("no system answers facts for the tenant: see --facts")

// Facts asks the system of the query's tenant.
func (a *answerers) Facts(ctx context.Context, q policy.FactQuery) (policy.Facts, error) {
	s := a.system(q.Key.Tenant)
	if s == nil {
		return nil, errNoFactSystem
	}
	ctx, cancel := context.WithTimeout(ctx, s.deadline)
	defer cancel()
	return s.FactSource.Facts(ctx, q)
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
	a := &answerers{of: make(map[policy.Tenant]*answering)}
	for _, f := range all {
		s, err := openSystem(factSystem, f.Name, f.URL, f.SecretFile, filepath.Dir(o.facts))
		if err != nil {
			return err
		}
		h.systems = append(h.systems, s)
		one := &answering{s.hook, f.Deadline}
		if f.Deadline == 0 {
			one.deadline = defaultFactDeadline
		}
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
