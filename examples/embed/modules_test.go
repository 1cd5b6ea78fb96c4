// Package embed_test holds the two examples to what they promise: they run, and
// they pull in what modules.txt says and nothing else.
package embed_test

import (
	"flag"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write modules.txt anew")

// TestModules pins the modules that end up in each binary: whoever brings his
// own products gets neither YAML nor expressions.
func TestModules(t *testing.T) {
	var b strings.Builder
	for _, example := range []string{"ingo", "inyaml"} {
		b.WriteString(example + "\n")
		for _, module := range modules(t, "./"+example) {
			b.WriteString("\t" + module + "\n")
		}
	}
	if *update {
		if err := os.WriteFile("modules.txt", []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("modules.txt")
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("the examples pull in\n%s\nmodules.txt has\n%s\nif that is wanted: go test -update, and a reason in the commit message", b.String(), want)
	}
}

func modules(t *testing.T, pkg string) []string {
	t.Helper()
	out, err := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}", pkg).CombinedOutput()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, out)
	}
	names := strings.Fields(string(out))
	slices.Sort(names)
	return slices.Compact(names)
}

func TestExamplesRun(t *testing.T) {
	for _, example := range []string{"ingo", "inyaml"} {
		t.Run(example, func(t *testing.T) {
			out, err := exec.Command("go", "run", "./"+example).CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			text := string(out)
			if !strings.Contains(text, "issued PARC20260105") || !strings.Contains(text, "refused isv.underwriting-rejected:VALUE_TOO_HIGH") {
				t.Errorf("it prints\n%s", text)
			}
		})
	}
}
