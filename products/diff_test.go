package products_test

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
)

// loadFiles loads the first of the files as an edition, the others beside it.
func loadFiles(t testing.TB, text string, beside map[string]string) *products.Edition {
	t.Helper()
	fsys := fstest.MapFS{"any.yaml": {Data: []byte(text)}}
	for name, text := range beside {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	e, err := products.LoadEdition(fsys, "any.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// TestDiffText holds everything that may change against a golden of each
// language.
func TestDiffText(t *testing.T) {
	dir := os.DirFS("testdata/diff")
	var editions [2]*products.Edition
	for i, name := range []string{"before.yaml", "after.yaml"} {
		e, err := products.LoadEdition(dir, name)
		if err != nil {
			t.Fatal(err)
		}
		editions[i] = e
	}
	changes := products.Diff(editions[0], editions[1])
	for _, lang := range []policy.Lang{policy.Chinese, policy.English} {
		var got bytes.Buffer
		for _, c := range changes {
			got.WriteString(c.Code + " " + c.Path + "\n    " + c.Text.In(lang) + "\n")
		}
		golden := "testdata/diff/" + string(lang) + ".golden"
		if *update {
			if err := os.WriteFile(golden, got.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got.Bytes(), want) {
			t.Errorf("got:\n%s\nwant:\n%s", got.Bytes(), want)
		}
	}
	if same := products.Diff(editions[1], editions[1]); same != nil {
		t.Errorf("an edition differs from itself: %v", same)
	}
	back := products.Diff(editions[1], editions[0])
	if len(back) != len(changes) {
		t.Errorf("%d changes there, %d back", len(changes), len(back))
	}
}

const diffed = `product: SURETY
edition: 1
title: 履约
coverages: {QUALITY: 质量险, DELIVERY: 交期险}
define:
  limit: 500000
  rated: rate(QUALITY, 1)
  label: currency == "C  NY"
tables:
  rate:
    match: {coverage: coverages, step: 1..2}
    rows: [[QUALITY, 1..2, 0.3%], [DELIVERY, 1, 0], [DELIVERY, 2, 0.5%]]
  only:
    match: {insurePeriod: 1..365}
    rows: [[1..30, 3], ["31..365", 4]]
premium:
  steps: [{name: a, value: amount}, {name: b, value: amount * 2}, {name: c, value: a * rated * only() + b}]
rules:
  FIRST: {require: [insurePeriod, orderSubjectMatterInfo.orderAmount]}
  SECOND: {must: amount < limit and not label}
`

func TestDiff(t *testing.T) {
	for name, c := range map[string]struct {
		from, to string   // replaced in the edition
		want     []string // code, path, row, before, after, percent
	}{
		"nothing":                  {"", "", nil},
		"the edition's name":       {"edition: 1", "edition: 2", nil},
		"a comment":                {"define:", "define: # limits", nil},
		"zeros behind the point":   {"limit: 500000", "limit: 500000.00", nil},
		"another unit":             {"0.3%", "3‰", nil},
		"spaces of an expression":  {"must: amount < limit", "must: amount  <  limit", nil},
		"rows moved":               {"[QUALITY, 1..2, 0.3%], [DELIVERY, 1, 0]", "[DELIVERY, 1, 0], [QUALITY, 1..2, 0.3%]", nil},
		"fields moved":             {"[insurePeriod, orderSubjectMatterInfo.orderAmount]", "[orderSubjectMatterInfo.orderAmount, insurePeriod]", nil},
		"coverages moved":          {"{QUALITY: 质量险, DELIVERY: 交期险}", "{DELIVERY: 交期险, QUALITY: 质量险}", nil},
		"a limit up":               {"limit: 500000", "limit: 600000", []string{"definition-changed define.limit  500000 600000 20"}},
		"a limit down":             {"limit: 500000", "limit: 300000.5", []string{"definition-changed define.limit  500000 300000.5 -40"}},
		"rounded once":             {"limit: 500000", "limit: 500025", []string{"definition-changed define.limit  500000 500025 0.01"}},
		"too little for a percent": {"limit: 500000", "limit: 500024", []string{"definition-changed define.limit  500000 500024 0"}},
		"a third":                  {"[1..30, 3]", "[1..30, 4]", []string{"row-changed tables.only.rows 1..30 3 4 33.33"}},
		"from nothing":             {"[DELIVERY, 1, 0]", "[DELIVERY, 1, 1]", []string{"row-changed tables.rate.rows DELIVERY, 1 0 1 0"}},
		"a percentage":             {"0.3%", "0.315%", []string{"row-changed tables.rate.rows QUALITY, 1..2 0.3% 0.315% 5"}},
		"spaces in quotes":         {`"C  NY"`, `"C NY"`, []string{`definition-changed define.label  currency == "C  NY" currency == "C NY" 0`}},
		"a set, other way":         {"[DELIVERY, 1, 0], [DELIVERY, 2, 0.5%]", "[DELIVERY, [2, 1], 0.5%]", []string{"row-removed tables.rate.rows DELIVERY, 1 0  0", "row-removed tables.rate.rows DELIVERY, 2 0.5%  0", "row-added tables.rate.rows DELIVERY, [1, 2]  0.5% 0"}},
		"a domain":                 {`match: {insurePeriod: 1..365}` + "\n" + `    rows: [[1..30, 3], ["31..365", 4]]`, "match: {insurePeriod: 1..30}\n    rows: [[1..30, 3]]", []string{"table-domain-changed tables.only.match.insurePeriod  1..365 1..30 0", "row-removed tables.only.rows 31..365 4  0"}},
		"no row the same":          {`[[1..30, 3], ["31..365", 4]]`, "[[1..365, 3]]", []string{"table-replaced tables.only  match: insurePeriod; rows: 2 match: insurePeriod; rows: 1 0"}},
		"steps moved":              {"{name: a, value: amount}, {name: b, value: amount * 2}", "{name: b, value: amount * 2}, {name: a, value: amount}", []string{"step-order-changed premium.steps  a, b, c b, a, c 0"}},
		"another kind of rule":     {"must: amount < limit", "reject_if: amount < limit", []string{"rule-changed rules.SECOND.reject_if  must amount < limit and not label reject_if amount < limit and not label 0"}},
		"one language":             {"title: 履约", "title: 履约险", []string{"title-changed title  履约 履约险 0"}},
		"another language":         {"title: 履约", "title: {zh: 履约, en: Bond}", []string{"title-changed title.en   Bond 0"}},
	} {
		t.Run(name, func(t *testing.T) {
			if !strings.Contains(diffed, c.from) {
				t.Fatalf("%q is not in the edition", c.from)
			}
			var got []string
			for _, change := range products.Diff(loadFiles(t, diffed, nil), loadFiles(t, strings.Replace(diffed, c.from, c.to, 1), nil)) {
				got = append(got, strings.Join([]string{change.Code, change.Path, change.Row, change.Before, change.After, change.Percent.String()}, " "))
				if change.Text.ZH == "" || change.Text.EN == "" {
					t.Errorf("not told in both languages: %+v", change)
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}

// TestDiffArguments moves columns that a call fills: the same call then means
// another row, where a column that is read from the request may stand anywhere.
func TestDiffArguments(t *testing.T) {
	moved := strings.NewReplacer("{coverage: coverages, step: 1..2}", "{step: 1..2, coverage: coverages}",
		"[QUALITY, 1..2, 0.3%]", "[1..2, QUALITY, 0.3%]", "[DELIVERY, 1, 0]", "[1, DELIVERY, 0]", "[DELIVERY, 2, 0.5%]", "[2, DELIVERY, 0.5%]",
		"rate(QUALITY, 1)", "rate(1, QUALITY)").Replace(diffed)
	got := products.Diff(loadFiles(t, diffed, nil), loadFiles(t, moved, nil))
	if len(got) != 2 || got[0].Path != "define.rated" || got[1].Code != "table-arguments-changed" || got[1].After != "step, coverage" {
		t.Errorf("%+v", got)
	}
}

// TestDiffSheet takes the rows of a table out of the edition into a sheet.
func TestDiffSheet(t *testing.T) {
	sheet := strings.Replace(diffed, `rows: [[1..30, 3], ["31..365", 4]]`, "file: only.csv", 1)
	got := products.Diff(loadFiles(t, diffed, nil), loadFiles(t, sheet, map[string]string{"only.csv": "insurePeriod,value\n31..365,4\n1 .. 30,3\n"}))
	if got != nil {
		t.Errorf("%+v", got)
	}
}

func TestDiffJSON(t *testing.T) {
	changes := products.Diff(loadFiles(t, diffed, nil), loadFiles(t, strings.Replace(diffed, "500000", "600000", 1), nil))
	text, err := json.Marshal(changes)
	want := `[{"code":"definition-changed","path":"define.limit","name":"limit","before":"500000","after":"600000","percent":"20",` +
		`"text":{"zh":"定义 limit：500000 → 600000（+20%）","en":"definition limit: 500000 → 600000 (+20%)"}}]`
	if err != nil || string(text) != want {
		t.Errorf("%v\n%s\nwant\n%s", err, text, want)
	}
}

func TestLoadEditionTellsProblems(t *testing.T) {
	_, err := products.LoadEdition(fstest.MapFS{"any.yaml": {Data: []byte("product: SURETY\n")}}, "any.yaml")
	if found := problems(t, err); found[0].File != "any.yaml" {
		t.Errorf("%+v", found)
	}
	_, err = products.LoadEdition(fstest.MapFS{}, "none.yaml")
	if found := problems(t, err); found[0].File != "none.yaml" {
		t.Errorf("%+v", found)
	}
}
