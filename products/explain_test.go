package products_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
	"github.com/chudan-io/chudan/rules"
)

// TestExplain: the explanation is of the decision that is made without it.
func TestExplain(t *testing.T) {
	catalog := library(t)
	for name, c := range map[string]struct {
		with   map[string]string
		traced bool
		fails  []string
	}{
		"accepted":           {nil, true, nil},
		"without send time":  {map[string]string{"attrs.agreeOnSendTime": ""}, true, []string{"SEND_TIME_REQUIRED"}},
		"too large a sum":    {map[string]string{"amount": "600000", "amountOfCny": "", "premium": "", "premiumOfCny": ""}, true, []string{"LARGE_SUM", "SUM_TOO_HIGH"}},
		"no such product":    {map[string]string{"productCode": "NONE"}, false, nil},
		"no product named":   {map[string]string{"productCode": ""}, false, nil},
		"before it was sold": {map[string]string{"insureTime": "2020-01-01 00:00:00"}, false, nil},
	} {
		t.Run(name, func(t *testing.T) {
			r := sample(t, c.with)
			got, err := products.Explain(catalog, r)
			if err != nil {
				t.Fatal(err)
			}
			want, err := policy.Decide(catalog, r)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got.Decision, want) {
				t.Errorf("got decision %+v, want %+v", got.Decision, want)
			}
			if (got.Rules != nil) != c.traced {
				t.Fatalf("trace: %+v", got.Rules)
			}
			if !c.traced {
				return
			}
			var fails []string
			for _, rule := range got.Rules.Rules {
				if rule.State == rules.Fails {
					fails = append(fails, rule.Code)
				}
			}
			if strings.Join(fails, " ") != strings.Join(c.fails, " ") {
				t.Errorf("got %v, want %v", fails, c.fails)
			}
		})
	}
}

// Which part said no: a sum that is referred by one rule and refused by another.
func ExampleExplain() {
	catalog, err := products.Load(products.Library())
	if err != nil {
		fmt.Println(err)
		return
	}
	why, err := products.Explain(catalog, &policy.Request{
		ProductCode: "PERFORMANCE_SURETY_BONDS", Amount: "600000.00", Currency: "CNY", CurrencyRate: "1",
		InsureTime: "2021-08-04 15:23:28", EffectTime: "2021-08-04 15:23:26", ExpireTime: "2021-09-12 23:59:59",
		Attrs: policy.Attrs{InsuranceTypes: "QUALITY"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(why.Decision.Verdict())
	fmt.Print(why.Rules.Text(policy.Chinese))
	// Output:
	// reject
	// SEND_TIME_REQUIRED  不适用
	//   when  DELIVERY in insuranceTypes → false
	//     insuranceTypes → [QUALITY]
	//   require  attrs.agreeOnSendTime → 缺失
	// SEND_TIME_OUT_OF_PERIOD  不适用
	//   when  DELIVERY in insuranceTypes and has(attrs.agreeOnSendTime) → false
	//     DELIVERY in insuranceTypes → false
	//       insuranceTypes → [QUALITY]
	//     has(attrs.agreeOnSendTime) → (短路，未计算)
	//   must  effectTime < attrs.agreeOnSendTime and attrs.agreeOnSendTime <= expireTime → (未计算)
	// LARGE_SUM  不通过 → 转人工核保
	//   保额 600000 元超过自动核保上限 100000 元
	//   refer_if  amountCny > autoLimit → true
	//     amountCny → 600000
	//     autoLimit → 100000
	// SUM_TOO_HIGH  不通过 → 拒绝
	//   保额 600000 元超过最高保额 500000 元
	//   reject_if  amountCny > maxLimit → true
	//     amountCny → 600000
	//     maxLimit → 500000
	// 定义
	//   amountCny = amount * currencyRate → 600000
	//     amount → 600000
	//     currencyRate → 1
	//   autoLimit = 100000
	//   maxLimit = 500000
}
