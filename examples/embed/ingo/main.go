// Command ingo issues a policy with a product written in Go. Of chudan it
// takes the domain and a store in memory: no YAML, no expressions, no HTTP, and
// none of their dependencies (see ../modules_test.go).
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/chudan-io/chudan/adapters/memory"
	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/policy/money"
)

// parcel insures a parcel: 0.2 % of its value, up to 10,000 yuan.
type parcel struct{}

func (parcel) Product(code string, _, _ time.Time) (policy.Product, error) {
	if code != "PARCEL_DELAY" {
		return nil, policy.ErrProductNotFound
	}
	return parcel{}, nil
}

func (parcel) Terms() policy.Terms {
	t := policy.DefaultTerms()
	t.Product, t.Edition, t.Title = "PARCEL_DELAY", "1", policy.Text{ZH: "包裹延误险", EN: "Parcel delay"}
	return t
}

func (p parcel) Price(a *policy.Application) (policy.Premium, policy.Faults) {
	return policy.PriceAtRate(a, money.MustParse("0.002"), p.Terms()), nil
}

func (parcel) Underwrite(a *policy.Application, _ *policy.Premium) policy.Faults {
	if !a.Sound(policy.SetOf("amount")) || a.Amount.Cmp(money.FromInt(10000)) <= 0 {
		return nil
	}
	return policy.Faults{{
		Kind: policy.KindRejected, Severity: policy.Reject, Code: "VALUE_TOO_HIGH", Paths: []string{"amount"},
		Message: policy.Text{ZH: "保额最高 10000 元", EN: "at most 10,000 yuan"},
	}}
}

// application is what a platform would send.
func application(identifier, amount, premium string) *policy.Request {
	return &policy.Request{
		Identifier: identifier, InsureID: identifier, ProductCode: "PARCEL_DELAY",
		InsureTime: "2026-01-05 10:00:00", EffectTime: "2026-01-05 10:00:00", ExpireTime: "2026-01-14 23:59:59",
		Amount: amount, Premium: premium, PremiumOfCny: premium, Currency: "CNY", CurrencyRate: "1",
		ApplicantCompanyInfo: policy.ApplicantCompanyInfo{CompanyName: "示例商贸有限公司"},
		InsuredPersonalInfo:  policy.InsuredPersonalInfo{PersonName: "示例买家"},
	}
}

func run() error {
	keys, err := policy.ParseKeys([]byte(policy.NewKeyFile()))
	if err != nil {
		return err
	}
	numbering, err := policy.ParseNumbering("{prefix}{date}{sequence:8}{check}", map[string]string{"default": "PARC"})
	if err != nil {
		return err
	}
	issuer, err := policy.New(policy.Config{
		Catalog: parcel{}, Store: memory.New(), Keys: keys, Numbering: numbering,
		PublicURL: "http://127.0.0.1:8080", Clock: time.Now,
	})
	if err != nil {
		return err
	}
	ctx := context.Background()
	for range 2 { // the second time the same policy comes back
		receipt, err := issuer.Issue(ctx, "demo", application("A-1", "500.00", "1.00"))
		if err != nil {
			return err
		}
		fmt.Println("issued", receipt.PolicyNo)
	}
	_, err = issuer.Issue(ctx, "demo", application("A-2", "20000.00", "40.00"))
	if refusal := (*policy.Refusal)(nil); errors.As(err, &refusal) {
		for _, f := range refusal.Faults {
			fmt.Println("refused", f.ErrorCode(), f.Message.EN)
		}
		return nil
	}
	return err
}

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}
