package rulebook

import (
	"regexp"
	"strings"

	"github.com/chudan-io/chudan/policy"
)

// Markdown is the book in GitHub's Markdown. Whatever stands in titles,
// messages and expressions is text there, and nothing else.
func (b *Book) Markdown(lang policy.Lang) string {
	w := &markdown{lang: lang}
	w.heading(1, plain(b.Title))
	w.facts(b.Facts)
	for i := range b.Chapters {
		w.section(2, &b.Chapters[i])
	}
	return w.String()
}

type markdown struct {
	strings.Builder
	lang policy.Lang
}

// block begins a block: an empty line stands between any two.
func (w *markdown) block() {
	if w.Len() > 0 {
		w.WriteByte('\n')
	}
}

func (w *markdown) heading(level int, l Line) {
	w.block()
	w.WriteString(strings.Repeat("#", level) + " " + w.line(l) + "\n")
}

func (w *markdown) section(level int, s *Section) {
	w.heading(level, s.Title)
	for i := range s.Blocks {
		w.content(&s.Blocks[i])
	}
	for i := range s.Parts {
		w.section(level+1, &s.Parts[i])
	}
}

func (w *markdown) content(b *Block) {
	switch {
	case b.Line != nil:
		w.block()
		w.WriteString(atStart(w.line(*b.Line)) + "\n")
	case b.Expression != "":
		w.block()
		w.fenced(b.Expression)
	case b.List != nil:
		w.block()
		for _, l := range b.List {
			w.WriteString("- " + atStart(w.line(l)) + "\n")
		}
	case b.Facts != nil:
		w.facts(b.Facts)
	case b.Table != nil:
		w.table(b.Table)
	}
}

func (w *markdown) facts(facts []Fact) {
	w.block()
	for _, f := range facts {
		w.WriteString("- **" + w.line(f.Name) + "**" + policy.Text{ZH: "：", EN: ": "}.In(w.lang) + w.line(f.Value) + "\n")
	}
}

// fenced is a block of code, its fence longer than any in it.
func (w *markdown) fenced(text string) {
	fence := strings.Repeat("`", max(3, longestRun(text, '`')+1))
	w.WriteString(fence + "text\n" + strings.TrimRight(text, "\r\n") + "\n" + fence + "\n")
}

func (w *markdown) table(t *Table) {
	w.block()
	w.row(t.Heads)
	for _, number := range t.Numbers {
		w.WriteString(map[bool]string{true: "| ---: ", false: "| --- "}[number])
	}
	w.WriteString("|\n")
	for _, r := range t.Rows {
		w.row(r)
	}
}

func (w *markdown) row(cells []Line) {
	for _, c := range cells {
		w.WriteString("| " + inCell(w.pieces(c, true)) + " ")
	}
	w.WriteString("|\n")
}

// inCell is an empty cell or a full one: two bars with nothing between them are
// none everywhere.
func inCell(text string) string {
	if text == "" {
		return "–"
	}
	return text
}

func (w *markdown) line(l Line) string { return w.pieces(l, false) }

// pieces writes a line. In a cell a bar ends it, in code too, where the ways of
// escaping it differ: such code is written as words.
func (w *markdown) pieces(l Line, cell bool) string {
	var b strings.Builder
	for _, p := range l.In(w.lang) {
		switch text := oneLine(p.Text); {
		case !p.Code:
			b.WriteString(words(p.Text))
		case cell && strings.ContainsAny(text, `|\`) || text == "":
			b.WriteString(words(text))
		default:
			b.WriteString(codeSpan(text))
		}
	}
	return strings.TrimSpace(b.String())
}

// codeSpan is text between backticks, more of them than it has in a row.
func codeSpan(text string) string {
	ticks := strings.Repeat("`", longestRun(text, '`')+1)
	if strings.HasPrefix(text, "`") || strings.HasSuffix(text, "`") {
		text = " " + text + " "
	}
	return ticks + text + ticks
}

func longestRun(text string, of rune) (longest int) {
	run := 0
	for _, r := range text {
		if run++; r != of {
			run = 0
		}
		longest = max(longest, run)
	}
	return longest
}

// escapes are what would otherwise begin something in a line.
var escapes = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "~", `\~`, "#", `\#`,
	"<", "&lt;", ">", "&gt;", "&", "&amp;", "|", "&#124;", "://", ":&#47;/", "@", "&#64;", "www.", "www&#46;", "$", `\$`,
)

// breaks are what would end a line.
var breaks = regexp.MustCompile(`[\x00-\x1f\x7f\x{85}\x{2028}\x{2029}]+`)

// words is a text as words: nothing in it is a mark, a link or a new line.
func words(text string) string { return escapes.Replace(breaks.ReplaceAllString(text, " ")) }

var startsBlock = regexp.MustCompile(`^(?:[-+=]|[0-9]+[.)])`)

// atStart is a line that begins neither a list nor a heading.
func atStart(line string) string {
	if at := startsBlock.FindStringIndex(line); at != nil {
		return line[:at[1]-1] + `\` + line[at[1]-1:]
	}
	return line
}
