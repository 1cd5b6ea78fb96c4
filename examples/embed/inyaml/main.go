// Command inyaml issues a policy with a product written in YAML, read from a
// folder that is embedded in the binary. A folder on disk does as well:
// products.Load(os.DirFS(dir)).
package main

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log"
	"time"

	"github.com/chudan-io/chudan/adapters/memory"
	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
)

//go:embed products
var files embed.FS

// newIssuer wires the library: a catalog, a store, keys and numbers.
func newIssuer() (*policy.Issuer, error) {
	dir, err := fs.Sub(files, "products")
	if err != nil {
		return nil, err
	}
	catalog, err := products.Load(dir)
	if err != nil {
		return nil, err // every problem of the YAML, as file:line:col
	}
	keys, err := policy.ParseKeys([]byte(policy.NewKeyFile())) // keep this file: see its own comment
	if err != nil {
		return nil, err
	}
	numbering, err := policy.ParseNumbering(policy.DefaultNumberTemplate, map[string]string{"default": "PARC"})
	if err != nil {
		return nil, err
	}
	return policy.New(policy.Config{
		Catalog: catalog, Store: memory.New(), Keys: keys, Numbering: numbering,
		PublicURL: "http://127.0.0.1:8080", Clock: time.Now,
	})
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
	issuer, err := newIssuer()
	if err != nil {
		return err
	}
	ctx := context.Background()
	receipt, err := issuer.Issue(ctx, "demo", application("A-1", "500.00", "1.00"))
	if err != nil {
		return err
	}
	fmt.Println("issued", receipt.PolicyNo)
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
