package rulebook

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/chudan-io/chudan/policy"
)

// Line is a sentence, or a part of one, in both languages.
type Line struct{ ZH, EN []Piece }

// Piece is a stretch of a line: words, or what stands as it is in a file or a
// message (a code, a path, an expression).
type Piece struct {
	Text string
	Code bool
}

// In are the pieces in lang.
func (l Line) In(lang policy.Lang) []Piece {
	if lang == policy.English && len(l.EN) > 0 || len(l.ZH) == 0 {
		return l.EN
	}
	return l.ZH
}

// Text is the line without its marks.
func (l Line) Text(lang policy.Lang) string {
	var b strings.Builder
	for _, p := range l.In(lang) {
		b.WriteString(p.Text)
	}
	return b.String()
}

// code is what stands in a line as it is.
type code string

// plain is a line of one text.
func plain(t policy.Text) Line {
	return Line{[]Piece{{Text: t.In(policy.Chinese)}}, []Piece{{Text: t.In(policy.English)}}}
}

// literal is a line that is the same in both languages.
func literal(text string) Line { return plain(policy.Text{ZH: text, EN: text}) }

// verbatim is a line of one code.
func verbatim(text string) Line {
	p := []Piece{{Text: text, Code: true}}
	return Line{p, p}
}

// say writes the same values into both languages, where {0} is the first of
// them: a code, a Line, a policy.Text or anything that fmt prints.
func say(zh, en string, values ...any) Line {
	return Line{fill(zh, policy.Chinese, values), fill(en, policy.English, values)}
}

func fill(pattern string, lang policy.Lang, values []any) (all []Piece) {
	for {
		before, rest, found := strings.Cut(pattern, "{")
		if before != "" {
			all = append(all, Piece{Text: before})
		}
		if !found {
			return all
		}
		number, after, _ := strings.Cut(rest, "}")
		i, err := strconv.Atoi(number)
		if err != nil || i >= len(values) {
			return append(all, Piece{Text: "{" + rest}) // the patterns are ours, and a test looks for this
		}
		switch v := values[i].(type) {
		case code:
			all = append(all, Piece{string(v), true})
		case Line:
			all = append(all, v.In(lang)...)
		case policy.Text:
			all = append(all, Piece{Text: v.In(lang)})
		default:
			all = append(all, Piece{Text: fmt.Sprint(v)})
		}
		pattern = after
	}
}

// join puts a separator between lines.
func join(lines []Line, zh, en string) (all Line) {
	for i, l := range lines {
		if i > 0 {
			all.ZH, all.EN = append(all.ZH, Piece{Text: zh}), append(all.EN, Piece{Text: en})
		}
		all.ZH, all.EN = append(all.ZH, l.In(policy.Chinese)...), append(all.EN, l.In(policy.English)...)
	}
	return all
}

// codes lists texts as they are.
func codes(texts []string) Line {
	lines := make([]Line, len(texts))
	for i, t := range texts {
		lines[i] = verbatim(t)
	}
	return join(lines, "、", ", ")
}
