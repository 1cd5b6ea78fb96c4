package rulebook

import (
	"slices"
	"strings"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
	"github.com/chudan-io/chudan/rules"
)

const factPrefix = "facts."

// facts are what is known for a decision beside the request: from the insurer's
// own systems, and from the store.
func (w *writer) facts() Section {
	t := columns(say("名称", "Name"), say("内容", "What it is"), say("用于", "Used by"))
	asked, inForce := false, false
	for _, f := range w.terms.Facts {
		asked, inForce = asked || len(f.PerFields) == 0, inForce || len(f.PerFields) > 0
		t.add(verbatim(factPrefix+f.Name), factWord(f), codes(w.readers(factPrefix+f.Name)))
	}
	trouble := say("转人工核保", "referred")
	if w.spec.OnError == policy.Reject {
		trouble = say("拒绝", "refused")
	}
	s := Section{ID: "facts", Title: say("事实", "Facts")}
	if asked {
		s.Blocks = append(s.Blocks, paragraph("请求之外、由保险人自己的系统在决定之前答复的情况，随决定存档，重发不再询问。取不到、不合类型或未及时答复的，读取它的规则无法计算：{0}，绝不当作通过。",
			"What the insurer's own systems answer before the decision, beside what the request says. It is kept with the decision; a repeated request asks nobody. Where one is lacking, not of its type or late, the rules that read it cannot be computed: {0}. They never pass.", trouble))
	}
	if inForce {
		s.Blocks = append(s.Blocks, paragraph("在保累计：同一租户名下、按同样字段累计的各版本所出（含正在出单）且未到保险止期的保单，折人民币保额之和，不含本次投保。出单时在锁内再核对一次，同时到达的投保不会合起来超限。投保缺少其中的字段，或累计取不到时，读取它的规则无法计算：{0}，绝不当作通过。",
			"A sum in force is that of the sums insured in CNY of the policies of the same tenant that are issued, or being booked, and have not reached their end of cover, under editions with a sum per the same fields; this application is not in it. It is held again under a lock when the policy is issued, so that applications that come at once cannot go over a limit together. Where the application lacks one of the fields, or the sum is not to be had, the rules that read it cannot be computed: {0}. They never pass.", trouble))
	}
	s.Blocks = append(s.Blocks, Block{Table: t})
	return s
}

// factWord says what a fact is.
func factWord(f policy.FactSpec) Line {
	if per := products.PerWords(f); per != (policy.Text{}) {
		return say("同一{0}的在保保额，单位为人民币元（{1}）", "the sum insured in force, in CNY, for the same {0} ({1})", per, codes(f.PerFields))
	}
	return typeWord(f.Type)
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
