package rules_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/rules"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden holds got against a file; -update rewrites it.
func golden(tb testing.TB, name, got string) {
	tb.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	if got != string(want) {
		tb.Errorf("%s: got:\n%s\nwant:\n%s", name, got, want)
	}
}

// traced are the nodes of a condition in the order of the text, as text → value
// or text (state).
func traced(tb testing.TB, text string, a *policy.Application, define ...rules.Definition) []string {
	tb.Helper()
	rs := compile(tb, rules.Spec{Coverages: coverages, Define: define, Rules: []rules.Rule{{Code: "R", NoteIf: text}}})
	trace := rs.Trace(a, nil)
	var all []string
	var walk func(n *rules.Node, whole string)
	walk = func(n *rules.Node, whole string) {
		if got := string([]rune(whole)[n.Offset : n.Offset+n.Length]); got != n.Text {
			tb.Errorf("%q stands at %d+%d, not %q", got, n.Offset, n.Length, n.Text)
		}
		value := n.Value
		if n.State != rules.Computed {
			value = string(n.State)
		}
		all = append(all, n.Text+" → "+value)
		for i := range n.Nodes {
			walk(&n.Nodes[i], whole)
		}
	}
	walk(trace.Rules[0].Condition, text)
	return all
}

// TestTraceOfExpressions looks at every construct: its place, its value, and
// what it leaves out.
func TestTraceOfExpressions(t *testing.T) {
	define := []rules.Definition{
		{Name: "amountCny", Expr: "amount * currencyRate"}, {Name: "limit", Expr: "100000"}, {Name: "large", Expr: "amountCny > limit"},
		{Name: "who", Expr: "has(applicantPersonalInfo.personName) ? applicantPersonalInfo.personName : currency"},
	}
	const goods = "orderSubjectMatterInfo.subjectMatterCategory"
	for text, want := range map[string][]string{
		"amount > 5":                                          {"amount > 5 → true", "amount → 1018"},
		"amountCny > limit":                                   {"amountCny > limit → false", "amountCny → 1018", "limit → 100000"},
		"not large":                                           {"not large → true", "large → false"},
		"! (large)":                                           {"! (large) → true", "large → false"},
		"0.3% < premiumRate or true":                          {"", "", "", ""},
		"amount > 5 and amount < 3":                           {"amount > 5 and amount < 3 → false", "amount > 5 → true", "amount → 1018", "amount < 3 → false", "amount → 1018"},
		"amount < 3 and amount > 5":                           {"amount < 3 and amount > 5 → false", "amount < 3 → false", "amount → 1018", "amount > 5 → short-circuited", "amount → short-circuited"},
		"amount > 3 || amount > 5":                            {"amount > 3 || amount > 5 → true", "amount > 3 → true", "amount → 1018", "amount > 5 → short-circuited", "amount → short-circuited"},
		"(large or large) and large":                          {"(large or large) and large → false", "large or large → false", "large → false", "large → false", "large → short-circuited"},
		"large and large and large":                           {"large and large and large → false", "large → false", "large → short-circuited", "large → short-circuited"},
		"large and (large and large)":                         {"large and (large and large) → false", "large → false", "large and large → short-circuited", "large → short-circuited", "large → short-circuited"},
		"1 < amount <= 9":                                     {"1 < amount <= 9 → false", "1 < amount → true", "amount → 1018", "amount <= 9 → false", "amount → 1018"},
		"(large ? 1 : amount) > 2":                            {"(large ? 1 : amount) > 2 → true", "large ? 1 : amount → 1018", "large → false", "1 → short-circuited", "amount → 1018"},
		"currency not in [\"A)\", 'B(']":                      {"currency not in [\"A)\", 'B('] → true", `currency → "CNY"`},
		"QUALITY in insuranceTypes":                           {"QUALITY in insuranceTypes → true", "insuranceTypes → [QUALITY, DELIVERY, APPEARANCE]"},
		"has( attrs.agreeOnSendTime )":                        {"has( attrs.agreeOnSendTime ) → true"},
		"abs( (amount) - 1 ) == 0.10 * 2":                     {"abs( (amount) - 1 ) == 0.10 * 2 → false", "abs( (amount) - 1 ) → 1017", "(amount) - 1 → 1017", "amount → 1018", "0.10 * 2 → 0.2"},
		"round(amount, 0, up) > 1.25‰":                        {"round(amount, 0, up) > 1.25‰ → true", "round(amount, 0, up) → 1018", "amount → 1018"},
		"-(amount) < 1":                                       {"-(amount) < 1 → true", "-(amount) → -1018", "amount → 1018"},
		"effectTime < expireTime":                             {"effectTime < expireTime → true", "effectTime → 2021-08-04 15:23:26", "expireTime → 2021-09-12 23:59:59"},
		"div(1, amount - 1018, 2, up) > 0":                    {"div(1, amount - 1018, 2, up) > 0 → error", "div(1, amount - 1018, 2, up) → error", "amount - 1018 → 0", "amount → 1018"},
		"len(who) > 1":                                        {"len(who) > 1 → true", "len(who) → 2", `who → "张*"`},
		"has(" + goods + ") and " + goods + " contains \"烟\"": {"has(" + goods + ") and " + goods + " contains \"烟\" → false", "has(" + goods + ") → true", goods + " contains \"烟\" → false", goods + ` → "包装"`},
	} {
		t.Run(text, func(t *testing.T) {
			if want[0] == "" { // an optional field, read unguarded
				text = "has(premiumRate) and (" + text + ")"
				want = []string{"has(premiumRate) and (0.3% < premiumRate or true) → true", "has(premiumRate) → true", "0.3% < premiumRate or true → true", "0.3% < premiumRate → true", "premiumRate → 0.00625", "true → short-circuited"}
			}
			got := traced(t, text, application(t, nil), define...)
			if strings.Join(got, "\n") != strings.Join(want, "\n") {
				t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		})
	}
}

// tracedRules have a rule of every sort and state.
var tracedRules = rules.Spec{
	Coverages: coverages,
	Define: []rules.Definition{
		{Name: "amountCny", Expr: "amount * currencyRate"}, {Name: "autoLimit", Expr: "1000"},
		{Name: "large", Expr: "amountCny > autoLimit"}, {Name: "idle", Expr: "amount - amount"}, {Name: "who", Expr: "applicantPersonalInfo.personName"},
	},
	Rules: []rules.Rule{
		{Code: "SEND_TIME", When: "DELIVERY in insuranceTypes", Require: []string{"attrs.agreeOnSendTime", "attrs"}},
		{Code: "LARGE_SUM", ReferIf: "large", Message: policy.Text{ZH: "保额 {amountCny} 元", EN: "{amountCny} CNY"}},
		{Code: "FOREIGN", When: `currency != "CNY"`, RejectIf: "amountCny > 500 and premium > 5"},
		{Code: "DIVIDED", RejectIf: "div(1, idle, 2, up) > 1"},
		{Code: "SKIPPED", When: "amount > 1", Must: "premium > 5"},
		{Code: "KNOWN", When: "has(applicantPersonalInfo.personName)", NoteIf: `who == "王五" or who startsWith "李"`},
	},
}

// TestTrace holds the trace of every state against its goldens: text in both
// languages, and JSON with the same content.
func TestTrace(t *testing.T) {
	rs := compile(t, tracedRules)
	trace := rs.Trace(application(t, map[string]string{"premium": "?"}), nil)
	data, err := json.MarshalIndent(trace, "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	if all := string(data) + trace.Text(policy.English); strings.Contains(all, "张三") {
		t.Error("the trace shows a name")
	}
	golden(t, "trace.zh.txt", trace.Text(policy.Chinese))
	golden(t, "trace.en.txt", trace.Text(policy.English))
	golden(t, "trace.json", string(data)+"\n")
}

// TestTraceAgreesWithOutcomes: telling why must not change what is told.
func TestTraceAgreesWithOutcomes(t *testing.T) {
	for name, with := range map[string]map[string]string{
		"sample": nil, "no send time": {"attrs.agreeOnSendTime": ""}, "large": {"amount": "999999"}, "faulty": {"amount": "?"},
		"no types": {"attrs.insuranceTypes": ""}, "dear": {"premium": "500000"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, spec := range []rules.Spec{tenRules, tracedRules} {
				rs, a := compile(t, spec), application(t, with)
				trace := rs.Trace(a, nil)
				for i, o := range rs.Outcomes(a, nil) {
					r := trace.Rules[i]
					if r.Code != o.Code || r.State != o.State || r.Verdict != o.Verdict {
						t.Errorf("%s: trace %s, outcome %s", o.Code, r.State, o.State)
					}
					failsOn := r.Asks != "must"
					if r.Condition != nil && r.Condition.State == rules.Computed && (r.Condition.Value == "true") == failsOn != (o.State == rules.Fails) {
						t.Errorf("%s: %s, and its condition is %s", o.Code, o.State, r.Condition.Value)
					}
				}
			}
		})
	}
}

// at is where something stands in its text, as offset+length.
func at(a rules.At) string { return strconv.Itoa(a.Offset) + "+" + strconv.Itoa(a.Length) }

// BenchmarkTrace tells what an explanation of ten rules costs.
func BenchmarkTrace(b *testing.B) {
	rs, a := compile(b, tenRules), application(b, nil)
	b.ReportAllocs()
	for b.Loop() {
		rs.Trace(a, nil)
	}
}
