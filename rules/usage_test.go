package rules_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/chudan-io/chudan/rules"
)

// byCoverage is a table over the coverages.
func byCoverage(name string, rows ...rules.Row) rules.Table {
	return rules.Table{Name: name, Columns: []rules.Column{{Name: "coverage", Domain: rules.Cell{"coverages"}}}, Rows: rows}
}

func priced(value string, codes ...string) rules.Row {
	return rules.Row{Cells: []rules.Cell{codes}, Value: value}
}

// TestLintOfTables: a table that nobody looks up is odd, and so is one that only
// a definition that nobody uses looks up; what only such a table uses is not
// used either.
func TestLintOfTables(t *testing.T) {
	all := priced("1%", "*")
	for name, c := range map[string]struct {
		spec rules.Spec
		want string
	}{
		"summed":                  {rules.Spec{Tables: []rules.Table{byCoverage("a", all)}, Rating: rules.Rating{Sum: "a"}}, ""},
		"looked up by a rate":     {rules.Spec{Tables: []rules.Table{byCoverage("a", all)}, Rating: rules.Rating{Rate: "a(QUALITY) + a(DELIVERY) + a(APPEARANCE)"}}, ""},
		"looked up by a step":     {rules.Spec{Tables: []rules.Table{byCoverage("a", all)}, Rating: rules.Rating{Steps: []rules.Step{{Name: "x", Value: "amount * (a(QUALITY) + a(DELIVERY) + a(APPEARANCE))"}}}}, ""},
		"looked up by a rule":     {rules.Spec{Tables: []rules.Table{byCoverage("a", all)}, Rules: []rules.Rule{{Code: "R", RejectIf: "a(QUALITY) * amount > 5"}}}, ""},
		"shown in a message":      {rules.Spec{Tables: []rules.Table{byCoverage("a", all)}, Define: []rules.Definition{{"d", "a(QUALITY)"}}, Rules: []rules.Rule{{Code: "R", RejectIf: "amount > 5", Message: message("{d}")}}}, ""},
		"by nobody":               {rules.Spec{Tables: []rules.Table{byCoverage("a", all), byCoverage("b", all)}, Rating: rules.Rating{Sum: "b"}}, "unused-table a"},
		"by an unused definition": {rules.Spec{Tables: []rules.Table{byCoverage("a", all)}, Define: []rules.Definition{{"d", "a(QUALITY)"}}}, "unused-definition d, unused-table a"},
		"a definition for an unused table": {rules.Spec{
			Tables: []rules.Table{{Name: "a", Columns: []rules.Column{{Name: "days", Domain: rules.Cell{"1..9"}}}, Rows: []rules.Row{priced("1", "*")}}},
			Define: []rules.Definition{{"days", "calendarDays(effectTime, expireTime)"}},
		}, "unused-definition days, unused-table a"},
		"a definition for a used one": {rules.Spec{
			Tables: []rules.Table{{Name: "a", Columns: []rules.Column{{Name: "days", Domain: rules.Cell{"1..9"}}}, Rows: []rules.Row{priced("1", "*")}}},
			Define: []rules.Definition{{"days", "calendarDays(effectTime, expireTime)"}}, Rating: rules.Rating{Rate: "a()"},
		}, ""},
	} {
		t.Run(name, func(t *testing.T) { checkOdd(t, c.spec, c.want) })
	}
}

// TestLintOfCoverages: one is odd where the rating names others, and nothing
// names this one. Where it names none, or sums over all, none is.
func TestLintOfCoverages(t *testing.T) {
	const forgotten = "unused-coverage APPEARANCE"
	rate := func(text string) rules.Rating { return rules.Rating{Rate: text} }
	rule := func(text string) []rules.Rule { return []rules.Rule{{Code: "R", NoteIf: text}} }
	both := "(QUALITY in insuranceTypes ? 0.3% : 0) + (DELIVERY in insuranceTypes ? 0.2% : 0)"
	for name, c := range map[string]struct {
		spec rules.Spec
		want string
	}{
		"no rate":                    {rules.Spec{Rules: rule("DELIVERY in insuranceTypes")}, ""},
		"one rate for all":           {rules.Spec{Rating: rate("0.3%"), Rules: rule("DELIVERY in insuranceTypes")}, ""},
		"a rate for each":            {rules.Spec{Rating: rate(both + " + (APPEARANCE in insuranceTypes ? 0.1% : 0)")}, ""},
		"a rate for others":          {rules.Spec{Rating: rate(both)}, forgotten},
		"as texts":                   {rules.Spec{Rating: rate(strings.NewReplacer("QUALITY", `"QUALITY"`, "DELIVERY", `"DELIVERY"`).Replace(both))}, forgotten},
		"by a definition":            {rules.Spec{Define: []rules.Definition{{"d", both}}, Rating: rate("d")}, forgotten},
		"by a step":                  {rules.Spec{Rating: rules.Rating{Steps: []rules.Step{{Name: "x", Value: "amount * (" + both + ")"}}}}, forgotten},
		"named by a rule":            {rules.Spec{Rating: rate(both), Rules: rule("APPEARANCE in insuranceTypes")}, ""},
		"named by an idle one":       {rules.Spec{Rating: rate(both), Define: []rules.Definition{{"d", "APPEARANCE in insuranceTypes"}}}, "unused-definition d"},
		"rows for others":            {rules.Spec{Tables: []rules.Table{byCoverage("a", priced("1%", "QUALITY"), priced("2%", "DELIVERY", "APPEARANCE"))}, Rating: rate("a(QUALITY)")}, ""},
		"no row of its own":          {rules.Spec{Tables: []rules.Table{byCoverage("a", priced("1%", "*"))}, Rating: rate("a(QUALITY) + a(DELIVERY)")}, forgotten},
		"no row of its own, summed":  {rules.Spec{Tables: []rules.Table{byCoverage("a", priced("1%", "*"))}, Rating: rules.Rating{Sum: "a"}}, ""},
		"a table of other coverages": {rules.Spec{Tables: []rules.Table{{Name: "a", Columns: []rules.Column{{Name: "of", Domain: rules.Cell{"QUALITY", "DELIVERY"}}}, Rows: []rules.Row{priced("1%", "QUALITY"), priced("2%", "DELIVERY")}}}, Rating: rate("a(QUALITY)")}, forgotten},
	} {
		t.Run(name, func(t *testing.T) { checkOdd(t, c.spec, c.want) })
	}
}

func checkOdd(t *testing.T, spec rules.Spec, want string) {
	t.Helper()
	spec.Coverages = []string{"QUALITY", "DELIVERY", "APPEARANCE"}
	compile(t, spec)
	var got []string
	for _, d := range rules.Lint(spec) {
		if !d.Warning || d.Message.ZH == "" || d.Message.EN == "" {
			t.Errorf("%+v", d)
		}
		name := d.At.Definition + d.At.Table + d.At.Rule
		if d.At.Part == "coverages" {
			name = spec.Coverages[d.At.Index]
		}
		got = append(got, d.Code+" "+name)
	}
	slices.Sort(got)
	if s := strings.Join(got, ", "); s != want {
		t.Errorf("got %q, want %q", s, want)
	}
}
