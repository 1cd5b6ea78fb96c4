package storetest

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/chudan-io/chudan/policy"
)

const tenant policy.Tenant = "app-1"

// at is a time that loses something when it passes through milliseconds, a
// local zone or a float.
var at = time.Date(2021, 8, 4, 15, 23, 28, 123457000, time.UTC)

func key(format string, args ...any) policy.Key {
	return policy.Key{Tenant: tenant, Identifier: fmt.Sprintf(format, args...)}
}

func stream(value string) policy.BusinessKey {
	return policy.BusinessKey{Path: "attrs.premiumFundStreamNo", Value: value}
}

// issuing drafts a policy: its number is the sequence number, its payload is
// what tells it from another under the same key.
func issuing(k policy.Key, payload string, unique ...policy.BusinessKey) policy.Draft {
	return policy.Draft{Key: k, Unique: unique, Numbered: true, Complete: func(seq uint64) (policy.Entry, error) {
		return entry(k, policy.StatusIssued, number(seq), payload), nil
	}}
}

// deciding drafts a record that is no policy.
func deciding(k policy.Key, status policy.Status, payload string, unique ...policy.BusinessKey) policy.Draft {
	return policy.Draft{Key: k, Unique: unique, Complete: func(uint64) (policy.Entry, error) {
		return entry(k, status, "", payload), nil
	}}
}

func replacing(d policy.Draft, revision int64) policy.Draft {
	d.Replaces = revision
	return d
}

func number(seq uint64) string { return fmt.Sprintf("PSB%08d", seq) }

func entry(k policy.Key, status policy.Status, number, payload string) policy.Entry {
	r := policy.Record{
		Key:         k,
		Status:      status,
		Number:      number,
		Product:     "PERFORMANCE_SURETY_BONDS",
		Edition:     "2021-08",
		Digest:      "d1",
		Fingerprint: []byte("fingerprint of " + payload),
		Sealed:      []byte("sealed " + payload),
		At:          at,
	}
	about, _ := json.Marshal([]string{string(k.Tenant), k.Identifier, string(status), number})
	return policy.Entry{Record: r, Event: append([]byte("event "), about...), Audit: append([]byte("audit "), about...)}
}

// expected is the record that a store must have made of an entry.
func expected(e policy.Entry, revision int64) policy.Record {
	e.Record.Revision = revision
	return e.Record
}

func issue(t testing.TB, s policy.Store, d policy.Draft) (policy.Record, bool) {
	t.Helper()
	r, won, err := s.Issue(ctx(t), d)
	if err != nil {
		t.Fatalf("Issue %s: %v", d.Key.Identifier, err)
	}
	return r, won
}

func win(t testing.TB, s policy.Store, d policy.Draft) policy.Record {
	t.Helper()
	r, won := issue(t, s, d)
	if !won {
		t.Fatalf("Issue %s: not won, the record of revision %d was there", d.Key.Identifier, r.Revision)
	}
	return r
}

func find(t testing.TB, s policy.Store, k policy.Key) policy.Record {
	t.Helper()
	r, err := s.Find(ctx(t), k)
	if err != nil {
		t.Fatalf("Find %s: %v", k.Identifier, err)
	}
	return r
}

func same(t testing.TB, what string, got, want policy.Record) {
	t.Helper()
	if reflect.DeepEqual(got, want) {
		return // which is cheaper to tell than the difference, ten thousand times over
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
	if got.At.Location() != time.UTC {
		t.Errorf("%s: At is in %v, not in UTC", what, got.At.Location())
	}
}

// count is how much a store holds, and what tells whether something was
// written that should not have been.
type count struct{ Events, Audit int }

func counted(t testing.TB, h Harness, s policy.Store) count {
	t.Helper()
	return count{len(h.Events(t, s)), len(h.Audit(t, s))}
}

// unburnt proves, by issuing one more, that exactly issued numbers were drawn.
func unburnt(t testing.TB, s policy.Store, issued int) {
	t.Helper()
	r := win(t, s, issuing(key("probe-%d", issued), "probe"))
	if want := number(uint64(issued) + 1); r.Number != want {
		t.Errorf("after %d policies the next one got the number %s, want %s", issued, r.Number, want)
	}
}
