package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
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

// dailyTotal is what the policies of a product in one currency come to.
type dailyTotal struct {
	Product      string         `json:"productCode"`
	Currency     money.Currency `json:"currency"`
	Policies     int            `json:"policies"`
	Amount       string         `json:"amount"`
	Premium      string         `json:"premium"`
	PremiumCNY   string         `json:"premiumCny"`
	PremiumOfCny string         `json:"premiumOfCny"`
	exact        dailySums
}

// dailySums are the sums of a policy, or of many.
type dailySums struct{ amount, premium, cny, declared money.Decimal }

func (s *dailySums) add(o dailySums) {
	s.amount, s.premium = s.amount.Add(o.amount), s.premium.Add(o.premium)
	s.cny, s.declared = s.cny.Add(o.cny), s.declared.Add(o.declared)
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

// daily writes the rows of a day and adds them up.
type daily struct {
	*console
	date   string
	sheet  *spreadsheet // nil for JSON
	rows   int
	totals map[dailyKey]*dailyTotal
}

type dailyKey struct {
	product  string
	currency money.Currency
}

func newDaily(c *console, date, format string, plain bool) *daily {
	d := &daily{console: c, date: date, totals: make(map[dailyKey]*dailyTotal)}
	if format == "csv" {
		d.sheet = newSpreadsheet(c.out, plain)
	}
	return d
}

// open writes what stands before the rows.
func (d *daily) open() error {
	if d.sheet == nil {
		return d.print(`{"date":"` + d.date + `","rows":[`)
	}
	names := make([]string, len(dailyColumns))
	for i, column := range dailyColumns {
		if names[i] = column.name; !d.sheet.plain {
			names[i] = column.text.In(d.language())
		}
	}
	return d.written(d.sheet.heading(names...))
}

func (d *daily) add(held *policy.Case) error {
	rows, sums, err := dailyRows(held)
	if err != nil {
		return err
	}
	for i := range rows {
		if err := d.write(&rows[i]); err != nil {
			return err
		}
		d.rows++
	}
	key := dailyKey{held.Record.Product, held.Premium.Currency}
	t := d.totals[key]
	if t == nil {
		t = &dailyTotal{Product: key.product, Currency: key.currency}
		d.totals[key] = t
	}
	t.Policies++
	t.exact.add(sums)
	return nil
}

func (d *daily) write(r *dailyRow) error {
	if d.sheet != nil {
		return d.written(r.cells(d.sheet))
	}
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	comma := ","
	if d.rows == 0 {
		comma = ""
	}
	return d.print(comma + "\n" + string(text))
}

func (d *daily) written(err error) error {
	if err != nil {
		return trouble(err, "无法写到标准输出", "standard output cannot be written")
	}
	return nil
}

// sums are the totals by product and currency, with their sums as text.
func (d *daily) sums() []*dailyTotal {
	all := make([]*dailyTotal, 0, len(d.totals))
	for _, t := range d.totals {
		places, cents := t.Currency.MinorUnit(), money.CNY.MinorUnit()
		t.Amount, t.Premium = t.exact.amount.Fixed(places), t.exact.premium.Fixed(places)
		t.PremiumCNY, t.PremiumOfCny = t.exact.cny.Fixed(cents), t.exact.declared.Fixed(cents)
		all = append(all, t)
	}
	slices.SortFunc(all, func(a, b *dailyTotal) int {
		return cmp.Or(cmp.Compare(a.Product, b.Product), cmp.Compare(a.Currency, b.Currency))
	})
	return all
}

// close writes the totals; of CSV, which has rows only, as notes.
func (d *daily) close() error {
	totals := d.sums()
	if d.sheet == nil {
		text, err := json.Marshal(totals)
		if err != nil {
			return err
		}
		return d.print("\n],\"totals\":" + string(text) + "}\n")
	}
	if err := d.written(d.sheet.flush()); err != nil {
		return err
	}
	for _, t := range totals {
		d.note("%[1]s %[2]s %[3]s：%[4]s 张保单，保额 %[5]s，保费 %[6]s，人民币保费（核算）%[7]s，（申报）%[8]s",
			"%[1]s %[2]s %[3]s: policies: %[4]s; sum insured: %[5]s; premium: %[6]s; premium in CNY, computed: %[7]s; declared: %[8]s",
			d.date, t.Product, t.Currency, thousands(t.Policies), t.Amount, t.Premium, t.PremiumCNY, t.PremiumOfCny)
	}
	if len(totals) == 0 {
		d.note("%s（+08:00）没有出单", "no policy was issued on %s (+08:00)", d.date)
	}
	return nil
}
