package rules_test

import (
	"strings"
	"testing"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/rules"
)

// FuzzTrace feeds any text as a condition. The trace agrees with the outcome,
// each part lies within the one around it and means by itself what it meant in
// its place, and what lint holds for impossible does not happen.
func FuzzTrace(f *testing.F) {
	for _, r := range tenRules.Rules {
		for _, text := range []string{r.When, r.Must, r.RejectIf, r.ReferIf, r.NoteIf} {
			f.Add(text)
		}
	}
	f.Add(`not ((amount) > 5 or (f)) and - (premium - (1)) < 0.5% or currency not in ["(", ')']`)
	f.Add(`(f ? (amount) : round((premium), 1, "up",)) > 5 and ((1 < amount < 2e) == (true))`)
	f.Add(`((1 < amount <= 1018.0)) == (not (amount != 3)) and amount < 3 and amount > 5`)
	f.Add(`[ 1 ] or max( ( amount ) , (1)) in [ (1018) , 3]`)
	applications := []map[string]string{nil, {"amount": "3", "premium": "0.5"}, {"amount": "500000", "currency": "USD"}}
	f.Fuzz(func(t *testing.T, text string) {
		define := []rules.Definition{{Name: "f", Expr: "amount > 1000 and premium < 5"}}
		spec := rules.Spec{Coverages: coverages, Define: define, Rules: []rules.Rule{{Code: "R", NoteIf: text}}}
		rs, _ := rules.Compile(spec)
		if rs == nil {
			return
		}
		lint := rules.Lint(spec)
		for _, with := range applications {
			a := application(t, with)
			trace, outcome := rs.Trace(a, nil).Rules[0], rs.Outcomes(a, nil)[0]
			if trace.State != outcome.State {
				t.Fatalf("trace %s, outcome %s", trace.State, outcome.State)
			}
			for _, d := range lint {
				if d.Code == "never-fails" && outcome.State == rules.Fails || d.Code == "always-fails" && outcome.State == rules.Holds {
					t.Errorf("%s, and it %s", d.Code, outcome.State)
				}
			}
			checkNode(t, trace.Condition, rules.Node{Text: text, Length: len([]rune(text))}, text, a, define)
		}
	})
}

func checkNode(t *testing.T, n *rules.Node, around rules.Node, text string, a *policy.Application, define []rules.Definition) {
	if n.Offset < around.Offset || n.Offset+n.Length > around.Offset+around.Length || string([]rune(text)[n.Offset:n.Offset+n.Length]) != n.Text {
		t.Fatalf("%q at %d+%d is not in %q", n.Text, n.Offset, n.Length, around.Text)
	}
	alone := "(" + n.Text + ") == " + n.Value
	if n.State == rules.Computed && !strings.ContainsAny(n.Value, "[*…") { // lists cannot be compared, nor what is masked or shortened
		rs, _ := rules.Compile(rules.Spec{Coverages: coverages, Define: define, Rules: []rules.Rule{{Code: "R", NoteIf: alone}}})
		if rs != nil { // it may need what stands before it
			if o := rs.Outcomes(a, nil)[0]; o.State == rules.Holds {
				t.Errorf("%s is not so: %s", alone, text)
			}
		}
	}
	for i := range n.Nodes {
		checkNode(t, &n.Nodes[i], *n, text, a, define)
	}
}
