package products_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
)

const header = "product: PERFORMANCE_SURETY_BONDS\nedition: 2021.2\ntitle: 履约保证保险\n"

// want is a problem, by what callers may match.
type want struct {
	code      string
	line, col int
}

func checkWanted(t *testing.T, found products.Problems, wanted ...want) {
	t.Helper()
	var got []want
	for _, p := range found {
		got = append(got, want{p.Code, p.Line, p.Col})
	}
	if len(got) != len(wanted) {
		t.Fatalf("got %v, want %v\n%s", got, wanted, found.Text(policy.English))
	}
	for i := range got {
		if got[i] != wanted[i] {
			t.Errorf("got %v, want %v", got[i], wanted[i])
		}
	}
}

// TestBytes tries what no text file in a repository keeps through a checkout.
func TestBytes(t *testing.T) {
	for name, c := range map[string]struct {
		data string
		want []want
	}{
		"byte order mark": {"\ufeff" + header + "zzz: 1\n", []want{{"encoding", 1, 1}, {"unknown-key", 4, 1}}},
		"GBK":             {header + "filing: \xc2\xc4\xd4\xbc\n", []want{{"encoding", 4, 9}}},
		"NUL":             {header + "filing: a\x00b\n", []want{{"character", 4, 10}}},
		"line separator":  {header + "filing: a\u2028b\n", []want{{"character", 4, 10}}},
		"lone return":     {header + "filing: a\rb\n", []want{{"character", 4, 10}}},
		"right to left":   {header + "# \u202e\nzzz: 1\n", []want{{"character", 4, 3}}},
		"CRLF":            {strings.ReplaceAll(header+"define:\n  x: |\n    amount +\n    bogus\n", "\n", "\r\n"), []want{{"unknown-name", 7, 5}}},
		"over 1 MiB":      {header + "#" + strings.Repeat("x", 1<<20), []want{{"too-large", 0, 0}}},
		"tabs":            {header + "\t# no\nzzz: 1\t# fine\n  \t\n", []want{{"tab", 4, 1}, {"tab", 6, 3}}},
		"nothing":         {"", []want{{"document", 1, 1}}},
		"three dashes":    {"---\n", []want{{"empty", 2, 1}}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := products.Load(bond(t, map[string][]byte{edition: []byte(c.data)}))
			found := problems(t, err)
			checkProblems(t, found, []byte(c.data))
			checkWanted(t, found, c.want...)
		})
	}
}

func TestLineEndsDoNotMatter(t *testing.T) {
	data, err := fs.ReadFile(products.Library(), edition)
	if err != nil {
		t.Fatal(err)
	}
	windows := []byte(strings.ReplaceAll(string(data), "\n", "\r\n"))
	if _, err := products.Load(bond(t, map[string][]byte{edition: windows})); err != nil {
		t.Error(err)
	}
}

// TestPlaces looks for a wrong name in every way in which YAML writes a text.
func TestPlaces(t *testing.T) {
	for name, rule := range map[string]string{
		"plain":                  "must: amount > bogus",
		"plain, folded":          "must: amount\n      >\n\n      bogus",
		"single quotes":          "must: 'amount > bogus'",
		"single quotes doubled":  "must: 'currency == ''CNY'' and amount > bogus'",
		"single quotes, folded":  "must: 'currency ==\n      ''CNY'' and\n\n      amount > bogus'",
		"double quotes":          `must: "amount > bogus"`,
		"double quotes, escapes": `must: "currency == \"\x43N\u0059\" \U00000061nd\tamount >\n bogus"`,
		"double quotes, goes on": "must: \"amount \\\n      > \\\n   \\ bogus\"",
		"literal":                "must: |\n      amount\n        > bogus",
		"literal, indented":      "must: |2-\n        amount\n\n        > bogus\n",
		"literal with comment":   "must: |  # bogu\n      amount > bogus",
		"folded":                 "must: >\n      amount\n      >\n\n      bogus",
		"folded, kept":           "must: >+\n      amount\n          >\n      bogus\n\n\n",
		"flow":                   "{must: amount > bogus}",
		"Chinese before":         "must: '\"质量：险\" == currency and bogus == 1'",
		"message, plain":         "must: amount > 1\n    message: 保额 {bogus} 过高",
		"message, Chinese":       "must: amount > 1\n    message: {en: x, zh: '保额 {bogus}'}",
		"message, English":       "must: amount > 1\n    message: {zh: x, en: 'sum {bogus}'}",
		"require":                "require: [insurePeriod, bogus]",
		"require, one":           "require: bogus",
		"fields":                 "must: amount > 1\n    fields:\n      - amount\n      - bogus",
	} {
		t.Run(name, func(t *testing.T) {
			if !strings.HasPrefix(rule, "{") {
				rule = "\n    " + rule
			}
			data := header + "rules:\n  A_RULE: " + rule + "\n"
			_, err := products.Load(bond(t, map[string][]byte{edition: []byte(data)}))
			found := problems(t, err)
			checkProblems(t, found, []byte(data))
			before, _, _ := strings.Cut(data, "bogus")
			line := strings.Count(before, "\n") + 1
			col := len([]rune(before[strings.LastIndexByte(before, '\n')+1:])) + 1
			p := found[0]
			if at := strings.HasPrefix(p.Source[len(string([]rune(p.Source)[:p.Col-1])):], "{"); at {
				p.Col, p.Width = p.Col+1, p.Width-2
			}
			if len(found) != 1 || p.Line != line || p.Col != col || p.Width != len("bogus") {
				t.Errorf("want the problem at %d:%d\n%s", line, col, found.Text(policy.English))
			}
		})
	}
}

// TestLayout tries what can be wrong with a directory as a whole.
func TestLayout(t *testing.T) {
	data := func(name string) *fstest.MapFile {
		content, err := fs.ReadFile(products.Library(), name)
		if err != nil {
			t.Fatal(err)
		}
		return &fstest.MapFile{Data: content}
	}
	year, dates := data(edition), data(listing)
	for name, c := range map[string]struct {
		fsys fstest.MapFS
		want map[string]string // code by file
	}{
		"empty":                    {fstest.MapFS{}, map[string]string{".": "layout"}},
		"no product":               {fstest.MapFS{"readme.md": {}, ".git/a.yaml": {}, "docs/x.md": {}, "institution.yaml": {}}, map[string]string{".": "layout"}},
		"the product itself":       {fstest.MapFS{"calendar.yaml": dates, "2021.2.yaml": year}, map[string]string{"calendar.yaml": "layout", "2021.2.yaml": "layout"}},
		"no calendar":              {fstest.MapFS{edition: year}, map[string]string{listing: "layout"}},
		"no edition":               {fstest.MapFS{listing: dates}, map[string]string{listing: "unknown-edition"}},
		"yml":                      {fstest.MapFS{edition: year, listing: dates, bondDir + "/2022.1.yml": year}, map[string]string{bondDir + "/2022.1.yml": "layout"}},
		"capitals":                 {fstest.MapFS{"Performance_Surety_Bonds/calendar.yaml": dates, "Performance_Surety_Bonds/2021.2.yaml": year}, map[string]string{"Performance_Surety_Bonds": "layout"}},
		"another product":          {fstest.MapFS{"bonds/calendar.yaml": dates, "bonds/2021.2.yaml": year}, map[string]string{"bonds/calendar.yaml": "name-mismatch", "bonds/2021.2.yaml": "name-mismatch"}},
		"tests and notes are left": {fstest.MapFS{edition: year, listing: dates, bondDir + "/2021.2_test.yaml": {Data: []byte("zzz")}, bondDir + "/notes.txt": {}, bondDir + "/testdata/x.yaml": {}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := products.Load(c.fsys)
			if c.want == nil {
				if err != nil {
					t.Error(err)
				}
				return
			}
			got := make(map[string]string)
			for _, p := range problems(t, err) {
				got[p.File] = p.Code
			}
			if len(got) != len(c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
			for file, code := range c.want {
				if got[file] != code {
					t.Errorf("%s: got %q, want %q", file, got[file], code)
				}
			}
		})
	}
}

// TestLinks loads a directory as a mounted volume shows it: names are links into
// a hidden directory that is swapped as a whole.
func TestLinks(t *testing.T) {
	root := t.TempDir()
	hidden := filepath.Join(root, ".2026", bondDir)
	if err := os.MkdirAll(hidden, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{edition, listing} {
		data, err := fs.ReadFile(products.Library(), name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(hidden, filepath.Base(name)), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Join(".2026", bondDir), filepath.Join(root, bondDir)); err != nil {
		t.Fatal(err)
	}
	if _, err := products.Load(os.DirFS(root)); err != nil {
		t.Error(err)
	}
	if err := os.Symlink("nowhere", filepath.Join(hidden, "2022.1.yaml")); err != nil {
		t.Fatal(err)
	}
	_, err := products.Load(os.DirFS(root))
	checkWanted(t, problems(t, err), want{"unreadable", 0, 0})
}

// failing is a directory in which one name cannot be read.
type failing struct {
	fs.FS
	name string
}

func (f failing) Open(name string) (fs.File, error) {
	if name == f.name {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return f.FS.Open(name)
}

func TestUnreadable(t *testing.T) {
	for _, name := range []string{".", bondDir, edition, listing} {
		_, err := products.Load(failing{products.Library(), name})
		found := problems(t, err)
		if found[0].Code != "unreadable" || found[0].File != name {
			t.Errorf("%s: got %s", name, found.Text(policy.English))
		}
	}
}

// TestManyProblems shows that a hostile file cannot fill the disk.
func TestManyProblems(t *testing.T) {
	data := header + "zzz: {" + strings.Repeat("a, ", 1000) + "}\nchecks: {" + strings.Repeat("zzz, b, ", 100_000) + "}\n"
	_, err := products.Load(bond(t, map[string][]byte{edition: []byte(data)}))
	found := problems(t, err)
	if n := len(found); n > 250 || found[n-1].Code == "" {
		t.Errorf("%d problems", n)
	}
	many := false
	for _, p := range found {
		many = many || p.Code == "too-many-problems"
	}
	if !many {
		t.Error("nobody is told that there are more")
	}
	if n := len(found.Text(policy.Chinese)); n > 200_000 {
		t.Errorf("%d bytes of text", n)
	}
}

func TestProblemsAsError(t *testing.T) {
	_, err := products.Load(bond(t, map[string][]byte{edition: []byte(header + "zzz: 1\nyyy: 2\n")}))
	if got, want := err.Error(), "products: performance_surety_bonds/2021.2.yaml:4:1: unknown-key unknown key zzz (and 1 more)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := (products.Problems)(nil).Error(); !strings.Contains(got, "no problems") {
		t.Error(got)
	}
	if errors.Is(err, fs.ErrNotExist) {
		t.Error("problems are no trouble with files")
	}
}
