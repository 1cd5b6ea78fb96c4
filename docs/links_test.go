package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// TestLinks follows each link of a page, to a file or to a heading.
func TestLinks(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)]+)\)`)
	eachPage(t, func(t *testing.T, p *page) {
		for i, line := range p.lines {
			for _, m := range link.FindAllStringSubmatch(codeSpan.ReplaceAllString(line, ""), -1) {
				file, heading, _ := strings.Cut(m[1], "#")
				if file != "" {
					if _, err := os.Stat(filepath.FromSlash(file)); err != nil {
						t.Errorf("%s:%d: %v", p.name, i+1, err)
						continue
					}
				}
				there := p
				if file != "" && heading != "" {
					other := readPage(t, filepath.FromSlash(file), p.lang)
					there = &other
				}
				if heading != "" && !slices.ContainsFunc(there.headings(), func(h string) bool { return anchor(h) == heading }) {
					t.Errorf("%s:%d: there is no heading %s", p.name, i+1, heading)
				}
			}
		}
	})
}

// headings are the headings of a page, with their marks.
func (p page) headings() []string {
	var all []string
	for i, line := range p.lines {
		inBlock := slices.ContainsFunc(p.blocks, func(b block) bool { return b.from <= i && i < b.to })
		if strings.HasPrefix(line, "#") && !inBlock {
			all = append(all, line)
		}
	}
	return all
}

// anchor is how a link names a heading.
func anchor(heading string) string {
	words := strings.ToLower(strings.TrimLeft(heading, "# "))
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
			return r
		}
		return -1
	}, words)
}
