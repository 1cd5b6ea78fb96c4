package rules_test

import (
	"math/rand/v2"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"

	"github.com/chudan-io/chudan/rules"
)

// tenRules are rules as a product team would write them, one of each sort.
var tenRules = rules.Spec{
	Coverages: coverages,
	Define: []rules.Definition{
		{"days", "calendarDays(effectTime, expireTime)"},
		{"amountCny", "amount * currencyRate"},
		{"autoLimit", "100000"},
		{"maxLimit", "500000"},
	},
	Rules: []rules.Rule{
		{Code: "SEND_TIME_REQUIRED", When: "DELIVERY in insuranceTypes", Require: []string{"attrs.agreeOnSendTime"}},
		{Code: "SEND_TIME_OUT_OF_PERIOD", When: "DELIVERY in insuranceTypes and has(attrs.agreeOnSendTime)", Must: "effectTime < attrs.agreeOnSendTime and attrs.agreeOnSendTime <= expireTime"},
		{Code: "LARGE_SUM", ReferIf: "amountCny > autoLimit"},
		{Code: "SUM_TOO_HIGH", RejectIf: "amountCny > maxLimit"},
		{Code: "TOO_LONG", RejectIf: "days > 365"},
		{Code: "RATE_TOO_LOW", When: "has(premiumRate)", RejectIf: "premiumRate < 0.05%"},
		{Code: "CURRENCY", Must: `currency in ["CNY", "USD", "EUR", "JPY"]`},
		{Code: "OVERINSURED", When: "has(orderSubjectMatterInfo.orderAmount)", NoteIf: "amount > orderSubjectMatterInfo.orderAmount * 0.01"},
		{Code: "DANGEROUS_GOODS", When: "has(orderSubjectMatterInfo.subjectMatterName)", ReferIf: `orderSubjectMatterInfo.subjectMatterName contains "烟花" or orderSubjectMatterInfo.subjectMatterName contains "锂电池"`},
		{Code: "CHEAP", RejectIf: "premium < 0.01 or premium > amount * 5%"},
	},
}

func BenchmarkTenRules(b *testing.B) {
	a := application(b, nil)
	b.Run("chudan", func(b *testing.B) {
		rs := compile(b, tenRules)
		b.ReportAllocs()
		for b.Loop() {
			if rs.Evaluate(a, nil) != nil {
				b.Fatal("the sample is accepted")
			}
		}
	})
	b.Run("parallel", func(b *testing.B) {
		rs := compile(b, tenRules)
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				rs.Evaluate(a, nil)
			}
		})
	})
	b.Run("limit/closures with doubles", func(b *testing.B) {
		env := sampleInDoubles
		b.ReportAllocs()
		for b.Loop() {
			for _, holds := range closures {
				if holds(&env) {
					b.Fatal("the sample is accepted")
				}
			}
		}
	})
	b.Run("peer/expr with doubles", func(b *testing.B) {
		programs := make([]*vm.Program, len(inExpr))
		for i, text := range inExpr {
			p, err := expr.Compile(text, expr.Env(doubles{}), expr.AsBool())
			if err != nil {
				b.Fatal(err)
			}
			programs[i] = p
		}
		var machine vm.VM
		var env any = sampleInDoubles // boxed once: the peer's best case
		b.ReportAllocs()
		for b.Loop() {
			for _, p := range programs {
				if fails, err := machine.Run(p, env); err != nil || fails.(bool) {
					b.Fatal("the sample is accepted", err)
				}
			}
		}
	})
}

// BenchmarkCompile tells what it costs to load the ten rules, and what they
// occupy.
func BenchmarkCompile(b *testing.B) {
	var before, after runtime.MemStats
	kept := make([]*rules.Ruleset, 0, 1000)
	runtime.GC()
	runtime.ReadMemStats(&before)
	for range cap(kept) {
		kept = append(kept, compile(b, tenRules))
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportAllocs()
	for b.Loop() {
		compile(b, tenRules)
	}
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(len(kept)), "B-kept")
	runtime.KeepAlive(kept)
}

// BenchmarkThousandProducts runs one ruleset of a thousand at random.
func BenchmarkThousandProducts(b *testing.B) {
	a := application(b, nil)
	for _, n := range []int{1, 1000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			all := make([]*rules.Ruleset, n)
			for i := range all {
				all[i] = compile(b, tenRules)
			}
			r := rand.New(rand.NewPCG(1, 2))
			for b.Loop() {
				all[r.IntN(n)].Evaluate(a, nil)
			}
		})
	}
}

// doubles is the sample as the peers see it: float64 for money, no checks of
// soundness, optional fields as empty ones.
type doubles struct {
	Amount, Premium, PremiumRate, CurrencyRate, OrderAmount float64
	Effect, Expire, Send                                    time.Time
	Days                                                    int
	Currency, Goods                                         string
	Types                                                   []string
	HasSend                                                 bool
}

var sampleInDoubles = doubles{
	Amount: 1018, Premium: 6.36, PremiumRate: 0.00625, CurrencyRate: 1, OrderAmount: 101800,
	Effect: time.Date(2021, 8, 4, 15, 23, 26, 0, time.UTC), Expire: time.Date(2021, 9, 12, 23, 59, 59, 0, time.UTC),
	Send: time.Date(2021, 8, 13, 23, 59, 59, 0, time.UTC), Days: 40, Currency: "CNY",
	Goods: "外贸飞机盒定制印刷包装盒快递打包外箱瓦楞牛皮纸盒订做纸箱定做", Types: coverages, HasSend: true,
}

// inExpr are the ten rules, true where they fail.
var inExpr = []string{
	`"DELIVERY" in Types and not HasSend`,
	`"DELIVERY" in Types and HasSend and not (Effect < Send and Send <= Expire)`,
	`Amount * CurrencyRate > 100000`,
	`Amount * CurrencyRate > 500000`,
	`Days > 365`,
	`PremiumRate < 0.0005`,
	`Currency not in ["CNY", "USD", "EUR", "JPY"]`,
	`Amount > OrderAmount * 0.01`,
	`Goods contains "烟花" or Goods contains "锂电池"`,
	`Premium < 0.01 or Premium > Amount * 0.05`,
}

// closures are the ten rules as somebody would write them in Go.
var closures = []func(*doubles) bool{
	func(d *doubles) bool { return slices.Contains(d.Types, "DELIVERY") && !d.HasSend },
	func(d *doubles) bool {
		return slices.Contains(d.Types, "DELIVERY") && d.HasSend && !(d.Effect.Before(d.Send) && !d.Send.After(d.Expire))
	},
	func(d *doubles) bool { return d.Amount*d.CurrencyRate > 100000 },
	func(d *doubles) bool { return d.Amount*d.CurrencyRate > 500000 },
	func(d *doubles) bool { return d.Days > 365 },
	func(d *doubles) bool { return d.PremiumRate < 0.0005 },
	func(d *doubles) bool { return !slices.Contains([]string{"CNY", "USD", "EUR", "JPY"}, d.Currency) },
	func(d *doubles) bool { return d.Amount > d.OrderAmount*0.01 },
	func(d *doubles) bool {
		return strings.Contains(d.Goods, "烟花") || strings.Contains(d.Goods, "锂电池")
	},
	func(d *doubles) bool { return d.Premium < 0.01 || d.Premium > d.Amount*0.05 },
}
