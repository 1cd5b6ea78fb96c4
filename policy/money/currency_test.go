package money_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/bojanz/currency"

	"github.com/chudan-io/chudan/policy/money"
)

// listed is what ParseCurrency says to each three capital letters.
func listed() map[string]int {
	units := map[string]int{}
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	for _, a := range letters {
		for _, b := range letters {
			for _, c := range letters {
				code := string([]rune{a, b, c})
				if got, ok := money.ParseCurrency(code); ok {
					units[code] = got.MinorUnit()
				}
			}
		}
	}
	return units
}

// differences tells where two lists of minor units differ, by code.
func differences(ours, theirs map[string]int) map[string]string {
	diff := map[string]string{}
	show := func(units map[string]int, code string) string {
		if n, ok := units[code]; ok {
			return fmt.Sprint(n)
		}
		return "none"
	}
	for _, units := range []map[string]int{ours, theirs} {
		for code := range units {
			if a, b := show(ours, code), show(theirs, code); a != b {
				diff[code] = "ours " + a + ", theirs " + b
			}
		}
	}
	return diff
}

// explained are the codes at which we mean to differ from bojanz/currency,
// each with the reason. There are none: its list is drawn from the same list
// one, without metals and units of account. When an amendment reaches one of
// the two first, it is noted here until it has reached both.
var explained = map[string]string{}

func TestListAgainstBojanz(t *testing.T) {
	theirs := map[string]int{}
	for _, code := range currency.GetCurrencyCodes() {
		n, _ := currency.GetDigits(code)
		theirs[code] = int(n)
	}
	diff := differences(listed(), theirs)
	for code, how := range diff {
		if explained[code] == "" {
			t.Errorf("%s: %s, and no reason is given", code, how)
		}
	}
	for code := range explained {
		if diff[code] == "" {
			t.Errorf("%s is the same by now; delete its reason", code)
		}
	}
	t.Logf("%d codes, %d differences from bojanz/currency (CLDR %s)", len(theirs), len(diff), currency.CLDRVersion)

	// The control: one wrong unit, one code too many and one too few are seen.
	wrong := listed()
	wrong["IQD"], wrong["BGN"] = 0, 2
	delete(wrong, "XCG")
	caught := slices.Sorted(maps.Keys(differences(wrong, listed())))
	if got := strings.Join(caught, " "); got != "BGN IQD XCG" {
		t.Errorf("the comparison sees %q", got)
	}
}

// Source: ISO 4217 list one, published 2026-09-17. All codes that are not of
// two decimals are named, so that both lists together cannot be wrong alike.
func TestMinorUnits(t *testing.T) {
	want := map[int]string{
		0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
		3: "BHD IQD JOD KWD LYD OMR TND",
		4: "CLF UYW",
	}
	got := map[int][]string{}
	for code, n := range listed() {
		got[n] = append(got[n], code)
	}
	for n, codes := range got {
		slices.Sort(codes)
		if n != 2 && strings.Join(codes, " ") != want[n] {
			t.Errorf("%d decimals: got %v, want %s", n, codes, want[n])
		}
	}
	if len(got) != 4 || len(got[2]) != 139 {
		t.Errorf("%d classes, %d codes of two decimals", len(got), len(got[2]))
	}
}

func TestParseCurrency(t *testing.T) {
	for name, codes := range map[string]string{
		"common":             "CNY USD EUR GBP HKD",
		"zero in daily use":  "PKR IDR HUF MGA IRR LBP",
		"of the last years":  "XCG XAD ZWG SLE VED VES MRU STN",
		"funds":              "BOV CHE CHW CLF COU MXV USN UYI UYW",
		"of several nations": "XAF XCD XOF XPF",
	} {
		t.Run(name, func(t *testing.T) {
			for code := range strings.FieldsSeq(codes) {
				if c, ok := money.ParseCurrency(code); !ok || string(c) != code {
					t.Errorf("%s is read as %q, %t", code, c, ok)
				}
			}
		})
	}
	for name, codes := range map[string][]string{
		"lower case":    {"cny", "Cny"},
		"what some say": {"RMB", "CNH", "NTD", "UKP", "BTC"},
		"metals":        {"XAU", "XAG", "XPT", "XPD"},
		"units":         {"XBA", "XBB", "XBC", "XBD", "XDR", "XSU", "XUA"},
		"test and none": {"XTS", "XXX"},
		"unassigned":    {"ZZZ", "AAA"},
		// ANG: amendment 176. BGN: amendment 180. CUC: 178. HRK: 174. SLL: 171..175. ZWL: 177.
		"withdrawn":   {"ANG", "BGN", "CUC", "HRK", "SLL", "ZWL", "VEF", "MRO", "STD", "BYR", "LTL", "USS", "DEM"},
		"not a code":  {"", " ", "CN", "CNYX", " CNY", "CNY ", "CNY\x00", "156", "¥", "人民币", "ＣＮＹ"},
		"a long text": {strings.Repeat("CNY", 1e5)},
	} {
		t.Run(name, func(t *testing.T) {
			for _, code := range codes {
				if _, ok := money.ParseCurrency(code); ok {
					t.Errorf("%q is accepted", code)
				}
				if n := money.Currency(code).MinorUnit(); n != 2 {
					t.Errorf("%q: minor unit %d, want the documented 2", code, n)
				}
			}
		})
	}
}
