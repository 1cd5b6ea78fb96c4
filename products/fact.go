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
			d.terms.Facts = append(d.terms.Facts, f.fact(e))
		}
		f.apart(n, d.terms.Facts)
		d.rules.Facts = d.terms.Facts
	}
}

// fact reads one fact: its type, or a mapping where the store knows it.
func (f *file) fact(e entry) policy.FactSpec {
	s, n := policy.FactSpec{Name: e.key.text, Type: policy.FactBool}, e.value
	if s.Name == inForceKey {
		f.nameless(e.key)
		return s
	}
	f.follows(e.key, factGrammar)
	alias, known := factAliases[strings.ToLower(n.text)]
	switch {
	case n.kind == mapping:
		f.inForce(n, &s)
	case known && n.kind == scalar:
		f.bad(n, codeValue, policy.Text{ZH: "没有类型 " + shown(n.text), EN: "there is no type " + shown(n.text)}, meant(alias))
	case f.meantInForce(n):
		s.Type = policy.FactMoney
	default:
		choice(f, &s.Type, factTypes()...)(n)
	}
	return s
}

// factsShape is what readFacts reads.
func factsShape() *shape {
	return byName(factGrammar, either(oneWord(wordsFor(factTypes())...), inForceShape()))
}
