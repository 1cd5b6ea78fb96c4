package products_test

import (
	"testing"
	"time"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
)

func TestInstitution(t *testing.T) {
	i, err := products.LoadInstitution("institution.yaml", []byte(`
name: {zh: 示例财产保险股份有限公司, en: Sample Property Insurance Co.}
address: 上海市示例路 1 号
phone: 95500
website: https://www.example.com/保单
`))
	if err == nil {
		t.Error("a web address is ASCII")
	}
	i, err = products.LoadInstitution("institution.yaml", []byte(`
name: {zh: 示例财产保险股份有限公司, en: Sample Property Insurance Co.}
address: 上海市示例路 1 号
phone: +86 21 0000 0000
website: https://www.example.com
number:
  template: "{prefix}{date}{sequence:6}{check}"
  prefix: {PERFORMANCE_SURETY_BONDS: PBDI, default: X100}
`))
	if err != nil {
		t.Fatal(err)
	}
	if i.Name.EN != "Sample Property Insurance Co." || i.Address.ZH != "上海市示例路 1 号" || i.Phone != "+86 21 0000 0000" || i.Website != "https://www.example.com" {
		t.Errorf("%+v", i)
	}
	at := time.Date(2021, 12, 1, 0, 0, 0, 0, policy.Zone())
	for product, want := range map[string]string{"PERFORMANCE_SURETY_BONDS": "PBDI20211201000007", "OTHER": "X10020211201000007"} {
		if got := i.Numbers.Number(product, at, 7); got[:len(got)-1] != want {
			t.Errorf("%s: number %s, want %s and a check character", product, got, want)
		}
	}
}

// TestExampleInstitution shows that the insurer of a first look is complete,
// and what only a name leaves as it is.
func TestExampleInstitution(t *testing.T) {
	named, err := products.LoadInstitution("institution.yaml", []byte("name: 示例保险公司\n"))
	if err != nil {
		t.Fatal(err)
	}
	example := products.ExampleInstitution()
	if example.Name != (policy.Text{ZH: "示例保险公司", EN: "Example Insurance"}) {
		t.Errorf("called %v", example.Name)
	}
	at := time.Date(2021, 12, 1, 0, 0, 0, 0, policy.Zone())
	for _, i := range []products.Institution{example, named} {
		if got := i.Numbers.Number("PERFORMANCE_SURETY_BONDS", at, 1); len(got) != 21 || got[:20] != "PBDI2021120100000001" {
			t.Errorf("number %s", got)
		}
	}
}
