package rulebook_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
	"github.com/chudan-io/chudan/products/rulebook"
)

// load loads an edition.
func load(t testing.TB, text string) *products.Edition {
	t.Helper()
	e, err := products.LoadEdition(fstest.MapFS{"any.yaml": {Data: []byte(text)}}, "any.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return e
}

const spoken = `product: SURETY
edition: 1
title: 履约
coverages: {QUALITY: {zh: 质量险, en: Quality}, DELIVERY: {zh: 交期险, en: Delivery}}
currencies: [CNY, USD]
define:
  limit: 100000
  amountCny: amount * currencyRate
  large: amountCny > limit
  kind: 'large ? "BIG" : "SMALL"'
tables:
  rate:
    match: {coverage: coverages}
    rows: [[QUALITY, 0.3%], [DELIVERY, 0.2%]]
  load:
    match: {currency: [CNY, USD]}
    rows: [[CNY, 1.1], [USD, 1.2]]
rules:
  SENT: {require: attrs.agreeOnSendTime}
  ORDERED: {require: [orderSubjectMatterInfo.orderAmount, orderSubjectMatterInfo.subjectMatterName]}
  ASKED:
    when: true
    must: EXPRESSION
`

// TestWords says conditions of every sort.
func TestWords(t *testing.T) {
	for expression, want := range map[string][2]string{
		"amount > limit": {"保额大于 limit（100000）", "the sum insured is above limit (100000)"},
		"amount <= 0.5":  {"保额不大于 0.5", "the sum insured is at most 0.5"},
		"amount < 1 or amount >= 2 and amount != 3":  {"保额小于 1，或（保额不小于 2，且保额不等于 3）", "the sum insured is below 1, or (the sum insured is at least 2, and the sum insured does not equal 3)"},
		"(amount < 1 or amount == 2) and amount > 0": {"（保额小于 1，或保额等于 2），且保额大于 0", "(the sum insured is below 1, or the sum insured equals 2), and the sum insured is above 0"},
		"1 < amount <= 9":                                       {"1 小于保额，且保额不大于 9", "1 is below the sum insured, and the sum insured is at most 9"},
		"effectTime < attrs.agreeOnSendTime":                    {"保险起期早于约定发货时间", "the beginning of cover is before the agreed time of dispatch"},
		"attrs.agreeOnSendTime <= expireTime":                   {"约定发货时间不晚于保险止期", "the agreed time of dispatch is not after the end of cover"},
		"effectTime > insureTime":                               {"保险起期晚于投保时间", "the beginning of cover is after the time of application"},
		"effectTime >= insureTime":                              {"保险起期不早于投保时间", "the beginning of cover is not before the time of application"},
		"effectTime == insureTime":                              {"保险起期与投保时间相同", "the beginning of cover is the same as the time of application"},
		"QUALITY in insuranceTypes":                             {"投保险种包含 QUALITY（质量险）", "the coverages applied for include QUALITY (Quality)"},
		"QUALITY not in insuranceTypes":                         {"投保险种不包含 QUALITY（质量险）", "the coverages applied for do not include QUALITY (Quality)"},
		"not (QUALITY in insuranceTypes)":                       {"投保险种不包含 QUALITY（质量险）", "the coverages applied for do not include QUALITY (Quality)"},
		`currency in ["CNY", "USD"]`:                            {"币种为以下之一：“CNY”、“USD”", `the currency is one of ["CNY", "USD"]`},
		`currency not in ["CNY"]`:                               {"币种不是以下任何一个：“CNY”", `the currency is none of ["CNY"]`},
		`currency == "USD"`:                                     {"币种为“USD”", `the currency is "USD"`},
		`kind != "amount"`:                                      {"kind 不为“amount”", `kind is not "amount"`},
		"has(premiumRate)":                                      {"已提供申报费率", "the declared rate is given"},
		"has(insuranceTypes) or amount > 1":                     {"已提供投保险种，或保额大于 1", "the coverages applied for are given, or the sum insured is above 1"},
		"not has(attrs)":                                        {"未提供扩展属性", "the object of attributes is not given"},
		"large":                                                 {"large 成立", "large holds"},
		"not large":                                             {"large 不成立", "large does not hold"},
		"not (amount > 1)":                                      {"并非（保额大于 1）", "it is not so that (the sum insured is above 1)"},
		"not (large and amount > 1)":                            {"并非（large 成立，且保额大于 1）", "it is not so that (large holds, and the sum insured is above 1)"},
		"(amount - 1) * 2 - (amount - 3) > -amount":             {"（保额 − 1）× 2 −（保额 − 3）大于 −保额", "(the sum insured − 1) × 2 − (the sum insured − 3) is above −the sum insured"},
		"amount - (1 - amount) == 0":                            {"保额 −（1 − 保额）等于 0", "the sum insured − (1 − the sum insured) equals 0"},
		"amount * 2 + 1 < 3":                                    {"保额 × 2 + 1 小于 3", "the sum insured × 2 + 1 is below 3"},
		"(large ? 1 : amount) > 2":                              {"（若 large 成立，则 1，否则保额）大于 2", "(if large holds, then 1, otherwise the sum insured) is above 2"},
		"round(amount, 0, up) > 1":                              {"（保额，进位至 0 位小数）大于 1", "(the sum insured, rounded up to 0 decimals) is above 1"},
		"div(amount, 3, 2, half_even) > 1":                      {"（保额 ÷ 3，四舍六入五成双至 2 位小数）大于 1", "(the sum insured ÷ 3, rounded half to even to 2 decimals) is above 1"},
		"min(amount, 2, 3) > max(1, 2)":                         {"最小值（保额，2，3）大于最大值（1，2）", "the least of (the sum insured, 2, 3) is above the greatest of (1, 2)"},
		"abs(amount) > 1":                                       {"绝对值（保额）大于 1", "the absolute value of (the sum insured) is above 1"},
		"calendarDays(effectTime, expireTime) > 30":             {"（保险起期至保险止期的日历天数，首尾均计）大于 30", "(the calendar days from the beginning of cover to the end of cover, both ends counted) is above 30"},
		"len(insuranceTypes) > 1":                               {"项数（投保险种）大于 1", "the number of items in (the coverages applied for) is above 1"},
		"len(orderSubjectMatterInfo.subjectMatterName) > 1":     {"字符数（标的名称）大于 1", "the number of characters in (the name of the goods) is above 1"},
		`orderSubjectMatterInfo.subjectMatterName contains "烟"`: {"标的名称含有“烟”", `the name of the goods contains "烟"`},
		`orderSubjectMatterInfo.subjectMatterName not contains "烟 草"`: {"标的名称不含“烟 草”", `the name of the goods does not contain "烟 草"`},
		`orderSubjectMatterInfo.subjectMatterName startsWith "A"`:     {"标的名称以“A”开头", `the name of the goods begins with "A"`},
		`orderSubjectMatterInfo.subjectMatterName not endsWith "A"`:   {"标的名称不以“A”结尾", `the name of the goods does not end with "A"`},
		`currency matches "^C"`: {"币种中有符合正则表达式“^C”的内容", `the currency has something in it that matches the regular expression "^C"`},
		"rate(QUALITY) > 1.25‰": {"表 rate（QUALITY（质量险））的值大于 1.25‰", "the value of table rate (QUALITY (Quality)) is above 1.25‰"},
		"load() > 1":            {"表 load 的值大于 1", "the value of table load is above 1"},

		"large == true":           {},
		"large or true":           {},
		"(large ? large : true)":  {},
		"amount > 1 and not true": {},
	} {
		t.Run(expression, func(t *testing.T) {
			book := rulebook.New(rulebook.Source{Edition: load(t, strings.Replace(spoken, "EXPRESSION", "'"+strings.ReplaceAll(expression, "'", "''")+"'", 1))})
			part := section(t, book, "rule-asked")
			if got := part.Blocks[1].Expression; got != "when: true\nmust: "+expression {
				t.Errorf("as written: %q", got)
			}
			comes := part.Blocks[0].Facts[2].Value
			if want == [2]string{} {
				want = [2]string{"（见下方表达式）", "(the expression below)"}
			}
			if got := strings.TrimPrefix(comes.Text(policy.Chinese), "不满足："); got != want[0] {
				t.Errorf("got  %s\nwant %s", got, want[0])
			}
			if got := strings.TrimPrefix(comes.Text(policy.English), "unless "); got != want[1] {
				t.Errorf("got  %s\nwant %s", got, want[1])
			}
		})
	}
}

// TestLibrarySpeaks: every condition of the library is said in words.
func TestLibrarySpeaks(t *testing.T) {
	for name, source := range library(t) {
		if text := rulebook.New(source).Markdown(policy.English); strings.Contains(text, "the expression below") {
			t.Errorf("%s has conditions that are not said in words", name)
		}
	}
}

// TestNames: every field and object of the page has a name in both languages.
func TestNames(t *testing.T) {
	var paths []string
	seen := map[string]bool{}
	for _, f := range policy.Fields() {
		object, _, _ := strings.Cut(f.Path, ".")
		if policy.IsObject(object) && !seen[object] {
			seen[object] = true
			paths = append(paths, object)
		}
		paths = append(paths, f.Path)
	}
	e := load(t, "product: SURETY\nedition: 1\ntitle: 履约\nrules:\n  ALL: {require: ["+strings.Join(paths, ", ")+"]}\n")
	names := map[string]string{}
	for _, row := range section(t, rulebook.New(rulebook.Source{Edition: e}), "request").Blocks[0].Table.Rows {
		for _, lang := range languages {
			name, path := row[0].Text(lang), row[1].Text(lang)
			if name == "" || name == path {
				t.Errorf("%s has no name in %s", path, lang)
			}
			if other, taken := names[name]; taken && other != path {
				t.Errorf("%s and %s have one name: %s", path, other, name)
			}
			names[name] = path
		}
	}
	if want := len(paths); len(names) < want {
		t.Errorf("%d names of %d fields and objects", len(names), want)
	}
}
