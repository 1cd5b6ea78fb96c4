package rules

import "github.com/chudan-io/chudan/policy"

// CodeInfo is one row of the table of codes.
type CodeInfo struct {
	Code    string      `json:"code"`
	When    policy.Text `json:"when"`
	Warning bool        `json:"warning,omitempty"` // of Lint: the rules run, but hardly as they were meant
}

// codes is the table, in the order in which it is documented. A code is a
// contract: it may be retired, and is never reused.
var codes = []CodeInfo{
	{"syntax", policy.Text{ZH: "不是表达式", EN: "the text is no expression"}, false},
	{"not-available", policy.Text{ZH: "语言中没有的写法", EN: "something that the language leaves out"}, false},
	{"number", policy.Text{ZH: "不是普通十进制数", EN: "no plain decimal"}, false},
	{"too-long", policy.Text{ZH: "超出长度、节点数或条数上限", EN: "over a limit of length, nodes or count"}, false},
	{"too-large", policy.Text{ZH: "结果可能过长，无法保存", EN: "the number could become too long to be kept"}, false},
	{"unknown-name", policy.Text{ZH: "没有这个字段、事实、定义或险种", EN: "no such field, fact, definition or coverage"}, false},
	{"unknown-function", policy.Text{ZH: "没有这个函数或费率表", EN: "no such function or table"}, false},
	{"unknown-coverage", policy.Text{ZH: "与 insuranceTypes 比较的文本不是险种", EN: "a text that is compared with insuranceTypes and is no coverage"}, false},
	{"arguments", policy.Text{ZH: "函数的参数不对", EN: "a function is given the wrong arguments"}, false},
	{"type", policy.Text{ZH: "运算符不能用于这种值", EN: "an operator does not take these values"}, false},
	{"not-a-decision", policy.Text{ZH: "条件的结果不是真或假", EN: "a condition that is neither true nor false"}, false},
	{"pattern", policy.Text{ZH: "matches 之后不是固定、有效、简短的模式", EN: "matches wants a constant, valid, short pattern"}, false},
	{"unguarded", policy.Text{ZH: "读取选填字段，而此处可能缺失", EN: "an optional field is read where it may be absent"}, false},
	{"cycle", policy.Text{ZH: "定义互相引用，或引用了后面的步骤", EN: "definitions that use each other in a circle, or a step that uses a later one"}, false},
	{"name", policy.Text{ZH: "事实、定义、步骤、费率表或险种不能用这个名称", EN: "a fact, definition, step, table or coverage cannot have this name"}, false},
	{"code", policy.Text{ZH: "规则代码不符合写法，或重复", EN: "a rule's code is malformed or used twice"}, false},
	{"outcome", policy.Text{ZH: "require、must、reject_if、refer_if、note_if 须有且仅有一个，to 只随 refer_if", EN: "want exactly one of require, must, reject_if, refer_if, note_if; and `to` with refer_if only"}, false},
	{"template", policy.Text{ZH: "消息中的花括号或占位符不正确", EN: "a brace or placeholder of a message is malformed"}, false},
	{"personal", policy.Text{ZH: "消息会显示个人信息", EN: "a message would show personal data"}, false},
	{"gap", policy.Text{ZH: "费率表有一种组合没有行", EN: "a combination that no row of a table fits"}, false},
	{"overlap", policy.Text{ZH: "费率表有一种组合对应两行", EN: "a combination that two rows of a table fit"}, false},
	{"row", policy.Text{ZH: "行的单元格数与表的列数不符", EN: "a row has more or fewer cells than its table"}, false},
	{"range", policy.Text{ZH: "范围首尾颠倒，或超出该列", EN: "a range that is turned round, or leaves its column"}, false},
	{"rate", policy.Text{ZH: "不可能是费率：0.3 像是漏了百分号", EN: "a rate that cannot be meant: 0.3 is a percentage without its sign"}, false},
	{"empty", policy.Text{ZH: "单元格、值或取值范围为空", EN: "a cell, a value or a domain with nothing in it"}, false},
	{"duplicate", policy.Text{ZH: "取值范围中有重复的值", EN: "a value stands twice in a domain"}, false},
	{"unknown-value", policy.Text{ZH: "该列没有这个值", EN: "a text that its column does not have"}, false},
	{"unknown-column", policy.Text{ZH: "列名不是字段或定义，也没有求和提供", EN: "a column that neither a field, a definition nor a sum fills"}, false},
	{"unknown-table", policy.Text{ZH: "求和的费率表不存在", EN: "a sum over a table that is not there"}, false},
	{"constant", policy.Text{ZH: "条件中有一部分恒真或恒假", EN: "a part of a condition is always true, or never"}, true},
	{"never-applies", policy.Text{ZH: "规则的 when 不可能成立", EN: "the rule's `when` cannot be true"}, true},
	{"never-fails", policy.Text{ZH: "任何投保都不会触发该规则", EN: "no application can fail the rule"}, true},
	{"always-fails", policy.Text{ZH: "凡适用的投保都会触发该规则", EN: "every application to which the rule applies fails it"}, true},
	{"unused-definition", policy.Text{ZH: "没有规则、消息或计费使用该定义", EN: "no rule, message or rating uses the definition"}, true},
	{"unused-fact", policy.Text{ZH: "没有表达式读取该事实", EN: "no expression reads the fact"}, true},
	{"amount-left-out", policy.Text{ZH: "在保累计未加上本次保额就与限额比较", EN: "a sum in force is held against a limit without the application's own amount"}, true},
	{"unused-table", policy.Text{ZH: "没有规则、消息或计费使用该表", EN: "no rule, message or rating uses the table"}, true},
	{"unused-coverage", policy.Text{ZH: "计费区分险种，却没有任何地方提到该险种", EN: "the rating tells coverages apart, and nothing names this one"}, true},
}

// Codes is the table of the codes that a [Diagnostic] can carry.
func Codes() []CodeInfo { return append([]CodeInfo(nil), codes...) }
