package docs_test

import (
	"errors"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
)

// The product that stands around what a page shows of one.
const (
	exampleDir = "example/"
	bondDir    = "performance_surety_bonds/"
)

// rest are the keys that a piece of a file is given where it leaves them out,
// as the page says. They follow it, so that lines keep their numbers.
var rest = map[string][]string{
	"edition": {
		"product: EXAMPLE", "edition: 1", "title: 示例",
		"coverages: {QUALITY: 质量险, DELIVERY: 交期险, APPEARANCE: 外观险}",
	},
	"calendar":    {"product: EXAMPLE", "editions: [{from: 2021-01-01, edition: 1}]"},
	"institution": {"name: 示例保险公司"},
	"test": {
		"product: PERFORMANCE_SURETY_BONDS", "edition: 2021.2", "fixtures: {sample: testdata/sample.json}",
		"cases: {published: {given: sample, expect: accept}}",
	},
}

// definitions are those that a piece of an edition uses and leaves out.
var definitions = map[string]string{
	"days":      "calendarDays(effectTime, expireTime)",
	"amountCny": "amount * currencyRate",
}

// complete makes a whole file of a piece. One that names its product is whole.
func complete(kind, piece string) string {
	piece = strings.TrimSuffix(piece, "\n") + "\n"
	if strings.HasPrefix(piece, "product:") || strings.TrimSpace(piece) == "" {
		return piece
	}
	for _, line := range rest[kind] {
		key, _, _ := strings.Cut(line, ":")
		if !regexp.MustCompile(`(?m)^` + key + `:`).MatchString(piece) {
			piece += line + "\n"
		}
	}
	if kind != "edition" || regexp.MustCompile(`(?m)^define:`).MatchString(piece) {
		return piece
	}
	var define []string
	for name, expr := range definitions {
		if regexp.MustCompile(`\b` + name + `\b`).MatchString(piece) {
			define = append(define, name+`: "`+expr+`"`)
		}
	}
	slices.Sort(define)
	if len(define) > 0 {
		piece += "define: {" + strings.Join(define, ", ") + "}\n"
	}
	return piece
}

func sample(t *testing.T) []byte {
	t.Helper()
	data, err := os.ReadFile("../examples/requests/performance-surety-bond.json")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// place puts a piece of a file, and sheets, where they belong, and reads all of
// it. What is wrong comes back as Problems, and what is odd as warnings.
func place(t *testing.T, kind, piece string, beside map[string]string) products.Problems {
	t.Helper()
	fsys := fstest.MapFS{}
	put := func(name, text string) { fsys[name] = &fstest.MapFile{Data: []byte(text)} }
	put(exampleDir+"1.yaml", complete("edition", ""+"define: {}\n"))
	put(exampleDir+"calendar.yaml", complete("calendar", "basis: insureTime\n"))
	for name, text := range beside {
		put(exampleDir+name, text)
	}
	switch kind {
	case "institution":
		_, err := products.LoadInstitution("institution.yaml", []byte(complete(kind, piece)))
		return found(t, err)
	case "cores":
		_, err := products.LoadCores("cores.yaml", []byte(piece), "12345678", "23456789", "87654321")
		return found(t, err)
	case "facts":
		_, err := products.LoadFactSystems("facts.yaml", []byte(piece), "12345678", "87654321")
		return found(t, err)
	case "edition":
		put(exampleDir+"1.yaml", complete(kind, piece))
	case "calendar":
		put(exampleDir+"2.yaml", strings.Replace(complete("edition", "define: {}\n"), "edition: 1", "edition: 2", 1))
		put(exampleDir+"calendar.yaml", complete(kind, piece))
	case "csv":
		put(exampleDir+"1.yaml", complete("edition", "tables: {rate: {match: {coverage: coverages, days: 1..365}, file: rate.csv}}\n"))
		put(exampleDir+"rate.csv", piece)
	case "test", "fixture":
		return testProblems(t, kind, piece, beside)
	default:
		t.Fatalf("%q is no kind of file", kind)
	}
	if _, err := products.Load(fsys); err != nil {
		return found(t, err)
	}
	odd, err := products.Lint(fsys)
	return append(odd, found(t, err)...)
}

// testProblems reads and runs tests of the library's product: all have to pass.
func testProblems(t *testing.T, kind, piece string, beside map[string]string) products.Problems {
	t.Helper()
	fsys := fstest.MapFS{}
	for _, name := range []string{"2021.2.yaml", "calendar.yaml"} {
		data, err := fs.ReadFile(products.Library(), bondDir+name)
		if err != nil {
			t.Fatal(err)
		}
		if name == "2021.2.yaml" && strings.Contains(piece, "facts:") {
			data = factual(data, piece)
		}
		fsys[bondDir+name] = &fstest.MapFile{Data: data}
	}
	fsys[bondDir+"testdata/sample.json"] = &fstest.MapFile{Data: sample(t)}
	for name, text := range beside {
		fsys[bondDir+name] = &fstest.MapFile{Data: []byte(text)}
	}
	test := complete("test", piece)
	if kind == "fixture" {
		test = complete("test", "fixtures: {sample: testdata/sample.json}\n")
		fsys[bondDir+"testdata/sample.json"] = &fstest.MapFile{Data: []byte(piece)}
	}
	fsys[bondDir+"2021.2_test.yaml"] = &fstest.MapFile{Data: []byte(test)}
	catalog, err := products.Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	specs, err := products.LoadSpecs(fsys, catalog)
	if err != nil {
		return found(t, err)
	}
	for _, spec := range specs {
		if report := spec.Run(nil); kind == "test" && report.Failed() && !strings.Contains(piece, "skip:") && !strings.Contains(piece, "only:") {
			t.Errorf("%s\n%s", piece, report.Text(policy.English))
		}
	}
	return nil
}

// factual is the library's product with the fact that a piece states, as the
// page says.
func factual(edition []byte, piece string) []byte {
	with := "facts: {sellerBlocked: bool}\nrules:\n  SELLER_BLOCKED: {reject_if: facts.sellerBlocked}"
	if strings.Contains(piece, "sellerInForceCny") {
		with = "facts: {sellerInForceCny: {in_force_per: orderSubjectMatterInfo.sellerId}}\nrules:\n  SELLER_LIMIT: {reject_if: facts.sellerInForceCny + amountOfCny > 2000000}"
	}
	return regexp.MustCompile(`(?m)^rules:.*$`).ReplaceAll(edition, []byte(with))
}

func found(t *testing.T, err error) (problems products.Problems) {
	t.Helper()
	if err != nil && !errors.As(err, &problems) {
		t.Fatal(err)
	}
	return problems
}

// codesOf are the codes of problems, each once.
func codesOf(problems products.Problems) (codes []string) {
	for _, p := range problems {
		if !slices.Contains(codes, p.Code) {
			codes = append(codes, p.Code)
		}
	}
	return codes
}
