package rules_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/chudan-io/chudan/rules"
)

const sendTime = "attrs.agreeOnSendTime"

// TestGuards tells where an optional field may be read.
func TestGuards(t *testing.T) {
	const unguarded = "unguarded"
	for text, want := range map[string]string{
		"attrs.agreeOnSendTime > effectTime":                                                                            unguarded,
		"has(attrs.agreeOnSendTime) and attrs.agreeOnSendTime > effectTime":                                             "",
		"has(attrs.agreeOnSendTime) && attrs.agreeOnSendTime > effectTime":                                              "",
		"attrs.agreeOnSendTime > effectTime and has(attrs.agreeOnSendTime)":                                             unguarded,
		"has(attrs) and attrs.agreeOnSendTime > effectTime":                                                             unguarded,
		"has(attrs.premiumFundStreamNo) and attrs.agreeOnSendTime > effectTime":                                         unguarded,
		"has(attrs.agreeOnSendTime) or attrs.agreeOnSendTime > effectTime":                                              unguarded,
		"not has(attrs.agreeOnSendTime) or attrs.agreeOnSendTime > effectTime":                                          "",
		"!has(attrs.agreeOnSendTime) || attrs.agreeOnSendTime > effectTime":                                             "",
		"not has(attrs.agreeOnSendTime) and attrs.agreeOnSendTime > effectTime":                                         unguarded,
		"not not has(attrs.agreeOnSendTime) and attrs.agreeOnSendTime > effectTime":                                     "",
		"has(attrs.agreeOnSendTime) ? attrs.agreeOnSendTime > effectTime : true":                                        "",
		"has(attrs.agreeOnSendTime) ? true : attrs.agreeOnSendTime > effectTime":                                        unguarded,
		"not has(attrs.agreeOnSendTime) ? true : attrs.agreeOnSendTime > effectTime":                                    "",
		"(has(attrs.agreeOnSendTime) and amount > 5) and attrs.agreeOnSendTime > effectTime":                            "",
		"(amount > 5 and has(attrs.agreeOnSendTime)) and attrs.agreeOnSendTime > effectTime":                            "",
		"(has(attrs.agreeOnSendTime) or amount > 5) and attrs.agreeOnSendTime > effectTime":                             unguarded,
		"not (not has(attrs.agreeOnSendTime) or amount > 5) and attrs.agreeOnSendTime > effectTime":                     "",
		"not (has(attrs.agreeOnSendTime) and amount > 5) or attrs.agreeOnSendTime > effectTime":                         "",
		"(has(attrs.agreeOnSendTime) ? true : false) and attrs.agreeOnSendTime > effectTime":                            unguarded, // not worked out
		"(amount > 5 ? has(attrs.agreeOnSendTime) : has(attrs.agreeOnSendTime)) and attrs.agreeOnSendTime > effectTime": "",
		"(has(attrs.agreeOnSendTime) == true) and attrs.agreeOnSendTime > effectTime":                                   unguarded, // not worked out
		"known and attrs.agreeOnSendTime > effectTime":                                                                  "",
		"late":                                 unguarded,
		"has(attrs.agreeOnSendTime) and late":  "",
		"known and late":                       "",
		"later":                                unguarded,
		"has(attrs.agreeOnSendTime) and later": "",
		"safe":                                 "",
		"insurePeriod > 5 and amountOfCny > 5 and len(insuranceTypes) > 0 and len(attrs.insuranceTypes) > 0": "",
		"premium > 5 and premiumOfCny > 5 and currencyRate > 0 and len(insureId) > 0":                        "",
		"len(insuredPersonalInfo.personName) > 0":                                                            unguarded,
		"has(insuredPersonalInfo.personName) and len(insuredPersonalInfo.personName) > 0":                    "",
	} {
		t.Run(text, func(t *testing.T) {
			_, all := rules.Compile(rules.Spec{
				Coverages: coverages,
				Define: []rules.Definition{
					{Name: "known", Expr: "has(attrs.agreeOnSendTime) and amount > 5"},
					{Name: "late", Expr: "attrs.agreeOnSendTime > expireTime"},
					{Name: "later", Expr: "not late"},
					{Name: "safe", Expr: "has(attrs.agreeOnSendTime) and late"},
				},
				Rules: []rules.Rule{{Code: "R", NoteIf: text}},
			})
			got := ""
			for _, d := range all {
				got += d.Code
			}
			if got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

// TestRequireProves tells which rules may read a field that another requires.
func TestRequireProves(t *testing.T) {
	const reads = "attrs.agreeOnSendTime <= expireTime"
	for name, c := range map[string]struct {
		require, when string
		proven        bool
	}{
		"always":                      {"", "", true},
		"always, narrower":            {"", "amount > 5", true},
		"same":                        {"DELIVERY in insuranceTypes", "DELIVERY in insuranceTypes", true},
		"same, other spelling":        {`(DELIVERY  in insuranceTypes)`, `"DELIVERY" in attrs.insuranceTypes`, true},
		"same number, other spelling": {"amount > 0.5", "amount > 50%", true},
		"other number":                {"amount > 0.5", "amount > 0.50000001", false},
		"other percentage":            {"amount > 5", "amount > 5%", false},
		"narrower":                    {"DELIVERY in insuranceTypes", "amount > 5 and DELIVERY in insuranceTypes", true},
		"narrower, several":           {"DELIVERY in insuranceTypes and amount > 5", "amount > 5 && (premium > 1 and DELIVERY in insuranceTypes)", true},
		"wider":                       {"DELIVERY in insuranceTypes and amount > 5", "DELIVERY in insuranceTypes", false},
		"wider, always":               {"DELIVERY in insuranceTypes", "", false},
		"other":                       {"DELIVERY in insuranceTypes", "QUALITY in insuranceTypes", false},
		"or is no and":                {"DELIVERY in insuranceTypes", "DELIVERY in insuranceTypes or amount > 5", false},
		"other operator":              {"amount > 5", "amount >= 5", false},
		"by definition":               {"delivered", "delivered and amount > 5", true},
	} {
		t.Run(name, func(t *testing.T) {
			for _, order := range []bool{true, false} {
				all := []rules.Rule{
					{Code: "REQUIRED", When: c.require, Require: []string{sendTime}},
					{Code: "IN_TIME", When: c.when, Must: reads, Message: message("{attrs.agreeOnSendTime}")},
				}
				if !order {
					slices.Reverse(all)
				}
				_, found := rules.Compile(rules.Spec{Coverages: coverages, Rules: all,
					Define: []rules.Definition{{Name: "delivered", Expr: "DELIVERY in insuranceTypes"}}})
				if proven := len(found) == 0; proven != c.proven {
					t.Errorf("got %v", brief(found))
				}
			}
		})
	}
}

// TestMissingRequired skips what reads a missing field, which the require rule
// tells, and nothing else.
func TestMissingRequired(t *testing.T) {
	rs := compile(t, rules.Spec{
		Coverages: coverages,
		Rules: []rules.Rule{
			{Code: "A", When: "DELIVERY in insuranceTypes", Must: "attrs.agreeOnSendTime <= expireTime"},
			{Code: "B", When: "DELIVERY in insuranceTypes", Require: []string{sendTime}},
			{Code: "C", When: "DELIVERY in insuranceTypes and amount > 1", RejectIf: "amount < 1 or attrs.agreeOnSendTime <= expireTime"},
			{Code: "D", When: "DELIVERY in insuranceTypes", Must: "amount > 2000"},
		},
	})
	for name, c := range map[string]struct {
		with map[string]string
		want string
	}{
		"present":        {nil, "[A:holds B:holds C:fails D:fails]"},
		"missing":        {map[string]string{sendTime: ""}, "[A:skipped B:fails C:skipped D:fails]"},
		"not applicable": {map[string]string{sendTime: "", "attrs.insuranceTypes": "QUALITY"}, "[A:not applicable B:not applicable C:not applicable D:not applicable]"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := states(rs, application(t, c.with)); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// TestGuardsAreSound compiles random conditions over two optional fields. Those
// that compile are run by a plain interpreter, which must never meet a field
// that is absent.
func TestGuardsAreSound(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	compiled := 0
	for range 20_000 {
		c := randomCondition(r, 4)
		if len(found(c.String())) > 0 {
			continue
		}
		compiled++
		for present := range 4 {
			if _, ok := c.run(present); !ok {
				t.Fatalf("%s reads an absent field (present: %b)", c, present)
			}
		}
	}
	if compiled < 2_000 {
		t.Errorf("only %d compile: the test says little", compiled)
	}
}

// randomly is a node of a random condition.
type randomly struct {
	op    string // has, read, amount, not, and, or, ?
	field int    // of has, read
	yes   bool   // of read, amount: whether it is true
	args  []randomly
}

var optional = [...]string{"attrs.agreeOnSendTime", "premiumRate"}

func randomCondition(r *rand.Rand, depth int) randomly {
	ops := []string{"has", "read", "amount", "not", "and", "or", "?"}
	if depth == 0 {
		ops = ops[:3]
	}
	n := randomly{op: ops[r.IntN(len(ops))], field: r.IntN(2), yes: r.IntN(2) == 0}
	for range map[string]int{"not": 1, "and": 2, "or": 2, "?": 3}[n.op] {
		n.args = append(n.args, randomCondition(r, depth-1))
	}
	return n
}

func (n randomly) String() string {
	switch n.op {
	case "has":
		return "has(" + optional[n.field] + ")"
	case "read":
		return optional[n.field] + map[bool]string{true: " == ", false: " != "}[n.yes] + optional[n.field]
	case "amount":
		return map[bool]string{true: "amount > 5", false: "amount < 5"}[n.yes]
	case "not":
		return fmt.Sprintf("not (%s)", n.args[0])
	case "?":
		return fmt.Sprintf("((%s) ? (%s) : (%s))", n.args[0], n.args[1], n.args[2])
	}
	return fmt.Sprintf("(%s) %s (%s)", n.args[0], n.op, n.args[1])
}

// run answers false for ok where a field is read that is not among present.
func (n randomly) run(present int) (value, ok bool) {
	switch n.op {
	case "has":
		return present>>n.field&1 == 1, true
	case "read":
		return n.yes, present>>n.field&1 == 1
	case "amount":
		return n.yes, true
	}
	value, ok = n.args[0].run(present)
	switch {
	case !ok:
		return false, false
	case n.op == "not":
		return !value, true
	case n.op == "and" && !value, n.op == "or" && value:
		return value, true
	case n.op == "?" && !value:
		return n.args[2].run(present)
	}
	return n.args[1].run(present)
}
