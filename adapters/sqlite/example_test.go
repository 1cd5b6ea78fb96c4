package sqlite_test

import (
	"context"
	"database/sql"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/chudan-io/chudan/adapters/sqlite"
	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/policy/money"
)

// parcelCover is a product written in Go: cover for a parcel at 0.5 % of its
// value. It is its own catalogue.
type parcelCover struct{}

func (parcelCover) Terms() policy.Terms {
	t := policy.DefaultTerms()
	t.Product, t.Edition, t.Unique = "PARCEL_COVER", "2026.1", []string{"insureId"}
	return t
}

func (p parcelCover) Price(a *policy.Application) (policy.Premium, policy.Faults) {
	return policy.PriceAtRate(a, money.MustParse("0.005"), p.Terms()), nil
}

func (parcelCover) Underwrite(*policy.Application, *policy.Premium) policy.Faults { return nil }

func (p parcelCover) Product(string, time.Time, time.Time) (policy.Product, error) { return p, nil }

func parcel() *policy.Request {
	return &policy.Request{
		Identifier: "2026080400001", InsureID: "P-1", ProductCode: "PARCEL_COVER",
		InsureTime: "2026-08-04 15:23:28", EffectTime: "2026-08-05 00:00:00", ExpireTime: "2026-08-11 23:59:59",
		Amount: "321.00", Premium: "1.61", PremiumOfCny: "1.61", Currency: "CNY", CurrencyRate: "1",
		ApplicantPersonalInfo: policy.ApplicantPersonalInfo{PersonName: "张三"},
		InsuredPersonalInfo:   policy.InsuredPersonalInfo{PersonName: "李四"},
	}
}

// A host that keeps its own rows in the same file issues in its own
// transaction: its row and the policy are committed together, or neither is.
func ExampleStore_Within() {
	dir, err := os.MkdirTemp("", "chudan")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "host.db")
	ctx := context.Background()
	store, err := sqlite.Open(ctx, sqlite.Config{Path: path})
	if err != nil {
		log.Fatal(err) //nolint:gocritic // what is left of an example is no loss
	}
	defer store.Close()
	keys, err := policy.ParseKeys([]byte(policy.NewKeyFile())) // an institution keeps the file
	if err != nil {
		log.Fatal(err)
	}
	numbering, err := policy.ParseNumbering("{prefix}{date}{sequence:6}{check}", map[string]string{"default": "PC"})
	if err != nil {
		log.Fatal(err)
	}
	issuer, err := policy.New(policy.Config{
		Catalog: parcelCover{}, Store: store, Keys: keys, Numbering: numbering,
		PublicURL: "https://policies.example.com", Clock: time.Now,
	})
	if err != nil {
		log.Fatal(err)
	}

	// The host's own handle, and its own table.
	db, err := sql.Open("sqlite", "file:"+path+"?_txlock=immediate&_busy_timeout=5000")
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(ctx, `CREATE TABLE invoice (policy TEXT NOT NULL, premium TEXT NOT NULL)`); err != nil {
		log.Fatal(err)
	}
	sell := func(end func(*sql.Tx) error) error {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer tx.Rollback() //nolint:errcheck // nothing once it is committed
		receipt, err := issuer.In(store.Within(tx)).Issue(ctx, "shop", parcel())
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO invoice VALUES (?, ?)`, receipt.PolicyNo, parcel().Premium); err != nil {
			return err
		}
		fmt.Println(receipt.PolicyNo)
		return end(tx)
	}
	rows := func() (n int) {
		if err := db.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM invoice) + (SELECT count(*) FROM record)`).Scan(&n); err != nil {
			log.Fatal(err)
		}
		return n
	}
	fmt.Println(sell((*sql.Tx).Rollback), rows())
	fmt.Println(sell((*sql.Tx).Commit), rows())
	// Output:
	// PC20260804000001R
	// <nil> 0
	// PC20260804000001R
	// <nil> 2
}
