package rules_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/rules"
)

// grid is a table of one row a line: its cells, and its value behind a colon.
func grid(name, columns, rows string) rules.Table {
	t := rules.Table{Name: name}
	cell := func(text string) rules.Cell {
		if set, ok := strings.CutPrefix(text, "["); ok {
			return strings.Split(strings.TrimSuffix(set, "]"), " ")
		}
		return rules.Cell{text}
	}
	for part := range strings.SplitSeq(columns, ", ") {
		column, domain, _ := strings.Cut(part, ": ")
		t.Columns = append(t.Columns, rules.Column{Name: column, Domain: cell(domain)})
	}
	for i, line := range strings.Split(rows, "\n") {
		cells, value, _ := strings.Cut(line, ": ")
		row := rules.Row{Line: i + 1, Value: value}
		for c := range strings.SplitSeq(cells, ", ") {
			row.Cells = append(row.Cells, cell(c))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

const bondRows = "QUALITY, 1..90: 0.300%\nQUALITY, 91..365: 0.420%\nDELIVERY, 1..90: 0.200%\nDELIVERY, 91..365: 0.310%"

// bondSpec is a product whose rate is the sum of a table.
func bondSpec(changes ...func(*rules.Spec)) rules.Spec {
	s := rules.Spec{
		Coverages: []string{"QUALITY", "DELIVERY"},
		Define:    []rules.Definition{{Name: "days", Expr: "calendarDays(effectTime, expireTime)"}},
		Tables:    []rules.Table{grid("rate", "coverage: coverages, days: 1..365", bondRows)},
		Rating:    rules.Rating{Sum: "rate"},
	}
	for _, change := range changes {
		change(&s)
	}
	return s
}

func must(t testing.TB, s rules.Spec) *rules.Ruleset {
	t.Helper()
	rs, found := rules.Compile(s)
	for _, d := range found {
		t.Errorf("%s %+v: %s", d.Code, d.At, d.Message.EN)
	}
	if rs == nil {
		t.FailNow()
	}
	return rs
}

// TestDomains looks values up at the edges of what their columns have.
func TestDomains(t *testing.T) {
	for name, c := range map[string]struct{ columns, rows, amount, want string }{
		"whole numbers":           {"amount: 1..1000", "1..500: 1\n501..1000: 2", "500", "1"},
		"the next whole number":   {"amount: 1..1000", "1..500: 1\n501..1000: 2", "501", "2"},
		"the last one":            {"amount: 1..1000", "1..500: 1\n501..1000: 2", "1000.00", "2"},
		"past it":                 {"amount: 1..1000", "1..500: 1\n501..1000: 2", "1001", "isv.invalid-parameter:amount"},
		"between two":             {"amount: 1..1000", "1..500: 1\n501..1000: 2", "500.5", "isv.invalid-parameter:amount"},
		"a cent below the next":   {"amount: 0.01..1000.00", "0.01..500.00: 1\n500.01..1000: 2", "500.00", "1"},
		"a cent more":             {"amount: 0.01..1000.00", "0.01..500.00: 1\n500.01..1000: 2", "500.01", "2"},
		"numbers one by one":      {"amount: [100 200.5 300]", "100: 1\n[200.5 300]: 2", "200.50", "2"},
		"none of them":            {"amount: [100 200.5 300]", "100: 1\n[200.5 300]: 2", "250", "isv.invalid-parameter:amount"},
		"a range over them":       {"amount: [100 200.5 300]", "50..200: 1\n200.5..300: 2", "100", "1"},
		"a text":                  {"currency: [CNY USD]", "CNY: 1\nUSD: 2", "1", "1"},
		"a text that is not in":   {"currency: [EUR USD]", "EUR: 1\nUSD: 2", "1", "isv.invalid-parameter:currency"},
		"a condition":             {"large: [true false]", "true: 2\nfalse: 1", "600", "2"},
		"a condition that is not": {"large: [true false]", "true: 2\nfalse: 1", "6", "1"},
		"a definition of amount":  {"double: 1..100", "*: 1", "51", "isv.invalid-parameter:amount"},
		"percent in a column":     {"half: 0%..100%", "0%..50%: 1\n51%..100%: 2", "1.02", "2"},
		"a derived field":         {"insurePeriod: 1..30", "*: 1", "1", "isv.invalid-parameter:expireTime"},
		"a set":                   {"amount: 1..9", "[1 3 5..9]: 1\n[2 4]: 2", "4", "2"},
	} {
		t.Run(name, func(t *testing.T) {
			rs := must(t, bondSpec(func(s *rules.Spec) {
				s.Define = append(s.Define, rules.Definition{Name: "large", Expr: "amount > 500"},
					rules.Definition{Name: "double", Expr: "amount * 2"}, rules.Definition{Name: "half", Expr: "round(amount * 0.5, 2, half_up)"})
				s.Tables = []rules.Table{grid("factor", c.columns, c.rows)}
				s.Rating = rules.Rating{Steps: []rules.Step{{Name: "only", Value: "factor()"}}}
			}))
			a := application(t, map[string]string{"amount": c.amount, "amountOfCny": "", "insurePeriod": ""})
			rating, faults, known := rs.Rate(a)
			got := ""
			if known {
				got = rating.Steps[0].Value.String()
			} else if worst, ok := faults.Worst(); ok {
				got = worst.ErrorCode()
			}
			if got != c.want {
				t.Errorf("got %q, want %q: %v", got, c.want, faults)
			}
		})
	}
}

// TestProof holds the proof, and each lookup, against going through all rows
// for each combination.
func TestProof(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	sound := 0
	for round := range 3000 {
		const size = 5
		pick := func() (text string, fits [size + 1]bool) {
			from := 1 + rnd.IntN(size)
			to := from + rnd.IntN(size+1-from)
			if rnd.IntN(3) == 0 {
				from, to = 1, size
			}
			for i := from; i <= to; i++ {
				fits[i] = true
			}
			return fmt.Sprintf("%d..%d", from, to), fits
		}
		var rows []string
		var fits [][2][size + 1]bool
		for i := range 1 + rnd.IntN(4) {
			a, inA := pick()
			b, inB := pick()
			rows = append(rows, fmt.Sprintf("%s, %s: %d", a, b, i))
			fits = append(fits, [2][size + 1]bool{inA, inB})
		}
		row := func(a, b int) (at, count int) {
			for i, f := range fits {
				if f[0][a] && f[1][b] {
					at, count = i, count+1
				}
			}
			return at, count
		}
		gaps, overlaps := 0, 0
		for a := 1; a <= size; a++ {
			for b := 1; b <= size; b++ {
				switch _, n := row(a, b); {
				case n == 0:
					gaps++
				case n > 1:
					overlaps++
				}
			}
		}
		spec := rules.Spec{
			Tables: []rules.Table{grid("cell", fmt.Sprintf("a: 1..%d, b: 1..%d", size, size), strings.Join(rows, "\n"))},
			Rating: rules.Rating{Steps: []rules.Step{{Name: "only", Value: "cell(amount, insurePeriod)"}}},
		}
		rs, found := rules.Compile(spec)
		told := func(code string) bool {
			return slices.ContainsFunc(found, func(d rules.Diagnostic) bool { return d.Code == code })
		}
		if told("gap") != (gaps > 0) || told("overlap") != (overlaps > 0) || (rs == nil) != (gaps+overlaps > 0) {
			t.Fatalf("round %d: %d gaps, %d overlaps, found %v in\n%s", round, gaps, overlaps, found, strings.Join(rows, "\n"))
		}
		if rs == nil {
			continue
		}
		sound++
		for a := 1; a <= size; a++ {
			for b := 1; b <= size; b++ {
				want, _ := row(a, b)
				rating, _, known := rs.Rate(application(t, map[string]string{"amount": fmt.Sprint(a), "insurePeriod": fmt.Sprint(b), "amountOfCny": ""}))
				if !known || rating.Steps[0].Value.String() != fmt.Sprint(want) || rating.Rows[0].Line != want+1 {
					t.Fatalf("%d, %d gives %v, want row %d of\n%s", a, b, rating.Rows, want, strings.Join(rows, "\n"))
				}
			}
		}
	}
	if sound < 20 {
		t.Errorf("only %d tables were sound", sound)
	}
}

// TestLargeTables: what a table costs to prove is bounded, whatever is in it.
func TestLargeTables(t *testing.T) {
	var days, comb []string
	for i := range 10_000 {
		days = append(days, fmt.Sprintf("%d: 0.1%%", i+1))
	}
	rnd := rand.New(rand.NewPCG(5, 6))
	for range 2000 {
		var cells []string
		for range 8 {
			from := 1 + rnd.IntN(1000)
			cells = append(cells, fmt.Sprintf("%d..%d", from, from+rnd.IntN(1000)))
		}
		comb = append(comb, strings.Join(cells, ", ")+": 1")
	}
	for name, c := range map[string]struct {
		table rules.Table
		sound bool
	}{
		"ten thousand rows": {grid("large", "amount: 1..10000", strings.Join(days, "\n")), true},
		"one row more":      {grid("large", "amount: 1..10001", strings.Join(append(days, "10001: 0.1%"), "\n")), false},
		"overlaps without end": {grid("comb", "a: 1..2000, b: 1..2000, c: 1..2000, d: 1..2000, e: 1..2000, f: 1..2000, g: 1..2000, h: 1..2000",
			strings.Join(comb, "\n")), false},
	} {
		t.Run(name, func(t *testing.T) {
			begin := time.Now()
			rs, found := rules.Compile(rules.Spec{Tables: []rules.Table{c.table}})
			if took := time.Since(begin); took > 10*time.Second {
				t.Errorf("took %s", took)
			}
			if (rs != nil) != c.sound {
				t.Errorf("found %v", found)
			}
		})
	}
}

// BenchmarkTable looks the rates of two coverages up, and adds them.
func BenchmarkTable(b *testing.B) {
	rs := must(b, bondSpec(func(s *rules.Spec) {
		s.Rules = []rules.Rule{{Code: "A_RULE", RejectIf: "rate(QUALITY) + rate(DELIVERY) > 1"}}
	}))
	a := application(b, nil)
	p := &policy.Premium{}
	b.ReportAllocs()
	for b.Loop() {
		if faults := rs.Evaluate(a, p); len(faults) > 0 {
			b.Fatal(faults)
		}
	}
}
