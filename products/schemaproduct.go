package products

import (
	"encoding/json"

	"github.com/chudan-io/chudan/policy"
)

// productSchema is what readDefinition reads.
func productSchema() *shape {
	t := policy.DefaultTerms()
	s := object(
		property{"product", true, wordOf(productGrammar), policy.Text{
			ZH: "产品代码；目录以其小写命名", EN: "The product's code; its directory has the name in lower case"},
			[]any{"PERFORMANCE_SURETY_BONDS"}},
		property{"edition", true, digitsOf(editionGrammar, "number", "0"), policy.Text{
			ZH: "版本，与文件名一致；用过的版本不再改动", EN: "The edition, as in the file's name; one that was used is never changed"},
			[]any{json.Number("2021.2")}},
		property{"title", true, defined("label"), policy.Text{
			ZH: "产品名称：中文，或 {zh: …, en: …}", EN: "The product's title: Chinese, or {zh: …, en: …}"},
			[]any{"履约保证保险"}},
		property{"filing", false, defined("text"), policy.Text{ZH: "备案编号，印在电子保单上", EN: "The number of its filing, printed on the e-policy"}, []any{"FILING-2021-07"}},
		property{"coverages", false, byName(coverageGrammar, defined("label")), policy.Text{
			ZH: "险种代码与名称；代码可直接用于表达式", EN: "The coverages: code and title. The codes are words of expressions"},
			[]any{json.RawMessage(`{"QUALITY":"质量险"}`)}},
		property{"currencies", false, oneOrMore(defined("currency")).or(t.Currencies), policy.Text{
			ZH: "接受的币种（ISO 4217）", EN: "The currencies that are accepted (ISO 4217)"}, []any{[]string{"CNY", "USD"}}},
		property{"unique", false, oneOrMore(fieldNames(func(f policy.Field) bool { return !f.Personal }, false)), policy.Text{
			ZH: "唯一键：同一值只可出一张保单；不得为个人信息", EN: "Fields of which each value may fund one policy only; none of them personal"},
			[]any{[]string{"attrs.premiumFundStreamNo"}}},
		property{"facts", false, factsShape(), policy.Text{
			ZH: "事实：名称与类型，决定前向保险人系统查得；或 in_force_per，由存储累计。规则中写 facts.名称",
			EN: "Facts by name, read as facts.NAME: a type, had from your systems before the decision, or in_force_per, known to the store"},
			[]any{json.RawMessage(`{"sellerBlocked":"bool","sellerInForceCny":{"in_force_per":"orderSubjectMatterInfo.sellerId"}}`)}},
		property{"define", false, byName(nameGrammar, defined("expression")), policy.Text{
			ZH: "常量与表达式，按名引用，可互相引用", EN: "Constants and expressions by name; they may use each other"},
			[]any{json.RawMessage(`{"autoLimit":100000}`)}},
		property{"tables", false, byName(nameGrammar, tableShape()), policy.Text{
			ZH: "费率表：每种组合恰有一行，加载时验证", EN: "Tables: exactly one row for each combination, which is proven at load"}, nil},
		property{"premium", false, premiumShape(t), policy.Text{
			ZH: "保费如何计算；省略时按请求的费率，保费 = 保额 × 费率", EN: "How the premium is computed; where left out, by the request's own rate: amount × rate"},
			[]any{json.RawMessage(`{"rate":"0.3%","minimum":0.01}`)}},
		property{"checks", false, checksShape(t), policy.Text{
			ZH: "可调的检查：off 不查，note 只记录，refuse 拒绝", EN: "Checks that the product switches: off, note (recorded only) or refuse"},
			[]any{json.RawMessage(`{"order_amount":"refuse"}`)}},
		property{"rules", false, byName(codeGrammar, ruleShape()), policy.Text{
			ZH: "核保规则；键是问题代码，固定不变，不重复使用", EN: "The rules; the key is the code of the fault: stable, never used again for another"}, nil},
		property{"pin_refusals", false, truth().or(t.PinRefusals), policy.Text{
			ZH: "拒保后同一请求重发，仍答拒保", EN: "A refused request that is sent again is refused again"}, nil},
		property{"on_error", false, oneWord(wordsFor(onErrors())...).or(wordOfValue(onErrors(), policy.Refer)), policy.Text{
			ZH: "表达式运行出错时：refer 转人工，reject 拒绝", EN: "Where an expression fails at run time: refer or reject"}, nil},
	)
	s.Definitions = append(texts(), shapes{
		{"expression", expression().told(policy.Text{ZH: "表达式、数或百分数", EN: "An expression, a number or a percentage"}, "amount * currencyRate", 100000)},
		{"currency", currencyCode()},
		{"field", ruleField()},
		{"cell", cellShape()},
	}...)
	return s
}

// ruleField is a field or an object of the page as package rules names it: the
// list of coverages by its own name too.
func ruleField() *shape {
	s := fieldNames(func(policy.Field) bool { return true }, true)
	for _, list := range sumsOver() {
		s.Enum = append(s.Enum, list.word)
	}
	return s
}

// cellShape is what stands in a table: a value, a range, or several of them.
func cellShape() *shape { return oneOrMore(anyText()) }

// tableShape is what readTables reads of a table.
func tableShape() *shape {
	rows := &shape{Type: types{"array"}, Items: &shape{Type: types{"array"}, Items: defined("cell"), MinItems: 1}}
	return object(
		property{"match", true, byName(nameGrammar, defined("cell")), policy.Text{
			ZH: "列名与取值范围：字段、定义或自取的名称；coverages 指全部险种", EN: "The columns and their values: a field, a definition or a name of its own; coverages is all coverages"},
			[]any{json.RawMessage(`{"coverage":"coverages","days":"1..365"}`)}},
		property{"rows", false, rows, policy.Text{
			ZH: "各行：按 match 的次序，最后一格是值；任意值写 '*'", EN: "The rows: a cell for each column of match, the value last; any value is written '*'"},
			[]any{[]any{[]any{"QUALITY", "1..90", "0.300%"}}}},
		property{"file", false, &shape{Type: types{"string"}, Pattern: `^[^./\\][^/\\]*\.csv$`, PatternErrorMessage: both(wantSheet)}, policy.Text{
			ZH: "旁边的 CSV 文件，代替 rows；首行为列名与 value", EN: "A CSV file beside the edition, in place of rows; its first line names the columns and value"},
			[]any{"rate.csv"}},
	).exactlyOne(wantRows, "rows", "file")
}

// ruleShape is what readRules reads of a rule.
func ruleShape() *shape {
	condition := func(name, zh, en, example string) property {
		return property{name, false, defined("expression"), policy.Text{ZH: zh, EN: en}, []any{example}}
	}
	s := object(
		condition("when", "适用条件；省略即总是适用", "The rule applies only then; left out: always", "DELIVERY in insuranceTypes"),
		property{"require", false, oneOrMore(defined("field")), policy.Text{
			ZH: "须提供的字段或对象，缺少即拒绝", EN: "Fields or objects that must be there; a missing one is rejected"}, []any{"attrs.agreeOnSendTime"}},
		condition("must", "须成立的条件，不成立即拒绝", "A condition that must hold; false is rejected", "effectTime < attrs.agreeOnSendTime"),
		condition("reject_if", "成立即拒绝", "A condition; true is rejected", "amountCny > maxLimit"),
		condition("refer_if", "成立即转人工核保，须写 to", "A condition; true goes to an underwriter; needs to", "amountCny > autoLimit"),
		condition("note_if", "成立即记录，不影响出单", "A condition; true is noted, and changes nothing", "amountCny > 50000"),
		property{"to", false, wordOf(queueGrammar), policy.Text{ZH: "核保人员的队列；只与 refer_if 同用", EN: "The queue of the underwriters; with refer_if only"}, []any{"underwriting"}},
		property{"fields", false, oneOrMore(defined("field")), policy.Text{
			ZH: "问题所指的字段；省略即条件所读的字段", EN: "The fields that the fault blames; left out: those that the condition reads"}, []any{"amount"}},
		property{"message", false, defined("label"), policy.Text{
			ZH: "说明文字，{…} 处填入字段或定义的值，不得为个人信息", EN: "What people are told; {…} is a field or a definition, never a personal one"},
			[]any{"保额 {amountCny} 元超过上限 {maxLimit} 元"}},
	).exactlyOne(wantOutcome, "require", "must", "reject_if", "refer_if", "note_if")
	s.Dependencies = map[string][]string{"refer_if": {"to"}, "to": {"refer_if"}}
	return s
}

var wantOutcome = policy.Text{
	ZH: "require、must、reject_if、refer_if、note_if 须有且仅有一个",
	EN: "want exactly one of require, must, reject_if, refer_if, note_if",
}
