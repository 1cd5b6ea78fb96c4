package products

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/chudan-io/chudan/policy"
)

// Problem is one thing that is wrong with a file.
type Problem struct {
	File    string      `json:"file"`          // slash-separated, from the directory that was loaded
	Line    int         `json:"line"`          // from 1; 0 where the file as a whole is meant
	Col     int         `json:"column"`        // from 1, in characters
	Width   int         `json:"width"`         // characters to underline, at least 1
	Code    string      `json:"code"`          // stable; messages are not
	Message policy.Text `json:"message"`       // what is wrong
	Hint    policy.Text `json:"hint,omitzero"` // what was probably meant; empty where nobody can know
	Source  string      `json:"source"`        // the line, without its end; empty where it is over 4 KiB

	Warning bool `json:"warning,omitempty"` // of Lint: the products load all the same

	Cell string  `json:"cell,omitempty"` // of a sheet, as a spreadsheet names it: B7
	Also []Place `json:"also,omitempty"` // what it has to do with: the other row of two that overlap
}

// Place is a line of a file.
type Place struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Col    int    `json:"column"`
	Source string `json:"source"`
}

// Text is the problem as people read it: file:line:col: code message, then the
// source line, a caret below the place, and the hint. It ends with a newline.
func (p Problem) Text(lang policy.Lang) string {
	var b strings.Builder
	b.WriteString(p.headline(lang) + "\n")
	if p.Source != "" {
		source, caret := underline(p.Source, p.Col, p.Width)
		b.WriteString("    " + source + "\n    " + caret + "\n")
	}
	for _, a := range p.Also {
		source, _ := underline(a.Source, a.Col, 1)
		fmt.Fprintf(&b, "    %s%s:%d:%d\n    %s\n", policy.Text{ZH: "另见 ", EN: "see "}.In(lang), a.File, a.Line, a.Col, source)
	}
	if hint := p.Hint.In(lang); hint != "" {
		b.WriteString("    " + policy.Text{ZH: "提示：", EN: "hint: "}.In(lang) + hint + "\n")
	}
	return b.String()
}

func (p Problem) headline(lang policy.Lang) string {
	place := p.File
	if p.Line > 0 {
		place += ":" + strconv.Itoa(p.Line) + ":" + strconv.Itoa(p.Col)
	}
	place += ": " + p.Code + " "
	if p.Cell != "" {
		place += p.Cell + " "
	}
	return place + p.Message.In(lang)
}

// Problems are all the problems of what was read, in the order of files and
// lines. It is the error of Load and LoadInstitution.
type Problems []Problem

// Error is the first problem, in English, and the number of the others.
func (ps Problems) Error() string {
	if len(ps) == 0 {
		return "products: no problems"
	}
	first := "products: " + ps[0].headline(policy.English)
	if len(ps) == 1 {
		return first
	}
	return fmt.Sprintf("%s (and %d more)", first, len(ps)-1)
}

// Text is all of them as people read them.
func (ps Problems) Text(lang policy.Lang) string {
	var b strings.Builder
	for _, p := range ps {
		b.WriteString(p.Text(lang))
	}
	return b.String()
}

// asError sorts the problems; nil where there are none.
func (ps Problems) asError() error {
	if len(ps) == 0 {
		return nil
	}
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(strings.Compare(a.File, b.File), a.Line-b.Line, a.Col-b.Col)
	})
	return ps
}
