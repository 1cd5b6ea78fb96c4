package qimen_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/chudan-io/chudan/adapters/qimen"
	"github.com/chudan-io/chudan/policy"
)

// TestSampleOverHTTP posts the published request as the gateway does, in both
// charsets, over loopback.
func TestSampleOverHTTP(t *testing.T) {
	var got *policy.Request
	var tenant policy.Tenant
	server := httptest.NewServer(newHandler(t, qimen.Config{
		Issuer: issuerFunc(func(_ context.Context, tn policy.Tenant, r *policy.Request) (policy.Receipt, error) {
			got, tenant = r, tn
			return receipt, nil
		}),
	}))
	defer server.Close()
	for _, charset := range []string{"", "UTF-8", "GBK", "gb2312", "GB18030"} {
		t.Run(charset, func(t *testing.T) {
			client := qimen.Client{
				URL: server.URL, AppKey: "12345678", TargetAppKey: target, Secret: secret, Charset: charset, Clock: clock,
			}
			got = nil
			answer, err := client.Issue(t.Context(), sample(t))
			want := qimen.Answer{Success: true, Code: "SUCCESS", Message: "OK", PolicyNo: receipt.PolicyNo, PolicyFileURL: receipt.PolicyFileURL}
			if err != nil || answer != want {
				t.Fatalf("answer %+v, %v", answer, err)
			}
			if tenant != "acme" || got.ApplicantPersonalInfo.PersonName.Reveal() != "张三" || got.OrderSubjectMatterInfo.SubjectMatterCategory != "包装" {
				t.Errorf("tenant %s, request %+v", tenant, got)
			}
		})
	}
}

func TestAnswersWithoutIssuing(t *testing.T) {
	gbk := func(s string) []byte {
		b, err := simplifiedchinese.GBK.NewEncoder().Bytes([]byte(s))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	utf8App := qimen.App{Key: target, Secrets: []qimen.Secret{{Value: secret}}, Charset: "utf-8"}
	for name, c := range map[string]struct {
		post post
		app  qimen.App // the one app where its key is empty
		want string
	}{
		"no JSON":                 {post{body: []byte("{")}, qimen.App{}, "isv.invalid-parameter:body"},
		"no body":                 {post{}, qimen.App{}, "isv.invalid-parameter:body"},
		"a space first":           {post{body: append([]byte(" "), sample(t)...)}, qimen.App{}, "isv.invalid-parameter:body"},
		"another call":            {post{query: "method=qimen.alibaba.finance.insurance.surrender&" + ts, body: sample(t)}, qimen.App{}, "isv.invalid-parameter:method"},
		"a form":                  {post{contentType: "application/x-www-form-urlencoded;charset=utf-8", body: []byte("a=1&b=2")}, qimen.App{}, "isv.unsupported-content-type"},
		"XML":                     {post{contentType: "text/xml;charset=utf-8", body: []byte("<request/>")}, qimen.App{}, "isv.unsupported-content-type"},
		"text":                    {post{contentType: "text/plain;charset=utf-8", body: sample(t)}, qimen.App{}, "isv.unsupported-content-type"},
		"a charset of no use":     {post{contentType: "application/json;charset=big5", body: sample(t)}, qimen.App{}, "isv.unsupported-content-type"},
		"malformed GBK":           {post{contentType: "application/json;charset=GBK", body: []byte("{\"personName\":\"\xd5\"}")}, qimen.App{}, "isv.invalid-parameter:body"},
		"GBK said to be UTF-8":    {post{body: gbk(`{"personName":"张三"}`)}, qimen.App{}, "isv.invalid-parameter:body"},
		"not the app's charset":   {post{contentType: "application/json;charset=GBK", body: gbk(`{"a":"张三"}`)}, utf8App, "isv.unsupported-content-type"},
		"gzip":                    {post{header: http.Header{"Content-Encoding": {"gzip"}}, body: []byte("\x1f\x8b\x08\x00")}, qimen.App{}, "isv.invalid-parameter:body"},
		"no charset":              {post{contentType: "application/json", body: sample(t)}, qimen.App{}, "SUCCESS"},
		"quotes and capitals":     {post{contentType: `Application/JSON; Charset="UTF8"`, body: sample(t)}, qimen.App{}, "SUCCESS"},
		"the app's charset":       {post{body: sample(t)}, utf8App, "SUCCESS"},
		"space after":             {post{body: append(sample(t), '\n')}, qimen.App{}, "SUCCESS"},
		"a call that is not told": {post{query: ts, body: sample(t)}, qimen.App{}, "SUCCESS"},
	} {
		t.Run(name, func(t *testing.T) {
			config := qimen.Config{}
			if c.app.Key != "" {
				config.Apps = newApps(t, c.app)
			}
			if got := code(t, serve(t, newHandler(t, config), c.post.sign(t))); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestOnlyPost(t *testing.T) {
	h := newHandler(t, qimen.Config{})
	for _, method := range []string{"GET", "HEAD", "PUT", "OPTIONS", "DELETE"} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(method, "/qimen?"+publicQuery, nil))
		if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "POST" {
			t.Errorf("%s: %d %v", method, w.Code, w.Header())
		}
	}
}

// TestErrors: what the issuer says, in the words of the wire, with the
// reference number of the call or of the refusal.
func TestErrors(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want string
		ref  string // "" is the call's
	}{
		"a refusal":       {&policy.Refusal{Faults: policy.Faults{policy.Missing("premium")}, Reference: "REF0000001"}, "isv.missing-parameter:premium", "REF0000001"},
		"an empty one":    {&policy.Refusal{Reference: "REF0000001"}, "isp.internal-error", "REF0000001"},
		"a conflict":      {&policy.ConflictError{Fields: []string{"amount", "premium"}, Reference: "REF0000002"}, "isv.idempotent-parameter-mismatch:amount", "REF0000002"},
		"no store":        {fmt.Errorf("disk: %w", policy.ErrUnavailable), "isp.service-unavailable", ""},
		"a lost commit":   {fmt.Errorf("net: %w", policy.ErrResultUnknown), "isp.result-unknown", ""},
		"a deadline":      {context.DeadlineExceeded, "isp.service-timeout", ""},
		"something":       {errors.New("something"), "isp.internal-error", ""},
		"a wrapped fault": {fmt.Errorf("x: %w", &policy.Refusal{Faults: policy.Faults{policy.Missing("premium")}, Reference: "REF0000001"}), "isv.missing-parameter:premium", "REF0000001"},
	} {
		t.Run(name, func(t *testing.T) {
			ref := c.ref
			h := newHandler(t, qimen.Config{Issuer: issuerFunc(func(ctx context.Context, _ policy.Tenant, _ *policy.Request) (policy.Receipt, error) {
				if ref == "" {
					ref = policy.Reference(ctx)
				}
				return policy.Receipt{}, c.err
			})})
			answer, err := qimen.ParseAnswer([]byte(serve(t, h, post{body: sample(t)}.sign(t))))
			if err != nil || answer.Code != c.want || ref == "" || !strings.HasSuffix(answer.Message, ref+")") {
				t.Errorf("answer %+v, %v; want %s and the reference %s", answer, err, c.want, ref)
			}
		})
	}
}

func TestUnverifiedTooLarge(t *testing.T) {
	h := newHandler(t, qimen.Config{})
	for name, length := range map[string]int64{"told": 64<<10 + 1, "not told": -1} {
		r := post{body: make([]byte, 64<<10+1)}.request("")
		r.ContentLength = length
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		a, err := qimen.ParseAnswer(w.Body.Bytes())
		if w.Code != 200 || err != nil || a.Code != "isv.request-too-large" || !strings.HasSuffix(a.Message, ")") || w.Header().Get("Connection") != "close" {
			t.Errorf("%s: %d %+v %v %v", name, w.Code, a, err, w.Header())
		}
	}
	most := post{body: slices.Concat([]byte("{"), []byte(strings.Repeat(" ", 64<<10-2)), []byte("}"))}
	if got := code(t, serve(t, h, most.sign(t))); got != "SUCCESS" {
		t.Errorf("64 KiB: %s", got)
	}
	h = newHandler(t, qimen.Config{MaxBody: 10})
	if got := code(t, serve(t, h, post{body: []byte(`{"a":"789"}`)}.sign(t))); got != "isv.request-too-large" {
		t.Errorf("a limit of ten: %s", got)
	}
}

// TestDeadline: the issuer's context ends with the deadline, and not with the
// connection.
func TestDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gone, leave := context.WithCancel(t.Context())
		h := newHandler(t, qimen.Config{Issuer: issuerFunc(func(ctx context.Context, _ policy.Tenant, _ *policy.Request) (policy.Receipt, error) {
			leave()
			if err := ctx.Err(); err != nil {
				t.Errorf("the work ends with the connection: %v", err)
			}
			<-ctx.Done()
			return policy.Receipt{}, ctx.Err()
		})})
		began := time.Now()
		reply := serve(t, h, post{body: sample(t)}.sign(t).WithContext(gone))
		if got := code(t, reply); got != "isp.service-timeout" || time.Since(began) != 3*time.Second {
			t.Errorf("%s after %v", got, time.Since(began))
		}
	})
}

// send is serve for goroutines of their own.
func send(h http.Handler, r *http.Request, answers chan<- string) {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	answers <- w.Body.String()
}

// TestOverload: two at work, three waiting, the sixth answered at once; those
// whose deadline passes while they wait are never begun.
func TestOverload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun, done := 0, make(chan struct{})
		h := newHandler(t, qimen.Config{MaxWorking: 2, MaxWaiting: 3, Issuer: issuerFunc(
			func(context.Context, policy.Tenant, *policy.Request) (policy.Receipt, error) {
				begun++
				<-done
				return receipt, nil
			})})
		answers := make(chan string, 6)
		for range 5 {
			go send(h, post{body: sample(t)}.sign(t), answers)
			synctest.Wait()
		}
		began := time.Now()
		if got := code(t, serve(t, h, post{body: sample(t)}.sign(t))); got != "isp.service-unavailable" || time.Since(began) != 0 {
			t.Errorf("the sixth: %s after %v", got, time.Since(began))
		}
		time.Sleep(3 * time.Second)
		synctest.Wait()
		for range 3 {
			if got := code(t, <-answers); got != "isp.service-timeout" {
				t.Errorf("one that waited: %s", got)
			}
		}
		close(done)
		for range 2 {
			if got := code(t, <-answers); got != "SUCCESS" {
				t.Errorf("one at work: %s", got)
			}
		}
		if begun != 2 {
			t.Errorf("%d were begun, want 2", begun)
		}
		if got := code(t, serve(t, h, post{body: sample(t)}.sign(t))); got != "SUCCESS" {
			t.Errorf("afterwards: %s", got)
		}
	})
}

// TestWaitingForNobody: a request whose caller goes while it waits is not
// begun, and its place is free again.
func TestWaitingForNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun, done := 0, make(chan struct{})
		h := newHandler(t, qimen.Config{MaxWorking: 1, MaxWaiting: 1, Issuer: issuerFunc(
			func(context.Context, policy.Tenant, *policy.Request) (policy.Receipt, error) {
				begun++
				<-done
				return receipt, nil
			})})
		answers := make(chan string, 4)
		go send(h, post{body: sample(t)}.sign(t), answers)
		synctest.Wait()
		for range 3 {
			gone, leave := context.WithCancel(t.Context())
			go send(h, post{body: sample(t)}.sign(t).WithContext(gone), answers)
			synctest.Wait()
			leave()
			synctest.Wait()
		}
		close(done)
		synctest.Wait()
		if begun != 1 {
			t.Errorf("%d were begun, want 1", begun)
		}
	})
}

// TestSlowSenders: a body that does not come in time is given up, and one that
// is too large too; neither holds the server.
func TestSlowSenders(t *testing.T) {
	for name, c := range map[string]struct {
		length int64
		want   string
	}{
		"not told":  {-1, "isp.service-timeout"},
		"told":      {100, "isp.service-timeout"},
		"too large": {70_000, "isv.request-too-large"},
	} {
		server := httptest.NewServer(newHandler(t, qimen.Config{Timeout: time.Millisecond}))
		body, stop := newStalled(t)
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"?"+publicQuery, body)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", jsonUTF8)
		r.ContentLength = c.length
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		if got := code(t, read(t, resp.Body)); got != c.want || !resp.Close {
			t.Errorf("%s: %s, closed %v", name, got, resp.Close)
		}
		resp.Body.Close()
		server.Close() // waits for as long as the sender holds it
		stop()
	}
}
