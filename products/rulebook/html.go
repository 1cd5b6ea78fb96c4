package rulebook

import (
	"bytes"
	_ "embed"
	"html/template"

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

// HTML is the book as one page: no script, nothing from elsewhere, made to be
// read on a screen and printed on A4. The error is that of the template, of
// which there is none while its tests pass.
func (b *Book) HTML(lang policy.Lang) ([]byte, error) {
	var page bytes.Buffer
	err := pages[lang].ExecuteTemplate(&page, "book", b)
	return page.Bytes(), err
}
