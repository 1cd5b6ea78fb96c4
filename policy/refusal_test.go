package policy_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/chudan-io/chudan/policy"
)

// refused issues r and wants a refusal with these codes.
func refused(t *testing.T, i *policy.Issuer, r *policy.Request, want string) policy.Refusal {
	t.Helper()
	refusal := (*policy.Refusal)(nil)
	receipt, err := i.Issue(context.Background(), acme, r)
	if !errors.As(err, &refusal) || codes(refusal.Faults) != want || refusal.Reference == "" {
		t.Fatalf("got %+v, %v; want %s", receipt, err, want)
	}
	return *refusal
}

func statusOf(t *testing.T, l *ledger) policy.Record {
	t.Helper()
	rec, err := l.Find(context.Background(), policy.Key{Tenant: acme, Identifier: sample(t).Identifier})
	if err != nil && !errors.Is(err, policy.ErrNotFound) {
		t.Fatal(err)
	}
	return rec
}

const (
	rejectedOld = "isv.underwriting-rejected:OLD"
	rejectedNew = "isv.underwriting-rejected:NEW"
)

// TestPinnedRefusal: what a rule refused stays refused for the same payload,
// with the same answer, when the rules have changed: the deal may have been
// refunded by then.
func TestPinnedRefusal(t *testing.T) {
	l := newLedger()
	first := refused(t, issuerOf(t, l, selling(refusing("OLD"))), sample(t), rejectedOld)
	for name, catalog := range map[string]policy.Catalog{"rule dropped": newBond(), "other rule": refusing("NEW"), "withdrawn": withdrawn{}, "broken": broken{}} {
		again := refused(t, issuerOf(t, l, selling(catalog)), sample(t), rejectedOld)
		if again.Reference != first.Reference || !again.Replayed || first.Replayed {
			t.Errorf("%s: %+v, want %+v", name, again, first)
		}
		if got, want := again.Faults.Message(policy.Chinese, again.Reference), first.Faults.Message(policy.Chinese, first.Reference); got != want {
			t.Errorf("%s: the answer changed from %s to %s", name, want, got)
		}
	}
	if rec := statusOf(t, l); l.writes != 1 || rec.Status != policy.StatusRefused || rec.Number != "" || rec.Revision != 1 || l.sequence != 0 {
		t.Errorf("%d writes, %+v", l.writes, rec)
	}

	// Corrected, it is a new attempt; then the refused payload comes late.
	i := issuerOf(t, l)
	corrected := with(t, "attrs.insuranceTypes", "QUALITY")
	receipt := issue(t, i, corrected)
	if rec := statusOf(t, l); rec.Status != policy.StatusIssued || rec.Revision != 2 {
		t.Errorf("%+v", rec)
	}
	if _, err := i.Issue(context.Background(), acme, sample(t)); !errors.As(err, new(*policy.ConflictError)) {
		t.Errorf("the refused payload, late: %v", err)
	}
	if again := issue(t, i, corrected); again != receipt {
		t.Errorf("%+v, want %+v", again, receipt)
	}
}

// TestLateDuplicateOfAnEarlierRefusal: each refused payload has its own answer,
// whichever came last, and however it is stamped by then.
func TestLateDuplicateOfAnEarlierRefusal(t *testing.T) {
	l := newLedger()
	a, b := sample(t), with(t, "attrs.insuranceTypes", "QUALITY")
	first := refused(t, issuerOf(t, l, selling(refusing("OLD"))), a, rejectedOld)
	second := refused(t, issuerOf(t, l, selling(refusing("NEW"))), b, rejectedNew)
	for name, i := range map[string]*policy.Issuer{
		"rules dropped":  issuerOf(t, l),
		"keys rotated":   issuerOf(t, l, func(c *policy.Config) { c.Keys = keysOf(t, keyTwo, keyOne) }),
		"fields ignored": issuerOf(t, l, ignoring("insureTime")),
	} {
		if got := refused(t, i, a, rejectedOld); got.Reference != first.Reference {
			t.Errorf("%s: the first got %s, want %s", name, got.Reference, first.Reference)
		}
		if got := refused(t, i, b, rejectedNew); got.Reference != second.Reference {
			t.Errorf("%s: the second got %s, want %s", name, got.Reference, second.Reference)
		}
	}
	// Whoever stamps the time anew on a retry is configured so, perhaps only
	// after the first refusals.
	change(t, a, "insureTime", "2021-08-04 15:24:00")
	if got := refused(t, issuerOf(t, l, ignoring("insureTime")), a, rejectedOld); got.Reference != first.Reference {
		t.Errorf("stamped anew: %s, want %s", got.Reference, first.Reference)
	}
	if l.writes != 2 {
		t.Errorf("%d writes", l.writes)
	}
}

// TestRefusedPayloadsAreBounded: whoever tries for ever does not make a record
// grow for ever, and the latest payloads are remembered.
func TestRefusedPayloadsAreBounded(t *testing.T) {
	l := newLedger()
	i := issuerOf(t, l, selling(refusing("OLD")))
	payload := func(n int) *policy.Request { return with(t, "applicantPayAccount", fmt.Sprintf("account %04d", n)) }
	size := 0
	for n := range 100 {
		refused(t, i, payload(n), rejectedOld)
		switch sealed := len(statusOf(t, l).Sealed); {
		case n == 40:
			size = sealed
		case n > 40 && sealed > size+100:
			t.Fatalf("after %d payloads %d bytes, after 41 %d", n+1, sealed, size)
		}
	}
	writes := l.writes
	changed := issuerOf(t, l) // would issue
	for n := 99; n >= 99-32; n-- {
		refused(t, changed, payload(n), rejectedOld)
	}
	if l.writes != writes {
		t.Errorf("%d writes, want %d", l.writes, writes)
	}
}

// TestWhatIsNotPinned: a refusal that is no rule's alone is not kept: the same
// request may pass when the caller, or we, have mended what was wrong.
func TestWhatIsNotPinned(t *testing.T) {
	unevaluated := fault(policy.KindRejected, policy.Reject, "BAD_RULE", "amount")
	unevaluated.Err = errors.New("division by zero")
	unpinned := newBond()
	unpinned.terms.PinRefusals = false
	rejecting := fault(policy.KindRejected, policy.Reject, "OLD", "amount")
	for name, c := range map[string]struct {
		catalog policy.Catalog
		r       *policy.Request
		want    string
	}{
		"shape":                {newBond(), with(t, "insureId", ""), missing + "insureId"},
		"sums":                 {newBond(), with(t, "premium", "6.37"), mismatch + "premium"},
		"terms":                {newBond(), with(t, "currency", "GBP"), invalid + "currency"},
		"unknown product":      {newBond(), with(t, "productCode", "OTHER"), "isv.product-not-found"},
		"not on sale":          {withdrawn{}, sample(t), "isv.product-not-on-sale"},
		"required by a rule":   {newBond(), with(t, "attrs.agreeOnSendTime", ""), missing + "attrs.agreeOnSendTime"},
		"a rule and a sum":     {refusing("OLD"), with(t, "premium", "6.37"), rejectedOld + "; " + mismatch + "premium"},
		"a broken rule":        {ruled{newBond(), policy.Faults{unevaluated}}, sample(t), "isv.underwriting-rejected:BAD_RULE"},
		"a rule, one broken":   {ruled{newBond(), policy.Faults{rejecting, unevaluated}}, sample(t), rejectedOld + "; isv.underwriting-rejected:BAD_RULE"},
		"the product does not": {ruled{unpinned, policy.Faults{rejecting}}, sample(t), rejectedOld},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLedger()
			i := issuerOf(t, l, selling(c.catalog))
			first := refused(t, i, c.r, c.want)
			again := refused(t, i, c.r, c.want)
			if l.writes != 0 || again.Replayed || again.Reference == first.Reference {
				t.Errorf("kept: %d writes, %+v", l.writes, again)
			}
			if got := refused(t, issuerOf(t, l, selling(refusing("NEW"))), sample(t), rejectedNew); got.Replayed || l.writes != 1 {
				t.Errorf("then, by another rule: %+v, %d writes", got, l.writes)
			}
		})
	}
}

// TestPinnedWithOtherFaults: notes and referrals beside a rule's refusal do not
// unpin it.
func TestPinnedWithOtherFaults(t *testing.T) {
	l := newLedger()
	faults := policy.Faults{
		fault(policy.KindRejected, policy.Reject, "OLD", "amount"),
		fault(policy.KindReferred, policy.Refer, "LOOK", "amount"),
		fault(policy.KindParametersMismatch, policy.Note, "NOTE", "premium"),
	}
	const want = rejectedOld + "; isv.underwriting-referred:LOOK; note " + mismatch + "premium"
	refused(t, issuerOf(t, l, selling(ruled{newBond(), faults})), sample(t), want)
	refused(t, issuerOf(t, l), sample(t), want)
	if rec := statusOf(t, l); rec.Status != policy.StatusRefused {
		t.Errorf("%+v", rec)
	}
}

// TestReferral: held for its payload until somebody decides; other data is a
// new attempt.
func TestReferral(t *testing.T) {
	const referred = "isv.underwriting-referred:LOOK"
	l := newLedger()
	first := refused(t, issuerOf(t, l, selling(referring("LOOK"))), sample(t), referred)
	for name, catalog := range map[string]policy.Catalog{"rule dropped": newBond(), "refusing": refusing("NEW"), "withdrawn": withdrawn{}} {
		if again := refused(t, issuerOf(t, l, selling(catalog)), sample(t), referred); again.Reference != first.Reference || !again.Replayed {
			t.Errorf("%s: %+v", name, again)
		}
	}
	rec := statusOf(t, l)
	if rec.Status != policy.StatusReferred || rec.Edition != "2021.2" || rec.Number != "" || l.sequence != 0 || l.writes != 1 {
		t.Errorf("%+v", rec)
	}
	kept, err := issuerOf(t, l).Open(rec)
	if err != nil || codes(kept.Faults) != referred || kept.Receipt != (policy.Receipt{}) || kept.Premium.Rounded.Fixed(2) != "6.36" || kept.Request.Identifier != sample(t).Identifier {
		t.Errorf("%+v, %v", kept, err)
	}
	receipt := issue(t, issuerOf(t, l), with(t, "attrs.insuranceTypes", "QUALITY"))
	if rec := statusOf(t, l); rec.Status != policy.StatusIssued || rec.Revision != 2 || rec.Number != receipt.PolicyNo {
		t.Errorf("%+v", rec)
	}
	if _, err := issuerOf(t, l).Issue(context.Background(), acme, sample(t)); !errors.As(err, new(*policy.ConflictError)) {
		t.Errorf("the referred payload, late: %v", err)
	}
}

// TestNotesAreIssued: a note stands against nothing and is kept.
func TestNotesAreIssued(t *testing.T) {
	l := newLedger()
	i := issuerOf(t, l)
	issue(t, i, with(t, "orderSubjectMatterInfo.orderAmount", "1"))
	kept, err := i.Open(statusOf(t, l))
	if err != nil || codes(kept.Faults) != "note "+mismatch+"amount" {
		t.Errorf("%v, %s", err, codes(kept.Faults))
	}
}

// TestRequestIsKept: what is opened again is what was sent, the fields that
// the page does not know included.
func TestRequestIsKept(t *testing.T) {
	l := newLedger()
	i := issuerOf(t, l)
	r := with(t, "applicantPayAccount", "quotes \" \\ <&> \u2060 👨‍👩‍👧 𠮷", "insurePeriod", "")
	r.Unknown = policy.Unknown{"new": `{"a":[1,"x"]}`, "attrs.new": `"\u0000"`, "?": "null", "": "1", "identifier": "2"}
	issue(t, i, r)
	kept, err := i.Open(statusOf(t, l))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range policy.Fields() {
		if got, want := f.Text(kept.Request), f.Text(r); got != want {
			t.Errorf("%s: %q, want %q", f.Path, got, want)
		}
	}
	if len(kept.Request.Unknown) != len(r.Unknown) {
		t.Errorf("%d unknown fields, want %d", len(kept.Request.Unknown), len(r.Unknown))
	}
	for path, raw := range r.Unknown {
		if kept.Request.Unknown[path] != raw {
			t.Errorf("unknown %q: %q, want %q", path, kept.Request.Unknown[path], raw)
		}
	}
}

// TestUnopenable: a product whose rate has more digits than can be kept issues
// nothing, rather than a policy that never opens again.
func TestUnopenable(t *testing.T) {
	l := newLedger()
	rate := moneyOf(t, "0.0000000001")
	for range 7 {
		rate = rate.Mul(rate)
	}
	b := newBond()
	b.terms.Declared = policy.Declared{}
	receipt, err := issuerOf(t, l, selling(rated{b, rate})).Issue(context.Background(), acme, with(t, "premiumRate", ""))
	if err == nil || policy.TroubleKind(err) != policy.KindInternal || l.writes != 0 {
		t.Errorf("%+v, %v, %d writes", receipt, err, l.writes)
	}
}

// TestEvents: an outbox event and an audit event for every write, none of which
// tells anything about a person.
func TestEvents(t *testing.T) {
	l := newLedger()
	var completed [][]byte
	l.before = func(d policy.Draft) error {
		for seq := uint64(7); seq < 9; seq++ { // a transaction that is repeated
			entry, err := d.Complete(seq)
			if err != nil {
				return err
			}
			completed = append(completed, entry.Event)
		}
		return nil
	}
	r, canaries := withCanaries(t)
	refused(t, issuerOf(t, l, selling(referring("LOOK"))), r, "isv.underwriting-referred:LOOK")
	change(t, r, "attrs.insuranceTypes", "QUALITY")
	refused(t, issuerOf(t, l, selling(refusing("OLD"))), r, rejectedOld)
	change(t, r, "attrs.insuranceTypes", "DELIVERY")
	receipt := issue(t, issuerOf(t, l), r)

	type cloudEvent struct {
		SpecVersion, ID, Source, Type, Subject, Time, DataContentType string
		Data                                                          struct {
			Identifier, ProductCode, Edition, PolicyNo, Currency, Premium string
			Codes                                                         []string
		}
	}
	var ids []string
	for n, text := range append(l.events, completed...) {
		var e cloudEvent
		if err := json.Unmarshal(text, &e); err != nil {
			t.Fatal(err)
		}
		if e.SpecVersion != "1.0" || e.Source != "/chudan/acme" || e.Subject != r.Identifier || e.Data.Identifier != r.Identifier || e.DataContentType != "application/json" ||
			e.Time != "2021-08-04T12:00:00.123456Z" || e.Data.ProductCode != "PERFORMANCE_SURETY_BONDS" || e.Data.Edition != "2021.2" || e.Data.Premium != "6.36" || e.Data.Currency != "CNY" {
			t.Errorf("%s", text)
		}
		if want := []string{"policy.referred", "policy.refused", "policy.issued"}; n < 3 && (e.Type != want[n] || (e.Data.PolicyNo == receipt.PolicyNo) != (n == 2)) {
			t.Errorf("%s, want %s", text, want[n])
		}
		ids = append(ids, e.ID)
	}
	// Three events, three identities; repeated, each keeps its own.
	if ids[0] == ids[1] || ids[1] == ids[2] || ids[0] == ids[2] {
		t.Errorf("%v", ids[:3])
	}
	for n := range 6 {
		if ids[3+n] != ids[n/2] {
			t.Errorf("repeated: %v", ids)
		}
	}
	for n, text := range l.audits {
		var e struct{ Type, Tenant, Identifier, Edition, Digest, Sealed, Reference, PolicyNo string }
		if err := json.Unmarshal(text, &e); err != nil || e.Tenant != "acme" || e.Identifier != r.Identifier || len(e.Sealed) != 64 || e.Digest != "go" || e.Reference == "" || (e.PolicyNo != "") != (n == 2) {
			t.Errorf("%s, %v", text, err)
		}
	}
	rec := statusOf(t, l)
	written := bytes.Join(append(append(l.events, l.audits...), rec.Sealed, rec.Fingerprint, fmt.Append(nil, rec)), nil)
	if found := leaks(string(written), canaries); found != nil {
		t.Errorf("in the clear: %v", found)
	}
	// The canaries are in there, sealed.
	kept, err := issuerOf(t, l).Open(rec)
	if err != nil || len(leaks(kept.Request.ApplicantPersonalInfo.PersonName.Reveal(), canaries)) != 1 {
		t.Errorf("%v", err)
	}
}

// TestSameDataAgainIsAnotherEvent: a payload that was referred and is later
// issued under the same identifier is a second event, not the first one again.
func TestSameDataAgainIsAnotherEvent(t *testing.T) {
	l := newLedger()
	a, b := sample(t), with(t, "attrs.insuranceTypes", "QUALITY")
	refused(t, issuerOf(t, l, selling(referring("LOOK"))), a, "isv.underwriting-referred:LOOK")
	refused(t, issuerOf(t, l, selling(referring("LOOK"))), b, "isv.underwriting-referred:LOOK")
	issue(t, issuerOf(t, l), a)
	var ids []string
	for _, text := range l.events {
		var e struct{ ID string }
		if err := json.Unmarshal(text, &e); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, e.ID)
	}
	if len(ids) != 3 || ids[0] == ids[2] {
		t.Errorf("%v", ids)
	}
}

// TestSourceIsAURI: a tenant may be named in any way.
func TestSourceIsAURI(t *testing.T) {
	l := newLedger()
	if _, err := issuerOf(t, l).Issue(context.Background(), "保险 a/b", sample(t)); err != nil {
		t.Fatal(err)
	}
	var e struct{ Source string }
	if err := json.Unmarshal(l.events[0], &e); err != nil || e.Source != "/chudan/%E4%BF%9D%E9%99%A9%20a%2Fb" {
		t.Errorf("%s, %v", e.Source, err)
	}
}
