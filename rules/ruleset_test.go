package rules_test

import (
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/rules"
)

// TestEvaluate gives each sort of rule its fault.
func TestEvaluate(t *testing.T) {
	rs := compile(t, rules.Spec{
		Coverages: coverages,
		Define:    []rules.Definition{{Name: "amountCny", Expr: "amount * currencyRate"}},
		Rules: []rules.Rule{
			{Code: "REQUIRE", Require: []string{"amount", "attrs.agreeOnSendTime", "insuranceTypes", "applicantCompanyInfo"}},
			{Code: "MUST", Must: "premium > 100 or amountCny < 0"},
			{Code: "REJECT", When: `currency == "CNY"`, RejectIf: "calendarDays(effectTime, expireTime) > 30"},
			{Code: "REFER", ReferIf: "amountCny > 1000", To: "desk"},
			{Code: "NOTE", NoteIf: "has(insuredCompanyInfo) and amount > 1"},
			{Code: "FIELDS", RejectIf: "amount > 1", Fields: []string{"insuranceTypes", "attrs"}},
			{Code: "PATHLESS", RejectIf: "true"},
			{Code: "HOLDS", Must: "amount > 1"},
			{Code: "NOT_APPLICABLE", When: "amount < 1", RejectIf: "true"},
		},
	})
	a := application(t, map[string]string{
		"attrs.agreeOnSendTime": "", "attrs.insuranceTypes": "", "applicantCompanyInfo.companyLicenseType": "", "applicantCompanyInfo.companyName": "",
		"applicantCompanyInfo.userId": "", "applicantCompanyInfo.companyLicenseNo": "", "applicantCompanyInfo.legalPersonLicenseNo": "", "applicantCompanyInfo.legalPersonName": "",
	})
	text := func(zh, en string) policy.Text { return policy.Text{ZH: zh, EN: en} }
	want := policy.Faults{
		{Kind: policy.KindMissingParameter, Severity: policy.Reject, Code: "REQUIRE", Paths: []string{"attrs.agreeOnSendTime", "attrs.insuranceTypes", "applicantCompanyInfo"}, Message: text("规则 REQUIRE 要求提供", "required by rule REQUIRE")},
		{Kind: policy.KindRejected, Severity: policy.Reject, Code: "MUST", Paths: []string{"amount", "premium", "currencyRate"}, Message: text("不符合规则 MUST", "refused by rule MUST")},
		{Kind: policy.KindRejected, Severity: policy.Reject, Code: "REJECT", Paths: []string{"expireTime", "effectTime"}, Message: text("不符合规则 REJECT", "refused by rule REJECT")},
		{Kind: policy.KindReferred, Severity: policy.Refer, Code: "REFER", Paths: []string{"amount", "currencyRate"}, To: "desk", Message: text("规则 REFER 要求人工核保", "rule REFER asks for an underwriter")},
		{Severity: policy.Note, Code: "NOTE", Paths: []string{"amount", "insuredCompanyInfo"}, Message: text("规则 NOTE 提示留意", "noted by rule NOTE")},
		{Kind: policy.KindRejected, Severity: policy.Reject, Code: "FIELDS", Paths: []string{"attrs.insuranceTypes", "attrs"}, Message: text("不符合规则 FIELDS", "refused by rule FIELDS")},
		{Kind: policy.KindRejected, Severity: policy.Reject, Code: "PATHLESS", Message: text("不符合规则 PATHLESS", "refused by rule PATHLESS")},
	}
	got := rs.Evaluate(a, nil)
	if len(got) != len(want) {
		t.Fatalf("got %d faults, want %d", len(got), len(want))
	}
	for i := range want {
		if !reflect.DeepEqual(got[i], want[i]) {
			t.Errorf("got  %+v\nwant %+v", got[i], want[i])
		}
	}
	if codes := rs.Codes(); !slices.Equal(codes, []string{"REQUIRE", "MUST", "REJECT", "REFER", "NOTE", "FIELDS", "PATHLESS", "HOLDS", "NOT_APPLICABLE"}) {
		t.Error(codes)
	}
	if code := got[0].ErrorCode(); code != "isv.missing-parameter:attrs.agreeOnSendTime" {
		t.Error(code)
	}
}

// TestUnsoundOperands skips what reads a faulty field, and no more.
func TestUnsoundOperands(t *testing.T) {
	rs := compile(t, rules.Spec{
		Coverages: coverages,
		Define:    []rules.Definition{{Name: "cny", Expr: "amount * currencyRate"}, {Name: "cnyAgain", Expr: "cny"}},
		Rules: []rules.Rule{
			{Code: "A", RejectIf: "amount > 5"},
			{Code: "B", RejectIf: "cnyAgain > 5"},
			{Code: "C", When: "amount > 5", RejectIf: "true"},
			{Code: "D", RejectIf: "premium > 5"},
			{Code: "E", RejectIf: "has(premiumRate) and premium > 5"},
			{Code: "F", When: "premium > 500", RejectIf: "amount > 5"},
			{Code: "G", RejectIf: "insurePeriod > 5"},
			{Code: "H", RejectIf: "amountOfCny > 5"},
			{Code: "I", Require: []string{"premiumRate", "attrs.agreeOnSendTime"}},
			{Code: "J", RejectIf: "has(attrs)"},
			{Code: "K", RejectIf: "true", Message: message("{amount}")},
			{Code: "L", RejectIf: "DELIVERY not in insuranceTypes"},
		},
	})
	for name, c := range map[string]struct {
		with    map[string]string
		skipped string
	}{
		"all sound":     {nil, ""},
		"amount":        {map[string]string{"amount": "1e3"}, "A B C"},
		"missing":       {map[string]string{"amount": "", "amountOfCny": ""}, "A B C H"},
		"derived":       {map[string]string{"amount": "x", "amountOfCny": "", "effectTime": "yesterday", "insurePeriod": ""}, "A B C G H"},
		"optional":      {map[string]string{"premiumRate": "5"}, "E I"},
		"inside attrs":  {map[string]string{"attrs.agreeOnSendTime": "soon"}, "I J"},
		"the coverages": {map[string]string{"attrs.insuranceTypes": "A,,B"}, "J L"},
	} {
		t.Run(name, func(t *testing.T) {
			var skipped []string
			for _, o := range rs.Outcomes(application(t, c.with), nil) {
				if o.State == rules.Skipped {
					skipped = append(skipped, o.Code)
				}
			}
			if got := strings.Join(skipped, " "); got != c.skipped {
				t.Errorf("skipped %q, want %q", got, c.skipped)
			}
		})
	}
	t.Run("in the message", func(t *testing.T) {
		for _, f := range rs.Evaluate(application(t, map[string]string{"amount": "1e3"}), nil) {
			if f.Code == "K" && f.Message.EN != "refused by rule K" {
				t.Errorf("shows what is faulty: %+v", f)
			}
		}
	})
}

// TestErrors makes a rule that cannot be computed a fault, not a pass.
func TestErrors(t *testing.T) {
	spec := rules.Spec{
		Define: []rules.Definition{{Name: "share", Expr: "div(amount, premium - 6.36, 2, half_up)"}},
		Rules: []rules.Rule{
			{Code: "NOTE", NoteIf: "share > 5"},
			{Code: "MUST", Must: "share > 5 or true"},
			{Code: "WHEN", When: "share > 5", RejectIf: "true"},
			{Code: "AVOIDED", NoteIf: "premium != 6.36 and share > 5"},
			{Code: "OTHER", NoteIf: "amount > 5", Message: message("{share}")},
		},
	}
	for severity, kind := range map[policy.Verdict]policy.Kind{policy.Refer: policy.KindReferred, policy.Reject: policy.KindRejected, policy.Accept: policy.KindReferred} {
		spec.OnError = severity
		rs := compile(t, spec)
		a := application(t, nil)
		if got := states(rs, a); got != "[NOTE:error MUST:error WHEN:error AVOIDED:holds OTHER:fails]" {
			t.Error(got)
		}
		faults := rs.Evaluate(a, nil)
		if len(faults) != 4 {
			t.Fatal(faults)
		}
		for _, f := range faults[:3] {
			if f.Err == nil || !strings.Contains(f.Err.Error(), "division by zero") || f.Kind != kind || f.Severity != max(severity, policy.Refer) {
				t.Errorf("%+v", f)
			}
			if want := "rule " + f.Code + " could not be evaluated"; f.Message.EN != want {
				t.Errorf("got %q, want %q", f.Message.EN, want)
			}
		}
		if f := faults[3]; f.Err != nil || f.Message.EN != "noted by rule OTHER" {
			t.Errorf("%+v", f)
		}
		if faults.Verdict() != max(severity, policy.Refer) {
			t.Error(faults.Verdict())
		}
		if ok := application(t, map[string]string{"premium": "6.35"}); rs.Evaluate(ok, nil)[0].Err != nil {
			t.Error("an error outlives its application")
		}
	}
}

// TestErrorsReferToTheRulesDesk: a rule that refers, and cannot be computed, is
// referred to where it refers.
func TestErrorsReferToTheRulesDesk(t *testing.T) {
	spec := rules.Spec{
		Facts: []policy.FactSpec{{Name: "exposure", Type: policy.FactMoney}},
		Rules: []rules.Rule{
			{Code: "EXPOSED", ReferIf: "facts.exposure > 5", To: "reinsurance"},
			{Code: "DIVIDED", ReferIf: "div(amount, premium - 6.36, 2, half_up) > 5", To: "pricing"},
			{Code: "BARRED", RejectIf: "facts.exposure > 50"},
		},
	}
	for severity, want := range map[policy.Verdict][]string{policy.Refer: {"reinsurance", "pricing", ""}, policy.Reject: {"", "", ""}} {
		spec.OnError = severity
		faults := compile(t, spec).Evaluate(application(t, nil), nil)
		if len(faults) != len(want) {
			t.Fatal(faults)
		}
		for i, f := range faults {
			if f.Severity != severity || f.Err == nil || f.To != want[i] {
				t.Errorf("%s %s: goes to %q, want %q", f.Code, f.Severity, f.To, want[i])
			}
		}
	}
}

// TestNoPanic gives rules an application that nobody should: they say that they
// cannot be evaluated.
func TestNoPanic(t *testing.T) {
	rs := compile(t, tenRules)
	for name, a := range map[string]*policy.Application{"nil": nil, "without a request": {}} {
		for _, o := range rs.Outcomes(a, nil) {
			if a == nil && (o.State != rules.Errored || o.Err == nil) {
				t.Errorf("%s: %+v", name, o)
			}
		}
		rs.Evaluate(a, nil)
	}
	if rs.Evaluate(application(t, nil), nil) != nil {
		t.Error("a panic outlives its application")
	}
}

func TestSampleIsAccepted(t *testing.T) {
	if got := compile(t, tenRules).Evaluate(application(t, nil), nil); got != nil {
		t.Error(got)
	}
}

// TestOrderMeansNothing shuffles rules and definitions.
func TestOrderMeansNothing(t *testing.T) {
	a := application(t, map[string]string{"amount": "600000", "attrs.agreeOnSendTime": "1700000000000", "premium": "60000", "currency": "GBP"})
	byCode := func(spec rules.Spec) map[string]policy.Fault {
		m := map[string]policy.Fault{}
		for _, f := range compile(t, spec).Evaluate(a, nil) {
			m[f.Code] = f
		}
		return m
	}
	turned := tenRules
	turned.Rules, turned.Define = slices.Clone(tenRules.Rules), slices.Clone(tenRules.Define)
	slices.Reverse(turned.Rules)
	slices.Reverse(turned.Define)
	one, other := byCode(tenRules), byCode(turned)
	if len(one) != 6 || !reflect.DeepEqual(one, other) {
		t.Errorf("%v\n%v", one, other)
	}
}

// TestConcurrency runs one Ruleset on different applications at once; the race
// detector and the answers both watch.
func TestConcurrency(t *testing.T) {
	rs := compile(t, tenRules)
	amounts := []string{"1018.0", "150000", "600000"}
	var want []policy.Faults
	var all []*policy.Application
	for _, amount := range amounts {
		a := application(t, map[string]string{"amount": amount})
		all, want = append(all, a), append(want, rs.Evaluate(a, nil))
	}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for i := range 300 {
				k := i % len(all)
				if got := rs.Evaluate(all[k], nil); !reflect.DeepEqual(got, want[k]) {
					t.Errorf("amount %s: %v", amounts[k], got)
					return
				}
			}
		})
	}
	group.Wait()
}

// TestFaultsAreTheCallers lets a caller append to the paths of a fault.
func TestFaultsAreTheCallers(t *testing.T) {
	rs := compile(t, rules.Spec{Rules: []rules.Rule{{Code: "A", RejectIf: "amount > 5 and premium > 5 and currencyRate > 0"}}})
	a := application(t, nil)
	first, second := rs.Evaluate(a, nil)[0], rs.Evaluate(a, nil)[0]
	first.Paths = append(first.Paths, "mine")
	second.Paths = append(second.Paths, "yours")
	if first.Paths[3] != "mine" || second.Paths[3] != "yours" {
		t.Error("faults share memory")
	}
}

func TestOutcomes(t *testing.T) {
	got := compile(t, tenRules).Outcomes(application(t, map[string]string{"attrs.agreeOnSendTime": "", "amount": "150000"}), nil)
	want := []rules.Outcome{
		{Code: "SEND_TIME_REQUIRED", Verdict: policy.Reject, State: rules.Fails, Reads: []string{"attrs.agreeOnSendTime", "attrs.insuranceTypes"}},
		{Code: "SEND_TIME_OUT_OF_PERIOD", Verdict: policy.Reject, State: rules.NotApplicable, Reads: []string{"expireTime", "effectTime", "attrs.agreeOnSendTime", "attrs.insuranceTypes"}},
		{Code: "LARGE_SUM", Verdict: policy.Refer, State: rules.Fails, Reads: []string{"amount", "currencyRate"}},
		{Code: "SUM_TOO_HIGH", Verdict: policy.Reject, State: rules.Holds, Reads: []string{"amount", "currencyRate"}},
	}
	if !reflect.DeepEqual(got[:len(want)], want) {
		t.Errorf("got %+v", got[:len(want)])
	}
}
