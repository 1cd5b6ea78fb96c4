package products_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
)

// tested is covers with tests that pass and see all of it.
const (
	tested = testedHigh + "  low: {given: sample, with: {amount: 100}, fill: declared, expect: accept}\n"
	// testedHigh sees half of it.
	testedHigh = specHead + "require: {rules: 100%}\ncases:\n  high: {given: sample, expect: reject TOO_HIGH NOTED}\n"
)

// TestExamine tells what is sold and what is not; "" is sold.
func TestExamine(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for name, c := range map[string]struct {
		ctx           context.Context
		edition, spec string
		want          string // the code of a problem, tests or context
		untested      int
	}{
		"all is well":         {t.Context(), cover, tested, "", 0},
		"no tests":            {t.Context(), cover, "", "", 1},
		"an edition is wrong": {t.Context(), cover + "zzz: 1\n", tested, "unknown-key", 0},
		"tests are wrong":     {t.Context(), cover, tested + "zzz: 1\n", "unknown-key", 0},
		"a case fails":        {t.Context(), strings.Replace(cover, "1000", "2000", 1), tested, "tests", 0},
		"a case is skipped":   {t.Context(), cover, tested + "  later: {given: sample, expect: accept, skip: later}\n", "tests", 0},
		"a case is focused":   {t.Context(), cover, strings.Replace(tested, "TOO_HIGH NOTED}", "TOO_HIGH NOTED, only: true}", 1), "tests", 0},
		"too little is seen":  {t.Context(), cover, testedHigh, "tests", 0},
		"it takes too long":   {ended, cover, tested, "context", 0},
	} {
		t.Run(name, func(t *testing.T) {
			fsys := covers(t, c.edition, c.spec)
			if c.spec == "" {
				delete(fsys, coverSpec)
			}
			candidate, err := products.Examine(c.ctx, fsys)
			if got := refusal(err); got != c.want {
				t.Errorf("%v, want %q", err, c.want)
			}
			if (candidate.Catalog != nil) != (err == nil) || !candidate.Current() || len(candidate.Untested()) != c.untested {
				t.Errorf("%+v", candidate)
			}
		})
	}
}

// refusal is what an error of Examine is.
func refusal(err error) string {
	var found products.Problems
	var tests *products.TestsError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &found):
		return found[0].Code
	case errors.As(err, &tests) && len(tests.Reports) > 0 && strings.Contains(err.Error(), coverSpec):
		return "tests"
	case errors.Is(err, context.Canceled):
		return "context"
	}
	return err.Error()
}

// opened counts how often a file is opened, and changes it after the first
// time.
type opened struct {
	fstest.MapFS
	times map[string]int
	after map[string]string
}

func (o *opened) Open(name string) (fs.File, error) {
	f, err := o.MapFS.Open(name)
	if info, statErr := fs.Stat(o.MapFS, name); statErr == nil && !info.IsDir() {
		o.times[name]++
		if text, changes := o.after[name]; changes {
			o.MapFS[name] = &fstest.MapFile{Data: []byte(text)}
		}
	}
	return f, err
}

// What is loaded is what is tested, whatever is written meanwhile; and that it
// was written is noticed.
func TestExamineReadsOnce(t *testing.T) {
	fsys := &opened{covers(t, cover, tested), make(map[string]int), map[string]string{coverFile: strings.Replace(cover, "1000", "2000", 1)}}
	candidate, err := products.Examine(t.Context(), fsys)
	if err != nil || string(candidate.Catalog.Edition("COVERS", "1").Source()) != cover {
		t.Fatal(err)
	}
	for name, times := range fsys.times {
		if times != 1 {
			t.Errorf("%s was opened %d times", name, times)
		}
	}
	if len(fsys.times) != 4 || candidate.Current() {
		t.Errorf("%v, current: %t", fsys.times, candidate.Current())
	}
}

// TestCurrent changes a directory after it was examined.
func TestCurrent(t *testing.T) {
	text := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	for name, c := range map[string]struct {
		spec    string
		change  map[string]*fstest.MapFile // nil: removed
		current bool
	}{
		"nothing":                  {tested, nil, true},
		"the same anew":            {tested, map[string]*fstest.MapFile{coverFile: text(cover)}, true},
		"an edition":               {tested, map[string]*fstest.MapFile{coverFile: text(cover + "#")}, false},
		"tests":                    {tested, map[string]*fstest.MapFile{coverSpec: text(tested + "#")}, false},
		"a fixture":                {tested, map[string]*fstest.MapFile{coverDir + "/sample.json": text("{}")}, false},
		"another edition":          {tested, map[string]*fstest.MapFile{coverDir + "/2.yaml": text(cover)}, false},
		"another product":          {tested, map[string]*fstest.MapFile{"others/calendar.yaml": text("")}, false},
		"a product is gone":        {tested, map[string]*fstest.MapFile{coverFile: nil, coverSpec: nil, coverDir + "/calendar.yaml": nil, coverDir + "/sample.json": nil}, false},
		"an editor's own":          {tested, map[string]*fstest.MapFile{coverDir + "/.1.yaml.swp": text(""), coverDir + "/1.yaml~": text(""), coverDir + "/4913": text("")}, true},
		"what is beside products":  {tested, map[string]*fstest.MapFile{"README.md": text(""), ".git/x.yaml": text(""), coverDir + "/rates.xlsx": text("")}, true},
		"a file that was missing":  {strings.Replace(tested, "sample.json", "other.json", 1), map[string]*fstest.MapFile{coverDir + "/other.json": text("{}")}, false},
		"a file where none may be": {tested, map[string]*fstest.MapFile{"stray.yaml": text("")}, false},
	} {
		t.Run(name, func(t *testing.T) {
			fsys := covers(t, cover, c.spec)
			candidate, _ := products.Examine(t.Context(), fsys) // refused or not
			for name, file := range c.change {
				if fsys[name] = file; file == nil {
					delete(fsys, name)
				}
			}
			if candidate.Current() != c.current {
				t.Errorf("current: %t", !c.current)
			}
			again, _ := products.Examine(t.Context(), fsys)
			if !again.Current() {
				t.Error("what has just been read is not current")
			}
		})
	}
}

// The digest is that of the files that count.
func TestCandidateDigest(t *testing.T) {
	digest := func(change func(fstest.MapFS)) string {
		fsys := covers(t, cover, tested)
		change(fsys)
		c, _ := products.Examine(t.Context(), fsys)
		return c.Digest
	}
	plain := digest(func(fstest.MapFS) {})
	if got := digest(func(f fstest.MapFS) { f["notes/README.md"] = &fstest.MapFile{} }); got != plain || len(plain) != 64 {
		t.Errorf("%s, %s", got, plain)
	}
	if got := digest(func(f fstest.MapFS) { f[coverSpec].Data = append(f[coverSpec].Data, '#') }); got == plain {
		t.Error("other tests, the same digest")
	}
}

// A directory that is too large is refused, with a problem that says so.
func TestExamineIsBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("nothing runs beside it: make test has it")
	}
	large := &fstest.MapFile{Data: bytes.Repeat([]byte("\xff"), 1<<20)}
	for name, change := range map[string]func(fstest.MapFS){
		"files":     func(f fstest.MapFS) { crowd(f, 50_001, "p%05d/x.txt", &fstest.MapFile{}) },
		"mebibytes": func(f fstest.MapFS) { crowd(f, 65, coverDir+"/e%02d.yaml", large) },
		"cases":     func(f fstest.MapFS) { multiply(f, 20_001, 5) },
	} {
		if testing.Short() && name == "cases" {
			continue // a hundred thousand of them take minutes under the race detector; make test has them
		}
		t.Run(name, func(t *testing.T) {
			fsys := covers(t, cover, tested)
			change(fsys)
			candidate, err := products.Examine(t.Context(), fsys)
			found, told := problems(t, err), 0
			for _, p := range found {
				if p.Code == "too-large" {
					told++
				}
			}
			if told == 0 || !candidate.Current() {
				t.Errorf("%d problems, %d of them too-large, current: %t", len(found), told, candidate.Current())
			}
		})
	}
}

func crowd(f fstest.MapFS, n int, name string, file *fstest.MapFile) {
	for i := range n {
		f[fmt.Sprintf(name, i)] = file
	}
}

// multiply makes as many rows, and names them as often.
func multiply(f fstest.MapFS, rows, times int) {
	spec := specHead + "cases:\n"
	for i := range times {
		spec += fmt.Sprintf("  n%d: {given: sample, each: rows.csv}\n", i)
	}
	f[coverSpec] = &fstest.MapFile{Data: []byte(spec)}
	f[coverDir+"/rows.csv"] = &fstest.MapFile{Data: []byte("expect\n" + strings.Repeat("accept\n", rows))}
}

// A panic on the way is an error; nobody's server ends of it.
func TestExamineSurvives(t *testing.T) {
	c, err := products.Examine(t.Context(), broken{covers(t, cover, tested)})
	if err == nil || c.Catalog != nil {
		t.Errorf("%v %+v", err, c)
	}
}

type broken struct{ fs.FS }

func (b broken) Open(name string) (fs.File, error) {
	if name == coverSpec {
		panic("out of order")
	}
	return b.FS.Open(name)
}

// TestCatalogChanges compares catalogs.
func TestCatalogChanges(t *testing.T) {
	load := func(change map[string]string) *products.Catalog {
		fsys := covers(t, cover, tested)
		for name, text := range change {
			fsys[name] = &fstest.MapFile{Data: []byte(text)}
		}
		maps.DeleteFunc(fsys, func(_ string, f *fstest.MapFile) bool { return len(f.Data) == 0 })
		c, err := products.Load(fsys)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	const calendar = coverDir + "/calendar.yaml"
	second := map[string]string{coverDir + "/2.yaml": strings.Replace(cover, "edition: 1", "edition: 2", 1)}
	for name, c := range map[string]struct {
		before, after map[string]string
		want          []string
	}{
		"nothing":            {nil, nil, nil},
		"tests only":         {nil, map[string]string{coverSpec: specHead}, nil},
		"an edition changed": {nil, map[string]string{coverFile: cover + "#\n"}, []string{"edition-changed COVERS@1"}},
		"an edition added":   {nil, second, []string{"edition-added COVERS@2"}},
		"an edition removed": {second, nil, []string{"edition-removed COVERS@2"}},
		"on sale": {
			second, map[string]string{coverDir + "/2.yaml": second[coverDir+"/2.yaml"], calendar: "product: COVERS\nbasis: effectTime\neditions: [{from: 2098-01-01, edition: 1}, {from: 2099-06-01, edition: 2, corrects: 1}]\n"},
			[]string{"basis-changed COVERS", "sale-changed COVERS@1", "sale-changed COVERS@2"},
		},
		"stopped": {nil, map[string]string{calendar: "product: COVERS\neditions: [{from: 2099-01-01, edition: 1}]\nstop: 2099-12-01 18:00:00\n"}, []string{"stop-changed COVERS"}},
		"a product added": {
			nil, map[string]string{"bb/1.yaml": strings.Replace(cover, "COVERS", "BB", 1), "bb/calendar.yaml": "product: BB\neditions: [{from: 2099-01-01, edition: 1}]\n"},
			[]string{"edition-added BB@1", "basis-changed BB", "sale-changed BB@1"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, change := range load(c.after).Changes(load(c.before)) {
				got = append(got, change.Code+" "+change.Name)
				if change.Text.In(policy.Chinese) == "" || change.Text.In(policy.English) == "" {
					t.Errorf("%+v", change)
				}
			}
			if fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}
