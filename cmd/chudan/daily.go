package main

import (
	"cmp"
	"encoding/json"
	"slices"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/policy/money"
)

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

// daily writes the rows of a day and adds them up.
type daily struct {
	*console
	date   string
	sheet  *spreadsheet // nil for JSON
	rows   int
	erased int // policies of that day
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
	if held.Record.Erased() {
		d.erased++
		return nil
	}
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
	if d.erased > 0 {
		d.note("%[1]s：%[2]s 张保单已清除（保存期届满），不在其中", "%[1]s: %[2]s policies were erased when their retention was over, and are not in it", d.date, thousands(d.erased))
	}
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
	if len(totals) == 0 && d.erased == 0 {
		d.note("%s（+08:00）没有出单", "no policy was issued on %s (+08:00)", d.date)
	}
	return nil
}
