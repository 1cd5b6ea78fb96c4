package core_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chudan-io/chudan/adapters/core"
	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/policy/money"
)

const (
	secret   = "a secret of the tests, 32 bytes.."
	newer    = "another secret, after it was rotated"
	stranger = "a secret that nobody configured"
	someID   = "0123456789abcdef0123456789abcdef"
)

func secrets(all ...string) core.Secrets {
	var s core.Secrets
	for _, one := range all {
		s = append(s, []byte(one))
	}
	return s
}

func clock() time.Time { return time.Date(2021, 8, 4, 15, 23, 28, 0, policy.Zone()) }

// proposal is that of the published request. Source: API page, request example.
func proposal(t testing.TB) policy.Proposal {
	t.Helper()
	data, err := os.ReadFile("../../examples/requests/performance-surety-bond.json")
	if err != nil {
		t.Fatal(err)
	}
	var members map[string]any
	if err := json.Unmarshal(data, &members); err != nil {
		t.Fatal(err)
	}
	r := new(policy.Request)
	fill(t, r, "", members)
	d := money.MustParse
	return policy.Proposal{
		ID: someID, Key: policy.Key{Tenant: "12345678", Identifier: r.Identifier}, Reference: "fedcba98",
		Product: "PERFORMANCE_SURETY_BONDS", Edition: "2021.2", Digest: strings.Repeat("ab", 32),
		Title: policy.Text{ZH: "履约保证保险 <&>", EN: "Performance surety bond"}, Request: r, At: clock(),
		Coverages: []policy.Coverage{{Code: "QUALITY", Title: policy.Text{ZH: "质量险", EN: "quality"}}},
		Premium: policy.Premium{
			Currency: "USD", Source: policy.RateDeclared, Rate: d("0.00625"), Exact: d("6.3625"), Rounded: d("6.4"), Declared: d("6.4"),
			CNY: d("45.8"), Method: policy.MethodA, Steps: []policy.Step{{Name: "base", Exact: d("6.3625"), Value: d("6.3625")}},
			Shares: []policy.Share{{Coverage: "QUALITY", Weight: d("1"), Amount: d("6.4")}},
		},
	}
}

func fill(t testing.TB, r *policy.Request, prefix string, members map[string]any) {
	for name, value := range members {
		if inner, ok := value.(map[string]any); ok {
			fill(t, r, prefix+name+".", inner)
			continue
		}
		f, ok := policy.FieldNamed(prefix + name)
		if !ok {
			t.Fatalf("the page knows no field %s%s", prefix, name)
		}
		f.SetText(r, fmt.Sprint(value))
	}
}

// system is a core system that verifies, and answers as a test says.
type system struct {
	t       testing.TB
	secrets core.Secrets
	answer  func(m core.Message, w http.ResponseWriter)
	mu      sync.Mutex
	calls   []core.Message
}

func (s *system) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	m := core.Message{Part: "request", At: clock().Unix(), ID: r.Header.Get(core.IDHeader), Body: body}
	if err != nil || s.secrets.Verify(r.Header.Get(core.SignatureHeader), m) != nil {
		s.t.Error("the request's signature does not hold")
	}
	s.mu.Lock()
	s.calls = append(s.calls, m)
	s.mu.Unlock()
	s.answer(m, w)
}

// start runs a core system and makes a hook to it, with other secrets where
// some are named.
func start(t testing.TB, s *system, with ...string) *core.Hook {
	t.Helper()
	if len(with) == 0 {
		with = []string{secret}
	}
	s.t = t
	if s.secrets == nil {
		s.secrets = secrets(with[0])
	}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return hook(t, server.URL, with...)
}

func hook(t testing.TB, url string, with ...string) *core.Hook {
	t.Helper()
	h, err := core.New(core.Config{URL: url, Secrets: secrets(with...), Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// reply writes a signed answer.
func reply(w http.ResponseWriter, s core.Secrets, m core.Message, status int, body string) {
	w.Header().Set(core.SignatureHeader, s.Sign(core.Message{Part: core.AnswerPart(status), At: m.At, ID: m.ID, Body: []byte(body)}))
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

func says(status int, body string) func(core.Message, http.ResponseWriter) {
	return func(m core.Message, w http.ResponseWriter) { reply(w, secrets(secret), m, status, body) }
}

// personal are the texts of a request that no error may show.
func personal(r *policy.Request) (all []string) {
	for _, f := range policy.Fields() {
		if text := f.Text(r); f.Personal && len(text) > 3 {
			all = append(all, text)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}
