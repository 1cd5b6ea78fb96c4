package policy_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chudan-io/chudan/adapters/memory"
	"github.com/chudan-io/chudan/policy"
)

// eventTypes are those of the outbox, in order.
func eventTypes(t *testing.T, store *memory.Store) (types []string) {
	t.Helper()
	for _, text := range store.Events() {
		var e struct{ Type string }
		if err := json.Unmarshal(text, &e); err != nil {
			t.Fatal(err)
		}
		types = append(types, e.Type)
	}
	return types
}

var (
	sampleKey = policy.Key{Tenant: acme, Identifier: "010101004178221080402170019"}
	because   = policy.Ruling{By: "underwriter-7", Why: "known seller"}
)

const looked = "isv.underwriting-referred:LOOK"

// at sets the clock.
func at(t time.Time) func(*policy.Config) {
	return func(c *policy.Config) { c.Clock = func() time.Time { return t } }
}

func TestAccept(t *testing.T) {
	store := memory.New()
	i := issuerOf(t, store, selling(referring("LOOK")))
	refused(t, i, sample(t), looked)
	rec, err := i.Accept(t.Context(), sampleKey, because)
	if err != nil || rec.Status != policy.StatusAccepted || rec.Revision != 2 {
		t.Fatalf("%+v, %v", rec, err)
	}
	if _, err := store.Policy(t.Context(), "PBDI2021080400000001"); !errors.Is(err, policy.ErrNotFound) {
		t.Errorf("a policy before the platform has called: %v", err)
	}
	// Whatever is sold by then, it is issued as it was referred.
	receipt := issue(t, issuerOf(t, store, selling(withdrawn{})), sample(t))
	if again := issue(t, i, sample(t)); again != receipt || !strings.HasPrefix(receipt.PolicyNo, "PBDI2021080400000001") {
		t.Errorf("%+v, then %+v", receipt, again)
	}
	found, err := store.Find(t.Context(), sampleKey)
	if err != nil {
		t.Fatal(err)
	}
	c, err := i.Open(found)
	if err != nil || len(c.Ruled) != 1 || c.Ruled[0].By != because.By || c.Ruled[0].Why != because.Why || c.Ruled[0].Status != policy.StatusAccepted || c.Record.Edition != "2021.2" {
		t.Errorf("%+v (%v)", c, err)
	}
	if types := eventTypes(t, store); fmt.Sprint(types) != "[policy.referred policy.accepted policy.issued]" {
		t.Errorf("events %v", types)
	}
	if audit := string(store.Audit()[1]); !strings.Contains(audit, `"by":"underwriter-7","why":"known seller"`) {
		t.Errorf("audit event %s", audit)
	}
	status := (*policy.StatusError)(nil)
	if _, err := i.Accept(t.Context(), sampleKey, because); !errors.As(err, &status) || status.Status != policy.StatusIssued {
		t.Errorf("accepted once more: %v", err)
	}
}

func TestDecline(t *testing.T) {
	for name, acceptedFirst := range map[string]bool{"a referral": false, "what was accepted": true} {
		t.Run(name, func(t *testing.T) {
			store := memory.New()
			i := issuerOf(t, store, selling(referring("LOOK")))
			refused(t, i, sample(t), looked)
			if acceptedFirst {
				if _, err := i.Accept(t.Context(), sampleKey, because); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := i.Decline(t.Context(), sampleKey, because); err != nil {
				t.Fatal(err)
			}
			const want = "isv.underwriting-rejected:UNDERWRITER_DECLINED"
			refused(t, issuerOf(t, store), sample(t), want)
			if _, err := i.Reopen(t.Context(), sampleKey, because); err != nil {
				t.Fatal(err)
			}
			issue(t, issuerOf(t, store), sample(t))
		})
	}
}

func TestReopen(t *testing.T) {
	store := memory.New()
	r := sample(t)
	refused(t, issuerOf(t, store, selling(refusing("OLD"))), r, rejectedOld)
	change(t, r, "attrs.insuranceTypes", "QUALITY")
	refused(t, issuerOf(t, store, selling(refusing("OLD"))), r, rejectedOld)
	i := issuerOf(t, store)
	refused(t, i, sample(t), rejectedOld) // pinned, both of them
	refused(t, i, r, rejectedOld)
	if _, err := i.Reopen(t.Context(), sampleKey, because); err != nil {
		t.Fatal(err)
	}
	issue(t, i, sample(t))
	status := (*policy.StatusError)(nil)
	if _, err := i.Reopen(t.Context(), sampleKey, because); !errors.As(err, &status) {
		t.Errorf("a policy was reopened: %v", err)
	}
}

func TestRulingsThatAreNone(t *testing.T) {
	store := memory.New()
	i := issuerOf(t, store, selling(referring("LOOK")))
	if _, err := i.Accept(t.Context(), sampleKey, because); !errors.Is(err, policy.ErrNotFound) {
		t.Errorf("of nothing: %v", err)
	}
	refused(t, i, sample(t), looked)
	for name, r := range map[string]policy.Ruling{
		"nobody":       {Why: "x"},
		"no reason":    {By: "x"},
		"line break":   {By: "x", Why: "a\nb"},
		"too long":     {By: "x", Why: strings.Repeat("长", 257)},
		"too long who": {By: strings.Repeat("长", 65), Why: "x"},
	} {
		if _, err := i.Accept(t.Context(), sampleKey, r); !errors.Is(err, policy.ErrRuling) {
			t.Errorf("%s: %v", name, err)
		}
	}
	status := (*policy.StatusError)(nil)
	if _, err := i.Accept(t.Context(), sampleKey, policy.Ruling{By: "x", Why: "y", Revision: 2}); !errors.As(err, &status) || status.Revision != 1 {
		t.Errorf("of another revision: %v", err)
	}
	if _, err := i.Reopen(t.Context(), sampleKey, because); !errors.As(err, &status) || status.Status != policy.StatusReferred {
		t.Errorf("a referral was reopened: %v", err)
	}
}

// TestExpiry: a referral, and what was accepted, is held for its life; then the
// application is decided anew.
func TestExpiry(t *testing.T) {
	for name, accepted := range map[string]bool{"a referral": false, "what was accepted": true} {
		t.Run(name, func(t *testing.T) {
			store := memory.New()
			refused(t, issuerOf(t, store, selling(referring("LOOK"))), sample(t), looked)
			last := noon.Add(policy.DefaultReferralLife - time.Second)
			if accepted {
				if _, err := issuerOf(t, store).Accept(t.Context(), sampleKey, because); err != nil {
					t.Fatal(err)
				}
			} else {
				refused(t, issuerOf(t, store, at(last)), sample(t), looked)
			}
			late := issuerOf(t, store, at(last.Add(time.Second)), selling(refusing("OLD")))
			expired := (*policy.StatusError)(nil)
			if _, err := late.Decline(t.Context(), sampleKey, because); !errors.As(err, &expired) || !expired.Expired {
				t.Errorf("declined late: %v", err)
			}
			refused(t, late, sample(t), rejectedOld)
		})
	}
}

// TestReferralOutlastsRefusals: another payload that is refused under the same
// identifier takes nothing from the referral, and is pinned all the same; one
// that is issued takes its place.
func TestReferralOutlastsRefusals(t *testing.T) {
	store := memory.New()
	refused(t, issuerOf(t, store, selling(referring("LOOK"))), sample(t), looked)
	other := with(t, "attrs.insuranceTypes", "QUALITY")
	refused(t, issuerOf(t, store, selling(refusing("OLD"))), other, rejectedOld)
	i := issuerOf(t, store)
	if got := refused(t, i, other, rejectedOld); !got.Replayed {
		t.Error("the refusal was not pinned")
	}
	if got := refused(t, i, sample(t), looked); !got.Replayed {
		t.Error("the referral is gone")
	}
	if types := eventTypes(t, store); fmt.Sprint(types) != "[policy.referred policy.refused]" {
		t.Errorf("events %v", types)
	}
	if _, err := i.Accept(t.Context(), sampleKey, because); err != nil {
		t.Fatal(err)
	}
	third := with(t, "attrs.insuranceTypes", "DELIVERY")
	issue(t, i, third)
	conflict := (*policy.ConflictError)(nil)
	if _, err := i.Issue(t.Context(), acme, sample(t)); !errors.As(err, &conflict) {
		t.Errorf("what was accepted, after another was issued: %v", err)
	}
}

// TestAcceptedIsBooked: with a core system, what an underwriter accepted is
// booked there.
func TestAcceptedIsBooked(t *testing.T) {
	store, core := memory.New(), newCore()
	i := issuerOf(t, store, selling(referring("LOOK")), booking(core))
	refused(t, i, sample(t), looked)
	if _, err := i.Accept(t.Context(), sampleKey, because); err != nil || core.calls != 0 {
		t.Fatalf("%v; %d calls", err, core.calls)
	}
	if receipt := issue(t, i, sample(t)); receipt.PolicyNo != "CORE-0001" {
		t.Errorf("%+v", receipt)
	}
}
