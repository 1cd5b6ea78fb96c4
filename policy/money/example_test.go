package money_test

import (
	"fmt"

	"github.com/chudan-io/chudan/policy/money"
)

// A premium is exact until one rounding, which the product names.
func ExampleDecimal_Round() {
	amount := money.MustParse("1018.0")
	rate := money.MustParse("0.00625")
	exact := amount.Mul(rate)
	fmt.Println(exact)

	premium := exact.Round(money.CNY.MinorUnit(), money.HalfUp)
	fmt.Println(premium.Fixed(2))

	half := money.MustParse("0.125")
	fmt.Println(half.Round(2, money.HalfUp), half.Round(2, money.HalfEven), half.Round(2, money.Down), half.Round(2, money.Up))
	// Output:
	// 6.3625
	// 6.36
	// 0.13 0.12 0.12 0.13
}

// A quotient has no exact decimal in general, so it names its places and its
// rounding, and the rounding sees the whole rest: 1000.01 ÷ 2 lies on the half.
func ExampleDecimal_Quo() {
	premium := money.MustParse("1000.01")
	each, ok := premium.Quo(money.FromInt(2), 2, money.HalfEven)
	fmt.Println(each.Fixed(2), ok)

	_, ok = premium.Quo(money.FromInt(0), 2, money.HalfEven)
	fmt.Println(ok)
	// Output:
	// 500.00 true
	// false
}

func ExampleParseCurrency() {
	for _, code := range []string{"CNY", "JPY", "KWD", "RMB", "cny", "XAU"} {
		c, ok := money.ParseCurrency(code)
		if !ok {
			fmt.Println(code, "is nothing to pay in")
			continue
		}
		fmt.Println(c, "has", c.MinorUnit(), "decimals")
	}
	// Output:
	// CNY has 2 decimals
	// JPY has 0 decimals
	// KWD has 3 decimals
	// RMB is nothing to pay in
	// cny is nothing to pay in
	// XAU is nothing to pay in
}
