package rules_test

import (
	"fmt"
	"strings"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/rules"
)

// sample is a small application: 150,000 yuan, to be sent after the cover ends.
func sample() *policy.Application {
	a, _ := policy.NewApplication(&policy.Request{
		InsureTime: "2021-08-04 15:23:28", EffectTime: "2021-08-04 15:23:26", ExpireTime: "2021-09-12 23:59:59",
		Amount: "150000.0", Currency: "CNY", CurrencyRate: "1.0",
		Attrs: policy.Attrs{InsuranceTypes: "QUALITY,DELIVERY", AgreeOnSendTime: "1700000000000"},
	})
	return a
}

func Example() {
	rs, found := rules.Compile(rules.Spec{
		Coverages: []string{"QUALITY", "DELIVERY", "APPEARANCE"},
		Define: []rules.Definition{
			{Name: "amountCny", Expr: "amount * currencyRate"},
			{Name: "autoLimit", Expr: "100000"},
		},
		Rules: []rules.Rule{
			{Code: "SEND_TIME_REQUIRED", When: "DELIVERY in insuranceTypes", Require: []string{"attrs.agreeOnSendTime"}},
			{
				Code: "SEND_TIME_OUT_OF_PERIOD", When: "DELIVERY in insuranceTypes",
				Must: "effectTime < attrs.agreeOnSendTime <= expireTime",
				Message: policy.Text{
					ZH: "约定发货时间 {attrs.agreeOnSendTime} 晚于 {expireTime}",
					EN: "agreed to be sent at {attrs.agreeOnSendTime}, after {expireTime}",
				},
			},
			{
				Code: "LARGE_SUM", ReferIf: "amountCny > autoLimit", To: "underwriting",
				Message: policy.Text{ZH: "保额 {amountCny} 元超过 {autoLimit} 元", EN: "{amountCny} yuan is above {autoLimit}"},
			},
		},
	})
	if len(found) > 0 {
		fmt.Println(found)
		return
	}
	faults := rs.Evaluate(sample(), nil)
	fmt.Println(faults.Verdict())
	for _, f := range faults {
		fmt.Println(f.ErrorCode(), f.Paths, f.Message.EN)
	}
	// Output:
	// reject
	// isv.underwriting-rejected:SEND_TIME_OUT_OF_PERIOD [expireTime effectTime attrs.agreeOnSendTime] agreed to be sent at 2023-11-15 06:13:20, after 2021-09-12 23:59:59
	// isv.underwriting-referred:LARGE_SUM [amount currencyRate] 150000 yuan is above 100000
}

func ExampleCompile_diagnostics() {
	rule := rules.Rule{Code: "LARGE_SUM", ReferIf: "amuont > 100000 and attrs.agreeOnSendTime > effectTime"}
	_, found := rules.Compile(rules.Spec{Rules: []rules.Rule{rule}})
	fmt.Println(rule.ReferIf)
	for _, d := range found {
		fmt.Println(strings.Repeat(" ", d.At.Offset) + strings.Repeat("^", d.At.Length))
		fmt.Println(d.At.Rule, d.At.Part, d.Code+":", d.Message.EN)
		fmt.Println(d.Hint.EN)
	}
	// Output:
	// amuont > 100000 and attrs.agreeOnSendTime > effectTime
	// ^^^^^^
	// LARGE_SUM refer_if unknown-name: no field, definition or coverage is called `amuont`
	// did you mean amount?
	//                     ^^^^^^^^^^^^^^^^^^^^^
	// LARGE_SUM refer_if unguarded: attrs.agreeOnSendTime is optional and may be absent here
	// write has(attrs.agreeOnSendTime) and … before it, or require it in a rule of the same or a weaker when
}

func ExampleRuleset_Outcomes() {
	rs, _ := rules.Compile(rules.Spec{Rules: []rules.Rule{
		{Code: "FOREIGN", When: `currency != "CNY"`, Must: "currencyRate > 0.0001"},
		{Code: "LARGE_SUM", ReferIf: "amount > 100000"},
		{Code: "RATE_TOO_LOW", RejectIf: "has(premiumRate) and premiumRate < 0.05%"},
	}})
	for _, o := range rs.Outcomes(sample(), nil) {
		fmt.Println(o.Code, o.Verdict, o.State, o.Reads)
	}
	// Output:
	// FOREIGN reject not applicable [currency currencyRate]
	// LARGE_SUM refer fails [amount]
	// RATE_TOO_LOW reject holds [premiumRate]
}

// Why a sum goes to an underwriter: each part of the rule with its value.
func ExampleRuleset_Trace() {
	rs, _ := rules.Compile(rules.Spec{
		Define: []rules.Definition{{Name: "autoLimit", Expr: "100000"}},
		Rules: []rules.Rule{{
			Code: "LARGE_SUM", When: `currency == "CNY"`,
			ReferIf: "amount > autoLimit or calendarDays(effectTime, expireTime) > 365",
		}},
	})
	a, _ := policy.NewApplication(&policy.Request{
		Amount: "152700.50", Currency: "CNY", EffectTime: "2021-08-04 15:23:26", ExpireTime: "2021-09-12 23:59:59",
	})
	trace := rs.Trace(a, nil)
	fmt.Print(trace.Text(policy.English))
	// Output:
	// LARGE_SUM  fails → refer
	//   rule LARGE_SUM asks for an underwriter
	//   when  currency == "CNY" → true
	//     currency → "CNY"
	//   refer_if  amount > autoLimit or calendarDays(effectTime, expireTime) > 365 → true
	//     amount > autoLimit → true
	//       amount → 152700.5
	//       autoLimit → 100000
	//     calendarDays(effectTime, expireTime) > 365 → (short-circuited)
	// definitions
	//   autoLimit = 100000
}

// What the tests of a product have not shown yet.
func ExampleCoverage() {
	rs, _ := rules.Compile(rules.Spec{Rules: []rules.Rule{{Code: "SUM", RejectIf: `amount > 500000 or currency == "KRW" and amount > 300000`}}})
	coverage := rules.NewCoverage(rs)
	for _, r := range []policy.Request{{Amount: "1018", Currency: "CNY"}, {Amount: "500000.01", Currency: "CNY"}} {
		a, _ := policy.NewApplication(&r)
		coverage.Add(a, nil)
	}
	fmt.Printf("rules %d %%, conditions %d %%\n", coverage.Rules().Percent(), coverage.Conditions().Percent())
	for _, m := range coverage.Missing() {
		fmt.Println(m.Message.EN)
	}
	// Output:
	// rules 100 %, conditions 50 %
	// SUM: currency == "KRW": never seen true
	// SUM: amount > 300000: never seen true
	// SUM: amount > 300000: never seen false
}
