package policy_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/chudan-io/chudan/policy"
)

// A fieldCase is the published sample with one field changed (and others where
// the case needs them), and the exact faults that follow; none where the
// sample must still be issued.
type fieldCase struct {
	field, value string
	want         string
	also         []string
}

func also(changes ...string) []string { return changes }

const (
	missing  = "isv.missing-parameter:"
	invalid  = "isv.invalid-parameter:"
	mismatch = "isv.parameters-mismatch:"
)

// badStamps are texts that are no yyyy-MM-dd HH:mm:ss, though some parsers
// take them.
var badStamps = []string{
	"2021-02-30 10:00:00", "2023-02-29 10:00:00", "2021-13-01 10:00:00", "2021-00-10 10:00:00", "0000-00-00 00:00:00",
	"2021-08-04 24:00:00", "2021-08-04 15:60:00", "2021-08-04 15:23:60", "2021-08-04T15:23:28", "2021/08/04 15:23:28",
	"2021-08-04 5:23:28", "2021-08-04  5:23:28", "2021-8-04 15:23:028", "2021-08-04 15:23", "2021-08-04", "1628061808000",
	"2021-08-04 15:23:28.0", "2021-08-04 15:23:28,5", "2021-08-04 15:23:28Z", "2021-08-04 15:23:28+08:00", " 2021-08-04 15:23:28",
	"2021-08-04 15:23:28 ", "2021-08-04 15:23:2８", "1999-12-31 23:59:59", "2100-01-01 00:00:00", "-021-08-04 15:23:28",
}

var badDecimals = []string{
	"-1", "+1", "1e3", "1E3", "1,018", "１０１８", "1018.", ".5", "01018", "00", " 1018", "1018 ", "1018元", "¥1018", "NaN", "Inf",
	"0x10", "1_018", "1.0.1", "1000000000000000", "1.00000000000", "1\x00", "1e1000000000", "--5", "٣",
}

func shapeCases() []fieldCase {
	cases := []fieldCase{
		{field: "identifier", value: ""},
		{field: "identifier", value: "0"},
		{field: "identifier", value: "000000000000000000000000001"},
		{field: "identifier", value: "a-b_C"},
		{field: "identifier", value: strings.Repeat("9", 64)},
		{field: "identifier", value: strings.Repeat("9", 65), want: invalid + "identifier"},
		{field: "identifier", value: "０１０１０１", want: invalid + "identifier"},
		{field: "identifier", value: "01\x00", want: invalid + "identifier"},
		{field: "identifier", value: "01\n", want: invalid + "identifier"},
		{field: "identifier", value: " 01", want: invalid + "identifier"},
		{field: "identifier", value: "01 ", want: invalid + "identifier"},
		{field: "identifier", value: "0.1", want: invalid + "identifier"},
		{field: "identifier", value: "0/1", want: invalid + "identifier"},
		{field: "identifier", value: "标识", want: invalid + "identifier"},
		{field: "identifier", value: "\ufeff01", want: invalid + "identifier"},
		{field: "identifier", value: "01\u200b", want: invalid + "identifier"},
		{field: "insureId", value: ""},
		{field: "insureId", value: "010101004178221080402170019"}, // equal to identifier
		{field: "insureId", value: strings.Repeat("a", 64)},
		{field: "insureId", value: strings.Repeat("a", 65), want: invalid + "insureId"},
		{field: "insureId", value: "保单", want: invalid + "insureId"},
		{field: "insureId", value: "a b", want: invalid + "insureId"},

		{field: "effectTime", value: "2021-08-04 15:23:28"},
		{field: "effectTime", value: "2021-08-03 15:23:28", also: also("insurePeriod", "41")}, // 24 h before insureTime
		{field: "effectTime", value: "2021-08-03 15:23:27", also: also("insurePeriod", "41"), want: mismatch + "effectTime"},
		{field: "effectTime", value: "2021-08-03 14:23:28", also: also("insurePeriod", "41"), want: mismatch + "effectTime"},
		{field: "effectTime", value: "2022-08-04 15:23:28", also: also("expireTime", "2022-08-04 15:23:29", "insurePeriod", "1")}, // + 365 days
		{field: "effectTime", value: "2022-08-04 15:23:29", also: also("expireTime", "2022-08-05 15:23:29", "insurePeriod", ""), want: mismatch + "effectTime"},
		{field: "insureTime", value: "2021-08-05 15:23:26"},
		{field: "insureTime", value: "2021-08-05 15:23:27", want: mismatch + "effectTime"},
		{field: "insureTime", value: "2020-12-31 23:59:59", want: "isv.product-not-on-sale"},
		{field: "expireTime", value: "2021-08-04 15:23:26", want: mismatch + "expireTime"},
		{field: "expireTime", value: "2021-08-04 15:23:25", want: mismatch + "expireTime"},
		{field: "expireTime", value: "2021-08-03 23:59:59", want: mismatch + "expireTime"},
		{field: "expireTime", value: "2021-08-04 15:23:27", also: also("insurePeriod", "1")},
		{field: "expireTime", value: "2099-12-31 23:59:59", also: also("insurePeriod", "")},
		{field: "expireTime", value: "2021-09-13 00:00:00", want: mismatch + "insurePeriod"},

		{field: "insurePeriod", value: ""},
		{field: "insurePeriod", value: "40"},
		{field: "insurePeriod", value: "40.0"},
		{field: "insurePeriod", value: "40.0000"},
		{field: "insurePeriod", value: "39", want: mismatch + "insurePeriod"},
		{field: "insurePeriod", value: "41", want: mismatch + "insurePeriod"},
		{field: "insurePeriod", value: "3660", want: mismatch + "insurePeriod"},

		{field: "productCode", value: ""},
		{field: "productCode", value: "NO_SUCH_PRODUCT", want: "isv.product-not-found"},
		{field: "productCode", value: "P" + strings.Repeat("0", 63), want: "isv.product-not-found"},
		{field: "productCode", value: "P" + strings.Repeat("0", 64), want: invalid + "productCode"},
		{field: "productCode", value: "P", want: invalid + "productCode"},
		{field: "productCode", value: "1P", want: invalid + "productCode"},
		{field: "productCode", value: "_P", want: invalid + "productCode"},
		{field: "productCode", value: "P-Q", want: invalid + "productCode"},
		{field: "productCode", value: "performance_surety_bonds", want: invalid + "productCode"},
		{field: "productCode", value: "履约保证保险", want: invalid + "productCode"},
		{field: "productCode", value: " PERFORMANCE_SURETY_BONDS", want: invalid + "productCode"},

		{field: "amount", value: ""},
		{field: "amount", value: "1018"},
		{field: "amount", value: "1018.00"},
		{field: "amount", value: "1018.0000000000"},
		{field: "amount", value: "0", want: invalid + "amount"},
		{field: "amount", value: "0.00", want: invalid + "amount"},
		{field: "amount", value: strings.Repeat("9", 1_000_000), want: invalid + "amount"},
		{field: "amount", value: "1018.001", want: mismatch + "amount"},
		{field: "amount", value: "1018.0", also: also("currency", "JPY", "premium", "6", "premiumOfCny", "6")}, // no decimal that matters
		{field: "amount", value: "1018.5", also: also("currency", "JPY"), want: mismatch + "amount"},
		{field: "amount", value: "1018.125", also: also("currency", "KWD", "premium", "6.363", "premiumOfCny", "6.36", "amountOfCny", "1018.13", "orderSubjectMatterInfo", "")},
		{field: "amount", value: "1018.1255", also: also("currency", "KWD"), want: mismatch + "amount"},
		{field: "amount", value: "1019", want: "note " + mismatch + "amount; " + mismatch + "premiumOfCny; " + mismatch + "premium; " + mismatch + "amountOfCny"},

		{field: "amountOfCny", value: ""},
		{field: "amountOfCny", value: "1018"},
		{field: "amountOfCny", value: "1018.000"},
		{field: "amountOfCny", value: "1018.001", want: invalid + "amountOfCny"},
		{field: "amountOfCny", value: "1018.01", want: mismatch + "amountOfCny"},
		{field: "amountOfCny", value: "1017.99", want: mismatch + "amountOfCny"},
		{field: "amountOfCny", value: "101800", want: mismatch + "amountOfCny"}, // fen
		{field: "amountOfCny", value: "0", want: mismatch + "amountOfCny"},

		{field: "premiumRate", value: ""},
		{field: "premiumRate", value: "0.0062500000"},
		{field: "premiumRate", value: "0", want: invalid + "premiumRate"},
		{field: "premiumRate", value: "0.0000000000", want: invalid + "premiumRate"},
		{field: "premiumRate", value: "1", want: invalid + "premiumRate"},
		{field: "premiumRate", value: "1.0", want: invalid + "premiumRate"},
		{field: "premiumRate", value: "6.25", want: invalid + "premiumRate"},
		{field: "premiumRate", value: "0.625", want: invalid + "premiumRate"}, // a percentage
		{field: "premiumRate", value: "0.625%", want: invalid + "premiumRate"},
		{field: "premiumRate", value: "6.25‰", want: invalid + "premiumRate"},
		{field: "premiumRate", value: "0.0004999999", want: invalid + "premiumRate"},
		{field: "premiumRate", value: "0.0500000001", want: invalid + "premiumRate"},
		{field: "premiumRate", value: "0.0005", also: also("premium", "0.51", "premiumOfCny", "0.51")},
		{field: "premiumRate", value: "0.05", also: also("premium", "50.90", "premiumOfCny", "50.9")},
		{field: "premiumRate", value: "0.00626", want: mismatch + "premiumOfCny; " + mismatch + "premium"},

		{field: "premium", value: ""},
		{field: "premium", value: "6.360"},
		{field: "premium", value: "6.37", want: mismatch + "premium"},
		{field: "premium", value: "6.35", want: mismatch + "premium"},
		{field: "premium", value: "6.3625", want: mismatch + "premium"},
		{field: "premium", value: "6.3600000001", want: mismatch + "premium"},
		{field: "premium", value: "0", want: mismatch + "premium"},
		{field: "premium", value: "636", want: mismatch + "premium"},
		{field: "premium", value: "1018.01", want: mismatch + "premium"},
		{field: "premium", value: "1018.01", also: also("premiumRate", ""), want: mismatch + "premium"},
		{field: "premium", value: "0.50", also: also("premiumRate", "", "premiumOfCny", "0.5"), want: mismatch + "premium"},
		{field: "premium", value: "0.51", also: also("premiumRate", "", "premiumOfCny", "0.51")},

		{field: "premiumOfCny", value: ""},
		{field: "premiumOfCny", value: "6.3600"},
		{field: "premiumOfCny", value: "6.361", want: invalid + "premiumOfCny"},
		{field: "premiumOfCny", value: "6.37", want: mismatch + "premiumOfCny"},
		{field: "premiumOfCny", value: "6.35", want: mismatch + "premiumOfCny"},
		{field: "premiumOfCny", value: "0", want: mismatch + "premiumOfCny"},

		{field: "currency", value: ""},
		{field: "currency", value: "USD"},
		{field: "currency", value: "cny", want: invalid + "currency"},
		{field: "currency", value: "RMB", want: invalid + "currency"},
		{field: "currency", value: "XAU", want: invalid + "currency"},
		{field: "currency", value: "CNH", want: invalid + "currency"},
		{field: "currency", value: "ZZZ", want: invalid + "currency"},
		{field: "currency", value: "156", want: invalid + "currency"},
		{field: "currency", value: "CN", want: invalid + "currency"},
		{field: "currency", value: "CNY ", want: invalid + "currency"},
		{field: "currency", value: "人民币", want: invalid + "currency"},
		{field: "currency", value: "GBP", want: invalid + "currency"}, // active, and not the product's

		{field: "currencyRate", value: ""},
		{field: "currencyRate", value: "1"},
		{field: "currencyRate", value: "1.000"},
		{field: "currencyRate", value: "1.1", want: mismatch + "currencyRate"},
		{field: "currencyRate", value: "0.9999999999", want: mismatch + "currencyRate"},
		{field: "currencyRate", value: "0", want: invalid + "currencyRate"},
		{field: "currencyRate", value: "0.0", want: invalid + "currencyRate"},

		{field: "orderSubjectMatterInfo.orderAmount", value: ""},
		{field: "orderSubjectMatterInfo.orderAmount", value: "999999999999999"},
		{field: "orderSubjectMatterInfo.orderAmount", value: "101799", want: "note " + mismatch + "amount"},
		{field: "orderSubjectMatterInfo.orderAmount", value: "0", want: "note " + mismatch + "amount"},
		{field: "orderSubjectMatterInfo.orderAmount", value: "1018.00", want: invalid + "orderSubjectMatterInfo.orderAmount"},

		{field: "applicantPersonalInfo.personLicenseType", value: "PASSPORT"},
		{field: "applicantPersonalInfo.personLicenseType", value: "ID_CARD", want: invalid + "applicantPersonalInfo.personLicenseType"},
		{field: "applicantPersonalInfo.personLicenseType", value: "identity_card", want: invalid + "applicantPersonalInfo.personLicenseType"},
		{field: "applicantPersonalInfo.personLicenseType", value: "", want: missing + "applicantPersonalInfo.personLicenseType"},
		{field: "applicantPersonalInfo.personLicenseNo", value: "", want: missing + "applicantPersonalInfo.personLicenseNo"},
		{field: "applicantPersonalInfo.personLicenseNo", value: "4****************3"},
		{field: "applicantPersonalInfo.personLicenseNo", value: "", also: also("applicantPersonalInfo.personLicenseType", "")},
		{field: "insuredPersonalInfo.personLicenseType", value: "IDENTITY_CARD"},
		{field: "insuredPersonalInfo.personLicenseType", value: "身份证", want: invalid + "insuredPersonalInfo.personLicenseType"},
		{field: "insuredPersonalInfo.personLicenseType", value: "", want: missing + "insuredPersonalInfo.personLicenseType"},
		{field: "insuredPersonalInfo.personLicenseNo", value: "", want: missing + "insuredPersonalInfo.personLicenseNo"},
		{field: "insuredCompanyInfo.companyLicenseType", value: "GENERAL"},
		{field: "insuredCompanyInfo.companyLicenseType", value: "UNITED", want: invalid + "insuredCompanyInfo.companyLicenseType"},
		{field: "insuredCompanyInfo.companyEmail", value: "no e-mail address"},
		{field: "applicantCompanyInfo.companyLicenseType", value: "unity", want: invalid + "applicantCompanyInfo.companyLicenseType"},
		{field: "applicantCompanyInfo.companyLicenseNo", value: "9xxxxxxxxxxY74N"},
		{field: "applicantPersonalInfo.personPhone", value: "no phone"},
		{field: "applicantPersonalInfo", value: ""},
		{field: "applicantCompanyInfo", value: ""},
		{field: "insuredPersonalInfo", value: ""},
		{field: "insuredCompanyInfo", value: ""},
		{field: "applicantPersonalInfo", value: "", also: also("applicantCompanyInfo", ""), want: missing + "applicantPersonalInfo"},
		{field: "insuredPersonalInfo", value: "", also: also("insuredCompanyInfo", ""), want: missing + "insuredPersonalInfo"},
		{field: "insuredPersonalInfo", value: "", also: also("insuredCompanyInfo", "", "insuredCompanyInfo.userId", "1")},
		{field: "orderSubjectMatterInfo", value: ""},
		{field: "attrs.premiumFundStreamNo", value: ""},

		{field: "attrs.agreeOnSendTime", value: "1628870399001"},
		{field: "attrs.agreeOnSendTime", value: "", want: missing + "attrs.agreeOnSendTime"},
		{field: "attrs.agreeOnSendTime", value: "1628870399", want: invalid + "attrs.agreeOnSendTime"},
		{field: "attrs.agreeOnSendTime", value: "16288703990000", want: invalid + "attrs.agreeOnSendTime"},
		{field: "attrs.agreeOnSendTime", value: "0628870399000", want: invalid + "attrs.agreeOnSendTime"},
		{field: "attrs.agreeOnSendTime", value: "-628870399000", want: invalid + "attrs.agreeOnSendTime"},
		{field: "attrs.agreeOnSendTime", value: "9999999999999", want: invalid + "attrs.agreeOnSendTime"},
		{field: "attrs.agreeOnSendTime", value: "2021-08-13 23:59:59", want: invalid + "attrs.agreeOnSendTime"},
		{field: "attrs.agreeOnSendTime", value: "162887039900０", want: invalid + "attrs.agreeOnSendTime"},

		{field: "attrs.insuranceTypes", value: ""},
		{field: "attrs.insuranceTypes", value: "DELIVERY"},
		{field: "attrs.insuranceTypes", value: "APPEARANCE,QUALITY"},
		{field: "attrs.insuranceTypes", value: "FIRE", want: invalid + "attrs.insuranceTypes"},
		{field: "attrs.insuranceTypes", value: "QUALITY,FIRE", want: invalid + "attrs.insuranceTypes"},
		{field: "attrs.insuranceTypes", value: "quality", want: invalid + "attrs.insuranceTypes"},
		{field: "attrs.insuranceTypes", value: "QUALITY,,", want: invalid + "attrs.insuranceTypes"},
		{field: "attrs.insuranceTypes", value: ",QUALITY", want: invalid + "attrs.insuranceTypes"},
		{field: "attrs.insuranceTypes", value: ",", want: invalid + "attrs.insuranceTypes"},
		{field: "attrs.insuranceTypes", value: "QUALITY,QUALITY", want: invalid + "attrs.insuranceTypes"},
		{field: "attrs.insuranceTypes", value: " DELIVERY", want: invalid + "attrs.insuranceTypes"},
		{field: "attrs.insuranceTypes", value: "QUALITY, DELIVERY", want: invalid + "attrs.insuranceTypes"},
		{field: "attrs.insuranceTypes", value: "QUALITY，DELIVERY", want: invalid + "attrs.insuranceTypes"},
		{field: "attrs.insuranceTypes", value: "QUALITY;DELIVERY", want: invalid + "attrs.insuranceTypes"},
	}
	for i, c := range cases {
		if f, _ := policy.FieldNamed(c.field); f.Required && c.value == "" {
			cases[i].want = missing + c.field
		}
	}
	for _, field := range []string{"insureTime", "effectTime", "expireTime"} {
		cases = append(cases, fieldCase{field: field, value: "", want: missing + field})
		for _, value := range badStamps {
			cases = append(cases, fieldCase{field: field, value: value, want: invalid + field})
		}
	}
	for _, f := range policy.Fields() {
		if f.Form != policy.FormDecimal && f.Form != policy.FormNumber {
			continue
		}
		for _, value := range badDecimals {
			cases = append(cases, fieldCase{field: f.Path, value: value, want: invalid + f.Path})
		}
	}
	for _, value := range []string{"0", "0.0", "40.5", "4e1", "040", "3661", "forty", "４０", "999999999999999"} {
		cases = append(cases, fieldCase{field: "insurePeriod", value: value, want: invalid + "insurePeriod"})
	}
	return append(cases, textCases()...)
}

// textCases try every field of free text: its length in characters, and what
// is clean.
func textCases() []fieldCase {
	var cases []fieldCase
	for _, f := range policy.Fields() {
		longest := 256
		switch f.Path {
		case "applicantPayAccount":
			longest = 128
		case "orderSubjectMatterInfo.subjectMatterName":
			longest = 512
		case "attrs.premiumFundStreamNo":
			longest = 64
		}
		if f.Required || f.Form != policy.FormText || strings.HasSuffix(f.Path, "Type") {
			continue
		}
		add := func(value, want string) { cases = append(cases, fieldCase{field: f.Path, value: value, want: want}) }
		bad := invalid + f.Path
		add(strings.Repeat("张", longest), "")
		add(strings.Repeat("张", longest+1), bad)
		add("👨‍👩‍👧🏽", "")
		add("𠮷野家", "")
		add("in ner", "")
		add(" 张三", bad)
		add("张三 ", bad)
		add("\u3000张三", bad)
		add("张三\u00a0", bad)
		add("张\x00三", bad)
		add("张\t三", bad)
		add("张\u202e三", bad) // shows as 三张
		add("张\u2066三", bad)
		add("张\u2028三", bad)
		add("فارسی\u200cها\u200f", "") // marks that names are written with
		add("张三\r\n", bad)
		add("张\u0085三", bad)
		add("张\x7f", bad)
		add("张\xff\xfe", bad)
		add("\xed\xa0\x80", bad) // half of a surrogate pair
	}
	return cases
}

func TestShape(t *testing.T) {
	cases := shapeCases()
	var texts strings.Builder
	told := make(map[string]bool)
	for _, c := range cases {
		name := caseName(c)
		r := with(t, append([]string{c.field, c.value}, c.also...)...)
		d := decide(t, newBond(), r)
		if got := codes(d.Faults); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", name, got, c.want)
		}
		line := ""
		for _, f := range d.Faults {
			checkTexts(t, name, f)
			checkPrivate(t, name, r, f)
			line += fmt.Sprintf(" | %s | %s | %s", strings.Join(f.Paths, ", "), f.Message.ZH, f.Message.EN)
		}
		// Many cases end in one text: the first of a field shows it.
		if line != "" && !told[line] {
			told[line] = true
			texts.WriteString(name + line + "\n")
		}
	}
	golden(t, "shape.golden", texts.String())
	t.Logf("%d single-field cases, %d different answers", len(cases), len(told))
}

func caseName(c fieldCase) string {
	value := c.value
	if n := utf8.RuneCountInString(value); n > 40 {
		r := []rune(value)
		value = fmt.Sprintf("%s…(%d)", string(r[:8]), n)
	}
	name := fmt.Sprintf("%s=%q", c.field, value)
	for i := 0; i+1 < len(c.also); i += 2 {
		name += fmt.Sprintf(" %s=%q", c.also[i], c.also[i+1])
	}
	return name
}

// checkTexts holds a fault against what every caller may rely on: a path, and a
// text in each language.
func checkTexts(t *testing.T, name string, f policy.Fault) {
	t.Helper()
	if len(f.Paths) == 0 || f.Message.ZH == "" || f.Message.EN == "" || f.Message.ZH == f.Message.EN {
		t.Errorf("%s: want a path and texts in both languages: %+v", name, f)
	}
}

// checkPrivate wants no personal value in a fault's texts.
func checkPrivate(t *testing.T, name string, r *policy.Request, f policy.Fault) {
	t.Helper()
	for _, field := range policy.Fields() {
		value := field.Text(r)
		if field.Personal && utf8.RuneCountInString(value) > 3 && strings.Contains(f.Message.ZH+f.Message.EN, value) {
			t.Errorf("%s: the message shows the value of %s", name, field.Path)
		}
	}
}
