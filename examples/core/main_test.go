package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chudan-io/chudan/adapters/core"
	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/policy/money"
)

const id = "0123456789abcdef0123456789abcdef"

func proposal(id string, currency money.Currency) policy.Proposal {
	return policy.Proposal{ID: id, Key: policy.Key{Tenant: "1", Identifier: "2"}, Premium: policy.Premium{Currency: currency}, Request: &policy.Request{}}
}

// open starts the system on a ledger, and makes chudan's side of it.
func open(t *testing.T, journal string, secrets ...string) *core.Hook {
	t.Helper()
	book, err := openLedger(journal)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(&system{secrets: [][]byte{[]byte(devSecret)}, ledger: book, now: time.Now})
	t.Cleanup(func() { server.Close(); book.close() })
	config := core.Config{URL: server.URL, Secrets: core.Secrets{[]byte(devSecret)}}
	if len(secrets) > 0 {
		config.Secrets = core.Secrets{[]byte(secrets[0])}
	}
	hook, err := core.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return hook
}

// TestBooks: what is written from the document alone understands chudan, and is
// understood.
func TestBooks(t *testing.T) {
	journal := filepath.Join(t.TempDir(), "core.jsonl")
	first, err := open(t, journal).Book(t.Context(), proposal(id, "CNY"))
	if err != nil || first.PolicyNo != "CORE00000001" || first.PolicyFileURL == "" {
		t.Fatalf("%+v, %v", first, err)
	}
	again := open(t, journal) // started anew
	for range 2 {
		if got, err := again.Book(t.Context(), proposal(id, "CNY")); err != nil || got != first {
			t.Errorf("%+v, then %+v, %v", first, got, err)
		}
	}
	var no *policy.DeclinedError
	if _, err := again.Book(t.Context(), proposal(strings.Repeat("1", 32), "USD")); !errors.As(err, &no) || no.Code != "CURRENCY" || no.Message.ZH == "" {
		t.Errorf("%v", err)
	}
	if got, err := again.Book(t.Context(), proposal(strings.Repeat("2", 32), "CNY")); err != nil || got.PolicyNo != "CORE00000002" {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := open(t, "", "a secret of somebody else").Book(t.Context(), proposal(id, "CNY")); !errors.Is(err, core.ErrStatus) {
		t.Errorf("%v", err)
	}
}

// TestRanges: numbers out of ranges differ, over a restart too.
func TestRanges(t *testing.T) {
	journal := filepath.Join(t.TempDir(), "core.jsonl")
	seen := make(map[string]bool)
	for round := range 2 {
		ranges, err := core.NewRanges(core.RangesConfig{Source: open(t, journal), Pool: "SURETY", Size: 7})
		if err != nil {
			t.Fatal(err)
		}
		for n := range 20 {
			b, err := ranges.Book(t.Context(), proposal(fmt.Sprintf("%d-%d", round, n), "CNY"))
			if err != nil || seen[b.PolicyNo] || !regexp.MustCompile(`^SURETY[0-9]{8}$`).MatchString(b.PolicyNo) {
				t.Errorf("%+v, %v", b, err)
			}
			seen[b.PolicyNo] = true
		}
	}
}

// TestFacts: what is known of a seller is answered each time anew, what is not
// known is left out, and neither is booked.
func TestFacts(t *testing.T) {
	book, err := openLedger("")
	if err != nil {
		t.Fatal(err)
	}
	s := &system{secrets: [][]byte{[]byte(devSecret)}, ledger: book, blocked: []string{"3322312336"}, now: time.Now}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	hook, err := core.New(core.Config{URL: server.URL, Secrets: core.Secrets{[]byte(devSecret)}})
	if err != nil {
		t.Fatal(err)
	}
	seller, _ := policy.FieldNamed("orderSubjectMatterInfo.sellerId")
	for id, want := range map[string]policy.Facts{
		"3322312336": {"sellerBlocked": "true"}, "1": {"sellerBlocked": "false"}, "": {},
	} {
		r := new(policy.Request)
		if id != "" {
			seller.SetText(r, id)
		}
		a, _ := policy.NewApplication(r)
		got, err := hook.Facts(t.Context(), policy.FactQuery{
			Key: policy.Key{Tenant: "1", Identifier: "2"}, Application: a,
			Facts: []policy.FactSpec{{Name: "sellerBlocked", Type: policy.FactBool}, {Name: "sellerRating", Type: policy.FactText}},
		})
		if err != nil || !maps.Equal(got, want) {
			t.Errorf("seller %q: %v, %v; want %v", id, map[string]string(got), err, map[string]string(want))
		}
	}
	if len(book.entries) > 0 {
		t.Errorf("%d questions were booked", len(book.entries))
	}
}

// TestRefuses shows what is not let in.
func TestRefuses(t *testing.T) {
	now := time.Unix(1628061808, 0)
	body := `{"kind":"booking","id":"` + id + `","premium":{"currency":"CNY"}}`
	sealed := func(at int64, id, body string) string {
		return core.Secrets{[]byte(devSecret)}.Sign(core.Message{Part: "request", At: at, ID: id, Body: []byte(body)})
	}
	book, err := openLedger("")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		signature, id, body string
		want                int
	}{
		"signed":                 {sealed(now.Unix(), id, body), id, body, 200},
		"late, within tolerance": {sealed(now.Unix()-300, id, body), id, body, 200},
		"too late":               {sealed(now.Unix()-301, id, body), id, body, 401},
		"too early":              {sealed(now.Unix()+301, id, body), id, body, 401},
		"of another id":          {sealed(now.Unix(), "other", body), id, body, 401},
		"changed":                {sealed(now.Unix(), id, body), id, body + " ", 401},
		"unsigned":               {"", id, body, 401},
		"another id inside":      {sealed(now.Unix(), "other", body), "other", body, 400},
		"no JSON":                {sealed(now.Unix(), id, "x"), id, "x", 400},
		"too large":              {"", id, strings.Repeat(" ", maxBody+1), 413},
	} {
		r := httptest.NewRequest(http.MethodPost, "/bookings", strings.NewReader(c.body))
		r.Header.Set("Chudan-Signature", c.signature)
		r.Header.Set("Idempotency-Key", c.id)
		w := httptest.NewRecorder()
		(&system{secrets: [][]byte{[]byte(devSecret)}, ledger: book, now: func() time.Time { return now }}).ServeHTTP(w, r)
		if w.Code != c.want {
			t.Errorf("%s: %d, want %d", name, w.Code, c.want)
		}
	}
}

// TestRun: the example serves, and ends.
func TestRun(t *testing.T) {
	ctx, end := context.WithCancel(t.Context())
	out, in := io.Pipe()
	var serving sync.WaitGroup
	serving.Go(func() {
		if err := run(ctx, []string{"-listen", "127.0.0.1:0"}, in); err != nil {
			t.Error(err)
		}
		in.Close()
	})
	line := make([]byte, 200)
	n, err := out.Read(line)
	address := regexp.MustCompile(`http://127\.0\.0\.1:[0-9]+/bookings`).FindString(string(line[:n]))
	if err != nil || address == "" {
		t.Fatalf("%s, %v", line[:n], err)
	}
	hook, err := core.New(core.Config{URL: address, Secrets: core.Secrets{[]byte(devSecret)}})
	if err != nil {
		t.Fatal(err)
	}
	if b, err := hook.Book(t.Context(), proposal(id, "CNY")); err != nil || b.PolicyNo != "CORE00000001" {
		t.Errorf("%+v, %v", b, err)
	}
	end()
	serving.Wait()
	if err := run(t.Context(), []string{"-listen", "0.0.0.0:0"}, io.Discard); err == nil {
		t.Error("it listens to everybody, with a secret known to all")
	}
}
