package main

import (
	"testing"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/policy/money"
)

// TestDifferences: an explanation that is no longer what was decided says so.
func TestDifferences(t *testing.T) {
	premium := func(text string) policy.Premium {
		return policy.Premium{Currency: money.CNY, Rounded: money.MustParse(text)}
	}
	note := policy.Fault{Severity: policy.Note, Code: "SEEN"}
	held := policy.Case{Record: policy.Record{Status: policy.StatusIssued}, Premium: premium("6.36"), Faults: policy.Faults{note}}
	for name, c := range map[string]struct {
		verdict policy.Verdict
		premium string
		faults  policy.Faults
		want    int
	}{
		"as it was":     {policy.Note, "6.36", policy.Faults{note}, 0},
		"verdict":       {policy.Refer, "6.360", policy.Faults{note}, 1},
		"premium":       {policy.Note, "6.37", policy.Faults{note}, 1},
		"faults":        {policy.Accept, "6.36", nil, 1},
		"everything":    {policy.Reject, "1", nil, 3},
		"a note, twice": {policy.Note, "6.36", policy.Faults{note, note}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			p := premium(c.premium)
			if got := differences(&held, &explanation{Verdict: c.verdict, Premium: &p, Faults: c.faults}); len(got) != c.want {
				t.Errorf("%v, want %d of them", got, c.want)
			}
		})
	}
}
