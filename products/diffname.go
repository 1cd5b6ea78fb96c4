package products

import (
	"strings"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/rules"
)

// pairing is what becomes of things that go by names: of those that are gone,
// those that are new, and those that are in both editions.
type pairing[T any] struct {
	name       func(T) string
	gone, came func(T)
	both       func(before, after T)
}

func (p pairing[T]) walk(before, after []T) {
	left := make(map[string]T, len(after))
	for _, a := range after {
		left[p.name(a)] = a
	}
	for _, b := range before {
		a, there := left[p.name(b)]
		if !there {
			p.gone(b)
			continue
		}
		delete(left, p.name(b))
		p.both(b, a)
	}
	for _, a := range after {
		if _, there := left[p.name(a)]; there {
			p.came(a)
		}
	}
}

// names compares lists of nothing but names.
func (d *differ) names(kind, path string, what policy.Text, before, after []string) {
	of := func(name string) subject {
		s := called(kind, path, name, what)
		s.path = path
		return s
	}
	pairing[string]{
		name: func(name string) string { return name },
		gone: func(name string) { d.removed(of(name), name) },
		came: func(name string) { d.added(of(name), name) },
		both: func(string, string) {},
	}.walk(before, after)
}

// words are texts of another type.
func words[T ~string](list []T) []string {
	all := make([]string, len(list))
	for i, s := range list {
		all[i] = string(s)
	}
	return all
}

// heading compares what an edition says of itself.
func (d *differ) heading() {
	b, a := d.before, d.after
	d.worded(subject{kind: "product", path: "product", title: policy.Text{ZH: "产品代码", EN: "product"}}, b.terms.Product, a.terms.Product)
	d.labelled(subject{kind: "title", path: "title", title: policy.Text{ZH: "名称", EN: "title"}}, b.terms.Title, a.terms.Title)
	d.worded(subject{kind: "filing", path: "filing", title: policy.Text{ZH: "备案编号", EN: "filing"}}, b.filing, a.filing)
}

func (d *differ) coverages() {
	of := func(c policy.Coverage) subject {
		return called("coverage", "coverages", c.Code, policy.Text{ZH: "险种", EN: "coverage"})
	}
	pairing[policy.Coverage]{
		name: func(c policy.Coverage) string { return c.Code },
		gone: func(c policy.Coverage) { d.removed(of(c), bilingual(c.Title)) },
		came: func(c policy.Coverage) { d.added(of(c), bilingual(c.Title)) },
		both: func(b, a policy.Coverage) {
			s := of(a)
			s.kind = "coverage-title"
			s.title = policy.Text{ZH: s.title.ZH + " 的名称", EN: s.title.EN + ", title"}
			d.labelled(s, b.Title, a.Title)
		},
	}.walk(d.before.terms.Coverages, d.after.terms.Coverages)
}

// bilingual is a text in each language in which it is written.
func bilingual(t policy.Text) string {
	if t.ZH == "" || t.EN == "" {
		return t.ZH + t.EN
	}
	return t.ZH + " / " + t.EN
}

func (d *differ) definitions() {
	of := func(def rules.Definition) subject {
		return called("definition", "define", def.Name, policy.Text{ZH: "定义", EN: "definition"})
	}
	pairing[rules.Definition]{
		name: func(def rules.Definition) string { return def.Name },
		gone: func(def rules.Definition) { d.removed(of(def), strings.TrimSpace(def.Expr)) },
		came: func(def rules.Definition) { d.added(of(def), strings.TrimSpace(def.Expr)) },
		both: func(b, a rules.Definition) { d.measured(of(a), b.Expr, a.Expr) },
	}.walk(d.before.spec.Define, d.after.spec.Define)
}
