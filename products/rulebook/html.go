package rulebook

import (
	"bytes"
	_ "embed"
	"html/template"
	"strings"
	"unicode/utf8"

	"github.com/chudan-io/chudan/policy"
)

//go:embed page.html
var pageSource string

//go:embed style.css
var styleSource string

// tongue is what the page's template says in one language.
func tongue(lang policy.Lang) template.FuncMap {
	return template.FuncMap{
		"pieces": func(l Line) []Piece { return l.In(lang) },
		"parts":  Piece.parts,
		"text":   func(t policy.Text) string { return t.In(lang) },
		"say":    func(zh, en string) string { return policy.Text{ZH: zh, EN: en}.In(lang) },
		"lang":   func() string { return map[policy.Lang]string{policy.Chinese: "zh-CN", policy.English: "en"}[lang] },
		"style":  func() template.CSS { return template.CSS(styleSource) }, //nolint:gosec // it is ours
		"number": func(t *Table, column int) bool { return column < len(t.Numbers) && t.Numbers[column] },
	}
}

// pages are the page's template in each language.
var pages = map[policy.Lang]*template.Template{
	policy.Chinese: template.Must(template.New("").Funcs(tongue(policy.Chinese)).Parse(pageSource)),
	policy.English: template.Must(template.New("").Funcs(tongue(policy.English)).Parse(pageSource)),
}

// longest is how many characters may stand together without a place where a
// line may be broken: a column of a table is as wide as that.
const longest = 22

// parts are the stretches of a piece between which a line may be broken: those
// of a long code behind _ . and :, and anything else that would be too long.
func (p Piece) parts() (all []string) {
	breaks := p.Code && len(p.Text) > longest
	from, run := 0, 0
	for at, rest := 0, p.Text; rest != ""; {
		r, size := utf8.DecodeRuneInString(rest)
		at, rest = at+size, rest[size:]
		if run++; r == ' ' || r == '-' || isChinese(r) { // a browser breaks there by itself
			run = 0
		}
		if rest != "" && (run >= longest || breaks && run > 1 && strings.ContainsRune("_.:", r)) {
			all, from, run = append(all, p.Text[from:at]), at, 0
		}
	}
	return append(all, p.Text[from:])
}

// HTML is the book as one page: no script, nothing from elsewhere, made to be
// read on a screen and printed on A4. The error is that of the template, of
// which there is none while its tests pass.
func (b *Book) HTML(lang policy.Lang) ([]byte, error) {
	var page bytes.Buffer
	err := pages[lang].ExecuteTemplate(&page, "book", b)
	return page.Bytes(), err
}
