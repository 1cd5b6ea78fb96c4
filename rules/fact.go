package rules

import (
	"maps"
	"slices"
	"strings"

	"github.com/chudan-io/chudan/policy"
)

// factPrefix stands before the name of a fact: facts.sellerBlocked.
const factPrefix = "facts."

// maxFacts is how many facts a product may declare.
const maxFacts = 50

// declared is a fact of the product, and whether an expression reads it.
type declared struct {
	policy.FactSpec
	used bool
}

var factKinds = map[policy.FactType]kind{policy.FactBool: boolean, policy.FactMoney: number, policy.FactText: text}

// declareFacts takes in the names of the facts. Though facts. stands before
// them, none may be called like something else: people leave it out.
func (c *compiler) declareFacts(spec Spec) {
	for i, f := range spec.Facts {
		why, code := taken(f.Name), "name"
		switch {
		case i == maxFacts:
			why, code = policy.Text{ZH: "事实超过 50 个", EN: "more than 50 facts"}, "too-long"
		case !isName(f.Name):
			why = policy.Text{ZH: "名称以字母开头，由字母、数字、下划线组成", EN: "a name is a letter and letters, digits or _"}
		case isLeaf(f.Name):
			why = policy.Text{ZH: "与字段同名", EN: "a field has this name"}
		case slices.Contains(spec.Coverages, f.Name):
			why = policy.Text{ZH: "与险种同名", EN: "a coverage has this name"}
		case slices.ContainsFunc(spec.Define, func(d Definition) bool { return d.Name == f.Name }):
			why = policy.Text{ZH: "与定义同名", EN: "a definition has this name"}
		case c.facts[f.Name] != nil:
			why = policy.Text{ZH: "重复声明", EN: "declared twice"}
		case factKinds[f.Type] == invalid:
			why, code = policy.Text{ZH: "类型应为 bool、money 或 text", EN: "want the type bool, money or text"}, "type"
		case len(f.PerFields) > 0 && f.Type != policy.FactMoney:
			why, code = policy.Text{ZH: "在保累计的类型应为 money", EN: "what is in force is of the type money"}, "type"
		}
		if why != (policy.Text{}) {
			c.note(At{Part: "facts", Index: i}, code, why)
		}
		if code == "too-long" {
			return
		}
		c.facts[f.Name] = &declared{FactSpec: f}
	}
}

// neverAbsent is why nobody asks whether there is a fact.
var neverAbsent = policy.Text{
	ZH: "事实没有“未提供”一说：取不到时，读取它的规则按 on_error 处理",
	EN: "a fact is never absent: where it is not to be had, on_error says what becomes of the rules that read it",
}

// isLeaf tells whether a field of an object of the page has this name.
func isLeaf(name string) bool {
	return slices.ContainsFunc(page, func(f policy.Field) bool { return strings.HasSuffix(f.Path, "."+name) })
}

// fact reads a fact. One that is not to be had makes the check void: it is
// neither true nor false, and never absent.
func (u *unit) fact(path string, at span) term {
	name := strings.TrimPrefix(path, factPrefix)
	f := u.facts[name]
	if f == nil {
		var names []string
		for _, known := range slices.Sorted(maps.Keys(u.facts)) {
			names = append(names, factPrefix+known)
		}
		h := nearest(path, names)
		if h == (policy.Text{}) {
			h = policy.Text{ZH: "在 facts 中声明，如 facts: {" + name + ": bool}", EN: "declare it under facts, as in facts: {" + name + ": bool}"}
		}
		return u.report("unknown-name", at, "没有声明事实 `"+name+"`", "no fact is called `"+name+"`", h)
	}
	f.used = true
	if u.reads.facts = true; u.rating {
		return u.factInRating(path, at)
	}
	t := term{kind: factKinds[f.Type], key: path, size: fieldDigits}
	get := func(e *env) string {
		value, ok := f.Type.Read(e.app.Request.Facts[name])
		if !ok {
			e.fail(lackingError(path))
		}
		return value
	}
	switch t.kind {
	case boolean:
		t.boolean, t.conjuncts = func(e *env) bool { return get(e) == "true" }, []string{path}
	case number:
		t.number = func(e *env) decimal {
			if value := get(e); value != "" {
				return parse(value)
			}
			return decimal{}
		}
	case text:
		t.text = get
		u.reads.personal = true // nobody has said that it is not
	case invalid, moment, list:
	}
	return t
}

// lackingError is the error of a rule that reads this fact.
type lackingError string

func (l lackingError) Error() string { return string(l) + " is not to be had" }
func (l lackingError) Unwrap() error { return policy.ErrNoFact }

// factInRating refuses a premium that depends on what only the insurer knows:
// neither its declared one nor a later computation could be held against it.
func (u *unit) factInRating(name string, at span) term {
	u.reads.facts = false // told once, not of the steps that follow from it as well
	return u.report("not-available", at, "保费不能取决于事实（"+name+"）", "the premium cannot depend on a fact ("+name+")",
		policy.Text{ZH: "保费只由投保请求与备案的版本得出；请在规则中使用事实", EN: "it follows from the request and the filed edition alone; use facts in rules"})
}
