package core_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chudan-io/chudan/adapters/core"
	"github.com/chudan-io/chudan/policy"
)

// query asks three facts of the published request, and one that is the store's.
func query(t testing.TB) policy.FactQuery {
	t.Helper()
	p := proposal(t)
	a, _ := policy.NewApplication(p.Request)
	return policy.FactQuery{
		Key: p.Key, Reference: p.Reference, Application: a, Product: p.Product, Edition: p.Edition,
		Facts: []policy.FactSpec{
			{Name: "sellerBlocked", Type: policy.FactBool}, {Name: "sellerExposureCny", Type: policy.FactMoney}, {Name: "sellerRating", Type: policy.FactText},
			{Name: "inForceCny", Type: policy.FactMoney, PerFields: []string{"orderSubjectMatterInfo.sellerId"}},
		},
	}
}

// TestQuestion holds what is posted against its golden: it is a contract.
func TestQuestion(t *testing.T) {
	s := &system{answer: says(200, `{"sellerBlocked":false,"sellerExposureCny":120000.50,"sellerRating":"A"}`)}
	h := start(t, s)
	got, err := h.Facts(t.Context(), query(t))
	if want := (policy.Facts{"sellerBlocked": "false", "sellerExposureCny": "120000.50", "sellerRating": "A"}); err != nil || !maps.Equal(got, want) {
		t.Fatalf("%+v, %v", map[string]string(got), err)
	}
	if _, err := h.Facts(t.Context(), query(t)); err != nil {
		t.Fatal(err)
	}
	if len(s.calls) != 2 || len(s.calls[0].ID) != 32 || s.calls[0].ID == s.calls[1].ID {
		t.Fatalf("%d calls, or two with one id", len(s.calls))
	}
	onlyTexts(t, s.calls[0].Body)
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, bytes.Replace(s.calls[0].Body, []byte(s.calls[0].ID), []byte(someID), 1), "", "  "); err != nil {
		t.Fatal(err)
	}
	pretty.WriteByte('\n')
	const golden = "testdata/facts.golden"
	if *update {
		if err := os.WriteFile(golden, pretty.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := os.ReadFile(golden); err != nil || !bytes.Equal(want, pretty.Bytes()) {
		t.Errorf("%v\n%s", err, pretty.String())
	}
}

// TestNothingToAsk: what the store knows is asked of nobody.
func TestNothingToAsk(t *testing.T) {
	h := hook(t, "http://127.0.0.1:1/", secret)
	q := query(t)
	for name, facts := range map[string][]policy.FactSpec{"no facts": nil, "the store's own": q.Facts[3:]} {
		q.Facts = facts
		if got, err := h.Facts(t.Context(), q); err != nil || len(got) > 0 {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	q = query(t)
	q.Application = nil
	if _, err := h.Facts(t.Context(), q); !errors.Is(err, core.ErrUnreachable) {
		t.Errorf("without an application: %v", err)
	}
}

// TestFactAnswers holds what comes of each answer against what it is. No error
// holds anything of it.
func TestFactAnswers(t *testing.T) {
	const canary = "canary-5d1e"
	signed := func(change func(*core.Message)) func(core.Message, http.ResponseWriter) {
		return func(m core.Message, w http.ResponseWriter) {
			const body = `{"sellerRating":"` + canary + `"}`
			s := core.Message{Part: core.AnswerPart(200), At: m.At, ID: m.ID, Body: []byte(body)}
			change(&s)
			w.Header().Set(core.SignatureHeader, secrets(secret).Sign(s))
			_, _ = io.WriteString(w, body)
		}
	}
	for name, c := range map[string]struct {
		answer func(core.Message, http.ResponseWriter)
		want   policy.Facts
		err    error
	}{
		"all":                        {says(200, `{"sellerBlocked":true,"sellerExposureCny":"0","sellerRating":"好"}`), policy.Facts{"sellerBlocked": "true", "sellerExposureCny": "0", "sellerRating": "好"}, nil},
		"none":                       {says(200, `{}`), policy.Facts{}, nil},
		"null for what is not known": {says(200, `{"sellerBlocked":null,"sellerRating":"A"}`), policy.Facts{"sellerRating": "A"}, nil},
		"a number with its digits":   {says(200, `{"sellerExposureCny":123456789012345678.90}`), policy.Facts{"sellerExposureCny": "123456789012345678.90"}, nil},
		"what nobody asked for":      {says(200, `{"sellerHair":{"colour":["red"]},"inForceCny":1,"sellerBlocked":false}`), policy.Facts{"sellerBlocked": "false"}, nil},
		"a name in another case":     {says(200, `{"SellerBlocked":false}`), policy.Facts{}, nil},
		"for the Issuer to judge":    {says(200, `{"sellerBlocked":1,"sellerExposureCny":-1e6,"sellerRating":""}`), policy.Facts{"sellerBlocked": "1", "sellerExposureCny": "-1e6", "sellerRating": ""}, nil},
		"a list for a fact":          {says(200, `{"sellerRating":["`+canary+`"]}`), nil, core.ErrAnswer},
		"an object for a fact":       {says(200, `{"sellerRating":{"is":"`+canary+`"}}`), nil, core.ErrAnswer},
		"a name twice":               {says(200, `{"sellerBlocked":true,"sellerBlocked":false}`), nil, core.ErrAnswer},
		"a list":                     {says(200, `["`+canary+`"]`), nil, core.ErrAnswer},
		"a text":                     {says(200, `"`+canary+`"`), nil, core.ErrAnswer},
		"cut off":                    {says(200, `{"sellerRating":"`+canary), nil, core.ErrAnswer},
		"two of them":                {says(200, `{}{"sellerRating":"`+canary+`"}`), nil, core.ErrAnswer},
		"no UTF-8":                   {says(200, "{\"sellerRating\":\"\xff\"}"), nil, core.ErrAnswer},
		"a deep one":                 {says(200, strings.Repeat(`{"sellerRating":`, 12000)), nil, core.ErrAnswer}, // over 64 KiB, too
		"64 KiB":                     {says(200, `{"sellerBlocked":true}`+strings.Repeat(" ", 64<<10-22)), policy.Facts{"sellerBlocked": "true"}, nil},
		"over 64 KiB":                {says(200, `{"sellerBlocked":true}`+strings.Repeat(" ", 64<<10-21)), nil, core.ErrAnswer},
		"a no":                       {says(422, `{"declined":"NO","message":{"en":"`+canary+`"}}`), nil, core.ErrStatus},
		"busy":                       {func(_ core.Message, w http.ResponseWriter) { http.Error(w, canary, http.StatusServiceUnavailable) }, nil, core.ErrStatus},
		"elsewhere": {func(m core.Message, w http.ResponseWriter) {
			w.Header().Set("Location", "/"+canary)
			says(302, `{}`)(m, w)
		}, nil, core.ErrStatus},
		"signed, and nothing else":   {signed(func(*core.Message) {}), policy.Facts{"sellerRating": canary}, nil},
		"no signature":               {func(_ core.Message, w http.ResponseWriter) { _, _ = io.WriteString(w, `{"sellerRating":"`+canary+`"}`) }, nil, core.ErrSignature},
		"signed for another id":      {signed(func(m *core.Message) { m.ID = someID }), nil, core.ErrSignature},
		"signed for an earlier call": {signed(func(m *core.Message) { m.At-- }), nil, core.ErrSignature},
		"signed for another body":    {signed(func(m *core.Message) { m.Body = []byte(`{"sellerBlocked":false}`) }), nil, core.ErrSignature},
		"a stranger's":               {func(m core.Message, w http.ResponseWriter) { reply(w, secrets(stranger), m, 200, `{}`) }, nil, core.ErrSignature},
		"hung up":                    {func(core.Message, http.ResponseWriter) { panic(http.ErrAbortHandler) }, nil, core.ErrUnreachable},
	} {
		t.Run(name, func(t *testing.T) {
			q := query(t)
			got, err := start(t, &system{answer: c.answer}).Facts(t.Context(), q)
			if !errors.Is(err, c.err) || !maps.Equal(got, c.want) {
				t.Errorf("%+v, %v; want %v", map[string]string(got), err, c.err)
			}
			if err != nil && strings.Contains(err.Error(), "canary") {
				t.Errorf("the error holds what was answered: %v", err)
			}
			betrays(t, err, q.Application.Request)
		})
	}
}

// TestFactsInTime: an Issuer whose system is silent answers in time, and one
// whose system drips ends with its deadline.
func TestFactsInTime(t *testing.T) {
	dripping := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusOK)
		for {
			select {
			case <-dripping:
				return
			case <-r.Context().Done():
				return
			case <-time.After(time.Millisecond):
				_, _ = io.WriteString(w, " ")
				_ = http.NewResponseController(w).Flush()
			}
		}
	}))
	t.Cleanup(s.Close)
	t.Cleanup(func() { close(dripping) })
	late, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := hook(t, s.URL, secret).Facts(late, query(t)); !errors.Is(err, core.ErrTimeout) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
}

// TestConnections: calls share connections, and never have more than 128.
func TestConnections(t *testing.T) {
	var opened, at, most atomic.Int64
	ready := make(chan struct{})
	s := &system{t: t, secrets: secrets(secret), answer: func(m core.Message, w http.ResponseWriter) {
		n := at.Add(1)
		for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
		}
		if n == 128 {
			close(ready) // all that may come at once are here
		}
		<-ready
		at.Add(-1)
		says(200, `{}`)(m, w)
	}}
	server := httptest.NewUnstartedServer(s)
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	h := hook(t, server.URL, secret)
	var calls sync.WaitGroup
	for range 300 {
		calls.Go(func() {
			if _, err := h.Facts(t.Context(), query(t)); err != nil {
				t.Error(err)
			}
		})
	}
	calls.Wait()
	if most.Load() != 128 {
		t.Errorf("%d calls at once, want 128", most.Load())
	}
	before := opened.Load()
	for range 20 {
		if _, err := h.Facts(t.Context(), query(t)); err != nil {
			t.Fatal(err)
		}
	}
	if opened.Load() != before {
		t.Errorf("20 calls after one another opened %d connections", opened.Load()-before)
	}
}

// TestSetSecrets: other secrets count from the next call on, and bad ones change
// nothing.
func TestSetSecrets(t *testing.T) {
	s := &system{secrets: secrets(secret, newer)}
	s.answer = func(m core.Message, w http.ResponseWriter) { reply(w, s.secrets, m, 200, `{"policyNo":"P1"}`) }
	h := start(t, s, secret)
	book := func(want error) {
		t.Helper()
		if _, err := h.Book(t.Context(), proposal(t)); !errors.Is(err, want) {
			t.Errorf("%v, want %v", err, want)
		}
	}
	book(nil)
	for name, bad := range map[string]core.Secrets{"none": nil, "a short one": secrets(secret, "hunter2")} {
		if err := h.SetSecrets(bad); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", name, err)
		}
	}
	book(nil)
	mine := secrets(newer, secret)
	if err := h.SetSecrets(mine); err != nil {
		t.Fatal(err)
	}
	clear(mine[0])
	s.secrets = secrets(newer)
	book(nil)
	s.secrets = secrets(newer, secret)
	if err := h.SetSecrets(secrets(secret)); err != nil {
		t.Fatal(err)
	}
	book(core.ErrSignature)
}
