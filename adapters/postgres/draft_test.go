package postgres_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/chudan-io/chudan/policy"
)

var at = time.Date(2021, 8, 4, 15, 23, 28, 123457000, time.UTC)

func key(format string, args ...any) policy.Key {
	return policy.Key{Tenant: "app-1", Identifier: fmt.Sprintf(format, args...)}
}

// issuing drafts a policy whose payload tells it from another under its key.
func issuing(k policy.Key, payload string, streams ...string) policy.Draft {
	d := policy.Draft{Key: k, Numbered: true, Complete: func(seq uint64) (policy.Entry, error) {
		return entry(k, policy.StatusIssued, fmt.Sprintf("P%09d", seq), payload), nil
	}}
	for _, s := range streams {
		d.Unique = append(d.Unique, policy.BusinessKey{Path: "attrs.premiumFundStreamNo", Value: s})
	}
	return d
}

func entry(k policy.Key, status policy.Status, number, payload string) policy.Entry {
	about, _ := json.Marshal([]string{k.Identifier, string(status), number})
	return policy.Entry{
		Record: policy.Record{
			Key: k, Status: status, Number: number, Product: "P", Edition: "1", Digest: "d",
			Fingerprint: []byte("f"), Sealed: []byte("sealed " + payload), At: at,
		},
		Event: append([]byte("event "), about...), Audit: append([]byte("audit "), about...),
	}
}

// persist issues as a platform does: until it is told the outcome.
func persist(ctx context.Context, s policy.Store, d policy.Draft) (policy.Record, error) {
	for {
		r, _, err := s.Issue(ctx, d)
		if errors.Is(err, policy.ErrUnavailable) || errors.Is(err, policy.ErrResultUnknown) {
			if ctx.Err() == nil {
				continue
			}
		}
		return r, err
	}
}

// ledger is what callers were told.
type ledger struct {
	mu   sync.Mutex
	told map[policy.Key]policy.Record
}

// note keeps an answer, and fails t where another was given before.
func (l *ledger) note(t testing.TB, r policy.Record) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.told == nil {
		l.told = map[policy.Key]policy.Record{}
	}
	if before, there := l.told[r.Key]; there && before.Number != r.Number {
		t.Errorf("%s has the number %s and then %s", r.Key.Identifier, before.Number, r.Number)
	}
	l.told[r.Key] = r
}

func (l *ledger) len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.told)
}

// lost is how many that were told are not, or not so, in the store.
func (l *ledger) lost(t testing.TB, s policy.Store) (n int) {
	t.Helper()
	for k, told := range l.told {
		r, err := s.Find(t.Context(), k)
		if err != nil && !errors.Is(err, policy.ErrNotFound) {
			t.Fatal(err)
		}
		if err != nil || r.Number != told.Number || string(r.Sealed) != string(told.Sealed) {
			n++
		}
	}
	return n
}

// kept fails t unless every policy is there once, with a number and business
// keys of its own, and gives how many there are.
func kept(t testing.TB, dsn string) int {
	t.Helper()
	policies := scalar(t, dsn, `SELECT count(*) FROM chudan_record WHERE status = 'issued'`)
	for what, query := range map[string]string{
		"keys":      `SELECT count(DISTINCT key) FROM chudan_record WHERE status = 'issued'`,
		"numbers":   `SELECT count(DISTINCT number) FROM chudan_record`,
		"decisions": `SELECT count(*) FROM chudan_journal`,
		"events":    `SELECT count(*) FROM chudan_outbox`,
	} {
		if n := scalar(t, dsn, query); n != policies {
			t.Errorf("%d policies and %d %s", policies, n, what)
		}
	}
	if orphans := scalar(t, dsn, `SELECT count(*) FROM chudan_key k WHERE NOT EXISTS (SELECT FROM chudan_record WHERE key = k.id)`); orphans > 0 {
		t.Errorf("%d keys have no record", orphans)
	}
	return policies
}
