package rules_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/rules"
)

// places are the diagnostics as code at place.
func places(all []rules.Diagnostic) []string {
	var out []string
	for _, d := range all {
		at := strings.Trim(strings.Join([]string{d.At.Definition, d.At.Rule, d.At.Part}, "/"), "/")
		out = append(out, fmt.Sprintf("%s %s[%d]@%d+%d", d.Code, at, d.At.Index, d.At.Offset, d.At.Length))
	}
	return out
}

// TestSpec refuses what is wrong with a Spec beside its expressions.
func TestSpec(t *testing.T) {
	must := func(code string) rules.Rule { return rules.Rule{Code: code, Must: "true"} }
	definitions := func(n int) (all []rules.Definition) {
		for i := range n {
			all = append(all, rules.Definition{Name: fmt.Sprintf("d%d", i), Expr: "1"})
		}
		return all
	}
	many := func(n int) (all []rules.Rule) {
		for i := range n {
			all = append(all, must(fmt.Sprintf("R%d", i)))
		}
		return all
	}
	define := func(pairs ...string) (all []rules.Definition) {
		for i := 0; i < len(pairs); i += 2 {
			all = append(all, rules.Definition{Name: pairs[i], Expr: pairs[i+1]})
		}
		return all
	}
	for name, c := range map[string]struct {
		spec rules.Spec
		want []string
	}{
		"empty":                      {rules.Spec{}, nil},
		"coverage like a field":      {rules.Spec{Coverages: []string{"QUALITY", "amount"}}, []string{"name coverages[1]@0+0"}},
		"coverage that is no name":   {rules.Spec{Coverages: []string{"A-1"}, Rules: []rules.Rule{{Code: "R", Must: `"A-1" in insuranceTypes`}}}, nil},
		"definition like a field":    {rules.Spec{Define: define("amount", "1")}, []string{"name amount[0]@0+0"}},
		"definition like an object":  {rules.Spec{Define: define("attrs", "1")}, []string{"name attrs[0]@0+0"}},
		"definition like the list":   {rules.Spec{Define: define("insuranceTypes", "1")}, []string{"name insuranceTypes[0]@0+0"}},
		"definition like a function": {rules.Spec{Define: define("round", "1")}, []string{"name round[0]@0+0"}},
		"definition like a keyword":  {rules.Spec{Define: define("and", "1", "AND", "1", "且", "1", "let", "1")}, []string{"name and[0]@0+0", "name AND[0]@0+0", "name 且[0]@0+0", "name let[0]@0+0"}},
		"definition like a coverage": {rules.Spec{Coverages: coverages, Define: define("QUALITY", "1")}, []string{"name QUALITY[0]@0+0"}},
		"definition without a name":  {rules.Spec{Define: define("", "1")}, []string{"name [0]@0+0"}},
		"definition off the grammar": {rules.Spec{Define: define("a-b", "1", "1a", "1", "a.b", "1", "$a", "1", "ａ", "1")}, []string{"name a-b[0]@0+0", "name 1a[0]@0+0", "name a.b[0]@0+0", "name $a[0]@0+0", "name ａ[0]@0+0"}},
		"definition twice":           {rules.Spec{Define: define("a", "1", "b", "2", "a", "3 +")}, []string{"name a[0]@0+0", "syntax a[0]@3+0"}},
		"definition empty":           {rules.Spec{Define: define("a", "")}, []string{"syntax a[0]@0+0"}},
		"definition of itself":       {rules.Spec{Define: define("a", "a + 1")}, []string{"cycle a[0]@0+1"}},
		"definitions in a circle":    {rules.Spec{Define: define("a", "1 + b", "b", "c", "c", "2 * a")}, []string{"cycle c[0]@4+1"}},
		"a wrong definition is told once": {
			rules.Spec{Define: define("a", "amuont", "b", "a + 1"), Rules: []rules.Rule{{Code: "R", Must: "a > b"}}},
			[]string{"unknown-name a[0]@0+6"},
		},
		"200 definitions": {rules.Spec{Define: definitions(200)}, nil},
		"201 definitions": {rules.Spec{Define: definitions(201)}, []string{"too-long d200[0]@0+0"}},
		"1000 rules":      {rules.Spec{Rules: many(1000)}, nil},
		"1001 rules":      {rules.Spec{Rules: many(1001)}, []string{"too-long R1000[0]@0+0"}},
		"no code":         {rules.Spec{Rules: []rules.Rule{must("")}}, []string{"code [0]@0+0"}},
		"codes off the grammar": {
			rules.Spec{Rules: []rules.Rule{must("lower"), must("A B"), must("险"), must("1A"), must("A-B"), must(strings.Repeat("A", 65)), must(strings.Repeat("A", 64))}},
			[]string{"code lower[0]@0+0", "code A B[0]@0+0", "code 险[0]@0+0", "code 1A[0]@0+0", "code A-B[0]@0+0", "code " + strings.Repeat("A", 65) + "[0]@0+0"},
		},
		"code twice":      {rules.Spec{Rules: []rules.Rule{must("A"), must("B"), must("A")}}, []string{"code A[0]@0+0"}},
		"asks nothing":    {rules.Spec{Rules: []rules.Rule{{Code: "A", When: "true"}}}, []string{"outcome A[0]@0+0"}},
		"asks two things": {rules.Spec{Rules: []rules.Rule{{Code: "A", Must: "true", Require: []string{"attrs"}}}}, []string{"outcome A[0]@0+0"}},
		"a queue without a referral": {
			rules.Spec{Rules: []rules.Rule{{Code: "A", Must: "true", To: "desk"}}}, []string{"outcome A/to[0]@0+0"},
		},
		"unknown paths": {
			rules.Spec{Rules: []rules.Rule{{Code: "A", Require: []string{"attrs", "attrs.sendTime", "投保人"}}, {Code: "B", Must: "true", Fields: []string{"amuont"}}}},
			[]string{"unknown-name A/require[1]@0+14", "unknown-name A/require[2]@0+3", "unknown-name B/fields[0]@0+6"},
		},
		"a when that is no condition": {rules.Spec{Rules: []rules.Rule{{Code: "A", When: "amount", Must: "true"}}}, []string{"not-a-decision A/when[0]@0+0"}},
		"a wrong when has no followers": {
			rules.Spec{Rules: []rules.Rule{
				{Code: "A", When: "has(attrs.agreeOnSendtime)", Must: "attrs.agreeOnSendTime > effectTime", Message: message("{attrs.agreeOnSendTime}")},
				{Code: "B", When: "DELIVRY in insuranceTypes", Require: []string{sendTime}},
				{Code: "C", When: "QUALITY in insuranceTypes", Must: "attrs.agreeOnSendTime > effectTime"},
				{Code: "D", When: "amuont > 1 and DELIVERY in insuranceTypes", Must: "attrs.agreeOnSendTime > effectTime"},
				{Code: "E", Must: "(amount > 1 且 has(attrs.agreeOnSendTime))", Message: message("{attrs.agreeOnSendTime}")},
				{Code: "F", RejectIf: "knwon and attrs.agreeOnSendTime > effectTime"},
				{Code: "G", RejectIf: "not (has(attrs.agreeOnSndTime) ? true : false) or attrs.agreeOnSendTime > effectTime"},
			}, Coverages: coverages},
			[]string{
				"unknown-name A/when[0]@4+21", "unknown-name B/when[0]@0+7", "unknown-name D/when[0]@0+6", "syntax E/must[0]@12+1",
				"unknown-name F/reject_if[0]@0+5", "unknown-name G/reject_if[0]@9+20",
			},
		},
		"a wrong side hides nothing on the other": {
			rules.Spec{Rules: []rules.Rule{{Code: "A", RejectIf: "amuont > 1 and attrs.agreeOnSendTime > effectTime"}}},
			[]string{"unknown-name A/reject_if[0]@0+6", "unguarded A/reject_if[0]@15+21"},
		},
		"all at once, in order": {
			rules.Spec{
				Coverages: []string{"amount"},
				Define:    define("attrs", "foo", "a", "b", "b", "bar + baz"),
				Rules: []rules.Rule{
					{Code: "x", When: "1 = 1", Must: "amount / 2 + bar", To: "desk", Fields: []string{"q"}, Message: policy.Text{ZH: "{bar} {", EN: "}"}},
					{Code: "Y", When: "b > 1", ReferIf: "premium + 1"},
				},
			},
			[]string{
				"name coverages[0]@0+0", "name attrs[0]@0+0", "unknown-name attrs[0]@0+3", "unknown-name b[0]@0+3", "unknown-name b[0]@6+3",
				"code x[0]@0+0", "syntax x/when[0]@2+1", "not-available x/must[0]@7+1", "outcome x/to[0]@0+0", "unknown-name x/fields[0]@0+1",
				"unknown-name x/message.zh[0]@0+5", "template x/message.zh[0]@6+1", "template x/message.en[0]@0+1",
				"not-a-decision Y/refer_if[0]@0+0",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			rs, found := rules.Compile(c.spec)
			if got := places(found); !slices.Equal(got, c.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
			if (rs == nil) != (len(found) > 0) {
				t.Error("a Ruleset and diagnostics exclude each other")
			}
		})
	}
}

// TestOffsetsAreRunes points into a text that is not ASCII.
func TestOffsetsAreRunes(t *testing.T) {
	if got := found(`"履约保证" == "质量险" and amuont > 5`); !slices.Equal(got, []string{"unknown-name@20+6"}) {
		t.Error(got)
	}
	if got := found("1.25‰ > 1 and amuont > 5"); !slices.Equal(got, []string{"unknown-name@14+6"}) {
		t.Error(got)
	}
}
