package mysql_test

import (
	"context"
	"database/sql"
	"errors"
	"log"
	"time"

	"github.com/chudan-io/chudan/adapters/mysql"
	"github.com/chudan-io/chudan/policy"
)

// A shop of an insurer's own keeps an order and its policy in one transaction:
// both of them are there, or neither is.
func ExampleStore_Within() {
	ctx := context.Background()
	store, err := mysql.Open(ctx, mysql.Config{DSN: "mysql://shop:secret@db.example.com/shop?tls=true"})
	if err != nil {
		log.Fatal(err)
	}
	db, err := sql.Open("mysql", "shop:secret@tcp(db.example.com:3306)/shop?tls=true") // the same database, in the driver's own words
	if err != nil {
		log.Fatal(err)
	}
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

	receipt, err := order(ctx, db, store, issuer, parcel("2026080400001"))
	var refusal *policy.Refusal
	switch {
	case errors.As(err, &refusal):
		log.Print(refusal.Faults.Message(policy.English, "")) // the order is not kept either
	case err != nil:
		log.Print(err) // to be sent again as it is, whatever became of the commit
	default:
		log.Print(receipt.PolicyNo)
	}
	if err := store.Close(); err != nil {
		log.Print(err)
	}
}

// order is short, and issues last: while its transaction is open, after Issue,
// nobody else issues.
func order(ctx context.Context, db *sql.DB, store *mysql.Store, issuer *policy.Issuer, r *policy.Request) (policy.Receipt, error) {
	tx, err := db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelReadCommitted})
	if err != nil {
		return policy.Receipt{}, err
	}
	defer func() { _ = tx.Rollback() }() // does nothing after Commit

	// Sent again, the order is there already.
	_, err = tx.ExecContext(ctx, `INSERT INTO orders (name) SELECT ? FROM (SELECT 1 AS one) AS row_1 WHERE NOT EXISTS (SELECT 1 FROM orders WHERE name = ?)`, r.Identifier, r.Identifier)
	if err != nil {
		return policy.Receipt{}, err
	}
	receipt, err := issuer.In(store.Within(tx)).Issue(ctx, "shop", r)
	if err != nil {
		return policy.Receipt{}, err
	}
	return receipt, tx.Commit()
}
