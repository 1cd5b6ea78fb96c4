package rules_test

import (
	"fmt"
	"testing"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/rules"
)

// published is the request of the API page's example.
// Source: API page, request example.
var published = map[string]string{
	"identifier":                         "010101004178221080402170019",
	"insureTime":                         "2021-08-04 15:23:28",
	"amount":                             "1018.0",
	"premiumRate":                        "0.00625",
	"premiumOfCny":                       "6.36",
	"applicantPayAccount":                "ALIBABA",
	"insurePeriod":                       "40",
	"productCode":                        "PERFORMANCE_SURETY_BONDS",
	"expireTime":                         "2021-09-12 23:59:59",
	"premium":                            "6.36",
	"amountOfCny":                        "1018.0",
	"orderSubjectMatterInfo.sellerId":    "3322312336",
	"orderSubjectMatterInfo.orderAmount": "101800",
	"orderSubjectMatterInfo.subjectMatterCategory": "包装",
	"orderSubjectMatterInfo.sellerName":            "xx智能XX",
	"orderSubjectMatterInfo.subjectMatterId":       "2003576043935988528",
	"orderSubjectMatterInfo.buyerId":               "2944982885",
	"orderSubjectMatterInfo.buyerName":             "t_1500860306662_0776",
	"orderSubjectMatterInfo.subjectMatterName":     "外贸飞机盒定制印刷包装盒快递打包外箱瓦楞牛皮纸盒订做纸箱定做",
	"orderSubjectMatterInfo.buyer_open_uid":        "123123",
	"insureId":                                     "010101001178221080402961044",
	"currency":                                     "CNY",
	"currencyRate":                                 "1.0",
	"effectTime":                                   "2021-08-04 15:23:26",
	"insuredPersonalInfo.personName":               "t_1500860306662_0776",
	"insuredPersonalInfo.personLicenseNo":          "2944982885",
	"insuredPersonalInfo.personLicenseType":        "ALI",
	"insuredPersonalInfo.userId":                   "2944982885",
	"insuredCompanyInfo.companyAddress":            "test",
	"insuredCompanyInfo.companyEmail":              "test",
	"insuredCompanyInfo.companyPhone":              "344555",
	"insuredCompanyInfo.legalPersonLicenseNo":      "23423423423",
	"insuredCompanyInfo.legalPersonName":           "张三",
	"insuredCompanyInfo.companyLicenseType":        "UNITY",
	"insuredCompanyInfo.companyLicenseNo":          "91234535345435",
	"insuredCompanyInfo.companyName":               "test",
	"insuredCompanyInfo.userId":                    "123",
	"applicantPersonalInfo.personAddress":          "33xxxx",
	"applicantPersonalInfo.personEmail":            "abc@aa.com",
	"applicantPersonalInfo.personPhone":            "139231232323",
	"applicantPersonalInfo.personLicenseType":      "IDENTITY_CARD",
	"applicantPersonalInfo.personLicenseNo":        "3321231232312342432",
	"applicantPersonalInfo.personName":             "张三",
	"applicantPersonalInfo.userId":                 "123123",
	"applicantCompanyInfo.companyLicenseType":      "UNITY",
	"applicantCompanyInfo.companyName":             "xx市xx公司",
	"applicantCompanyInfo.userId":                  "33223xxxxx",
	"applicantCompanyInfo.companyLicenseNo":        "9xxxxxxxxxxY74N",
	"applicantCompanyInfo.legalPersonLicenseNo":    "4****************3",
	"applicantCompanyInfo.legalPersonName":         "王XX",
	"attrs.premiumFundStreamNo":                    "2021080410002001660575461643",
	"attrs.agreeOnSendTime":                        "1628870399000",
	"attrs.insuranceTypes":                         "QUALITY,DELIVERY,APPEARANCE",
}

var coverages = []string{"QUALITY", "DELIVERY", "APPEARANCE"}

// application is the published sample with some fields altered; "" takes one
// out.
func application(tb testing.TB, with map[string]string) *policy.Application {
	tb.Helper()
	var r policy.Request
	for _, texts := range []map[string]string{published, with} {
		for path, text := range texts {
			f, ok := policy.FieldNamed(path)
			if !ok {
				tb.Fatalf("no field %s", path)
			}
			f.SetText(&r, text)
		}
	}
	a, _ := policy.NewApplication(&r)
	return a
}

// compile compiles what must be sound.
func compile(tb testing.TB, spec rules.Spec) *rules.Ruleset {
	tb.Helper()
	rs, found := rules.Compile(spec)
	for _, d := range found {
		tb.Errorf("%+v", d)
	}
	if len(found) > 0 {
		tb.FailNow()
	}
	return rs
}

// truth tells whether a condition is true of an application.
func truth(tb testing.TB, text string, a *policy.Application, define ...rules.Definition) bool {
	tb.Helper()
	rs := compile(tb, rules.Spec{Coverages: coverages, Define: define, Rules: []rules.Rule{{Code: "R", NoteIf: text}}})
	o := rs.Outcomes(a, nil)[0]
	if o.State != rules.Holds && o.State != rules.Fails {
		tb.Fatalf("%s: %s %v", text, o.State, o.Err)
	}
	return o.State == rules.Fails
}

// found are the diagnostics of a condition, as code@offset+length.
func found(text string, define ...rules.Definition) []string {
	_, all := rules.Compile(rules.Spec{Coverages: coverages, Define: define, Rules: []rules.Rule{{Code: "R", NoteIf: text}}})
	return brief(all)
}

func brief(all []rules.Diagnostic) []string {
	var out []string
	for _, d := range all {
		out = append(out, fmt.Sprintf("%s@%d+%d", d.Code, d.At.Offset, d.At.Length))
	}
	return out
}

// states tells what became of each rule.
func states(rs *rules.Ruleset, a *policy.Application) string {
	var all []string
	for _, o := range rs.Outcomes(a, nil) {
		all = append(all, o.Code+":"+string(o.State))
	}
	return fmt.Sprint(all)
}

// message is a template in both languages.
func message(template string) policy.Text { return policy.Text{ZH: template, EN: template} }
