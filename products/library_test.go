package products_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
)

func library(t testing.TB) *products.Catalog {
	t.Helper()
	c, err := products.Load(products.Library())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// sample is the published request with fields changed; "" takes one away.
// Source: API page, request example.
func sample(t testing.TB, changes map[string]string) *policy.Request {
	t.Helper()
	data, err := fs.ReadFile(products.Library(), bondDir+"/testdata/sample.json")
	if err != nil {
		t.Fatal(err)
	}
	var members map[string]any
	if err := json.Unmarshal(data, &members); err != nil {
		t.Fatal(err)
	}
	r := new(policy.Request)
	setAll(t, r, "", members)
	for path, text := range changes {
		set(t, r, path, text)
	}
	return r
}

func setAll(t testing.TB, r *policy.Request, prefix string, members map[string]any) {
	t.Helper()
	for name, value := range members {
		switch v := value.(type) {
		case map[string]any:
			setAll(t, r, prefix+name+".", v)
		case string:
			set(t, r, prefix+name, v)
		default:
			text, _ := json.Marshal(v)
			set(t, r, prefix+name, string(text))
		}
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

func TestSampleIsAccepted(t *testing.T) {
	d, err := policy.Decide(library(t), sample(t, nil))
	if err != nil || d.Verdict() != policy.Accept {
		t.Fatalf("%v, %s: %s", err, d.Verdict(), d.Faults.Message(policy.Chinese, ""))
	}
	if got := d.Premium.Rounded.Fixed(2); got != "6.36" {
		t.Errorf("premium %s, want 6.36", got)
	}
	if d.Terms.Product != "PERFORMANCE_SURETY_BONDS" || d.Terms.Edition != "2021.2" {
		t.Errorf("decided under %s %s", d.Terms.Product, d.Terms.Edition)
	}
}

// TestLibraryRules sees each rule of the library hold and fail, and the limits
// from both sides.
func TestLibraryRules(t *testing.T) {
	sum := func(amount, premium string) map[string]string {
		return map[string]string{
			"amount": amount, "amountOfCny": amount, "premium": premium, "premiumOfCny": premium, "orderSubjectMatterInfo.orderAmount": "",
		}
	}
	catalog := library(t)
	for name, c := range map[string]struct {
		changes map[string]string
		want    []string // codes of the faults
		verdict policy.Verdict
	}{
		"as published":             {nil, nil, policy.Accept},
		"no send time":             {map[string]string{"attrs.agreeOnSendTime": ""}, []string{"SEND_TIME_REQUIRED"}, policy.Reject},
		"no send time, no need":    {map[string]string{"attrs.agreeOnSendTime": "", "attrs.insuranceTypes": "QUALITY", "premiumRate": "0.003", "premium": "3.05", "premiumOfCny": "3.05"}, nil, policy.Accept},
		"sent before the period":   {map[string]string{"attrs.agreeOnSendTime": "1600000000000"}, []string{"SEND_TIME_OUT_OF_PERIOD"}, policy.Reject},
		"sent after the period":    {map[string]string{"attrs.agreeOnSendTime": "1700000000000"}, []string{"SEND_TIME_OUT_OF_PERIOD"}, policy.Reject},
		"sent at its last second":  {map[string]string{"attrs.agreeOnSendTime": "1631462399000"}, nil, policy.Accept},
		"at the automatic limit":   {sum("100000.00", "625.00"), nil, policy.Accept},
		"over the automatic limit": {sum("100000.01", "625.00"), []string{"LARGE_SUM"}, policy.Refer},
		"at the highest sum":       {sum("500000.00", "3125.00"), []string{"LARGE_SUM"}, policy.Refer},
		"over the highest sum":     {sum("500000.01", "3125.00"), []string{"LARGE_SUM", "SUM_TOO_HIGH"}, policy.Reject},
		"above the order":          {map[string]string{"orderSubjectMatterInfo.orderAmount": "101799"}, []string{"isv.parameters-mismatch"}, policy.Note},
		"a rate out of bounds":     {map[string]string{"premiumRate": "0.625"}, []string{"isv.invalid-parameter"}, policy.Reject},
		"a foreign currency":       {map[string]string{"currency": "GBP"}, []string{"isv.invalid-parameter"}, policy.Reject},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := policy.Decide(catalog, sample(t, c.changes))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range d.Faults {
				got = append(got, f.Code)
				if f.Severity > policy.Note && (f.Message.ZH == "" || f.Message.EN == "" || strings.Contains(f.Message.ZH+f.Message.EN, "{")) {
					t.Errorf("%s says %+v", f.Code, f.Message)
				}
			}
			slices.Sort(got)
			if !slices.Equal(got, c.want) || d.Verdict() != c.verdict {
				t.Errorf("got %v, %s, want %v, %s: %s", got, d.Verdict(), c.want, c.verdict, d.Faults.Message(policy.English, ""))
			}
			for _, f := range d.Faults {
				if f.Code == "LARGE_SUM" && f.To != "underwriting-trade-credit" {
					t.Errorf("referred to %q", f.To)
				}
			}
		})
	}
}

func TestLibraryDigest(t *testing.T) {
	data, err := fs.ReadFile(products.Library(), edition)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(data)
	all := library(t).Editions()
	at := slices.IndexFunc(all, func(e *products.Edition) bool { return e.Terms().Product == strings.ToUpper(bondDir) })
	if at < 0 {
		t.Fatal("the library has no " + bondDir)
	}
	if got, want := all[at].Terms().Digest, hex.EncodeToString(sum[:]); got != want || string(all[at].Source()) != string(data) {
		t.Errorf("digest %s, want %s", got, want)
	}
}

// TestLibraryIsOnSale follows the calendar of the library's product.
func TestLibraryIsOnSale(t *testing.T) {
	catalog := library(t)
	begin := time.Date(2021, 7, 1, 0, 0, 0, 0, policy.Zone())
	for _, c := range []struct {
		code string
		at   time.Time
		want error
	}{
		{"PERFORMANCE_SURETY_BONDS", begin, nil},
		{"PERFORMANCE_SURETY_BONDS", begin.Add(-time.Second), policy.ErrNotOnSale},
		{"PERFORMANCE_SURETY_BONDS", begin.AddDate(50, 0, 0), nil},
		{"performance_surety_bonds", begin, policy.ErrProductNotFound},
		{"", begin, policy.ErrProductNotFound},
	} {
		p, err := catalog.Product(c.code, c.at, time.Time{})
		if err != c.want || (p == nil) != (c.want != nil) { //nolint:errorlint // the very error is promised
			t.Errorf("%s at %s: got %v, want %v", c.code, c.at, err, c.want)
		}
	}
}
