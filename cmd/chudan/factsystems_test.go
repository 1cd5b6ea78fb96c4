package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/chudan-io/chudan/adapters/core"
	"github.com/chudan-io/chudan/adapters/qimen"
	"github.com/chudan-io/chudan/policy"
)

const blockedProduct = `product: PERFORMANCE_SURETY_BONDS
edition: 1
title: 履约保证保险
coverages: {QUALITY: 质量险, DELIVERY: 交期险, APPEARANCE: 外观险}
facts: {sellerBlocked: bool}
rules:
  SELLER_BLOCKED: {reject_if: facts.sellerBlocked}
`

// factHouse is an institution's system that knows which identifiers are barred.
type factHouse struct {
	mu      sync.Mutex
	secrets core.Secrets
	barred  string // an identifier
	asked   []string
	down    bool
}

func (f *factHouse) set(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
}

func (f *factHouse) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	id, header := r.Header.Get(core.IDHeader), r.Header.Get(core.SignatureHeader)
	var at int64
	_, _ = fmt.Sscanf(header, "t=%d,", &at)
	if f.down || f.secrets.Verify(header, core.Message{Part: "request", At: at, ID: id, Body: body}) != nil {
		http.Error(w, "张三", http.StatusUnauthorized)
		return
	}
	var asked struct{ Identifier string }
	_ = json.Unmarshal(body, &asked)
	f.asked = append(f.asked, asked.Identifier)
	reply := fmt.Appendf(nil, `{"sellerBlocked":%t}`, asked.Identifier == f.barred)
	w.Header().Set(core.SignatureHeader, f.secrets.Sign(core.Message{Part: core.AnswerPart(200), At: at, ID: id, Body: reply}))
	_, _ = w.Write(reply)
}

// TestFactSystem: a server asks the institution's system for facts, once for a
// request; it takes other secrets while it serves, and a file with a mistake
// changes nothing.
func TestFactSystem(t *testing.T) {
	const other = "fedcba9876543210fedcba9876543210"
	dir := t.TempDir()
	write := func(name, text string) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	barred, refusedBody := variant(t, 1)
	f := &factHouse{secrets: core.Secrets{[]byte(coreSecret)}, barred: barred}
	s := httptest.NewServer(f)
	t.Cleanup(s.Close)
	write("products/performance_surety_bonds/1.yaml", blockedProduct)
	write("products/performance_surety_bonds/calendar.yaml", "product: PERFORMANCE_SURETY_BONDS\nbasis: insureTime\neditions: [{from: 2021-01-01, edition: 1}]\n")
	write("secret", coreSecret+"\n")
	write("facts.yaml", fmt.Sprintf("facts:\n  first: {url: %q, secret_file: secret, deadline: 2500ms}\n", s.URL))
	p := startServer(t, dir, "--products", "products", "--facts", "facts.yaml")
	code := func(body []byte) string {
		t.Helper()
		a, err := (&qimen.Client{URL: p.URL, Secret: devSecret}).Issue(t.Context(), body)
		if err != nil {
			t.Fatalf("%v\n%s", err, p.log)
		}
		return a.Code
	}
	n := 1
	next := func() string { n++; _, body := variant(t, n); return code(body) }
	for range 2 {
		if got := code(refusedBody); got != "isv.underwriting-rejected:SELLER_BLOCKED" {
			t.Fatalf("%s\n%s", got, p.log)
		}
	}
	if got := next(); got != "SUCCESS" || len(f.asked) != 2 {
		t.Errorf("%s, asked %v", got, f.asked)
	}
	f.set(func() { f.secrets = core.Secrets{[]byte(other)} })
	if got := next(); got != "isv.underwriting-referred:SELLER_BLOCKED" {
		t.Errorf("without a secret in common: %s", got)
	}
	write("secret", "nonsense of somebody's\n")
	_ = p.Process.Signal(syscall.SIGHUP)
	await(t, "the mistake is told", func() bool { return strings.Contains(p.log.String(), "the secrets were not reloaded") })
	f.set(func() { f.secrets = core.Secrets{[]byte(coreSecret)} })
	if got := next(); got != "SUCCESS" {
		t.Errorf("a file with a mistake took the secrets away: %s", got)
	}
	write("secret", other+"\n"+coreSecret+"\n") // noticed without a signal too
	await(t, "the new secrets are told", func() bool { return strings.Contains(p.log.String(), "the secrets were reloaded") })
	f.set(func() { f.secrets = core.Secrets{[]byte(other)} })
	if got := next(); got != "SUCCESS" {
		t.Errorf("with the new secret: %s", got)
	}
	log := p.log.String()
	for _, secret := range []string{coreSecret, other, "nonsense", "张三"} {
		if strings.Contains(log, secret) {
			t.Errorf("the log tells %s", secret)
		}
	}
	if !strings.Contains(log, "facts are not to be had") || !strings.Contains(log, "status 401") {
		t.Errorf("the log does not tell of what was not to be had:\n%s", log)
	}
	_, _, metrics, err := fetch(http.MethodGet, p.Admin+"/metrics")
	for _, want := range []string{`chudan_facts_call_seconds_count{outcome="answered"} 4`, `chudan_facts_call_seconds_count{outcome="failed"} 1`} {
		if err != nil || !strings.Contains(string(metrics), want) {
			t.Errorf("the metrics lack %s (%v)", want, err)
		}
	}
}

// TestAnswerers: each tenant has its system or that of all others, and is waited
// for as long as that may take.
func TestAnswerers(t *testing.T) {
	path := coresFile(t, `facts:
  first: {url: "http://127.0.0.1:1/", secret_file: secret, deadline: 10ms, tenants: [1]}
  others: {url: "http://127.0.0.1:1/", secret_file: secret}
`, someSecrets)
	facts := filepath.Join(filepath.Dir(path), "facts.yaml")
	if err := os.Rename(path, facts); err != nil {
		t.Fatal(err)
	}
	h, config := &house{callers: []policy.Tenant{"1", "2"}}, policy.Config{}
	told := ""
	o := &options{facts: facts, factWatch: factWatch{trouble: func(system string, _ int, _ error) { told = system }}}
	if err := newConsole(nil, io.Discard, io.Discard, nil).openFacts(h, o, &config); err != nil {
		t.Fatal(err)
	}
	a := h.facts.(*answerers)
	if config.Facts != h.facts || config.FactsDeadline != time.Second {
		t.Errorf("%+v", config)
	}
	if one, two := a.system("1"), a.system("2"); one.name != "first" || one.deadline != 10*time.Millisecond || two.name != "others" || two.deadline != time.Second || a.longest() != time.Second {
		t.Errorf("%+v, %+v", one, two)
	}
	if left := h.unanswered(); len(left) > 0 || len(h.secretFiles()) != 2 {
		t.Errorf("nobody answers for %v; %d files", left, len(h.secretFiles()))
	}
	a.others = nil
	if left := h.unanswered(); len(left) != 1 || left[0] != "2" || a.longest() != 10*time.Millisecond {
		t.Errorf("nobody answers for %v", left)
	}
	if _, err := a.Facts(t.Context(), policy.FactQuery{Key: policy.Key{Tenant: "2"}}); !errors.Is(err, errNoFactSystem) || told != "none for 2" {
		t.Errorf("%v, told of %q", err, told)
	}
}

// TestSeldom: trouble is told at once, and then from time to time, and none of it
// goes uncounted.
func TestSeldom(t *testing.T) {
	var s seldom
	begin := time.Now()
	var told []int
	for i := range 26 { // a second apart
		if times := s.count(begin.Add(time.Duration(i) * time.Second)); times > 0 {
			told = append(told, times)
		}
	}
	if fmt.Sprint(told) != "[1 10 10]" {
		t.Errorf("%v", told)
	}
}
