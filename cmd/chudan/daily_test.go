package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chudan-io/chudan/adapters/qimen"
	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/policy/money"
)

// A text comes back from its formula; what a spreadsheet may take for a number
// or a formula is none.
func TestSpreadsheet(t *testing.T) {
	for name, c := range map[string]struct {
		text   string
		number bool
		want   string
	}{
		"a long number":       {"2021080410002001660575461643", false, `="2021080410002001660575461643"`},
		"leading zeros":       {"0010", false, `="0010"`},
		"an edition":          {"2021.10", false, `="2021.10"`},
		"a formula":           {`=HYPERLINK("http://x","y")`, false, `="=HYPERLINK(""http://x"",""y"")"`},
		"a command":           {"@SUM(1)", false, `="@SUM(1)"`},
		"nothing":             {"", false, ""},
		"longer than allowed": {strings.Repeat("单", 300), false, `="` + strings.Repeat("单", 255) + `"&"` + strings.Repeat("单", 45) + `"`},
		"an amount":           {"1018.00", true, "1018.00"},
		"a time":              {"2021-08-04 15:23:28", true, "2021-08-04 15:23:28"},
		"15 digits":           {"1234567890123.45", true, "1234567890123.45"},
		"16 digits":           {"12345678901234.56", true, `="12345678901234.56"`},
	} {
		t.Run(name, func(t *testing.T) {
			for _, plain := range []bool{false, true} {
				var out bytes.Buffer
				s := newSpreadsheet(&out, plain)
				if c.number {
					s.number(c.text)
				} else {
					s.text(c.text)
				}
				s.text("end")
				if err := s.end(); err != nil {
					t.Fatal(err)
				}
				if err := s.flush(); err != nil {
					t.Fatal(err)
				}
				text, marked := strings.CutPrefix(out.String(), byteOrderMark)
				row, err := csv.NewReader(strings.NewReader(text)).Read()
				want := c.want
				if plain {
					want = c.text
				}
				if err != nil || row[0] != want || marked == plain || !strings.HasSuffix(text, "\r\n") {
					t.Errorf("plain %t: %q %v, want %q", plain, out.String(), err, want)
				}
			}
		})
	}
}

// decided is the case of a request that was issued.
func decided(t testing.TB, change func(r *policy.Request)) policy.Case {
	t.Helper()
	catalog, err := loadCatalog("")
	if err != nil {
		t.Fatal(err)
	}
	_, body := variant(t, 1)
	request, faults := qimen.Decode(body, qimen.DecodeOptions{})
	if faults != nil {
		t.Fatal(faults)
	}
	change(request)
	d, err := policy.Decide(catalog, request)
	if err != nil || !d.Premium.Known() {
		t.Fatal(err, d.Faults)
	}
	return policy.Case{Record: policy.Record{Number: "P1", Product: d.Terms.Product}, Request: request, Premium: d.Premium}
}

// The rows of a policy add up to its premium, to the minor unit, and what is the
// policy's own is told once.
func TestDailyRowsAddUp(t *testing.T) {
	policies, rounded := 0, 0
	for _, currency := range []string{"CNY", "USD", "EUR", "JPY"} {
		for _, amount := range []string{"1", "3", "100", "1018", "1019", "99999", "33333"} {
			held := decided(t, func(r *policy.Request) { r.Currency, r.Amount = currency, amount })
			rows, sums, err := dailyRows(&held)
			if err != nil || len(rows) != 3 {
				t.Fatal(len(rows), err)
			}
			var sum money.Decimal
			for i, r := range rows {
				premium := money.MustParse(r.Premium)
				sum = sum.Add(premium)
				if !premium.Mul(money.FromInt(3)).Equal(held.Premium.Rounded) {
					rounded++
				}
				if r.Part != i+1 || r.Parts != 3 || (r.Amount != "") != (i == 0) || (r.PremiumCNY != "") != (i == 0) || (r.PremiumOfCny != "") != (i == 0) {
					t.Errorf("%s %s: %+v", currency, amount, r)
				}
			}
			if !sum.Equal(held.Premium.Rounded) || !sums.premium.Equal(held.Premium.Rounded) || rows[0].PremiumCNY != held.Premium.CNY.Fixed(2) {
				t.Errorf("%s %s: the rows come to %s, the premium is %s", currency, amount, sum, held.Premium.Rounded)
			}
			policies++
		}
	}
	t.Logf("%d policies, %d rows of uneven shares", policies, rounded)

	held := decided(t, func(*policy.Request) {})
	held.Premium.Shares = slices.Clone(held.Premium.Shares)
	held.Premium.Shares[1].Amount = held.Premium.Shares[1].Amount.Add(money.MustParse("0.01"))
	if _, _, err := dailyRows(&held); err == nil {
		t.Error("shares that are a cent too much pass")
	}
	held.Premium.Shares = nil
	if rows, _, err := dailyRows(&held); err != nil || len(rows) != 1 || rows[0].Premium != "6.36" || rows[0].Coverage != "" {
		t.Errorf("%+v %v", rows, err)
	}
}

// A day begins and ends at +08:00, wherever the machine stands.
func TestDay(t *testing.T) {
	date := func(text string) (m moment) {
		if text != "" {
			if err := m.Set(text); err != nil {
				t.Fatal(err)
			}
		}
		return m
	}
	for name, c := range map[string]struct{ date, now, from, to string }{
		"given":                        {"2026-11-11", "2030-01-01T00:00:00Z", "2026-11-10T16:00:00Z", "2026-11-11T16:00:00Z"},
		"yesterday":                    {"", "2026-11-25T15:59:59Z", "2026-11-23T16:00:00Z", "2026-11-24T16:00:00Z"},
		"yesterday, a second later":    {"", "2026-11-25T16:00:00Z", "2026-11-24T16:00:00Z", "2026-11-25T16:00:00Z"},
		"yesterday, of another year":   {"", "2026-12-31T20:00:00Z", "2026-12-30T16:00:00Z", "2026-12-31T16:00:00Z"},
		"no day, but a moment of it":   {"2026-11-11 12:00:00", "2030-01-01T00:00:00Z", "", ""},
		"the last of a month of 28":    {"2027-02-28", "2030-01-01T00:00:00Z", "2027-02-27T16:00:00Z", "2027-02-28T16:00:00Z"},
		"the first day of a leap year": {"2028-01-01", "2030-01-01T00:00:00Z", "2027-12-31T16:00:00Z", "2028-01-01T16:00:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			now, err := time.Parse(time.RFC3339, c.now)
			if err != nil {
				t.Fatal(err)
			}
			from, to, err := (&dailyOptions{date: date(c.date)}).day(now)
			if c.from == "" {
				if err == nil {
					t.Error("it passes for a day")
				}
				return
			}
			if err != nil || from.UTC().Format(time.RFC3339) != c.from || to.UTC().Format(time.RFC3339) != c.to {
				t.Errorf("%v to %v, %v", from, to, err)
			}
		})
	}
}

// What was issued is in the file of its day, with sums and without personal data;
// what was not is not.
func TestReportDaily(t *testing.T) {
	store := "sqlite:" + filepath.Join(t.TempDir(), "c.db")
	for _, name := range []string{"performance-surety-bond", "foreign-currency", "large-sum", "too-large-sum"} {
		if code, _, stderr := chudan(t, "", "issue", "--store", store, requests+"/"+name+".json"); code != exitOK && code != exitRefused {
			t.Fatal(stderr)
		}
	}
	_, out, _ := chudan(t, "", "list", "--store", store, "--format", "json")
	statuses, days := map[policy.Status]int{}, map[string]bool{}
	for line := range strings.Lines(out) {
		var l listed
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatal(err)
		}
		statuses[l.Status]++
		days[l.At.Format(time.DateOnly)] = true
	}
	if fmt.Sprint(statuses) != "map[issued:2 referred:1 refused:1]" {
		t.Error(out)
	}
	var rows [][]string
	totals := 0
	for day := range days {
		code, plain, stderr := chudan(t, "", "report", "daily", "--lang", "en", "--store", store, "--date", day, "--plain")
		all, err := csv.NewReader(strings.NewReader(plain)).ReadAll()
		if code != exitOK || err != nil || strings.Join(all[0], " ") != "tenant identifier insureId premiumFundStreamNo policyNo issuedAt productCode edition part parts coverage currency premium amount premiumCny premiumOfCny" {
			t.Fatal(code, err, stderr)
		}
		rows = append(rows, all[1:]...)
		totals += strings.Count(stderr, ": policies: ")
		var document struct {
			Date   string
			Rows   []dailyRow
			Totals []dailyTotal
		}
		_, text, _ := chudan(t, "", "report", "daily", "--store", store, "--date", day, "--format", "json")
		if err := json.Unmarshal([]byte(text), &document); err != nil || document.Date != day || len(document.Rows) != len(all)-1 {
			t.Errorf("%v: %s", err, text)
		}
		_, sheet, _ := chudan(t, "", "report", "daily", "--store", store, "--date", day)
		if strings.Contains(sheet+text, "张三") || !strings.HasPrefix(sheet, byteOrderMark+"租户,标识,") {
			t.Error(sheet)
		}
	}
	if len(rows) != 6 || totals != 2 {
		t.Fatalf("%q, %d totals", rows, totals)
	}
	want := "[local 010101004178221080402170019 010101001178221080402961044 2021080410002001660575461643 PBDI20210804000000016 AT PERFORMANCE_SURETY_BONDS 2021.2 1 3 QUALITY CNY 3.05 1018.00 6.36 6.36]"
	rows[0][5] = "AT"
	if fmt.Sprint(rows[0]) != want {
		t.Errorf("%s\nwant\n%s", rows[0], want)
	}
}
