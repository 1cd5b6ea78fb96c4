package lawtest_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

type source struct {
	name      string // from the module's root, with slashes
	test      bool
	generated bool
	lines     int
	syntax    *ast.File
}

type pkg struct {
	path  string // from the module's root; "." for the root itself
	name  string
	files []source
}

type tree struct {
	module string
	fset   *token.FileSet
	pkgs   []*pkg // sorted by path
}

func (t *tree) pkg(path string) *pkg {
	for _, p := range t.pkgs {
		if p.path == path {
			return p
		}
	}
	return nil
}

func (t *tree) at(pos token.Pos) string {
	p := t.fset.Position(pos)
	return fmt.Sprintf("%s:%d", p.Filename, p.Line)
}

// parse reads every Go file below root, whatever its build constraints say, so that the law holds on every platform at once.
func parse(root fs.FS, module string) (*tree, error) {
	t := &tree{module: module, fset: token.NewFileSet()}
	byPath := map[string]*pkg{}
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := path.Base(name)
		hidden := name != "." && (base[0] == '.' || base[0] == '_')
		if d.IsDir() {
			if hidden || base == "testdata" || base == "vendor" {
				return fs.SkipDir
			}
			// A module of its own has its own law: what it needs, nobody inherits.
			if _, err := fs.Stat(root, path.Join(name, "go.mod")); name != "." && err == nil {
				return fs.SkipDir
			}
			return nil
		}
		if hidden || path.Ext(name) != ".go" {
			return nil
		}
		text, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		syntax, err := parser.ParseFile(t.fset, name, text, parser.ParseComments)
		if err != nil {
			return err
		}
		dir := path.Dir(name)
		p := byPath[dir]
		if p == nil {
			p = &pkg{path: dir}
			byPath[dir] = p
			t.pkgs = append(t.pkgs, p)
		}
		s := source{
			name:      name,
			test:      strings.HasSuffix(name, "_test.go"),
			generated: ast.IsGenerated(syntax),
			lines:     strings.Count(string(text), "\n"),
			syntax:    syntax,
		}
		if !s.test || p.name == "" {
			p.name = strings.TrimSuffix(syntax.Name.Name, "_test")
		}
		p.files = append(p.files, s)
		return nil
	})
	slices.SortFunc(t.pkgs, func(a, b *pkg) int { return strings.Compare(a.path, b.path) })
	return t, err
}

// code is what is built: the files that are not tests.
func (p *pkg) code() []source {
	return slices.DeleteFunc(slices.Clone(p.files), func(s source) bool { return s.test })
}

// exported lists the package's exported top-level names. Methods and fields belong to their types, and so do the constants of a block: it
// counts as its first name.
func (p *pkg) exported() []string {
	if p.name == "main" || within(p.path, "internal") || strings.Contains(p.path, "/internal/") {
		return nil
	}
	var names []string
	add := func(id *ast.Ident) {
		if id.IsExported() {
			names = append(names, id.Name)
		}
	}
	for _, f := range p.code() {
		for _, d := range f.syntax.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil {
					add(d.Name)
				}
			case *ast.GenDecl:
				specs := d.Specs
				if d.Tok == token.CONST {
					specs = specs[:min(1, len(specs))]
				}
				for _, spec := range specs {
					switch spec := spec.(type) {
					case *ast.TypeSpec:
						add(spec.Name)
					case *ast.ValueSpec:
						for _, id := range spec.Names {
							add(id)
						}
					}
				}
			}
		}
	}
	slices.Sort(names)
	return names
}

type check struct {
	name string
	run  func(*tree) []string
}

var checks = []check{
	{"imports of code", importsOfCode},
	{"imports of adapters' tests", importsOfTests},
	{"the core is pure", purity},
	{"no init", noInit},
	{"no panic outside Must", noPanic},
	{"names of packages", packageNames},
	{"size of packages", packageSizes},
	{"size of files", fileSizes},
}

func importsOfCode(t *tree) []string {
	return eachImport(t, func(p *pkg, f source, imported string) string {
		if f.test {
			return ""
		}
		inner, ours := t.inside(imported)
		if imported == "C" {
			return "cgo: this module builds without a C compiler"
		}
		if !ours && standard(imported) {
			return ""
		}
		if ours && slices.Contains(suites, inner) && p.path != inner {
			return "the conformance suite is for tests only"
		}
		i := slices.IndexFunc(law, func(r room) bool { return matches(r.pattern, p.path) })
		if i < 0 {
			return fmt.Sprintf("%s has no row in the law of imports; add one to internal/lawtest/law_test.go, with the reason", p.path)
		}
		r := law[i]
		for _, a := range r.allow {
			if ours && standard(a) && matches(a, inner) || !ours && !standard(a) && within(imported, a) {
				return ""
			}
		}
		return fmt.Sprintf("%s may not import it. It may import %s: %s", p.path, list(r.allow), r.why)
	})
}

// importsOfTests: tests may import what they like, but an adapter's tests stay with the adapter. What needs two of them is a test of cmd.
func importsOfTests(t *tree) []string {
	return eachImport(t, func(p *pkg, f source, imported string) string {
		inner, ours := t.inside(imported)
		if !f.test || !ours || !within(p.path, "adapters") || !within(inner, "adapters") || family(inner) == family(p.path) || slices.Contains(suites, inner) {
			return ""
		}
		return "an adapter's tests import no other adapter but " + strings.Join(suites, ", ") + "; a test of several together belongs to cmd"
	})
}

// family is the adapter that a package belongs to: adapters/queue of adapters/queue/kafka.
func family(path string) string {
	parts := strings.SplitN(path, "/", 3)
	return strings.Join(parts[:min(2, len(parts))], "/")
}

func purity(t *tree) []string {
	found := eachImport(t, func(p *pkg, f source, imported string) string {
		if f.test || !slices.Contains(pure, p.path) {
			return ""
		}
		for _, r := range impure {
			if matches(r.pattern, imported) {
				return p.path + " is pure: " + r.why
			}
		}
		return ""
	})
	for _, path := range pure {
		p := t.pkg(path)
		if p == nil {
			continue
		}
		for _, f := range p.code() {
			name := localName(f.syntax, "time")
			ast.Inspect(f.syntax, func(n ast.Node) bool {
				sel, ok := n.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				// An identifier with an object is a variable that hides the package.
				if x, ok := sel.X.(*ast.Ident); ok && x.Name == name && x.Obj == nil {
					if why := clocks[sel.Sel.Name]; why != "" {
						found = append(found, fmt.Sprintf("%s: time.%s %s: %s is pure", t.at(sel.Pos()), sel.Sel.Name, why, path))
					}
				}
				return true
			})
		}
	}
	return found
}

func noInit(t *tree) (found []string) {
	eachFunc(t, func(p *pkg, d *ast.FuncDecl) {
		if d.Recv == nil && d.Name.Name == "init" {
			found = append(found, t.at(d.Pos())+": init runs whether wanted or not, in an order that nobody reads; build the value where it is used")
		}
	})
	return found
}

func noPanic(t *tree) (found []string) {
	report := func(n ast.Node) {
		ast.Inspect(n, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if fun, ok := call.Fun.(*ast.Ident); ok && fun.Name == "panic" && fun.Obj == nil {
				found = append(found, t.at(call.Pos())+": panic outside a function named Must…; return an error, or a fault if the request is to blame")
			}
			return true
		})
	}
	for _, p := range t.pkgs {
		if slices.Contains(suites, p.path) {
			continue // test code, whose drafts panic to see what a store makes of it
		}
		for _, f := range p.code() {
			for _, d := range f.syntax.Decls {
				if fn, ok := d.(*ast.FuncDecl); ok && must(fn.Name.Name) {
					continue
				}
				report(d)
			}
		}
	}
	return found
}

func must(name string) bool {
	rest, ok := strings.CutPrefix(strings.ToLower(name[:1])+name[1:], "must")
	return ok && (rest == "" || ast.IsExported(rest))
}

func packageNames(t *tree) (found []string) {
	for _, p := range t.pkgs {
		for _, name := range []string{p.name, path.Base(p.path)} {
			if slices.Contains(vague, name) {
				found = append(found, fmt.Sprintf("%s: a package named %q can hold anything; name it after the noun inside", p.path, name))
				break
			}
		}
	}
	return found
}

func packageSizes(t *tree) (found []string) {
	for _, p := range t.pkgs {
		most := maxExported
		if l, ok := larger[p.path]; ok {
			most = l.most
		}
		if names := p.exported(); len(names) > most {
			found = append(found, fmt.Sprintf("%s exports %d names, %d more than %d; what can be unexported, or move? %s",
				p.path, len(names), len(names)-most, most, strings.Join(names, " ")))
		}
	}
	return found
}

func fileSizes(t *tree) (found []string) {
	for _, p := range t.pkgs {
		for _, f := range p.code() {
			if f.lines > maxLines && !f.generated {
				found = append(found, fmt.Sprintf("%s has %d lines, more than %d; which second noun is in it?", f.name, f.lines, maxLines))
			}
		}
	}
	return found
}

// eachImport calls verdict for every import and collects what it says, with the position before it.
func eachImport(t *tree, verdict func(p *pkg, f source, imported string) string) (found []string) {
	for _, p := range t.pkgs {
		for _, f := range p.files {
			for _, spec := range f.syntax.Imports {
				imported, err := strconv.Unquote(spec.Path.Value)
				if err != nil {
					imported = spec.Path.Value
				}
				if v := verdict(p, f, imported); v != "" {
					found = append(found, fmt.Sprintf("%s: %q: %s", t.at(spec.Pos()), imported, v))
				}
			}
		}
	}
	return found
}

func eachFunc(t *tree, visit func(*pkg, *ast.FuncDecl)) {
	for _, p := range t.pkgs {
		for _, f := range p.code() {
			for _, d := range f.syntax.Decls {
				if fn, ok := d.(*ast.FuncDecl); ok {
					visit(p, fn)
				}
			}
		}
	}
}

// localName is the name under which a file knows an imported package, "" if it does not import it.
func localName(f *ast.File, imported string) string {
	for _, spec := range f.Imports {
		if spec.Path.Value == strconv.Quote(imported) {
			if spec.Name != nil {
				return spec.Name.Name
			}
			return path.Base(imported)
		}
	}
	return ""
}

// inside gives an import's path inside the module, and whether it is of the module at all.
func (t *tree) inside(imported string) (string, bool) {
	if imported == t.module {
		return ".", true
	}
	return strings.CutPrefix(imported, t.module+"/")
}

// standard says whether a path is the standard library's, whose first element has no dot. In the table, where this module's paths stand
// without the module, the same tells them from other modules'.
func standard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".") || first == "..."
}

func within(path, parent string) bool {
	return path == parent || strings.HasPrefix(path, parent+"/")
}

func matches(pattern, path string) bool {
	if pattern == "..." {
		return true
	}
	if parent, ok := strings.CutSuffix(pattern, "/..."); ok {
		return within(path, parent)
	}
	return path == pattern
}

func list(allow []string) string {
	if len(allow) == 0 {
		return "only the standard library"
	}
	return strings.Join(allow, ", ")
}
