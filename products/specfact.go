package products

import (
	"maps"
	"strings"

	"github.com/chudan-io/chudan/policy"
)

// factPrefix stands before the name of a fact where fields stand by their
// paths, as it does in expressions.
const factPrefix = "facts."

// declared are the facts of the edition under test.
func (r *specReader) declared() []policy.FactSpec {
	if r.spec.edition == nil {
		return nil
	}
	return r.spec.edition.terms.Facts
}

// factPaths are their names, as a case may override them.
func (r *specReader) factPaths() []string {
	var all []string
	for _, f := range r.declared() {
		all = append(all, factPrefix+f.Name)
	}
	return all
}

// readFacts reads facts by name. Those of a case count before those of the
// file; ~ takes one away, which is then not to be had.
func (r *specReader) readFacts(n *node, into *policy.Facts) {
	if n == nil || !r.is(n, mapping) {
		return
	}
	for _, e := range n.entries {
		r.fact(e.key, e.key.text, e.value, into)
	}
}

// fact reads one fact, in the words of its type.
func (r *specReader) fact(at *node, name string, n *node, into *policy.Facts) {
	if r.spec.edition == nil {
		return // which is told already
	}
	var names []string
	var of policy.FactType
	for _, f := range r.declared() {
		names = append(names, f.Name)
		if f.Name == name {
			of = f.Type
		}
	}
	removed := n.kind == scalar && n.style == absent && n.text != ""
	facts := maps.Clone(*into)
	switch {
	case of == "":
		hint := r.did(name, names)
		if hint == (policy.Text{}) && len(names) > 0 {
			hint = oneOf(names)
		} else if len(names) == 0 {
			hint = policy.Text{ZH: "该版本没有声明事实", EN: "the edition declares none"}
		}
		r.bad(at, codeField, policy.Text{ZH: "该版本没有事实 " + shown(name), EN: "the edition has no fact " + shown(name)}, hint)
		return
	case removed:
		delete(facts, name)
	default:
		text, ok := r.word(n)
		if !ok {
			return
		}
		value, ok := of.Read(text)
		if !ok {
			want := factWants[of]
			r.bad(n, codeValue, policy.Text{ZH: shown(text) + "：" + want.ZH, EN: shown(text) + ": " + want.EN},
				policy.Text{ZH: "取不到的事实写 ~", EN: "for a fact that is not to be had write ~"})
			return
		}
		if facts == nil {
			facts = make(policy.Facts)
		}
		facts[name] = value
	}
	*into = facts
}

// factWants say what a fact of each type is.
var factWants = map[policy.FactType]policy.Text{
	policy.FactBool:  {ZH: "应为 true 或 false", EN: "want true or false"},
	policy.FactMoney: {ZH: "应为普通十进制数，不为负，如 120000 或 0.5", EN: "want a plain decimal that is not negative, such as 120000 or 0.5"},
	policy.FactText:  {ZH: "应为一行文本，1 至 256 个字符", EN: "want one line of text, 1 to 256 characters"},
}

// factsStated is what readFacts reads.
func factsStated() *shape { return byName(factGrammar, defined("sent")) }

// stating lets a mapping of fields state facts too.
func (s *shape) stating() *shape {
	pattern := "^" + strings.ReplaceAll(factPrefix, ".", `\.`) + strings.TrimPrefix(factGrammar.is.String(), "^")
	s.PatternProperties = shapes{{pattern, defined("sent").told(policy.Text{ZH: "一项事实；~ 表示取不到", EN: "A fact; ~ where it is not to be had"})}}
	return s
}
