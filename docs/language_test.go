package docs_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
	"github.com/chudan-io/chudan/rules"
)

// eachPage runs a test for each document.
func eachPage(t *testing.T, test func(*testing.T, *page)) {
	t.Helper()
	all := pages(t)
	if len(all) < 1 {
		t.Fatalf("%d pages", len(all))
	}
	for _, pair := range all {
		for _, p := range pair {
			t.Run(p.name, func(t *testing.T) { test(t, &p) })
		}
	}
}

// TestBlocks reads every piece of a product that a page shows: what is right
// loads, what is wrong has the problem that the page names and prints.
func TestBlocks(t *testing.T) {
	eachPage(t, func(t *testing.T, p *page) {
		beside := make(map[string]string)
		for i, b := range p.blocks {
			switch {
			case b.is("csv") && len(b.info) == 2 && !strings.Contains(b.info[1], "/"):
				beside[b.info[1]] = p.text(b)
			case b.is("yaml", "bad"):
				problems := place(t, b.info[3], p.text(b), beside)
				if codes := codesOf(problems); !slices.Equal(codes, b.info[2:3]) {
					t.Errorf("%s:%d: %v, want %s\n%s", p.name, b.from, codes, b.info[2], problems.Text(policy.English))
				}
				if i+1 < len(p.blocks) && p.blocks[i+1].is("text") {
					p.prints(t, i+1, problems.Text(p.lang))
				}
			case b.is("yaml") && len(b.info) == 2 && !strings.Contains(b.info[1], "/"):
				good(t, p, b.from, b.info[1], p.text(b), beside)
			case b.is("yaml") && len(b.info) < 2:
				t.Errorf("%s:%d: nobody runs this block", p.name, b.from)
			}
		}
	})
}

// good reads a piece that has nothing wrong with it.
func good(t *testing.T, p *page, line int, kind, piece string, beside map[string]string) {
	t.Helper()
	problems := slices.DeleteFunc(place(t, kind, piece, beside), func(p products.Problem) bool { return p.Warning })
	if len(problems) > 0 {
		t.Errorf("%s:%d:\n%s", p.name, line, problems.Text(p.lang))
	}
}

// TestKeys reads the example of each key, and that it has the key in it.
func TestKeys(t *testing.T) {
	eachPage(t, func(t *testing.T, p *page) {
		for _, tab := range p.tables {
			if tab.kind[0] != "keys" {
				continue
			}
			for _, r := range tab.rows {
				keys, example := spans(r.cells[0]), strings.Join(spans(r.cells[1]), "\n")
				good(t, p, r.line, tab.kind[1], example, map[string]string{"rate.csv": "coverage,days,value\n\"QUALITY,DELIVERY,APPEARANCE\",1..365,0.3%\n", "limits.csv": "amount,expect\n100000,accept\n"})
				for _, key := range keys {
					leaf := key[strings.LastIndex(key, ".")+1:]
					if !regexp.MustCompile(`\b` + leaf + `:`).MatchString(example) {
						t.Errorf("%s:%d: no %s in the example %s", p.name, r.line, leaf, example)
					}
				}
			}
		}
	})
}

// TestDefaults loads what the page says that a key means where it is left out,
// and finds no difference from leaving it out.
func TestDefaults(t *testing.T) {
	leftOut := regexp.MustCompile("(?:left out: |省略为 )`([^`]+)`")
	for _, p := range pages(t)["language"] {
		count := 0
		for _, tab := range p.tables {
			if !slices.Equal(tab.kind, []string{"keys", "edition"}) {
				continue
			}
			for _, r := range tab.rows {
				m := leftOut.FindStringSubmatch(r.cells[2])
				if m == nil {
					continue
				}
				for _, key := range spans(r.cells[0]) {
					if strings.HasSuffix(key, ".level") {
						continue
					}
					count++
					path := strings.Split(key, ".")
					piece := strings.Join(path, ": {") + ": " + m[1] + strings.Repeat("}", len(path)-1) + "\n"
					same := products.Diff(edition(t, piece), edition(t, "pin_refusals: true\n"))
					other := products.Diff(edition(t, piece), edition(t, "pin_refusals: false\n"))
					if len(same) > 0 || len(other) == 0 {
						t.Errorf("%s:%d: %s is not what is meant without it: %+v", p.name, r.line, piece, same)
					}
				}
			}
		}
		if count < 10 {
			t.Errorf("%s tells of %d defaults", p.name, count)
		}
	}
}

// edition is the edition that a piece makes.
func edition(t *testing.T, piece string) *products.Edition {
	t.Helper()
	e, err := products.LoadEdition(fstest.MapFS{"1.yaml": {Data: []byte(complete("edition", piece))}}, "1.yaml")
	if err != nil {
		t.Fatalf("%s\n%s", piece, found(t, err).Text(policy.English))
	}
	return e
}

// TestProblems holds the table of codes against the code: each is there, with
// a piece that has this problem and no other, and with one that has none.
func TestProblems(t *testing.T) {
	eachPage(t, func(t *testing.T, p *page) {
		for _, tab := range p.tables {
			if tab.kind[0] != "problems" {
				continue
			}
			for _, r := range tab.rows {
				code := spans(r.cells[0])[0]
				if build := situations[code]; strings.Trim(codeSpan.ReplaceAllString(r.cells[1], ""), "<br> ") != "" {
					if build == nil {
						t.Errorf("%s:%d: nothing shows %s", p.name, r.line, code)
					} else if codes := codesOf(build(t)); !slices.Equal(codes, []string{code}) {
						t.Errorf("%s:%d: %v, want %s", p.name, r.line, codes, code)
					}
					continue
				}
				wrong, right := strings.Join(spans(r.cells[1]), "\n"), strings.Join(spans(r.cells[2]), "\n")
				problems := place(t, tab.kind[1], wrong, nil)
				if codes := codesOf(problems); !slices.Equal(codes, []string{code}) {
					t.Errorf("%s:%d: %v, want %s\n%s", p.name, r.line, codes, code, problems.Text(p.lang))
				}
				problems = place(t, tab.kind[1], right, nil)
				if !strings.HasPrefix(code, "unused-") { // a table that is shown by itself is used by nobody
					problems = slices.DeleteFunc(problems, func(p products.Problem) bool { return strings.HasPrefix(p.Code, "unused-") })
				}
				if len(problems) > 0 {
					t.Errorf("%s:%d:\n%s", p.name, r.line, problems.Text(p.lang))
				}
			}
		}
	})
}

// TestEveryCode shows that the page of codes has them all, with what the code
// says of them, and no others.
func TestEveryCode(t *testing.T) {
	for _, p := range pages(t)["codes"] {
		meant := make(map[string][]string)
		for _, c := range products.Codes() {
			meant[c.Code] = append(meant[c.Code], c.When.In(p.lang))
		}
		for _, c := range rules.Codes() {
			meant[c.Code] = append(meant[c.Code], c.When.In(p.lang))
		}
		told := make(map[string]bool)
		for _, tab := range p.tables {
			if tab.kind[0] != "problems" {
				continue
			}
			for _, r := range tab.rows {
				code := spans(r.cells[0])[0]
				if meant[code] == nil {
					t.Errorf("%s:%d: there is no code %s", p.name, r.line, code)
				}
				if told[code] = true; r.cells[3] == "" {
					t.Errorf("%s:%d: what is %s?", p.name, r.line, code)
				}
			}
		}
		for code, when := range meant {
			if !told[code] {
				t.Errorf("%s does not tell of %s: %s", p.name, code, when)
			}
		}
	}
}

// TestWireCodes holds the table of the answers' codes against policy.Kinds.
func TestWireCodes(t *testing.T) {
	words := map[policy.Lang]map[any]string{
		policy.English: {
			policy.RetryNever: "no", policy.RetryNow: "at once", policy.RetryLater: "later", policy.RetryReplays: "same answer",
			policy.PinNever: "no", policy.PinKept: "for ever", policy.PinHeld: "until decided",
		},
		policy.Chinese: {
			policy.RetryNever: "否", policy.RetryNow: "立即", policy.RetryLater: "稍后", policy.RetryReplays: "同一答复",
			policy.PinNever: "否", policy.PinKept: "永久", policy.PinHeld: "至核保决定",
		},
	}
	for _, p := range pages(t)["codes"] {
		var rows []row
		for _, tab := range p.tables {
			if tab.kind[0] == "wire" {
				rows = tab.rows
			}
		}
		for i, k := range policy.Kinds() {
			if i >= len(rows) {
				t.Errorf("%s does not tell of %s", p.name, k.Kind)
				continue
			}
			want := []string{k.When.In(p.lang), words[p.lang][k.Retry], words[p.lang][k.Pin]}
			example := spans(rows[i].cells[0])[0]
			kind, suffix, has := strings.Cut(example, ":")
			_, isField := policy.FieldNamed(suffix)
			if kind != string(k.Kind) || has != (k.Suffix != policy.SuffixNone) || isField != (k.Suffix == policy.SuffixField) || !slices.Equal(rows[i].cells[1:4], want) {
				t.Errorf("%s:%d: %v, want %s %v", p.name, rows[i].line, rows[i].cells, k.Kind, want)
			}
		}
		if len(rows) > len(policy.Kinds()) {
			t.Errorf("%s has %d rows for %d kinds", p.name, len(rows), len(policy.Kinds()))
		}
	}
}

// TestValues computes each expression for the published request.
func TestValues(t *testing.T) {
	eachPage(t, func(t *testing.T, p *page) {
		var all []string
		for _, tab := range p.tables {
			if tab.kind[0] != "values" {
				continue
			}
			for _, r := range tab.rows {
				expr, value := spans(r.cells[0])[0], spans(r.cells[1])[0]
				all = append(all, expr)
				if !holds(t, expr+" ", value) {
					t.Errorf("%s:%d: %s is not %s", p.name, r.line, expr, value)
				}
			}
		}
		if !strings.HasPrefix(p.name, "language") {
			return
		}
		used := strings.Join(all, "\n")
		for _, operator := range rules.Operators() {
			if !regexp.MustCompile(`(^|[^=<>!&|a-zA-Z])` + regexp.QuoteMeta(operator) + `([^=<>&|a-zA-Z]|$|[a-z(]\w*)`).MatchString(used) {
				t.Errorf("%s has no example of %s", p.name, operator)
			}
		}
		page := strings.Join(p.lines, "\n")
		for _, signature := range rules.Functions() {
			name, _, _ := strings.Cut(signature, "(")
			if !regexp.MustCompile(`\b`+name+`\(`).MatchString(used) || !strings.Contains(page, "`"+signature+"`") {
				t.Errorf("%s has no example of %s, or does not tell how it is called", p.name, signature)
			}
		}
	})
}

// holds tells whether an expression has a value, by a rule that notes it.
func holds(t *testing.T, expr, value string) bool {
	t.Helper()
	quoted := strings.ReplaceAll("("+expr+") == ("+value+")", "'", "''")
	piece := "define: {days: 'calendarDays(effectTime, expireTime)', amountCny: amount * currencyRate, autoLimit: 100000}\n" +
		"tables: {rate: {match: {coverage: coverages, days: 1..365}, rows: [[QUALITY, 1..365, 0.3%], [[DELIVERY, APPEARANCE], 1..365, 2‰]]}}\n" +
		"rules: {THERE: {require: [premiumRate, orderSubjectMatterInfo.subjectMatterCategory]}, SAME: {note_if: '" + quoted + "'}}\n"
	fsys := fstest.MapFS{
		exampleDir + "1.yaml":        {Data: []byte(complete("edition", piece))},
		exampleDir + "calendar.yaml": {Data: []byte(complete("calendar", "basis: insureTime\n"))},
	}
	catalog, err := products.Load(fsys)
	if err != nil {
		t.Errorf("%s\n%s", quoted, found(t, err).Text(policy.English))
		return false
	}
	decision, err := policy.Decide(catalog, request(t))
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(decision.Faults, func(f policy.Fault) bool { return f.Code == "SAME" })
}

// request is the published request, for the product that stands around pieces.
func request(t *testing.T) *policy.Request {
	t.Helper()
	var sent map[string]any
	if err := json.Unmarshal(sample(t), &sent); err != nil {
		t.Fatal(err)
	}
	var r policy.Request
	set := func(path string, value any) {
		f, ok := policy.FieldNamed(path)
		if !ok {
			t.Fatalf("no field %s", path)
		}
		f.SetText(&r, fmt.Sprint(value))
	}
	for name, value := range sent {
		if object, is := value.(map[string]any); is {
			for inner, value := range object {
				set(name+"."+inner, value)
			}
			continue
		}
		set(name, value)
	}
	set("productCode", "EXAMPLE")
	return &r
}

// TestFields holds the table of fields against the page's.
func TestFields(t *testing.T) {
	kinds := map[policy.Lang]map[policy.Form]string{
		policy.English: {policy.FormText: "text", policy.FormDecimal: "number", policy.FormNumber: "number", policy.FormTime: "time", policy.FormList: "list"},
		policy.Chinese: {policy.FormText: "文本", policy.FormDecimal: "数", policy.FormNumber: "数", policy.FormTime: "时间", policy.FormList: "列表"},
	}
	for _, p := range pages(t)["language"] {
		told := make(map[string][]string)
		for _, tab := range p.tables {
			if tab.kind[0] != "fields" {
				continue
			}
			for _, r := range tab.rows {
				for _, path := range spans(r.cells[0]) {
					told[path] = r.cells
				}
			}
		}
		for _, f := range policy.Fields() {
			cells := told[f.Path]
			if cells == nil {
				t.Errorf("%s does not tell of %s", p.name, f.Path)
				continue
			}
			derived := f.Path == "insurePeriod" || f.Path == "amountOfCny"
			if cells[1] != kinds[p.lang][f.Form] || strings.Contains(cells[2], "★") != (f.Required || derived) || strings.Contains(cells[2], "○") != f.Personal {
				t.Errorf("%s: %v of %+v", p.name, cells, f)
			}
			delete(told, f.Path)
		}
		for path := range told {
			t.Errorf("%s: there is no field %s", p.name, path)
		}
	}
}
