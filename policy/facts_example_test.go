package policy_test

import (
	"context"
	"fmt"
	"log"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/chudan-io/chudan/adapters/memory"
	"github.com/chudan-io/chudan/policy"
)

// blocklist answers whether a seller is barred: an insurer would ask a service
// of its own, within the deadline of the context.
type blocklist struct {
	barred map[string]bool
	asked  atomic.Int32
}

func (b *blocklist) Facts(ctx context.Context, q policy.FactQuery) (policy.Facts, error) {
	b.asked.Add(1)
	if err := ctx.Err(); err != nil {
		return nil, err // then the facts are not to be had: the product says what becomes of the request
	}
	seller := q.Application.Request.OrderSubjectMatterInfo.SellerID.Reveal()
	return policy.Facts{"sellerBlocked": strconv.FormatBool(b.barred[seller])}, nil
}

// guardedParcel is the parcel cover with a fact. An edition in YAML writes
// facts: {sellerBlocked: bool} and reject_if: facts.sellerBlocked.
type guardedParcel struct{ parcelCover }

func (g guardedParcel) Terms() policy.Terms {
	t := g.parcelCover.Terms()
	t.Facts = []policy.FactSpec{{Name: "sellerBlocked", Type: policy.FactBool}}
	return t
}

func (g guardedParcel) Product(string, time.Time, time.Time) (policy.Product, error) { return g, nil }

func (g guardedParcel) Underwrite(a *policy.Application, p *policy.Premium) policy.Faults {
	faults := g.parcelCover.Underwrite(a, p)
	f := policy.Fault{Kind: policy.KindRejected, Severity: policy.Reject, Code: "SELLER_BLOCKED", Message: policy.Text{ZH: "卖家已被停保", EN: "the seller is barred"}}
	switch a.Request.Facts["sellerBlocked"] {
	case "false":
		return faults
	case "true":
		return append(faults, f)
	}
	f.Err = policy.ErrNoFact // not known is not false; with Err the answer is not pinned
	return append(faults, f)
}

// A FactSource answers what the insurer knows beside the request. It is kept
// with the decision, and a repeated request asks nobody.
func ExampleFactSource() {
	keys, err := policy.ParseKeys([]byte(policy.NewKeyFile()))
	if err != nil {
		log.Fatal(err)
	}
	numbering, err := policy.ParseNumbering("{prefix}{date}{sequence:6}{check}", map[string]string{"default": "PC"})
	if err != nil {
		log.Fatal(err)
	}
	source := &blocklist{barred: map[string]bool{"S-66": true}}
	issuer, err := policy.New(policy.Config{
		Catalog: guardedParcel{}, Store: memory.New(), Keys: keys, Numbering: numbering,
		PublicURL: "https://policies.example.com", Clock: time.Now,
		Facts: source, FactsDeadline: 200 * time.Millisecond,
	})
	if err != nil {
		log.Fatal(err)
	}

	for _, seller := range []policy.ID{"S-1", "S-1", "S-66"} {
		r := parcel()
		r.Identifier, r.InsureID = string(seller), string(seller)
		r.OrderSubjectMatterInfo.SellerID = seller
		receipt, err := issuer.Issue(context.Background(), "shop", r)
		fmt.Println(receipt.PolicyNo != "", source.asked.Load(), err != nil)
	}
	// Output:
	// true 1 false
	// true 1 false
	// false 2 true
}
