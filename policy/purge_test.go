package policy_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/chudan-io/chudan/adapters/memory"
	"github.com/chudan-io/chudan/policy"
)

// expiry is when the sample's policy ends, as the request says it.
var expiry = time.Date(2021, 9, 12, 23, 59, 59, 0, policy.Zone())

func purged(t *testing.T, i *policy.Issuer, r policy.Retention) []policy.Purged {
	t.Helper()
	met, err := i.Purge(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return met
}

func kept(t *testing.T, store *memory.Store, k policy.Key) policy.Record {
	t.Helper()
	rec, err := store.Find(t.Context(), k)
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

const bonds = "PERFORMANCE_SURETY_BONDS"

var job = policy.Retention{By: "retention-job"}

func TestPurge(t *testing.T) {
	due := expiry.AddDate(10, 0, 0)
	decided := noon.AddDate(10, 0, 0) // for what is no policy
	issued := func(t *testing.T, s *memory.Store) { issue(t, issuerOf(t, s), sample(t)) }
	for name, c := range map[string]struct {
		make      func(t *testing.T, store *memory.Store)
		retention policy.Retention
		now       time.Time
		want      []policy.Purged
		erased    bool
	}{
		"a policy":              {issued, job, due, []policy.Purged{{Product: bonds, Year: 2021, Erased: 1}}, true},
		"a second before":       {issued, job, due.Add(-time.Second), []policy.Purged{{Product: bonds, Year: 2021, Later: 1}}, false},
		"decided too late":      {issued, job, decided.Add(-time.Second), nil, false},
		"a dry run":             {issued, policy.Retention{Dry: true}, due, []policy.Purged{{Product: bonds, Year: 2021, Erased: 1}}, false},
		"a dry run as of":       {issued, policy.Retention{Dry: true, AsOf: due}, noon, []policy.Purged{{Product: bonds, Year: 2021, Erased: 1}}, false},
		"as of, for good":       {issued, policy.Retention{By: "x", AsOf: due}, noon, nil, false},
		"twelve years":          {issued, policy.Retention{By: "x", Years: 12}, due.AddDate(1, 0, 0), nil, false},
		"twelve years, and due": {issued, policy.Retention{By: "x", Years: 12}, due.AddDate(2, 0, 0), []policy.Purged{{Product: bonds, Year: 2021, Erased: 1}}, true},
		"of another tenant":     {issued, policy.Retention{By: "x", Tenant: "other"}, due, nil, false},
		"issued after it ended": {func(t *testing.T, s *memory.Store) { issue(t, issuerOf(t, s, at(expiry.AddDate(2, 0, 0))), sample(t)) }, job, due.AddDate(1, 0, 0), nil, false},
		"a refusal": {func(t *testing.T, s *memory.Store) {
			refused(t, issuerOf(t, s, selling(refusing("OLD"))), sample(t), rejectedOld)
		}, job, decided, []policy.Purged{{Product: bonds, Year: 2021, Erased: 1}}, true},
		"an expired referral": {func(t *testing.T, s *memory.Store) {
			refused(t, issuerOf(t, s, selling(referring("LOOK"))), sample(t), looked)
		}, job, decided, []policy.Purged{{Product: bonds, Year: 2021, Erased: 1}}, true},
		"a booking nobody finished": {func(t *testing.T, s *memory.Store) {
			_, err := issuerOf(t, s, booking(bookerFunc(func(context.Context, policy.Proposal) (policy.Booking, error) {
				return policy.Booking{}, errors.New("down")
			}))).Issue(t.Context(), acme, sample(t))
			if !errors.Is(err, policy.ErrInProgress) {
				t.Fatal(err)
			}
		}, job, due, []policy.Purged{{Product: bonds, Year: 2021, Open: 1}}, false},
		"under legal hold": {func(t *testing.T, s *memory.Store) {
			i := issuerOf(t, s)
			issue(t, i, sample(t))
			if err := i.Hold(t.Context(), sampleKey, because); err != nil {
				t.Fatal(err)
			}
		}, job, due, []policy.Purged{{Product: bonds, Year: 2021, Held: 1}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			store := memory.New()
			c.make(t, store)
			i := issuerOf(t, store, at(c.now))
			if got := purged(t, i, c.retention); len(got)+len(c.want) > 0 && !reflect.DeepEqual(got, c.want) {
				t.Errorf("%+v, want %+v", got, c.want)
			}
			rec := kept(t, store, sampleKey)
			if rec.Erased() != c.erased || rec.Erased() != (len(rec.Sealed) == 0) {
				t.Errorf("erased at %v, %d bytes are left", rec.ErasedAt, len(rec.Sealed))
			}
			if again := purged(t, i, job); c.erased && len(again) > 0 {
				t.Errorf("the next one met %+v", again)
			}
		})
	}
}

// TestErased: what was erased is answered everywhere, and is never issued again.
func TestErased(t *testing.T) {
	for name, refusal := range map[string]bool{"a policy": false, "a refusal": true} {
		t.Run(name, func(t *testing.T) {
			store := memory.New()
			var receipt policy.Receipt
			if refusal {
				refused(t, issuerOf(t, store, selling(refusing("OLD"))), sample(t), rejectedOld)
			} else {
				receipt = issue(t, issuerOf(t, store), sample(t))
			}
			i := issuerOf(t, store, at(expiry.AddDate(10, 0, 0)))
			purged(t, i, job)
			rec := kept(t, store, sampleKey)
			if _, err := i.Open(rec); !errors.Is(err, policy.ErrErased) {
				t.Errorf("opened: %v", err)
			}
			conflict := (*policy.ConflictError)(nil)
			for _, r := range []*policy.Request{sample(t), with(t, "amount", "2000.0")} {
				if _, err := i.Issue(t.Context(), acme, r); !errors.As(err, &conflict) || codes(conflict.Faults()) != "isv.idempotent-parameter-mismatch:identifier" {
					t.Errorf("sent again: %v", err)
				}
			}
			for _, rule := range []func(*policy.Issuer, context.Context, policy.Key, policy.Ruling) (policy.Record, error){(*policy.Issuer).Accept, (*policy.Issuer).Decline, (*policy.Issuer).Reopen} {
				if _, err := rule(i, t.Context(), sampleKey, because); !errors.Is(err, policy.ErrErased) {
					t.Errorf("ruled on: %v", err)
				}
			}
			if err := i.Hold(t.Context(), sampleKey, because); !errors.Is(err, policy.ErrErased) {
				t.Errorf("held: %v", err)
			}
			if receipt != (policy.Receipt{}) {
				link := strings.Split(receipt.PolicyFileURL, "/")
				if _, err := i.Policy(t.Context(), receipt.PolicyNo, link[len(link)-1]); !errors.Is(err, policy.ErrErased) {
					t.Errorf("its link: %v", err)
				}
				if _, err := i.Policy(t.Context(), receipt.PolicyNo, strings.Repeat("f", 32)); !errors.Is(err, policy.ErrNotFound) {
					t.Errorf("without its token: %v", err)
				}
			}
			again := kept(t, store, sampleKey)
			if again.Revision != rec.Revision || !again.Erased() {
				t.Errorf("became %+v", again)
			}
			var told struct {
				Type, By, Why, PolicyNo string
				Revision                int64
				Time                    time.Time
			}
			audits := store.Audit()
			if err := json.Unmarshal(audits[len(audits)-1], &told); err != nil {
				t.Fatal(err)
			}
			if told.Type != "policy.erased" || told.By != job.By || !strings.HasPrefix(told.Why, "retention: 10 years from 2021-0") ||
				told.PolicyNo != receipt.PolicyNo || told.Revision != 1 || !told.Time.Equal(rec.ErasedAt) {
				t.Errorf("audited as %+v", told)
			}
		})
	}
}

// TestPurgeGoesOn: what cannot be opened is told and stays, and what is behind it
// goes; trouble of the store ends the purge, and the next one goes on.
func TestPurgeGoesOn(t *testing.T) {
	store := memory.New()
	i := issuerOf(t, store)
	for n := range 5 {
		r := with(t, "identifier", fmt.Sprint("K", n))
		r.Attrs.PremiumFundStreamNo += fmt.Sprint(n)
		r.InsureID += fmt.Sprint(n)
		issue(t, i, r)
	}
	now := at(expiry.AddDate(10, 0, 0))
	limited, end := context.WithCancel(t.Context())
	first := job
	first.Passed = func(n int) {
		if n == 2 {
			end()
		}
	}
	met, err := issuerOf(t, store, now).Purge(limited, first)
	if !errors.Is(err, context.Canceled) || len(met) != 1 || met[0].Erased != 2 {
		t.Errorf("ended after %+v: %v", met, err)
	}
	other, err := policy.ParseKeys([]byte(policy.NewKeyFile()))
	if err != nil {
		t.Fatal(err)
	}
	met, err = issuerOf(t, store, now, func(c *policy.Config) { c.Keys = other }).Purge(t.Context(), job)
	if err == nil || len(met) > 0 {
		t.Errorf("with other keys %+v: %v", met, err)
	}
	if met := purged(t, issuerOf(t, store, now), job); len(met) != 1 || met[0].Erased != 3 {
		t.Errorf("went on with %+v", met)
	}
}

func TestPurgesThatAreNone(t *testing.T) {
	i := issuerOf(t, memory.New())
	for name, r := range map[string]policy.Retention{"nobody": {}, "too long who": {By: strings.Repeat("长", 65)}, "negative": {By: "x", Years: -1}} {
		if _, err := i.Purge(t.Context(), r); err == nil {
			t.Error(name)
		}
	}
	if _, err := issuerOf(t, newLedger()).Purge(t.Context(), job); err == nil {
		t.Error("a store that is no Eraser was purged")
	}
}

func TestHold(t *testing.T) {
	store := memory.New()
	i := issuerOf(t, store)
	if err := i.Hold(t.Context(), sampleKey, because); !errors.Is(err, policy.ErrNotFound) {
		t.Errorf("of nothing: %v", err)
	}
	issue(t, i, sample(t))
	if err := i.Hold(t.Context(), sampleKey, policy.Ruling{By: "x"}); !errors.Is(err, policy.ErrRuling) {
		t.Errorf("without a reason: %v", err)
	}
	if err := i.Hold(t.Context(), sampleKey, because); err != nil {
		t.Fatal(err)
	}
	held := (*policy.HeldError)(nil)
	if err := i.Hold(t.Context(), sampleKey, policy.Ruling{By: "x", Why: "y"}); !errors.As(err, &held) || held.Hold.By != because.By || held.Hold.Why != because.Why {
		t.Errorf("twice: %v", err)
	}
	late := issuerOf(t, store, at(expiry.AddDate(10, 0, 0)))
	purged(t, late, job)
	if rec := kept(t, store, sampleKey); rec.Erased() {
		t.Error("erased under legal hold")
	}
	if err := i.Release(t.Context(), sampleKey, because); err != nil {
		t.Fatal(err)
	}
	if err := i.Release(t.Context(), sampleKey, because); !errors.Is(err, policy.ErrNotFound) {
		t.Errorf("released twice: %v", err)
	}
	if met := purged(t, late, job); len(met) != 1 || met[0].Erased != 1 {
		t.Errorf("after the release: %+v", met)
	}
	var types []string
	for _, text := range store.Audit() {
		var e struct{ Type, By string }
		if err := json.Unmarshal(text, &e); err != nil {
			t.Fatal(err)
		}
		types = append(types, e.Type+" "+e.By)
	}
	if want := "[policy.issued  policy.held underwriter-7 policy.released underwriter-7 policy.erased retention-job]"; fmt.Sprint(types) != want {
		t.Errorf("audited as %v, want %s", types, want)
	}
}
