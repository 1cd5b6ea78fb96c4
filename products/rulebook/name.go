package rulebook

import (
	"strings"

	"github.com/chudan-io/chudan/policy"
)

// names are what people call the page's fields and objects. The English ones
// are said with "the" before them.
// Source: API page, request parameters.
var names = map[string]policy.Text{
	"identifier":          {ZH: "请求标识", EN: "identifier of the request"},
	"insureTime":          {ZH: "投保时间", EN: "time of application"},
	"amount":              {ZH: "保额", EN: "sum insured"},
	"premiumRate":         {ZH: "申报费率", EN: "declared rate"},
	"premiumOfCny":        {ZH: "申报折人民币保费", EN: "declared premium in CNY"},
	"applicantPayAccount": {ZH: "投保人付款账户", EN: "applicant's payment account"},
	"insurePeriod":        {ZH: "保险期间天数", EN: "period in days"},
	"productCode":         {ZH: "产品代码", EN: "product code"},
	"expireTime":          {ZH: "保险止期", EN: "end of cover"},
	"premium":             {ZH: "申报保费", EN: "declared premium"},
	"amountOfCny":         {ZH: "折人民币保额", EN: "sum insured in CNY"},
	"insureId":            {ZH: "投保单号", EN: "number of the application"},
	"currency":            {ZH: "币种", EN: "currency"},
	"currencyRate":        {ZH: "汇率", EN: "exchange rate"},
	"effectTime":          {ZH: "保险起期", EN: "beginning of cover"},

	"orderSubjectMatterInfo":                       {ZH: "订单标的信息", EN: "order"},
	"orderSubjectMatterInfo.sellerId":              {ZH: "卖家编号", EN: "seller's number"},
	"orderSubjectMatterInfo.orderAmount":           {ZH: "订单金额（最小货币单位）", EN: "amount of the order in minor units"},
	"orderSubjectMatterInfo.subjectMatterCategory": {ZH: "标的类别", EN: "category of the goods"},
	"orderSubjectMatterInfo.sellerName":            {ZH: "卖家名称", EN: "seller's name"},
	"orderSubjectMatterInfo.subjectMatterId":       {ZH: "标的编号", EN: "number of the goods"},
	"orderSubjectMatterInfo.buyerId":               {ZH: "买家编号", EN: "buyer's number"},
	"orderSubjectMatterInfo.buyerName":             {ZH: "买家名称", EN: "buyer's name"},
	"orderSubjectMatterInfo.subjectMatterName":     {ZH: "标的名称", EN: "name of the goods"},
	"orderSubjectMatterInfo.buyer_open_uid":        {ZH: "买家开放编号", EN: "buyer's open number"},

	"insuredPersonalInfo":                   {ZH: "被保险人个人信息", EN: "insured person"},
	"insuredPersonalInfo.personName":        {ZH: "被保险人姓名", EN: "insured person's name"},
	"insuredPersonalInfo.personLicenseNo":   {ZH: "被保险人证件号", EN: "insured person's licence number"},
	"insuredPersonalInfo.personLicenseType": {ZH: "被保险人证件类型", EN: "type of the insured person's licence"},
	"insuredPersonalInfo.userId":            {ZH: "被保险人用户编号（个人）", EN: "insured person's user number"},

	"insuredCompanyInfo":                      {ZH: "被保险企业信息", EN: "insured company"},
	"insuredCompanyInfo.companyAddress":       {ZH: "被保险企业地址", EN: "insured company's address"},
	"insuredCompanyInfo.companyEmail":         {ZH: "被保险企业电子邮箱", EN: "insured company's e-mail"},
	"insuredCompanyInfo.companyPhone":         {ZH: "被保险企业电话", EN: "insured company's telephone"},
	"insuredCompanyInfo.legalPersonLicenseNo": {ZH: "被保险企业法定代表人证件号", EN: "licence number of the insured company's legal person"},
	"insuredCompanyInfo.legalPersonName":      {ZH: "被保险企业法定代表人姓名", EN: "name of the insured company's legal person"},
	"insuredCompanyInfo.companyLicenseType":   {ZH: "被保险企业证照类型", EN: "type of the insured company's licence"},
	"insuredCompanyInfo.companyLicenseNo":     {ZH: "被保险企业证照号", EN: "insured company's licence number"},
	"insuredCompanyInfo.companyName":          {ZH: "被保险企业名称", EN: "insured company's name"},
	"insuredCompanyInfo.userId":               {ZH: "被保险人用户编号（企业）", EN: "insured company's user number"},

	"applicantPersonalInfo":                   {ZH: "投保人个人信息", EN: "applicant as a person"},
	"applicantPersonalInfo.personAddress":     {ZH: "投保人地址", EN: "applicant's address"},
	"applicantPersonalInfo.personEmail":       {ZH: "投保人电子邮箱", EN: "applicant's e-mail"},
	"applicantPersonalInfo.personPhone":       {ZH: "投保人电话", EN: "applicant's telephone"},
	"applicantPersonalInfo.personLicenseType": {ZH: "投保人证件类型", EN: "type of the applicant's licence"},
	"applicantPersonalInfo.personLicenseNo":   {ZH: "投保人证件号", EN: "applicant's licence number"},
	"applicantPersonalInfo.personName":        {ZH: "投保人姓名", EN: "applicant's name"},
	"applicantPersonalInfo.userId":            {ZH: "投保人用户编号（个人）", EN: "applicant's user number"},

	"applicantCompanyInfo":                      {ZH: "投保企业信息", EN: "applicant company"},
	"applicantCompanyInfo.companyLicenseType":   {ZH: "投保企业证照类型", EN: "type of the applicant company's licence"},
	"applicantCompanyInfo.companyName":          {ZH: "投保企业名称", EN: "applicant company's name"},
	"applicantCompanyInfo.userId":               {ZH: "投保人用户编号（企业）", EN: "applicant company's user number"},
	"applicantCompanyInfo.companyLicenseNo":     {ZH: "投保企业证照号", EN: "applicant company's licence number"},
	"applicantCompanyInfo.legalPersonLicenseNo": {ZH: "投保企业法定代表人证件号", EN: "licence number of the applicant company's legal person"},
	"applicantCompanyInfo.legalPersonName":      {ZH: "投保企业法定代表人姓名", EN: "name of the applicant company's legal person"},

	"attrs":                     {ZH: "扩展属性", EN: "object of attributes"},
	"attrs.premiumFundStreamNo": {ZH: "保费资金流水号", EN: "serial number of the premium's payment"},
	"attrs.agreeOnSendTime":     {ZH: "约定发货时间", EN: "agreed time of dispatch"},
	"attrs.insuranceTypes":      {ZH: "投保险种", EN: "coverages applied for"},
}

// typesName is what expressions call attrs.insuranceTypes.
const typesName, typesPath = "insuranceTypes", "attrs.insuranceTypes"

// nameOf is what people call a field or an object; ok is false for any other
// path.
func nameOf(path string) (name policy.Text, ok bool) {
	if path == typesName {
		path = typesPath
	}
	name, ok = names[path]
	return name, ok
}

// field is a field as a book shows it: its name, and its path behind it.
func field(path string) Line {
	name, ok := nameOf(path)
	if !ok {
		return verbatim(path)
	}
	return say("{0}（{1}）", "{0} ({1})", name, code(path))
}

// headed is a text as a heading or a cell begins.
func headed(t policy.Text) policy.Text {
	if t.EN != "" {
		t.EN = strings.ToUpper(t.EN[:1]) + t.EN[1:]
	}
	return t
}
