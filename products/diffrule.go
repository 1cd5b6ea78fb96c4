package products

import (
	"slices"
	"strconv"
	"strings"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/rules"
)

// ruleset compares rules, part by part.
func (d *differ) ruleset() {
	of := func(r rules.Rule) subject {
		return called("rule", "rules", r.Code, policy.Text{ZH: "规则", EN: "rule"})
	}
	pairing[rules.Rule]{
		name: func(r rules.Rule) string { return r.Code },
		gone: func(r rules.Rule) { d.removed(of(r), ruleSummary(r)) },
		came: func(r rules.Rule) { d.added(of(r), ruleSummary(r)) },
		both: func(b, a rules.Rule) { d.rule(of(a), b, a) },
	}.walk(d.before.spec.Rules, d.after.spec.Rules)
}

func (d *differ) rule(s subject, b, a rules.Rule) {
	d.measured(s.part("when", "适用条件 when", "when"), b.When, a.When)
	key, was := condition(b)
	now, is := condition(a)
	if key == now {
		d.measured(s.part(key, "条件 "+key, key), was, is)
	} else {
		d.worded(s.part(now, "条件", "condition"), key+" "+was, now+" "+is)
	}
	d.worded(s.part("to", "队列 to", "to"), b.To, a.To)
	d.worded(s.part("fields", "字段 fields", "fields"), pathList(b.Fields), pathList(a.Fields))
	d.labelled(s.part("message", "提示 message", "message"), b.Message, a.Message)
}

// condition is the condition of a rule and the key that it stands at.
func condition(r rules.Rule) (key, text string) {
	switch {
	case len(r.Require) > 0:
		return "require", pathList(r.Require)
	case r.Must != "":
		return "must", r.Must
	case r.RejectIf != "":
		return "reject_if", r.RejectIf
	case r.ReferIf != "":
		return "refer_if", r.ReferIf
	}
	return "note_if", r.NoteIf
}

// pathList are paths in an order of their own: that of the file says nothing.
func pathList(paths []string) string {
	return strings.Join(slices.Sorted(slices.Values(paths)), ", ")
}

// ruleSummary is what a rule does, in a line.
func ruleSummary(r rules.Rule) string {
	key, text := condition(r)
	summary := key + " " + text
	if r.When != "" {
		summary = "when " + r.When + "; " + summary
	}
	if r.To != "" {
		summary += "; to " + r.To
	}
	return summary
}

// steps compares the steps of the premium. Their order matters: the last one is
// the premium.
func (d *differ) steps() {
	of := func(s rules.Step) subject {
		return called("step", "premium.steps", s.Name, policy.Text{ZH: "步骤", EN: "step"})
	}
	var was, is []string // the order of those that stayed
	pairing[rules.Step]{
		name: func(s rules.Step) string { return s.Name },
		gone: func(s rules.Step) { d.removed(of(s), s.Value) },
		came: func(s rules.Step) { d.added(of(s), s.Value) },
		both: func(b, a rules.Step) {
			was = append(was, a.Name)
			d.measured(of(a), b.Value, a.Value)
			round := of(a).part("round", "舍入小数位", "decimals")
			round.kind = "step-round"
			d.worded(round, stepPlaces(b), stepPlaces(a))
		},
	}.walk(d.before.spec.Rating.Steps, d.after.spec.Rating.Steps)
	for _, s := range d.after.spec.Rating.Steps {
		if slices.Contains(was, s.Name) {
			is = append(is, s.Name)
		}
	}
	d.worded(subject{kind: "step-order", path: "premium.steps", title: policy.Text{ZH: "步骤顺序", EN: "order of the steps"}},
		strings.Join(was, ", "), strings.Join(is, ", "))
}

func stepPlaces(s rules.Step) string {
	if !s.Rounds {
		return ""
	}
	return strconv.Itoa(s.Places)
}
