package policy_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/chudan-io/chudan/policy"
)

// TestAllFaultsAtOnce: what is wrong is told together and in page order, and a
// check whose operand is faulty is not made.
func TestAllFaultsAtOnce(t *testing.T) {
	for name, c := range map[string]struct {
		change []string
		want   string
	}{
		"every stage": {
			also("insureId", "", "premium", "6.37", "premiumRate", "", "attrs.agreeOnSendTime", "", "applicantPersonalInfo.personLicenseType", "ID_CARD", "insurePeriod", "41"),
			mismatch + "premiumOfCny; " + mismatch + "insurePeriod; " + missing + "insureId; " +
				invalid + "applicantPersonalInfo.personLicenseType; " + missing + "attrs.agreeOnSendTime",
		},
		"amount faulty: no sums": {
			also("amount", "1e3", "premium", "9", "premiumOfCny", "8", "amountOfCny", "7"),
			invalid + "amount",
		},
		"amount has too many decimals: no sums": {
			also("amount", "1018.001", "premium", "9", "amountOfCny", "7"),
			mismatch + "amount",
		},
		"amount missing: no sums": {also("amount", "", "premium", "9", "amountOfCny", "7"), missing + "amount"},
		"rate out of bounds: the sum insured alone is checked": {
			also("premiumRate", "0.625", "premium", "9", "premiumOfCny", "8", "amountOfCny", "7"),
			invalid + "premiumRate; " + mismatch + "amountOfCny",
		},
		"premium faulty: its conversion is still held against the right one": {
			also("premium", "x", "premiumOfCny", "8"),
			mismatch + "premiumOfCny; " + invalid + "premium",
		},
		"premium wrong: its conversion is held against the right one": {also("premium", "6.37"), mismatch + "premium"},
		"both wrong": {also("premium", "6.37", "premiumOfCny", "6.37"), mismatch + "premiumOfCny; " + mismatch + "premium"},
		"currency faulty: neither sums nor decimals": {
			also("currency", "RMB", "amount", "1018.001", "premium", "9", "premiumOfCny", "8", "amountOfCny", "7"),
			invalid + "currency",
		},
		"currency not taken: no sums": {
			also("currency", "GBP", "premium", "9", "premiumOfCny", "8", "amountOfCny", "7"),
			invalid + "currency",
		},
		"currencyRate faulty: the premium alone": {
			also("currencyRate", "0", "premium", "9", "premiumOfCny", "8", "amountOfCny", "7"),
			mismatch + "premium; " + invalid + "currencyRate",
		},
		"currencyRate of CNY is not 1: the premium alone": {
			also("currencyRate", "2", "premium", "9", "premiumOfCny", "8", "amountOfCny", "7"),
			mismatch + "premium; " + mismatch + "currencyRate",
		},
		"expireTime malformed: no period": {also("expireTime", "2021-09-31 00:00:00", "insurePeriod", "7"), invalid + "expireTime"},
		"expireTime before effectTime: no period": {
			also("expireTime", "2021-08-01 00:00:00", "insurePeriod", "7"),
			mismatch + "expireTime",
		},
		"effectTime malformed: neither period nor window": {
			also("effectTime", "now", "insurePeriod", "7", "amount", "0"),
			invalid + "amount; " + invalid + "effectTime",
		},
		"effectTime outside the window: no period": {
			also("effectTime", "2021-08-01 00:00:00", "insurePeriod", "7"),
			mismatch + "effectTime",
		},
		"productCode malformed: nothing of the product": {
			also("productCode", "p", "premium", "9", "currencyRate", "2"),
			invalid + "productCode",
		},
		"unknown product: shape is told too": {
			also("productCode", "OTHER", "identifier", "", "premium", "9"),
			missing + "identifier; isv.product-not-found",
		},
		"insuranceTypes malformed: no rule on them": {
			also("attrs.insuranceTypes", "QUALITY,", "attrs.agreeOnSendTime", ""),
			invalid + "attrs.insuranceTypes",
		},
		"rules, terms and sums together": {
			also("amount", "600000", "orderSubjectMatterInfo", "", "currencyRate", "1.5", "attrs.agreeOnSendTime", "", "insurePeriod", "1"),
			"isv.underwriting-rejected:SUM_TOO_HIGH; isv.underwriting-referred:LARGE_SUM; " + mismatch + "insurePeriod; " +
				mismatch + "premium; " + mismatch + "currencyRate; " + missing + "attrs.agreeOnSendTime",
		},
		"everything left out": {
			func() (all []string) {
				for _, f := range policy.Fields() {
					all = append(all, f.Path, "")
				}
				return all
			}(),
			missing + "identifier; " + missing + "insureTime; " + missing + "amount; " + missing + "premiumOfCny; " + missing + "productCode; " +
				missing + "expireTime; " + missing + "premium; " + missing + "insureId; " + missing + "currency; " + missing + "currencyRate; " +
				missing + "effectTime",
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got := codes(decide(t, newBond(), with(t, c.change...)).Faults); got != c.want {
				t.Errorf("\n got %s\nwant %s", got, c.want)
			}
		})
	}
}

func fault(kind policy.Kind, severity policy.Verdict, code string, paths ...string) policy.Fault {
	return policy.Fault{Kind: kind, Severity: severity, Code: code, Paths: paths, Message: policy.Text{ZH: "中文", EN: "english"}}
}

// TestWorst: the first among the faults of the worst severity gives the answer
// its code, and notes give none.
func TestWorst(t *testing.T) {
	note := fault(policy.KindParametersMismatch, policy.Note, "A", "amount")
	refer := fault(policy.KindReferred, policy.Refer, "B", "premium")
	reject := fault(policy.KindRejected, policy.Reject, "C", "attrs.insuranceTypes")
	for name, c := range map[string]struct {
		faults  policy.Faults
		verdict policy.Verdict
		want    string // "" where nothing stands against issuing
	}{
		"none":                   {nil, policy.Accept, ""},
		"notes":                  {policy.Faults{note, note}, policy.Note, ""},
		"a referral":             {policy.Faults{note, refer}, policy.Refer, "isv.underwriting-referred:B"},
		"refused after referred": {policy.Faults{note, refer, reject}, policy.Reject, "isv.underwriting-rejected:C"},
		"the first of two":       {policy.Faults{refer, policy.Missing("amount"), reject}, policy.Reject, missing + "amount"},
	} {
		t.Run(name, func(t *testing.T) {
			worst, ok := c.faults.Worst()
			if got := c.faults.Verdict(); got != c.verdict || ok != (c.want != "") || ok && worst.ErrorCode() != c.want {
				t.Errorf("got %v, %v, %s", got, ok, worst.ErrorCode())
			}
		})
	}
}

// TestErrorCode: at most 96 ASCII characters, and one field or rule at most.
func TestErrorCode(t *testing.T) {
	long := strings.Repeat("C", 96-len("isv.underwriting-rejected:"))
	for name, c := range map[string]struct {
		fault policy.Fault
		want  string
	}{
		"field":                {policy.Missing("amount"), missing + "amount"},
		"longest field":        {policy.Invalid("orderSubjectMatterInfo.subjectMatterCategory", "", ""), invalid + "orderSubjectMatterInfo.subjectMatterCategory"},
		"first of its fields":  {fault(policy.KindIdempotencyConflict, policy.Reject, "", "premium", "amount"), "isv.idempotent-parameter-mismatch:premium"},
		"no field":             {fault(policy.KindInvalidParameter, policy.Reject, ""), "isv.invalid-parameter"},
		"rule":                 {fault(policy.KindRejected, policy.Reject, "SUM_TOO_HIGH", "amount"), "isv.underwriting-rejected:SUM_TOO_HIGH"},
		"a rule's 96 bytes":    {fault(policy.KindRejected, policy.Reject, long), "isv.underwriting-rejected:" + long},
		"a rule's 97 bytes":    {fault(policy.KindRejected, policy.Reject, long+"C"), "isv.underwriting-rejected"},
		"a rule in Chinese":    {fault(policy.KindRejected, policy.Reject, "保额过高"), "isv.underwriting-rejected"},
		"a rule with a break":  {fault(policy.KindRejected, policy.Reject, "A\nB"), "isv.underwriting-rejected"},
		"a kind without field": {fault(policy.KindProductNotFound, policy.Reject, "", "productCode"), "isv.product-not-found"},
		"an unknown kind":      {fault("isv.invented", policy.Reject, "X", "amount"), "isv.invented"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := c.fault.ErrorCode(); got != c.want || len(got) > 96 {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestMessage(t *testing.T) {
	line := func(runes int) policy.Fault {
		f := fault(policy.KindRejected, policy.Reject, "X")
		f.Message = policy.Text{ZH: strings.Repeat("字", runes), EN: strings.Repeat("x", runes)}
		return f
	}
	note := fault(policy.KindParametersMismatch, policy.Note, "", "amount")
	two := fault(policy.KindMissingParameter, policy.Reject, "", "insuredPersonalInfo", "insuredCompanyInfo")
	for name, c := range map[string]struct {
		faults    policy.Faults
		lang      policy.Lang
		reference string
		want      string
	}{
		"one":                       {policy.Faults{policy.Missing("amount")}, policy.Chinese, "", "amount: 必填字段缺失"},
		"in English":                {policy.Faults{policy.Missing("amount")}, policy.English, "", "amount: required field is missing"},
		"other language":            {policy.Faults{policy.Missing("amount")}, "fr", "", "amount: 必填字段缺失"},
		"reference last":            {policy.Faults{policy.Missing("amount")}, policy.Chinese, "ABC", "amount: 必填字段缺失 (参考号 ABC)"},
		"reference in English":      {policy.Faults{policy.Missing("amount")}, policy.English, "ABC", "amount: required field is missing (reference ABC)"},
		"two fields":                {policy.Faults{two}, policy.English, "", "insuredPersonalInfo, insuredCompanyInfo: english"},
		"no field":                  {policy.Faults{fault(policy.KindRejected, policy.Reject, "X")}, policy.Chinese, "", "中文"},
		"notes are left out":        {policy.Faults{note, policy.Missing("amount"), note}, policy.Chinese, "", "amount: 必填字段缺失"},
		"several":                   {policy.Faults{two, note, policy.Missing("amount")}, policy.English, "", "insuredPersonalInfo, insuredCompanyInfo: english; amount: required field is missing"},
		"exactly 512":               {policy.Faults{line(255), line(255)}, policy.Chinese, "", strings.Repeat("字", 255) + "; " + strings.Repeat("字", 255)},
		"513: the last is counted":  {policy.Faults{line(255), line(256)}, policy.Chinese, "R", strings.Repeat("字", 255) + "; 共 2 处 (参考号 R)"},
		"in English it is counted":  {policy.Faults{line(255), line(256)}, policy.English, "R", strings.Repeat("x", 255) + "; 2 faults in all (reference R)"},
		"a short one after a long":  {policy.Faults{line(10), line(600), line(10)}, policy.Chinese, "", strings.Repeat("字", 10) + "; 共 3 处"},
		"the first alone is longer": {policy.Faults{line(600), line(1)}, policy.Chinese, "", strings.Repeat("字", 511) + "…; 共 2 处"},
		"a longer one alone":        {policy.Faults{line(513)}, policy.Chinese, "", strings.Repeat("字", 511) + "…"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := c.faults.Message(c.lang, c.reference); got != c.want {
				t.Errorf("\n got %s\nwant %s", got, c.want)
			}
		})
	}
}

// TestMessageOfMany: however many faults, what is told before their number
// keeps within 512 characters, and the number counts them all.
func TestMessageOfMany(t *testing.T) {
	var faults policy.Faults
	for n := 1; n <= 53; n++ {
		faults = append(faults, policy.Missing(policy.Fields()[n-1].Path))
		for _, lang := range []policy.Lang{policy.Chinese, policy.English} {
			told, count, cut := strings.Cut(faults.Message(lang, ""), map[policy.Lang]string{policy.Chinese: "; 共 ", policy.English: " faults in all"}[lang])
			if utf8.RuneCountInString(told) > 512+len("; 53") {
				t.Errorf("%d faults: %d characters", n, utf8.RuneCountInString(told))
			}
			if cut && lang == policy.Chinese && count != fmt.Sprintf("%d 处", n) {
				t.Errorf("%d faults are counted as %q", n, count)
			}
		}
	}
}

// ruled is the bond with the faults of its rules given.
type ruled struct {
	*bond
	faults policy.Faults
}

func (r ruled) Underwrite(*policy.Application, *policy.Premium) policy.Faults { return r.faults }

func (r ruled) Product(string, time.Time, time.Time) (policy.Product, error) { return r, nil }

// TestPageOrder: faults come in page order by their first field, those of one
// field in the order of the checks, those without a field last and in the
// order of the rules. What the product keeps is not sorted under its hands.
func TestPageOrder(t *testing.T) {
	rules := policy.Faults{
		fault(policy.KindRejected, policy.Reject, "LAST_1"),
		fault(policy.KindRejected, policy.Reject, "TIMES", "effectTime", "expireTime"),
		fault(policy.KindRejected, policy.Reject, "NO_FIELD_OF_THE_PAGE", "body"),
		fault(policy.KindRejected, policy.Reject, "LAST_2"),
		fault(policy.KindRejected, policy.Reject, "OBJECT", "orderSubjectMatterInfo"),
		fault(policy.KindRejected, policy.Reject, "AMOUNT_1", "premium", "attrs.insuranceTypes", "amount"),
		fault(policy.KindRejected, policy.Reject, "AMOUNT_2", "amount"),
	}
	product := ruled{newBond(), rules}
	d := decide(t, product, sample(t))
	var order []string
	for _, f := range d.Faults {
		order = append(order, f.Code)
	}
	if want := []string{"AMOUNT_1", "AMOUNT_2", "TIMES", "OBJECT", "NO_FIELD_OF_THE_PAGE", "LAST_1", "LAST_2"}; !slices.Equal(order, want) {
		t.Errorf("got %v, want %v", order, want)
	}
	if got, want := d.Faults[0].Paths, []string{"amount", "premium", "attrs.insuranceTypes"}; !slices.Equal(got, want) {
		t.Errorf("paths %v, want %v", got, want)
	}
	if rules[0].Code != "LAST_1" || !slices.Equal(rules[5].Paths, []string{"premium", "attrs.insuranceTypes", "amount"}) {
		t.Errorf("the rules' own faults were sorted: %v", rules)
	}
}

// TestUnread: the faults that a channel met while it read are told with the
// others, in their place, and stand for the shape of the same field.
func TestUnread(t *testing.T) {
	r := with(t, "amount", "1018", "premium", "9", "identifier", "", "attrs", "")
	unread := []policy.Fault{
		policy.Invalid("attrs", "应为对象", "want an object"),
		policy.Invalid("identifier", "应为字符串", "want a string"),
		policy.Invalid("amount", "应为字符串", "want a string"),
	}
	r.Unread = unread
	d := decide(t, newBond(), r)
	if got, want := codes(d.Faults), invalid+"identifier; "+invalid+"amount; "+invalid+"attrs"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if unread[0].Paths[0] != "attrs" {
		t.Error("the request's own list was sorted")
	}
}

// asked is a catalog that remembers what it was asked.
type asked struct{ calls []string }

func (a *asked) Product(code string, insured, effective time.Time) (policy.Product, error) {
	a.calls = append(a.calls, fmt.Sprint(code, insured, effective))
	return newBond(), nil
}

// TestCatalogIsAskedWithSoundFields: an edition is found by a product and two
// times; where one of them is faulty there is nothing to ask for.
func TestCatalogIsAskedWithSoundFields(t *testing.T) {
	for _, path := range []string{"productCode", "insureTime", "effectTime"} {
		for _, text := range []string{"", "2021-02-30 00:00:00"} {
			c := new(asked)
			if decide(t, c, with(t, path, text)); c.calls != nil {
				t.Errorf("%s is %q: asked for %v", path, text, c.calls)
			}
		}
	}
	c := new(asked)
	decide(t, c, with(t, "premium", "x", "expireTime", "x"))
	if want := "PERFORMANCE_SURETY_BONDS2021-08-04 15:23:28 +0800 +08:00 2021-08-04 15:23:26 +0800 +08:00"; len(c.calls) != 1 || c.calls[0] != want {
		t.Errorf("asked for %q, want %q", c.calls, want)
	}
}

// TestVerdictText: a verdict reads back what it writes, and nothing else.
func TestVerdictText(t *testing.T) {
	for v := policy.Accept; v <= policy.Reject; v++ {
		text, err := v.MarshalText()
		var back policy.Verdict
		if err != nil || back.UnmarshalText(text) != nil || back != v {
			t.Errorf("%v: %s, %v, %v", v, text, err, back)
		}
	}
	var v policy.Verdict
	if v.UnmarshalText([]byte("maybe")) == nil || v.UnmarshalText([]byte("Verdict(9)")) == nil {
		t.Error("an unknown verdict was read")
	}
}
