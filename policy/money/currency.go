package money

import (
	"maps"
	"slices"
)

// Currency is an active ISO 4217 code, such as CNY.
type Currency string

// CNY is the renminbi, the currency that premiumOfCny and amountOfCny are in.
const CNY Currency = "CNY"

// ParseCurrency reads an active ISO 4217 code in upper case that has a numeric
// minor unit; ok is false for anything else (cny, RMB, XAU, ZZZ).
func ParseCurrency(code string) (c Currency, ok bool) {
	_, ok = minorUnits[Currency(code)]
	return Currency(code), ok
}

// Currencies are the codes that ParseCurrency accepts, in their order.
func Currencies() []Currency { return slices.Sorted(maps.Keys(minorUnits)) }

// MinorUnit is the number of decimals of the currency: 2 for CNY, 0 for JPY, 3
// for KWD. It is 2 for a code that ParseCurrency refuses.
func (c Currency) MinorUnit() int {
	if n, ok := minorUnits[c]; ok {
		return int(n)
	}
	return 2
}
