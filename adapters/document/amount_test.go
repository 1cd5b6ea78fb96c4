package document_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/chudan-io/chudan/policy/money"
)

// Source: 支付结算办法 (PBC, 1997), annex 1, its examples among them.
func TestCapital(t *testing.T) {
	for amount, want := range map[string]string{
		"1409.5":             "人民币壹仟肆佰零玖元伍角整",
		"6007.14":            "人民币陆仟零柒元壹角肆分",
		"1680.32":            "人民币壹仟陆佰捌拾元叁角贰分",
		"107000.53":          "人民币壹拾万零柒仟元伍角叁分",
		"16409.02":           "人民币壹万陆仟肆佰零玖元零贰分",
		"325.04":             "人民币叁佰贰拾伍元零肆分",
		"1018":               "人民币壹仟零壹拾捌元整",
		"6.36":               "人民币陆元叁角陆分",
		"0.05":               "人民币伍分",
		"0.5":                "人民币伍角整",
		"10":                 "人民币壹拾元整",
		"100000000":          "人民币壹亿元整",
		"100010000":          "人民币壹亿零壹万元整",
		"100000001":          "人民币壹亿零壹元整",
		"10001000":           "人民币壹仟万零壹仟元整",
		"123456789012345.67": "人民币壹佰贰拾叁万肆仟伍佰陆拾柒亿捌仟玖佰零壹万贰仟叁佰肆拾伍元陆角柒分",
		"100000000000000":    "人民币壹佰万亿元整",
	} {
		page := priced(t, "CNY", amount)
		if !strings.Contains(page, ">"+want+"<") {
			t.Errorf("%s: want %s in %s", amount, want, page)
		}
	}
	if strings.Contains(priced(t, "USD", "1"), "人民币壹") {
		t.Error("USD is written as CNY")
	}
}

func TestSum(t *testing.T) {
	for _, c := range []struct {
		currency     money.Currency
		amount, want string
	}{
		{"CNY", "1018", "CNY 1,018.00"}, {"CNY", "6.3", "CNY 6.30"}, {"JPY", "1234567", "JPY 1,234,567"}, {"KWD", "999.5", "KWD 999.500"},
		{"USD", "123456789012345", "USD 123,456,789,012,345.00"},
	} {
		if page := priced(t, c.currency, c.amount); !strings.Contains(page, ">"+c.want+"<") {
			t.Errorf("want %s in %s", c.want, page)
		}
	}
}

// priced is the page of a policy with this premium.
func priced(t *testing.T, currency money.Currency, premium string) string {
	t.Helper()
	held := sample()
	held.Request.Currency = string(currency)
	held.Premium.Currency, held.Premium.Rounded = currency, money.MustParse(premium)
	return body(t, get(pages(t, &shelf{held: held}, new(bytes.Buffer)), "GET", link))
}
