package products_test

import (
	"slices"
	"testing"

	"github.com/chudan-io/chudan/policy"
)

func TestExamples(t *testing.T) {
	spec := specOf(t, covers(t, cover, specHead+`cases:
  alone:
    given: sample
    expect: note NOTED
  rows:
    given: sample
    with: {orderSubjectMatterInfo.orderAmount: ~}
    fill: declared
    each:
      - {amount: 500.00, premium: 3.14, expect: accept}
      - {case: too high, amount: 1000.01, expect: reject TOO_HIGH NOTED}
      - {case: met by nobody, amount: 1.00, expect: reject TOO_HIGH}
  later:
    given: sample
    skip: another day
    expect: accept
`))
	if spec.Edition().Terms().Product != "COVERS" {
		t.Error("the tests are for another edition")
	}
	type told struct {
		group, name string
		verdict     policy.Verdict
		met         bool
	}
	var got []told
	for _, x := range spec.Examples() {
		got = append(got, told{x.Group, x.Name, x.Decision.Verdict(), x.Met})
	}
	want := []told{
		{"alone", "", policy.Reject, false}, // the sample's 1018.0 is too high
		{"rows", "1", policy.Reject, false}, // the premium that the row sets is none that 500.00 × 0.625% comes to
		{"rows", "too high", policy.Reject, true},
		{"rows", "met by nobody", policy.Accept, false},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
	row := spec.Examples()[1]
	if want := []string{"amount", "premium", "orderSubjectMatterInfo.orderAmount"}; !slices.Equal(row.Set, want) {
		t.Errorf("set: %v, want %v", row.Set, want)
	}
	if want := []string{"premiumOfCny", "amountOfCny"}; !slices.Equal(row.Filled, want) {
		t.Errorf("filled in: %v, want %v", row.Filled, want)
	}
}

func TestSettings(t *testing.T) {
	e := loadFiles(t, diffed, nil)
	value := make(map[string]string)
	for _, s := range e.Settings() {
		if s.Name.ZH == "" || s.Name.EN == "" {
			t.Errorf("%s is not named in both languages", s.Path)
		}
		value[s.Path] = s.Value
	}
	for path, want := range map[string]string{"checks.backdating.within": "24h", "premium.round": "half_up", "premium.minimum": "", "on_error": "refer"} {
		if value[path] != want {
			t.Errorf("%s is %q, want %q", path, value[path], want)
		}
	}
	if n := len(e.Spec().Rules); n != 2 {
		t.Errorf("%d rules", n)
	}
}
