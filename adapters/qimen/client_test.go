package qimen_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chudan-io/chudan/adapters/qimen"
	"github.com/chudan-io/chudan/policy"
)

// TestClientSendsWhatTheGatewaySends: the first vector's parameters, and no
// others.
func TestClientSendsWhatTheGatewaySends(t *testing.T) {
	v := vectors(t)[0]
	c := qimen.Client{URL: "https://insurer.example/qimen", AppKey: "12345678", TargetAppKey: target, Secret: secret, Clock: clock}
	r, err := c.NewRequest(t.Context(), []byte(v.Body))
	if err != nil {
		t.Fatal(err)
	}
	want := mustQuery(t, v.Query+"&sign="+v.Sign)
	if got := mustQuery(t, r.URL.RawQuery); got.Encode() != want.Encode() {
		t.Errorf("query %v, want %v", got, want)
	}
	if r.Header.Get("Content-Type") != jsonUTF8 || r.Method != http.MethodPost {
		t.Errorf("%s %v", r.Method, r.Header)
	}
	c = qimen.Client{URL: "https://insurer.example/qimen", Secret: secret}
	if r, err = c.NewRequest(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	q := mustQuery(t, r.URL.RawQuery)
	made, err := time.ParseInLocation(time.DateTime, q.Get("timestamp"), policy.Zone())
	if err != nil || time.Since(made).Abs() > time.Minute || q.Has("app_key") || q.Has("target_app_key") {
		t.Errorf("query %v, %v", q, err)
	}
}

func TestClientErrors(t *testing.T) {
	big := strings.Repeat(" ", 1<<20+1)
	answer := func(status int, body string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		})
	}
	for name, h := range map[string]http.Handler{
		"not 200":  answer(502, `{"success":"true"}`),
		"no JSON":  answer(200, "<html>"),
		"too much": answer(200, big),
		"breaking off": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "10")
			_, _ = w.Write([]byte("{"))
		}),
	} {
		server := httptest.NewServer(h)
		c := qimen.Client{URL: server.URL, Secret: secret}
		if a, err := c.Issue(t.Context(), sample(t)); err == nil {
			t.Errorf("%s: %+v", name, a)
		}
		server.Close()
	}
	for name, c := range map[string]qimen.Client{
		"nobody there": {URL: "http://127.0.0.1:1"},
		"no URL":       {URL: "::"},
		"a charset":    {URL: "http://127.0.0.1:1", Charset: "big5"},
		"no GBK":       {URL: "http://127.0.0.1:1", Charset: "GBK"},
	} {
		_, err := c.Issue(t.Context(), []byte(`{"personName":"😀"}`))
		if err == nil || strings.Contains(err.Error(), "sign=") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestClientKeepsTheSignatureToItself: errors of the transport quote the URL.
func TestClientKeepsTheSignatureToItself(t *testing.T) {
	broken := &http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) { return nil, errors.New("broken") })}
	c := qimen.Client{URL: "https://insurer.example/qimen", Secret: secret, HTTP: broken}
	_, err := c.Issue(t.Context(), sample(t))
	if err == nil || !strings.Contains(err.Error(), "broken") || strings.Contains(err.Error(), "sign") {
		t.Errorf("%v", err)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
