package products

import (
	"encoding/json"
	"regexp"
	"strings"

	"github.com/chudan-io/chudan/policy"
)

// testSchema is what specReader.read reads.
func testSchema() *shape {
	percent := func(name, zh, en string) property {
		s := wordOf(grammar{wholePercent, wantPercent})
		return property{name, false, s, policy.Text{ZH: zh, EN: en}, []any{"100%"}}
	}
	s := object(
		property{"product", true, wordOf(productGrammar), policy.Text{
			ZH: "产品代码；目录以其小写命名", EN: "The product's code; its directory has the name in lower case"}, []any{"PERFORMANCE_SURETY_BONDS"}},
		property{"edition", true, digitsOf(editionGrammar, "number", "0"), policy.Text{
			ZH: "所测的版本：文件名为 <版本>_test.yaml", EN: "The edition under test: the file is <edition>_test.yaml"}, []any{json.Number("2021.2")}},
		property{"require", false, object(
			percent("rules", "规则：见过通过与不通过", "Rules that were seen to hold and to fail"),
			percent("conditions", "条件：见过真与假", "Conditions that were seen true and false"),
			percent("rows", "费率表各行：用到过", "Rows of tables that were used"),
		), policy.Text{ZH: "最低覆盖率，不足则退出码为 5；省略即只报告", EN: "The least coverage; below it the exit code is 5. Left out: reported only"},
			[]any{json.RawMessage(`{"rules":"100%","conditions":"100%","rows":"100%"}`)}},
		property{"fixtures", false, byName(anyName, &shape{Type: types{"string"}, MinLength: 1}), policy.Text{
			ZH: "样例请求：名称与产品目录内的 JSON 文件", EN: "Requests by name: JSON files in the product's directory"},
			[]any{json.RawMessage(`{"sample":"testdata/sample.json"}`)}},
		property{"facts", false, factsStated(), policy.Text{
			ZH: "各用例的事实；不写的即取不到", EN: "The facts of all cases; one that is left out is not to be had"},
			[]any{json.RawMessage(`{"sellerBlocked":false,"sellerExposureCny":0}`)}},
		property{"cases", true, either(sheetOr(), casesShape()), policy.Text{
			ZH: "用例：名称与内容；或旁边的 CSV 文件", EN: "The cases by name; or a CSV file beside the tests"}, nil},
	)
	s.Definitions = shapes{
		{"text", lineText()},
		{"amount", plainAmount()},
		{"rate", oneRate()},
		{"sent", &shape{Type: types{"string", "number", "boolean", "null"}, MinLength: 1}},
		{"field", fieldNames(func(policy.Field) bool { return true }, true)},
		{"code", &shape{Type: types{"string"}, Pattern: `^\s*` + expectable() + `\s*$`, PatternErrorMessage: both(policy.Text{
			ZH: "应为规则代码，或错误码", EN: "want the code of a rule, or an error code"})}},
		{"expectation", expectationShape()},
	}
	return s
}

// sheetOr is the name of a CSV file, where something else may stand as well.
func sheetOr() *shape {
	return &shape{Type: types{"string"}, Pattern: `^[^./\\][^/\\]*\.csv$`, PatternErrorMessage: both(wantCases)}
}

func casesShape() *shape {
	row := object(append([]property{
		{"expect", false, defined("expectation"), policy.Text{ZH: "预期；省略即用例的预期", EN: "What has to come; left out: what the case expects"}, []any{"reject SUM_TOO_HIGH"}},
		{"case", false, anyText(), policy.Text{ZH: "行的名称，显示在报告中", EN: "The name of the row, as reports show it"}, []any{"a cent above"}},
	}, overrides()...)...).stating()
	each := either(sheetOr(), &shape{Type: types{"array"}, Items: row, MinItems: 1})
	s := object(
		property{"given", true, &shape{Type: types{"string", "number"}, MinLength: 1}, policy.Text{ZH: "样例请求的名称", EN: "The name of a fixture"}, []any{"sample"}},
		property{"with", false, object(overrides()...).stating(), policy.Text{ZH: "改动的字段；~ 删除", EN: "Fields to set by their paths; ~ takes one away"},
			[]any{json.RawMessage(`{"attrs.agreeOnSendTime":null}`)}},
		property{"facts", false, factsStated(), policy.Text{ZH: "该用例的事实；~ 表示取不到", EN: "The facts of the case; ~ where one is not to be had"},
			[]any{json.RawMessage(`{"sellerBlocked":true}`)}},
		property{"fill", false, oneWord(wordsFor(fills())...), policy.Text{
			ZH: "由引擎填入 premium、premiumOfCny、amountOfCny、premiumRate 与 insurePeriod",
			EN: "The engine fills in premium, premiumOfCny, amountOfCny, premiumRate and insurePeriod"}, nil},
		property{"each", false, each, policy.Text{ZH: "每行成为一个用例；或旁边的 CSV 文件", EN: "Each row is a case; or a CSV file beside the tests"},
			[]any{json.RawMessage(`[{"amount":100000.01,"expect":"refer LARGE_SUM"}]`)}},
		property{"expect", false, defined("expectation"), policy.Text{ZH: "预期：结论与全部问题代码", EN: "What has to come: the verdict and the codes of all faults"},
			[]any{"accept", "reject SEND_TIME_REQUIRED"}},
		property{"skip", false, defined("text"), policy.Text{ZH: "跳过的原因；退出码不为 0", EN: "Why it is not run; the exit code is not 0 then"}, nil},
		property{"only", false, truth().or(false), policy.Text{ZH: "只运行此用例；退出码不为 0", EN: "Nothing else is run; the exit code is not 0 then"}, nil},
	)
	rows := &shape{Items: &shape{Required: []string{"expect"}, ErrorMessage: both(wantExpectation)}}
	s.AnyOf = []*shape{
		{Required: []string{"expect"}, ErrorMessage: both(wantExpectation)},
		{Required: []string{"each"}, Properties: shapes{{"each", rows}}, ErrorMessage: both(wantExpectation)},
	}
	all := byName(anyName, s)
	all.MinProperties = 1
	return all
}

// overrides are the fields that a case may set, and the objects that it may
// take away.
func overrides() []property {
	var all []property
	for _, f := range policy.Fields() {
		object := objectOf(f.Path)
		if object != "" && !told(all, object) {
			all = append(all, property{object, false, &shape{Type: types{"null"}, ErrorMessage: both(policy.Text{
				ZH: "删除整个对象写 ~；否则请写其中的字段", EN: "to take all of it away write ~; else name a field in it"})}, objectDocs[object], nil})
		}
		s := defined("sent")
		if f.Form == policy.FormList {
			s = either(s, &shape{Type: types{"array"}, Items: anyText(), MinItems: 1, UniqueItems: true})
		}
		all = append(all, property{f.Path, false, s, fieldDocs[f.Path].doc, []any{fieldDocs[f.Path].example}})
	}
	return all
}

func told(all []property, name string) bool {
	for _, p := range all {
		if p.name == name {
			return true
		}
	}
	return false
}

// expectationShape is what specReader.expectation reads.
func expectationShape() *shape {
	verdicts := verdictWords()
	short := &shape{
		Type:                types{"string"},
		Pattern:             `^\s*(` + verdicts[0] + `|(` + strings.Join(verdicts[1:], "|") + `)(\s+` + expectable() + `)+)\s*$`,
		PatternErrorMessage: both(wantExpectation),
	}
	fault := either(defined("code"), object(
		property{"code", true, defined("code"), policy.Text{ZH: "规则代码，或错误码", EN: "The code of a rule, or an error code"}, []any{"SUM_TOO_HIGH"}},
		property{"path", false, oneOrMore(defined("field")), policy.Text{ZH: "所指的字段", EN: "The fields that it blames"}, []any{"premium"}},
	))
	amounts := func(names grammar) *shape { return byName(names, defined("amount")) }
	long := object(
		property{"verdict", true, oneWord(verdicts...), policy.Text{ZH: "结论", EN: "The verdict"}, nil},
		property{"premium", false, defined("amount"), policy.Text{ZH: "保费", EN: "The premium"}, []any{json.Number("6.36")}},
		property{"rate", false, defined("rate"), policy.Text{ZH: "费率", EN: "The rate"}, []any{"0.625%"}},
		property{"premiumOfCny", false, defined("amount"), policy.Text{ZH: "人民币保费", EN: "The premium in CNY"}, []any{json.Number("6.36")}},
		property{"allocation", false, amounts(coverageGrammar), policy.Text{ZH: "各险种的保费，须写全", EN: "The premium of each coverage, all of them"},
			[]any{json.RawMessage(`{"QUALITY":3.05,"DELIVERY":3.31}`)}},
		property{"steps", false, amounts(nameGrammar), policy.Text{ZH: "各步骤的值", EN: "The values of steps"}, []any{json.RawMessage(`{"net":6.3625}`)}},
		property{"faults", false, oneOrMore(fault), policy.Text{ZH: "全部问题", EN: "All faults"}, []any{json.RawMessage(`[{"code":"isv.parameters-mismatch","path":"premium"}]`)}},
	)
	long.If = &shape{Properties: shapes{{"verdict", &shape{Const: verdicts[0]}}}}
	long.Then = &shape{Properties: shapes{{"faults", nil}}, ErrorMessage: both(wantExpectation)}
	long.Else = &shape{Required: []string{"faults"}, ErrorMessage: both(wantExpectation)}
	return either(short, long)
}

var wantExpectation = policy.Text{
	ZH: "写明预期：accept，或 note、refer、reject 与全部问题代码，如 reject CODE",
	EN: "say what has to come: accept, or note, refer or reject and the codes of all faults, such as reject CODE",
}

// expectable is a code that an expectation may name, and the field after it.
func expectable() string {
	words := []string{strings.Trim(codeGrammar.is.String(), "^$")}
	for _, k := range expectableKinds {
		words = append(words, regexp.QuoteMeta(string(k)))
	}
	return `(` + strings.Join(words, "|") + `)(:[A-Za-z_.]+)?`
}
