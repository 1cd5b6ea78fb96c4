package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chudan-io/chudan/adapters/memory"
	"github.com/chudan-io/chudan/internal/mytest"
	"github.com/chudan-io/chudan/internal/pgtest"
	"github.com/chudan-io/chudan/policy"
)

// copiedLines are how many policies the store has that is copied.
const copiedLines = 700

// filledStore is a store with policies, a refusal that was replaced and one
// that stands; and what its policies were answered.
func filledStore(t *testing.T) (dir, answers string) {
	t.Helper()
	dir = t.TempDir()
	store := "sqlite:" + filepath.Join(dir, "chudan.db")
	large, err := os.ReadFile(filepath.Join(requests, "large-sum.json"))
	if err != nil {
		t.Fatal(err)
	}
	referred := func(id string) string {
		line := bytes.ReplaceAll(bytes.ReplaceAll(large, []byte("LARGE-SUM"), []byte(id)), []byte("\n"), nil)
		return string(line) + "\n"
	}
	if code, _, stderr := chudan(t, referred("K000003")+referred("R1"), "issue", "--store", store, "-"); code != exitRefused {
		t.Fatal(stderr)
	}
	code, answers, stderr := chudan(t, string(manyLines(t, copiedLines)), "issue", "--store", store, "-")
	if code != exitOK {
		t.Fatal(stderr)
	}
	return dir, answers
}

// targets are the kinds of stores that can be copied into.
var targets = map[string]func(t *testing.T) string{
	"sqlite": func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "copy.db") },
	"postgres": func(t *testing.T) string {
		cluster := pgtest.Start(t)
		cluster.Exec(t, "postgres", `CREATE DATABASE chudan TEMPLATE template0`)
		return cluster.DSN("chudan")
	},
	"mysql": func(t *testing.T) string {
		server, err := mytest.Start()
		mytest.Check(t, err)
		t.Cleanup(func() {
			if err := server.Stop(); err != nil {
				t.Error(err)
			}
		})
		return server.URL(server.Database(t))
	},
}

var errCut = errors.New("cut off")

// short is a store that can be copied into only so far.
type short struct {
	policy.Mover
	left int
}

func (c *short) Receive(ctx context.Context, drafts []policy.Draft) error {
	if c.left--; c.left < 0 {
		return errCut
	}
	return c.Mover.Receive(ctx, drafts)
}

// sides opens the two stores of a copy.
func sides(t *testing.T, from, into string) *move {
	t.Helper()
	m := newMove(newConsole(strings.NewReader(""), &bytes.Buffer{}, &bytes.Buffer{}, os.LookupEnv))
	for dsn, s := range map[string]*side{from: &m.from, into: &m.into} {
		name, err := parseStore(dsn)
		if err != nil {
			t.Fatal(err)
		}
		if *s, err = openSide(t.Context(), name); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.store.Close() })
	}
	return m
}

// A copy that is cut off goes on where it was; what it ends with answers as the
// store did, numbers go on, and the head that somebody had kept of the old chain
// comes out of the events of the new one.
func TestCopy(t *testing.T) {
	for name, target := range targets {
		t.Run(name, func(t *testing.T) {
			into := target(t)
			dir, answers := filledStore(t)
			from, keys := "sqlite:"+filepath.Join(dir, "chudan.db"), filepath.Join(dir, "chudan.key")
			_, audit, _ := chudan(t, "", "--lang", "en", "verify-audit", "--store", from)
			_, kept, found := strings.Cut(strings.TrimSpace(audit), "head: ")
			if !found {
				t.Fatal(audit)
			}

			m := sides(t, from, into)
			m.into.Mover = &short{m.into.Mover, 2}
			if err := m.run(t.Context()); !errors.Is(err, errCut) {
				t.Fatalf("not cut off: %v", err)
			}
			_ = m.into.store.Close()
			_ = m.from.store.Close()

			code, out, stderr := chudan(t, "", "--lang", "en", "copy", "--store", from, "--into", into)
			for _, want := range []string{"512 of its decisions were there before", "702 audit events", kept, "702 records (701 identifiers, 700 policies)", "700 business keys", "702 events to be published"} {
				if !strings.Contains(out, want) {
					t.Errorf("does not say %q", want)
				}
			}
			if code != exitOK {
				t.Fatalf("exit code %d: %s%s", code, out, stderr)
			}

			// As an auditor does who has the head of the old chain, and the copy.
			m = sides(t, from, into)
			var head policy.AuditRow
			var hash [32]byte
			for r, err := range m.into.Audit(t.Context()) {
				if err != nil {
					t.Fatal(err)
				}
				if r.Position > 0 && !bytes.Contains(r.Event, []byte(storeCopied)) {
					hash = policy.ChainHash(hash, r.Event)
					head.Position++
				}
			}
			if head.Hash = hash[:]; headName(head) != kept {
				t.Errorf("the events of the copy come to %s, want %s", headName(head), kept)
			}
			if code, out, _ := chudan(t, "", "verify-audit", "--records", "--store", into); code != exitOK {
				t.Errorf("verify-audit: %d %s", code, out)
			}

			lines := string(manyLines(t, copiedLines+1))
			code, again, stderr := chudan(t, lines, "issue", "--store", into, "--key-file", keys, "-")
			if code != exitOK || !strings.HasPrefix(again, answers) {
				t.Fatalf("the copy answers otherwise (%d): %s", code, stderr)
			}
			if last := strings.TrimPrefix(again, answers); !strings.Contains(last, "00000701") {
				t.Errorf("the next number is in %s", last)
			}
			code, _, stderr = chudan(t, "", "--lang", "en", "copy", "--store", from, "--into", into)
			if code != exitUsage || !strings.Contains(stderr, "in use") {
				t.Errorf("copied into once more: %d %s", code, stderr)
			}
		})
	}
}

// What differs between a store and its copy is found, whatever it is.
func TestCopyIsCompared(t *testing.T) {
	if testing.Short() {
		t.Skip("a control, which races with nothing: make test has it")
	}
	dir, _ := filledStore(t)
	from := "sqlite:" + filepath.Join(dir, "chudan.db")
	for name, alter := range map[string]string{
		"nothing":                "",
		"a record":               `DROP TRIGGER record_issued_stays; UPDATE record SET sealed = x'00' WHERE identifier = 'K000007'`,
		"a replaced record":      `DROP TRIGGER history_final; UPDATE history SET at = at + 1`,
		"a record is gone":       `DROP TRIGGER record_stays; PRAGMA foreign_keys = 0; DELETE FROM record WHERE identifier = 'K000699'`,
		"a business key":         `DROP TRIGGER IF EXISTS claim_final; UPDATE claim SET value = 'x' WHERE value = 'PK000007'`,
		"a business key is gone": `DROP TRIGGER IF EXISTS claim_stays; DELETE FROM claim WHERE value = 'PK000007'`,
		"an event":               `DROP TRIGGER journal_final; UPDATE journal SET event = x'00' WHERE id = 9`,
		"an event was published": `UPDATE relay SET published = 1`,
		"an audit event":         `DROP TRIGGER journal_final; UPDATE journal SET audit = x'00' WHERE id = 9`,
		"an edition":             `DROP TRIGGER edition_final; UPDATE edition SET source = x'00'`,
		"the numbers":            `DROP TRIGGER journal_final; UPDATE journal SET sequence = 1`,
	} {
		t.Run(name, func(t *testing.T) {
			into := filepath.Join(t.TempDir(), "copy.db")
			m := sides(t, from, "sqlite:"+into)
			if err := m.run(t.Context()); err != nil {
				t.Fatal(err)
			}
			db := rawSQLite(t, into)
			if _, err := db.Exec(alter); err != nil {
				t.Fatal(err)
			}
			c := &collation{move: m}
			var refused *failure
			if err := c.run(t.Context()); errors.As(err, &refused) != (alter != "") {
				t.Errorf("%v %v", err, c.first)
			}
		})
	}
}

// kill -9 in the middle of a copy, and once more.
func TestCopyGoesOnAfterAKill(t *testing.T) {
	if testing.Short() {
		t.Skip("the process is another one, which the race detector does not see: make test has it")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir, _ := filledStore(t)
	from := "sqlite:" + filepath.Join(dir, "chudan.db")
	// A copy may be killed before its first commit, or be done before it is killed: the next one gets on a little further.
	for attempt := range 50 {
		into := filepath.Join(t.TempDir(), "copy.db")
		cmd := &exec.Cmd{Path: self, Args: []string{"chudan", "copy", "--store", from, "--into", "sqlite:" + into}}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan struct{})
		go func() { _ = cmd.Wait(); close(ended) }()
		enough := int64(400+200*(attempt%20)) << 10
		for waiting := true; waiting; {
			select {
			case <-ended:
				waiting = false
			default:
				info, err := os.Stat(into + "-wal")
				waiting = err != nil || info.Size() < enough
			}
		}
		_ = cmd.Process.Kill()
		<-ended
		stored := policiesIn(t, into)
		code, out, stderr := chudan(t, "", "copy", "--store", from, "--into", "sqlite:"+into)
		if code != exitOK || policiesIn(t, into) != copiedLines {
			t.Fatalf("exit code %d: %s%s", code, out, stderr)
		}
		if stored > 0 && stored < copiedLines {
			t.Logf("copy %d was killed at %d policies of %d", attempt+1, stored, copiedLines)
			return
		}
	}
	t.Error("no copy was killed in the middle")
}

// The journal of requests goes on where it was, too.
func TestCopyOfVisits(t *testing.T) {
	visit := func(n int) policy.Visit {
		return policy.Visit{At: time.Unix(int64(n), 0).UTC(), Reference: fmt.Sprint(n), Sealed: []byte{byte(n)}}
	}
	enter := func(j policy.Journal, from, to int) {
		for n := from; n < to; n++ {
			if err := j.Enter(t.Context(), visit(n)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, c := range map[string]struct {
		from, to int // that the target has already
		want     error
	}{
		"none are there":       {0, 0, nil},
		"some are there":       {0, 300, nil},
		"all are there":        {0, 700, nil},
		"more are there":       {0, 701, errOtherVisits},
		"the first is missing": {1, 300, errOtherVisits},
	} {
		t.Run(name, func(t *testing.T) {
			from, into := memory.New(), memory.New()
			enter(from, 0, 700)
			enter(into, c.from, c.to)
			n, err := copyVisits(t.Context(), from, into)
			if !errors.Is(err, c.want) || err == nil && n != 700 {
				t.Fatalf("%d visits, %v", n, err)
			}
			for p, pair := range pairs(from.Visits(t.Context(), policy.VisitSelection{}), into.Visits(t.Context(), policy.VisitSelection{})) {
				if err == nil && (!pair.ok || !sameVisit(p[0], p[1])) {
					t.Fatalf("differs: %+v", p)
				}
			}
		})
	}
}

func rawSQLite(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}
