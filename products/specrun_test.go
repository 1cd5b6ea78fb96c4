package products_test

import (
	"encoding/xml"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
)

// wrong are tests of which hardly one passes.
const wrong = `product: COVERS
edition: 1
require: {rules: 80%}
fixtures: {sample: sample.json}
cases:
  as it should be: {given: sample, expect: reject TOO_HIGH NOTED}
  another verdict: {given: sample, expect: refer TOO_HIGH NOTED}
  a fault too few: {given: sample, expect: reject TOO_HIGH}
  a fault too many: {given: sample, expect: reject TOO_HIGH NOTED isv.missing-parameter}
  another field: {given: sample, expect: "reject TOO_HIGH:premium NOTED"}
  another premium:
    given: sample
    expect: {verdict: reject, premium: 6.37, rate: 0.624%, premiumOfCny: 6.37, allocation: {}, steps: {loaded: 7}, faults: [NOTED, {code: TOO_HIGH, path: amount}]}
  no premium:
    given: sample
    with: {currency: GBP}
    expect: {verdict: reject, premium: 6.36, faults: [NOTED, TOO_HIGH, {code: isv.invalid-parameter, path: currency}]}
  not now: {given: sample, expect: accept, skip: waits for the actuary}
`

// TestReportText holds the reports of tests that fail against a golden, in
// both languages.
func TestReportText(t *testing.T) {
	report := specOf(t, covers(t, cover, wrong)).Run(nil)
	if !report.Failed() || !report.Below() {
		t.Errorf("failed %t, below %t", report.Failed(), report.Below())
	}
	got := report.Text(policy.Chinese) + "\n" + report.Text(policy.English)
	const golden = "testdata/report.golden"
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil || got != string(want) {
		t.Errorf("got:\n%s\nwant:\n%s (%v)", got, want, err)
	}
}

// TestOutcomes runs one case at a time: what passes, and what never ends in
// success.
func TestOutcomes(t *testing.T) {
	const rest = "  other: {given: sample, expect: reject TOO_HIGH NOTED}\n"
	for name, c := range map[string]struct {
		cases  string
		match  string
		failed bool
		want   []products.Outcome
	}{
		"right":            {"  one: {given: sample, expect: reject NOTED TOO_HIGH}\n", "", false, []products.Outcome{products.Passed, products.Passed}},
		"wrong":            {"  one: {given: sample, expect: accept}\n", "", true, []products.Outcome{products.Failed, products.Passed}},
		"skipped":          {"  one: {given: sample, expect: accept, skip: later}\n", "", true, []products.Outcome{products.Skipped, products.Passed}},
		"focused":          {"  one: {given: sample, expect: reject NOTED TOO_HIGH, only: true}\n", "", true, []products.Outcome{products.Passed, products.Skipped}},
		"not focused":      {"  one: {given: sample, expect: reject NOTED TOO_HIGH, only: false}\n", "", false, []products.Outcome{products.Passed, products.Passed}},
		"filtered":         {"  one: {given: sample, expect: accept}\n", "^other$", false, []products.Outcome{products.Passed}},
		"by the page":      {"  one: {given: sample, with: {productCode: ANOTHER}, expect: \"reject isv.product-not-found\"}\n", "", false, []products.Outcome{products.Passed, products.Passed}},
		"twice the same":   {"  one: {given: sample, with: {premium: ~, identifier: ~}, expect: reject NOTED TOO_HIGH isv.missing-parameter isv.missing-parameter}\n", "", false, []products.Outcome{products.Passed, products.Passed}},
		"a row each":       {"  one: {given: sample, fill: declared, expect: accept, each: [{amount: 500}, {amount: 500.01, expect: note NOTED}]}\n", "", false, []products.Outcome{products.Passed, products.Passed, products.Passed}},
		"paths in any row": {"  one: {given: sample, with: {attrs: ~}, expect: {verdict: reject, faults: [TOO_HIGH, {code: NOTED, path: [amount]}]}}\n", "", false, []products.Outcome{products.Passed, products.Passed}},
	} {
		t.Run(name, func(t *testing.T) {
			var match *regexp.Regexp
			if c.match != "" {
				match = regexp.MustCompile(c.match)
			}
			report := specOf(t, covers(t, cover, specHead+"cases:\n"+c.cases+rest)).Run(match)
			var got []products.Outcome
			for _, r := range report.Cases {
				got = append(got, r.Outcome)
			}
			if report.Failed() != c.failed || len(got) != len(c.want) {
				t.Fatalf("failed %t, want %t; got %v, want %v\n%s", report.Failed(), c.failed, got, c.want, report.Text(policy.English))
			}
			for i := range got {
				if got[i] != c.want[i] {
					t.Errorf("got %v, want %v\n%s", got, c.want, report.Text(policy.English))
				}
			}
		})
	}
}

// TestThreshold holds coverage against what is required: one of two rules is
// seen to hold and to fail, the other to fail.
func TestThreshold(t *testing.T) {
	const cases = "cases:\n  low: {given: sample, with: {amount: 600}, fill: declared, expect: note NOTED}\n  high: {given: sample, expect: reject NOTED TOO_HIGH}\n"
	for require, below := range map[string]bool{
		"":                             false,
		"require: {rules: 75%}\n":      false,
		"require: {rules: 76%}\n":      true,
		"require: {conditions: 75%}\n": false,
		"require: {rules: 75%, conditions: 76%}\n": true,
	} {
		report := specOf(t, covers(t, cover, specHead+require+cases)).Run(nil)
		c := report.Coverage[0]
		if report.Failed() || report.Below() != below || c.Percent() != 75 || len(c.Missing) != 1 || c.Missing[0].Name != "NOTED" {
			t.Errorf("%q: %+v\n%s", require, c, report.Text(policy.English))
		}
		if part := specOf(t, covers(t, cover, specHead+require+cases)).Run(regexp.MustCompile("low")); part.Below() {
			t.Error("a part of the cases is held against a threshold for all")
		}
	}
}

// TestFillDeclared fills in what an honest caller declares, under products
// that price in different ways.
func TestFillDeclared(t *testing.T) {
	const cases = `cases:
  yuan: {given: sample, with: {amount: 333.33, expireTime: 2021-12-31 23:59:59}, fill: declared, expect: accept}
  dollars: {given: sample, with: {amount: 33.33, currency: USD, currencyRate: 6.4614}, fill: declared, expect: accept}
  yen: {given: sample, with: {amount: 333, currency: JPY, currencyRate: 0.058}, fill: declared, expect: accept}
  our own premium: {given: sample, with: {amount: 333.33, premium: 7.00}, fill: declared, expect: reject isv.parameters-mismatch:premium}
  a faulty amount: {given: sample, with: {amount: x}, fill: declared, expect: reject isv.invalid-parameter:amount}
`
	for name, premium := range map[string]string{
		"as declared":        "",
		"a rate of its own":  "  rate: 0.7%\n",
		"only method B":      "  declared: {premiumOfCny: B}\n",
		"only method C":      "  rate: 0.7%\n  declared: {premiumOfCny: C}\n",
		"rounded to nothing": "  rate: 0.0001%\n  round: down\n",
	} {
		t.Run(name, func(t *testing.T) {
			edition := "product: COVERS\nedition: 1\ntitle: 保险\ncoverages: {QUALITY: 质量险, DELIVERY: 交期险, APPEARANCE: 外观险}\ncurrencies: [CNY, USD, JPY]\nchecks: {order_amount: off}\n"
			if premium != "" {
				edition += "premium:\n" + premium
			}
			if report := specOf(t, covers(t, edition, specHead+cases)).Run(nil); report.Failed() {
				t.Error("\n" + report.Text(policy.English))
			}
		})
	}
}

// TestJUnit reads back what is written, with names that XML has to escape.
func TestJUnit(t *testing.T) {
	hostile := strings.ReplaceAll(wrong, "as it should be", `"<a> & 'b' ]]>"`)
	report := specOf(t, covers(t, cover, hostile)).Run(nil)
	text, err := products.Reports{report}.JUnit(policy.Chinese)
	if err != nil {
		t.Fatal(err)
	}
	var read struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Cases    []struct {
			Name    string `xml:"name,attr"`
			Failure string `xml:"failure"`
		} `xml:"testsuite>testcase"`
	}
	if err := xml.Unmarshal([]byte(text), &read); err != nil {
		t.Fatal(err)
	}
	if read.Tests != 9 || read.Failures != 8 || len(read.Cases) != 9 || read.Cases[0].Name != "<a> & 'b' ]]>" || !strings.Contains(read.Cases[1].Failure, "应为 refer") {
		t.Errorf("%+v\n%s", read, text)
	}
}

// TestRowCoverage sees rows of a table used by a premium, by a step and by a
// rule; one is left.
func TestRowCoverage(t *testing.T) {
	const edition = `product: COVERS
edition: 1
title: 保险
coverages: {QUALITY: 质量险, DELIVERY: 交期险, APPEARANCE: 外观险}
tables:
  rate:
    match: {insurePeriod: 1..365}
    rows:
      - [1..40, 0.5%]
      - [41..365, 0.6%]
  limit:
    match: {currency: [CNY, USD]}
    rows: [[CNY, 1000], [USD, 150]]
premium: {rate: rate()}
rules:
  TOO_HIGH: {reject_if: amount > limit()}
`
	const cases = `cases:
  low: {given: sample, with: {amount: 900}, fill: declared, expect: accept}
  high: {given: sample, fill: declared, expect: reject TOO_HIGH}
`
	for require, below := range map[string]bool{"": false, "require: {rows: 50%}\n": false, "require: {rules: 100%, rows: 51%}\n": true} {
		report := specOf(t, covers(t, edition, specHead+require+cases)).Run(nil)
		c := report.Coverage[2]
		if report.Failed() || report.Below() != below || c.Seen != 2 || c.Total != 4 || len(c.Missing) != 2 || c.Missing[0].Name != "rate" || c.Missing[1].Name != "limit" {
			t.Errorf("%q: %+v\n%s", require, c, report.Text(policy.English))
		}
	}
}
