package document

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/policy/money"
)

// sheet is a policy as its reader sees it.
// Source: Insurance Law of China, art. 18, on what a contract of insurance
// shall tell.
type sheet struct {
	Title    policy.Text // of the product
	Number   string
	IssuedOn string
	Sections []section
	Link     string
}

type section struct {
	Title policy.Text
	Rows  []row
}

// row is one thing that the policy says. Values are formatted from the texts
// of the request, never read again under today's grammar: a policy shows what
// was insured, whatever later releases would say of it.
type row struct {
	Label policy.Text
	Value string
	Extra string // below the value, small
	Wide  bool   // takes the whole line
}

func newSheet(c *policy.Case, filing string) sheet {
	r := c.Request
	s := sheet{
		Title: heading(c), Number: c.Receipt.PolicyNo, Link: c.Receipt.PolicyFileURL,
		IssuedOn: c.Receipt.IssuedAt.In(policy.Zone()).Format(stampOnPage),
	}
	s.add("投保人", "Applicant", append(
		company(r.ApplicantCompanyInfo.CompanyName, r.ApplicantCompanyInfo.CompanyLicenseType, r.ApplicantCompanyInfo.CompanyLicenseNo,
			r.ApplicantCompanyInfo.LegalPersonName, r.ApplicantCompanyInfo.LegalPersonLicenseNo, ""),
		person(r.ApplicantPersonalInfo.PersonName, r.ApplicantPersonalInfo.PersonLicenseType, r.ApplicantPersonalInfo.PersonLicenseNo,
			r.ApplicantPersonalInfo.PersonAddress)...))
	s.add("被保险人", "Insured", append(
		company(r.InsuredCompanyInfo.CompanyName, r.InsuredCompanyInfo.CompanyLicenseType, r.InsuredCompanyInfo.CompanyLicenseNo,
			r.InsuredCompanyInfo.LegalPersonName, r.InsuredCompanyInfo.LegalPersonLicenseNo, r.InsuredCompanyInfo.CompanyAddress),
		person(r.InsuredPersonalInfo.PersonName, r.InsuredPersonalInfo.PersonLicenseType, r.InsuredPersonalInfo.PersonLicenseNo, "")...))
	s.add("保险标的", "Subject matter", subject(r))
	s.add("承保内容", "Cover", cover(c))
	s.add("产品与备案", "Product and filing", []row{
		{Label: policy.Text{ZH: "产品代码", EN: "Product"}, Value: c.Record.Product, Wide: true},
		{Label: policy.Text{ZH: "版本", EN: "Edition"}, Value: c.Record.Edition},
		{Label: policy.Text{ZH: "备案编号", EN: "Filing"}, Value: filing},
		{Label: policy.Text{ZH: "业务单号", EN: "Reference"}, Value: r.InsureID},
	})
	return s
}

// heading is the product's title as that of a policy: 履约保证保险单.
func heading(c *policy.Case) policy.Text {
	title := cmp.Or(c.Title.In(policy.Chinese), c.Record.Product)
	return policy.Text{ZH: strings.TrimSuffix(title, "保险") + "保险单", EN: c.Title.EN}
}

// add adds a section of the rows that say something.
func (s *sheet) add(zh, en string, rows []row) {
	var said []row
	for _, r := range rows {
		if r.Value != "" {
			said = append(said, r)
		}
	}
	if len(said) > 0 {
		s.Sections = append(s.Sections, section{policy.Text{ZH: zh, EN: en}, said})
	}
}

var licences = map[string]policy.Text{
	"UNITY":         {ZH: "统一社会信用代码", EN: "Credit code"},
	"GENERAL":       {ZH: "工商注册号", EN: "Registration"},
	"IDENTITY_CARD": {ZH: "居民身份证", EN: "Identity card"},
	"PASSPORT":      {ZH: "护照", EN: "Passport"},
	"ALI":           {ZH: "阿里 ID", EN: "Ali ID"},
}

// licence shows a licence number masked: whoever holds the link need not know
// it to know whose it is.
func licence(kind string, no policy.ID) row {
	label, ok := licences[kind]
	if !ok {
		label = policy.Text{ZH: "证件号码", EN: "Licence"}
	}
	return row{Label: label, Value: no.String()}
}

func company(name policy.Name, kind string, no policy.ID, legal policy.Name, legalNo policy.ID, address policy.Address) []row {
	rows := []row{
		{Label: policy.Text{ZH: "企业名称", EN: "Company"}, Value: name.Reveal()},
		licence(kind, no),
		{Label: policy.Text{ZH: "法定代表人", EN: "Legal person"}, Value: legal.Reveal()},
		licence("", legalNo),
		{Label: policy.Text{ZH: "住所", EN: "Address"}, Value: address.Reveal(), Wide: true},
	}
	rows[3].Label.ZH = "法定代表人证件"
	return rows
}

func person(name policy.Name, kind string, no policy.ID, address policy.Address) []row {
	return []row{
		{Label: policy.Text{ZH: "个人姓名", EN: "Person"}, Value: name.Reveal()},
		licence(kind, no),
		{Label: policy.Text{ZH: "住所", EN: "Address"}, Value: address.Reveal(), Wide: true},
	}
}

func subject(r *policy.Request) []row {
	o := r.OrderSubjectMatterInfo
	ordered := ""
	if minor, err := money.Parse(o.OrderAmount); err == nil {
		currency := money.Currency(r.Currency)
		ordered = sum(currency, minor.Shift(-currency.MinorUnit()))
	}
	return []row{
		{Label: policy.Text{ZH: "标的名称", EN: "Goods"}, Value: o.SubjectMatterName, Wide: true},
		{Label: policy.Text{ZH: "标的编号", EN: "Order"}, Value: o.SubjectMatterID},
		{Label: policy.Text{ZH: "类别", EN: "Category"}, Value: o.SubjectMatterCategory},
		{Label: policy.Text{ZH: "订单金额", EN: "Order amount"}, Value: ordered},
		{Label: policy.Text{ZH: "约定发货时间", EN: "Agreed dispatch"}, Value: millis(r.Attrs.AgreeOnSendTime)},
	}
}

func cover(c *policy.Case) []row {
	r := c.Request
	currency := money.Currency(r.Currency)
	return append(append([]row{
		{Label: policy.Text{ZH: "承保险种", EN: "Coverages"}, Value: coverages(c.Coverages), Wide: true}},
		sums(c, currency)...),
		row{Label: policy.Text{ZH: "投保时间", EN: "Applied"}, Value: stamp(r.InsureTime)},
		row{Label: policy.Text{ZH: "保险期间", EN: "Period"}, Value: period(r), Extra: "北京时间 · Beijing time (UTC+08:00)", Wide: true},
	)
}

// sums are the sum insured and the premium, in the policy's currency and, where
// that is another one, in CNY.
func sums(c *policy.Case, currency money.Currency) []row {
	r := c.Request
	insured := row{Label: policy.Text{ZH: "保险金额", EN: "Sum insured"}, Value: r.Amount}
	if amount, err := money.Parse(r.Amount); err == nil {
		insured.Value, insured.Extra = sum(currency, amount), capital(currency, amount)
	}
	premium := row{Label: policy.Text{ZH: "保险费", EN: "Premium"}, Value: r.Premium}
	if c.Premium.Known() {
		premium.Value, premium.Extra = sum(currency, c.Premium.Rounded), capital(currency, c.Premium.Rounded)
	}
	rows := []row{insured, premium}
	if rate := c.Premium.Rate; rate.Sign() > 0 {
		rows = append(rows, row{Label: policy.Text{ZH: "费率", EN: "Rate"}, Value: rate.Shift(2).String() + "%"})
	}
	if currency != money.CNY {
		rows = append(rows,
			row{Label: policy.Text{ZH: "折人民币保费", EN: "Premium in CNY"}, Value: sum(money.CNY, c.Premium.CNY)},
			row{Label: policy.Text{ZH: "汇率", EN: "Exchange rate"}, Value: "1 " + r.Currency + " = " + r.CurrencyRate + " CNY"})
	}
	return rows
}

func coverages(all []policy.Coverage) string {
	names := make([]string, len(all))
	for i, c := range all {
		names[i] = c.Title.ZH
		if c.Title.ZH == "" {
			names[i] = c.Code
		}
		if c.Title.EN != "" {
			names[i] += " " + c.Title.EN
		}
	}
	return strings.Join(names, "、")
}

const (
	stampOnPage = "2006年01月02日 15时04分05秒"
	stampOnWire = time.DateTime
)

func stamp(text string) string {
	t, err := time.ParseInLocation(stampOnWire, text, policy.Zone())
	if err != nil {
		return text
	}
	return t.Format(stampOnPage)
}

// millis is a time given in epoch milliseconds.
func millis(text string) string {
	ms, err := money.Parse(text)
	n, ok := ms.Int64()
	if err != nil || !ok {
		return text
	}
	return time.UnixMilli(n).In(policy.Zone()).Format(stampOnPage)
}

// period tells both ends and the calendar days, both of which count.
func period(r *policy.Request) string {
	text := "自 " + stamp(r.EffectTime) + " 起至 " + stamp(r.ExpireTime) + " 止"
	from, err := time.ParseInLocation(stampOnWire, r.EffectTime, policy.Zone())
	to, err2 := time.ParseInLocation(stampOnWire, r.ExpireTime, policy.Zone())
	if err != nil || err2 != nil {
		return text
	}
	return text + fmt.Sprintf("，共 %d 天", policy.CalendarDays(from, to))
}
