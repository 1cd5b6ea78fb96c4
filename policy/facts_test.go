package policy_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chudan-io/chudan/policy"
)

// watchful is the bond with facts: it refers where the seller's blocking is not
// known, as an edition with on_error does.
type watchful struct{ *bond }

func newWatchful() watchful {
	b := newBond()
	b.terms.Facts = []policy.FactSpec{{Name: "sellerBlocked", Type: policy.FactBool}, {Name: "sellerExposureCny", Type: policy.FactMoney}, {Name: "sellerNote", Type: policy.FactText}}
	return watchful{b}
}

func (w watchful) Product(code string, insured, effective time.Time) (policy.Product, error) {
	if _, err := w.bond.Product(code, insured, effective); err != nil {
		return nil, err
	}
	return w, nil
}

func (w watchful) Underwrite(a *policy.Application, p *policy.Premium) policy.Faults {
	faults := w.bond.Underwrite(a, p)
	f := policy.Fault{Kind: policy.KindReferred, Severity: policy.Refer, Code: "SELLER_BLOCKED"}
	for _, name := range []string{"sellerBlocked", "sellerExposureCny", "sellerNote"} {
		if _, ok := a.Request.Facts[name]; !ok {
			f.Err = fmt.Errorf("%s: %w", name, policy.ErrNoFact)
			return append(faults, f)
		}
	}
	if a.Request.Facts["sellerBlocked"] == "true" {
		f.Kind, f.Severity = policy.KindRejected, policy.Reject
		return append(faults, f)
	}
	return faults
}

// source answers from a function, and counts.
type source struct {
	calls  atomic.Int32
	answer func(context.Context, policy.FactQuery) (policy.Facts, error)
}

func (s *source) Facts(ctx context.Context, q policy.FactQuery) (policy.Facts, error) {
	s.calls.Add(1)
	return s.answer(ctx, q)
}

func answering(f policy.Facts) *source {
	return &source{answer: func(context.Context, policy.FactQuery) (policy.Facts, error) { return f, nil }}
}

func known() policy.Facts {
	return policy.Facts{"sellerBlocked": "false", "sellerExposureCny": "1200.50", "sellerNote": "canary-7c1f"}
}

func without(name string) policy.Facts {
	f := known()
	delete(f, name)
	return f
}

func other(name, text string) policy.Facts {
	f := known()
	f[name] = text
	return f
}

func asking(s policy.FactSource) func(*policy.Config) {
	return func(c *policy.Config) {
		c.Facts = s
		c.Catalog = newWatchful()
	}
}

func TestFacts(t *testing.T) {
	for name, c := range map[string]struct {
		answer policy.Facts
		want   string
	}{
		"all known":               {known(), ""},
		"blocked":                 {other("sellerBlocked", "true"), "isv.underwriting-rejected:SELLER_BLOCKED"},
		"one too many":            {other("sellerHair", "red"), ""},
		"none":                    {nil, "isv.underwriting-referred:SELLER_BLOCKED"},
		"one lacking":             {without("sellerNote"), "isv.underwriting-referred:SELLER_BLOCKED"},
		"a bool that is yes":      {other("sellerBlocked", "yes"), "isv.underwriting-referred:SELLER_BLOCKED"},
		"a bool that is True":     {other("sellerBlocked", "True"), "isv.underwriting-referred:SELLER_BLOCKED"},
		"an amount below zero":    {other("sellerExposureCny", "-1"), "isv.underwriting-referred:SELLER_BLOCKED"},
		"an amount as a float":    {other("sellerExposureCny", "1e6"), "isv.underwriting-referred:SELLER_BLOCKED"},
		"an amount that is empty": {other("sellerExposureCny", ""), "isv.underwriting-referred:SELLER_BLOCKED"},
		"a text that is empty":    {other("sellerNote", ""), "isv.underwriting-referred:SELLER_BLOCKED"},
		"a text over the limit":   {other("sellerNote", strings.Repeat("长", 257)), "isv.underwriting-referred:SELLER_BLOCKED"},
		"a text at the limit":     {other("sellerNote", strings.Repeat("长", 256)), ""},
		"a text of two lines":     {other("sellerNote", "a\nb"), "isv.underwriting-referred:SELLER_BLOCKED"},
		"a text that is no UTF-8": {other("sellerNote", "\xff"), "isv.underwriting-referred:SELLER_BLOCKED"},
	} {
		t.Run(name, func(t *testing.T) {
			i := issuerOf(t, newLedger(), asking(answering(c.answer)))
			_, err := i.Issue(context.Background(), acme, sample(t))
			if got := refusalCodes(t, err); got != c.want {
				t.Errorf("codes %q, want %q", got, c.want)
			}
		})
	}
}

// refusalCodes are the codes of a refusal; "" for none.
func refusalCodes(t *testing.T, err error) string {
	t.Helper()
	var refusal *policy.Refusal
	switch {
	case err == nil:
		return ""
	case !errors.As(err, &refusal):
		t.Fatalf("got %v, want a refusal", err)
	}
	return codes(refusal.Faults)
}

// TestFactsNotToBeHad: whatever keeps a source from answering, the rule is not
// passed, and its fault tells us, not the caller, why.
func TestFactsNotToBeHad(t *testing.T) {
	broken := errors.New("the exposure service is down")
	never := make(chan struct{})
	t.Cleanup(func() { close(never) })
	for name, c := range map[string]struct {
		source policy.FactSource
		why    string
	}{
		"no source": {nil, "Config has no FactSource"},
		"fails":     {&source{answer: func(context.Context, policy.FactQuery) (policy.Facts, error) { return known(), broken }}, broken.Error()},
		"heeds its deadline": {&source{answer: func(ctx context.Context, _ policy.FactQuery) (policy.Facts, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}}, ""},
		"heeds no deadline": {&source{answer: func(context.Context, policy.FactQuery) (policy.Facts, error) {
			<-never
			return nil, nil
		}}, "did not come in time"},
		"panics": {&source{answer: func(context.Context, policy.FactQuery) (policy.Facts, error) { panic("canary-7c1f") }}, "panicked"},
	} {
		t.Run(name, func(t *testing.T) {
			i := issuerOf(t, newLedger(), asking(c.source), func(c *policy.Config) { c.FactsDeadline = time.Millisecond })
			_, err := i.Issue(context.Background(), acme, sample(t))
			var refusal *policy.Refusal
			if got := refusalCodes(t, err); got != "isv.underwriting-referred:SELLER_BLOCKED" || !errors.As(err, &refusal) {
				t.Fatalf("codes %q", got)
			}
			if err := refusal.Faults[0].Err; !errors.Is(err, policy.ErrNoFact) || !strings.Contains(err.Error(), c.why) || strings.Contains(err.Error(), "canary") {
				t.Errorf("the fault says %v, want %s", err, c.why)
			}
		})
	}
}

// TestFactsHangingSource: a source that never answers holds up no more than so
// many calls of it; the rest is decided without facts all the same.
func TestFactsHangingSource(t *testing.T) {
	never := make(chan struct{})
	t.Cleanup(func() { close(never) })
	s := &source{answer: func(context.Context, policy.FactQuery) (policy.Facts, error) {
		<-never
		return nil, nil
	}}
	i := issuerOf(t, newLedger(), asking(s), func(c *policy.Config) { c.FactsDeadline = time.Millisecond })
	for n := range 300 {
		r := with(t, "identifier", fmt.Sprint("hung", n))
		if _, err := i.Issue(context.Background(), acme, r); refusalCodes(t, err) != "isv.underwriting-referred:SELLER_BLOCKED" {
			t.Fatal(err)
		}
	}
	if n := s.calls.Load(); n > 256 {
		t.Errorf("%d calls hang", n)
	}
}

// TestFactsCallerGone: whoever waits no longer gets no decision that was made
// without the facts, and nothing is kept of it.
func TestFactsCallerGone(t *testing.T) {
	l := newLedger()
	ctx, cancel := context.WithCancel(context.Background())
	i := issuerOf(t, l, asking(&source{answer: func(ctx context.Context, _ policy.FactQuery) (policy.Facts, error) {
		cancel()
		<-ctx.Done()
		return nil, ctx.Err()
	}}))
	if _, err := i.Issue(ctx, acme, sample(t)); !errors.Is(err, context.Canceled) || l.writes != 0 {
		t.Errorf("%v and %d writes", err, l.writes)
	}
}

// TestFactsAreRecorded: the facts of a decision are kept with it, in their one
// form, and a repeated request asks nobody.
func TestFactsAreRecorded(t *testing.T) {
	for name, c := range map[string]struct{ facts, kept policy.Facts }{
		"issued":   {other("undeclared", "x"), other("sellerExposureCny", "1200.5")},
		"refused":  {other("sellerBlocked", "true"), policy.Facts{"sellerBlocked": "true", "sellerExposureCny": "1200.5", "sellerNote": "canary-7c1f"}},
		"referred": {policy.Facts{"sellerBlocked": "true"}, policy.Facts{"sellerBlocked": "true"}},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLedger()
			s := answering(c.facts)
			i := issuerOf(t, l, asking(s))
			_, first := i.Issue(context.Background(), acme, sample(t))
			s.answer = func(context.Context, policy.FactQuery) (policy.Facts, error) { return nil, errors.New("asked again") }
			if _, again := i.Issue(context.Background(), acme, sample(t)); refusalCodes(t, again) != refusalCodes(t, first) {
				t.Errorf("again %v, want %v", again, first)
			}
			if n := s.calls.Load(); n != 1 {
				t.Errorf("the source was asked %d times", n)
			}
			rec, err := l.Find(context.Background(), policy.Key{Tenant: acme, Identifier: sample(t).Identifier})
			if err != nil {
				t.Fatal(err)
			}
			held, err := i.Open(rec)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := plainFacts(held.Request.Facts), plainFacts(c.kept); got != want {
				t.Errorf("kept %s, want %s", got, want)
			}
			d, err := policy.Decide(newWatchful(), held.Request)
			if err != nil || codes(d.Faults) != refusalCodes(t, first) {
				t.Errorf("decided anew: %s, %v; want %s", codes(d.Faults), err, refusalCodes(t, first))
			}
			if bytes := string(rec.Sealed) + snapshot(l); strings.Contains(bytes, "canary") {
				t.Error("a fact stands in the store in the clear")
			}
		})
	}
}

func plainFacts(f policy.Facts) string {
	text, _ := json.Marshal(map[string]string(f))
	return string(text)
}

// TestFactsLeaveTheFingerprint: what a caller or a source knows beside the
// request makes no other request of it, and what a caller claims is no fact.
func TestFactsLeaveTheFingerprint(t *testing.T) {
	l := newLedger()
	s := answering(known())
	i := issuerOf(t, l, asking(s))
	first := issue(t, i, sample(t))
	r := sample(t)
	r.Facts = other("sellerBlocked", "true")
	if again := issue(t, i, r); again != first || l.writes != 1 {
		t.Errorf("again %+v, want %+v", again, first)
	}
	r = with(t, "identifier", "another")
	set(t, r, "insureId", "another")
	set(t, r, "attrs.premiumFundStreamNo", "another")
	r.Facts = other("sellerBlocked", "true")
	issue(t, i, r)
	if r.Facts["sellerBlocked"] != "true" {
		t.Error("the caller's request was changed")
	}
}

// TestFactsOfNoConcern: a product that declares none asks nobody.
func TestFactsOfNoConcern(t *testing.T) {
	s := answering(known())
	r := sample(t)
	r.Facts = known()
	l := newLedger()
	i := issuerOf(t, l, asking(s), selling(newBond()))
	issue(t, i, r)
	if n := s.calls.Load(); n != 0 {
		t.Errorf("asked %d times", n)
	}
	rec, _ := l.Find(context.Background(), policy.Key{Tenant: acme, Identifier: r.Identifier})
	if held, err := i.Open(rec); err != nil || held.Request.Facts != nil {
		t.Errorf("kept %d facts, %v", len(held.Request.Facts), err)
	}
}

// TestFactsAreNotPrinted: neither facts nor what holds them shows a value.
func TestFactsAreNotPrinted(t *testing.T) {
	r := sample(t)
	r.Facts = known()
	a, _ := policy.NewApplication(r)
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "facts", r.Facts, "request", r)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "facts", r.Facts)
	q := policy.FactQuery{Application: a}
	for _, v := range []any{r.Facts, r, *r, a, *a, q, &q, policy.Case{Request: r}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d"} {
			fmt.Fprintf(&log, verb, v)
		}
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		log.Write(text)
	}
	if strings.Contains(log.String(), "canary") || strings.Contains(log.String(), "1200.5") || !strings.Contains(log.String(), "3 facts") {
		t.Errorf("shown: %s", log.String())
	}
}
