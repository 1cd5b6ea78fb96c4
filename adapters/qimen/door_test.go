package qimen_test

import (
	"bytes"
	"context"
	"flag"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chudan-io/chudan/adapters/qimen"
	"github.com/chudan-io/chudan/policy"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// What the gateway and the institution have agreed in these tests.
const (
	secret      = "helloworld"
	target      = "87654321"
	jsonUTF8    = "application/json;charset=utf-8"
	publicQuery = "app_key=12345678&format=json&method=qimen.alibaba.finance.insurance.policy.issuing" +
		"&sign_method=md5&target_app_key=87654321&timestamp=2021-08-04+15%3A23%3A28&v=2.0"
	signFailure = `{"success":"false","errorCode":"sign-check-failure","errorMessage":"Illegal request"}`
)

// signedAt is the timestamp of publicQuery, and the handlers' clock.
var signedAt = time.Date(2021, 8, 4, 15, 23, 28, 0, policy.Zone())

func clock() time.Time { return signedAt }

// issuerFunc is an Issuer that is one function.
type issuerFunc func(context.Context, policy.Tenant, *policy.Request) (policy.Receipt, error)

func (f issuerFunc) Issue(ctx context.Context, t policy.Tenant, r *policy.Request) (policy.Receipt, error) {
	return f(ctx, t, r)
}

var receipt = policy.Receipt{
	PolicyNo:      "PBDI20210804000000015",
	PolicyFileURL: "https://policies.example.com/policies/PBDI20210804000000015/0f1e2d3c4b5a69788796a5b4c3d2e1f0",
}

// issueAll issues whatever comes.
var issueAll = issuerFunc(func(context.Context, policy.Tenant, *policy.Request) (policy.Receipt, error) {
	return receipt, nil
})

func newApps(t testing.TB, apps ...qimen.App) *qimen.Apps {
	t.Helper()
	if len(apps) == 0 {
		apps = []qimen.App{{Key: target, Tenant: "acme", Secrets: []qimen.Secret{{Value: secret}}}}
	}
	set, err := qimen.NewApps(apps...)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// newHandler makes a handler; what c leaves out is an issuer of everything, the
// one app, the clock of these tests and no log.
func newHandler(t testing.TB, c qimen.Config) *qimen.Handler {
	t.Helper()
	if c.Issuer == nil {
		c.Issuer = issueAll
	}
	if c.Apps == nil {
		c.Apps = newApps(t)
	}
	if c.Clock == nil {
		c.Clock = clock
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	h, err := qimen.NewHandler(c)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// post is a request before it is signed.
type post struct {
	query       string // without sign; "" is publicQuery
	contentType string // "" is jsonUTF8
	header      http.Header
	body        []byte
	secret      string // "" is secret
}

func (p post) withDefaults() post {
	if p.query == "" {
		p.query = publicQuery
	}
	if p.contentType == "" {
		p.contentType = jsonUTF8
	}
	if p.secret == "" {
		p.secret = secret
	}
	return p
}

// sign makes the request as the gateway would.
func (p post) sign(t testing.TB) *http.Request {
	t.Helper()
	p = p.withDefaults()
	sign, err := qimen.Sign(p.secret, p.contentType, p.query, p.header, p.body)
	if err != nil {
		t.Fatal(err)
	}
	return p.request(p.query + "&sign=" + sign)
}

// request makes the request with a whole query, whatever is in it.
func (p post) request(rawQuery string) *http.Request {
	p = p.withDefaults()
	r := httptest.NewRequest(http.MethodPost, "/qimen", bytes.NewReader(p.body))
	r.URL.RawQuery = rawQuery
	for name, values := range p.header {
		r.Header[http.CanonicalHeaderKey(name)] = values
	}
	r.Header.Set("Content-Type", p.contentType)
	return r
}

// serve gives the answer's body, which must come with 200.
func serve(t testing.TB, h http.Handler, r *http.Request) string {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		t.Fatalf("status %d, want 200", w.Code)
	}
	return w.Body.String()
}

// code gives the answer's errorCode.
func code(t testing.TB, reply string) string {
	t.Helper()
	a, err := qimen.ParseAnswer([]byte(reply))
	if err != nil {
		t.Fatalf("%v: %q", err, reply)
	}
	if a.Success != (a.Code == "SUCCESS") {
		t.Fatalf("success %v and code %s do not fit", a.Success, a.Code)
	}
	return a.Code
}

// sample is the published request.
func sample(t testing.TB) []byte {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("..", "..", "examples", "requests", "performance-surety-bond.json"))
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func mustQuery(t testing.TB, raw string) url.Values {
	t.Helper()
	q, err := url.ParseQuery(raw)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// newStalled is a body that says it has more to come, and never sends it.
func newStalled(t testing.TB) (body io.Reader, stop func()) {
	t.Helper()
	r, w := io.Pipe()
	go func() { _, _ = w.Write([]byte("{")) }()
	return r, func() { _ = w.Close() }
}

func read(t testing.TB, r io.Reader) string {
	t.Helper()
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
