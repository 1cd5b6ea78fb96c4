package rules_test

import (
	"slices"
	"testing"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/rules"
)

// TestLanguage asks every operator and function for what is true of the
// published sample.
func TestLanguage(t *testing.T) {
	a := application(t, nil)
	for _, text := range []string{
		// numbers, by value
		"amount == 1018", "amount == 1018.0", "amount == 1018.000", "not (amount != 1018.0)", "100.00 == 100.0", "0.1 + 0.2 == 0.3",
		"amount > 1017.9999999999", "amount < 1018.0000000001", "amount >= 1018", "amount <= 1018", "amount in [1, 1018.00]", "amount not in [1, 2]",
		"1018.00 in [amount]", "-amount < 0", "--amount == amount", "amount - 1018 == 0", "amount - 2000 == -982", "-0.0 == 0",
		"2 + 3 * 4 == 14", "(2 + 3) * 4 == 20", "-2 * 3 == -6", "10 - 3 - 2 == 5", "1 < amount < 2000", "not (1 < amount < 1018)",
		"0.300% == 0.003", "1.25‰ == 0.00125", "5% * 2 == 10%", "100% == 1", "5%+5% == 0.1", "-5% < 0", "0.5% in [0.005]",
		"amount * premiumRateOrZero == 6.3625",
		// numbers too long for an int64
		"999999999999999.9999999999 > 999999999999999.9999999998", "999999999999999.9999999999 == 999999999999999.9999999999",
		"999999999999999 * 999999999999999 == 999999999999998 * 1000000000000 * 1000 + 1", "-999999999999999 * 999999999999999 < 0",
		"insurePeriod * 461168601842738 * 10000 != 0", "abs(-999999999999999 * 999999999999999) > 0", "999999999999999 * 100000 - 1 < 999999999999999 * 100000",
		"922337203685477 * 10000 + 922337203685477 * 10000 > 0", "0.0000000001 * 0.0000000001 > 0",
		// texts
		`currency == "CNY"`, `currency == 'CNY'`, "currency == `CNY`", `currency != "USD"`, `currency in ["USD", "CNY"]`, `currency not in ["USD"]`,
		`currency contains "N"`, `currency not contains "X"`, `currency startsWith "C"`, `currency endsWith "Y"`, `currency not startsWith "Y"`,
		`currency matches "^[A-Z]{3}$"`, `currency not matches "\\d"`, "currency matches `^C`", `"中" contains "中"`,
		// times
		"effectTime < insureTime", "effectTime <= effectTime", "expireTime > effectTime", "expireTime >= expireTime", "effectTime == effectTime", "effectTime != expireTime",
		// lists and coverages
		"DELIVERY in insuranceTypes", `"DELIVERY" in insuranceTypes`, "not (DELIVERY not in insuranceTypes)", `DELIVERY == "DELIVERY"`, "DELIVERY in attrs.insuranceTypes",
		"len(insuranceTypes) == 3", `currency not in insuranceTypes`,
		// logic
		"true", "not false", "!false", "true and true", "true && !false", "false or true", "false || true", "not (true and false)", "true == true", "true != false",
		"amount > 5 == true", "amount > 5 ? true : false", "(amount > 5 ? 1.5 : 2) < 2", `(amount > 5 ? "a" : "b") == "a"`, "(amount > 5 ? effectTime : expireTime) == effectTime",
		"DELIVERY in (true ? insuranceTypes : attrs.insuranceTypes)", "false or (true or false)", "not has(attrs) or has(attrs)",
		// functions
		"has(amount)", "has(attrs)", "has(attrs.agreeOnSendTime)", "has(insuranceTypes)", "has(amountOfCny)",
		"calendarDays(effectTime, expireTime) == 40", "calendarDays(expireTime, effectTime) == -40", "calendarDays(effectTime, effectTime) == 1", "calendarDays(effectTime, expireTime) == insurePeriod",
		"div(1, 3, 2, half_up) == 0.33", "div(2, 3, 2, half_up) == 0.67", "div(2, 3, 2, down) == 0.66", "div(1, 3, 0, up) == 1", "div(1, 8, 2, half_even) == 0.12", "div(1, 8, 2, half_up) == 0.13",
		"div(-1, 8, 2, half_up) == -0.13", `div(1, 3, 2, "half_up") == 0.33`, "div(amount, premium, places, half_up) == 160.06",
		"round(2.5, 0, half_even) == 2", "round(2.5, 0, half_up) == 3", "round(2.01, 1, up) == 2.1", "round(2.09, 1, down) == 2", "round(amount * 0.00625, 2, half_up) == premium",
		"min(3, 1, 2) == 1", "max(1, 3, 2) == 3", "max(amount, 1) == 1018", "abs(-5) == 5", "abs(5) == 5", "abs(0) == 0",
		`len("中文") == 2`, "len(currency) == 3", "len(applicantOrEmpty) == 2",
		// definitions
		"days == 40", "twice == 80", "long", "rate == 0.625%", "days in [40]", "region == \"浙江\"", "自动限额 == 100000", "codes == \"CNY\"",
		"sent > effectTime", "DELIVERY in types", "len(types) == 3", "(amount < 5 ? days : twice) == 80", `(amount < 5 ? "a" : "b") == "b"`,
		// precedence: not takes only what follows at once
		"not has(amount) == false", "amount < 5 or amount > 5 and true",
	} {
		t.Run(text, func(t *testing.T) {
			if !truth(t, text, a, define...) {
				t.Error("is false")
			}
		})
	}
}

var define = []rules.Definition{
	{Name: "twice", Expr: "days * 2"}, // before what it uses
	{Name: "days", Expr: "calendarDays(effectTime, expireTime)"},
	{Name: "long", Expr: "days > 30"},
	{Name: "rate", Expr: "0.625%"},
	{Name: "places", Expr: "2"},
	{Name: "region", Expr: `"浙江"`},
	{Name: "自动限额", Expr: "100000"},
	{Name: "codes", Expr: "currency"},
	{Name: "types", Expr: "insuranceTypes"},
	{Name: "sent", Expr: "has(attrs.agreeOnSendTime) ? attrs.agreeOnSendTime : expireTime"},
	{Name: "premiumRateOrZero", Expr: "has(premiumRate) ? premiumRate : 0"},
	{Name: "applicantOrEmpty", Expr: `has(applicantPersonalInfo.personName) ? applicantPersonalInfo.personName : ""`},
}

// TestEveryField reads every field of the page, and each reads its own.
func TestEveryField(t *testing.T) {
	a := application(t, nil)
	for _, f := range policy.Fields() {
		t.Run(f.Path, func(t *testing.T) {
			text := f.Text(a.Request)
			var is string
			switch f.Form {
			case policy.FormText:
				is = f.Path + ` == "` + text + `"`
			case policy.FormDecimal, policy.FormNumber:
				is = f.Path + " == " + text
			case policy.FormList:
				is = "APPEARANCE in " + f.Path
			case policy.FormTime:
				is = "" // below
			}
			if is != "" && !truth(t, "has("+f.Path+") and "+is, a) {
				t.Error("reads another field")
			}
		})
	}
	// In the sample each time is another, in this order.
	for _, text := range []string{
		"effectTime < insureTime", "has(attrs.agreeOnSendTime) and insureTime < attrs.agreeOnSendTime", "has(attrs.agreeOnSendTime) and attrs.agreeOnSendTime < expireTime",
	} {
		if !truth(t, text, a) {
			t.Error(text)
		}
	}
}

func TestDerivedFieldsArePresent(t *testing.T) {
	a := application(t, map[string]string{"insurePeriod": "", "amountOfCny": "", "amount": "2000.5", "currencyRate": "1.0"})
	for _, text := range []string{"insurePeriod == 40", "amountOfCny == 2000.50", "has(insurePeriod) and has(amountOfCny)"} {
		if !truth(t, text, a) {
			t.Error(text)
		}
	}
	wide := application(t, map[string]string{"amountOfCny": "", "currency": "USD", "amount": "999999999999999.99", "currencyRate": "999999999999999.9999999999"})
	if !truth(t, "amountOfCny > 999999999999999 * 999999999999999", wide) {
		t.Error("a derived sum loses digits")
	}
}

func TestCoveragesAreEmptyWhenAbsent(t *testing.T) {
	a := application(t, map[string]string{"attrs.insuranceTypes": ""})
	if !truth(t, "len(insuranceTypes) == 0 and DELIVERY not in insuranceTypes and not has(insuranceTypes)", a) {
		t.Error("is false")
	}
}

// TestLimits lets pass what is just within a limit, and refuses what is not.
func TestLimits(t *testing.T) {
	grow := func(n int, first, more string) string {
		text := first
		for range n {
			text += more
		}
		return text
	}
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"1024 bytes":         {grow(1009, "amount == 1018", " ") + " ", nil},
		"1025 bytes":         {grow(1011, "amount == 1018", " "), []string{"too-long@0+0"}},
		"200 nodes":          {grow(98, "1 < 2", " + 1"), nil},
		"201 nodes":          {grow(99, "1 < 2", " + 1"), []string{"too-long@0+0"}},
		"deep brackets":      {grow(400, "", "(") + "true" + grow(400, "", ")"), nil},
		"200 digits":         {grow(6, "amount", " * amount") + " * amountOfCny > 0", []string{"too-large@61+1"}},
		"8 decimals at once": {grow(7, "amount", " * amount") + " > 0", nil},
		"9 decimals at once": {grow(8, "amount", " * amount") + " > 0", []string{"too-large@70+1"}},
		"rounded in between": {"round(" + grow(7, "amount", " * amount") + ", 0, down) * amount > 0", nil},
	} {
		t.Run(name, func(t *testing.T) {
			if got := found(c.text); !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}
