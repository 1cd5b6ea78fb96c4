package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the goldens")

const requests = "../../examples/requests"

// chudan runs the program within the test.
func chudan(t testing.TB, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	code = run(args, newConsole(strings.NewReader(stdin), &out, &err, func(string) (string, bool) { return "", false }))
	return code, out.String(), err.String()
}

// What differs from run to run.
var (
	reference = regexp.MustCompile(`(参考号|reference) [A-Z2-7]{10}\)`)
	linkToken = regexp.MustCompile(`/[0-9a-f]{32}"`)
)

func stable(answer string) string {
	return linkToken.ReplaceAllString(reference.ReplaceAllString(answer, "$1 XXXXXXXXXX)"), `/TOKEN"`)
}

func TestExampleRequests(t *testing.T) {
	files, err := filepath.Glob(requests + "/*.json")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d requests, %v", len(files), err)
	}
	readme, err := os.ReadFile(requests + "/README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, ".answer.json") {
			continue
		}
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		t.Run(name, func(t *testing.T) {
			if !strings.Contains(string(readme), "**"+name+"**") {
				t.Error("README.md does not tell of it")
			}
			code, answer, stderr := chudan(t, "", "issue", "--store", "memory:", file)
			if want := map[bool]int{true: exitOK, false: exitRefused}[strings.Contains(answer, `"success":"true"`)]; code != want || stderr != "" {
				t.Errorf("exit code %d, want %d; %s", code, want, stderr)
			}
			golden := strings.TrimSuffix(file, ".json") + ".answer.json"
			if *update {
				if err := os.WriteFile(golden, []byte(stable(answer)), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), stable(answer)); diff != "" {
				t.Errorf("the answer differs from %s (-want +got):\n%s", golden, diff)
			}
		})
	}
}

// The published request is in two places; it is the page's in both.
func TestSampleIsThePublishedOne(t *testing.T) {
	here, err := os.ReadFile(requests + "/performance-surety-bond.json")
	if err != nil {
		t.Fatal(err)
	}
	there, err := os.ReadFile("../../policy/testdata/sample.json")
	if err != nil {
		t.Fatal(err)
	}
	if len(here) != 1770 || !bytes.Equal(here, there) {
		t.Errorf("the published request was changed: %d bytes", len(here))
	}
}
