package products_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
)

// TestInForce: the order in which the fields are written means nothing, and one
// needs no list.
func TestInForce(t *testing.T) {
	const seller = "orderSubjectMatterInfo.sellerId"
	for name, c := range map[string]struct {
		written string
		want    []string
		en, zh  string
	}{
		"one":            {seller, []string{seller}, "seller", "卖家"},
		"a list of one":  {"[" + seller + "]", []string{seller}, "seller", "卖家"},
		"two":            {"[productCode, " + seller + "]", []string{"productCode", seller}, "product and seller", "产品与卖家"},
		"two, otherwise": {"[" + seller + ", productCode]", []string{"productCode", seller}, "product and seller", "产品与卖家"},
		"below each other": {"\n      - insuredCompanyInfo.companyLicenseNo\n      - currency\n      - " + seller, []string{"currency", seller, "insuredCompanyInfo.companyLicenseNo"},
			"seller, currency and insured company's licence number", "卖家、币种与被保险企业证照号"},
	} {
		t.Run(name, func(t *testing.T) {
			e := loadFiles(t, header+"facts:\n  inForceCny:\n    in_force_per: "+c.written+"\n", nil)
			facts := e.Terms().Facts
			slices.SortFunc(c.want, pageOrder)
			if len(facts) != 1 || facts[0].Name != "inForceCny" || facts[0].Type != policy.FactMoney || !slices.Equal(facts[0].PerFields, c.want) {
				t.Fatalf("%+v, want %v", facts, c.want)
			}
			if got := products.PerWords(facts[0]); got != (policy.Text{ZH: c.zh, EN: c.en}) {
				t.Errorf("%+v", got)
			}
		})
	}
}

func pageOrder(a, b string) int {
	place := func(path string) int {
		return slices.IndexFunc(policy.Fields(), func(f policy.Field) bool { return f.Path == path })
	}
	return place(a) - place(b)
}

// TestInForceFields: a fact may be per each text of the page that policies can
// share, all of which have words of their own, and per nothing else.
func TestInForceFields(t *testing.T) {
	said := map[policy.Text]string{}
	for _, f := range policy.Fields() {
		may := f.Form == policy.FormText && !slices.Contains([]string{"identifier", "insureId", "attrs.premiumFundStreamNo"}, f.Path)
		_, err := products.Load(bond(t, map[string][]byte{edition: []byte(header + "facts: {inForceCny: {in_force_per: " + f.Path + "}}\n")}))
		if (err == nil) != may {
			t.Errorf("%s: %v", f.Path, err)
		}
		words := products.PerWords(policy.FactSpec{PerFields: []string{f.Path}})
		if may && (words.ZH == "" || words.EN == "" || strings.Contains(words.EN, ".") || said[words] != "") {
			t.Errorf("%s is said as %+v, as is %q", f.Path, words, said[words])
		}
		said[words] = f.Path
	}
	if words := products.PerWords(policy.FactSpec{Type: policy.FactMoney}); words != (policy.Text{}) {
		t.Errorf("a fact of the source is per %+v", words)
	}
}
