package main

import (
	"fmt"
	"strings"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/rules"
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
	if len(e.Rules) > 0 {
		line("规则：", "rules:")
		b.WriteString(rulingLines(e.Rules, lang))
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

var stateWords = map[rules.State]policy.Text{
	rules.NotApplicable: {ZH: "不适用", EN: "not applicable"},
	rules.Holds:         {ZH: "通过", EN: "holds"},
	rules.Fails:         {ZH: "不通过", EN: "fails"},
	rules.Skipped:       {ZH: "未检查，所读字段有误或缺失", EN: "skipped: a field that it reads is faulty or missing"},
	rules.Errored:       {ZH: "无法计算", EN: "error"},
}

func rulingLines(all []ruling, lang policy.Lang) string {
	width := 0
	for _, r := range all {
		width = max(width, len(r.Code))
	}
	var b strings.Builder
	for _, r := range all {
		state := stateWords[r.State].In(lang)
		if r.State == rules.Fails {
			state += policy.Text{ZH: "：", EN: ": "}.In(lang) + verdictWords[r.Verdict].In(lang)
		}
		fmt.Fprintf(&b, "  %-*s  %s", width, r.Code, state)
		if len(r.Reads) > 0 {
			b.WriteString(say("（%s）", "  (%s)", operands(r.Reads, lang)).In(lang))
		}
		if r.Error != "" {
			b.WriteString("  " + r.Error)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// operands are the fields that a rule read.
func operands(reads []fieldText, lang policy.Lang) string {
	texts := make([]string, len(reads))
	for i, r := range reads {
		texts[i] = r.Path + " " + r.Value
		if r.Value == "" {
			texts[i] = r.Path + policy.Text{ZH: " 无", EN: " absent"}.In(lang)
		}
	}
	return strings.Join(texts, policy.Text{ZH: "，", EN: ", "}.In(lang))
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
