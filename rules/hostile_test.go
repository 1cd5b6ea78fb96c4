package rules_test

import (
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/chudan-io/chudan/rules"
)

// TestHostile refuses, at load and with a position, what would compute in
// floats, compare by structure, call Go methods, loop, or eat memory.
func TestHostile(t *testing.T) {
	for _, c := range []struct {
		text string
		want string // code@offset+length, separated by spaces
	}{
		// floats
		{"1e3 < amount", "number@0+3"},
		{"amount < 1e-3", "number@9+2"},
		{"amount < 1e1000000000", "number@9+12"},
		{"1_018.0 == amount", "number@0+7"},
		{"0x10 == amount", "number@0+4"},
		{"0b11 == amount", "number@0+4"},
		{"007 == amount", "number@0+3"},
		{".5 < amount", "number@0+2"},
		{"5. < amount", "number@0+2"},
		{"1.2.3 < amount", "number@0+5"},
		{"0.12345678901 < amount", "number@0+13"},
		{"insurePeriod * 4611686018427387904 == 0", "number@15+19"},
		{"amount < 99999999999999999999999999999999999999", "number@9+38"},
		{"amount / 3 > 1", "not-available@7+1"},
		{"insurePeriod / 2 == 20", "not-available@13+1"},
		{"amount % 7 == 0", "not-available@7+1"},
		{"10%3 == 1", "not-available@2+1"},
		{"10% (3) == 1", "not-available@2+1"},
		{"amount ** 2 > 1", "not-available@7+2"},
		{"amount ^ 2 > 1", "not-available@7+1"},
		{"float(0.1) == 0.1", "unknown-function@0+5"},
		{"int(amount) == 1018", "unknown-function@0+3"},
		{"mean(1, 2) == 1.5", "unknown-function@0+4"},
		{"ceil(amount) > 1", "unknown-function@0+4"},
		// comparison by structure
		{`insuranceTypes == ["QUALITY"]`, "not-available@18+1"},
		{"insuranceTypes == insuranceTypes", "type@15+2"},
		{"insuranceTypes != attrs.insuranceTypes", "type@15+2"},
		{"[1, 2] == [1, 2]", "not-available@0+1 not-available@10+1"},
		{"amount in [[1018]]", "not-available@11+1"},
		{"insuranceTypes in [insuranceTypes]", "type@15+2"},
		{"effectTime in [effectTime]", "type@11+2"},
		{`amount in ["1018"]`, "type@7+2"},
		{`amount == "1018"`, "type@7+2"},
		{`currency == 1`, "type@9+2"},
		{`(amount > 5 ? 1.5 : "x") > 1`, "type@8+1"},
		{"(amount > 5 ? effectTime : 2) > 1", "type@8+1"},
		{"amount == true", "type@7+2"},
		{`"a" < "b"`, "type@4+1"},
		{"true < false", "type@5+1"},
		// methods and members
		{`amount.Shift(30000000).String() == ""`, "not-available@23+6"},
		{`amount.String() == "1018"`, "not-available@7+6"},
		{"effectTime.Unix() > 0", "not-available@11+4"},
		{"amount.d", "unknown-name@0+8"},
		{"insuranceTypes[0] == QUALITY", "not-available@0+15"},
		{"insuranceTypes[0:1]", "not-available@14+1"},
		{`attrs["agreeOnSendTime"] == effectTime`, "not-available@0+6"},
		{"attrs?.agreeOnSendTime", "not-available@5+2"},
		{"$env.amount > 5", "unknown-name@0+11"},
		{"$env", "unknown-name@0+4"},
		{"get(attrs, \"agreeOnSendTime\")", "unknown-function@0+3"},
		{"::len(currency) == 3", "not-available@0+2"},
		// memory and loops
		{`"a" + "b" == "ab"`, "type@4+1"},
		{`currency + currency == ""`, "type@9+1"},
		{`"a" * 1000000000 == ""`, "type@4+1"},
		{`repeat("a", 1000000000) == ""`, "unknown-function@0+6"},
		{`join(insuranceTypes, currency) == ""`, "unknown-function@0+4"},
		{`replace(currency, "", currency) == ""`, "unknown-function@0+7"},
		{"len(1..1000000000) > 0", "not-available@4+13"},
		{"amount in 1..365", "not-available@10+6"},
		{"amount .. 5", "not-available@7+2"},
		{"map(insuranceTypes, # + \"x\")", "not-available@20+1"},
		{"all(insuranceTypes, {# == DELIVERY})", "not-available@20+1 not-available@21+1 not-available@34+1"},
		{"filter(insuranceTypes, true)", "unknown-function@0+6"},
		{"sum(insuranceTypes) > 1", "unknown-function@0+3"},
		{"count(insuranceTypes) > 1", "unknown-function@0+5"},
		{"amount | abs()", "syntax@7+1"},
		{"let x = 1; x > 0", "not-available@0+3 syntax@6+1 not-available@9+1"},
		{"true; true", "not-available@4+1"},
		{"if true { true } else { true }", "not-available@0+2 not-available@8+1 not-available@15+1 not-available@17+4 not-available@22+1 not-available@29+1"},
		{`{"a": 1}`, "not-available@0+1 not-available@7+1"},
		{`b"abc" == "abc"`, "not-available@0+6"},
		{`currency matches currency`, "pattern@17+8"},
		{`currency matches "("`, "pattern@17+3"},
		{`currency matches "(?=a)"`, "pattern@17+7"},
		{`currency matches "(a{1000}){1000}"`, "pattern@17+17"},
		{`currency matches "[a-z]{900}"`, "pattern@17+12"},
		{`currency matches "` + strings.Repeat("a", 257) + `"`, "pattern@17+259"},
		// nothing, and the clock
		{"nil == nil", "not-available@0+3 not-available@7+3"},
		{"amount == null", "not-available@10+4"},
		{"amount ?? 5", "not-available@7+2"},
		{"now() > effectTime", "unknown-function@0+3"},
		{`date("2021-01-01") > effectTime`, "unknown-function@0+4"},
		{`effectTime > "2021-01-01 00:00:00"`, "type@11+1"},
		{"effectTime - expireTime > 5", "type@11+1"},
		{`fromJSON("{}") == 1`, "unknown-function@0+8"},
		// no condition, no expression
		{"amount", "not-a-decision@0+0"},
		{`"yes"`, "not-a-decision@0+0"},
		{"insuranceTypes", "not-a-decision@0+0"},
		{"amount >", "syntax@8+0"},
		{"(amount > 5", "syntax@11+0"},
		{"amount > 5)", "syntax@10+1"},
		{"attrs.", "syntax@5+1"},
		{`currency == "\q"`, "syntax@14+1"},
		{"currency == \"a\nb\"", "syntax@14+1"},
		{"map(insuranceTypes)", "syntax@18+1"},
		{" ", "syntax@0+0"},
		{"amount premium > 5", "syntax@7+7"},
		{`currency == "CNY`, "syntax@12+1"},
		{"amount > 5 // 5", "not-available@11+2"},
		{"amount > 5 /* 5 */", "not-available@11+2 not-available@17+1"},
		{"amount > \xff5", "syntax@0+0"},
		{"amount > 5\x00", "syntax@10+1"},
		{"not amount > 5", "type@0+3"},
		{"+amount > 5", "type@0+1"},
		{"amount and true", "type@7+3"},
		{"amount ? true : false", "type@0+6"},
		{"amount in []", "type@7+2"},
		{"len(amount) > 1", "arguments@0+3"},
		{"len() > 1", "arguments@0+3"},
		{"min(1) > 1", "arguments@0+3"},
		{"abs(currency) > 1", "arguments@4+8"},
		{"calendarDays(effectTime, amount) > 1", "arguments@25+6"},
		{"div(amount, 3, 2) > 1", "arguments@0+3"},
		{"div(amount, 3, 11, up) > 1", "arguments@15+2"},
		{"div(amount, 3, insurePeriod, up) > 1", "arguments@15+12"},
		{"round(amount, 0.5, up) > 1", "arguments@14+3"},
		{"round(amount, 2, half_down) > 1", "arguments@17+9"},
		{"has()", "arguments@0+3"},
		{`has("amount")`, "arguments@0+3"},
		{"has(days)", "unknown-name@4+4"},
		{"abs(amuont) > 1", "unknown-name@4+6"},
		{"round(amuont, 0, up) > 1", "unknown-name@6+6"},
		{"max(amuont, 0) > 1", "unknown-name@4+6"},
		{strings.Repeat("a", 80) + " > 1", "unknown-name@0+80"},
		{"has(QUALITY)", "unknown-name@4+7"},
		{"attrs == attrs", "type@0+5 type@9+5"},
		// nested chains read their middle twice: 2^n nodes
		{nested(30), "too-long@0+0"},
	} {
		t.Run(c.text, func(t *testing.T) {
			work := allocated(func() {
				if got := strings.Join(found(c.text), " "); got != c.want {
					t.Errorf("got %s, want %s", got, c.want)
				}
			})
			if work > 8<<20 {
				t.Errorf("%d bytes of work", work)
			}
		})
	}
}

func nested(depth int) string {
	text := "1"
	for range depth {
		text = "(0 < " + text + " < 9 ? 1 : 2)"
	}
	return text + " == 1"
}

// TestDoublingDefinitions doubles a number's digits, or the work, with each
// definition.
func TestDoublingDefinitions(t *testing.T) {
	var digits, work []rules.Definition
	for i := range 60 {
		name, next := string(rune('A'+i/26))+string(rune('a'+i%26)), string(rune('A'+(i+1)/26))+string(rune('a'+(i+1)%26))
		digits = append(digits, rules.Definition{Name: name, Expr: next + " * " + next})
		work = append(work, rules.Definition{Name: name, Expr: "max(" + next + ", " + next + ")"})
	}
	last := rules.Definition{Name: string(rune('A'+60/26)) + string(rune('a'+60%26)), Expr: "amount"}
	if got := found("Aa > 0", append(digits, last)...); !slices.Equal(got, []string{"too-large@3+1"}) {
		t.Error(got)
	}
	if spent := allocated(func() {
		if !truth(t, "Aa == 1018", application(t, nil), append(work, last)...) {
			t.Error("is false") // or never told: 2^60 evaluations
		}
	}); spent > 8<<20 {
		t.Errorf("%d bytes of work", spent)
	}
}

// allocated is how many bytes a function allocates, whether they stay or not:
// work as a machine that is busy with other things does it too.
func allocated(do func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestMistypes answers what people really type with what to write instead.
func TestMistypes(t *testing.T) {
	for text, want := range map[string]string{
		"amount ＞ 5":                              "write >",
		"（amount > 5）":                            "write (",
		"min(amount，5) > 1":                       "write ,",
		"currency == “CNY”":                       `write "`,
		"currency == ‘CNY’":                       "write '",
		"currency ＝ \"CNY\"":                      "write ==",
		"amount ＝＝ 5":                             "write ==",
		"amount > １０００":                           "write 1000",
		"has（amount）":                             "write (",
		"amount > 5 ？ true : false":               "write ?",
		"ＱＵＡＬＩＴＹ in insuranceTypes":               "write QUALITY",
		"currency = \"CNY\"":                      "write ==",
		"amount <> 5":                             "write !=",
		"amount => 5":                             "write >=",
		"amount =< 5":                             "write <=",
		"amount === 5":                            "write ==",
		"amount !== 5":                            "write !=",
		"amount ≥ 5":                              "write >=",
		"amount ≤ 5":                              "write <=",
		"amount ≠ 5":                              "write !=",
		"amount × 2 > 5":                          "write *",
		"amount ÷ 2 > 5":                          "write div(a, b, 2, half_up)",
		"amount > 5 且 amount < 6":                 "write and",
		"amount > 5 并且 amount < 6":                "write and",
		"amount > 5 和 amount < 6":                 "write and",
		"amount > 5 && amount < 9 或 amount > 5":   "write or",
		"非 has(amount)":                           "write not",
		"amount 大于 5":                             "write >",
		"amount 不超过 5":                            "write <=",
		"QUALITY 属于 insuranceTypes":               "write in",
		"amount > 5 AND amount < 6":               "write and",
		"amount > 5 OR amount < 6":                "write or",
		"NOT has(amount)":                         "write not",
		"TRUE":                                    "write true",
		"currency startswith \"C\"":               "write startsWith",
		"amount > 5 & true":                       "write and",
		"amount > 5 | true":                       "write or",
		"amount且premium > 5":                      "write amount and premium",
		"amount > premium或premium > 5":            "write premium or premium",
		"amount > 10万":                            "write 100000",
		"amount > 1.5亿":                           "write 150000000",
		"amount > 1_000":                          "write 1000",
		"amount > 1,018":                          "at most 15 digits and 10 decimals, no exponent, separator or unit: 100000, 0.5, 0.300%",
		"amount > .5":                             "write 0.5",
		"amount / 2 > 5":                          "write div(a, b, 2, half_up)",
		"premium > amount * 5 %":                  "a percent sign follows its number at once, as in 0.300%; there is no modulo",
		"quality in insuranceTypes":               "did you mean QUALITY?",
		`"quality" in insuranceTypes`:             "did you mean QUALITY?",
		`"DELIVRY" in insuranceTypes`:             "did you mean DELIVERY?",
		"DELIVERY in insuranceType":               "did you mean insuranceTypes or attrs.insuranceTypes?",
		"attrs.agreeOnSendtime > effectTime":      "did you mean attrs.agreeOnSendTime?",
		"agreeOnSendTime > effectTime":            "did you mean attrs.agreeOnSendTime?",
		"attr.agreeOnSendTime > effectTime":       "did you mean attrs.agreeOnSendTime?",
		"Amount > 5":                              "did you mean amount?",
		"has(attrs.premiumFundStreamNumber)":      "did you mean attrs.premiumFundStreamNo?",
		`insuranceTypes contains "QUALITY"`:       "write QUALITY in insuranceTypes",
		`contains(currency, "C")`:                 "write a contains b",
		"currency in \"CNY\"":                     "write a contains b",
		"not amount > 5":                          "not takes only what follows at once: not (a > b), a not in b",
		`amount == "1018"`:                        "a number is written without quotes",
		"currency == 浙江":                          `a text stands in quotes: "浙江"`,
		"attrs":                                   "write has(attrs)",
		"calendarDay(effectTime, expireTime) > 5": "did you mean calendarDays?",
		"round(amount, 2, halfup) > 5":            "did you mean half_up?",
		"upper(currency) == currency":             "the functions are abs, calendarDays, div, has, len, max, min, round",
		"premiumRate > 0.5%":                      "write has(premiumRate) and … before it, or require it in a rule of the same or a weaker when",
		"{amount} > 5":                            "write a field's name alone, as in amount; a list is [a, b]",
		"amount # 金额":                             "there are no loops; for membership write QUALITY in insuranceTypes",
		"effectTime - expireTime > 5":             "write calendarDays(effectTime, expireTime)",
		"amount > 5 ?? true":                      "write has(path) ? path : 0",
	} {
		t.Run(text, func(t *testing.T) {
			_, all := rules.Compile(rules.Spec{Coverages: coverages, Rules: []rules.Rule{{Code: "R", NoteIf: text}}})
			if len(all) == 0 {
				t.Fatal("compiles")
			}
			if got := all[0].Hint.EN; got != want {
				t.Errorf("%s: %s; got %q, want %q", all[0].Code, all[0].Message.EN, got, want)
			}
			for _, d := range all {
				if d.Message.ZH == "" || d.Message.EN == "" || (d.Hint.ZH == "") != (d.Hint.EN == "") {
					t.Errorf("not in both languages: %+v", d)
				}
			}
		})
	}
}
