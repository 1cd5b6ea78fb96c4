package products

import (
	"regexp"
	"strings"

	"github.com/chudan-io/chudan/policy"
)

var factGrammar = grammar{regexp.MustCompile(`^[a-z][A-Za-z0-9]{0,63}$`), policy.Text{
	ZH: "事实的名称应为小写字母开头的 1 至 64 位字母或数字，如 sellerBlocked", EN: "want the name of a fact: 1 to 64 letters or digits, beginning with a lower-case letter, such as sellerBlocked"}}

// factTypes are what a fact may be.
func factTypes() []option[policy.FactType] {
	return []option[policy.FactType]{{"bool", policy.FactBool}, {"money", policy.FactMoney}, {"text", policy.FactText}}
}

// factAliases are what people call them.
var factAliases = map[string]string{
	"boolean": "bool", "flag": "bool", "truth": "bool", "condition": "bool", "是非": "bool", "布尔": "bool",
	"decimal": "money", "number": "money", "numeric": "money", "amount": "money", "int": "money", "integer": "money", "float": "money", "double": "money", "金额": "money", "数": "money", "数值": "money",
	"string": "text", "str": "text", "varchar": "text", "文本": "text",
}

// readFacts reads the names of facts and their types.
func (d *definition) readFacts(f *file) read {
	return func(n *node) {
		if !f.is(n, mapping) {
			return
		}
		d.facts = n
		for _, e := range n.entries {
			s := policy.FactSpec{Name: e.key.text, Type: policy.FactBool}
			f.follows(e.key, factGrammar)
			if alias, known := factAliases[strings.ToLower(e.value.text)]; known && e.value.kind == scalar {
				f.bad(e.value, codeValue, policy.Text{ZH: "没有类型 " + shown(e.value.text), EN: "there is no type " + shown(e.value.text)}, meant(alias))
			} else {
				choice(f, &s.Type, factTypes()...)(e.value)
			}
			d.terms.Facts = append(d.terms.Facts, s)
		}
		d.rules.Facts = d.terms.Facts
	}
}

// factsShape is what readFacts reads.
func factsShape() *shape { return byName(factGrammar, oneWord(wordsFor(factTypes())...)) }

// facts compares the facts that two editions declare.
func (d *differ) facts() {
	of := func(f policy.FactSpec) subject {
		return called("fact", "facts", f.Name, policy.Text{ZH: "事实", EN: "fact"})
	}
	pairing[policy.FactSpec]{
		name: func(f policy.FactSpec) string { return f.Name },
		gone: func(f policy.FactSpec) { d.removed(of(f), string(f.Type)) },
		came: func(f policy.FactSpec) { d.added(of(f), string(f.Type)) },
		both: func(b, a policy.FactSpec) { d.worded(of(a), string(b.Type), string(a.Type)) },
	}.walk(d.before.terms.Facts, d.after.terms.Facts)
}
