package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
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
)

const coreSecret = "not-a-secret-of-anybody-0123456789"

// coreHouse is an institution's core system: it books an id once, and what is
// called at the steps of a booking may end the process that asked.
type coreHouse struct {
	t       testing.TB
	mu      sync.Mutex
	numbers map[string]string // by id
	of      map[string]string // the ids' identifiers
	asked   int

	arrived, booked, answered func()
}

func newCoreHouse(t testing.TB) (*coreHouse, *httptest.Server) {
	c := &coreHouse{t: t, numbers: map[string]string{}, of: map[string]string{}}
	c.rest()
	s := httptest.NewServer(c)
	t.Cleanup(s.Close)
	return c, s
}

func (c *coreHouse) rest() { c.arrived, c.booked, c.answered = func() {}, func() {}, func() {} }

func (c *coreHouse) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	secrets := core.Secrets{[]byte(coreSecret)}
	body, _ := io.ReadAll(r.Body)
	id, header := r.Header.Get(core.IDHeader), r.Header.Get(core.SignatureHeader)
	var at int64
	_, _ = fmt.Sscanf(header, "t=%d,", &at)
	if err := secrets.Verify(header, core.Message{Part: "request", At: at, ID: id, Body: body}); err != nil {
		c.t.Errorf("the core system was asked without a signature: %v", err)
	}
	var proposal struct{ Identifier string }
	if err := json.Unmarshal(body, &proposal); err != nil {
		c.t.Error(err)
	}
	c.asked++
	c.arrived()
	if c.numbers[id] == "" {
		c.numbers[id] = fmt.Sprintf("CORE-%04d", len(c.numbers)+1)
		c.of[id] = proposal.Identifier
	}
	c.booked()
	reply := fmt.Appendf(nil, `{"policyNo":%q}`, c.numbers[id])
	w.Header().Set(core.SignatureHeader, secrets.Sign(core.Message{Part: core.AnswerPart(200), At: at, ID: id, Body: reply}))
	_, _ = w.Write(reply)
	_ = http.NewResponseController(w).Flush()
	c.answered()
}

// writeCores writes a file for --cores.
func writeCores(t testing.TB, dir, url, deadline string) string {
	t.Helper()
	secret := filepath.Join(dir, "core-secret")
	file := filepath.Join(dir, "cores.yaml")
	for path, text := range map[string]string{
		secret: coreSecret + "\n",
		file:   fmt.Sprintf("cores:\n  main: {url: %q, secret_file: %q, deadline: %s, tenants: [local]}\n", url, secret, deadline),
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return file
}

// TestKilledWhileBooking: kill -9 when the core system is asked, when it has
// booked and not answered, and at a random moment after its answer. The
// platform sends the request again until it is answered: every identifier is
// booked once and has one policy.
func TestKilledWhileBooking(t *testing.T) {
	if testing.Short() {
		t.Skip("processes of their own that are killed: make test has them")
	}
	c, s := newCoreHouse(t)
	dir := t.TempDir()
	args := []string{"--cores", writeCores(t, dir, s.URL, "2s")}
	answers := map[string]string{}
	n := 0
	for round := range max(1, kills(t)/5) {
		for _, step := range []struct {
			name string
			at   func(kill func())
		}{
			{"asked", func(kill func()) { c.arrived = kill }},
			{"booked", func(kill func()) { c.booked = kill }},
			{"answered", func(kill func()) { c.answered = func() { time.Sleep(rand.N(3 * time.Millisecond)); kill() } }},
		} {
			n++
			id, body := variant(t, n)
			p := startServer(t, dir, args...)
			c.mu.Lock()
			step.at(func() { c.rest(); _ = p.Process.Signal(syscall.SIGKILL) })
			c.mu.Unlock()
			_, _ = (&qimen.Client{URL: p.URL, Secret: devSecret}).Post(t.Context(), body)
			_ = p.Wait()
			p = startServer(t, dir, args...)
			answers[id] = sendUntilIssued(t, p, body)
			if again := sendUntilIssued(t, p, body); again != answers[id] {
				t.Errorf("round %d, %s: %s, then %s", round, step.name, answers[id], again)
			}
			_ = p.Process.Signal(syscall.SIGTERM)
			_ = p.Wait()
		}
	}
	numbers := map[string]bool{}
	for _, number := range answers {
		numbers[number] = true
	}
	stored := policiesIn(t, filepath.Join(dir, "chudan.db"))
	t.Logf("%d kills: %d identifiers, %d policies, %d numbers, %d bookings in the core system, asked %d times", n, len(answers), stored, len(numbers), len(c.numbers), c.asked)
	if len(answers) != n || stored != n || len(numbers) != n || len(c.numbers) != n || c.asked <= n {
		t.Error("a policy was lost or doubled, or nobody was killed in the middle")
	}
}

func sendUntilIssued(t testing.TB, p *process, body []byte) (number string) {
	t.Helper()
	await(t, "a policy", func() bool {
		a, err := (&qimen.Client{URL: p.URL, Secret: devSecret}).Issue(context.Background(), body)
		if err != nil || !a.Success && !strings.HasPrefix(a.Code, "isp.") {
			t.Fatalf("%+v, %v\n%s", a, err, p.log)
		}
		number = a.PolicyNo
		return a.Success
	})
	return number
}

// TestCompleter: a booking whose answer was lost is finished by the server,
// though the platform never asks again.
func TestCompleter(t *testing.T) {
	c, s := newCoreHouse(t)
	dir := t.TempDir()
	p := startServer(t, dir, "--cores", writeCores(t, dir, s.URL, "100ms"))
	c.booked = func() { c.booked = func() {}; time.Sleep(200 * time.Millisecond) } // longer than is waited for
	id, body := variant(t, 1)
	a, err := (&qimen.Client{URL: p.URL, Secret: devSecret}).Issue(t.Context(), body)
	if err != nil || a.Code != "isp.request-in-progress" {
		t.Fatalf("%+v, %v\n%s", a, err, p.log)
	}
	await(t, "the policy", func() bool {
		code, stdout, _ := chudan(t, "", "list", "--store", "sqlite:"+filepath.Join(dir, "chudan.db"), "--status", "issued")
		return code == exitOK && strings.Contains(stdout, id+"  CORE-0001")
	})
	if number := sendUntilIssued(t, p, body); number != "CORE-0001" || c.asked != 2 {
		t.Errorf("number %s, asked %d times", number, c.asked)
	}
}
