package rulebook

import (
	"strings"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/rules"
)

// rules are the product's own rules: all at a glance, then one by one, then
// the definitions that they use.
func (w *writer) rules() Section {
	s := Section{ID: "rules", Title: say("规则", "Rules")}
	if len(w.spec.Rules) == 0 {
		s.Blocks = []Block{paragraph("本版本没有自己的规则。", "The edition has no rules of its own.")}
	} else {
		t := columns(say("规则", "Rule"), say("适用", "Applies"), say("何时触发", "Comes about"), say("结果", "Outcome"))
		for _, r := range w.spec.Rules {
			t.add(verbatim(r.Code), w.applies(r, verbatim(oneLine(r.When))), w.comes(r, true), w.verdict(r))
		}
		s.Blocks = []Block{
			paragraph("每条规则都会计算，次序无关，结论取最重的一个；全部问题一次答复。规则所读的字段有误，或缺少另一条规则所要求的字段时，跳过该规则：那处问题已另行答复。提示中的 {0} 处填入实际值。",
				"Every rule is asked, their order means nothing, and the worst verdict counts; all faults are answered at once. A rule is skipped where a field that it reads is faulty, or is one that another rule requires and is missing: that is answered already. What stands as {0} in a message is filled in.", code("{…}")),
			{Table: t},
		}
	}
	for _, r := range w.spec.Rules {
		s.Parts = append(s.Parts, w.rule(r))
	}
	if len(w.terms.Facts) > 0 {
		s.Parts = append(s.Parts, w.facts())
	}
	if len(w.spec.Define) > 0 {
		s.Parts = append(s.Parts, w.definitions())
	}
	return s
}

// verdict is what a rule does.
func (w *writer) verdict(r rules.Rule) Line {
	switch {
	case r.ReferIf != "":
		return say("转人工核保，队列 {0}", "referred to the queue {0}", code(r.To))
	case r.NoteIf != "":
		return say("提示，照常出单", "noted, and issued all the same")
	}
	return say("拒绝", "refused")
}

// applies is when a rule applies; where its `when` cannot be said in words, it
// is the other line.
func (w *writer) applies(r rules.Rule, other Line) Line {
	if r.When == "" {
		return say("一律", "always")
	}
	if said, ok := w.words(r.When); ok {
		return plain(said)
	}
	return other
}

// comes is when a rule that applies comes about. A condition that cannot be
// said in words stands there as it is, or is pointed to.
func (w *writer) comes(r rules.Rule, asItIs bool) Line {
	if len(r.Require) > 0 {
		fields := make([]Line, len(r.Require))
		for i, path := range r.Require {
			fields[i] = field(path)
		}
		return say("未提供{0}", "without the {0}", join(fields, " 或 ", " or the "))
	}
	_, condition := demand(r)
	zh, en := "若 {0}", "where {0}"
	if r.Must != "" {
		zh, en = "不满足：{0}", "unless {0}"
	}
	if words, ok := w.words(condition); ok {
		return plain(put(zh, en, words))
	} else if asItIs {
		return say(zh, en, verbatim(oneLine(condition)))
	}
	return say(zh, en, asWritten)
}

// asWritten stands for what cannot be said in words.
var asWritten = say("（见下方表达式）", "(the expression below)")

// rule is one rule: what it does, its conditions as written and in words, and
// what it answers.
func (w *writer) rule(r rules.Rule) Section {
	key, condition := demand(r)
	written := key + ": " + condition
	if r.When != "" {
		written = "when: " + strings.TrimSpace(r.When) + "\n" + written
	}
	facts := []Fact{{say("答复代码", "Answered with"), w.answer(r)}, {say("提示", "Message"), w.message(r)}}
	if blamed := w.Edition.Rules().Paths(r.Code); len(blamed) > 0 {
		facts = append(facts, Fact{say("指向的字段", "Fields named"), codes(blamed)})
	}
	if used := w.used(r); len(used) > 0 {
		facts = append(facts, Fact{say("所用定义", "Definitions used"), join(used, "；", "; ")})
	}
	return Section{
		ID: "rule-" + strings.ToLower(strings.ReplaceAll(r.Code, "_", "-")), Title: verbatim(r.Code),
		Blocks: []Block{
			{Facts: []Fact{
				{say("结果", "Outcome"), w.verdict(r)}, {say("适用", "Applies"), w.applies(r, asWritten)}, {say("何时触发", "Comes about"), w.comes(r, false)},
			}},
			{Expression: written},
			{Facts: facts},
		},
	}
}

// demand is what a rule asks for, and the key that it stands at.
func demand(r rules.Rule) (key, condition string) {
	switch {
	case len(r.Require) > 0:
		return "require", strings.Join(r.Require, ", ")
	case r.Must != "":
		return "must", strings.TrimSpace(r.Must)
	case r.RejectIf != "":
		return "reject_if", strings.TrimSpace(r.RejectIf)
	case r.ReferIf != "":
		return "refer_if", strings.TrimSpace(r.ReferIf)
	}
	return "note_if", strings.TrimSpace(r.NoteIf)
}

// answer is the code on the wire.
func (w *writer) answer(r rules.Rule) Line {
	switch {
	case r.NoteIf != "":
		return say("不答复给调用方，只随决定记录", "nothing to the caller; it is recorded with the decision")
	case r.ReferIf != "":
		return verbatim(onWire(policy.KindReferred, r.Code))
	case len(r.Require) > 0:
		return say("{0}，后接所缺字段", "{0}, and the field that is missing", code(policy.KindMissingParameter))
	}
	return verbatim(onWire(policy.KindRejected, r.Code))
}

// onWire is the errorCode of a rule's fault.
func onWire(kind policy.Kind, rule string) string {
	return policy.Fault{Kind: kind, Code: rule}.ErrorCode()
}

func (w *writer) message(r rules.Rule) Line {
	if r.Message == (policy.Text{}) {
		return say("标准提示", "the standard one")
	}
	return plain(plainly(r.Message))
}
