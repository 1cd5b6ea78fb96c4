package policy_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chudan-io/chudan/policy"
)

// ledger is the smallest store that keeps the contract, and one whose every
// step a test can look at and disturb.
type ledger struct {
	mu       sync.Mutex
	records  map[policy.Key]policy.Record
	unique   map[policy.BusinessKey]policy.Key
	sequence uint64
	writes   int
	events   [][]byte
	audits   [][]byte

	find   func() error                     // trouble of Find, where it is set
	before func(policy.Draft) error         // trouble of Issue, before anything is done
	after  func() error                     // trouble of Issue, after everything was written
	racing func(l *ledger, d *policy.Draft) // what others do between our Find and our Issue
}

func newLedger() *ledger {
	return &ledger{records: make(map[policy.Key]policy.Record), unique: make(map[policy.BusinessKey]policy.Key)}
}

func (l *ledger) Issue(ctx context.Context, d policy.Draft) (policy.Record, bool, error) {
	if l.racing != nil {
		l.racing(l, &d)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return policy.Record{}, false, err
	}
	if l.before != nil {
		if err := l.before(d); err != nil {
			return policy.Record{}, false, err
		}
	}
	if rec, ok := l.records[d.Key]; ok && (rec.Revision != d.Replaces || rec.Status == policy.StatusIssued) {
		return rec, false, nil
	}
	for _, b := range d.Unique {
		if holder, ok := l.unique[b]; ok && holder != d.Key {
			return policy.Record{}, false, &policy.TakenError{Path: b.Path}
		}
	}
	sequence := uint64(0)
	if d.Numbered {
		sequence = l.sequence + 1
	}
	entry, err := d.Complete(sequence)
	if err != nil {
		return policy.Record{}, false, err
	}
	l.sequence = max(l.sequence, sequence)
	l.records[d.Key] = entry.Record
	for _, b := range d.Unique {
		l.unique[b] = d.Key
	}
	l.events, l.audits = append(l.events, entry.Event), append(l.audits, entry.Audit)
	l.writes++
	if l.after != nil {
		if err := l.after(); err != nil {
			return policy.Record{}, false, err
		}
	}
	return entry.Record, true, nil
}

func (l *ledger) Find(_ context.Context, k policy.Key) (policy.Record, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.find != nil {
		if err := l.find(); err != nil {
			return policy.Record{}, err
		}
	}
	if rec, ok := l.records[k]; ok {
		return rec, nil
	}
	return policy.Record{}, fmt.Errorf("ledger: %w", policy.ErrNotFound)
}

func (l *ledger) Policy(_ context.Context, number string) (policy.Record, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, rec := range l.records {
		if rec.Status == policy.StatusIssued && rec.Number == number {
			return rec, nil
		}
	}
	return policy.Record{}, policy.ErrNotFound
}

// count is how many policies there are.
func (l *ledger) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for _, rec := range l.records {
		if rec.Status == policy.StatusIssued {
			n++
		}
	}
	return n
}

const (
	keyOne = "k1 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
	keyTwo = "k2 ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1eff"
)

func keysOf(t testing.TB, lines ...string) policy.Keys {
	t.Helper()
	keys, err := policy.ParseKeys([]byte(strings.Join(lines, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

const acme policy.Tenant = "acme"

var noon = time.Date(2021, 8, 4, 12, 0, 0, 123456789, time.UTC)

// configOf is a configuration that issues the bond into l.
func configOf(t testing.TB, l policy.Store) policy.Config {
	t.Helper()
	numbering, err := policy.ParseNumbering(policy.DefaultNumberTemplate, map[string]string{"default": "PBDI"})
	if err != nil {
		t.Fatal(err)
	}
	return policy.Config{
		Catalog: newBond(), Store: l, Keys: keysOf(t, keyOne), Numbering: numbering,
		PublicURL: "https://policies.example.com", Clock: func() time.Time { return noon },
	}
}

func issuerOf(t testing.TB, l policy.Store, changes ...func(*policy.Config)) *policy.Issuer {
	t.Helper()
	c := configOf(t, l)
	for _, change := range changes {
		change(&c)
	}
	issuer, err := policy.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return issuer
}

// selling sells another product than the bond of configOf.
func selling(c policy.Catalog) func(*policy.Config) {
	return func(config *policy.Config) { config.Catalog = c }
}

func ignoring(paths ...string) func(*policy.Config) {
	return func(config *policy.Config) { config.Ignore = map[policy.Tenant][]string{acme: paths} }
}

func issue(t testing.TB, i *policy.Issuer, r *policy.Request) policy.Receipt {
	t.Helper()
	receipt, err := i.Issue(context.Background(), acme, r)
	if err != nil {
		t.Fatalf("Issue: %v", err)
	}
	return receipt
}

// withdrawn sells nothing.
type withdrawn struct{}

func (withdrawn) Product(string, time.Time, time.Time) (policy.Product, error) {
	return nil, policy.ErrNotOnSale
}

// refusing is the bond with a rule that refuses everything.
func refusing(code string) policy.Catalog {
	return ruled{newBond(), policy.Faults{fault(policy.KindRejected, policy.Reject, code, "amount")}}
}

// referring is the bond with a rule that refers everything.
func referring(code string) policy.Catalog {
	return ruled{newBond(), policy.Faults{fault(policy.KindReferred, policy.Refer, code, "amount")}}
}
