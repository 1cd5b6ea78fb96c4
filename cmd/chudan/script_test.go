package main

import (
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

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets a process of the tests be chudan itself, so that scripts run
// the program as people do, signals and all.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"chudan": main})
}

// TestScripts runs what testdata/script says. In a script $REQUESTS is the
// directory of the published request and its variants, $SCHEMAS that of the
// committed schemas.
func TestScripts(t *testing.T) {
	requests, err := filepath.Abs("../../examples/requests")
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	for _, name := range scripts {
		found, err := filepath.Glob("testdata/script/" + name + ".txtar")
		if err != nil || len(found) == 0 {
			t.Fatalf("no script is called %s: %v", name, err)
		}
		files = append(files, found...)
	}
	schemas, err := filepath.Abs("../../products/schema")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Files:               files,
		RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("REQUESTS", requests)
			e.Setenv("SCHEMAS", schemas)
			e.Setenv("SAMPLE", filepath.Join(requests, "performance-surety-bond.json"))
			return nil
		},
		Condition: func(cond string) (bool, error) { return cond == "root" && os.Geteuid() == 0, nil },
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exit":      exit,
			"issuedin":  issuedIn,
			"listening": listening,
			"lockdb":    lockdb,
			"reference": referenceOf,
			"status":    status,
		},
	})
}

// exit CODE COMMAND… runs a command that must end with this code.
func exit(ts *testscript.TestScript, _ bool, args []string) {
	var ended *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); !errors.As(err, &ended) || fmt.Sprint(ended.ExitCode()) != args[0] {
		ts.Fatalf("%v, want exit code %s:\n%s", err, args[0], ts.ReadFile("stderr"))
	}
}

// listening FILE waits for serve's --addr-file and sets URL and ADMIN from it.
func listening(ts *testscript.TestScript, _ bool, args []string) {
	urls := awaitAddresses(ts.MkAbs(args[0]), ts.Fatalf)
	ts.Setenv("URL", urls[0])
	ts.Setenv("ADDRESS", strings.TrimPrefix(urls[0], "http://"))
	ts.Setenv("ADMIN", urls[1])
}

// reference CODE sets REFERENCE to the reference number of a request of the
// journal that was answered so.
func referenceOf(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(ts.Exec("chudan", "list", "--requests", "--code", args[0]))
	cells := strings.Split(ts.ReadFile("stdout"), "  ")
	if len(cells) < 2 {
		ts.Fatalf("no request was answered %s", args[0])
	}
	ts.Setenv("REFERENCE", cells[1])
}

// lockdb FILE keeps the database locked until the script ends.
func lockdb(ts *testscript.TestScript, _ bool, args []string) {
	db, err := sql.Open("sqlite", ts.MkAbs(args[0]))
	ts.Check(err)
	ts.Defer(func() { _ = db.Close() })
	conn, err := db.Conn(context.Background())
	ts.Check(err)
	_, err = conn.ExecContext(context.Background(), "BEGIN EXCLUSIVE")
	ts.Check(err)
}

// status METHOD URL CODE asks and wants this status; the body is in the file
// body afterwards, the headers in the file headers.
func status(ts *testscript.TestScript, _ bool, args []string) {
	code, headers, body, err := fetch(args[0], args[1])
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs("body"), body, 0o600))
	ts.Check(os.WriteFile(ts.MkAbs("headers"), headers, 0o600))
	if code != args[2] {
		ts.Fatalf("%s %s: %s, want %s:\n%s", args[0], args[1], code, args[2], body)
	}
}

// patience is how long a test waits for what must come.
const patience = 30 * time.Second

// awaitAddresses waits until a server has written where it listens.
func awaitAddresses(path string, fatalf func(string, ...any)) []string {
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if text, err := os.ReadFile(path); err == nil {
			return strings.Split(string(text), "\n")
		}
	}
	fatalf("the server has not written %s: it does not listen", path)
	return nil
}
