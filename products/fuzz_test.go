package products_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
)

// FuzzYAML loads any bytes as each kind of file. Whatever they are, Load comes
// back, and what it says lies inside the file and can be printed.
func FuzzYAML(f *testing.F) {
	names, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range append(names, "library/"+edition, "library/"+listing) {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		_, asEdition := products.Load(bond(t, map[string][]byte{edition: data}))
		_, asCalendar := products.Load(bond(t, map[string][]byte{listing: data}))
		_, asInstitution := products.LoadInstitution("institution.yaml", data)
		_, asCores := products.LoadCores("cores.yaml", data)
		_, asFacts := products.LoadFactSystems("facts.yaml", data, "12345678")
		for _, err := range []error{asEdition, asCalendar, asInstitution, asCores, asFacts} {
			var found products.Problems
			if err != nil && !errors.As(err, &found) {
				t.Fatalf("%T is no Problems", err)
			}
			checkProblems(t, found, data)
			_ = found.Text(policy.Chinese) + found.Text(policy.English)
		}
	})
}

// FuzzSheet loads any bytes as the sheet of a table.
func FuzzSheet(f *testing.F) {
	names, err := filepath.Glob("testdata/sheets/*.csv")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(rates))
	f.Fuzz(func(t *testing.T, data []byte) {
		_, err := products.Load(withSheet(t, data))
		var found products.Problems
		if err != nil && !errors.As(err, &found) {
			t.Fatalf("%T is no Problems", err)
		}
		for _, p := range found {
			if length := len([]rune(p.Source)); p.Source != "" && (p.Line < 1 || p.Col < 1 || p.Col > length+1 || p.Col+p.Width > length+2) {
				t.Errorf("%s:%d:%d, width %d: outside of %q", p.File, p.Line, p.Col, p.Width, p.Source)
			}
		}
		_ = found.Text(policy.Chinese) + found.Text(policy.English)
	})
}
