package rules_test

import (
	"slices"
	"testing"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/rules"
)

// limited is a product with a sum in force, and rules that reject.
func limited(conditions ...string) rules.Spec {
	s := rules.Spec{
		Facts: []policy.FactSpec{{Name: "inForce", Type: policy.FactMoney, PerFields: []string{"productCode"}}, {Name: "other", Type: policy.FactMoney}},
		Define: []rules.Definition{
			{Name: "limit", Expr: "2000000"}, {Name: "none", Expr: "0"}, {Name: "sumCny", Expr: "amount * currencyRate"},
			{Name: "total", Expr: "facts.inForce + sumCny"}, {Name: "before", Expr: "facts.inForce + 1"}, {Name: "over", Expr: "before > limit"},
		},
		Tables: []rules.Table{grid("share", "sumCny: 0.01..100.00", "*: 5")},
	}
	for i, condition := range conditions {
		s.Rules = append(s.Rules, rules.Rule{Code: "R" + string(rune('A'+i)), RejectIf: condition})
	}
	return s
}

// TestLimitsAddTheOwnAmount: a limit that is held against what was there before
// lets each application step over it.
func TestLimitsAddTheOwnAmount(t *testing.T) {
	for name, c := range map[string]struct {
		conditions []string
		warned     bool
	}{
		"not added":                  {[]string{"facts.inForce > limit"}, true},
		"not added by a definition":  {[]string{"over"}, true},
		"a definition of it":         {[]string{"before > limit"}, true},
		"another sum is added":       {[]string{"facts.inForce + facts.other > limit"}, true},
		"another rule has an amount": {[]string{"facts.inForce > limit", "amount > 5"}, true},
		"added":                      {[]string{"facts.inForce + amountOfCny > limit"}, false},
		"added by a definition":      {[]string{"total > limit"}, false},
		"converted":                  {[]string{"facts.inForce + amount * currencyRate > limit"}, false},
		"taken from the limit":       {[]string{"amountOfCny > limit - facts.inForce"}, false},
		"added once":                 {[]string{"facts.inForce > limit", "total > limit"}, false},
		"anything at all":            {[]string{"facts.inForce > 0"}, false},
		"nothing, by a definition":   {[]string{"none == facts.inForce"}, false},
		"a table may know":           {[]string{"facts.inForce > share()"}, false},
		"not read":                   {[]string{"amount > 5"}, false},
		"of the source":              {[]string{"facts.other > limit"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := limited(c.conditions...)
			must(t, s)
			warned := slices.ContainsFunc(rules.Lint(s), func(d rules.Diagnostic) bool {
				return d.Code == "amount-left-out" && d.At == rules.At{Part: "facts"} && d.Warning
			})
			if warned != c.warned {
				t.Errorf("warned: %t", warned)
			}
		})
	}
}

// TestInForceIsMoney: what the store adds up is no text.
func TestInForceIsMoney(t *testing.T) {
	s := limited("amount > 5")
	s.Define, s.Tables = nil, nil
	s.Facts[0].Type = policy.FactText
	_, found := rules.Compile(s)
	if len(found) != 1 || found[0].Code != "type" || found[0].At != (rules.At{Part: "facts"}) {
		t.Errorf("%+v", found)
	}
}
