package rules

import (
	"maps"
	"slices"
	"unicode"

	"github.com/chudan-io/chudan/policy"
)

// Spec is what a product says in expressions. Texts stand as they are in the
// file, so that a [Diagnostic] can point into them.
type Spec struct {
	Coverages []string          // codes: text constants of the language
	Facts     []policy.FactSpec // in file order: read as facts.NAME
	Define    []Definition      // in file order; lazy, may use each other, no cycles
	Tables    []Table           // in file order
	Rating    Rating
	Rules     []Rule         // in file order
	OnError   policy.Verdict // Refer or Reject: what a rule that fails at run time is; anything else is Refer
}

// Definition names an expression or a constant: 100000, 0.300%, 1.25‰.
type Definition struct{ Name, Expr string }

// Rule is one rule of a product. Exactly one of Require, Must, RejectIf,
// ReferIf and NoteIf is set.
type Rule struct {
	Code string // of the fault: capital letters, digits and _, at most 64
	When string // the rule applies only then; "" is always

	Require  []string // fields or objects that must be there; a missing one is rejected
	Must     string   // rejected where it is false
	RejectIf string
	ReferIf  string
	NoteIf   string

	To      string      // with ReferIf: the underwriters' queue
	Fields  []string    // the paths of the fault, in place of those that the condition reads
	Message policy.Text // templates with {path} or {definition}; a standard message where both are empty
}

// The limits of a Spec.
const (
	maxCoverages   = 1000
	maxDefinitions = 200
	maxRules       = 1000
)

// Compile turns a Spec into a Ruleset. Where anything is wrong it answers nil
// and all that is wrong, in the order of the Spec.
func Compile(spec Spec) (*Ruleset, []Diagnostic) {
	return new(compiler).compileSpec(spec)
}

func (c *compiler) compileSpec(spec Spec) (*Ruleset, []Diagnostic) {
	*c = compiler{names: names{coverages: spec.Coverages, definitions: map[string]*definition{}, tables: map[string]*table{}, mentions: map[string]use{}, facts: map[string]*declared{}}}
	if len(spec.Rules) > maxRules {
		spec.Rules = spec.Rules[:maxRules+1] // the last one is told to be one too many
	}
	c.declare(spec)
	c.declareFacts(spec)
	c.declareTables(spec.Tables)
	for _, d := range c.defined {
		c.settle(d)
		c.found = append(c.found, d.problems.at(At{Definition: d.Name})...)
	}
	for _, t := range c.tabulated {
		c.names.tabulate(t)
	}
	var required policy.FieldSet // of every application
	for _, r := range spec.Rules {
		if r.When == "" {
			required |= requiredBy(r)
		}
	}
	drafts := make([]*draft, len(spec.Rules))
	for i, r := range spec.Rules {
		drafts[i] = c.draft(r, required)
	}
	rs := &Ruleset{facts: spec.Facts, onError: policy.Refer, rules: make([]rule, len(drafts)), anatomy: make([]anatomy, len(drafts))}
	for _, d := range c.defined {
		rs.defined = append(rs.defined, defined{d.Name, d.anatomy})
	}
	if spec.OnError == policy.Reject {
		rs.onError = policy.Reject
	}
	for i, d := range drafts {
		rs.rules[i] = c.finish(d, drafts)
		rs.anatomy[i] = anatomy{d.when.anatomy, d.condition}
		c.found = append(c.found, d.found...)
	}
	rs.rating = c.rate(spec.Rating, required)
	for _, t := range c.tabulated {
		c.found = append(c.found, t.problems...)
	}
	rs.slots, rs.tables = c.slots, c.tabulated
	if len(c.found) > 0 {
		return nil, c.found
	}
	return rs, nil
}

// compiler compiles one Spec.
type compiler struct {
	names
	defined   []*definition
	tabulated []*table
	codes     []string
	found     []Diagnostic
}

// declare takes in the names of coverages and definitions.
func (c *compiler) declare(spec Spec) {
	if len(spec.Coverages) > maxCoverages {
		c.found = append(c.found, Diagnostic{Code: "too-long", At: At{Part: "coverages", Index: maxCoverages}, Message: policy.Text{ZH: "险种超过 1000 个", EN: "more than 1000 coverages"}})
		spec.Coverages = spec.Coverages[:maxCoverages]
		c.coverages = spec.Coverages
	}
	for i, code := range spec.Coverages {
		if why := taken(code); why != (policy.Text{}) {
			c.found = append(c.found, Diagnostic{Code: "name", At: At{Part: "coverages", Index: i}, Message: why})
		}
	}
	for i, d := range spec.Define {
		def := &definition{Definition: d, place: i + 1}
		c.defined = append(c.defined, def)
		switch why := taken(d.Name); {
		case i == maxDefinitions:
			def.problems.add("too-long", span{}, "定义超过 200 个", "more than 200 definitions", policy.Text{})
		case !isName(d.Name):
			def.problems.add("name", span{}, "名称以字母开头，由字母、数字、下划线组成", "a name is a letter and letters, digits or _", policy.Text{})
		case why != (policy.Text{}):
			def.problems.add("name", span{}, why.ZH, why.EN, policy.Text{})
		case len(spec.Facts) > 0 && d.Name+"." == factPrefix:
			def.problems.add("name", span{}, "facts 是事实的前缀", "facts stands before the names of facts", policy.Text{})
		case slices.Contains(spec.Coverages, d.Name):
			def.problems.add("name", span{}, "与险种同名", "a coverage has this name", policy.Text{})
		case c.definitions[d.Name] != nil:
			def.problems.add("name", span{}, "重复定义", "defined twice", policy.Text{})
		}
		if len(def.problems) == 0 {
			c.definitions[d.Name] = def
		}
	}
	c.all = slices.Concat(fieldPaths, slices.Sorted(maps.Keys(c.definitions)), spec.Coverages)
}

// taken tells why a name cannot be given: it means something already.
func taken(name string) (why policy.Text) {
	_, isField := fieldNamed(name)
	_, isMistake := mistaken(name)
	_, isLeftOut := leftOut[name]
	_, isFunction := signatures[name]
	switch {
	case isField || policy.IsObject(name):
		return policy.Text{ZH: "与字段同名", EN: "a field has this name"}
	case isMistake || isLeftOut || isFunction || slices.Contains(keywords, name):
		return policy.Text{ZH: "是语言的保留字", EN: "the name is a word of the language"}
	}
	return why
}

func isName(s string) bool {
	for i, r := range s {
		if r != '_' && !(unicode.IsLetter(r) && !isWide(r)) && (i == 0 || !isDigit(r)) {
			return false
		}
	}
	return s != ""
}

// isCode tells whether s can stand in an errorCode behind a kind and a colon.
func isCode(s string) bool {
	for i, r := range s {
		if !('A' <= r && r <= 'Z') && (i == 0 || !isDigit(r) && r != '_') {
			return false
		}
	}
	return s != "" && len(s) <= 64
}
