package sqlite_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/chudan-io/chudan/adapters/sqlite"
	"github.com/chudan-io/chudan/adapters/storetest"
	"github.com/chudan-io/chudan/policy"
)

// The test binary is its own storm: run with this in the environment it issues
// until it is killed.
const stormFile, stormFrom, stormEarly = "CHUDAN_STORM_FILE", "CHUDAN_STORM_FROM", "CHUDAN_STORM_EARLY"

func TestMain(m *testing.M) {
	if path := os.Getenv(stormFile); path != "" {
		from, _ := strconv.Atoi(os.Getenv(stormFrom))
		fmt.Println("failed:", storm(path, from, os.Getenv(stormEarly) != ""))
		os.Exit(1)
	}
	goleak.VerifyTestMain(m)
}

// TestKilled kills two processes on one file in turns, at random moments of a
// storm, and holds what is left against what was acknowledged. CHUDAN_KILLS
// says how often; 10 without it.
func TestKilled(t *testing.T) {
	kills := 10
	if n, err := strconv.Atoi(os.Getenv("CHUDAN_KILLS")); err == nil {
		kills = n
	}
	path := filepath.Join(t.TempDir(), "chudan.db")
	acknowledged := acknowledgements{}
	lines := make(chan string)
	processes := [2]*process{start(t, path, 0, lines), start(t, path, 0, lines)}
	for i := range kills {
		for range 1 + rand.N(300) {
			acknowledged.take(t, <-lines)
		}
		victim := &processes[i%2]
		(*victim).kill(lines, func(line string) { acknowledged.take(t, line) })
		// It begins with what is acknowledged already, so that the storm is one of repetitions too.
		*victim = start(t, path, max(0, len(acknowledged)-100), lines)
	}
	for _, p := range processes {
		p.kill(lines, func(line string) { acknowledged.take(t, line) })
	}
	problems := examine(t, path, acknowledged)
	for _, problem := range problems {
		t.Error(problem)
	}
	t.Logf("%d kills, %d policies acknowledged, %d problems", kills, len(acknowledged), len(problems))
}

// TestKilledTooEarly is the control: what acknowledges before it commits is
// found out.
func TestKilledTooEarly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "chudan.db")
	acknowledged := acknowledgements{}
	lines := make(chan string)
	p := start(t, path, 0, lines, stormEarly+"=1")
	acknowledged.take(t, <-lines)
	p.kill(lines, func(line string) { acknowledged.take(t, line) })
	if problems := examine(t, path, acknowledged); len(problems) == 0 {
		t.Error("a policy was acknowledged and never committed, and nobody noticed")
	}
}

// storm issues from many callers and acknowledges each policy by a line on
// standard output, in one write. It ends with an error, or never.
func storm(path string, from int, early bool) error {
	s, err := sqlite.Open(context.Background(), sqlite.Config{Path: path, Wait: time.Minute})
	if err != nil {
		return err
	}
	trouble := make(chan error)
	for caller := range 16 {
		go func() {
			for i := from + caller; ; i += 16 {
				d := exposing(strconv.Itoa(i), 1, subject(1), subject(byte(2+i%7)))
				if early {
					d.Complete = func(uint64) (policy.Entry, error) {
						fmt.Println(d.Key.Identifier, "N1")
						select {}
					}
				}
				r, _, err := s.Issue(context.Background(), d)
				if err != nil {
					trouble <- err
					return
				}
				fmt.Println(r.Key.Identifier, r.Number)
			}
		}()
	}
	return <-trouble
}

// acknowledgements are policy numbers by identifier.
type acknowledgements map[string]string

func (a acknowledgements) take(t *testing.T, line string) {
	t.Helper()
	identifier, number, ok := strings.Cut(line, " ")
	if !ok || !strings.HasPrefix(number, "N") {
		t.Fatalf("a process said %q", line)
	}
	if before, known := a[identifier]; known && before != number {
		t.Errorf("%s was acknowledged as %s and as %s", identifier, before, number)
	}
	a[identifier] = number
}

type process struct {
	*exec.Cmd
	ended chan struct{} // closed when all of its output has been passed on
}

func start(t *testing.T, path string, from int, lines chan<- string, env ...string) *process {
	t.Helper()
	p := &process{Cmd: exec.Command(os.Args[0]), ended: make(chan struct{})}
	p.Env = append(os.Environ(), append(env, stormFile+"="+path, stormFrom+"="+strconv.Itoa(from))...)
	p.Stderr = os.Stderr
	out, err := p.StdoutPipe()
	if err == nil {
		err = p.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Process.Kill() })
	go p.pass(out, lines)
	return p
}

func (p *process) pass(out io.Reader, lines chan<- string) {
	defer close(p.ended)
	for s := bufio.NewScanner(out); s.Scan(); {
		lines <- s.Text()
	}
}

// kill ends the process at once and takes what it, or another one, still says:
// what reached the pipe before the kill was acknowledged.
func (p *process) kill(lines <-chan string, take func(string)) {
	_ = p.Process.Kill()
	for {
		select {
		case line := <-lines:
			take(line)
		case <-p.ended:
			_ = p.Wait()
			return
		}
	}
}

// examine lists what is wrong with a file, given what was acknowledged.
func examine(t *testing.T, path string, acknowledged acknowledgements) (problems []string) {
	s := open(t, sqlite.Config{Path: path})
	for identifier, number := range acknowledged {
		r, err := s.Find(t.Context(), draft(identifier).Key)
		switch {
		case errors.Is(err, policy.ErrNotFound):
			problems = append(problems, fmt.Sprintf("%s was acknowledged as %s and is lost", identifier, number))
		case err != nil:
			t.Fatal(err)
		case r.Number != number:
			problems = append(problems, fmt.Sprintf("%s was acknowledged as %s and is %s", identifier, number, r.Number))
		}
	}
	for query, want := range map[string]string{
		`PRAGMA integrity_check`: "ok",
		`SELECT count(*) FROM (SELECT 1 FROM record GROUP BY identifier HAVING count(*) > 1)`: "0",
		// The numbers are those from 1 to the count of policies, each once.
		`SELECT count(*) - count(DISTINCT number) FROM record`:                                                 "0",
		`SELECT count(*) FROM record WHERE CAST(substr(number, 2) AS INTEGER) > (SELECT count(*) FROM record)`: "0",
		`SELECT count(*) FROM journal WHERE sequence != id`:                                                    "0",
		`SELECT count(*) FROM record WHERE id NOT IN (SELECT record FROM claim)`:                               "0",
		`SELECT (SELECT count(*) FROM claim) - (SELECT count(*) FROM record)`:                                  "0",
		// Each counts for two subjects.
		`SELECT (SELECT count(*) FROM exposure) - 2 * (SELECT count(*) FROM record)`:                         "0",
		`SELECT (SELECT count(*) FROM exposure) - (SELECT CAST(total(amount) AS INTEGER) FROM exposure_sum)`: "0",
		`SELECT (SELECT count(event) FROM journal) - (SELECT count(*) FROM record)`:                          "0",
	} {
		if got := strings.Join(read(t, path, query, scanText), ", "); got != want {
			problems = append(problems, fmt.Sprintf("%s: %s, want %s", query, got, want))
		}
	}
	if err := storetest.VerifyChain(audit(t, path)); err != nil {
		problems = append(problems, err.Error())
	}
	return problems
}
