package products

import (
	"strings"

	"github.com/chudan-io/chudan/policy"
)

// objectOf is the object that a field of the page stands in; "" where it stands
// in none.
func objectOf(path string) string {
	object, _, nested := strings.Cut(path, ".")
	if !nested {
		return ""
	}
	return object
}

// fieldDoc tells what a field is, for whoever writes one.
type fieldDoc struct {
	doc     policy.Text
	example any
}

// Source: API page, request parameters.
var objectDocs = map[string]policy.Text{
	"orderSubjectMatterInfo": {ZH: "保险标的：订单", EN: "The subject matter: the order"},
	"insuredPersonalInfo":    {ZH: "被保险人（个人）", EN: "The insured, a person"},
	"insuredCompanyInfo":     {ZH: "被保险人（企业）", EN: "The insured, a company"},
	"applicantPersonalInfo":  {ZH: "投保人（个人）", EN: "The applicant, a person"},
	"applicantCompanyInfo":   {ZH: "投保人（企业）", EN: "The applicant, a company"},
	"attrs":                  {ZH: "扩展字段", EN: "Further fields"},
}

// Examples are those of the page, or plainly nobody's.
// Source: API page, request parameters.
var fieldDocs = map[string]fieldDoc{
	"identifier":          {policy.Text{ZH: "请求的唯一标识，重发时不变", EN: "The identifier of the request, the same when it is sent again"}, "A-1"},
	"insureTime":          {policy.Text{ZH: "投保时间（东八区）", EN: "When it was applied for (+08:00)"}, "2021-08-04 15:23:28"},
	"amount":              {policy.Text{ZH: "保额，以 currency 计", EN: "The sum insured, in the currency"}, "1018.0"},
	"premiumRate":         {policy.Text{ZH: "费率，小数：0.00625 即 0.625%", EN: "The rate, a fraction: 0.00625 is 0.625 %"}, "0.00625"},
	"premiumOfCny":        {policy.Text{ZH: "保费，折人民币", EN: "The premium in CNY"}, "6.36"},
	"applicantPayAccount": {policy.Text{ZH: "投保人的付款账户（个人信息）", EN: "The account that the applicant pays from (personal)"}, "ACCOUNT"},
	"insurePeriod":        {policy.Text{ZH: "保险期间天数，首尾都算", EN: "The days of cover, both ends counted"}, 40},
	"productCode":         {policy.Text{ZH: "产品代码", EN: "The product's code"}, "PERFORMANCE_SURETY_BONDS"},
	"expireTime":          {policy.Text{ZH: "终保时间（东八区）", EN: "When the cover ends (+08:00)"}, "2021-09-12 23:59:59"},
	"premium":             {policy.Text{ZH: "保费，以 currency 计", EN: "The premium, in the currency"}, "6.36"},
	"amountOfCny":         {policy.Text{ZH: "保额，折人民币", EN: "The sum insured in CNY"}, "1018.0"},
	"insureId":            {policy.Text{ZH: "业务单号", EN: "The business's own number"}, "A-1"},
	"currency":            {policy.Text{ZH: "币种（ISO 4217）", EN: "The currency (ISO 4217)"}, "CNY"},
	"currencyRate":        {policy.Text{ZH: "汇率：一单位 currency 折人民币；CNY 为 1", EN: "The exchange rate to CNY; 1 for CNY"}, "1.0"},
	"effectTime":          {policy.Text{ZH: "起保时间（东八区）", EN: "When the cover begins (+08:00)"}, "2021-08-04 15:23:26"},

	"orderSubjectMatterInfo.sellerId":              {policy.Text{ZH: "卖家编号（个人信息）", EN: "The seller's ID (personal)"}, "SELLER-ID"},
	"orderSubjectMatterInfo.orderAmount":           {policy.Text{ZH: "订单金额，以币种的最小单位（分）计", EN: "The order amount, in the currency's minor unit (fen)"}, "101800"},
	"orderSubjectMatterInfo.subjectMatterCategory": {policy.Text{ZH: "标的类别", EN: "The category of the goods"}, "包装"},
	"orderSubjectMatterInfo.sellerName":            {policy.Text{ZH: "卖家名称（个人信息）", EN: "The seller's name (personal)"}, "卖家"},
	"orderSubjectMatterInfo.subjectMatterId":       {policy.Text{ZH: "标的编号", EN: "The number of the order or the goods"}, "ORDER-1"},
	"orderSubjectMatterInfo.buyerId":               {policy.Text{ZH: "买家编号（个人信息）", EN: "The buyer's ID (personal)"}, "BUYER-ID"},
	"orderSubjectMatterInfo.buyerName":             {policy.Text{ZH: "买家名称（个人信息）", EN: "The buyer's name (personal)"}, "买家"},
	"orderSubjectMatterInfo.subjectMatterName":     {policy.Text{ZH: "标的名称", EN: "The name of the goods"}, "外贸飞机盒定制印刷包装盒"},
	"orderSubjectMatterInfo.buyer_open_uid":        {policy.Text{ZH: "买家的开放编号（个人信息）", EN: "The buyer's open UID (personal)"}, "BUYER-OPEN-UID"},

	"insuredPersonalInfo.personName":        {policy.Text{ZH: "姓名（个人信息）", EN: "The name (personal)"}, "某人"},
	"insuredPersonalInfo.personLicenseNo":   {policy.Text{ZH: "证件号码（个人信息）", EN: "The number of the licence (personal)"}, "LICENCE-NO"},
	"insuredPersonalInfo.personLicenseType": {policy.Text{ZH: "证件类型", EN: "The kind of licence"}, "ALI"},
	"insuredPersonalInfo.userId":            {policy.Text{ZH: "用户编号（个人信息）", EN: "The user's ID (personal)"}, "USER-ID"},

	"insuredCompanyInfo.companyAddress":       {policy.Text{ZH: "企业地址（个人信息）", EN: "The company's address (personal)"}, "某地"},
	"insuredCompanyInfo.companyEmail":         {policy.Text{ZH: "企业邮箱（个人信息）", EN: "The company's e-mail (personal)"}, "name@example.com"},
	"insuredCompanyInfo.companyPhone":         {policy.Text{ZH: "企业电话（个人信息）", EN: "The company's phone (personal)"}, "PHONE"},
	"insuredCompanyInfo.legalPersonLicenseNo": {policy.Text{ZH: "法定代表人证件号码（个人信息）", EN: "The number of the legal person's licence (personal)"}, "LICENCE-NO"},
	"insuredCompanyInfo.legalPersonName":      {policy.Text{ZH: "法定代表人姓名（个人信息）", EN: "The legal person's name (personal)"}, "某人"},
	"insuredCompanyInfo.companyLicenseType":   {policy.Text{ZH: "企业证照类型：统一社会信用代码或工商注册号", EN: "The kind of licence: credit code or registration"}, "UNITY"},
	"insuredCompanyInfo.companyLicenseNo":     {policy.Text{ZH: "企业证照号码（个人信息）", EN: "The number of the company's licence (personal)"}, "LICENCE-NO"},
	"insuredCompanyInfo.companyName":          {policy.Text{ZH: "企业名称（个人信息）", EN: "The company's name (personal)"}, "某公司"},
	"insuredCompanyInfo.userId":               {policy.Text{ZH: "用户编号（个人信息）", EN: "The user's ID (personal)"}, "USER-ID"},

	"applicantPersonalInfo.personAddress":     {policy.Text{ZH: "地址（个人信息）", EN: "The address (personal)"}, "某地"},
	"applicantPersonalInfo.personEmail":       {policy.Text{ZH: "邮箱（个人信息）", EN: "The e-mail (personal)"}, "name@example.com"},
	"applicantPersonalInfo.personPhone":       {policy.Text{ZH: "电话（个人信息）", EN: "The phone (personal)"}, "PHONE"},
	"applicantPersonalInfo.personLicenseType": {policy.Text{ZH: "证件类型", EN: "The kind of licence"}, "ALI"},
	"applicantPersonalInfo.personLicenseNo":   {policy.Text{ZH: "证件号码（个人信息）", EN: "The number of the licence (personal)"}, "LICENCE-NO"},
	"applicantPersonalInfo.personName":        {policy.Text{ZH: "姓名（个人信息）", EN: "The name (personal)"}, "某人"},
	"applicantPersonalInfo.userId":            {policy.Text{ZH: "用户编号（个人信息）", EN: "The user's ID (personal)"}, "USER-ID"},

	"applicantCompanyInfo.companyLicenseType":   {policy.Text{ZH: "企业证照类型：统一社会信用代码或工商注册号", EN: "The kind of licence: credit code or registration"}, "UNITY"},
	"applicantCompanyInfo.companyName":          {policy.Text{ZH: "企业名称（个人信息）", EN: "The company's name (personal)"}, "某公司"},
	"applicantCompanyInfo.userId":               {policy.Text{ZH: "用户编号（个人信息）", EN: "The user's ID (personal)"}, "USER-ID"},
	"applicantCompanyInfo.companyLicenseNo":     {policy.Text{ZH: "企业证照号码（个人信息）", EN: "The number of the company's licence (personal)"}, "LICENCE-NO"},
	"applicantCompanyInfo.legalPersonLicenseNo": {policy.Text{ZH: "法定代表人证件号码（个人信息）", EN: "The number of the legal person's licence (personal)"}, "LICENCE-NO"},
	"applicantCompanyInfo.legalPersonName":      {policy.Text{ZH: "法定代表人姓名（个人信息）", EN: "The legal person's name (personal)"}, "某人"},

	"attrs.premiumFundStreamNo": {policy.Text{ZH: "保费资金流水号", EN: "The number of the payment"}, "STREAM-1"},
	"attrs.agreeOnSendTime":     {policy.Text{ZH: "约定发货时间，13 位毫秒时间戳", EN: "The agreed time of dispatch, epoch milliseconds"}, "1628870399000"},
	"attrs.insuranceTypes":      {policy.Text{ZH: "险种代码，以逗号分隔", EN: "The codes of the coverages, separated by commas"}, "QUALITY,DELIVERY"},
}
