package products

import (
	"strings"

	"github.com/chudan-io/chudan/policy"
)

// PerWords says the fields of a fact that the store knows (see
// policy.FactSpec.PerFields) as people do behind "per" or "for the same":
// seller and product, 卖家与产品. It is empty for any other fact.
func PerWords(f policy.FactSpec) policy.Text {
	var zh, en []string
	for _, path := range f.PerFields {
		w := perWord(path)
		zh, en = append(zh, w.ZH), append(en, w.EN)
	}
	return policy.Text{ZH: enumerated(zh, "、", "与"), EN: enumerated(en, ", ", " and ")}
}

// enumerated is a, b and c.
func enumerated(words []string, comma, and string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], comma) + and + words[last]
}

// perWords are what a field tells apart, or what it is; perRoles and perParts
// are put together for the parties.
var (
	perWords = map[string]policy.Text{
		"productCode":         {ZH: "产品", EN: "product"},
		"currency":            {ZH: "币种", EN: "currency"},
		"applicantPayAccount": {ZH: "付款账户", EN: "payment account"},

		"orderSubjectMatterInfo.sellerId":              {ZH: "卖家", EN: "seller"},
		"orderSubjectMatterInfo.sellerName":            {ZH: "卖家名称", EN: "seller's name"},
		"orderSubjectMatterInfo.buyerId":               {ZH: "买家", EN: "buyer"},
		"orderSubjectMatterInfo.buyerName":             {ZH: "买家名称", EN: "buyer's name"},
		"orderSubjectMatterInfo.buyer_open_uid":        {ZH: "买家开放编号", EN: "buyer's open number"},
		"orderSubjectMatterInfo.subjectMatterId":       {ZH: "标的编号", EN: "number of the goods"},
		"orderSubjectMatterInfo.subjectMatterName":     {ZH: "标的名称", EN: "name of the goods"},
		"orderSubjectMatterInfo.subjectMatterCategory": {ZH: "标的类别", EN: "category of goods"},
	}
	perRoles = map[string]policy.Text{
		"applicantPersonalInfo": {ZH: "投保人", EN: "applicant's"},
		"applicantCompanyInfo":  {ZH: "投保企业", EN: "applicant company's"},
		"insuredPersonalInfo":   {ZH: "被保险人", EN: "insured person's"},
		"insuredCompanyInfo":    {ZH: "被保险企业", EN: "insured company's"},
	}
	perParts = map[string]policy.Text{
		"userId":               {ZH: "用户编号", EN: "user number"},
		"personName":           {ZH: "姓名", EN: "name"},
		"personLicenseNo":      {ZH: "证件号", EN: "licence number"},
		"personLicenseType":    {ZH: "证件类型", EN: "type of licence"},
		"personAddress":        {ZH: "地址", EN: "address"},
		"personEmail":          {ZH: "电子邮箱", EN: "e-mail"},
		"personPhone":          {ZH: "电话", EN: "telephone"},
		"companyName":          {ZH: "名称", EN: "name"},
		"companyLicenseNo":     {ZH: "证照号", EN: "licence number"},
		"companyLicenseType":   {ZH: "证照类型", EN: "type of licence"},
		"companyAddress":       {ZH: "地址", EN: "address"},
		"companyEmail":         {ZH: "电子邮箱", EN: "e-mail"},
		"companyPhone":         {ZH: "电话", EN: "telephone"},
		"legalPersonName":      {ZH: "法定代表人姓名", EN: "legal person's name"},
		"legalPersonLicenseNo": {ZH: "法定代表人证件号", EN: "legal person's licence number"},
	}
)

// perWord is the words for a field; its path where there are none.
func perWord(path string) policy.Text {
	if w, ok := perWords[path]; ok {
		return w
	}
	object, last, _ := strings.Cut(path, ".")
	role, part := perRoles[object], perParts[last]
	if role.EN == "" || part.EN == "" {
		return policy.Text{ZH: path, EN: path}
	}
	return policy.Text{ZH: role.ZH + part.ZH, EN: role.EN + " " + part.EN}
}
