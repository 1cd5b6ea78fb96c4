package mysql_test

import (
	"database/sql"
	"errors"
	"testing"
	"time"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/policy/money"
)

// parcelCover is a product in Go, and a catalogue of nothing else: cover for a
// parcel at 0.5 % of its value.
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

func (parcelCover) Underwrite(*policy.Application, *policy.Premium) policy.Faults { return nil }

func (p parcelCover) Product(code string, _, _ time.Time) (policy.Product, error) {
	if code != "PARCEL_COVER" {
		return nil, policy.ErrProductNotFound
	}
	return p, nil
}

// parcel is an application for it.
func parcel(identifier string) *policy.Request {
	return &policy.Request{
		Identifier: identifier, InsureID: "P-" + identifier, ProductCode: "PARCEL_COVER",
		InsureTime: "2026-08-04 15:23:28", EffectTime: "2026-08-05 00:00:00", ExpireTime: "2026-08-11 23:59:59",
		Amount: "321.00", Premium: "1.61", PremiumOfCny: "1.61", Currency: "CNY", CurrencyRate: "1",
		ApplicantPersonalInfo: policy.ApplicantPersonalInfo{PersonName: "张三"},
		InsuredPersonalInfo:   policy.InsuredPersonalInfo{PersonName: "李四"},
	}
}

func newIssuer(t *testing.T, s policy.Store) *policy.Issuer {
	t.Helper()
	keys, err := policy.ParseKeys([]byte(policy.NewKeyFile()))
	if err != nil {
		t.Fatal(err)
	}
	numbering, err := policy.ParseNumbering("{prefix}{sequence:6}", map[string]string{"default": "PC"})
	if err != nil {
		t.Fatal(err)
	}
	issuer, err := policy.New(policy.Config{
		Catalog: parcelCover{}, Store: s, Keys: keys, Numbering: numbering,
		PublicURL: "https://policies.example.com", Clock: func() time.Time { return began },
	})
	if err != nil {
		t.Fatal(err)
	}
	return issuer
}

// TestIssuerWithin: an Issuer in a host's transaction answers with what others
// have issued since the host's snapshot, and takes no other payload for it.
func TestIssuerWithin(t *testing.T) {
	g := newStage(t)
	issuer := newIssuer(t, g.store)
	tx := g.begin(t, sql.LevelRepeatableRead)
	if err := tx.QueryRowContext(t.Context(), `SELECT count(*) FROM orders`).Scan(new(int)); err != nil { // opens the snapshot
		t.Fatal(err)
	}
	first, err := issuer.Issue(t.Context(), "shop", parcel("1"))
	if err != nil {
		t.Fatal(err)
	}
	in := issuer.In(g.store.Within(tx))
	if again, err := in.Issue(t.Context(), "shop", parcel("1")); err != nil || again != first {
		t.Errorf("issued since the snapshot: %+v, %v; want %+v", again, err, first)
	}
	other := parcel("1")
	other.InsureID = "P-2"
	if _, err := in.Issue(t.Context(), "shop", other); !errors.As(err, new(*policy.ConflictError)) {
		t.Errorf("another payload: %v", err)
	}
	funded := parcel("2")
	funded.InsureID = "P-1"
	if _, err := in.Issue(t.Context(), "shop", funded); !errors.As(err, new(*policy.Refusal)) {
		t.Errorf("the business key of that policy: %v", err)
	}
	_ = tx.Rollback()

	receipt, err := order(t.Context(), g.db, g.store, issuer, parcel("3"))
	if err != nil {
		t.Fatal(err)
	}
	if again, err := order(t.Context(), g.db, g.store, issuer, parcel("3")); err != nil || again != receipt {
		t.Errorf("sent again: %+v, %v; want %+v", again, err, receipt)
	}
	short := parcel("4")
	short.Amount = ""
	if _, err := order(t.Context(), g.db, g.store, issuer, short); !errors.As(err, new(*policy.Refusal)) {
		t.Errorf("without an amount: %v", err)
	}
	g.want(t, "order 3, 1 PC000001, 3 PC000002")
}
