package products

import (
	"encoding/json"

	"github.com/chudan-io/chudan/policy"
)

// calendarSchema is what readCalendar reads.
func calendarSchema() *shape {
	edition := func(name string, required bool, zh, en string) property {
		return property{name, required, digitsOf(editionGrammar, "number", "0"), policy.Text{ZH: zh, EN: en}, []any{json.Number("2021.2")}}
	}
	sale := object(
		property{"from", true, dateOrTime(), policy.Text{
			ZH: "起售时间（东八区）；只写日期即零时", EN: "From when it is sold (+08:00); a date alone is midnight"}, []any{"2021-07-01", "2021-07-01 18:00:00"}},
		edition("edition", true, "版本：同目录下的 <版本>.yaml", "The edition: <edition>.yaml beside the calendar"),
		edition("corrects", false, "所更正的版本：此后的新决定不再用它", "The edition that it corrects: no new decision is made by that one"),
	)
	return object(
		property{"product", true, wordOf(productGrammar), policy.Text{
			ZH: "产品代码；目录以其小写命名", EN: "The product's code; its directory has the name in lower case"}, []any{"PERFORMANCE_SURETY_BONDS"}},
		property{"basis", false, oneWord(wordsFor(bases())...).or(bases()[0].word), policy.Text{
			ZH: "按哪个时间选版本：投保时间或起保时间", EN: "The time of a request that picks the edition"}, nil},
		property{"editions", true, &shape{Type: types{"array"}, Items: sale, MinItems: 1}, policy.Text{
			ZH: "按时间先后排列；一个版本售至下一个版本开始", EN: "By date; each is sold until the next begins"},
			[]any{json.RawMessage(`[{"from":"2021-07-01","edition":2021.2}]`)}},
		property{"stop", false, dateOrTime(), policy.Text{ZH: "停售时间：此后不再承保", EN: "Nothing new is sold from then on"}, []any{"2021-12-01 18:00:00"}},
	)
}

// institutionSchema is what LoadInstitution reads.
func institutionSchema() *shape {
	prefixes := byName(productGrammar, digitsOf(prefixGrammar, "integer", "0"))
	prefixes.Properties = shapes{{"default", digitsOf(prefixGrammar, "integer", "0").told(policy.Text{ZH: "其余产品的前缀", EN: "The prefix of all other products"}, "PBDI")}}
	number := object(
		property{"template", false, defined("text").or(policy.DefaultNumberTemplate), policy.Text{
			ZH: "大写字母、数字与 {prefix}、{date}、{sequence:N}、{check}", EN: "Capital letters, digits and {prefix}, {date}, {sequence:N}, {check}"},
			[]any{policy.DefaultNumberTemplate}},
		property{"prefix", false, prefixes, policy.Text{
			ZH: "各产品的前缀，长度一致；default 用于其余产品", EN: "The prefix of each product, all of one length; default is that of all others"},
			[]any{json.RawMessage(`{"PERFORMANCE_SURETY_BONDS":"PBDI","default":"PBDI"}`)}},
	)
	s := object(
		property{"name", true, defined("label"), policy.Text{ZH: "保险人名称", EN: "The insurer's name"}, []any{json.RawMessage(`{"zh":"示例保险公司","en":"Example Insurance"}`)}},
		property{"address", false, defined("label"), policy.Text{ZH: "地址，印在电子保单上", EN: "The address, printed on the e-policy"}, []any{"上海市示例路 1 号"}},
		property{"phone", false, digitsOf(phoneGrammar, "integer", "100"), policy.Text{ZH: "客服电话", EN: "The phone number for customers"}, []any{"95500"}},
		property{"website", false, wordOf(websiteGrammar), policy.Text{ZH: "网址", EN: "The web address"}, []any{"https://www.example.com"}},
		property{"number", false, number, policy.Text{ZH: "保单号如何编", EN: "How policies are numbered"}, nil},
	)
	s.Definitions = texts()
	return s
}
