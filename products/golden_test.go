package products_test

import (
	"bytes"
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const (
	bondDir = "performance_surety_bonds"
	edition = bondDir + "/2021.2.yaml"
	listing = bondDir + "/calendar.yaml"
	spec    = bondDir + "/2021.2_test.yaml"
	fixture = bondDir + "/testdata/sample.json"
)

// bond is the library's product, with files changed; nil takes one away.
func bond(t testing.TB, changes map[string][]byte) fstest.MapFS {
	t.Helper()
	fsys := fstest.MapFS{}
	for _, name := range []string{edition, listing} {
		data, err := fs.ReadFile(products.Library(), name)
		if err != nil {
			t.Fatal(err)
		}
		fsys[name] = &fstest.MapFile{Data: data}
	}
	for name, data := range changes {
		delete(fsys, name)
		if data != nil {
			fsys[name] = &fstest.MapFile{Data: data}
		}
	}
	return fsys
}

// problems are what an error says is wrong; it must say something.
func problems(t testing.TB, err error) products.Problems {
	t.Helper()
	var found products.Problems
	if !errors.As(err, &found) || len(found) == 0 {
		t.Fatalf("got error %v, want Problems", err)
	}
	return found
}

// loadBad loads a bad file as what its name says it is.
func loadBad(t testing.TB, name string, data []byte) products.Problems {
	t.Helper()
	var err error
	switch kind, _, _ := strings.Cut(name, "-"); kind {
	case "spec":
		_, err = products.LoadSpecs(bond(t, map[string][]byte{spec: data, fixture: published(t)}), library(t))
	case "calendar":
		_, err = products.Load(bond(t, map[string][]byte{listing: data}))
	case "institution":
		_, err = products.LoadInstitution("institution.yaml", data)
	case "cores":
		_, err = products.LoadCores("cores.yaml", data, appsOf(name)...)
	case "factsystems":
		_, err = products.LoadFactSystems("facts.yaml", data, appsOf(name)...)
	default:
		_, err = products.Load(bond(t, map[string][]byte{edition: data}))
	}
	return problems(t, err)
}

// appsOf are the apps that there are where a file of systems names others.
func appsOf(name string) []policy.Tenant {
	if strings.HasSuffix(name, "-strangers") {
		return []policy.Tenant{"12345678", "87654321", "shop"}
	}
	return nil
}

// TestBadFiles holds the problems of each file in testdata/bad against its
// golden, in both languages.
func TestBadFiles(t *testing.T) {
	names, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil || len(names) < 60 {
		t.Fatalf("%d bad files, want at least 60 (%v)", len(names), err)
	}
	if goldens, _ := filepath.Glob("testdata/bad/*.golden"); len(goldens) > len(names) {
		t.Errorf("%d goldens for %d bad files", len(goldens), len(names))
	}
	for _, name := range names {
		base := strings.TrimSuffix(filepath.Base(name), ".yaml")
		t.Run(base, func(t *testing.T) {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			found := loadBad(t, base, data)
			checkProblems(t, found, data)
			got := []byte(found.Text(policy.Chinese) + "\n" + found.Text(policy.English))
			golden := strings.TrimSuffix(name, ".yaml") + ".golden"
			if *update {
				if err := os.WriteFile(golden, got, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

// checkProblems checks what holds of all problems: they are in order, lie
// inside their file, and are told in both languages.
func checkProblems(t testing.TB, found products.Problems, data []byte) {
	t.Helper()
	lines := strings.Split(strings.ReplaceAll(strings.TrimPrefix(string(data), "\ufeff"), "\r\n", "\n"), "\n")
	for i, p := range found {
		if p.Message.ZH == "" || p.Message.EN == "" || (p.Hint.ZH == "") != (p.Hint.EN == "") || p.Code == "" {
			t.Errorf("not told in both languages: %+v", p)
		}
		if i > 0 && p.File == found[i-1].File && p.Line < found[i-1].Line {
			t.Errorf("line %d after line %d", p.Line, found[i-1].Line)
		}
		if p.Line == 0 {
			continue
		}
		if p.Line < 0 || p.Line > len(lines) || p.Source != lines[p.Line-1] {
			t.Errorf("the source of line %d is %q", p.Line, p.Source)
		}
		if length := len([]rune(p.Source)); p.Col < 1 || p.Col > length+1 || p.Width < 1 || p.Col+p.Width > length+2 {
			t.Errorf("%d:%d, width %d: outside of %q", p.Line, p.Col, p.Width, p.Source)
		}
	}
}
