package rules_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/chudan-io/chudan/rules"
)

var coveredRules = rules.Spec{
	Coverages: coverages,
	Define: []rules.Definition{
		{Name: "limit", Expr: "1000"}, {Name: "large", Expr: "amount > limit and 0 < limit"}, {Name: "unused", Expr: "premium > 5"},
		{Name: "fee", Expr: "large ? 2 : 1"},
	},
	Rules: []rules.Rule{
		{Code: "SENT", When: "DELIVERY in insuranceTypes", Require: []string{"attrs.agreeOnSendTime"}},
		{Code: "SUM", When: `currency not in ["USD"]`, RejectIf: "fee > 1 and (premium < 5 or not (premium < 9))"},
	},
}

// TestCoverage adds applications one after the other and looks at what is
// missing after each.
func TestCoverage(t *testing.T) {
	const types, send = "attrs.insuranceTypes", "attrs.agreeOnSendTime"
	rs := compile(t, coveredRules)
	c := rules.NewCoverage(rs)
	for _, step := range []struct {
		name              string
		with              map[string]string
		rules, conditions int // seen, of 4 and 14
		missing           []string
	}{
		{
			"the sample: amount 1018, premium 6.36", nil, 2, 7,
			[]string{
				"SENT fails", "SUM fails", "SENT when 0+26 DELIVERY in insuranceTypes false", `SUM when 0+23 currency not in ["USD"] false`,
				"SUM reject_if 0+7 fee > 1 false", "SUM reject_if 13+11 premium < 5 true", "SUM reject_if 33+11 premium < 9 false",
				"large 0+14 amount > limit false", "fee 0+5 large false",
			},
		},
		{"the same again", nil, 2, 7, nil},
		{"a faulty amount shows nothing of SUM", map[string]string{"amount": "?", types: "QUALITY", send: ""}, 2, 8, nil},
		{"what does not apply", map[string]string{"currency": "USD", "premium": "1"}, 2, 9, nil},
		{"no send time", map[string]string{send: ""}, 3, 9, nil},
		{"a small sum: premium is not read", map[string]string{"amount": "10", "premium": "1"}, 3, 12, []string{
			"SUM fails", "SUM reject_if 13+11 premium < 5 true", "SUM reject_if 33+11 premium < 9 false",
		}},
		{"a low premium", map[string]string{"premium": "1"}, 4, 13, []string{"SUM reject_if 33+11 premium < 9 false"}},
		{"a high premium", map[string]string{"premium": "9"}, 4, 14, []string{}},
	} {
		t.Run(step.name, func(t *testing.T) {
			c.Add(application(t, step.with), nil)
			if got, want := c.Rules(), (rules.Count{Seen: step.rules, Of: 4}); got != want {
				t.Errorf("rules: got %v, want %v", got, want)
			}
			if got, want := c.Conditions(), (rules.Count{Seen: step.conditions, Of: 14}); got != want {
				t.Errorf("conditions: got %v, want %v", got, want)
			}
			if got := gaps(c); step.missing != nil && !slices.Equal(got, step.missing) {
				t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(step.missing, "\n"))
			}
		})
	}
}

// gaps are what is missing, as place, text and what was wanted.
func gaps(c *rules.Coverage) []string {
	all := []string{}
	for _, m := range c.Missing() {
		line := m.At.Rule + m.At.Definition
		if m.Text != "" {
			if m.At.Part != "" {
				line += " " + m.At.Part
			}
			line += " " + at(m.At) + " " + m.Text
		}
		all = append(all, line+" "+string(m.Want))
	}
	return all
}

// TestCoverageMerges: in parts or at once, the same was seen.
func TestCoverageMerges(t *testing.T) {
	rs := compile(t, coveredRules)
	whole, sum := rules.NewCoverage(rs), rules.NewCoverage(rs)
	for _, with := range []map[string]string{nil, {"amount": "1"}, {"premium": "1"}, {"attrs.agreeOnSendTime": ""}} {
		part := rules.NewCoverage(rs)
		part.Add(application(t, with), nil)
		whole.Add(application(t, with), nil)
		if err := sum.Merge(part); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := gaps(sum), gaps(whole); !slices.Equal(got, want) || sum.Rules() != whole.Rules() || sum.Conditions() != whole.Conditions() {
		t.Errorf("got %v, want %v", got, want)
	}
	if err := sum.Merge(rules.NewCoverage(compile(t, tenRules))); err == nil {
		t.Error("coverage of another ruleset was taken in")
	}
}

func TestCoverageOfNothing(t *testing.T) {
	c := rules.NewCoverage(compile(t, rules.Spec{}))
	c.Add(application(t, nil), nil)
	if c.Rules().Percent() != 100 || c.Conditions().Percent() != 100 || len(c.Missing()) != 0 {
		t.Errorf("%v %v %v", c.Rules(), c.Conditions(), c.Missing())
	}
}

// TestPercent: what is not all of it is not 100 %.
func TestPercent(t *testing.T) {
	for want, c := range map[int]rules.Count{0: {0, 7}, 99: {999, 1000}, 100: {7, 7}, 33: {1, 3}} {
		if got := c.Percent(); got != want {
			t.Errorf("%v is %d %%, want %d", c, got, want)
		}
	}
}
