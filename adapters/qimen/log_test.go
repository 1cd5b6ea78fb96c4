package qimen_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chudan-io/chudan/adapters/qimen"
	"github.com/chudan-io/chudan/policy"
)

// canaryBody is a request whose personal fields each hold a text of its own;
// those texts come beside.
func canaryBody(t testing.TB) (body []byte, canaries []string) {
	t.Helper()
	r := new(policy.Request)
	for i, f := range policy.Fields() {
		if f.Personal {
			canary := fmt.Sprintf("canary-%02d-张三", i)
			f.SetText(r, canary)
			canaries = append(canaries, canary)
			continue
		}
		f.SetText(r, "7")
	}
	r.Identifier = "ID-0001"
	return reencode(t, r), canaries
}

// TestLogHoldsNoSecrets puts canaries into every personal field, lets every kind
// of thing go wrong, and looks for them in all that is written.
func TestLogHoldsNoSecrets(t *testing.T) {
	body, canaries := canaryBody(t)
	var log bytes.Buffer
	var next func(r *policy.Request) error
	apps := newApps(t)
	h := newHandler(t, qimen.Config{Apps: apps, Log: slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})), Issuer: issuerFunc(
		func(_ context.Context, _ policy.Tenant, r *policy.Request) (policy.Receipt, error) {
			return receipt, next(r)
		})})
	var nowhere []int
	for name, c := range map[string]struct {
		issue func(r *policy.Request) error
		want  string
	}{
		"issued":  {func(*policy.Request) error { return nil }, "SUCCESS"},
		"refused": {func(*policy.Request) error { return &policy.Refusal{Faults: policy.Faults{policy.Missing("premium")}} }, "isv.missing-parameter:premium"},
		"conflict": {func(*policy.Request) error {
			return &policy.ConflictError{Fields: []string{"insuredPersonalInfo.personName"}}
		}, "isv.idempotent-parameter-mismatch:insuredPersonalInfo.personName"},
		"a database's error": {func(r *policy.Request) error {
			return fmt.Errorf("ERROR 22001: value too long: (%s, %s): %w", r.InsuredPersonalInfo.PersonName.Reveal(), r.ApplicantPersonalInfo.PersonPhone.Reveal(), policy.ErrUnavailable)
		}, "isp.service-unavailable"},
		"a request in an error": {func(r *policy.Request) error { return fmt.Errorf("cannot keep %+v", *r) }, "isp.internal-error"},
		"a panic with a text":   {func(r *policy.Request) error { panic("bad name " + r.InsuredPersonalInfo.PersonName.Reveal()) }, "isp.internal-error"},
		"a panic with an error": {func(r *policy.Request) error { panic(fmt.Errorf("bad %s", r.InsuredPersonalInfo.PersonName.Reveal())) }, "isp.internal-error"},
		"a panic of runtime's":  {func(*policy.Request) error { return fmt.Errorf("%d", nowhere[len(canaries)]) }, "isp.internal-error"},
	} {
		next = c.issue
		log.Reset()
		reply := serve(t, h, post{body: body}.sign(t))
		if got := code(t, reply); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
		line := oneLine(t, log.Bytes())
		if line["tenant"] != "acme" || line["identifier"] != "ID-0001" || line["code"] != c.want || line["duration"] == nil || line["reference"] == "" {
			t.Errorf("%s: log %v", name, line)
		}
		for _, hidden := range append(canaries, secret) {
			if strings.Contains(log.String(), hidden) || strings.Contains(reply, hidden) {
				t.Errorf("%s: %q shows: %s %s", name, hidden, &log, reply)
			}
		}
	}
	for name, r := range unsigned(t) {
		log.Reset()
		_, sign, _ := strings.Cut(r.URL.RawQuery, "&sign=")
		if serve(t, h, r) != signFailure {
			continue // this handler has no list of addresses
		}
		for _, hidden := range append(canaries, secret, "010101004178221080402170019") {
			if strings.Contains(log.String(), hidden) || len(sign) > 15 && strings.Contains(log.String(), sign) {
				t.Errorf("%s: %q shows: %s", name, hidden, &log)
			}
		}
	}
}

func oneLine(t testing.TB, log []byte) map[string]any {
	t.Helper()
	var line map[string]any
	if err := json.Unmarshal(log, &line); err != nil {
		t.Fatalf("want one line of JSON: %v: %s", err, log)
	}
	return line
}

// TestIdentifierOffItsForm could be anything, and stays out of the log.
func TestIdentifierOffItsForm(t *testing.T) {
	for _, identifier := range []string{"张三", "a b", "a.b", strings.Repeat("1", 65), ""} {
		var log bytes.Buffer
		h := newHandler(t, qimen.Config{Log: slog.New(slog.NewJSONHandler(&log, nil))})
		body, err := json.Marshal(map[string]string{"identifier": identifier})
		if err != nil {
			t.Fatal(err)
		}
		serve(t, h, post{body: body}.sign(t))
		if line := oneLine(t, log.Bytes()); line["identifier"] != nil {
			t.Errorf("%q is logged: %v", identifier, line)
		}
	}
}

// observed is an Observer that counts.
type observed struct {
	sync.Mutex
	codes map[string]int
}

func (o *observed) Observe(code string, took time.Duration) {
	o.Lock()
	defer o.Unlock()
	if took >= 0 {
		o.codes[code]++
	}
}

func TestObserver(t *testing.T) {
	o := &observed{codes: make(map[string]int)}
	h := newHandler(t, qimen.Config{Observer: o})
	serve(t, h, post{body: sample(t)}.sign(t))
	serve(t, h, post{body: []byte("{")}.sign(t))
	serve(t, h, post{}.request(""))
	serve(t, h, post{}.request(""))
	want := map[string]int{"SUCCESS": 1, "isv.invalid-parameter:body": 1, "sign-check-failure": 2}
	if fmt.Sprint(o.codes) != fmt.Sprint(want) {
		t.Errorf("observed %v, want %v", o.codes, want)
	}
}
