package policy_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/chudan-io/chudan/adapters/memory"
	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/policy/money"
)

// parcelCover is a product written in Go: cover for a parcel at 0.5 % of its
// value, up to 2000 yuan. It is its own catalogue.
type parcelCover struct{}

func (parcelCover) Terms() policy.Terms {
	t := policy.DefaultTerms()
	t.Product, t.Edition = "PARCEL_COVER", "2026.1"
	t.Title = policy.Text{ZH: "包裹运输保险", EN: "Parcel cover"}
	t.Unique = []string{"insureId"}
	return t
}

func (p parcelCover) Price(a *policy.Application) (policy.Premium, policy.Faults) {
	return policy.PriceAtRate(a, money.MustParse("0.005"), p.Terms()), nil
}

func (parcelCover) Underwrite(a *policy.Application, _ *policy.Premium) policy.Faults {
	if limit := money.FromInt(2000); a.Sound(policy.SetOf("amount")) && limit.Less(a.Amount) {
		return policy.Faults{{
			Kind: policy.KindRejected, Severity: policy.Reject, Code: "TOO_VALUABLE", Paths: []string{"amount"},
			Message: policy.Text{ZH: "保额超过 2000 元", EN: "worth more than 2000 yuan"},
		}}
	}
	return nil
}

func (p parcelCover) Product(code string, insured, effective time.Time) (policy.Product, error) {
	if code != "PARCEL_COVER" {
		return nil, policy.ErrProductNotFound
	}
	return p, nil
}

// parcel is an application for it. A channel reads one from the wire.
func parcel() *policy.Request {
	return &policy.Request{
		Identifier: "2026080400001", InsureID: "P-1", ProductCode: "PARCEL_COVER",
		InsureTime: "2026-08-04 15:23:28", EffectTime: "2026-08-05 00:00:00", ExpireTime: "2026-08-11 23:59:59",
		Amount: "321.00", Premium: "1.61", PremiumOfCny: "1.61", Currency: "CNY", CurrencyRate: "1",
		ApplicantPersonalInfo: policy.ApplicantPersonalInfo{PersonName: "张三"},
		InsuredPersonalInfo:   policy.InsuredPersonalInfo{PersonName: "李四"},
	}
}

// Decide tells everything that is wrong with an application, and what it
// costs. It keeps nothing.
func ExampleDecide() {
	r := parcel()
	d, err := policy.Decide(parcelCover{}, r)
	if err != nil {
		log.Fatal(err) // the catalogue's trouble
	}
	fmt.Println(d.Verdict(), d.Premium.Rounded.Fixed(2))

	r.Amount, r.InsureID = "2001", ""
	d, err = policy.Decide(parcelCover{}, r)
	if err != nil {
		log.Fatal(err)
	}
	worst, _ := d.Faults.Worst()
	fmt.Println(d.Verdict(), worst.ErrorCode())
	fmt.Println(d.Faults.Message(policy.English, ""))
	// Output:
	// accept 1.61
	// reject isv.underwriting-rejected:TOO_VALUABLE
	// amount: worth more than 2000 yuan; premiumOfCny: want 10.01 (A: premium 10.01 × currencyRate 1 = 10.01, half_up), declared 1.61; premium: want 10.01 (amount 2001 × rate 0.005 = 10.005, half_up), declared 1.61; insureId: required field is missing
}

// Quote prices before there is an application.
func ExampleQuote() {
	p, faults := policy.Quote(money.MustParse("1018.0"), money.MustParse("0.00625"), money.CNY, parcelCover{}.Terms())
	if len(faults) > 0 {
		log.Fatal(faults.Message(policy.English, ""))
	}
	fmt.Printf("%s × %s = %s → %s %s\n", "1018.0", p.Rate, p.Exact, p.Rounded.Fixed(2), p.Currency)
	// Output: 1018.0 × 0.00625 = 6.3625 → 6.36 CNY
}

// An Issuer issues one policy for an identifier, and answers a repeated request
// with what was answered first.
func ExampleIssuer() {
	keys, err := policy.ParseKeys([]byte(policy.NewKeyFile())) // an institution keeps the file
	if err != nil {
		log.Fatal(err)
	}
	numbering, err := policy.ParseNumbering("{prefix}{date}{sequence:6}{check}", map[string]string{"default": "PC"})
	if err != nil {
		log.Fatal(err)
	}
	issuer, err := policy.New(policy.Config{
		Catalog: parcelCover{}, Store: memory.New(), Keys: keys, Numbering: numbering,
		PublicURL: "https://policies.example.com", Clock: time.Now,
	})
	if err != nil {
		log.Fatal(err)
	}

	receipt, err := issuer.Issue(context.Background(), "shop", parcel())
	fmt.Println(receipt.PolicyNo, err)
	again, err := issuer.Issue(context.Background(), "shop", parcel())
	fmt.Println(again == receipt, err)

	other := parcel()
	other.Amount = "99"
	_, err = issuer.Issue(context.Background(), "shop", other)
	fmt.Println(err)
	// Output:
	// PC20260804000001R <nil>
	// true <nil>
	// policy: same identifier, other amount
}
