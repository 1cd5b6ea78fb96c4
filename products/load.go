package products

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/rules"
)

const (
	calendarFile    = "calendar.yaml"
	institutionFile = "institution.yaml"
	extension       = ".yaml"
	testSuffix      = "_test"
)

// Load reads the products of a directory, one directory each. It answers
// Problems where anything is wrong: all of it, and no catalog.
//
// Names that begin with a point, other files than YAML, the tests beside the
// editions and an institution.yaml beside the products are left alone.
func Load(fsys fs.FS) (*Catalog, error) {
	l := &loader{fsys: fsys, catalog: &Catalog{calendars: make(map[string]*calendar)}}
	l.readAll()
	if err := l.problems.asError(); err != nil {
		return nil, err
	}
	return l.catalog, nil
}

// loader collects products, and what is wrong with them.
type loader struct {
	fsys     fs.FS
	catalog  *Catalog
	problems Problems
	sound    func(*file, *definition) // is shown each edition without problems of its own
}

// readAll reads each directory below the root as one product.
func (l *loader) readAll() {
	entries := l.list(".")
	for _, e := range entries {
		switch {
		case e.dir:
			l.readProduct(e.name)
		case isYAML(e.name) && e.name != institutionFile:
			l.misplaced(e.name)
		}
	}
	if len(l.catalog.calendars) == 0 && len(l.problems) == 0 {
		l.note(".", policy.Text{ZH: "没有产品", EN: "there are no products"},
			policy.Text{ZH: "每个产品一个目录，以产品代码小写命名，内有 calendar.yaml 与各版本", EN: "each product is a directory named after its code in lower case, with calendar.yaml and its editions"})
	}
	slices.SortFunc(l.catalog.editions, func(a, b *Edition) int {
		return cmp.Or(strings.Compare(a.terms.Product, b.terms.Product), strings.Compare(a.terms.Edition, b.terms.Edition))
	})
}

func (l *loader) misplaced(name string) {
	hint := policy.Text{ZH: "请移入其产品的目录", EN: "move it into the directory of its product"}
	if name == calendarFile {
		hint = policy.Text{ZH: "若此目录就是一个产品，请指定其上级目录", EN: "where this directory is a product, name the one above it"}
	}
	l.note(name, policy.Text{ZH: "产品文件应位于产品目录内", EN: "the files of a product belong into its directory"}, hint)
}

// readProduct reads the calendar and the editions of one directory. One
// without any YAML is no product.
func (l *loader) readProduct(dir string) {
	var names []string
	for _, e := range l.list(dir) {
		switch base, isYML := strings.CutSuffix(e.name, ".yml"); {
		case e.dir:
		case isYML:
			l.note(path.Join(dir, e.name), policy.Text{ZH: "扩展名应为 .yaml", EN: "the extension must be .yaml"}, meant(base+extension))
		case isYAML(e.name) && !strings.HasSuffix(e.name, testSuffix+extension):
			names = append(names, e.name)
		}
	}
	if len(names) == 0 {
		return
	}
	if lower := strings.ToLower(dir); dir != lower {
		l.note(dir, policy.Text{ZH: "目录名应为产品代码的小写", EN: "the directory must be named after the product's code in lower case"}, meant(lower))
	}
	editions := make(map[string]*Edition)
	for _, name := range names {
		if base := strings.TrimSuffix(name, extension); name != calendarFile {
			editions[base] = l.readEdition(dir, base)
		}
	}
	if !slices.Contains(names, calendarFile) {
		l.note(path.Join(dir, calendarFile), policy.Text{ZH: "缺少日历", EN: "the calendar is missing"},
			policy.Text{ZH: "日历说明各版本的起售日期", EN: "it tells which edition is sold from which date"})
		return
	}
	l.readCalendar(dir, editions)
}

// readCalendar reads the calendar of a product and joins it to its editions.
func (l *loader) readCalendar(dir string, editions map[string]*Edition) {
	f := readFile(l.fsys, path.Join(dir, calendarFile))
	if root := f.parse(); root != nil {
		c := readCalendar(f, root)
		checkName(f, root.child("product"), c.product, dir+"/", strings.ToUpper(dir))
		c.link(f, editions)
		l.catalog.calendars[c.product] = c
	}
	l.problems = append(l.problems, f.problems...)
}

// LoadEdition reads the file of one edition, and the sheets beside it, wherever
// it stands and whatever it is called: one that was taken out of an archive,
// say. It answers Problems where anything is wrong.
func LoadEdition(fsys fs.FS, name string) (*Edition, error) {
	l := &loader{fsys: fsys, catalog: &Catalog{}}
	e := l.readEditionFile(name, func(*file, *node, *definition) {})
	if err := l.problems.asError(); err != nil {
		return nil, err
	}
	return e, nil
}

// readEdition reads an edition in its place.
func (l *loader) readEdition(dir, base string) *Edition {
	e := l.readEditionFile(path.Join(dir, base+extension), func(f *file, root *node, d *definition) {
		checkName(f, root.child("product"), d.terms.Product, dir+"/", strings.ToUpper(dir))
		checkName(f, root.child("edition"), d.terms.Edition, base+extension, base)
	})
	l.catalog.editions = append(l.catalog.editions, e)
	return e
}

// readEditionFile reads an edition; it is of no use where it has problems.
func (l *loader) readEditionFile(name string, place func(*file, *node, *definition)) *Edition {
	return l.readEditionOf(readFile(l.fsys, name), place)
}

func (l *loader) readEditionOf(f *file, place func(*file, *node, *definition)) *Edition {
	e := &Edition{source: f.data}
	if root := f.parse(); root != nil {
		d := readDefinition(f, root)
		place(f, root, d)
		e.terms, e.filing, e.spec, e.source = d.terms, d.filing, d.rules, d.source(f)
		ruleset, found := rules.Compile(d.rules)
		e.rules = ruleset
		d.noteDiagnostics(f, found)
		for _, s := range d.sheets {
			l.problems = append(l.problems, s.file.problems...)
		}
		if l.sound != nil && len(f.problems) == 0 && ruleset != nil {
			l.sound(f, d)
		}
	}
	l.problems = append(l.problems, f.problems...)
	return e
}

// checkName holds what a file says of itself against what its place says.
func checkName(f *file, n *node, said, place, want string) {
	if n == nil || said == "" || said == want {
		return
	}
	f.refuse(n, codeMismatch, policy.Text{
		ZH: shown(said) + " 与 " + place + " 不一致",
		EN: shown(said) + " does not go with " + place,
	}, meant(want))
}

// item is a name in a directory.
type item struct {
	name string
	dir  bool
}

// list gives the names in a directory that do not begin with a point. Links
// are followed: a mounted volume may consist of nothing else.
func (l *loader) list(dir string) []item {
	entries, err := fs.ReadDir(l.fsys, dir)
	if err != nil {
		l.problems = append(l.problems, unreadable(dir, err))
	}
	var items []item
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			continue
		}
		isDir := e.IsDir()
		if e.Type()&fs.ModeSymlink != 0 {
			info, err := fs.Stat(l.fsys, path.Join(dir, e.Name()))
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				l.problems = append(l.problems, unreadable(path.Join(dir, e.Name()), err))
			}
			isDir = err == nil && info.IsDir()
		}
		items = append(items, item{e.Name(), isDir})
	}
	return items
}

func (l *loader) note(name string, message, hint policy.Text) {
	l.problems = append(l.problems, Problem{File: name, Width: 1, Code: codeLayout, Message: message, Hint: hint})
}

func unreadable(name string, err error) Problem {
	return Problem{File: name, Width: 1, Code: codeUnreadable, Message: policy.Text{
		ZH: fmt.Sprintf("无法读取：%v", err), EN: fmt.Sprintf("cannot be read: %v", err),
	}}
}

func isYAML(name string) bool { return strings.HasSuffix(name, extension) }
