package products

import "github.com/chudan-io/chudan/policy"

// The codes of problems. A code is a contract: it may be retired, and is never
// reused. Problems in expressions carry the codes of package rules.
const (
	codeUnreadable  = "unreadable"
	codeLayout      = "layout"
	codeTooLarge    = "too-large"
	codeTooMany     = "too-many-problems"
	codeEncoding    = "encoding"
	codeCharacter   = "character"
	codeTab         = "tab"
	codeSyntax      = "syntax"
	codeFeature     = "yaml-feature"
	codeTooDeep     = "too-deep"
	codeTooLong     = "too-long"
	codeDocument    = "document"
	codeUnknownKey  = "unknown-key"
	codeDuplicate   = "duplicate"
	codeMissingKey  = "missing-key"
	codeEmpty       = "empty"
	codeType        = "type"
	codeName        = "name"
	codeValue       = "value"
	codeText        = "text"
	codeNumber      = "number"
	codeRate        = "rate"
	codeTime        = "time"
	codeCurrency    = "currency"
	codeField       = "unknown-field"
	codePersonal    = "personal-field"
	codeMismatch    = "name-mismatch"
	codeEdition     = "unknown-edition"
	codeOrder       = "calendar-order"
	codeNumbering   = "numbering"
	codeHeading     = "heading"
	codeUnknownCode = "unknown-code"
	codeExpectation = "expectation"
	codeFixture     = "fixture"
	codeSheet       = "sheet"
	codeRounded     = "rounded"
	codeTenant      = "unknown-tenant"
)

// CodeInfo is one row of the table of codes.
type CodeInfo struct {
	Code string      `json:"code"`
	When policy.Text `json:"when"`
}

// codes is the table, in the order in which it is documented.
var codes = []CodeInfo{
	{codeUnreadable, policy.Text{ZH: "文件或目录无法读取", EN: "a file or directory cannot be read"}},
	{codeLayout, policy.Text{ZH: "目录结构不符：文件缺失、多余或放错位置", EN: "a file is missing, or stands where none belongs"}},
	{codeTooLarge, policy.Text{ZH: "文件超过 1 MiB，或目录、测试过大", EN: "a file is over 1 MiB, or a directory or its tests are too large"}},
	{codeTooMany, policy.Text{ZH: "问题过多，其余未列出", EN: "a file has more problems than are listed"}},
	{codeEncoding, policy.Text{ZH: "不是无 BOM 的 UTF-8", EN: "not UTF-8 without a byte order mark"}},
	{codeCharacter, policy.Text{ZH: "含不可见字符或控制字符", EN: "an invisible or control character"}},
	{codeTab, policy.Text{ZH: "用制表符缩进", EN: "a tab in the indentation"}},
	{codeSyntax, policy.Text{ZH: "不是合法的 YAML", EN: "not valid YAML"}},
	{codeFeature, policy.Text{ZH: "使用了不接受的 YAML 特性（锚点、别名、合并键、标签、复合键）", EN: "an anchor, alias, merge key, tag or compound key"}},
	{codeTooDeep, policy.Text{ZH: "嵌套过深", EN: "nested too deeply"}},
	{codeTooLong, policy.Text{ZH: "列表的项数超出上限", EN: "a list has more items than it may"}},
	{codeDocument, policy.Text{ZH: "文件为空，或含多个 YAML 文档", EN: "an empty file, or more than one document in it"}},
	{codeUnknownKey, policy.Text{ZH: "未知的键", EN: "a key that is not known there"}},
	{codeDuplicate, policy.Text{ZH: "键、代码或列表项重复", EN: "a key, a code or an item of a list stands twice"}},
	{codeMissingKey, policy.Text{ZH: "缺少必填的键", EN: "a required key is missing"}},
	{codeEmpty, policy.Text{ZH: "值为空", EN: "a key without a value"}},
	{codeType, policy.Text{ZH: "应为文本、列表或映射中的另一种", EN: "a text, a list or a mapping where another of them belongs"}},
	{codeName, policy.Text{ZH: "代码或名称不符合规则", EN: "a code or name off its grammar"}},
	{codeValue, policy.Text{ZH: "不在可选值之内", EN: "none of the values to choose from"}},
	{codeText, policy.Text{ZH: "文本过长或含换行", EN: "a text that is too long or has line breaks"}},
	{codeNumber, policy.Text{ZH: "不是合法的数、天数或时长", EN: "no number, number of days or span of time"}},
	{codeRate, policy.Text{ZH: "费率或费率范围不正确", EN: "a rate, or a range of rates, that cannot be meant"}},
	{codeTime, policy.Text{ZH: "不是合法的日期或时间", EN: "no date or time"}},
	{codeCurrency, policy.Text{ZH: "不是现行 ISO 4217 币种代码", EN: "no active currency code of ISO 4217"}},
	{codeField, policy.Text{ZH: "接口文档中没有该字段", EN: "a field that the API page does not have"}},
	{codePersonal, policy.Text{ZH: "此处不得使用个人信息字段", EN: "a personal field where none may stand"}},
	{codeMismatch, policy.Text{ZH: "内容与文件名或目录名不一致", EN: "the name of the file or directory says otherwise"}},
	{codeEdition, policy.Text{ZH: "日历或测试引用了不存在的版本", EN: "a calendar or tests name an edition that is not there"}},
	{codeOrder, policy.Text{ZH: "日历中的日期次序不正确", EN: "the dates of the calendar are not in order"}},
	{codeHeading, policy.Text{ZH: "CSV 的表头与 match 的列不一致", EN: "the heading of a CSV file does not go with the columns of its table"}},
	{codeNumbering, policy.Text{ZH: "保单号模板不正确", EN: "the template of policy numbers is wrong"}},
	{codeUnknownCode, policy.Text{ZH: "测试预期了不存在的规则或错误码", EN: "tests expect a rule or an error code that does not exist"}},
	{codeExpectation, policy.Text{ZH: "预期自相矛盾", EN: "an expectation that contradicts itself"}},
	{codeFixture, policy.Text{ZH: "测试所用的 JSON 请求有误", EN: "a request in JSON, for tests, that is wrong"}},
	{codeSheet, policy.Text{ZH: "表无法写成 CSV，或无法原样写回版本文件", EN: "a table that cannot be written as CSV, or not back into its edition as it stands there"}},
	{codeTenant, policy.Text{ZH: "该租户不属于任何应用", EN: "a tenant that is no app's"}},
	{codeRounded, policy.Text{ZH: "表格软件把百分数四舍五入到两位小数", EN: "a spreadsheet rounded a percentage to the two decimals that it shows"}},
}

// Codes is the table of the codes that problems with the files themselves
// carry; those in expressions carry the codes of package rules.
func Codes() []CodeInfo { return append([]CodeInfo(nil), codes...) }
