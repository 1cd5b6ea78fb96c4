package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/chudan-io/chudan/adapters/qimen"
	"github.com/chudan-io/chudan/policy"
)

// endpoint is somebody's own answer to the platform, as simple as it can be,
// with one defect.
type endpoint struct {
	defect string

	mu     sync.Mutex
	issued map[string]string // content by identifier
	number map[string]int    // policy numbers by identifier
	last   int
}

func (e *endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	const limit = 64 << 10
	w.Header().Set("Content-Type", "application/json")
	if e.defect != "waits for ever" {
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(time.Second))
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, limit+1))
	switch {
	case err != nil:
		e.refuse(w, "isp.service-timeout")
	case len(body) > limit:
		e.refuse(w, "isv.request-too-large")
	case e.defect == "body first" && !json.Valid(body):
		e.refuse(w, "isv.invalid-parameter:body")
	case e.defect == "body first" && !strings.Contains(string(body), "productCode"):
		e.refuse(w, "isv.missing-parameter:productCode")
	case !e.verified(r, body):
		e.refuse(w, "sign-check-failure")
	default:
		e.answer(w, r, body)
	}
}

func (e *endpoint) verified(r *http.Request, body []byte) bool {
	query, sign, _ := strings.Cut(r.URL.RawQuery, "&sign=")
	want, err := qimen.Sign(devSecret, r.Header.Get("Content-Type"), query, nil, body)
	made, _ := time.ParseInLocation(time.DateTime, r.URL.Query().Get("timestamp"), policy.Zone())
	age := time.Since(made)
	switch e.defect {
	case "no signature":
		return true
	case "any case":
		sign = strings.ToUpper(sign)
	case "no right one":
		return false
	case "no clock":
		age = 0
	case "looks back only":
		age = max(age, 0)
	}
	return err == nil && sign == want && age.Abs() < 10*time.Minute && (strings.HasPrefix(string(body), "{") || e.defect == "official")
}

func (e *endpoint) answer(w http.ResponseWriter, r *http.Request, body []byte) {
	if strings.HasSuffix(r.Header.Get("Content-Type"), "gbk") && e.defect != "misreads GBK" {
		if e.defect == "no GBK" {
			e.refuse(w, "isv.unsupported-content-type")
			return
		}
		body, _ = simplifiedchinese.GBK.NewDecoder().Bytes(body)
	}
	var in struct{ Identifier, ProductCode string }
	if err := json.Unmarshal(body, &in); err != nil || in.ProductCode == "" {
		if e.defect == "status 500" {
			w.WriteHeader(http.StatusInternalServerError)
		}
		if e.defect == "a stack trace" {
			_, _ = io.WriteString(w, "java.lang.NullPointerException")
			return
		}
		e.refuse(w, "isv.invalid-parameter:body")
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	known, again := e.issued[in.Identifier]
	switch {
	case again && known != string(body) && e.defect == "old policy for all":
	case again && known != string(body) && e.defect != "forgets" && e.defect != "an altered one anew":
		e.refuse(w, "isv.idempotent-parameter-mismatch")
		if e.defect == "overwrites" {
			e.last++
			e.number[in.Identifier] = e.last
		}
		return
	case again && e.defect == "duplicates refused":
		e.refuse(w, "isv.duplicate")
		return
	case !again, e.defect == "forgets", e.defect == "a race" && strings.HasSuffix(in.Identifier, "C"), known != string(body):
		e.last++
		e.issued[in.Identifier], e.number[in.Identifier] = string(body), e.last
	}
	e.confirm(w, e.number[in.Identifier])
}

func (e *endpoint) refuse(w io.Writer, code string) {
	no := `"false"`
	if e.defect == "a boolean" {
		no = "false"
	}
	_, _ = fmt.Fprintf(w, `{"success":%s,"errorCode":%q,"errorMessage":"no"}`, no, code)
}

func (e *endpoint) confirm(w io.Writer, number int) {
	success, context := `"true"`, fmt.Sprintf(`{"policyNo":"P%d","policyFileUrl":"https://insurer.example/P%d"}`, number, number)
	switch e.defect {
	case "a boolean":
		success = "true"
	case "no policyNo":
		context = `{"policyFileUrl":"https://insurer.example/1"}`
	case "no context":
		context = "null"
	case "a relative link":
		context = fmt.Sprintf(`{"policyNo":"P%d","policyFileUrl":"/P%d"}`, number, number)
	}
	_, _ = fmt.Fprintf(w, `{"success":%s,"errorCode":"SUCCESS","errorMessage":"OK","context":%s}`, success, context)
}

// signProbes are refused by whoever checks signatures.
var signProbes = []string{"no-sign", "wrong-sign", "wrong-secret", "lower-case-sign", "altered-body", "altered-parameter", "stale-timestamp", "future-timestamp"}

// TestProbeFindsDefects: each defect is found out by the probes that are for
// it, and by no others.
func TestProbeFindsDefects(t *testing.T) {
	repeats := []string{"duplicate", "altered-duplicate", "eight-at-once"} // what was issued
	others := []string{"right-sign", "moved-body", "broken-json", "oversize-body", "issue-utf-8", "altered-duplicate", "issue-gbk"}
	for defect, want := range map[string]struct{ fail, odd []string }{
		"":                    {},
		"no signature":        {[]string{"no-sign", "wrong-sign", "wrong-secret", "altered-body", "altered-parameter", "stale-timestamp"}, []string{"lower-case-sign", "future-timestamp", "moved-body"}},
		"any case":            {nil, []string{"lower-case-sign"}},
		"no clock":            {[]string{"stale-timestamp"}, []string{"future-timestamp"}},
		"looks back only":     {nil, []string{"future-timestamp"}},
		"official":            {nil, []string{"moved-body"}},
		"no right one":        {[]string{"right-sign", "issue-utf-8"}, []string{"broken-json", "duplicate", "altered-duplicate", "issue-gbk", "eight-at-once"}},
		"body first":          {[]string{"no-sign", "wrong-sign", "wrong-secret", "altered-body", "altered-parameter", "stale-timestamp"}, []string{"lower-case-sign", "future-timestamp", "moved-body"}},
		"a boolean":           {append(slices.Clone(signProbes), others...), []string{"slow-sender"}},
		"status 500":          {[]string{"right-sign", "broken-json"}, nil},
		"a stack trace":       {[]string{"right-sign", "broken-json"}, nil},
		"no policyNo":         {[]string{"issue-utf-8", "issue-gbk"}, repeats},
		"no context":          {[]string{"issue-utf-8", "issue-gbk"}, repeats},
		"a relative link":     {[]string{"issue-utf-8", "issue-gbk"}, nil},
		"forgets":             {[]string{"duplicate", "altered-duplicate", "issue-gbk", "eight-at-once"}, nil},
		"a race":              {[]string{"eight-at-once"}, nil},
		"duplicates refused":  {[]string{"duplicate", "altered-duplicate", "issue-gbk", "eight-at-once"}, nil},
		"old policy for all":  {[]string{"altered-duplicate"}, nil},
		"an altered one anew": {[]string{"altered-duplicate"}, nil},
		"overwrites":          {[]string{"altered-duplicate"}, nil},
		"misreads GBK":        {[]string{"issue-gbk"}, nil},
		"no GBK":              {nil, []string{"issue-gbk"}},
		"waits for ever":      {[]string{"slow-sender"}, nil},
	} {
		t.Run(defect, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(&endpoint{defect: defect, issued: make(map[string]string), number: make(map[string]int)})
			defer server.Close()
			timeout := patience
			if defect == "waits for ever" {
				timeout = 2 * time.Second
			}
			code, out, stderr := chudan(t, "", "probe", "--format", "json", "--timeout", timeout.String(), "--identifier-prefix", "T", server.URL)
			var findings []probeFinding
			if err := json.Unmarshal([]byte(out), &findings); err != nil || len(findings) != len(probes) {
				t.Fatalf("%d findings, %v: %s%s", len(findings), err, out, stderr)
			}
			for _, f := range findings {
				verdict := pass
				if slices.Contains(want.fail, f.Probe) {
					verdict = fail
				} else if slices.Contains(want.odd, f.Probe) {
					verdict = odd
				}
				if f.Verdict != verdict || f.Reason.ZH == "" || strings.Contains(f.Reason.ZH+f.Reason.EN, "%!") {
					t.Errorf("%s: %s, want %s (%s)", f.Probe, f.Verdict, verdict, f.Reason.EN)
				}
			}
			if wantCode := map[bool]int{false: exitRefused, true: exitOK}[len(want.fail) == 0]; code != wantCode {
				t.Errorf("exit code %d, want %d", code, wantCode)
			}
		})
	}
}

// TestProbeIssuesNothingUnasked: beyond this machine the probes that issue are
// left out, and an endpoint is not known by its name alone.
func TestProbeIssuesNothingUnasked(t *testing.T) {
	e := &endpoint{issued: make(map[string]string), number: make(map[string]int)}
	server := httptest.NewServer(e)
	defer server.Close()
	client := qimen.Client{URL: server.URL, Secret: devSecret}
	p, err := newProber(client, []byte(`{"productCode":"A"}`), "T", patience)
	if err != nil {
		t.Fatal(err)
	}
	defer p.http.CloseIdleConnections()
	c := newConsole(nil, io.Discard, io.Discard, nil)
	for _, issue := range []bool{false, true} {
		findings, err := c.runProbes(t.Context(), p, issue, false)
		if err != nil || issue != (len(findings) == len(probes)) || issue != (len(e.issued) > 0) || issue != (len(p.policies) > 0) {
			t.Errorf("issue %v: %d findings, %v issued, %v", issue, len(findings), e.issued, err)
		}
	}
}
