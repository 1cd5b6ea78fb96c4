package products

import (
	"cmp"
	"io/fs"
	"slices"
	"strings"

	"github.com/chudan-io/chudan/rules"
)

// Lint tells what is odd about products that load: conditions and rules that
// cannot come out otherwise, definitions, tables and coverages that nobody
// uses. They are warnings, and each has a code of rules.Lint. The error is that
// of Load.
func Lint(fsys fs.FS) (Problems, error) {
	var odd Problems
	l := &loader{fsys: fsys, catalog: &Catalog{calendars: make(map[string]*calendar)}}
	l.sound = func(f *file, d *definition) {
		d.noteDiagnostics(f, rules.Lint(d.rules))
		for _, p := range f.problems {
			p.Warning = true
			odd = append(odd, p)
		}
		f.problems = nil
	}
	l.readAll()
	if err := l.problems.asError(); err != nil {
		return nil, err
	}
	slices.SortStableFunc(odd, func(a, b Problem) int {
		return cmp.Or(strings.Compare(a.File, b.File), a.Line-b.Line, a.Col-b.Col)
	})
	return odd, nil
}
