package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/chudan-io/chudan/adapters/qimen"
)

// process is chudan serve, running.
type process struct {
	*exec.Cmd
	URL, Admin string
	log        *lockedBuffer
}

// startServer runs chudan serve in a directory, on free ports.
func startServer(t testing.TB, dir string, args ...string) *process {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	addresses := filepath.Join(dir, "addresses")
	_ = os.Remove(addresses)
	p := &process{log: new(lockedBuffer)}
	p.Cmd = &exec.Cmd{
		Path: self, Dir: dir, Stderr: p.log,
		Args: append([]string{
			"chudan", "serve", "--lang", "en", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--public-url", localURL, "--addr-file", addresses,
		}, args...),
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Process.Kill(); _, _ = p.Process.Wait() })
	urls := awaitAddresses(addresses, func(format string, values ...any) { t.Fatalf(format+"\n%s", append(values, p.log)...) })
	p.URL, p.Admin = urls[0]+"/qimen", urls[1]
	return p
}

// lockedBuffer is written by one process and read by another.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// fetch asks once.
func fetch(method, url string) (status string, headers, body []byte, err error) {
	r, err := http.NewRequest(method, url, nil)
	if err != nil {
		return "", nil, nil, err
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", nil, nil, err
	}
	defer resp.Body.Close()
	var h bytes.Buffer
	_ = resp.Header.Write(&h)
	body, err = io.ReadAll(resp.Body)
	return fmt.Sprint(resp.StatusCode), h.Bytes(), body, err
}

// variant is the published request under another identifier and payment.
func variant(t testing.TB, n int) (identifier string, body []byte) {
	t.Helper()
	sample, err := os.ReadFile("../../examples/requests/performance-surety-bond.json")
	if err != nil {
		t.Fatal(err)
	}
	identifier = fmt.Sprintf("K%06d", n)
	body = bytes.Replace(sample, []byte("010101004178221080402170019"), []byte(identifier), 1)
	return identifier, bytes.Replace(body, []byte("2021080410002001660575461643"), []byte("P"+identifier), 1)
}

// The link in an answer leads to the policy.
func TestLinkShowsThePolicy(t *testing.T) {
	p := startServer(t, t.TempDir(), "--log-format", "json")
	_, body := variant(t, 1)
	answer, err := (&qimen.Client{URL: p.URL, Secret: devSecret}).Issue(context.Background(), body)
	if err != nil || !answer.Success {
		t.Fatal(err, answer)
	}
	link := strings.Replace(answer.PolicyFileURL, localURL, strings.TrimSuffix(p.URL, "/qimen"), 1)
	status, headers, page, err := fetch(http.MethodGet, link)
	if err != nil || status != "200" || !strings.Contains(string(headers), "Cache-Control: private, no-store") {
		t.Fatalf("%s %v %s", status, err, headers)
	}
	for _, want := range []string{answer.PolicyNo, "示例保险公司", "履约保证保险单", "质量险 Quality", "FILING-2021-07", "CNY 1,018.00"} {
		if !strings.Contains(string(page), want) {
			t.Errorf("the page does not tell %s", want)
		}
	}
	for line := range strings.Lines(p.log.String()) {
		if !json.Valid([]byte(line)) {
			t.Errorf("no JSON in the log: %s", line)
		}
	}
	if strings.Contains(p.log.String(), answer.PolicyFileURL[len(answer.PolicyFileURL)-32:]) {
		t.Error("the log tells the token of the link")
	}
}
