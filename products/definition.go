package products

import (
	"regexp"
	"strings"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/policy/money"
	"github.com/chudan-io/chudan/rules"
)

// definition is an edition as its file tells it.
type definition struct {
	terms  policy.Terms
	filing string
	rate   money.Decimal // the product's own, where it is one number
	rules  rules.Spec
	sheets []*sheet // in the order of their tables

	coverages, define, ruleset *node    // where they stand
	facts                      *node    // where they are declared
	rateAt                     *node    // the rate, or the name of the table that is summed
	steps                      []*node  // of the premium
	tables                     []*table // those that package rules is given
	unsure                     []string // rules that have problems before their expressions are looked at
	unread                     []string // tables that have
}

var (
	productGrammar = grammar{regexp.MustCompile(`^[A-Z][A-Z0-9_]{1,63}$`), policy.Text{
		ZH: "产品代码应为大写字母开头的 2 至 64 位大写字母、数字或下划线", EN: "want a product code: 2 to 64 capital letters, digits or _, beginning with a letter"}}
	editionGrammar = grammar{regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z.-]{0,31}$`), policy.Text{
		ZH: "版本应为 1 至 32 位字母、数字、点或连字符", EN: "want an edition: 1 to 32 letters, digits, points or hyphens"}}
	coverageGrammar = grammar{regexp.MustCompile(`^[A-Z][A-Z0-9_]{0,31}$`), policy.Text{
		ZH: "险种代码应为大写字母开头的 1 至 32 位大写字母、数字或下划线", EN: "want a coverage code: 1 to 32 capital letters, digits or _, beginning with a letter"}}
	queueGrammar = grammar{regexp.MustCompile(`^[a-z][a-z0-9-]{0,62}$`), policy.Text{
		ZH: "队列名应为小写字母开头的小写字母、数字或连字符", EN: "want the name of a queue: lower-case letters, digits or hyphens, beginning with a letter"}}
)

// homes are the keys of an edition that are looked for on another level.
var homes = []string{
	"filing", "coverages", "currencies", "unique", "facts", "define", "tables", "premium", "checks", "rules", "pin_refusals", "on_error",
	"premium.rate", "premium.rate_bounds", "premium.round", "premium.minimum", "premium.steps", "premium.declared",
	"checks.period", "checks.backdating", "checks.order_amount", "checks.identity_card", "checks.company_license", "checks.parties",
}

// readDefinition reads the file of an edition.
func readDefinition(f *file, root *node) *definition {
	d := &definition{terms: policy.DefaultTerms(), rules: rules.Spec{OnError: policy.Refer}}
	t := &d.terms
	f.homes = homes
	f.mapping(root,
		key{"product", true, f.named(&t.Product, productGrammar)},
		key{"edition", true, f.named(&t.Edition, editionGrammar)},
		key{"title", true, f.label(&t.Title)},
		key{"filing", false, f.text(&d.filing)},
		key{"coverages", false, d.readCoverages(f)},
		key{"currencies", false, d.currencies(f)},
		key{"unique", false, f.each(d.unique(f))},
		key{"facts", false, d.readFacts(f)},
		key{"define", false, d.definitions(f)},
		key{"tables", false, d.readTables(f)},
		key{"premium", false, d.premium(f)},
		key{"checks", false, d.checks(f)},
		key{"rules", false, d.readRules(f)},
		key{"pin_refusals", false, f.boolean(&t.PinRefusals)},
		key{"on_error", false, choice(f, &d.rules.OnError, onErrors()...)},
	)
	d.rules.Rating.Mode = t.Rounding
	t.Source = d.source(f)
	t.Digest = digest(t.Source)
	return d
}

// onErrors are what becomes of a request whose rule fails at run time.
func onErrors() []option[policy.Verdict] {
	return []option[policy.Verdict]{{"refer", policy.Refer}, {"reject", policy.Reject}}
}

// readCoverages reads the codes of the 险种 and their titles.
func (d *definition) readCoverages(f *file) read {
	return func(n *node) {
		if !f.is(n, mapping) {
			return
		}
		d.coverages = n
		for _, e := range n.entries {
			c := policy.Coverage{Code: e.key.text}
			f.follows(e.key, coverageGrammar)
			f.label(&c.Title)(e.value)
			d.terms.Coverages = append(d.terms.Coverages, c)
			d.rules.Coverages = append(d.rules.Coverages, c.Code)
		}
	}
}

// aliases are what people call currencies.
var aliases = map[string]string{
	"RMB": "CNY", "CNH": "CNY", "人民币": "CNY", "元": "CNY", "美元": "USD", "美金": "USD", "欧元": "EUR", "日元": "JPY", "港币": "HKD", "港元": "HKD", "英镑": "GBP",
}

// currencies reads the currencies that the product accepts.
func (d *definition) currencies(f *file) read {
	return func(n *node) {
		d.terms.Currencies = nil
		f.each(func(n *node) {
			text, ok := f.word(n)
			if !ok {
				return
			}
			c, ok := money.ParseCurrency(text)
			if ok {
				d.terms.Currencies = append(d.terms.Currencies, c)
				return
			}
			hint := policy.Text{}
			if code, known := aliases[strings.ToUpper(text)]; known {
				hint = meant(code)
			} else if c, ok := money.ParseCurrency(strings.ToUpper(text)); ok {
				hint = meant(string(c))
			}
			f.bad(n, codeCurrency, policy.Text{ZH: shown(text) + " 不是现行 ISO 4217 币种代码", EN: shown(text) + " is no active currency code of ISO 4217"}, hint)
		})(n)
	}
}

// unique reads the fields that may fund one policy only. Their values stand in
// the store in the clear, so none of them may be personal.
func (d *definition) unique(f *file) read {
	return func(n *node) {
		path, ok := f.word(n)
		if !ok {
			return
		}
		switch field, known := policy.FieldNamed(path); {
		case !known:
			f.bad(n, codeField, policy.Text{ZH: "接口文档中没有字段 " + shown(path), EN: "the API page has no field " + shown(path)}, f.did(path, pagePaths()))
		case field.Personal:
			f.refuse(n, codePersonal, policy.Text{ZH: path + " 是个人信息，不能作为唯一键", EN: path + " is personal: no unique key"}, policy.Text{})
		default:
			d.terms.Unique = append(d.terms.Unique, path)
		}
	}
}

func pagePaths() []string {
	var paths []string
	for _, f := range policy.Fields() {
		paths = append(paths, f.Path)
	}
	return paths
}
