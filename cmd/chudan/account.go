package main

import (
	"fmt"
	"strings"

	"github.com/chudan-io/chudan/policy"
)

// text is the explanation for people.
func (e *explanation) text(lang policy.Lang) string {
	var b strings.Builder
	line := func(zh, en string, values ...any) { b.WriteString(say(zh, en, values...).In(lang) + "\n") }

	line("结论：%[1]s（%[2]s），应答 %[3]s", "verdict: %[2]s, answered with %[3]s", verdictWords[e.Verdict].ZH, e.Verdict, e.Code)
	if p := e.Product; p != nil {
		line("产品：%[2]s %[1]s，版本 %[3]s", "product: %[1]s (%[2]s), edition %[3]s", p.Code, p.Title.In(lang), p.Edition)
		if p.Filing != "" {
			line("备案：%s", "filing: %s", p.Filing)
		}
		line("摘要：sha256 %s", "digest: sha256 %s", p.Digest)
	}
	if e.Premium != nil {
		line("保费：", "premium:")
		b.WriteString(stepLines(e.Steps, lang))
	}
	if len(e.Derived) > 0 {
		line("推算的字段：%s", "derived fields: %s", strings.Join(e.Derived, ", "))
	}
	b.WriteString(factLines(e.Facts, lang))
	switch {
	case e.Rules == nil:
	case e.Rules.Text(lang) == "":
		line("规则：无", "rules: none")
	default:
		line("规则：", "rules:")
		b.WriteString(indented(e.Rules.Text(lang)))
	}
	b.WriteString(faultLines(e.Faults, lang))
	return b.String()
}

var verdictWords = map[policy.Verdict]policy.Text{
	policy.Accept: {ZH: "承保", EN: "accept"},
	policy.Note:   {ZH: "承保，有提示", EN: "note"},
	policy.Refer:  {ZH: "转人工核保", EN: "refer"},
	policy.Reject: {ZH: "拒绝", EN: "reject"},
}

// indented puts each line of a text two columns to the right.
func indented(text string) string {
	return "  " + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n  ") + "\n"
}

// faultLines tells all faults, notes too.
func faultLines(faults policy.Faults, lang policy.Lang) string {
	if len(faults) == 0 {
		return policy.Text{ZH: "问题：无\n", EN: "faults: none\n"}.In(lang)
	}
	var b strings.Builder
	b.WriteString(policy.Text{ZH: "问题：\n", EN: "faults:\n"}.In(lang))
	for _, f := range faults {
		code := f.ErrorCode()
		if f.Kind == "" {
			code = f.Code // a note, which no answer carries
		}
		fmt.Fprintf(&b, "  [%s] %s", verdictWords[f.Severity].In(lang), code)
		if f.Code != "" && f.Code != string(f.Kind) && !strings.HasSuffix(code, f.Code) {
			b.WriteString(" (" + f.Code + ")")
		}
		b.WriteString("\n    ")
		if len(f.Paths) > 0 {
			b.WriteString(strings.Join(f.Paths, ", ") + ": ")
		}
		b.WriteString(f.Message.In(lang))
		if f.To != "" {
			b.WriteString(policy.Text{ZH: "，转 ", EN: "; to "}.In(lang) + f.To)
		}
		b.WriteByte('\n')
	}
	return b.String()
}
