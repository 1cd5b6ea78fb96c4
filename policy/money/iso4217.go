package money

// minorUnits is the list of active codes with a numeric minor unit.
// Source: ISO 4217, list one. Codes without one (XAU, XDR, XXX …) are left out.
var minorUnits = map[Currency]uint8{
	"CNY": 2, "USD": 2, "EUR": 2, "GBP": 2, "HKD": 2, "JPY": 0, "KRW": 0, "VND": 0, "KWD": 3, "BHD": 3, "OMR": 3,
}
