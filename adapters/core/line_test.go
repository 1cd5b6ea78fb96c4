package core_test

import (
	"bufio"
	"bytes"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/chudan-io/chudan/adapters/core"
)

const canary = "张三-canary-9a31"

// talker is a server that writes what a test says, whatever HTTP wants.
type talker struct {
	net.Listener

	answer func(core.Message) []string // each in a write of its own
}

func talk(t *testing.T, answer func(core.Message) []string) *talker {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &talker{l, answer}
	var talking sync.WaitGroup
	end := make(chan struct{})
	talking.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			talking.Go(func() { <-end; c.Close() })
			talking.Go(func() { s.converse(c) })
		}
	})
	t.Cleanup(func() { l.Close(); close(end); talking.Wait() })
	return s
}

func (s *talker) converse(c net.Conn) {
	defer c.Close()
	in := bufio.NewReader(c)
	for {
		r, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		body, _ := io.ReadAll(r.Body)
		for _, text := range s.answer(core.Message{At: clock().Unix(), ID: r.Header.Get(core.IDHeader), Body: body}) {
			if _, err := io.WriteString(c, text); err != nil {
				return
			}
		}
	}
}

// hook asks the talker over a transport; nil is the Hook's own.
func (s *talker) hook(t *testing.T, over *http.Transport) *core.Hook {
	t.Helper()
	config := core.Config{URL: "http://" + s.Addr().String(), Secrets: secrets(secret), Clock: clock}
	if over != nil {
		config.Client = &http.Client{Transport: over}
	}
	h, err := core.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// head is the head of a signed answer, whose last line tells where the body ends.
func head(m core.Message, body, length string) string {
	mark := secrets(secret).Sign(core.Message{Part: core.AnswerPart(200), At: m.At, ID: m.ID, Body: []byte(body)})
	return "HTTP/1.1 200 OK\r\n" + core.SignatureHeader + ": " + mark + "\r\n" + length + "\r\n\r\n"
}

func length(n int) string { return "Content-Length: " + strconv.Itoa(n) }

// overhear listens to the standard logger, which is where package net/http
// writes.
func overhear(t *testing.T) (heard func() string) {
	t.Helper()
	var mu sync.Mutex
	var text bytes.Buffer
	before := log.Writer()
	log.SetOutput(writer(func(p []byte) (int, error) {
		mu.Lock()
		defer mu.Unlock()
		return text.Write(p)
	}))
	t.Cleanup(func() { log.SetOutput(before) })
	return func() string {
		mu.Lock()
		defer mu.Unlock()
		return text.String()
	}
}

type writer func([]byte) (int, error)

func (w writer) Write(p []byte) (int, error) { return w(p) }

// TestNothingIsOverheard: what a server says behind an answer, or unasked, comes
// into no log, and the next call goes its way. The control shows that it would.
func TestNothingIsOverheard(t *testing.T) {
	const body, chunks = `{"policyNo":"P1"}`, "11\r\n" + `{"policyNo":"P1"}` + "\r\n0\r\n\r\n"
	named := `{"policyNo":"P1","name":"` + canary + `"}`
	behind := func(m core.Message) []string { return []string{head(m, body, length(len(body))) + body + canary} }
	for name, c := range map[string]struct {
		answer func(core.Message) []string
		want   string // yes or no; either, where the next call may meet what came late
	}{
		"as it should be":        {func(m core.Message) []string { return []string{head(m, body, length(len(body))) + body} }, "yes"},
		"in pieces":              {func(m core.Message) []string { return strings.SplitAfter(head(m, body, length(len(body)))+body, "") }, "yes"},
		"a length in characters": {func(m core.Message) []string { return []string{head(m, named, length(len([]rune(named)))) + named} }, "no"},
		"more behind the answer": {behind, "yes"},
		"a second answer behind": {func(m core.Message) []string { return append(behind(m)[:0], strings.Repeat(behind(m)[0], 2)) }, "yes"},
		"more behind the chunks": {func(m core.Message) []string {
			return []string{head(m, body, "Transfer-Encoding: chunked") + chunks + canary}
		}, "yes"},
		"more behind no body": {func(m core.Message) []string { return []string{head(m, "", length(0)) + named} }, "no"},
		"more behind an error": {func(core.Message) []string {
			return []string{"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n" + canary}
		}, "no"},
		"early hints": {func(m core.Message) []string {
			return []string{"HTTP/1.1 103 Early\r\n\r\n" + head(m, body, length(len(body))) + body}
		}, "yes"},
		"unasked, later": {func(m core.Message) []string { return []string{head(m, body, length(len(body))) + body, canary} }, "either"},
	} {
		t.Run(name, func(t *testing.T) {
			heard := overhear(t)
			h := talk(t, c.answer).hook(t, nil)
			for range 50 {
				_, err := h.Book(t.Context(), proposal(t))
				if c.want != "either" && (err == nil) != (c.want == "yes") {
					t.Errorf("%v, want %s", err, c.want)
				}
				if err != nil && strings.Contains(err.Error(), "canary") {
					t.Errorf("the error tells: %v", err)
				}
			}
			if text := heard(); text != "" {
				t.Errorf("the log has %s", text)
			}
		})
	}
	t.Run("control", func(t *testing.T) {
		heard := overhear(t)
		h := talk(t, behind).hook(t, http.DefaultTransport.(*http.Transport).Clone())
		for range 200 {
			_, _ = h.Book(t.Context(), proposal(t))
			if strings.Contains(heard(), "canary") {
				return
			}
		}
		t.Error("package net/http writes no more what comes unasked: line.go can go")
	})
}

// TestTLS: lines are secure, kept, and those of another host are refused; behind
// a proxy they are as many as the calls.
func TestTLS(t *testing.T) {
	var opened atomic.Int64
	s := &system{t: t, secrets: secrets(secret), answer: says(200, `{"policyNo":"P1"}`)}
	server := httptest.NewUnstartedServer(s)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	server.StartTLS()
	t.Cleanup(server.Close)
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	book := func(address string) (err error) {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		h, err := core.New(core.Config{URL: address, Secrets: secrets(secret), Clock: clock, Client: &http.Client{Transport: core.Trusting(u, roots)}})
		if err != nil {
			t.Fatal(err)
		}
		for range 5 {
			if _, err = h.Book(t.Context(), proposal(t)); err != nil {
				return err
			}
		}
		return nil
	}
	if err := book(server.URL); err != nil || opened.Load() != 1 {
		t.Errorf("%v; %d connections for five calls", err, opened.Load())
	}
	other := strings.Replace(server.URL, "127.0.0.1", "localhost", 1) // the certificate is for example.com and 127.0.0.1
	if err := book(other); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("another host's certificate: %v", err)
	}

	usual := http.DefaultTransport.(*http.Transport)
	before := usual.Proxy
	t.Cleanup(func() { usual.Proxy = before })
	proxy := httptest.NewServer(http.HandlerFunc(through))
	t.Cleanup(proxy.Close)
	at, _ := url.Parse(proxy.URL)
	usual.Proxy = http.ProxyURL(at)
	opened.Store(0)
	if err := book(server.URL); err != nil || opened.Load() != 5 {
		t.Errorf("behind a proxy: %v; %d connections for five calls", err, opened.Load())
	}
}

// through is a proxy that connects.
func through(w http.ResponseWriter, r *http.Request) {
	out, err := net.Dial("tcp", r.Host)
	if r.Method != http.MethodConnect || err != nil {
		http.Error(w, fmt.Sprint(err), http.StatusBadGateway)
		return
	}
	defer out.Close()
	in, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer in.Close()
	_, _ = io.WriteString(in, "HTTP/1.1 200 Connected\r\n\r\n")
	var both sync.WaitGroup
	both.Go(func() { _, _ = io.Copy(out, in); out.Close() })
	both.Go(func() { _, _ = io.Copy(in, out); in.Close() })
	both.Wait()
}
