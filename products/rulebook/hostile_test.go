package rulebook_test

import (
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"unicode"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
	"github.com/chudan-io/chudan/products/rulebook"
)

// benign stands where a hostile text may.
const benign = "WORDS"

// product is one with a text wherever an edition, its calendar and its tests
// may have one.
func product(t testing.TB, text string) (s rulebook.Source, ok bool) {
	t.Helper()
	quoted, goods := strconv.Quote(text), strconv.Quote(text)
	if strings.ContainsFunc(text, unicode.IsControl) || strings.ContainsAny(text, "\u202e\u2028") || strings.TrimSpace(text) != text {
		goods = benign // the field would be refused, and the example another one
	}
	sample, err := fs.ReadFile(products.Library(), "performance_surety_bonds/testdata/sample.json")
	if err != nil {
		t.Fatal(err)
	}
	fsys := fstest.MapFS{
		"surety/calendar.yaml": {Data: []byte("product: SURETY\neditions: [{from: 2021-01-01, edition: 1}]\n")},
		"surety/sample.json":   {Data: []byte(strings.ReplaceAll(string(sample), "PERFORMANCE_SURETY_BONDS", "SURETY"))},
		"surety/1.yaml": {Data: []byte(`product: SURETY
edition: 1
title: {zh: ` + quoted + `, en: ` + quoted + `}
filing: ` + quoted + `
coverages: {QUALITY: ` + quoted + `, DELIVERY: D, APPEARANCE: A}
define: {odd: "currency == 'a|b'", other: 'odd ? "<i>" : "` + "```" + `"'}
tables:
  marked:
    match: {mark: ["x|y", "<b>", "a..b"]}
    rows: [["x|y", 1], ["<b>", 2], ["a..b", 3]]
rules:
  ODD:
    note_if: odd or other == "<script>alert(1)</script>" or marked("x|y") > 5 or amount > 1
    message: ` + quoted + `
`)},
		"surety/1_test.yaml": {Data: []byte("product: SURETY\nedition: 1\nfixtures: {sample: sample.json}\ncases:\n" +
			"  " + quoted + ":\n    given: sample\n    with: {orderSubjectMatterInfo.orderAmount: ~}\n    each:\n" +
			"      - {case: " + quoted + ", orderSubjectMatterInfo.subjectMatterName: " + goods + ", expect: note ODD}\n" +
			"      - {case: other, orderSubjectMatterInfo.subjectMatterName: other, expect: note ODD}\n")},
	}
	catalog, err := products.Load(fsys)
	if err != nil {
		return s, false
	}
	specs, err := products.LoadSpecs(fsys, catalog)
	if err != nil {
		return s, false
	}
	schedule, _ := catalog.Schedule("SURETY")
	return rulebook.Source{Edition: specs[0].Edition(), Schedule: &schedule, Tests: specs[0]}, true
}

var bars = regexp.MustCompile(`\|`)

// layout is what a text is made of: for Markdown the kind of each line, for a
// page its elements.
func layout(form, text string) (all []string) {
	if form == "html" {
		for _, tag := range tags.FindAllString(text, -1) {
			if tag != "<wbr>" {
				all = append(all, tag)
			}
		}
		return all
	}
	fenced := false
	for line := range strings.SplitSeq(text, "\n") {
		kind := "words"
		switch {
		case strings.HasPrefix(line, "```"):
			kind, fenced = "fence", !fenced
		case fenced:
			kind = "fenced"
		case line == "":
			kind = "empty"
		case strings.HasPrefix(line, "#"):
			kind, _, _ = strings.Cut(line, " ")
		case strings.HasPrefix(line, "- "):
			kind = "item"
		case strings.HasPrefix(line, "|"):
			kind = "row of " + strconv.Itoa(len(bars.FindAllString(line, -1)))
		}
		all = append(all, kind)
	}
	return all
}

// uncoded is Markdown without its code: there nothing is a mark. A run of
// backticks opens code, and one of the same length closes it.
func uncoded(text string) string {
	var b strings.Builder
	fenced := false
	for line := range strings.SplitSeq(text, "\n") {
		if strings.HasPrefix(line, "```") {
			fenced = !fenced
		}
		for rest := line; !fenced && rest != ""; {
			at := strings.IndexAny(rest, "\\`")
			switch {
			case at < 0:
				b.WriteString(rest)
				rest = ""
			case rest[at] == '\\':
				b.WriteString(rest[:at])
				rest = rest[min(at+2, len(rest)):]
			default:
				b.WriteString(rest[:at])
				run := rest[at : len(rest)-len(strings.TrimLeft(rest[at:], "`"))]
				rest = afterRun(rest[at+len(run):], run)
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// afterRun is what stands behind the first run of backticks of that length; all
// of it where there is none.
func afterRun(text, run string) string {
	for rest := text; ; {
		at := strings.IndexByte(rest, '`')
		if at < 0 {
			return text
		}
		next := strings.TrimLeft(rest[at:], "`")
		if len(rest)-at-len(next) == len(run) {
			return next
		}
		rest = next
	}
}

// holds tells whether the layout of a book is that of another one, and nothing
// in it is an element but ours.
func holds(t *testing.T, got, want *rulebook.Book) {
	t.Helper()
	for _, lang := range languages {
		plain := forms(t, want, lang)
		for form, text := range forms(t, got, lang) {
			got, want := layout(form, text), layout(form, plain[form])
			if slices.Equal(got, want) {
				continue
			}
			at := 0
			for at < min(len(got), len(want)) && got[at] == want[at] {
				at++
			}
			t.Errorf("%s in %s: %d and %d parts, the layout breaks at %d", form, lang, len(got), len(want), at)
		}
		if strings.ContainsAny(uncoded(got.Markdown(lang)), "<>") {
			t.Errorf("the Markdown in %s has an element", lang)
		}
	}
}

var hostile = map[string]string{
	"bars":         "a|b||c",
	"escaped bars": `a\|b\\|c`,
	"script":       `<script>alert("x")</script>`,
	"attribute":    `" onmouseover="x`,
	"backticks":    "``` ` `` a",
	"lines":        "one\ntwo",
	"paragraphs":   "one\n\n# two\n- three\n| four |",
	"returns":      "one\rtwo\u2028three\u0085four",
	"link":         "[x](javascript:alert(1)) ![y](http://z) <http://z> www.z.com a@b.cd",
	"heading":      "# a",
	"list":         "- a",
	"number":       "1. a",
	"rule":         "---",
	"setext":       "===",
	"quote":        "> a",
	"marks":        "*a* __b__ ~~c~~ $d$",
	"entity":       "&lt;script&gt; &#124;",
	"comment":      "<!-- a",
	"template":     "{{.}} {0} {9} ${x}",
	"backslash":    `a\`,
	"long":         strings.Repeat("A", 120),
	"wide":         strings.Repeat("宽", 120),
	"style":        "</style><b>",
	"direction":    "\u202eabc",
}

// escapedBraces writes a text so that a message shows it.
var escapedBraces = strings.NewReplacer("{", "{{", "}", "}}")

func TestHostile(t *testing.T) {
	plain, _ := product(t, benign)
	for name, text := range hostile {
		t.Run(name, func(t *testing.T) {
			holds(t, anywhere(text), anywhere(benign))
			source, ok := product(t, escapedBraces.Replace(text))
			switch {
			case ok:
				holds(t, rulebook.New(source), rulebook.New(plain))
			case !strings.Contains(text, "\n"): // a text of several lines is no title and no message
				t.Fatal("it does not load")
			}
		})
	}
}

// TestHostileControl: the comparison would see what breaks a layout.
func TestHostileControl(t *testing.T) {
	for name, c := range map[string][3]string{
		"a bar":      {"md", "| a |\n", "| a|b |\n"},
		"a line":     {"md", "a\n", "a\n# b\n"},
		"a list":     {"md", "a\n", "- a\n"},
		"an element": {"html", "<p>a</p>", "<p><b></p>"},
	} {
		if slices.Equal(layout(c[0], c[1]), layout(c[0], c[2])) {
			t.Errorf("%s is not seen", name)
		}
	}
	if got := uncoded("a `<b>` ``<`>`` \\`<c>\\`\n```\n<d>\n```\n"); got != "a   <c>\n\n\n\n\n" {
		t.Errorf("without code: %q", got)
	}
}

// TestHostileIsShown: what was escaped can still be read.
func TestHostileIsShown(t *testing.T) {
	for _, name := range []string{"bars", "script", "attribute", "marks", "entity", "comment"} {
		source, _ := product(t, hostile[name])
		for form, text := range written(t, source, policy.Chinese) {
			if got := shown(form, text); !strings.Contains(got, hostile[name]) {
				t.Errorf("%s: %q cannot be read in the %s", name, hostile[name], form)
			}
		}
	}
}

// anywhere is a book with a text in every place that a book has.
func anywhere(text string) *rulebook.Book {
	words, code := rulebook.Piece{Text: text}, rulebook.Piece{Text: text, Code: true}
	piece := func(pieces ...rulebook.Piece) rulebook.Line { return rulebook.Line{ZH: pieces, EN: pieces} }
	around := piece(words, code, words)
	facts := []rulebook.Fact{{Name: piece(words), Value: piece(code)}, {Name: around, Value: around}}
	table := &rulebook.Table{Heads: []rulebook.Line{piece(words), piece(code)}, Rows: [][]rulebook.Line{{around, piece(code)}, {piece(words), around}}, Numbers: []bool{true, false}}
	section := rulebook.Section{ID: "one", Title: around, Blocks: []rulebook.Block{
		{Line: &around}, {Expression: "must: " + strings.NewReplacer("\n", " ", "\r", " ").Replace(text)}, {List: []rulebook.Line{piece(words), piece(code), around}}, {Facts: facts}, {Table: table},
	}}
	chapter := section
	chapter.Parts = []rulebook.Section{section}
	return &rulebook.Book{Title: policy.Text{ZH: text, EN: text}, Facts: facts, Chapters: []rulebook.Section{chapter}}
}

func FuzzLayout(f *testing.F) {
	for _, text := range hostile {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.TrimFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) == "" || len(text) > 300 {
			return // no book has empty sentences; long ones only take long
		}
		holds(t, anywhere(text), anywhere(benign))
	})
}
