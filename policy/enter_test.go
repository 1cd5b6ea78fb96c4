package policy_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/chudan-io/chudan/adapters/memory"
	"github.com/chudan-io/chudan/policy"
)

func visitsOf(t *testing.T, store *memory.Store) (all []policy.Visit) {
	t.Helper()
	for v, err := range store.Visits(t.Context(), policy.VisitSelection{}) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, v)
	}
	return all
}

// TestJournal: every request leaves a visit, sealed, but for a policy that is
// issued just now: its record tells all of it.
func TestJournal(t *testing.T) {
	store := memory.New()
	journal := func(c *policy.Config) { c.Journal = store }
	i := issuerOf(t, store, journal)
	r, canaries := withCanaries(t)
	change(t, r, "attrs.insuranceTypes", "DELIVERY")
	calls := []struct {
		name, code     string
		issuer         *policy.Issuer
		request        *policy.Request
		replay, sealed bool
	}{
		{"invalid", "isv.invalid-parameter:amount", i, changed(t, r, "amount", "1e3"), false, true},
		{"referred", looked, issuerOf(t, store, journal, selling(referring("LOOK"))), r, false, false},
		{"referred again", looked, i, r, true, false},
		{"issued", "", i, changed(t, r, "attrs.insuranceTypes", "QUALITY"), false, false},
		{"again", "SUCCESS", i, changed(t, r, "attrs.insuranceTypes", "QUALITY"), true, false},
		{"conflict", "isv.idempotent-parameter-mismatch:attrs.insuranceTypes", i, r, false, true},
		{"no product", "isv.product-not-on-sale", issuerOf(t, store, journal, selling(withdrawn{})), changed(t, r, "identifier", "other"), false, true},
		{"no identifier", "isv.invalid-parameter:identifier", i, changed(t, r, "identifier", "no identifier"), false, true},
	}
	for n, c := range calls {
		before := len(visitsOf(t, store))
		_, err := c.issuer.Issue(policy.WithReference(t.Context(), "REFERENCE"+string(rune('0'+n))), acme, c.request)
		if (err == nil) != (c.code == "" || c.code == "SUCCESS") {
			t.Fatalf("%s: %v", c.name, err)
		}
		all := visitsOf(t, store)
		if c.code == "" {
			if len(all) != before {
				t.Errorf("%s: left a visit", c.name)
			}
			continue
		}
		if len(all) != before+1 {
			t.Fatalf("%s: %d visits, then %d", c.name, before, len(all))
		}
		v := all[before]
		if v.Code != c.code || v.Replayed != c.replay || (len(v.Sealed) > 0) != c.sealed || v.Key.Tenant != acme || v.Reference != "REFERENCE"+string(rune('0'+n)) {
			t.Errorf("%s: %+v", c.name, v)
		}
		opened, err := i.OpenVisit(v)
		if err != nil || c.sealed && (opened.Request == nil || opened.Request.InsuredPersonalInfo != r.InsuredPersonalInfo || len(opened.Faults) == 0) {
			t.Errorf("%s: %+v (%v)", c.name, opened, err)
		}
		for _, canary := range canaries {
			if strings.Contains(string(v.Sealed)+v.Code+v.Key.Identifier, canary) {
				t.Errorf("%s: shows %q", c.name, canary)
			}
		}
	}
}

func changed(t *testing.T, r *policy.Request, path, text string) *policy.Request {
	t.Helper()
	other := *r
	change(t, &other, path, text)
	return &other
}

// TestUnreadable: a body that is no request is kept as it was sent.
func TestUnreadable(t *testing.T) {
	store := memory.New()
	i := issuerOf(t, store, func(c *policy.Config) { c.Journal = store })
	body := []byte(`{"identifier": 张三`)
	i.EnterUnread(policy.WithReference(t.Context(), "R1"), acme, body, policy.Faults{policy.Invalid("body", "不是 JSON", "is no JSON")})
	all := visitsOf(t, store)
	if len(all) != 1 || all[0].Code != "isv.invalid-parameter:body" || all[0].Key.Identifier != "" || strings.Contains(string(all[0].Sealed), "张三") {
		t.Fatalf("%+v", all)
	}
	opened, err := i.OpenVisit(all[0])
	if err != nil || string(opened.Body) != string(body) || opened.Request != nil || len(opened.Faults) != 1 {
		t.Errorf("%+v (%v)", opened, err)
	}
	all[0].Reference = "R2"
	if _, err := i.OpenVisit(all[0]); err == nil {
		t.Error("a visit that was moved opens")
	}
}

type fullJournal struct{ *memory.Store }

func (fullJournal) Enter(context.Context, ...policy.Visit) error { return errLost }

// TestJournalTrouble: what the journal cannot keep changes no answer.
func TestJournalTrouble(t *testing.T) {
	store := memory.New()
	var told error
	i := issuerOf(t, store, func(c *policy.Config) {
		c.Journal, c.JournalTrouble = fullJournal{store}, func(err error) { told = err }
	})
	refused(t, i, with(t, "amount", "1e3"), "isv.invalid-parameter:amount")
	if !errors.Is(told, errLost) {
		t.Errorf("told %v", told)
	}
	gone, end := context.WithCancel(t.Context())
	end()
	if _, err := i.Issue(gone, acme, sample(t)); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}
