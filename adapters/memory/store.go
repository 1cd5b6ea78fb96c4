// Package memory is a store that forgets everything when the process ends: for
// tests, for a first look (--store memory:), and as the shortest text from
// which the contract of policy.Store can be read.
package memory

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/chudan-io/chudan/policy"
)

var errNumberUsed = errors.New("memory: the policy number that was made belongs to another policy; see the number template")

// Store keeps records in maps under one lock. It is ready for use with New and
// safe for concurrent use.
type Store struct {
	mu        sync.Mutex
	closed    bool
	records   map[policy.Key]policy.Record
	order     []policy.Key // in which they arrived
	numbers   map[string]policy.Key
	claims    map[claim]policy.Key
	exposures map[policy.Subject]map[policy.Key]exposed
	holds     map[policy.Key]policy.Hold
	editions  map[named]policy.ArchivedEdition
	sequence  uint64
	events    [][]byte
	outbox    []int        // the events that are not published, by their place
	relaying  map[int]bool // those of them that a relay is at work on
	audit     [][]byte
	visits    []policy.Visit // oldest first
}

type claim struct {
	tenant policy.Tenant
	key    policy.BusinessKey
}

// New gives an empty store.
func New() *Store {
	return &Store{
		records:   map[policy.Key]policy.Record{},
		numbers:   map[string]policy.Key{},
		claims:    map[claim]policy.Key{},
		exposures: map[policy.Subject]map[policy.Key]exposed{},
		holds:     map[policy.Key]policy.Hold{},
		editions:  map[named]policy.ArchivedEdition{},
		relaying:  map[int]bool{},
	}
}

// Issue is policy.Store's. Drafts are made one after the other under the lock,
// so that Complete must not call the store.
func (s *Store) Issue(ctx context.Context, d policy.Draft) (policy.Record, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.ready(ctx); err != nil {
		return policy.Record{}, false, err
	}
	old, found := s.records[d.Key]
	if found && (old.Final() || old.Revision != d.Replaces) {
		return clone(old), false, nil
	}
	for _, b := range d.Unique {
		if holder, taken := s.claims[claim{d.Key.Tenant, b}]; taken && holder != d.Key {
			return policy.Record{}, false, &policy.TakenError{Path: b.Path}
		}
	}
	var seq uint64
	if d.Numbered {
		seq = s.sequence + 1
	}
	var inForce []int64
	if d.Exposure != nil {
		inForce = s.inForce(d.Exposure.At, d.Exposure.All())
	}
	entry, err := d.Make(seq, inForce...)
	if err != nil {
		return policy.Record{}, false, err
	}
	entry.Record.Revision = old.Revision + 1
	if _, used := s.numbers[entry.Record.Number]; used {
		return policy.Record{}, false, errNumberUsed
	}
	s.write(d, entry)
	s.sequence = cmp.Or(seq, s.sequence)
	return clone(entry.Record), true, nil
}

// write does all of it; nothing in it can fail.
func (s *Store) write(d policy.Draft, e policy.Entry) {
	if e.Record.Revision == 1 {
		s.order = append(s.order, d.Key)
	}
	s.records[d.Key] = clone(e.Record)
	if e.Record.Status == policy.StatusIssued {
		s.numbers[e.Record.Number] = d.Key
	}
	for _, b := range d.Unique {
		if e.Record.Status.Holds() {
			s.claims[claim{d.Key.Tenant, b}] = d.Key
		} else {
			delete(s.claims, claim{d.Key.Tenant, b}) // its own: another's would have been in the way
		}
	}
	if d.Exposure != nil {
		s.expose(d.Key, d.Exposure, e.Record.Status.Holds())
	}
	if len(e.Event) > 0 {
		s.outbox = append(s.outbox, len(s.events))
		s.events = append(s.events, slices.Clone(e.Event))
	}
	s.audit = append(s.audit, slices.Clone(e.Audit))
}

// Find is policy.Store's.
func (s *Store) Find(ctx context.Context, k policy.Key) (policy.Record, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.record(ctx, k, true)
}

// Policy is policy.Store's.
func (s *Store) Policy(ctx context.Context, number string) (policy.Record, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k, found := s.numbers[number]
	return s.record(ctx, k, found)
}

// FindUnique is policy.UniqueFinder's.
func (s *Store) FindUnique(ctx context.Context, t policy.Tenant, b policy.BusinessKey) (policy.Record, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k, found := s.claims[claim{t, b}]
	return s.record(ctx, k, found)
}

// Events gives what was written for the outbox, oldest first.
func (s *Store) Events() [][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return cloneAll(s.events)
}

// Audit gives the audit events, oldest first.
func (s *Store) Audit() [][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return cloneAll(s.audit)
}

// Close ends the store: calls from now on answer policy.ErrUnavailable.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	return nil
}

func (s *Store) record(ctx context.Context, k policy.Key, known bool) (policy.Record, error) {
	if err := s.ready(ctx); err != nil {
		return policy.Record{}, err
	}
	r, found := s.records[k]
	if !known || !found {
		return policy.Record{}, policy.ErrNotFound
	}
	return clone(r), nil
}

func (s *Store) ready(ctx context.Context) error {
	if s.closed {
		return fmt.Errorf("memory: closed: %w", policy.ErrUnavailable)
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("memory: %w", err)
	}
	return nil
}

// clone parts a record from its bytes: the caller may do with them as he likes.
func clone(r policy.Record) policy.Record {
	r.Fingerprint = slices.Clone(r.Fingerprint)
	r.Sealed = slices.Clone(r.Sealed)
	return r
}

func cloneAll(rows [][]byte) [][]byte {
	all := make([][]byte, len(rows))
	for i, row := range rows {
		all[i] = slices.Clone(row)
	}
	return all
}
