package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/policy/money"
	"github.com/chudan-io/chudan/products"
)

// affectedPolicy is a policy, and what the other edition makes of it.
type affectedPolicy struct {
	PolicyNo   string           `json:"policyNo"`
	Tenant     policy.Tenant    `json:"tenant"`
	Identifier string           `json:"identifier"`
	InsureTime string           `json:"insureTime"`
	Currency   money.Currency   `json:"currency"`
	Charged    string           `json:"charged"`
	Other      string           `json:"other,omitempty"` // left out where the other edition has no premium for it
	Difference string           `json:"difference,omitempty"`
	Verdict    policy.Verdict   `json:"verdict"` // of the other edition
	Codes      []string         `json:"codes,omitempty"`
	exact      [3]money.Decimal // charged, other and their difference
}

// affectedTotal is what the policies in one currency come to.
type affectedTotal struct {
	Policies   int    `json:"policies"`
	Changed    int    `json:"changed"`  // with another premium
	Unpriced   int    `json:"unpriced"` // without any under the other edition; they are in no sum
	Refused    int    `json:"refused"`  // that the other edition would have refused or referred
	Charged    string `json:"charged"`
	Other      string `json:"other"`
	Difference string `json:"difference"`
	exact      [3]money.Decimal
}

// survey goes through policies.
type survey struct {
	*console
	*house
	under    *products.Edition
	format   string
	rows     *csv.Writer
	count    int
	erased   int
	totals   map[money.Currency]*affectedTotal
	began    time.Time
	reported time.Time
}

func (s *survey) run(ctx context.Context, which policy.Selection) error {
	s.began = time.Now()
	s.reported = s.began
	if err := s.open(which); err != nil {
		return err
	}
	for rec, err := range s.store.List(ctx, which) {
		if err != nil {
			return err
		}
		if rec.Erased() {
			s.erased++
			continue
		}
		held, err := s.issuer.Open(rec)
		if err != nil {
			return err
		}
		if err := s.add(&held); err != nil {
			return err
		}
		if now := time.Now(); now.Sub(s.reported) >= time.Second {
			s.reported = now
			s.note("已核对 %[1]s 张保单", "%[1]s policies gone through", thousands(s.count))
		}
	}
	return s.close()
}

// add prices a policy anew.
func (s *survey) add(held *policy.Case) error {
	d := s.under.Requote(held.Request)
	a := &affectedPolicy{
		PolicyNo: held.Record.Number, Tenant: held.Record.Key.Tenant, Identifier: held.Record.Key.Identifier,
		InsureTime: held.Request.InsureTime, Currency: held.Premium.Currency, Verdict: d.Verdict(),
	}
	for _, f := range d.Faults {
		if f.Severity >= policy.Refer {
			a.Codes = append(a.Codes, f.Code)
		}
	}
	places := held.Premium.Currency.MinorUnit()
	a.exact[0] = held.Premium.Rounded
	a.Charged = a.exact[0].Fixed(places)
	if d.Premium.Known() {
		a.exact[1] = d.Premium.Rounded
		a.exact[2] = a.exact[1].Sub(a.exact[0])
		a.Other, a.Difference = a.exact[1].Fixed(places), a.exact[2].Fixed(places)
	}
	s.total(a)
	s.count++
	return s.printPolicy(a)
}

func (s *survey) total(a *affectedPolicy) {
	t := s.totals[a.Currency]
	if t == nil {
		t = new(affectedTotal)
		s.totals[a.Currency] = t
	}
	t.Policies++
	if a.Verdict >= policy.Refer {
		t.Refused++
	}
	if a.Other == "" {
		t.Unpriced++
		return
	}
	if a.exact[2].Sign() != 0 {
		t.Changed++
	}
	for i := range t.exact {
		t.exact[i] = t.exact[i].Add(a.exact[i])
	}
}

// sums are the totals by currency, with their sums as text.
func (s *survey) sums() []money.Currency {
	currencies := slices.Sorted(maps.Keys(s.totals))
	for _, c := range currencies {
		t, places := s.totals[c], c.MinorUnit()
		t.Charged, t.Other, t.Difference = t.exact[0].Fixed(places), t.exact[1].Fixed(places), t.exact[2].Fixed(places)
	}
	return currencies
}

var affectedHeading = []string{"policyNo", "tenant", "identifier", "insureTime", "currency", "charged", "other", "difference", "verdict", "codes"}

func (a *affectedPolicy) cells() []string {
	return []string{
		a.PolicyNo, string(a.Tenant), a.Identifier, a.InsureTime, string(a.Currency), a.Charged, a.Other, a.Difference,
		a.Verdict.String(), strings.Join(a.Codes, " "),
	}
}

// open prints what stands before the policies.
func (s *survey) open(which policy.Selection) error {
	t := s.under.Terms()
	switch s.format {
	case "json":
		under, err := json.Marshal(introduce(s.under))
		if err != nil {
			return err
		}
		return s.print(`{"productCode":` + strconv.Quote(which.Product) + `,"edition":` + strconv.Quote(which.Edition) + `,"under":` + string(under) + `,"policies":[`)
	case "csv":
		s.rows = csv.NewWriter(s.out)
		return s.rows.Write(affectedHeading)
	}
	return s.print(say("%[1]s@%[2]s 的保单，按 %[3]s@%[4]s 重新计费\n", "policies of %[1]s@%[2]s, priced under %[3]s@%[4]s\n",
		which.Product, which.Edition, t.Product, t.Edition).In(s.language()))
}

// printPolicy prints one policy, with what the other edition makes of it.
func (s *survey) printPolicy(a *affectedPolicy) error {
	switch s.format {
	case "json":
		text, err := json.Marshal(a)
		if err != nil {
			return err
		}
		if s.count > 1 {
			text = append([]byte{','}, text...)
		}
		return s.print("\n" + string(text))
	case "csv":
		return s.rows.Write(a.cells())
	}
	line := a.PolicyNo + "  " + a.Charged + " → "
	if a.Other == "" {
		line += say("无保费", "no premium").In(s.language())
	} else {
		line += a.Other + " " + string(a.Currency) + "  (" + signed(a.Difference) + ")"
	}
	if len(a.Codes) > 0 {
		line += "  " + verdictWords[a.Verdict].In(s.language()) + " " + strings.Join(a.Codes, " ")
	}
	return s.print(line + "\n")
}

func signed(text string) string {
	if strings.HasPrefix(text, "-") {
		return text
	}
	return "+" + text
}

// close prints the totals; of CSV, which has rows only, as notes.
func (s *survey) close() error {
	currencies := s.sums()
	switch s.format {
	case "json":
		totals, err := json.Marshal(s.totals)
		if err != nil {
			return err
		}
		return s.print("\n],\"totals\":" + string(totals) + "}\n")
	case "csv":
		s.rows.Flush()
		if err := s.rows.Error(); err != nil {
			return trouble(err, "无法写到标准输出", "standard output cannot be written")
		}
	}
	for _, c := range currencies {
		t := s.totals[c]
		s.note("%[1]s：%[2]s 张保单，实收 %[3]s，应收 %[4]s（%[5]s）；保费不同 %[6]s 张，无法计费 %[7]s 张，会被拒绝或转人工 %[8]s 张",
			"%[1]s: policies: %[2]s; charged: %[3]s; under the other edition: %[4]s (%[5]s); with another premium: %[6]s; without any: %[7]s; that it refuses or refers: %[8]s",
			c, thousands(t.Policies), t.Charged, t.Other, signed(t.Difference), thousands(t.Changed), thousands(t.Unpriced), thousands(t.Refused))
	}
	if s.erased > 0 {
		s.note("%s 张保单已清除（保存期届满），无法核对", "policies that were erased when their retention was over, and cannot be gone through: %s", thousands(s.erased))
	}
	if len(currencies) == 0 && s.erased == 0 {
		s.note("没有按该版本出的保单", "no policy was issued under it")
	}
	return nil
}
