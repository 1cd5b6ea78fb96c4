package products

import (
	"slices"
	"strings"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/policy/money"
)

// Difference is one thing that a case expects and that came otherwise.
type Difference struct {
	Of      string      `json:"of"`               // verdict, fault, premium, rate, premiumOfCny, allocation.CODE or steps.NAME
	Want    string      `json:"want,omitempty"`   // empty: a fault that nobody expects, or a coverage without a share
	Got     string      `json:"got,omitempty"`    // empty: a fault that did not come, or a sum that was not computed
	Message policy.Text `json:"message,omitzero"` // of the fault that came
}

// differences holds a decision against what has to come.
func (x *expectation) differences(d *policy.Decision) []Difference {
	var found []Difference
	if got := d.Verdict(); got != x.verdict {
		found = append(found, Difference{Of: "verdict", Want: x.verdict.String(), Got: got.String()})
	}
	found = append(found, x.faultDifferences(d.Faults)...)
	p := &d.Premium
	sum := func(of string, want *money.Decimal, got money.Decimal, write func(money.Decimal) string) {
		switch {
		case want == nil:
		case !p.Known():
			found = append(found, Difference{Of: of, Want: write(*want)})
		case !want.Equal(got):
			found = append(found, Difference{Of: of, Want: write(*want), Got: write(got)})
		}
	}
	sum("premium", x.premium, p.Rounded, money.Decimal.String)
	sum("rate", x.rate, p.Rate, percentage)
	sum("premiumOfCny", x.cny, p.CNY, money.Decimal.String)
	return append(found, x.partDifferences(p)...)
}

// faultDifferences holds the faults against the expected ones: the same set,
// each as often. Those with paths choose first, so that one without takes what
// is left.
func (x *expectation) faultDifferences(came policy.Faults) []Difference {
	left := slices.Clone(came)
	var missing []Difference
	for _, withPaths := range []bool{true, false} {
		for _, want := range x.faults {
			if (len(want.paths) > 0) != withPaths {
				continue
			}
			i := slices.IndexFunc(left, want.is)
			if i < 0 {
				missing = append(missing, Difference{Of: "fault", Want: faultName(want.code, want.paths)})
				continue
			}
			left = slices.Delete(left, i, i+1)
		}
	}
	for _, f := range left {
		missing = append(missing, Difference{Of: "fault", Got: faultName(f.Code, f.Paths), Message: f.Message})
	}
	return missing
}

// is tells whether a fault is the expected one. The paths of a decision's
// fault are in page order; those of an expectation in any.
func (want expectedFault) is(f policy.Fault) bool {
	if want.code != f.Code || len(want.paths) == 0 {
		return want.code == f.Code
	}
	return slices.Equal(slices.Sorted(slices.Values(want.paths)), slices.Sorted(slices.Values(f.Paths)))
}

func faultName(code string, paths []string) string {
	if len(paths) == 0 {
		return code
	}
	return code + " " + strings.Join(paths, ", ")
}

// partDifferences holds the parts of a premium against the expected ones: all
// shares, and those steps that are written.
func (x *expectation) partDifferences(p *policy.Premium) []Difference {
	var shares, steps []namedAmount
	for _, s := range p.Shares {
		shares = append(shares, namedAmount{s.Coverage, s.Amount})
	}
	for _, s := range p.Steps {
		steps = append(steps, namedAmount{s.Name, s.Value})
	}
	var found []Difference
	if x.shares != nil {
		found = compareAmounts("allocation.", x.shares, shares)
		for _, s := range shares {
			if !slices.ContainsFunc(x.shares, s.sameName) {
				found = append(found, Difference{Of: "allocation." + s.name, Got: s.amount.String()})
			}
		}
	}
	return append(found, compareAmounts("steps.", x.steps, steps)...)
}

func (a namedAmount) sameName(b namedAmount) bool { return a.name == b.name }

func compareAmounts(prefix string, want, got []namedAmount) []Difference {
	var found []Difference
	for _, w := range want {
		d := Difference{Of: prefix + w.name, Want: w.amount.String()}
		if i := slices.IndexFunc(got, w.sameName); i >= 0 {
			if got[i].amount.Equal(w.amount) {
				continue
			}
			d.Got = got[i].amount.String()
		}
		found = append(found, d)
	}
	return found
}

// percentage is a rate as tests write it.
func percentage(rate money.Decimal) string { return rate.Shift(2).String() + "%" }
