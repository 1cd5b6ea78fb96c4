package postgres_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/chudan-io/chudan/adapters/postgres"
	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/policy/money"
)

// parcelCover is a product written in Go: cover for a parcel at 0.5 % of its
// value. It is its own catalogue.
type parcelCover struct{}

func (parcelCover) Terms() policy.Terms {
	t := policy.DefaultTerms()
	t.Product, t.Edition = "PARCEL_COVER", "2026.1"
	t.Title = policy.Text{ZH: "包裹运输保险", EN: "Parcel cover"}
	return t
}

func (p parcelCover) Price(a *policy.Application) (policy.Premium, policy.Faults) {
	return policy.PriceAtRate(a, money.MustParse("0.005"), p.Terms()), nil
}

func (parcelCover) Underwrite(*policy.Application, *policy.Premium) policy.Faults { return nil }

func (p parcelCover) Product(string, time.Time, time.Time) (policy.Product, error) { return p, nil }

// parcel is an application for it.
func parcel() *policy.Request {
	return &policy.Request{
		Identifier: "2026080400001", InsureID: "P-1", ProductCode: "PARCEL_COVER",
		InsureTime: "2026-08-04 15:23:28", EffectTime: "2026-08-05 00:00:00", ExpireTime: "2026-08-11 23:59:59",
		Amount: "321.00", Premium: "1.61", PremiumOfCny: "1.61", Currency: "CNY", CurrencyRate: "1",
		ApplicantPersonalInfo: policy.ApplicantPersonalInfo{PersonName: "张三"},
		InsuredPersonalInfo:   policy.InsuredPersonalInfo{PersonName: "李四"},
	}
}

// A host that keeps orders in the same database has an order and its policy
// written together, or neither.
func ExampleStore_Within() {
	ctx, dsn := context.Background(), os.Getenv("DATABASE_URL") // postgres://host/database
	keys, err := policy.ParseKeys([]byte(policy.NewKeyFile()))  // an institution keeps the file
	if err != nil {
		log.Fatal(err)
	}
	numbering, err := policy.ParseNumbering("{prefix}{date}{sequence:6}{check}", map[string]string{"default": "PC"})
	if err != nil {
		log.Fatal(err)
	}
	store, err := postgres.Open(ctx, postgres.Config{DSN: dsn})
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()
	orders, err := pgxpool.New(ctx, dsn) // the host's own connections
	if err != nil {
		log.Print(err)
		return
	}
	defer orders.Close()

	issuer, err := policy.New(policy.Config{
		Catalog: parcelCover{}, Store: store, Keys: keys, Numbering: numbering,
		PublicURL: "https://policies.example.com", Clock: time.Now,
	})
	if err != nil {
		log.Print(err)
		return
	}

	var receipt policy.Receipt
	err = pgx.BeginFunc(ctx, orders, func(tx pgx.Tx) error {
		receipt, err = issuer.In(store.Within(tx)).Issue(ctx, "shop", parcel())
		if err != nil {
			return err // a refusal too: what was decided is rolled back with the rest
		}
		_, err = tx.Exec(ctx, `INSERT INTO orders (id, policy) VALUES ($1, $2)`, "P-1", receipt.PolicyNo)
		return err
	})
	if err != nil {
		log.Print(err)
		return
	}
	fmt.Println(receipt.PolicyNo) // from here on, and not earlier, it may be told
}
