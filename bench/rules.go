package main

import (
	"cmp"
	"context"
	"fmt"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"
	"github.com/hyperjumptech/grule-rule-engine/ast"
	"github.com/hyperjumptech/grule-rule-engine/builder"
	"github.com/hyperjumptech/grule-rule-engine/engine"
	"github.com/hyperjumptech/grule-rule-engine/pkg"
	"github.com/open-policy-agent/opa/v1/rego"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/rules"
)

// Ten rules of a surety bond, as conditions that refuse. Ours are exact, the
// peers' compute in doubles; all of them see the published request, which
// passes every rule.

// facts is the request in the peers' terms.
type facts struct {
	Amount        float64  `expr:"amount"`
	PremiumRate   float64  `expr:"premiumRate"`
	CurrencyRate  float64  `expr:"currencyRate"`
	InsurePeriod  int64    `expr:"insurePeriod"`
	Currency      string   `expr:"currency"`
	Category      string   `expr:"category"`
	EffectTime    int64    `expr:"effectTime"`
	ExpireTime    int64    `expr:"expireTime"`
	SendTime      int64    `expr:"sendTime"`
	Types         []string `expr:"types"`
	Hits          int64    `expr:"hits"`
	HasSendTime   bool     `expr:"hasSendTime"`
	HasCategory   bool     `expr:"hasCategory"`
	HasDeliveryIn bool     `expr:"hasDeliveryIn"` // grule has no "in"
}

func sampleFacts() *facts {
	return &facts{
		Amount: 1018, PremiumRate: 0.00625, CurrencyRate: 1, InsurePeriod: 40, Currency: "CNY", Category: "包装",
		EffectTime: 1628061806000, ExpireTime: 1631462399000, SendTime: 1628870399000,
		Types: []string{"QUALITY", "DELIVERY", "APPEARANCE"}, HasSendTime: true, HasCategory: true, HasDeliveryIn: true,
	}
}

// ten are the conditions in the common tongue of expr and CEL.
var ten = []string{
	`"DELIVERY" in types && !hasSendTime`,
	`"DELIVERY" in types && hasSendTime && !(effectTime < sendTime && sendTime <= expireTime)`,
	`amount * currencyRate > 100000.0`,
	`amount * currencyRate > 500000.0`,
	`insurePeriod > 365`,
	`currency == "JPY" && amount < 100.0`,
	`premiumRate > 0.05 || premiumRate < 0.0005`,
	`amount * premiumRate > 10000.0`,
	`hasCategory && category == "危险品" && amount > 1000.0`,
	`"QUALITY" in types && insurePeriod > 180 && amount > 200000.0`,
}

func ourSpec() rules.Spec {
	return rules.Spec{
		Coverages: []string{"QUALITY", "DELIVERY", "APPEARANCE"},
		Define:    []rules.Definition{{Name: "amountCny", Expr: "amount * currencyRate"}},
		OnError:   policy.Refer,
		Rules: []rules.Rule{
			{Code: "R1", When: "DELIVERY in insuranceTypes", Require: []string{"attrs.agreeOnSendTime"}},
			{Code: "R2", When: "DELIVERY in insuranceTypes and has(attrs.agreeOnSendTime)", Must: "effectTime < attrs.agreeOnSendTime and attrs.agreeOnSendTime <= expireTime"},
			{Code: "R3", ReferIf: "amountCny > 100000", To: "underwriting"},
			{Code: "R4", RejectIf: "amountCny > 500000"},
			{Code: "R5", RejectIf: "insurePeriod > 365"},
			{Code: "R6", RejectIf: `currency == "JPY" and amount < 100`},
			{Code: "R7", RejectIf: "has(premiumRate) and (premiumRate > 0.05 or premiumRate < 0.0005)"},
			{Code: "R8", RejectIf: "has(premiumRate) and amount * premiumRate > 10000"},
			{Code: "R9", RejectIf: `has(orderSubjectMatterInfo.subjectMatterCategory) and orderSubjectMatterInfo.subjectMatterCategory == "危险品" and amount > 1000`},
			{Code: "R10", RejectIf: "QUALITY in insuranceTypes and insurePeriod > 180 and amount > 200000"},
		},
	}
}

// tenRules are the contestants of the rules: each gives a function that runs
// its ten rules n times.
func tenRules() []contestant {
	return []contestant{
		{"chudan, exact decimals", oursTen},
		{"Go closures, doubles (the limit)", closuresTen},
		{"expr, doubles", exprTen},
		{"cel-go, doubles", celTen},
		{"grule, doubles", gruleTen},
		{"OPA, doubles", opaTen},
	}
}

func oursTen() (run, error) {
	set, problems := rules.Compile(ourSpec())
	if len(problems) > 0 {
		return nil, fmt.Errorf("%v", problems)
	}
	r, err := sampleRequest()
	if err != nil {
		return nil, err
	}
	a, _ := policy.NewApplication(r)
	return func(n int) error {
		for range n {
			if faults := set.Evaluate(a, &policy.Premium{}); len(faults) > 0 {
				return errRefused
			}
		}
		return nil
	}, nil
}

func closuresTen() (run, error) {
	f, closures := sampleFacts(), goTen()
	return func(n int) error {
		for range n {
			for _, c := range closures {
				if c(f) {
					return errRefused
				}
			}
		}
		return nil
	}, nil
}

func exprTen() (run, error) {
	f := sampleFacts()
	var programs []*vm.Program
	for _, text := range ten {
		p, err := expr.Compile(text, expr.Env(facts{}), expr.AsBool())
		if err != nil {
			return nil, err
		}
		programs = append(programs, p)
	}
	var machine vm.VM
	return func(n int) error {
		for range n {
			for _, p := range programs {
				if hit, err := machine.Run(p, f); err != nil || hit == true {
					return cmp.Or(err, errRefused)
				}
			}
		}
		return nil
	}, nil
}

func goTen() []func(*facts) bool {
	in := func(list []string, item string) bool {
		for _, s := range list {
			if s == item {
				return true
			}
		}
		return false
	}
	return []func(*facts) bool{
		func(f *facts) bool { return in(f.Types, "DELIVERY") && !f.HasSendTime },
		func(f *facts) bool {
			return in(f.Types, "DELIVERY") && f.HasSendTime && !(f.EffectTime < f.SendTime && f.SendTime <= f.ExpireTime)
		},
		func(f *facts) bool { return f.Amount*f.CurrencyRate > 100000 },
		func(f *facts) bool { return f.Amount*f.CurrencyRate > 500000 },
		func(f *facts) bool { return f.InsurePeriod > 365 },
		func(f *facts) bool { return f.Currency == "JPY" && f.Amount < 100 },
		func(f *facts) bool { return f.PremiumRate > 0.05 || f.PremiumRate < 0.0005 },
		func(f *facts) bool { return f.Amount*f.PremiumRate > 10000 },
		func(f *facts) bool { return f.HasCategory && f.Category == "危险品" && f.Amount > 1000 },
		func(f *facts) bool { return in(f.Types, "QUALITY") && f.InsurePeriod > 180 && f.Amount > 200000 },
	}
}

// members are the facts for peers that take a map.
func members(f *facts) map[string]any {
	return map[string]any{
		"amount": f.Amount, "premiumRate": f.PremiumRate, "currencyRate": f.CurrencyRate, "insurePeriod": f.InsurePeriod,
		"currency": f.Currency, "category": f.Category, "effectTime": f.EffectTime, "expireTime": f.ExpireTime,
		"sendTime": f.SendTime, "types": f.Types, "hasSendTime": f.HasSendTime, "hasCategory": f.HasCategory,
	}
}

func celTen() (run, error) {
	env, err := cel.NewEnv(
		cel.Variable("amount", cel.DoubleType), cel.Variable("premiumRate", cel.DoubleType), cel.Variable("currencyRate", cel.DoubleType),
		cel.Variable("insurePeriod", cel.IntType), cel.Variable("currency", cel.StringType), cel.Variable("category", cel.StringType),
		cel.Variable("effectTime", cel.IntType), cel.Variable("expireTime", cel.IntType), cel.Variable("sendTime", cel.IntType),
		cel.Variable("types", cel.ListType(cel.StringType)), cel.Variable("hasSendTime", cel.BoolType), cel.Variable("hasCategory", cel.BoolType),
	)
	if err != nil {
		return nil, err
	}
	var programs []cel.Program
	for _, text := range ten {
		tree, issues := env.Compile(text)
		if issues.Err() != nil {
			return nil, issues.Err()
		}
		p, err := env.Program(tree, cel.EvalOptions(cel.OptOptimize))
		if err != nil {
			return nil, err
		}
		programs = append(programs, p)
	}
	m := members(sampleFacts())
	return func(n int) error {
		for range n {
			for _, p := range programs {
				if hit, _, err := p.Eval(m); err != nil || hit == types.True {
					return cmp.Or(err, errRefused)
				}
			}
		}
		return nil
	}, nil
}

const gruleText = `
rule R1 { when F.HasDeliveryIn && !F.HasSendTime then F.Hits = F.Hits + 1; Retract("R1"); }
rule R2 { when F.HasDeliveryIn && F.HasSendTime && (F.EffectTime >= F.SendTime || F.SendTime > F.ExpireTime) then F.Hits = F.Hits + 1; Retract("R2"); }
rule R3 { when F.Amount * F.CurrencyRate > 100000.0 then F.Hits = F.Hits + 1; Retract("R3"); }
rule R4 { when F.Amount * F.CurrencyRate > 500000.0 then F.Hits = F.Hits + 1; Retract("R4"); }
rule R5 { when F.InsurePeriod > 365 then F.Hits = F.Hits + 1; Retract("R5"); }
rule R6 { when F.Currency == "JPY" && F.Amount < 100.0 then F.Hits = F.Hits + 1; Retract("R6"); }
rule R7 { when F.PremiumRate > 0.05 || F.PremiumRate < 0.0005 then F.Hits = F.Hits + 1; Retract("R7"); }
rule R8 { when F.Amount * F.PremiumRate > 10000.0 then F.Hits = F.Hits + 1; Retract("R8"); }
rule R9 { when F.HasCategory && F.Category == "危险品" && F.Amount > 1000.0 then F.Hits = F.Hits + 1; Retract("R9"); }
rule R10 { when F.HasDeliveryIn && F.InsurePeriod > 180 && F.Amount > 200000.0 then F.Hits = F.Hits + 1; Retract("R10"); }
`

func gruleTen() (run, error) {
	library := ast.NewKnowledgeLibrary()
	err := builder.NewRuleBuilder(library).BuildRuleFromResource("ten", "1", pkg.NewBytesResource([]byte(gruleText)))
	if err != nil {
		return nil, err
	}
	knowledge, err := library.NewKnowledgeBaseInstance("ten", "1")
	if err != nil {
		return nil, err
	}
	f, grule := sampleFacts(), engine.NewGruleEngine()
	return func(n int) error {
		for range n {
			data := ast.NewDataContext()
			if err := data.Add("F", f); err != nil {
				return err
			}
			if err := grule.Execute(data, knowledge); err != nil || f.Hits != 0 {
				return cmp.Or(err, errRefused)
			}
		}
		return nil
	}, nil
}

const regoText = `package ten

deny contains "R1" if { "DELIVERY" in input.types; not input.hasSendTime }
deny contains "R2" if { "DELIVERY" in input.types; input.effectTime >= input.sendTime }
deny contains "R2" if { "DELIVERY" in input.types; input.sendTime > input.expireTime }
deny contains "R3" if input.amount * input.currencyRate > 100000
deny contains "R4" if input.amount * input.currencyRate > 500000
deny contains "R5" if input.insurePeriod > 365
deny contains "R6" if { input.currency == "JPY"; input.amount < 100 }
deny contains "R7" if input.premiumRate > 0.05
deny contains "R7" if input.premiumRate < 0.0005
deny contains "R8" if input.amount * input.premiumRate > 10000
deny contains "R9" if { input.category == "危险品"; input.amount > 1000 }
deny contains "R10" if { "QUALITY" in input.types; input.insurePeriod > 180; input.amount > 200000 }
`

func opaTen() (run, error) {
	ctx := context.Background()
	query, err := rego.New(rego.Query("data.ten.deny"), rego.Module("ten.rego", regoText)).PrepareForEval(ctx)
	if err != nil {
		return nil, err
	}
	m := members(sampleFacts())
	return func(n int) error {
		for range n {
			found, err := query.Eval(ctx, rego.EvalInput(m))
			if err != nil {
				return err
			}
			if denied, ok := found[0].Expressions[0].Value.([]any); !ok || len(denied) > 0 {
				return errRefused
			}
		}
		return nil
	}, nil
}
