package main

import (
	"fmt"
	"strconv"
	"time"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/policy/money"
)

// dailyRow is what a policy costs for one coverage. Amounts are decimal text,
// to the minor unit of their currency.
type dailyRow struct {
	Tenant     policy.Tenant  `json:"tenant"`
	Identifier string         `json:"identifier"`
	InsureID   string         `json:"insureId"`
	PaymentNo  string         `json:"premiumFundStreamNo"`
	PolicyNo   string         `json:"policyNo"`
	IssuedAt   string         `json:"issuedAt"` // at +08:00
	Product    string         `json:"productCode"`
	Edition    string         `json:"edition"`
	Part       int            `json:"part"` // 1 for the first row of the policy
	Parts      int            `json:"parts"`
	Coverage   string         `json:"coverage"` // "" where the premium is not allocated
	Currency   money.Currency `json:"currency"`
	Premium    string         `json:"premium"` // of this row

	// Of the whole policy, and in its first row alone.
	Amount       string `json:"amount,omitempty"`
	PremiumCNY   string `json:"premiumCny,omitempty"`   // as computed
	PremiumOfCny string `json:"premiumOfCny,omitempty"` // as declared
}

// dailyColumns are the columns as they are named for people, and in JSON.
var dailyColumns = []struct {
	name string
	text policy.Text
}{
	{"tenant", policy.Text{ZH: "租户", EN: "tenant"}},
	{"identifier", policy.Text{ZH: "标识", EN: "identifier"}},
	{"insureId", policy.Text{ZH: "投保单号", EN: "insure id"}},
	{"premiumFundStreamNo", policy.Text{ZH: "支付流水号", EN: "payment number"}},
	{"policyNo", policy.Text{ZH: "保单号", EN: "policy number"}},
	{"issuedAt", policy.Text{ZH: "出单时间（+08:00）", EN: "issued at (+08:00)"}},
	{"productCode", policy.Text{ZH: "产品代码", EN: "product"}},
	{"edition", policy.Text{ZH: "产品版本", EN: "edition"}},
	{"part", policy.Text{ZH: "行序", EN: "part"}},
	{"parts", policy.Text{ZH: "本保单行数", EN: "parts"}},
	{"coverage", policy.Text{ZH: "险种", EN: "coverage"}},
	{"currency", policy.Text{ZH: "币种", EN: "currency"}},
	{"premium", policy.Text{ZH: "保费", EN: "premium"}},
	{"amount", policy.Text{ZH: "保额", EN: "sum insured"}},
	{"premiumCny", policy.Text{ZH: "人民币保费（核算）", EN: "premium in CNY (computed)"}},
	{"premiumOfCny", policy.Text{ZH: "人民币保费（申报）", EN: "premium in CNY (declared)"}},
}

// cells adds the row in the order of dailyColumns.
func (r *dailyRow) cells(s *spreadsheet) error {
	for _, text := range []string{string(r.Tenant), r.Identifier, r.InsureID, r.PaymentNo, r.PolicyNo} {
		s.text(text)
	}
	s.number(r.IssuedAt)
	s.text(r.Product)
	s.text(r.Edition)
	s.number(strconv.Itoa(r.Part))
	s.number(strconv.Itoa(r.Parts))
	s.text(r.Coverage)
	s.text(string(r.Currency))
	for _, number := range []string{r.Premium, r.Amount, r.PremiumCNY, r.PremiumOfCny} {
		s.number(number)
	}
	return s.end()
}

// dailyRows are the rows of a policy, and its sums. The error tells of a record
// that does not add up; it names the policy and no amount.
func dailyRows(held *policy.Case) (rows []dailyRow, sums dailySums, err error) {
	r, p, request := &held.Record, &held.Premium, held.Request
	places, cents := p.Currency.MinorUnit(), money.CNY.MinorUnit()
	sums = dailySums{premium: p.Rounded, cny: p.CNY}
	for _, read := range []struct {
		into *money.Decimal
		text string
	}{{&sums.amount, request.Amount}, {&sums.declared, request.PremiumOfCny}} {
		if *read.into, err = money.Parse(read.text); err != nil {
			return nil, sums, fmt.Errorf("policy %s: its amounts do not read: %w", r.Number, err)
		}
	}
	shares := p.Shares
	if len(shares) == 0 {
		shares = []policy.Share{{Amount: p.Rounded}}
	}
	left := p.Rounded
	for i, share := range shares {
		left = left.Sub(share.Amount)
		rows = append(rows, dailyRow{
			Tenant: r.Key.Tenant, Identifier: r.Key.Identifier, InsureID: request.InsureID, PaymentNo: request.Attrs.PremiumFundStreamNo,
			PolicyNo: r.Number, IssuedAt: r.At.In(policy.Zone()).Format(time.DateTime), Product: r.Product, Edition: r.Edition,
			Part: i + 1, Parts: len(shares), Coverage: share.Coverage, Currency: p.Currency, Premium: share.Amount.Fixed(places),
		})
	}
	if !left.IsZero() {
		return nil, sums, fmt.Errorf("policy %s: what is allocated to its coverages is not its premium", r.Number)
	}
	rows[0].Amount, rows[0].PremiumCNY, rows[0].PremiumOfCny = sums.amount.Fixed(places), p.CNY.Fixed(cents), sums.declared.Fixed(cents)
	return rows, sums, nil
}
