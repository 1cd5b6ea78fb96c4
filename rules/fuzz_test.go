package rules_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/chudan-io/chudan/rules"
)

// FuzzExpression feeds any text as definition, condition and message. Nothing
// panics or hangs, every diagnostic lies inside its text and speaks both
// languages, and what compiles is computed, in bounded time, the same each time.
func FuzzExpression(f *testing.F) {
	for _, r := range tenRules.Rules {
		for _, text := range []string{r.When, r.Must, r.RejectIf, r.ReferIf, r.NoteIf} {
			f.Add(text, "{amount}")
		}
	}
	for _, d := range define {
		f.Add(d.Expr, "{"+d.Name+"}")
	}
	f.Add("amount ＞ 5 且 「x」", "{{ {amount} }} {")
	f.Add("((((1 < 2 < 3 ? 1 : 2) < 3", "}")
	f.Add(`currency matches "^[A-Z]{3}$" or div(1, premium - 6.36, 2, half_up) > 1`, "{f}")
	f.Add("not not in [1.25‰, 5%] .. # ?? ; |", "{f} {attrs.insuranceTypes}")
	applications := []map[string]string{nil, {"premiumRate": "", "attrs.agreeOnSendTime": "", "insurePeriod": "", "amountOfCny": ""}, {"amount": "x", "attrs.insuranceTypes": ""}}
	f.Fuzz(func(t *testing.T, text, template string) {
		start := time.Now()
		spec := rules.Spec{
			Coverages: coverages,
			Define:    []rules.Definition{{Name: "f", Expr: text}},
			Rules: []rules.Rule{
				{Code: "CONDITION", RejectIf: text, Message: message(template)},
				{Code: "DEFINED", When: "f", NoteIf: "f"},
			},
		}
		rs, all := rules.Compile(spec)
		for _, d := range all {
			in := map[string]string{"": text, "reject_if": text, "when": "f", "note_if": "f", "message.zh": template, "message.en": template}[d.At.Part]
			if d.At.Offset < 0 || d.At.Length < 0 || d.At.Offset+d.At.Length > utf8.RuneCountInString(in) {
				t.Errorf("%+v lies outside %q", d, in)
			}
			if d.Code == "" || d.Message.ZH == "" || d.Message.EN == "" || (d.Hint.ZH == "") != (d.Hint.EN == "") {
				t.Errorf("does not say it in both languages: %+v", d)
			}
		}
		if rs == nil {
			// A definition may leave to its users what a condition must prove, so try the condition alone.
			spec.Define, spec.Rules = nil, spec.Rules[:1]
			if rs, _ = rules.Compile(spec); rs == nil {
				return
			}
		}
		for _, with := range applications {
			a := application(t, with)
			first, second := rs.Evaluate(a, nil), rs.Evaluate(a, nil)
			if len(first) != len(second) {
				t.Fatal("two answers")
			}
			for i := range first {
				if first[i].Message != second[i].Message || first[i].Code != second[i].Code {
					t.Errorf("two answers: %+v, %+v", first[i], second[i])
				}
				if err := first[i].Err; err != nil && !strings.HasSuffix(err.Error(), "division by zero") {
					t.Errorf("%s: %v", first[i].Code, err)
				}
			}
		}
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("took %v", took)
		}
	})
}
