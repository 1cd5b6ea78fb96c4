package docs_test

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chudan-io/chudan/policy"
)

var update = flag.Bool("update", false, "rewrite what the documents print, for review")

// page is a document, and what in it can be run.
type page struct {
	name   string
	lang   policy.Lang
	lines  []string
	blocks []block
	tables []table
}

// block is what stands between fences. Its info string tells what it is: the
// first word is the language, the others are for the tests.
type block struct {
	info     []string
	from, to int // the lines between the fences
}

// table is a table below a comment that tells what it is: <!-- values -->.
type table struct {
	kind []string
	rows []row
}

// row is a row of a table by its cells.
type row struct {
	line  int // from 1
	cells []string
}

// pages are the documents of this directory, by name without extension and language.
func pages(t *testing.T) map[string][2]page {
	t.Helper()
	names, err := filepath.Glob("*.md")
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[string][2]page)
	for _, name := range names {
		base, isChinese := strings.CutSuffix(strings.TrimSuffix(name, ".md"), ".zh-CN")
		pair := all[base]
		if isChinese {
			pair[1] = readPage(t, name, policy.Chinese)
		} else {
			pair[0] = readPage(t, name, policy.English)
		}
		all[base] = pair
	}
	return all
}

func readPage(t *testing.T, name string, lang policy.Lang) page {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	p := page{name: name, lang: lang, lines: strings.Split(string(text), "\n")}
	var kind []string
	for i := 0; i < len(p.lines); i++ {
		line := p.lines[i]
		switch info, fence := strings.CutPrefix(line, "```"); {
		case fence:
			b := block{info: strings.Fields(info), from: i + 1}
			for i++; i < len(p.lines) && p.lines[i] != "```"; i++ {
			}
			b.to = i
			p.blocks = append(p.blocks, b)
		case strings.HasPrefix(line, "<!-- "):
			kind = strings.Fields(strings.TrimSuffix(strings.TrimPrefix(line, "<!-- "), " -->"))
		case strings.HasPrefix(line, "|") && kind != nil:
			tab := table{kind: kind}
			for i += 2; i < len(p.lines) && strings.HasPrefix(p.lines[i], "|"); i++ { // behind the heading and its rule
				tab.rows = append(tab.rows, row{i + 1, cellsOf(p.lines[i])})
			}
			i--
			p.tables, kind = append(p.tables, tab), nil
		}
	}
	return p
}

// cellsOf parts a row of a table; \| is a bar inside of a cell.
func cellsOf(line string) []string {
	const bar = "\x00"
	line = strings.ReplaceAll(strings.Trim(line, "|"), `\|`, bar)
	cells := strings.Split(line, "|")
	for i, c := range cells {
		cells[i] = strings.TrimSpace(strings.ReplaceAll(c, bar, "|"))
	}
	return cells
}

var (
	codeSpan = regexp.MustCompile("``([^`]+(?:`[^`]+)*)``|`([^`]+)`")
	comment  = regexp.MustCompile(`(?m)\s+# .*$`)
)

// spans are the code spans of a cell.
func spans(cell string) []string {
	var all []string
	for _, m := range codeSpan.FindAllStringSubmatch(cell, -1) {
		all = append(all, strings.TrimSpace(m[1]+m[2]))
	}
	return all
}

// text is what stands between the fences.
func (p page) text(b block) string { return strings.Join(p.lines[b.from:b.to], "\n") + "\n" }

// is tells whether the info string of a block begins with these words.
func (b block) is(words ...string) bool {
	return len(b.info) >= len(words) && slices.Equal(b.info[:len(words)], words)
}

// prints holds what the i-th block shows against what came, or rewrites it. A
// line … in a block stands for any lines.
func (p *page) prints(t *testing.T, i int, got string) {
	t.Helper()
	b := p.blocks[i]
	if want := p.text(b); matches(want, got) {
		return
	} else if !*update {
		t.Errorf("%s:%d: the page shows:\n%s\ncame:\n%s", p.name, b.from+1, want, got)
		return
	}
	p.replace(b.from, b.to, strings.Split(strings.TrimSuffix(got, "\n"), "\n"))
}

// replace puts other lines in the place of some, and writes the page.
func (p *page) replace(from, to int, lines []string) {
	p.lines = slices.Replace(p.lines, from, to, lines...)
	grown := len(lines) - (to - from)
	for i := range p.blocks {
		if b := &p.blocks[i]; b.from > from {
			b.from, b.to = b.from+grown, b.to+grown
		} else if b.to >= to {
			b.to += grown
		}
	}
	if err := os.WriteFile(p.name, []byte(strings.Join(p.lines, "\n")), 0o600); err != nil {
		panic(err)
	}
}

// matches holds a text against one in which a line … stands for any lines, and
// … within a line for any characters.
func matches(want, got string) bool {
	pattern := regexp.QuoteMeta(want)
	pattern = regexp.MustCompile(`(?m)^ *…\n`).ReplaceAllString(pattern, `(?s:.*)`)
	pattern = strings.ReplaceAll(pattern, "…", ".*")
	return want == got || regexp.MustCompile("^"+pattern+"$").MatchString(got)
}

// TestPagesGoTogether shows that a page has the same code in both languages, in
// the same order, but for comments and for what the program prints.
func TestPagesGoTogether(t *testing.T) {
	for base, pair := range pages(t) {
		en, zh := pair[0], pair[1]
		if en.name == "" || zh.name == "" {
			t.Errorf("%s is there in one language alone", base)
			continue
		}
		code := func(p page) (all []string) {
			for _, b := range p.blocks {
				text := ""
				if !b.is("text") && !b.is("console") && !b.is("tree") {
					text = comment.ReplaceAllString(p.text(b), "")
				}
				for _, line := range strings.Split(p.text(b), "\n") {
					if command, is := strings.CutPrefix(line, "$ "); is && b.is("console") {
						text += comment.ReplaceAllString(command, "") + "\n"
					}
				}
				all = append(all, strings.Join(b.info, " ")+"\n"+text)
			}
			for _, h := range p.headings() {
				level, _, _ := strings.Cut(h, " ")
				all = append(all, "heading "+level)
			}
			for _, tab := range p.tables {
				for _, r := range tab.rows {
					all = append(all, strings.Join(tab.kind, " ")+": "+strings.Join(spans(strings.Join(r.cells, " ")), " "))
				}
			}
			return all
		}
		a, b := code(en), code(zh)
		for i := range max(len(a), len(b)) {
			if i >= len(a) || i >= len(b) || a[i] != b[i] {
				t.Errorf("%s: the pages part at:\n%s\n%s", base, at(a, i), at(b, i))
				break
			}
		}
	}
}

func at(all []string, i int) string {
	if i < len(all) {
		return all[i]
	}
	return "(nothing)"
}
