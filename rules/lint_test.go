package rules_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/chudan-io/chudan/rules"
)

// lintDefinitions may all go unused in these tests but for the last.
var lintDefinitions = []rules.Definition{
	{Name: "limit", Expr: "100000"}, {Name: "enabled", Expr: "true"}, {Name: "closed", Expr: "1 > 2"}, {Name: "home", Expr: `"CNY"`},
	{Name: "sumInsured", Expr: "amount"}, {Name: "amountCny", Expr: "amount * currencyRate"}, {Name: "large", Expr: "amountCny > limit"},
}

// linted are the warnings of one rule, as code part@offset+length.
func linted(tb testing.TB, r rules.Rule) []string {
	tb.Helper()
	r.Code = "R"
	spec := rules.Spec{Coverages: coverages, Define: lintDefinitions, Rules: []rules.Rule{r}}
	compile(tb, spec)
	var all []string
	for _, d := range rules.Lint(spec) {
		if d.Code == "unused-definition" || d.At.Definition == "closed" {
			continue
		}
		if !d.Warning || d.Message.ZH == "" || d.Message.EN == "" || d.At.Rule != "R" {
			tb.Errorf("%+v", d)
		}
		all = append(all, d.Code+" "+d.At.Part+"@"+at(d.At))
	}
	return all
}

// TestLint tells what is odd about a rule, and keeps silent about its
// neighbours.
func TestLint(t *testing.T) {
	const send = "attrs.agreeOnSendTime"
	reject := func(text string) rules.Rule { return rules.Rule{RejectIf: text} }
	for name, c := range map[string]struct {
		rule rules.Rule
		want string
	}{
		"bounds that contradict":              {reject("amount > 5 and amount < 3"), "never-fails reject_if@0+0"},
		"bounds that touch, open":             {reject("amount >= 3 and amount < 3"), "never-fails reject_if@0+0"},
		"bounds that touch, closed":           {reject("amount >= 3 and amount <= 3"), ""},
		"bounds that meet":                    {reject("amount > 3 and amount < 5"), ""},
		"bounds of two numbers":               {reject("amount > 5 and premium < 3"), ""},
		"a chain that contradicts":            {reject("5 < amount < 3"), "never-fails reject_if@0+0"},
		"a chain":                             {reject("3 < amount < 5"), ""},
		"constants on the left":               {reject("5 < amount and 3 > amount"), "never-fails reject_if@0+0"},
		"a definition's constant":             {reject("amount > limit and amount < 100000"), "never-fails reject_if@0+0"},
		"another name for a field":            {reject("sumInsured > 5 and amount < 3"), "never-fails reject_if@0+0"},
		"an expression, spaced otherwise":     {reject("amount*currencyRate > 5 and amount  *  currencyRate < 3"), "never-fails reject_if@0+0"},
		"two expressions":                     {reject("amount * currencyRate > 5 and amount + currencyRate < 3"), ""},
		"a condition behind a definition":     {rules.Rule{When: "large", RejectIf: "amountCny < 5"}, "never-fails reject_if@0+0"},
		"not both":                            {reject("not (amount > 5 or amount <= 5)"), "never-fails reject_if@0+0"},
		"either":                              {reject("amount > 5 or amount <= 5"), "always-fails reject_if@0+0"},
		"either, with a gap":                  {reject("amount > 5 or amount < 5"), ""},
		"must be either":                      {rules.Rule{Must: "amount > 5 or amount <= 7"}, "never-fails must@0+0"},
		"an excluded point":                   {reject("amount == 5 and amount != 5.00"), "never-fails reject_if@0+0"},
		"one of three, none of them":          {reject("amount in [1, 2, 3] and amount > 3"), "never-fails reject_if@0+0"},
		"one of three":                        {reject("amount in [1, 2, 3] and amount > 2"), ""},
		"a negative amount":                   {reject("amount < 0"), "never-fails reject_if@0+0"},
		"no amount":                           {reject("amount == 0"), ""},
		"a negative difference":               {reject("amount - premium < 0"), ""},
		"two currencies at once":              {reject(`currency == "CNY" and currency == "USD"`), "never-fails reject_if@0+0"},
		"two currencies, or":                  {reject(`currency == "CNY" or currency == "USD"`), ""},
		"neither currency":                    {reject(`currency != "CNY" and currency != "USD"`), ""},
		"one of none":                         {reject(`currency in ["USD", "EUR"] and currency == home`), "never-fails reject_if@0+0"},
		"not among them":                      {reject(`currency not in ["USD", "EUR"] and currency == "EUR"`), "never-fails reject_if@0+0"},
		"not among others":                    {reject(`currency not in ["USD", "EUR"] and currency == "CNY"`), ""},
		"two coverages at once":               {reject("QUALITY in insuranceTypes and DELIVERY in insuranceTypes"), ""},
		"a coverage in and out":               {reject("QUALITY in insuranceTypes and QUALITY not in insuranceTypes"), "never-fails reject_if@0+0"},
		"a coverage by both names":            {reject("QUALITY in insuranceTypes and QUALITY not in attrs.insuranceTypes"), "never-fails reject_if@0+0"},
		"times that contradict":               {reject("effectTime < expireTime and expireTime <= effectTime"), "never-fails reject_if@0+0"},
		"times":                               {reject("effectTime < insureTime and expireTime <= effectTime"), ""},
		"a number and itself":                 {reject("amount > amount"), "never-fails reject_if@0+0"},
		"when and its opposite":               {rules.Rule{When: "large", RejectIf: "not large"}, "never-fails reject_if@0+0"},
		"when, and must be it":                {rules.Rule{When: "amount > 5", Must: "amount >= 5"}, "never-fails must@0+0"},
		"when, again":                         {rules.Rule{When: "amount > 5", ReferIf: "amount > 3"}, "always-fails refer_if@0+0"},
		"when, narrowed":                      {rules.Rule{When: "amount > 3", ReferIf: "amount > 5"}, ""},
		"when is impossible":                  {rules.Rule{When: "amount > 5 and amount < 3", RejectIf: "premium > 5"}, "never-applies when@0+0"},
		"when is off":                         {rules.Rule{When: "closed and amount > 5", RejectIf: "premium > 5"}, "never-applies when@0+0"},
		"when is always":                      {rules.Rule{When: "true", RejectIf: "premium > 5"}, "constant when@0+4"},
		"a constant part":                     {reject("premium > 5 or amount > 3 and limit > 5"), "constant reject_if@30+9"},
		"a switch":                            {reject("enabled and premium > 5"), "constant reject_if@0+7"},
		"an impossible part":                  {reject("premium > 5 or (amount > 5 and amount < 3)"), "constant reject_if@16+25"},
		"a constant choice":                   {reject("(enabled ? amount : premium) > 5"), "constant reject_if@1+7"},
		"a choice of constants":               {reject("(large ? 1 : 2) > premium"), ""},
		"refuse everything":                   {reject("true"), "always-fails reject_if@0+0"},
		"refuse nothing":                      {reject("false"), "never-fails reject_if@0+0"},
		"refer everything":                    {rules.Rule{ReferIf: "true"}, ""},
		"note everything":                     {rules.Rule{NoteIf: "true"}, ""},
		"refuse whatever it is for":           {rules.Rule{When: "large", RejectIf: "true"}, ""},
		"a required field is there":           {rules.Rule{When: "has(amount) and large", RejectIf: "premium > 5"}, "constant when@0+11"},
		"an optional one may be":              {rules.Rule{When: "has(" + send + ")", RejectIf: send + " < effectTime"}, ""},
		"require what the page requires":      {rules.Rule{Require: []string{"amount"}}, "never-fails require@0+0"},
		"require what is optional":            {rules.Rule{Require: []string{"amount", send}}, ""},
		"require what when has":               {rules.Rule{When: "has(" + send + ")", Require: []string{send}}, "never-fails require@0+0"},
		"require what when lacks":             {rules.Rule{When: "not has(" + send + ")", Require: []string{send}}, "always-fails require@0+0"},
		"an optional field, guarded":          {reject("has(" + send + ") and " + send + " > expireTime"), ""},
		"a pattern and not":                   {reject(`productCode matches "^P" and not (productCode matches "^P")`), "never-fails reject_if@0+0"},
		"two patterns":                        {reject(`productCode matches "^P" and not (productCode matches "^Q")`), ""},
		"a word in quotes is not squeezed":    {reject(`productCode contains "a b" and not (productCode contains "ab")`), ""},
		"a division by zero is no constant":   {reject("div(1, 0, 2, up) > 1"), ""},
		"a length is not negative":            {reject("len(productCode) < 0"), "never-fails reject_if@0+0"},
		"arithmetic on constants":             {reject("amount > 5 * 2 and amount < div(20, 3, 2, up)"), "never-fails reject_if@0+0"},
		"more ways than anybody thinks about": {reject(strings.Repeat("(amount == 1 or premium == 2) and ", 12) + "amount > 5"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := strings.Join(linted(t, c.rule), " "); got != c.want {
				t.Errorf("%+v: got %q, want %q", c.rule, got, c.want)
			}
		})
	}
}

// TestLintOfDefinitions: one that only an unused one uses is not used either;
// one that only a message shows is.
func TestLintOfDefinitions(t *testing.T) {
	spec := rules.Spec{
		Define: []rules.Definition{
			{Name: "a", Expr: "amount"}, {Name: "b", Expr: "a + 1"}, {Name: "c", Expr: "b + 1"}, {Name: "d", Expr: "c + 1"},
			{Name: "shown", Expr: "amount * 2"}, {Name: "odd", Expr: "amount > 5 and amount < 3"}, {Name: "rated", Expr: "1%"},
		},
		Rules: []rules.Rule{{Code: "R", RejectIf: "b > 5 or odd and premium > 5", Message: message("{shown}")}},
	}
	got := []string{}
	for _, d := range rules.Lint(spec) {
		got = append(got, d.Code+" "+d.At.Rule+d.At.Definition+"@"+at(d.At))
	}
	want := []string{"unused-definition c@0+0", "unused-definition d@0+0", "constant odd@0+25", "unused-definition rated@0+0", "constant R@9+3"}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	spec.Rating = rules.Rating{Rate: "rated"}
	if got := rules.Lint(spec); len(got) != 4 {
		t.Errorf("rated is used: %+v", got)
	}
}

// TestLintOfBadSpecs: what does not compile is Compile's to tell.
func TestLintOfBadSpecs(t *testing.T) {
	if got := rules.Lint(rules.Spec{Rules: []rules.Rule{{Code: "R", RejectIf: "false and amuont > 1"}}}); got != nil {
		t.Errorf("%+v", got)
	}
}

// TestLintOfGoodSpecs keeps silent about rules as people write them.
func TestLintOfGoodSpecs(t *testing.T) {
	if got := rules.Lint(tenRules); len(got) > 0 {
		t.Errorf("%+v", got)
	}
}

// TestLintIsBounded: definitions that double and conditions in every
// combination end in time.
func TestLintIsBounded(t *testing.T) {
	spec := rules.Spec{Define: []rules.Definition{{Name: "d0", Expr: "amount > 5 or premium > 5"}}}
	for i := 1; i < 100; i++ {
		last := "d" + strings.Repeat("x", i-1)
		if i == 1 {
			last = "d0"
		}
		spec.Define = append(spec.Define, rules.Definition{Name: "d" + strings.Repeat("x", i), Expr: last + " and " + last + " or not " + last})
	}
	for i := range 100 {
		spec.Rules = append(spec.Rules, rules.Rule{
			Code: "R" + strings.Repeat("X", i%60) + string(rune('A'+i/60)), RejectIf: strings.Repeat("(amount == 1 or premium != 2) and ", 20) + "d" + strings.Repeat("x", 99),
		})
	}
	compile(t, spec)
	if work := allocated(func() { rules.Lint(spec) }); work > 1<<30 {
		t.Errorf("%d MiB of work", work>>20)
	}
}

// TestLintIsRight: what is said to be impossible does not happen on the sample
// and its neighbours.
func TestLintIsRight(t *testing.T) {
	texts := []string{
		"amount > 5 and amount < 3", "amount > 5 or amount <= 5", "not (amount > 1018 or amount <= 1018)", "amount == 1018 and amount != 1018",
		`currency in ["CNY"] and currency != "CNY"`, "effectTime < expireTime and expireTime < effectTime", "amount < 0", "amount in [1018, 3] and amount > 2",
	}
	for _, text := range texts {
		for _, d := range rules.Lint(rules.Spec{Rules: []rules.Rule{{Code: "R", NoteIf: text}}}) {
			for _, amount := range []string{"1018", "3", "5", "0.01", "999999999"} {
				fails := truth(t, text, application(t, map[string]string{"amount": amount}))
				if d.Code == "never-fails" && fails || d.Code == "always-fails" && !fails {
					t.Errorf("%s: %s, yet %v for %s", text, d.Code, fails, amount)
				}
			}
		}
	}
}
