package rules

import (
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"

	"github.com/chudan-io/chudan/policy"
)

// names are what an expression of one product may call upon, beside the
// functions: the page's fields, definitions and coverages.
type names struct {
	coverages   []string
	definitions map[string]*definition
	tables      map[string]*table
	facts       map[string]*declared
	mentions    map[string]use // of coverages, by who counts
	active      []string       // the definitions being compiled, outermost first
	all         []string       // for suggestions
	slots       int            // definitions that are computed
	parts       []subterm      // of the expressions being compiled, outermost first: a stack, so that growing it leaves no holes
}

// definition is a named expression, compiled when it is first used.
type definition struct {
	Definition
	stage    stage
	step     bool // of the rating: seen by the steps after it only
	term     term
	reads    reads
	problems problems

	uses     []*definition
	mentions []string // coverages
	used     use
	place    int // in the Spec, from 1; 0 where it is a step of rating
	anatomy  *expression
	constant bool // it reads nothing
}

type stage uint8

const (
	untouched stage = iota
	compiling
	compiled
)

// settle compiles a definition if that has not happened yet.
func (ns *names) settle(d *definition) {
	if d.stage != untouched {
		return
	}
	d.stage = compiling
	ns.active = append(ns.active, d.Name)
	u := unit{names: ns, definition: true, owner: d}
	t := u.compileText(d.Expr, 0)
	ns.active = ns.active[:len(ns.active)-1]
	d.stage, d.reads, d.problems = compiled, u.reads, append(d.problems, u.problems...)
	d.term = t
	if d.anatomy = t.anatomy; t.kind != invalid {
		d.constant = t.anatomy.parts[t.anatomy.root()].constant
	}
	if len(u.problems) > 0 {
		d.term = term{doubtful: true}
	}
	if d.term.literal == nil && d.term.word == nil {
		d.term = d.term.remembered(ns.slots)
		d.term.key, d.term.conjuncts = d.Name, []string{d.Name}
		ns.slots++
	}
}

// name is a field, a definition or a coverage.
func (u *unit) name(node ast.Node, facts policy.FieldSet) term {
	path, ok := pathOf(node)
	at := u.span(node)
	if !ok {
		return u.report("not-available", at, "不能取成员或下标", "members and indexes cannot be taken",
			policy.Text{ZH: "字段写完整路径，如 attrs.agreeOnSendTime；判断成员请写 QUALITY in insuranceTypes",
				EN: "write a field's whole path, as in attrs.agreeOnSendTime; for membership write QUALITY in insuranceTypes"})
	}
	if f, ok := fieldNamed(path); ok {
		return u.field(f, at, facts)
	}
	if strings.HasPrefix(path, factPrefix) {
		return u.fact(path, at)
	}
	if d, ok := u.definitions[path]; ok {
		return u.reference(d, at, facts)
	}
	if slices.Contains(u.coverages, path) {
		return u.mention(path)
	}
	if policy.IsObject(path) {
		return u.report("type", at, path+" 是对象，不是值", path+" is an object and has no value", hint("has("+path+")"))
	}
	t := u.unknown(path, at)
	t.doubtful = true // it may be meant for a definition that proves something
	return t
}

func (u *unit) unknown(name string, at span) term {
	h := nearest(name, u.all)
	if u.facts[name] != nil {
		h = hint(factPrefix + name)
	} else if t, ok := u.tables[name]; ok {
		write := name + "(…)"
		if t.stage == compiled {
			write = t.signature()
		}
		h = policy.Text{ZH: name + " 是一张表，请写 " + write, EN: name + " is a table; write " + write}
	} else if write, ok := glued(name); ok {
		h = hint(write)
	} else if h == (policy.Text{}) && strings.ContainsFunc(name, func(r rune) bool { return r > 0x7f }) {
		h = policy.Text{ZH: `文本要加引号："` + name + `"`, EN: `a text stands in quotes: "` + name + `"`}
	}
	return u.report("unknown-name", at, "没有名为 `"+name+"` 的字段、定义或险种",
		"no field, definition or coverage is called `"+name+"`", h)
}

func (u *unit) field(f policy.Field, at span, facts policy.FieldSet) term {
	set := policy.FieldSet(0).With(f)
	u.reads.leaves |= set
	u.reads.relied |= set & derived
	u.reads.personal = u.reads.personal || f.Personal
	if u.unproven(set, facts) != 0 {
		return u.report("unguarded", at, f.Path+" 是选填字段，此处可能缺失", f.Path+" is optional and may be absent here",
			policy.Text{ZH: "在前面写 has(" + f.Path + ") and …，或用 require 规则要求它（when 相同或更宽）",
				EN: "write has(" + f.Path + ") and … before it, or require it in a rule of the same or a weaker when"})
	}
	return fieldTerm(f)
}

// reference uses a definition; what the definition leaves unproven must be
// proven here.
func (u *unit) reference(d *definition, at span, facts policy.FieldSet) term {
	if d.stage == compiling {
		circle := append(slices.Clone(u.active[slices.Index(u.active, d.Name):]), d.Name)
		path := strings.Join(circle, " → ")
		return u.report("cycle", at, "定义互相引用："+path, "definitions use each other: "+path, policy.Text{})
	}
	if d.step && d.stage == untouched {
		return u.report("cycle", at, "步骤 "+d.Name+" 不在此步骤之前", "the step "+d.Name+" does not come before this one", policy.Text{})
	}
	u.settle(d)
	u.use(d)
	u.reads.merge(d.reads)
	if u.rating && d.reads.facts {
		return u.factInRating(d.Name, at)
	}
	if missing := u.unproven(d.reads.free, facts); missing != 0 {
		paths := strings.Join(missing.Paths(), ", ")
		return u.report("unguarded", at, d.Name+" 读取选填字段 "+paths+"，此处可能缺失", d.Name+" reads "+paths+", which is optional and may be absent here",
			policy.Text{ZH: "在前面写 has(" + missing.Paths()[0] + ") and …", EN: "write has(" + missing.Paths()[0] + ") and … before it"})
	}
	return d.term
}

// unproven are the fields of set that may be absent here. In a definition none
// are: they become what its users have to prove.
func (u *unit) unproven(set, facts policy.FieldSet) policy.FieldSet {
	missing := set &^ (facts | always)
	u.reads.relied |= missing & u.required
	missing &^= u.required
	if u.definition {
		u.reads.free |= missing
		return 0
	}
	return missing
}
