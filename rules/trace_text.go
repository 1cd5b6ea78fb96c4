package rules

import (
	"strings"

	"github.com/chudan-io/chudan/policy"
)

// Text is the trace for people: each rule, what became of it, and under it the
// expressions with their values, what they are made of indented below.
//
//	LARGE_SUM  fails → refer
//	  refer_if  amountCny > autoLimit → true
//	    amountCny → 152700
//	    autoLimit → 100000
func (t *Trace) Text(lang policy.Lang) string {
	w := tracePrinter{lang: lang}
	for i := range t.Rules {
		w.rule(&t.Rules[i])
	}
	if len(t.Definitions) > 0 {
		w.line(0, policy.Text{ZH: "定义", EN: "definitions"}.In(lang))
		for _, d := range t.Definitions {
			w.node(1, d.Name+" = ", d.Expr)
		}
	}
	return w.String()
}

type tracePrinter struct {
	strings.Builder
	lang policy.Lang
}

var verdictWords = map[policy.Verdict]policy.Text{
	policy.Note:   {ZH: "提示", EN: "note"},
	policy.Refer:  {ZH: "转人工核保", EN: "refer"},
	policy.Reject: {ZH: "拒绝", EN: "reject"},
}

func (w *tracePrinter) rule(r *RuleTrace) {
	head := r.Code + "  " + r.Label.In(w.lang)
	if r.State == Fails {
		head += " → " + verdictWords[r.Verdict].In(w.lang)
	}
	if r.Error != "" {
		head += ": " + r.Error
	}
	w.line(0, head)
	if r.Message != nil {
		w.line(1, r.Message.In(w.lang))
	}
	if len(r.Lacks) > 0 {
		w.line(1, policy.Text{ZH: "字段有误或缺失：", EN: "faulty or missing: "}.In(w.lang)+strings.Join(r.Lacks, ", "))
	}
	w.node(1, "when  ", r.When)
	for _, p := range r.Requires {
		there := policy.Text{ZH: "缺失", EN: "missing"}
		if p.Present {
			there = policy.Text{ZH: "已提供", EN: "present"}
		}
		w.line(1, "require  "+p.Path+" → "+there.In(w.lang))
	}
	w.node(1, r.Asks+"  ", r.Condition)
}

// node writes a sub-expression and, where it was computed, what it is made of.
func (w *tracePrinter) node(indent int, label string, n *Node) {
	if n == nil {
		return
	}
	line := label + strings.Join(strings.Fields(n.Text), " ")
	switch {
	case n.State != Computed:
		line += " → (" + n.Label.In(w.lang) + ")"
	case n.Value != n.Text:
		line += " → " + n.Value
	}
	w.line(indent, line)
	if n.State == ShortCircuited || n.State == NotReached {
		return
	}
	for i := range n.Nodes {
		w.node(indent+1, "", &n.Nodes[i])
	}
}

func (w *tracePrinter) line(indent int, text string) {
	w.WriteString(strings.Repeat("  ", indent) + text + "\n")
}
