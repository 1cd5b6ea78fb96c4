package rules_test

import (
	"strings"
	"testing"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/rules"
)

// TestMessages shows every kind of value.
func TestMessages(t *testing.T) {
	for template, want := range map[string]policy.Text{
		"a fixed text":                  {ZH: "a fixed text", EN: "a fixed text"},
		"{amount}":                      {ZH: "1018.0", EN: "1018.0"}, // as the request has it
		"{ amount }/{amount}":           {ZH: "1018.0/1018.0", EN: "1018.0/1018.0"},
		"{amountCny} > {limit}":         {ZH: "1018 > 100000", EN: "1018 > 100000"},
		"{rate}":                        {ZH: "0.00625", EN: "0.00625"},
		"{long}":                        {ZH: "999999999999998000000000000001", EN: "999999999999998000000000000001"},
		"{insurePeriod} {days}":         {ZH: "40 40", EN: "40 40"},
		"{effectTime} 至 {expireTime}":   {ZH: "2021-08-04 15:23:26 至 2021-09-12 23:59:59", EN: "2021-08-04 15:23:26 至 2021-09-12 23:59:59"},
		"{attrs.agreeOnSendTime}":       {ZH: "2021-08-13 23:59:59", EN: "2021-08-13 23:59:59"},
		"{insuranceTypes}":              {ZH: "QUALITY、DELIVERY、APPEARANCE", EN: "QUALITY, DELIVERY, APPEARANCE"},
		"{attrs.insuranceTypes}":        {ZH: "QUALITY、DELIVERY、APPEARANCE", EN: "QUALITY, DELIVERY, APPEARANCE"},
		"{currency}{productCode}":       {ZH: "CNYPERFORMANCE_SURETY_BONDS", EN: "CNYPERFORMANCE_SURETY_BONDS"},
		"{large}":                       {ZH: "否", EN: "no"},
		"{small}":                       {ZH: "是", EN: "yes"},
		"{{amount}} }} {{ {{{amount}}}": {ZH: "{amount} } { {1018.0}", EN: "{amount} } { {1018.0}"},
		"{orderSubjectMatterInfo.subjectMatterCategory}": {ZH: "包装", EN: "包装"},
	} {
		t.Run(template, func(t *testing.T) {
			rs := compile(t, rules.Spec{
				Define: []rules.Definition{
					{Name: "amountCny", Expr: "amount * currencyRate"}, {Name: "limit", Expr: "100000"}, {Name: "rate", Expr: "0.625%"},
					{Name: "long", Expr: "999999999999999 * 999999999999999"}, {Name: "days", Expr: "calendarDays(effectTime, expireTime)"},
					{Name: "large", Expr: "amount > limit"}, {Name: "small", Expr: "not large"},
				},
				Rules: []rules.Rule{{
					Code: "R", When: "has(attrs.agreeOnSendTime)", RejectIf: "has(orderSubjectMatterInfo.subjectMatterCategory)", Message: message(template),
				}},
			})
			if got := rs.Evaluate(application(t, nil), nil)[0].Message; got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

func TestMessageInOneLanguage(t *testing.T) {
	rs := compile(t, rules.Spec{Rules: []rules.Rule{{Code: "R", RejectIf: "amount > 5", Message: policy.Text{ZH: "保额 {amount}"}}}})
	got := rs.Evaluate(application(t, nil), nil)[0].Message
	if got.In(policy.English) != "保额 1018.0" || got.In(policy.Chinese) != "保额 1018.0" {
		t.Errorf("%+v", got)
	}
}

// TestMessageOfDerivedFields shows what was derived where it was not sent.
func TestMessageOfDerivedFields(t *testing.T) {
	rs := compile(t, rules.Spec{Rules: []rules.Rule{{Code: "R", RejectIf: "true", Message: message("{insurePeriod} {amountOfCny}")}}})
	a := application(t, map[string]string{"insurePeriod": "", "amountOfCny": "", "amount": "12.3"})
	if got := rs.Evaluate(a, nil)[0].Message.EN; got != "40 12.3" {
		t.Error(got)
	}
	a = application(t, map[string]string{"insurePeriod": "", "effectTime": "?"})
	if got := rs.Evaluate(a, nil)[0].Message.EN; got != "refused by rule R" {
		t.Error(got)
	}
}

// TestBadMessages refuses placeholders at load.
func TestBadMessages(t *testing.T) {
	for template, want := range map[string]string{
		"{":                                "template@0+1",
		"}":                                "template@0+1",
		"金额 {amount":                       "template@3+1",
		"金额 amount}":                       "template@9+1",
		"{amount {premium}":                "template@0+1",
		"{}":                               "template@0+2",
		"{ }":                              "template@0+3",
		"{amuont} {limti}":                 "unknown-name@0+8 unknown-name@9+7",
		"{amount + 1}":                     "unknown-name@0+12",
		"{QUALITY}":                        "unknown-name@0+9",
		"{attrs}":                          "type@0+7",
		"{attrs.agreeOnSendTime}":          "unguarded@0+23",
		"{late}":                           "unguarded@0+6",
		"{insuredPersonalInfo.personName}": "personal@0+32",
		"{applicantPayAccount}":            "personal@0+21",
		"{name}":                           "personal@0+6",
		"{nameAgain}":                      "personal@0+11",
		"{nameLength}":                     "personal@0+12",
		"{hasName}":                        "",
		"{insuredPersonalInfo.personLicenseType}": "unguarded@0+39",
	} {
		t.Run(template, func(t *testing.T) {
			_, all := rules.Compile(rules.Spec{
				Coverages: coverages,
				Define: []rules.Definition{
					{Name: "limit", Expr: "5"}, {Name: "late", Expr: "attrs.agreeOnSendTime > expireTime"},
					{Name: "name", Expr: `has(insuredPersonalInfo.personName) ? insuredPersonalInfo.personName : ""`}, {Name: "nameAgain", Expr: "name"},
					{Name: "nameLength", Expr: "len(name)"}, {Name: "hasName", Expr: "has(insuredPersonalInfo.personName)"},
				},
				Rules: []rules.Rule{{Code: "R", RejectIf: "has(insuredPersonalInfo.personName) and amount > 5", Message: policy.Text{ZH: template}}},
			})
			got := brief(all)
			for _, d := range all {
				if d.At.Part != "message.zh" {
					t.Errorf("%+v", d.At)
				}
			}
			if strings.Join(got, " ") != want {
				t.Errorf("got %v, want %s", got, want)
			}
		})
	}
}

// TestMessageProofs tells what a message may show: what must have been there
// for its rule to fail.
func TestMessageProofs(t *testing.T) {
	for name, c := range map[string]struct {
		rule rules.Rule
		ok   bool
	}{
		"when":                {rules.Rule{When: "has(attrs.agreeOnSendTime)", Must: "amount > 5"}, true},
		"reject_if":           {rules.Rule{RejectIf: "has(attrs.agreeOnSendTime) and amount > 5"}, true},
		"reject_if or":        {rules.Rule{RejectIf: "has(attrs.agreeOnSendTime) or amount > 5"}, false},
		"must":                {rules.Rule{Must: "has(attrs.agreeOnSendTime) and amount > 5"}, false},
		"must not":            {rules.Rule{Must: "not has(attrs.agreeOnSendTime) or amount > 5"}, true},
		"what require misses": {rules.Rule{Require: []string{sendTime}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			c.rule.Code, c.rule.Message = "R", message("{attrs.agreeOnSendTime}")
			_, all := rules.Compile(rules.Spec{Rules: []rules.Rule{c.rule}})
			if ok := len(all) == 0; ok != c.ok {
				t.Errorf("got %v", brief(all))
			}
		})
	}
}
