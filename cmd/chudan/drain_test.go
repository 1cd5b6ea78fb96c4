package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/chudan-io/chudan/adapters/qimen"
	"github.com/chudan-io/chudan/adapters/sqlite"
	"github.com/chudan-io/chudan/policy"
)

// ready asks a server once whether it takes requests.
func ready(admin string) bool {
	status, _, _, err := fetch(http.MethodGet, admin+"/readyz")
	return err == nil && status == "200"
}

// await waits until something is so.
func await(t testing.TB, what string, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !so(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

// SIGTERM under load: what was acknowledged is in the store, and callers who heed
// readiness see no connection break. Those who do not are answered until the
// door is closed; the kernel then resets what it had not handed over yet.
func TestDrainUnderLoad(t *testing.T) {
	for name, heed := range map[string]bool{"callers who heed readiness": true, "callers who do not": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			drainUnderLoad(t, heed)
		})
	}
}

func drainUnderLoad(t *testing.T, heed bool) {
	const callers, before = 16, 300
	dir := t.TempDir()
	p := startServer(t, dir, "--drain", "4s")
	transport := &http.Transport{MaxIdleConnsPerHost: callers}
	defer transport.CloseIdleConnections()
	client := &qimen.Client{URL: p.URL, Secret: devSecret, HTTP: &http.Client{Transport: transport, Timeout: patience}}
	var off atomic.Bool // as the callers see it
	var next, acknowledged, refused, broken atomic.Int64
	var ids sync.Map
	var load sync.WaitGroup
	for range callers {
		load.Go(func() {
			for !heed || !off.Load() {
				id, body := variant(t, int(next.Add(1)))
				answer, err := client.Issue(context.Background(), body)
				switch {
				case !heed && off.Load() && errors.Is(err, syscall.ECONNREFUSED):
					refused.Add(1)
					return
				case !heed && off.Load() && errors.Is(err, syscall.ECONNRESET):
					broken.Add(1)
					continue
				case err == nil && strings.HasPrefix(answer.Code, "isp."):
					continue // told to send it again: a slow machine passes deadlines
				case err != nil || !answer.Success:
					t.Errorf("%s: %v %+v", id, err, answer)
					return
				}
				ids.Store(id, answer.PolicyNo)
				acknowledged.Add(1)
			}
		})
	}
	await(t, "load", func() bool { return acknowledged.Load() >= before })
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	await(t, "readiness goes off", func() bool { return !ready(p.Admin) })
	atOff := acknowledged.Load()
	off.Store(true)
	load.Wait()
	if err := p.Wait(); err != nil {
		t.Errorf("the server ended with %v\n%s", err, p.log)
	}
	lost := lostIn(t, filepath.Join(dir, "chudan.db"), &ids)
	t.Logf("%d acknowledged, %d of them after readiness went off: %d lost, %d connections broken, %d callers refused at the end",
		acknowledged.Load(), acknowledged.Load()-atOff, lost, broken.Load(), refused.Load())
	if lost > 0 || broken.Load() > callers {
		t.Error("acknowledged policies are not in the store, or callers were cut off")
	}
}

// lostIn counts the identifiers whose policies are not in the database.
func lostIn(t testing.TB, path string, ids *sync.Map) (lost int) {
	t.Helper()
	s, err := sqlite.Open(context.Background(), sqlite.Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ids.Range(func(id, number any) bool {
		rec, err := s.Find(context.Background(), policy.Key{Tenant: "local", Identifier: id.(string)})
		if errors.Is(err, policy.ErrNotFound) || rec.Number != number {
			lost++
		} else if err != nil {
			t.Fatal(err)
		}
		return true
	})
	return lost
}

// A request that is half sent when the signal comes is answered.
func TestRequestInFlightIsFinished(t *testing.T) {
	t.Parallel()
	p := startServer(t, t.TempDir())
	conn, finish := halfSent(t, p)
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	await(t, "readiness goes off", func() bool { return !ready(p.Admin) })
	finish()
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	reply, _ := io.ReadAll(resp.Body)
	if !strings.Contains(string(reply), `"success":"true"`) {
		t.Errorf("%s", reply)
	}
	if err := p.Wait(); err != nil {
		t.Errorf("the server ended with %v\n%s", err, p.log)
	}
}

// One that never comes to an end is cut off when the time is over, and said so.
func TestDrainHasAnEnd(t *testing.T) {
	t.Parallel()
	p := startServer(t, t.TempDir(), "--drain", "200ms")
	halfSent(t, p)
	_ = p.Process.Signal(syscall.SIGTERM)
	var ended *exec.ExitError
	if err := p.Wait(); !errors.As(err, &ended) || ended.ExitCode() != exitInternal || !strings.Contains(p.log.String(), "give --drain more time") {
		t.Errorf("the server ended with %v\n%s", err, p.log)
	}
}

func TestSecondSignalEndsAtOnce(t *testing.T) {
	t.Parallel()
	p := startServer(t, t.TempDir(), "--drain", "1h")
	halfSent(t, p)
	_ = p.Process.Signal(syscall.SIGTERM)
	await(t, "readiness goes off", func() bool { return !ready(p.Admin) })
	_ = p.Process.Signal(syscall.SIGTERM)
	var ended *exec.ExitError
	if err := p.Wait(); !errors.As(err, &ended) || !ended.Sys().(syscall.WaitStatus).Signaled() {
		t.Errorf("the server ended with %v\n%s", err, p.log)
	}
}

// halfSent sends half of a request and waits until the server is at it.
func halfSent(t *testing.T, p *process) (conn net.Conn, finish func()) {
	t.Helper()
	_, body := variant(t, 1)
	r, err := (&qimen.Client{URL: p.URL, Secret: devSecret}).NewRequest(context.Background(), body)
	if err != nil {
		t.Fatal(err)
	}
	var wire bytes.Buffer
	if err := r.Write(&wire); err != nil {
		t.Fatal(err)
	}
	if conn, err = net.Dial("tcp", r.URL.Host); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	half := wire.Len() - 100
	if _, err := conn.Write(wire.Next(half)); err != nil {
		t.Fatal(err)
	}
	await(t, "the request is in flight", func() bool {
		_, _, text, err := fetch(http.MethodGet, p.Admin+"/metrics")
		return err == nil && bytes.Contains(text, []byte("chudan_requests_in_flight 1"))
	})
	return conn, func() {
		if _, err := conn.Write(wire.Bytes()); err != nil {
			t.Error(err)
		}
	}
}

// The file of secrets may be exchanged while the server runs.
func TestSecretsAreReloaded(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "secrets")
	write := func(text string) {
		if err := createSecret(file+".new", text); err != nil {
			t.Fatal(err)
		}
		if err := exec.Command("mv", file+".new", file).Run(); err != nil {
			t.Fatal(err)
		}
	}
	write("12345678=old tenant=local\n")
	p := startServer(t, dir, "--app-secrets", file)
	_, body := variant(t, 1)
	code := func(secret string) string {
		answer, err := (&qimen.Client{URL: p.URL, Secret: secret}).Issue(context.Background(), body)
		if err != nil {
			t.Fatal(err)
		}
		return answer.Code
	}
	if got := code("old") + " " + code("new"); got != "SUCCESS sign-check-failure" {
		t.Fatal(got)
	}
	write("12345678=old tenant=local\n12345678=new\n") // both, while the platform changes over
	_ = p.Process.Signal(syscall.SIGHUP)
	await(t, "the new secret counts", func() bool { return code("new") == "SUCCESS" })
	if got := code("old"); got != "SUCCESS" {
		t.Errorf("the old secret while both are there: %s", got)
	}
	write("nonsense\n")
	_ = p.Process.Signal(syscall.SIGHUP)
	await(t, "the mistake is told", func() bool { return strings.Contains(p.log.String(), "the secrets were not reloaded") })
	if got := code("new"); got != "SUCCESS" {
		t.Errorf("a file with a mistake took the secrets away: %s", got)
	}
	write("12345678=new tenant=local\n") // noticed without a signal too
	await(t, "the old secret is gone", func() bool { return code("old") == "sign-check-failure" })
	for _, secret := range []string{"=old", "=new", "nonsense"} {
		if strings.Contains(p.log.String(), secret) {
			t.Errorf("the log tells %s", secret)
		}
	}
}
