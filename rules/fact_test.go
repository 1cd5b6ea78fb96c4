package rules_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/rules"
)

// watched is a product whose only rule rejects under a condition, which may
// read facts, definitions and a table.
func watched(condition string) rules.Spec {
	return rules.Spec{
		Facts: []policy.FactSpec{{Name: "blocked", Type: policy.FactBool}, {Name: "exposure", Type: policy.FactMoney}, {Name: "grade", Type: policy.FactText}},
		Define: []rules.Definition{
			{Name: "total", Expr: "facts.exposure + amount"}, {Name: "barred", Expr: "facts.blocked"}, {Name: "letter", Expr: "facts.grade"},
		},
		Tables:  []rules.Table{grid("limit", "letter: [A B]", "A: 5000\nB: 10"), grid("allowed", "mark: [A B]", "A: 5000\nB: 10")},
		Rules:   []rules.Rule{{Code: "WATCHED", RejectIf: condition}},
		OnError: policy.Reject,
	}
}

// TestFactsInConditions computes conditions with facts, and without. A fact is
// read where it is needed, and makes the rule void where it is not to be had.
func TestFactsInConditions(t *testing.T) {
	all := policy.Facts{"blocked": "false", "exposure": "100.50", "grade": "B"}
	for condition, c := range map[string]struct {
		with    rules.State
		without rules.State
	}{
		"facts.blocked":                                     {rules.Holds, rules.Errored},
		"not facts.blocked":                                 {rules.Fails, rules.Errored},
		"facts.blocked == false":                            {rules.Fails, rules.Errored},
		"barred or amount > 1":                              {rules.Fails, rules.Errored},
		"amount > 1 or barred":                              {rules.Fails, rules.Fails},
		"amount > 5000 and facts.blocked":                   {rules.Holds, rules.Holds},
		"amount > 5000 ? facts.blocked : amount > 1":        {rules.Fails, rules.Fails},
		"facts.exposure == 100.5":                           {rules.Fails, rules.Errored},
		"total == 1118.5":                                   {rules.Fails, rules.Errored},
		"facts.exposure < 0":                                {rules.Holds, rules.Errored},
		"max(facts.exposure, amount) == 1018":               {rules.Fails, rules.Errored},
		`facts.grade == "B"`:                                {rules.Fails, rules.Errored},
		`facts.grade in ["A", "C"]`:                         {rules.Holds, rules.Errored},
		`facts.grade matches "^[BC]$"`:                      {rules.Fails, rules.Errored},
		`(facts.blocked ? facts.grade : letter) == "B"`:     {rules.Fails, rules.Errored},
		"limit() < facts.exposure":                          {rules.Fails, rules.Errored},
		"allowed(facts.grade) < 100":                        {rules.Fails, rules.Errored},
		"not (facts.exposure > 5 and facts.exposure < 200)": {rules.Holds, rules.Errored},
	} {
		t.Run(condition, func(t *testing.T) {
			rs := must(t, watched(condition))
			a := application(t, nil)
			a.Request.Facts = all
			if o := rs.Outcomes(a, nil)[0]; o.State != c.with {
				t.Errorf("with facts it %s (%v), want %s", o.State, o.Err, c.with)
			}
			a.Request.Facts = nil
			o := rs.Outcomes(a, nil)[0]
			if o.State != c.without || (c.without == rules.Errored) != errors.Is(o.Err, policy.ErrNoFact) {
				t.Errorf("without it %s (%v), want %s", o.State, o.Err, c.without)
			}
			faults := rs.Evaluate(a, nil)
			if c.without == rules.Errored && (len(faults) != 1 || faults[0].Kind != policy.KindRejected || !errors.Is(faults[0].Err, policy.ErrNoFact)) {
				t.Errorf("faults %+v", faults)
			}
		})
	}
}

// TestFactsStaySecret: the text of a fact is shown nowhere, not where a table
// does not have it either.
func TestFactsStaySecret(t *testing.T) {
	for _, condition := range []string{`facts.grade == "B"`, "limit() > 5", "allowed(facts.grade) > 5", "allowed(letter) > 5", `(amount > 1 ? letter : "A") == "A"`} {
		a := application(t, nil)
		a.Request.Facts = policy.Facts{"grade": "canary"}
		rs := must(t, watched(condition))
		trace := rs.Trace(a, nil)
		told := trace.Text(policy.English) + trace.Text(policy.Chinese)
		for _, f := range rs.Evaluate(a, nil) {
			told += f.Message.EN + f.Message.ZH
			if f.Err != nil {
				told += f.Err.Error()
			}
		}
		if strings.Contains(told, "canary") || !strings.Contains(told, "facts.grade") && !strings.Contains(told, "letter") {
			t.Errorf("%s shows it:\n%s", condition, told)
		}
	}
}

// TestFactsAreUsed: a fact that nobody reads is waited for in vain.
func TestFactsAreUsed(t *testing.T) {
	s := watched("barred")
	s.Define = s.Define[:2] // total reads exposure
	s.Tables = nil
	var unused []int
	for _, d := range rules.Lint(s) {
		if d.Code == "unused-fact" {
			unused = append(unused, d.At.Index)
		}
	}
	if len(unused) != 1 || unused[0] != 2 {
		t.Errorf("unused %v, want the third", unused)
	}
}
