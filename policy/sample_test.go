package policy_test

import (
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/policy/money"
)

// sample is the published request. Source: API page, request example.
func sample(t testing.TB) *policy.Request {
	t.Helper()
	r := *published()
	return &r
}

var published = sync.OnceValue(func() *policy.Request {
	data, err := os.ReadFile("testdata/sample.json")
	if err != nil {
		panic(err)
	}
	var members map[string]any
	if err := json.Unmarshal(data, &members); err != nil {
		panic(err)
	}
	r := new(policy.Request)
	setAll(r, "", members)
	return r
})

func setAll(r *policy.Request, prefix string, members map[string]any) {
	for name, value := range members {
		if inner, ok := value.(map[string]any); ok {
			setAll(r, prefix+name+".", inner)
			continue
		}
		f, ok := policy.FieldNamed(prefix + name)
		if !ok {
			panic("the page knows no field " + prefix + name)
		}
		f.SetText(r, fmt.Sprint(value))
	}
}

func set(t testing.TB, r *policy.Request, path, text string) {
	t.Helper()
	f, ok := policy.FieldNamed(path)
	if !ok {
		t.Fatalf("the page knows no field %q", path)
	}
	f.SetText(r, text)
}

// bond is the surety bond as a product in Go: the rate is the request's own.
type bond struct{ terms policy.Terms }

func newBond() *bond {
	terms := policy.DefaultTerms()
	terms.Product, terms.Edition, terms.Digest = "PERFORMANCE_SURETY_BONDS", "2021.2", "go"
	terms.Title = policy.Text{ZH: "履约保证保险", EN: "Performance surety bond"}
	terms.Currencies = []money.Currency{"CNY", "USD", "EUR", "JPY", "KWD"}
	terms.RateBounds = policy.Bounds{Min: money.MustParse("0.0005"), Max: money.MustParse("0.05")}
	terms.Unique = []string{"attrs.premiumFundStreamNo"}
	for _, code := range []string{"QUALITY", "DELIVERY", "APPEARANCE"} {
		terms.Coverages = append(terms.Coverages, policy.Coverage{Code: code})
	}
	return &bond{terms}
}

func (b *bond) Terms() policy.Terms { return b.terms }

func (b *bond) Price(a *policy.Application) (policy.Premium, policy.Faults) {
	return policy.PriceAsDeclared(a, b.terms)
}

func (b *bond) Underwrite(a *policy.Application, _ *policy.Premium) policy.Faults {
	var faults policy.Faults
	if a.Sound(policy.SetOf("attrs.insuranceTypes", "attrs.agreeOnSendTime")) && a.AgreeOnSendTime.IsZero() {
		f := policy.Missing("attrs.agreeOnSendTime")
		f.Code = "SEND_TIME_REQUIRED"
		faults = append(faults, f)
	}
	if limit := money.FromInt(500000); a.Sound(policy.SetOf("amount")) && limit.Less(a.Amount) {
		faults = append(faults, policy.Fault{
			Kind: policy.KindRejected, Severity: policy.Reject, Code: "SUM_TOO_HIGH", Paths: []string{"amount"},
			Message: policy.Text{ZH: "保额超限", EN: "sum too high"},
		})
	}
	if limit := money.FromInt(100000); a.Sound(policy.SetOf("amount")) && limit.Less(a.Amount) {
		faults = append(faults, policy.Fault{
			Kind: policy.KindReferred, Severity: policy.Refer, Code: "LARGE_SUM", Paths: []string{"amount"},
			Message: policy.Text{ZH: "保额需人工核保", EN: "large sum"},
		})
	}
	return faults
}

func (b *bond) Product(code string, insured, _ time.Time) (policy.Product, error) {
	switch {
	case code != b.terms.Product:
		return nil, policy.ErrProductNotFound
	case insured.Year() < 2021:
		return nil, policy.ErrNotOnSale
	}
	return b, nil
}

func TestSampleIsAccepted(t *testing.T) {
	d, err := policy.Decide(newBond(), sample(t))
	if err != nil || d.Verdict() != policy.Accept {
		t.Fatalf("Decide: %v, %v, %s", err, d.Verdict(), d.Faults.Message(policy.English, ""))
	}
	if got := d.Premium.Exact.String(); got != "6.3625" {
		t.Errorf("exact premium %s, want 6.3625", got)
	}
	if got := d.Premium.Rounded.Fixed(2); got != "6.36" {
		t.Errorf("premium %s, want 6.36", got)
	}
	if d.Premium.Method != policy.MethodA {
		t.Errorf("method %s, want A", d.Premium.Method)
	}
}
