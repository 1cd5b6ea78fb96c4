package rules_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/policy/money"
	"github.com/chudan-io/chudan/rules"
)

// told writes a rating in one line.
func told(r policy.Rating) string {
	var parts []string
	if !r.Rate.IsZero() {
		parts = append(parts, "rate "+r.Rate.String())
	}
	for _, s := range r.Steps {
		text := s.Name + " " + s.Value.String()
		if !s.Exact.Equal(s.Value) {
			text += " of " + s.Exact.String()
		}
		parts = append(parts, text)
	}
	for _, s := range r.Shares {
		parts = append(parts, s.Coverage+" weighs "+s.Weight.String())
	}
	return strings.Join(parts, ", ")
}

// TestRate rates the sample, for QUALITY and DELIVERY.
func TestRate(t *testing.T) {
	step := func(name, value string, places ...int) rules.Step {
		s := rules.Step{Name: name, Value: value, Rounds: len(places) > 0}
		if s.Rounds {
			s.Places = places[0]
		}
		return s
	}
	load := grid("load", "currency: [CNY USD]", "CNY: 1\nUSD: 1.1")
	for name, c := range map[string]struct {
		rating rules.Rating
		with   map[string]string
		want   string // or the code of the fault; "" for no premium and no fault
	}{
		"a sum":                    {rules.Rating{Sum: "rate"}, nil, "rate 0.005, QUALITY weighs 0.003, DELIVERY weighs 0.002"},
		"a sum of one":             {rules.Rating{Sum: "rate"}, map[string]string{"attrs.insuranceTypes": "DELIVERY"}, "rate 0.002, DELIVERY weighs 0.002"},
		"a constant":               {rules.Rating{Rate: "0.625%"}, nil, "rate 0.00625"},
		"an expression":            {rules.Rating{Rate: "days > 30 ? 0.2% + 0.1‰ : 0.1%"}, nil, "rate 0.0021"},
		"a table by name":          {rules.Rating{Rate: "rate(QUALITY) * load()"}, map[string]string{"currency": "USD", "currencyRate": "6.5"}, "rate 0.0033"},
		"steps on a sum":           {rules.Rating{Sum: "rate", Steps: []rules.Step{step("base", "amount * rate"), step("loaded", "base * 1.1", 2)}}, nil, "rate 0.005, base 5.09, loaded 5.6 of 5.599, QUALITY weighs 0.003, DELIVERY weighs 0.002"},
		"steps read rounded ones":  {rules.Rating{Rate: "0.625%", Steps: []rules.Step{step("base", "amount * rate", 1), step("double", "base * 2")}}, nil, "rate 0.00625, base 6.4 of 6.3625, double 12.8"},
		"steps alone":              {rules.Rating{Steps: []rules.Step{step("flat", "min(amount, 10)")}}, nil, "flat 10"},
		"a rate called rate":       {rules.Rating{Rate: "rate(QUALITY)", Steps: []rules.Step{step("base", "amount * rate + rate(DELIVERY)")}}, nil, "rate 0.003, base 3.056"},
		"no coverage":              {rules.Rating{Sum: "rate"}, map[string]string{"attrs.insuranceTypes": ""}, "isv.missing-parameter:attrs.insuranceTypes"},
		"too many days":            {rules.Rating{Sum: "rate"}, map[string]string{"expireTime": "2022-08-04 00:00:00", "insurePeriod": ""}, "isv.invalid-parameter:expireTime"},
		"a currency of no row":     {rules.Rating{Rate: "load() * 0.1%"}, map[string]string{"currency": "EUR", "currencyRate": "7"}, "isv.invalid-parameter:currency"},
		"an operand that is wrong": {rules.Rating{Sum: "rate"}, map[string]string{"effectTime": "now"}, ""},
		"a division by zero":       {rules.Rating{Rate: "div(1, amount - 1018, 2, half_up)"}, nil, "isv.underwriting-referred:PREMIUM"},
		"a rate below zero":        {rules.Rating{Rate: "0.1% - 0.2%"}, nil, "isv.underwriting-referred:PREMIUM"},
		"a premium below zero":     {rules.Rating{Steps: []rules.Step{step("base", "1000 - amount")}}, nil, "isv.underwriting-referred:PREMIUM"},
	} {
		t.Run(name, func(t *testing.T) {
			rs := must(t, bondSpec(func(s *rules.Spec) {
				s.Tables = append(s.Tables, load)
				s.Rating = c.rating
				s.Rating.Mode = money.HalfUp
			}))
			with := map[string]string{"attrs.insuranceTypes": "QUALITY,DELIVERY", "amountOfCny": ""}
			for path, text := range c.with {
				with[path] = text
			}
			rating, faults, known := rs.Rate(application(t, with))
			got := ""
			if known {
				got = told(rating)
			} else if worst, ok := faults.Worst(); ok {
				got = worst.ErrorCode()
				if told(rating) != "" {
					t.Errorf("a rating beside a fault: %v", rating)
				}
			}
			if got != c.want || !rs.Rates() {
				t.Errorf("got  %q\nwant %q: %v", got, c.want, faults)
			}
		})
	}
}

// TestRowsUsed: each row that went into a premium is told, once for each use.
func TestRowsUsed(t *testing.T) {
	rs := must(t, bondSpec())
	for range 2 { // a second application sees nothing of the first
		rating, _, _ := rs.Rate(application(t, map[string]string{"attrs.insuranceTypes": "DELIVERY,QUALITY"}))
		want := []policy.TableRow{
			{Table: "rate", Line: 3, Item: "DELIVERY", Value: money.MustParse("0.002")},
			{Table: "rate", Line: 1, Item: "QUALITY", Value: money.MustParse("0.003")},
		}
		if len(rating.Rows) != len(want) {
			t.Fatalf("got %v, want %v", rating.Rows, want)
		}
		for i, row := range rating.Rows {
			if row.Table != want[i].Table || row.Line != want[i].Line || row.Item != want[i].Item || !row.Value.Equal(want[i].Value) {
				t.Errorf("got %v, want %v", row, want[i])
			}
		}
	}
}

// TestTableRows: all rows are known, used or not.
func TestTableRows(t *testing.T) {
	var lines []int
	for _, row := range must(t, bondSpec()).TableRows() {
		lines = append(lines, row.Line)
		if row.Table != "rate" || row.Value.Sign() <= 0 {
			t.Errorf("got %v", row)
		}
	}
	if !slices.Equal(lines, []int{1, 2, 3, 4}) {
		t.Errorf("got rows of lines %v", lines)
	}
}

// TestNoRateOfItsOwn: without a rating there is nothing to rate by.
func TestNoRateOfItsOwn(t *testing.T) {
	rs := must(t, bondSpec(func(s *rules.Spec) { s.Rating = rules.Rating{} }))
	if _, faults, known := rs.Rate(application(t, nil)); rs.Rates() || known || len(faults) > 0 {
		t.Errorf("rated: %v, %v", known, faults)
	}
}

// TestPersonalColumn: what a table is asked for may be personal, and no fault
// may show it.
func TestPersonalColumn(t *testing.T) {
	rs := must(t, bondSpec(func(s *rules.Spec) {
		s.Define = append(s.Define, rules.Definition{Name: "who", Expr: `has(applicantPersonalInfo.personName) ? applicantPersonalInfo.personName : "nobody"`})
		s.Tables = []rules.Table{grid("named", "who: [nobody]", "nobody: 0.1%")}
		s.Rating = rules.Rating{Rate: "named()"}
	}))
	_, faults, known := rs.Rate(application(t, nil))
	if known || len(faults) != 1 || strings.Contains(faults[0].Message.ZH+faults[0].Message.EN, "张三") {
		t.Errorf("got %v", faults)
	}
}
