package rulebook_test

import (
	"bytes"
	"flag"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
	"github.com/chudan-io/chudan/products/rulebook"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var languages = []policy.Lang{policy.Chinese, policy.English}

// library are the books of all editions that the library has.
func library(t testing.TB) map[string]rulebook.Source {
	t.Helper()
	catalog, err := products.Load(products.Library())
	if err != nil {
		t.Fatal(err)
	}
	specs, err := products.LoadSpecs(products.Library(), catalog)
	if err != nil {
		t.Fatal(err)
	}
	books := make(map[string]rulebook.Source)
	for _, spec := range specs {
		terms := spec.Edition().Terms()
		schedule, ok := catalog.Schedule(terms.Product)
		if !ok {
			t.Fatal("no calendar of " + terms.Product)
		}
		books[terms.Product+"@"+terms.Edition] = rulebook.Source{Edition: spec.Edition(), Schedule: &schedule, Tests: spec}
	}
	if want := len(catalog.Editions()); len(books) != want {
		t.Fatalf("%d books of %d editions", len(books), want)
	}
	return books
}

// written is a book in each of its forms.
func written(t testing.TB, s rulebook.Source, lang policy.Lang) map[string]string {
	t.Helper()
	return forms(t, rulebook.New(s), lang)
}

func forms(t testing.TB, book *rulebook.Book, lang policy.Lang) map[string]string {
	t.Helper()
	page, err := book.HTML(lang)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]string{"md": book.Markdown(lang), "html": string(page)}
}

// TestGolden holds books against the goldens.
func TestGolden(t *testing.T) {
	books := library(t)
	for _, name := range []string{"PERFORMANCE_SURETY_BONDS@2021.2", "DELIVERY_DELAY@2023.1"} {
		for _, lang := range languages {
			for form, got := range written(t, books[name], lang) {
				golden := filepath.Join("testdata", strings.ToLower(strings.Replace(name, "@", "-", 1))+"."+string(lang)+"."+form)
				if *update {
					if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(golden)
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal([]byte(got), want) {
					t.Errorf("%s differs: run with -update and read the difference", golden)
				}
			}
		}
	}
}

var (
	tags    = regexp.MustCompile(`<[^>]+>`)
	escaped = regexp.MustCompile("\\\\([\\\\`*_\\[\\]~#$+=.)-])")
)

// shown is what a reader sees of a book: its text without marks.
func shown(form, text string) string {
	if form == "html" {
		return html.UnescapeString(tags.ReplaceAllString(text, ""))
	}
	return html.UnescapeString(escaped.ReplaceAllString(strings.ReplaceAll(text, "`", ""), "$1"))
}

// TestComplete looks for everything that an edition of the library says.
func TestComplete(t *testing.T) {
	for name, source := range library(t) {
		for _, lang := range languages {
			for form, text := range written(t, source, lang) {
				t.Run(name+"/"+string(lang)+"/"+form, func(t *testing.T) {
					book := shown(form, text)
					for what, wants := range said(source, lang) {
						for _, want := range wants {
							if !strings.Contains(book, want) {
								t.Errorf("%s: %q is not in the book", what, want)
							}
						}
					}
					if left := regexp.MustCompile(`\{[0-9]*\}`).FindString(text); left != "" {
						t.Errorf("a sentence has a place left over: %s", left)
					}
				})
			}
		}
	}
}

// said is what an edition says, by what it is.
func said(s rulebook.Source, lang policy.Lang) map[string][]string {
	e := s.Edition
	terms, spec := e.Terms(), e.Spec()
	all := map[string][]string{"identity": {terms.Title.In(lang), terms.Product, terms.Edition, e.Filing(), terms.Digest}}
	add := func(what string, texts ...string) { all[what] = append(all[what], texts...) }
	for _, c := range terms.Coverages {
		add("coverage", c.Code, c.Title.In(lang))
	}
	for _, c := range terms.Currencies {
		add("currency", string(c))
	}
	for _, d := range spec.Define {
		add("definition", d.Name, d.Expr)
	}
	for _, table := range spec.Tables {
		for _, r := range table.Rows {
			add("row", strconv.Itoa(r.Line), r.Value)
			for _, cell := range r.Cells {
				add("cell", strings.Split(cell[0], "..")...)
			}
		}
	}
	for _, r := range spec.Rules {
		add("rule", r.Code, r.When, r.Must, r.RejectIf, r.ReferIf, r.NoteIf, r.To, r.Message.In(lang))
		add("field", append(r.Require, e.Rules().Paths(r.Code)...)...)
	}
	for _, setting := range e.Settings() {
		add("setting", setting.Path, setting.Value)
	}
	add("key", terms.Unique...)
	for _, line := range s.Schedule.Sales {
		if line.Edition == terms.Edition {
			add("sale", line.From.Format("2006-01-02"))
		}
	}
	for _, x := range s.Tests.Examples() {
		add("example", x.Group, x.Name)
		for _, f := range x.Decision.Faults {
			add("fault", f.Code)
		}
		if p := x.Decision.Premium; p.Known() {
			add("premium", p.Rounded.Fixed(p.Currency.MinorUnit())+" "+string(p.Currency))
		}
	}
	return all
}

// TestRows finds each row of each table where it belongs.
func TestRows(t *testing.T) {
	for name, source := range library(t) {
		book := rulebook.New(source)
		for i, table := range source.Edition.Spec().Tables {
			rows := section(t, book, "table-"+strconv.Itoa(i+1)).Blocks[1].Table.Rows
			if len(rows) != len(table.Rows) {
				t.Errorf("%s, table %s: %d rows of %d", name, table.Name, len(rows), len(table.Rows))
				continue
			}
			for k, r := range table.Rows {
				line, value := rows[k][0].Text(policy.English), rows[k][len(rows[k])-1].Text(policy.English)
				if line != strconv.Itoa(r.Line) || value != r.Value {
					t.Errorf("%s, table %s, row %d: line %s is %s, want line %d is %s", name, table.Name, k, line, value, r.Line, r.Value)
				}
			}
		}
	}
}

// section finds a chapter, or a part of one.
func section(t testing.TB, b *rulebook.Book, id string) *rulebook.Section {
	t.Helper()
	for i := range b.Chapters {
		if b.Chapters[i].ID == id {
			return &b.Chapters[i]
		}
		for k := range b.Chapters[i].Parts {
			if b.Chapters[i].Parts[k].ID == id {
				return &b.Chapters[i].Parts[k]
			}
		}
	}
	t.Fatal("there is no section " + id)
	return nil
}

// TestDeterministic writes each book twice.
func TestDeterministic(t *testing.T) {
	first, second := library(t), library(t)
	for name := range first {
		for _, lang := range languages {
			again := written(t, second[name], lang)
			for form, text := range written(t, first[name], lang) {
				if text != again[form] {
					t.Errorf("%s.%s of %s differs from one time to the next", form, lang, name)
				}
			}
		}
	}
}

// TestNothingFromElsewhere: a page has no script and loads nothing.
func TestNothingFromElsewhere(t *testing.T) {
	for name, source := range library(t) {
		page := written(t, source, policy.Chinese)["html"]
		for _, bad := range []string{"<script", "src=", "http:", "https:", "url(", "@import", "<link", "<img"} {
			if strings.Contains(page, bad) {
				t.Errorf("%s: the page has %q", name, bad)
			}
		}
	}
}

// TestAnchors: each id stands once, and each link has where to go.
func TestAnchors(t *testing.T) {
	for name, source := range library(t) {
		page := written(t, source, policy.English)["html"]
		ids := make(map[string]bool)
		for _, m := range regexp.MustCompile(` id="([^"]*)"`).FindAllStringSubmatch(page, -1) {
			if ids[m[1]] {
				t.Errorf("%s: the id %s stands twice", name, m[1])
			}
			ids[m[1]] = true
		}
		links := regexp.MustCompile(`href="#([^"]*)"`).FindAllStringSubmatch(page, -1)
		if len(links) == 0 {
			t.Errorf("%s: no contents", name)
		}
		for _, m := range links {
			if !ids[m[1]] {
				t.Errorf("%s: %s leads nowhere", name, m[1])
			}
		}
	}
}

// TestAnswersCoverExamples: whatever an example is answered with is among the
// error codes that the book lists.
func TestAnswersCoverExamples(t *testing.T) {
	for name, source := range library(t) {
		book := shown("md", written(t, source, policy.English)["md"])
		codes := book[strings.Index(book, "### Error codes"):strings.Index(book, "## Worked examples")]
		for _, x := range source.Tests.Examples() {
			worst, ok := x.Decision.Faults.Worst()
			if !ok {
				continue
			}
			want := worst.ErrorCode()
			if kind, _, _ := strings.Cut(want, ":"); worst.Code == kind {
				want = kind + ":…"
			} else if worst.Kind == policy.KindMissingParameter {
				want = string(worst.Kind) + ":…"
			}
			if !strings.Contains(codes, "| "+want+" |") {
				t.Errorf("%s, %s/%s: %s is not listed", name, x.Group, x.Name, want)
			}
		}
	}
}
