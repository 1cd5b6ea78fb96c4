package rules_test

import (
	"testing"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/rules"
)

// TestRowsAreCovered: a row that a rule asks for was used, and so was one that
// the premium names.
func TestRowsAreCovered(t *testing.T) {
	rs := compile(t, rules.Spec{
		Tables: []rules.Table{{
			Name:    "limit",
			Columns: []rules.Column{{Name: "currency", Domain: rules.Cell{"CNY", "USD", "JPY"}}},
			Rows: []rules.Row{
				{Line: 3, Cells: []rules.Cell{{"CNY"}}, Value: "1000"},
				{Line: 4, Cells: []rules.Cell{{"USD"}}, Value: "150"},
				{Line: 5, Cells: []rules.Cell{{"JPY"}}, Value: "20000"},
			},
		}},
		Rules: []rules.Rule{{Code: "TOO_HIGH", RejectIf: "amount > limit()"}},
	})
	first, second := rules.NewCoverage(rs), rules.NewCoverage(rs)
	first.Add(application(t, nil), nil)
	second.Add(application(t, nil), &policy.Premium{Rows: rs.TableRows()[1:2]})
	if first.Rows() != (rules.Count{Seen: 1, Of: 3}) || second.Rows() != (rules.Count{Seen: 2, Of: 3}) {
		t.Errorf("%v, %v", first.Rows(), second.Rows())
	}
	if err := first.Merge(second); err != nil || first.Rows().Seen != 2 {
		t.Errorf("%v, %v", first.Rows(), err)
	}
	last := first.Missing()[len(first.Missing())-1]
	if last.Want != rules.WantUsed || last.Row.Line != 5 || last.Message.EN != "table limit, line 5 (20000): never used" {
		t.Errorf("%+v", last)
	}
}
