package policy_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/policy/money"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden holds got against testdata/name, line by line.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; run with -update, and read what it wrote", err)
	}
	want, lines := strings.Split(string(data), "\n"), strings.Split(got, "\n")
	for i := range max(len(want), len(lines)) {
		if w, g := lineAt(want, i), lineAt(lines, i); w != g {
			t.Errorf("%s:%d\n got %s\nwant %s", path, i+1, g, w)
		}
	}
}

func lineAt(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "(no such line)"
}

// codes are the faults as a caller would match them, in order: the error code
// of each that stands against issuing, and "note " before the others.
func codes(faults policy.Faults) string {
	var all []string
	for _, f := range faults {
		code := f.ErrorCode()
		if f.Severity <= policy.Note {
			code = "note " + code
		}
		all = append(all, code)
	}
	return strings.Join(all, "; ")
}

// with is the sample with some fields changed: path, text, path, text …
func with(t testing.TB, changes ...string) *policy.Request {
	t.Helper()
	r := sample(t)
	change(t, r, changes...)
	return r
}

func change(t testing.TB, r *policy.Request, changes ...string) {
	t.Helper()
	for i := 0; i+1 < len(changes); i += 2 {
		if policy.IsObject(changes[i]) {
			for _, path := range policy.ObjectFields(changes[i]).Paths() {
				set(t, r, path, changes[i+1])
			}
			continue
		}
		set(t, r, changes[i], changes[i+1])
	}
}

func decide(t testing.TB, c policy.Catalog, r *policy.Request) policy.Decision {
	t.Helper()
	d, err := policy.Decide(c, r)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func moneyOf(t testing.TB, text string) money.Decimal {
	t.Helper()
	d, err := money.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
