package rulebook

import (
	"slices"
	"strings"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
	"github.com/chudan-io/chudan/rules"
)

const factPrefix = "facts."

// facts are what the insurer's own systems are asked for before a decision.
func (w *writer) facts() Section {
	t := columns(say("名称", "Name"), say("类型", "Type"), say("用于", "Used by"))
	for _, f := range w.terms.Facts {
		t.add(verbatim(factPrefix+f.Name), typeWord(f.Type), codes(w.readers(factPrefix+f.Name)))
	}
	trouble := say("转人工核保", "referred")
	if w.spec.OnError == policy.Reject {
		trouble = say("拒绝", "refused")
	}
	return Section{
		ID: "facts", Title: say("事实", "Facts"),
		Blocks: []Block{
			paragraph("请求之外、由保险人自己的系统在决定之前答复的情况，随决定存档，重发不再询问。取不到、不合类型或未及时答复的，读取它的规则无法计算：{0}，绝不当作通过。",
				"What the insurer's own systems answer before the decision, beside what the request says. It is kept with the decision; a repeated request asks nobody. Where one is lacking, not of its type or late, the rules that read it cannot be computed: {0}. They never pass.", trouble),
			{Table: t},
		},
	}
}

func typeWord(t policy.FactType) Line {
	switch t {
	case policy.FactBool:
		return say("是或否", "yes or no")
	case policy.FactMoney:
		return say("数值，不为负", "a number that is not negative")
	case policy.FactText:
	}
	return say("文本（可能涉及个人信息，不显示）", "a text (perhaps personal: never shown)")
}

// readers are the rules that read a fact, directly or by way of definitions.
func (w *writer) readers(name string) (all []string) {
	for _, r := range w.spec.Rules {
		if _, condition := demand(r); w.reads(name, r.When, condition, r.Message.ZH, r.Message.EN) {
			all = append(all, r.Code)
		}
	}
	return all
}

// reads tells whether an expression or a message reads a fact.
func (w *writer) reads(name string, texts ...string) bool {
	for _, definition := range w.reached(texts...) {
		texts = append(slices.Clip(texts), w.spec.Define[w.definition(definition)].Expr)
	}
	return slices.ContainsFunc(texts, func(text string) (found bool) {
		w.mentioned(text, func(other string) { found = found || other == name })
		return found
	})
}

// isFact tells whether a part of an expression is a fact, which may be lacking.
func isFact(t rules.Tree) bool {
	return t.Op == "" && !t.Literal && strings.HasPrefix(t.Text, factPrefix)
}

// stated are the facts of an example; texts are masked.
func stated(x *products.Example) []Fact {
	var all []Fact
	for _, f := range x.Decision.Terms.Facts {
		value, ok := f.Type.Read(x.Decision.Application.Request.Facts[f.Name])
		line := literal(value)
		switch {
		case !ok:
			line = say("（取不到）", "(not to be had)")
		case f.Type == policy.FactText:
			line = literal("***")
		}
		all = append(all, Fact{verbatim(factPrefix + f.Name), line})
	}
	return all
}

// differing are the facts that are not the same in all examples of a group.
func differing(all []products.Example) (names []string) {
	for _, f := range all[0].Decision.Terms.Facts {
		first, known := all[0].Decision.Application.Request.Facts[f.Name]
		if slices.ContainsFunc(all, func(x products.Example) bool {
			value, ok := x.Decision.Application.Request.Facts[f.Name]
			return value != first || ok != known
		}) {
			names = append(names, factPrefix+f.Name)
		}
	}
	return names
}
