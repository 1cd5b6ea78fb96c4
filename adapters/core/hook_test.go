package core_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chudan-io/chudan/adapters/core"
	"github.com/chudan-io/chudan/policy"
)

var (
	secrets = core.Secrets{[]byte("not-a-secret-of-anybody-1")}
	noon    = time.Date(2021, 8, 4, 12, 0, 0, 0, time.UTC)
)

const canary = "张三canary3321231232312342432"

func proposal() policy.Proposal {
	return policy.Proposal{
		ID: "0123456789abcdef0123456789abcdef", Key: policy.Key{Tenant: "acme", Identifier: "010101004178221080402170019"},
		Product: "PERFORMANCE_SURETY_BONDS", Edition: "2021.2", At: noon,
		Request: &policy.Request{Identifier: "010101004178221080402170019", InsuredPersonalInfo: policy.InsuredPersonalInfo{PersonName: canary}},
	}
}

// reply is what a core system answers: a status, a body, and what is signed
// otherwise than it should be.
type reply struct {
	status   int
	body     string
	alter    func(m *core.Message)
	with     core.Secrets
	location string
}

// coreSystem answers with a reply, and keeps what it was sent.
func coreSystem(t *testing.T, a *reply, body *[]byte) *core.Hook {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		*body = text
		id := r.Header.Get(core.IDHeader)
		if err := secrets.Verify(r.Header.Get(core.SignatureHeader), core.Message{Part: "request", At: noon.Unix(), ID: id, Body: text}); err != nil {
			t.Errorf("the request: %v", err)
		}
		m := core.Message{Part: core.AnswerPart(a.status), At: noon.Unix(), ID: id, Body: []byte(a.body)}
		if a.alter != nil {
			a.alter(&m)
		}
		if a.location != "" {
			w.Header().Set("Location", a.location)
		}
		with := secrets
		if a.with != nil {
			with = a.with
		}
		w.Header().Set(core.SignatureHeader, with.Sign(m))
		w.WriteHeader(a.status)
		_, _ = io.WriteString(w, a.body)
	}))
	t.Cleanup(s.Close)
	h, err := core.New(core.Config{URL: s.URL + "/bookings", Secrets: secrets, Clock: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestBook(t *testing.T) {
	var body []byte
	a := &reply{status: 200, body: `{"policyNo":"CORE-1","policyFileUrl":"https://core.example.com/1","later":{"a":[1]}}`}
	b, err := coreSystem(t, a, &body).Book(t.Context(), proposal())
	if err != nil || b != (policy.Booking{PolicyNo: "CORE-1", PolicyFileURL: "https://core.example.com/1"}) {
		t.Errorf("%+v, %v", b, err)
	}
	var sent map[string]any
	if err := json.Unmarshal(body, &sent); err != nil {
		t.Fatal(err)
	}
	request, _ := sent["request"].(map[string]any)
	insured, _ := request["insuredPersonalInfo"].(map[string]any)
	if sent["id"] != proposal().ID || sent["tenant"] != "acme" || sent["identifier"] != proposal().Key.Identifier || insured["personName"] != canary {
		t.Errorf("sent %s", body)
	}
}

func TestDeclined(t *testing.T) {
	var body []byte
	a := &reply{status: 422, body: `{"declined":"BLACKLISTED","message":{"zh":"不予承保","en":"not booked"}}`}
	_, err := coreSystem(t, a, &body).Book(t.Context(), proposal())
	declined := (*policy.DeclinedError)(nil)
	if !errors.As(err, &declined) || declined.Code != "BLACKLISTED" || declined.Message.ZH != "不予承保" {
		t.Errorf("got %v", err)
	}
}

// TestAnswersThatAreNone: whatever is not a signed answer to this very call is
// trouble, after which the call is repeated; no error tells what was in it.
func TestAnswersThatAreNone(t *testing.T) {
	const good = `{"policyNo":"CORE-1"}`
	for name, c := range map[string]struct {
		reply reply
		want  error
	}{
		"another secret":     {reply{status: 200, body: good, with: core.Secrets{[]byte("another-secret-of-nobody")}}, core.ErrSignature},
		"for another id":     {reply{status: 200, body: good, alter: func(m *core.Message) { m.ID = "another" }}, core.ErrSignature},
		"for another time":   {reply{status: 200, body: good, alter: func(m *core.Message) { m.At++ }}, core.ErrSignature},
		"of another body":    {reply{status: 200, body: good, alter: func(m *core.Message) { m.Body = []byte(`{"policyNo":"CORE-2"}`) }}, core.ErrSignature},
		"of another status":  {reply{status: 422, body: `{"declined":"A"}`, alter: func(m *core.Message) { m.Part = core.AnswerPart(200) }}, core.ErrSignature},
		"the request's own":  {reply{status: 200, body: good, alter: func(m *core.Message) { m.Part = "request" }}, core.ErrSignature},
		"500":                {reply{status: 500, body: canary}, core.ErrStatus},
		"401":                {reply{status: 401, body: canary}, core.ErrStatus},
		"a redirect":         {reply{status: 307, location: "/elsewhere"}, core.ErrStatus},
		"no JSON":            {reply{status: 200, body: canary}, core.ErrAnswer},
		"no object":          {reply{status: 200, body: `["` + canary + `"]`}, core.ErrAnswer},
		"no number":          {reply{status: 200, body: `{"policyno":"` + canary + `"}`}, core.ErrAnswer},
		"a number":           {reply{status: 200, body: `{"policyNo":1}`}, core.ErrAnswer},
		"twice":              {reply{status: 200, body: `{"policyNo":"1","policyNo":"2"}`}, core.ErrAnswer},
		"something follows":  {reply{status: 200, body: good + canary}, core.ErrAnswer},
		"no UTF-8":           {reply{status: 200, body: "{\"policyNo\":\"\xff\"}"}, core.ErrAnswer},
		"too long":           {reply{status: 200, body: `{"policyNo":"` + strings.Repeat("1", 70_000) + `"}`}, core.ErrAnswer},
		"no without a code":  {reply{status: 422, body: `{}`}, core.ErrAnswer},
		"a code that is bad": {reply{status: 422, body: `{"declined":"` + canary + `"}`}, core.ErrAnswer},
	} {
		t.Run(name, func(t *testing.T) {
			var body []byte
			b, err := coreSystem(t, &c.reply, &body).Book(t.Context(), proposal())
			declined := (*policy.DeclinedError)(nil)
			if !errors.Is(err, c.want) || errors.As(err, &declined) || b != (policy.Booking{}) {
				t.Fatalf("%+v, %v, want %v", b, err, c.want)
			}
			if strings.Contains(err.Error(), "canary") {
				t.Errorf("the error tells what was in it: %v", err)
			}
		})
	}
}

func TestNobodyAnswers(t *testing.T) {
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body)
		<-r.Context().Done()
	}))
	defer silent.Close()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	for url, want := range map[string]error{silent.URL: core.ErrTimeout, gone.URL: core.ErrUnreachable} {
		h, err := core.New(core.Config{URL: url, Secrets: secrets})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		if _, err := h.Book(ctx, proposal()); !errors.Is(err, want) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%v, want %v", err, want)
		}
		cancel()
	}
}

// TestRotation: while a secret is exchanged, answers by the old one and by the
// new one hold.
func TestRotation(t *testing.T) {
	older := []byte("the-older-secret-of-nobody")
	both := core.Secrets{secrets[0], older}
	m := core.Message{Part: "request", At: 7, ID: "1", Body: []byte("{}")}
	for _, s := range []core.Secrets{secrets, {older}} {
		if err := both.Verify(s.Sign(m), m); err != nil {
			t.Error(err)
		}
	}
	two := secrets.Sign(m) + "," + strings.SplitN(core.Secrets{older}.Sign(m), ",", 2)[1]
	if err := (core.Secrets{older}).Verify(two, m); err != nil {
		t.Errorf("two signatures in one header: %v", err)
	}
	for _, header := range []string{"", "t=7", "v1=00", "t=7,v1=00", "t=07,v1=" + strings.Repeat("0", 64), "t=7,v1=" + strings.Repeat("A", 64), strings.Repeat("t", 2000)} {
		if err := both.Verify(header, m); !errors.Is(err, core.ErrSignature) {
			t.Errorf("%q: %v", header, err)
		}
	}
}

func TestConfig(t *testing.T) {
	for name, c := range map[string]core.Config{
		"no URL":       {Secrets: secrets},
		"plain http":   {URL: "http://core.example.com/", Secrets: secrets},
		"with a user":  {URL: "https://u:p@core.example.com/", Secrets: secrets},
		"no secret":    {URL: "https://core.example.com/"},
		"short secret": {URL: "https://core.example.com/", Secrets: core.Secrets{[]byte("short")}},
	} {
		if _, err := core.New(c); err == nil || strings.Contains(err.Error(), "short") && name != "short secret" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// pool hands out ranges one after the other.
type pool struct {
	mu    sync.Mutex
	next  uint64
	fails int
	again bool // hands the same out for ever
}

func (p *pool) Next(context.Context, string, int) (core.Range, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fails > 0 {
		p.fails--
		return core.Range{}, core.ErrStatus
	}
	r := core.Range{Prefix: "PSB", From: p.next + 1, To: p.next + 100, Width: 8}
	if !p.again {
		p.next += 100
	}
	return r, nil
}

// TestRanges: 64 at once take 10,000 numbers, and the core system fails in
// between: each number is given once, and each id has one.
func TestRanges(t *testing.T) {
	source := &pool{}
	r, err := core.NewRanges(core.RangesConfig{Source: source})
	if err != nil {
		t.Fatal(err)
	}
	var numbers sync.Map
	var all sync.WaitGroup
	for w := range 64 {
		all.Go(func() {
			for n := range 10_000 / 64 {
				if n == 50 && w == 0 {
					source.mu.Lock()
					source.fails = 3
					source.mu.Unlock()
				}
				id := fmt.Sprintf("%d-%d", w, n)
				b, err := r.Book(t.Context(), policy.Proposal{ID: id})
				for errors.Is(err, core.ErrStatus) {
					b, err = r.Book(t.Context(), policy.Proposal{ID: id})
				}
				if err != nil {
					t.Error(err)
					return
				}
				if other, twice := numbers.LoadOrStore(b.PolicyNo, id); twice {
					t.Errorf("%s was given to %s and %s", b.PolicyNo, id, other)
				}
				if again, err := r.Book(t.Context(), policy.Proposal{ID: id}); err != nil || again != b {
					t.Errorf("%s: %v, then %v (%v)", id, b, again, err)
				}
			}
		})
	}
	all.Wait()
	if _, there := numbers.Load("PSB00000001"); !there {
		t.Error("the first number was not given")
	}
}

func TestRangesThatAreNone(t *testing.T) {
	r, err := core.NewRanges(core.RangesConfig{Source: &pool{again: true}})
	if err != nil {
		t.Fatal(err)
	}
	given := 0
	for ; given < 1000; given++ {
		if _, err = r.Book(t.Context(), policy.Proposal{ID: fmt.Sprint(given)}); err != nil {
			break
		}
	}
	if given != 100 || !errors.Is(err, core.ErrAnswer) {
		t.Errorf("after %d numbers of a range that is handed out again: %v", given, err)
	}
	for name, bad := range map[string]string{
		"backwards":     `{"prefix":"P","from":"2","to":"1","width":"8"}`,
		"too narrow":    `{"prefix":"P","from":"1","to":"100","width":"2"}`,
		"a bad prefix":  `{"prefix":"P ","from":"1","to":"100","width":"8"}`,
		"endless":       `{"prefix":"P","from":"1","to":"18446744073709551615","width":"20"}`,
		"numbers":       `{"prefix":"P","from":1,"to":100,"width":8}`,
		"without width": `{"prefix":"P","from":"1","to":"100"}`,
	} {
		t.Run(name, func(t *testing.T) {
			var body []byte
			r, err := core.NewRanges(core.RangesConfig{Source: coreSystem(t, &reply{status: 200, body: bad}, &body), Pool: "SURETY", Size: 50})
			if err != nil {
				t.Fatal(err)
			}
			if b, err := r.Book(t.Context(), proposal()); !errors.Is(err, core.ErrAnswer) {
				t.Errorf("%+v, %v", b, err)
			}
			if string(body) != `{"kind":"range","pool":"SURETY","size":"50"}` {
				t.Errorf("asked %s", body)
			}
		})
	}
}

// TestDocumentedSignatures: those of docs/core.md, which openssl and Java agree on.
func TestDocumentedSignatures(t *testing.T) {
	text, err := os.ReadFile("../../docs/core.md")
	if err != nil {
		t.Fatal(err)
	}
	const id = "0123456789abcdef0123456789abcdef"
	for part, body := range map[string]string{"request": `{"kind":"booking"}`, core.AnswerPart(200): `{"policyNo":"CORE-1"}`} {
		row := fmt.Sprintf("| %#q | %#q | %#q |", part, body, secrets.Sign(core.Message{Part: part, At: 1628078400, ID: id, Body: []byte(body)}))
		if !strings.Contains(string(text), row) {
			t.Errorf("docs/core.md has no %s", row)
		}
	}
}
