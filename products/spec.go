package products

import (
	"io/fs"
	"path"
	"strings"

	"github.com/chudan-io/chudan/policy"
)

// Spec is the tests of one edition: the file <edition>_test.yaml beside it.
type Spec struct {
	file    string
	source  *file
	product string
	edition *Edition
	require thresholds
	facts   policy.Facts // of every case that says nothing else
	cases   []specCase
	over    bool // more than there may be; the rest was not read
}

// LoadSpecs reads the tests that stand beside the editions of a catalog, which
// was loaded from the same directory. It answers Problems where anything is
// wrong with them: all of it, and no tests.
func LoadSpecs(fsys fs.FS, c *Catalog) ([]*Spec, error) {
	l := &loader{fsys: fsys, catalog: c}
	var specs []*Spec
	l.eachSpec(func(s *Spec) { specs = append(specs, s) })
	if err := l.problems.asError(); err != nil {
		return nil, err
	}
	return specs, nil
}

// eachSpec reads one file of tests after the other.
func (l *loader) eachSpec(take func(*Spec)) {
	for _, dir := range l.list(".") {
		if !dir.dir {
			continue
		}
		for _, e := range l.list(dir.name) {
			if base, is := strings.CutSuffix(e.name, testSuffix+extension); is && !e.dir {
				take(l.readSpec(dir.name, base))
			}
		}
	}
}

// specHomes are the keys of a file of tests that are looked for on another
// level; fields of the page stand below with.
func specHomes() []string {
	keys := []string{"require", "fixtures", "facts", "cases", "require.rules", "require.conditions", "require.rows"}
	for _, p := range pagePaths() {
		keys = append(keys, "with."+p)
	}
	return keys
}

// specReader reads one file of tests.
type specReader struct {
	*file
	fsys     fs.FS
	dir      string
	spec     *Spec
	fixtures map[string]*policy.Request // nil where one has problems of its own
	beside   Problems                   // of the fixtures and sheets
	names    map[string]bool            // of the cases
	codes    []string                   // that an expectation may name
}

// readSpec reads the tests of an edition.
func (l *loader) readSpec(dir, base string) *Spec {
	f := readFile(l.fsys, path.Join(dir, base+testSuffix+extension))
	r := &specReader{file: f, fsys: l.fsys, dir: dir, spec: &Spec{file: f.name, source: f}, fixtures: make(map[string]*policy.Request), names: make(map[string]bool)}
	if root := f.parse(); root != nil {
		r.read(l.catalog, root, base)
	}
	l.problems = append(append(l.problems, f.problems...), r.beside...)
	return r.spec
}

// read reads the whole file; the cases last, because they lean on the rest.
func (r *specReader) read(c *Catalog, root *node, base string) {
	var edition string
	var cases, facts *node
	s := r.spec
	r.homes = specHomes()
	r.mapping(root,
		key{"product", true, r.named(&s.product, productGrammar)},
		key{"edition", true, r.named(&edition, editionGrammar)},
		key{"require", false, r.thresholds},
		key{"fixtures", false, r.readFixtures},
		key{"facts", false, func(n *node) { facts = n }},
		key{"cases", true, func(n *node) { cases = n }},
	)
	checkName(r.file, root.child("product"), s.product, r.dir+"/", strings.ToUpper(r.dir))
	checkName(r.file, root.child("edition"), edition, base+testSuffix+extension, base)
	s.edition = c.Edition(s.product, edition)
	if s.edition == nil && edition == base {
		r.refuse(root.child("edition"), codeEdition,
			policy.Text{ZH: "没有文件 " + edition + extension, EN: "there is no file " + edition + extension},
			policy.Text{ZH: "测试文件与其版本文件放在一起", EN: "tests stand beside the edition that they test"})
	}
	r.codes = r.expectable()
	r.readFacts(facts, &s.facts)
	if cases != nil {
		r.readCases(cases)
	}
}
