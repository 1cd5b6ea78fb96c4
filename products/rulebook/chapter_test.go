package rulebook_test

import (
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
	"github.com/chudan-io/chudan/products/rulebook"
)

// surety is a product of two editions, with a calendar.
func surety(t testing.TB, calendar string) *products.Catalog {
	t.Helper()
	fsys := fstest.MapFS{"surety/calendar.yaml": {Data: []byte("product: SURETY\n" + calendar + "\n")}}
	for _, e := range []string{"1", "2"} {
		fsys["surety/"+e+".yaml"] = &fstest.MapFile{Data: []byte("product: SURETY\nedition: " + e + "\ntitle: 履约\n")}
	}
	catalog, err := products.Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	return catalog
}

func TestSale(t *testing.T) {
	for name, c := range map[string]struct {
		calendar, edition string
		want, not         []string
	}{
		"open":           {"editions: [{from: 2021-07-01, edition: 1}]", "1", []string{"**Sold from**: 2021-07-01", "**Sold until**: open", "`insureTime`"}, []string{"Corrects", "Sales stop"}},
		"followed":       {"basis: effectTime\neditions: [{from: 2021-07-01, edition: 1}, {from: 2022-01-01 12:30:00, edition: 2}]", "1", []string{"**Sold until**: 2022-01-01 12:30:00 (not included)", "The beginning of cover (`effectTime`) picks"}, nil},
		"correcting":     {"editions: [{from: 2021-07-01, edition: 1}, {from: 2022-01-01, edition: 2, corrects: 1}]", "2", []string{"**Corrects**: edition `1`"}, []string{"Corrected by"}},
		"corrected":      {"editions: [{from: 2021-07-01, edition: 1}, {from: 2022-01-01, edition: 2, corrects: 1}]", "1", []string{"**Corrected by**: edition `2`: no new decision"}, []string{"**Corrects**"}},
		"stopped":        {"stop: 2021-12-01 18:00:00\neditions: [{from: 2021-07-01, edition: 1}]", "1", []string{"**Sold until**: 2021-12-01 18:00:00", "**Sales stop**: at 2021-12-01 18:00:00"}, nil},
		"stopped before": {"stop: 2021-12-01\neditions: [{from: 2021-07-01, edition: 1}, {from: 2022-01-01, edition: 2}]", "2", []string{"it is never sold"}, []string{"(not included)"}},
		"not listed":     {"editions: [{from: 2021-07-01, edition: 1}]", "2", []string{"does not name this edition"}, []string{"Sold from"}},
	} {
		t.Run(name, func(t *testing.T) {
			catalog := surety(t, c.calendar)
			schedule, _ := catalog.Schedule("SURETY")
			text := rulebook.New(rulebook.Source{Edition: catalog.Edition("SURETY", c.edition), Schedule: &schedule}).Markdown(policy.English)
			holdsAll(t, text, c.want, c.not)
		})
	}
	alone := rulebook.New(rulebook.Source{Edition: surety(t, "editions: [{from: 2021-07-01, edition: 1}]").Edition("SURETY", "1")}).Markdown(policy.English)
	holdsAll(t, alone, []string{"No calendar was at hand", "No tests of the edition were at hand"}, nil)
}

func holdsAll(t *testing.T, text string, want, not []string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(text, w) {
			t.Errorf("%q is not in the book", w)
		}
	}
	for _, w := range not {
		if strings.Contains(text, w) {
			t.Errorf("%q is in the book", w)
		}
	}
}

// TestSettingsInWords: what a book says follows the settings of its edition.
func TestSettingsInWords(t *testing.T) {
	const head = "product: SURETY\nedition: 1\ntitle: 履约\n"
	const rated = head + "coverages: {QUALITY: 质量险}\ntables:\n  rate:\n    match: {coverage: coverages, insurePeriod: 1..365}\n    rows: [[QUALITY, 1..365, 0.3%]]\n"
	for name, c := range map[string]struct {
		edition   string
		want, not []string
	}{
		"nothing": {head, []string{
			"The product has no rate of its own", "The edition lists no coverages", "The edition has no rules", "There is no least premium", "is not allocated",
			"the right premium: the currency is CNY", "no more than 24 h before", "365 days after", "Where nothing but rules refused, the refusal is kept", "There is no other business key",
		}, []string{"isv.duplicate-business-key", "The ways to the premium in CNY", "Declared rate `premiumRate` |", "PREMIUM"}},
		"currencies":       {head + "currencies: [CNY, USD]\npremium: {declared: {premiumOfCny: B}}\n", []string{"converted by method B", "| B | `round(amount × rate × currencyRate)` | everything is exact, with one rounding at the end | accepted |", "Where no rate is declared there is method A alone", "In CNY there is nothing to convert"}, nil},
		"steps":            {head + "currencies: [USD]\npremium: {rate: 0.625%, round: up, minimum: 5, steps: [{name: base, value: amount * rate, round: 3}, {name: less, value: base - 1}]}\n", []string{"| 1 | `base` | `amount * rate` | the sum insured × rate | up, to 3 decimals |", "does not apply: the premium comes from steps", "converted by method A", "The least premium is `5`", "`isv.underwriting-referred:PREMIUM`"}, []string{"one of the methods"}},
		"notes":            {head + "premium: {declared: {premium: {level: note, within: 0.01}, premiumOfCny: ignore}}\nchecks: {period: {level: note, within: 2}, backdating: off, order_amount: off, identity_card: {check: checksum, level: note, masked: true}, company_license: shape}\n", []string{"| 0.01 | noted, and issued all the same |", "not checked", "within 2 days", "shape and check digit; masked numbers pass | noted", "(GB 32100-2015), by its shape; masked numbers do not pass | refused"}, nil},
		"half an hour":     {head + "checks: {backdating: {level: refuse, within: 30m, ahead: 3d}}\n", []string{"no more than 30 min before", "no more than 3 days after"}, nil},
		"not pinned":       {head + "pin_refusals: false\nrules: {HIGH: {must: amount < 5}}\n", []string{"Refusals are not kept", "| `isv.underwriting-rejected:HIGH` | a product rule refused | in vain: change it first | no |"}, nil},
		"divided":          {head + "define: {share: 'div(1, amount - 1, 2, up)'}\nrules: {ODD: {note_if: share > 1}, EVEN: {note_if: 'div(1, 2, 2, up) > 1'}}\n", []string{"`isv.underwriting-referred:ODD`", "it is referred, with"}, []string{"referred:EVEN"}},
		"divided, refused": {head + "on_error: reject\ndefine: {share: 'div(1, amount - 1, 2, up)'}\nrules: {ODD: {refer_if: share > 1, to: credit}}\n", []string{"`isv.underwriting-rejected:ODD`", "`isv.underwriting-referred:ODD`", "and the answer is not kept"}, nil},
		"a table asked":    {rated + "rules: {ODD: {note_if: rate(QUALITY) > 1%}}\n", []string{"`isv.underwriting-referred:ODD` | the rule cannot be computed"}, nil},
		"a table summed":   {rated + "premium: {rate: {sum: rate, over: insuranceTypes}}\n", []string{"a row of table `rate` is looked up", "always: the rate is a sum", "Period in days `insurePeriod`"}, []string{"underwriting-referred:PREMIUM"}},
		"a rate":           {head + "premium: {rate: 'amount > 5 ? 0.1% : 0.2%'}\n", []string{"In words: if the sum insured is above 5, then 0.1%, otherwise 0.2%."}, []string{"(if"}},
		"unique":           {head + "unique: [orderSubjectMatterInfo.subjectMatterId]\n", []string{"`isv.duplicate-business-key:orderSubjectMatterInfo.subjectMatterId`"}, nil},
		"fields":           {head + "rules: {ODD: {note_if: amount > 5, fields: [premium, currency]}, NONE: {require: attrs}}\n", []string{"**Fields named**: `premium`, `currency`", "without the object of attributes (`attrs`)", "nothing to the caller", "**Message**: the standard one"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			holdsAll(t, rulebook.New(rulebook.Source{Edition: load(t, c.edition)}).Markdown(policy.English), c.want, c.not)
		})
	}
}

// TestMasked puts a mark into every personal field of an example, and looks
// for it in the book.
func TestMasked(t *testing.T) {
	const canary = "canary-7319"
	sample, err := fs.ReadFile(products.Library(), "performance_surety_bonds/testdata/sample.json")
	if err != nil {
		t.Fatal(err)
	}
	var with []string
	for _, f := range policy.Fields() {
		if f.Personal {
			with = append(with, f.Path+": "+canary)
		}
	}
	if len(with) < 20 {
		t.Fatalf("%d personal fields", len(with))
	}
	fsys := fstest.MapFS{
		"surety/calendar.yaml": {Data: []byte("product: SURETY\neditions: [{from: 2021-01-01, edition: 1}]\n")},
		"surety/sample.json":   {Data: []byte(strings.ReplaceAll(string(sample), "PERFORMANCE_SURETY_BONDS", "SURETY"))},
		"surety/1.yaml":        {Data: []byte("product: SURETY\nedition: 1\ntitle: 履约\ncoverages: {QUALITY: Q, DELIVERY: D, APPEARANCE: A}\n")},
		"surety/1_test.yaml": {Data: []byte("product: SURETY\nedition: 1\nfixtures: {sample: sample.json}\ncases:\n  plain: {given: sample, expect: accept}\n" +
			"  personal:\n    given: sample\n    each:\n      - {" + strings.Join(with, ", ") + ", expect: accept}\n      - {amount: 5.00, expect: accept}\n")},
	}
	catalog, err := products.Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	specs, err := products.LoadSpecs(fsys, catalog)
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range languages {
		for form, text := range written(t, rulebook.Source{Edition: specs[0].Edition(), Tests: specs[0]}, lang) {
			text = strings.ReplaceAll(text, "<wbr>", "")
			if strings.Contains(text, canary) {
				t.Errorf("the %s in %s shows a personal text", form, lang)
			}
			if !strings.Contains(text, "applicantCompanyInfo.companyName") {
				t.Errorf("the %s in %s does not show the fields at all: the test looks at nothing", form, lang)
			}
		}
		if text := rulebook.New(rulebook.Source{Edition: specs[0].Edition(), Tests: specs[0]}).Markdown(policy.English); !strings.Contains(text, "the test expects something else") {
			t.Error("an example that the test does not expect passes for one that it does")
		}
	}
}

// TestFactsInWords: a book tells which facts an edition asks for, who reads
// them, and what a rule answers that lacks one; texts are never shown.
func TestFactsInWords(t *testing.T) {
	fsys := os.DirFS("../testdata/facts")
	catalog, err := products.Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	specs, err := products.LoadSpecs(fsys, catalog)
	if err != nil {
		t.Fatal(err)
	}
	text := rulebook.New(rulebook.Source{Edition: specs[0].Edition(), Tests: specs[0]}).Markdown(policy.English)
	holdsAll(t, text, []string{
		"| `facts.sellerBlocked` | yes or no | `SELLER_BLOCKED` |",
		"| `facts.sellerExposureCny` | a number that is not negative | `EXPOSURE_TOO_HIGH` |",
		"where facts.sellerBlocked holds",
		"| `isv.underwriting-referred:SELLER_BLOCKED` | the rule cannot be computed |",
		"- **`facts.sellerExposureCny`**: (not to be had)",
		"`facts.sellerExposureCny` = 1998982.01",
	}, []string{"**`facts.sellerRating`**: A"})
	holdsAll(t, text, nil, []string{"under a lock"})
	holdsAll(t, rulebook.New(rulebook.Source{Edition: surety(t, "editions: [{from: 2021-07-01, edition: 1}]").Edition("SURETY", "1")}).Markdown(policy.English), nil, []string{"### Facts"})
}

// TestInForceInWords: a book tells per what a sum in force is, and what counts.
func TestInForceInWords(t *testing.T) {
	e, err := products.LoadEdition(fstest.MapFS{"1.yaml": {Data: []byte("product: SURETY\nedition: 1\ntitle: 履约\nfacts:\n  sellerInForceCny: {in_force_per: orderSubjectMatterInfo.sellerId}\n  buyerInForceCny: {in_force_per: [orderSubjectMatterInfo.buyerId, productCode]}\n" +
		"rules:\n  SELLER_LIMIT: {reject_if: facts.sellerInForceCny + amountOfCny > 2000000}\non_error: reject\n")}}, "1.yaml")
	if err != nil {
		t.Fatal(err)
	}
	book := rulebook.New(rulebook.Source{Edition: e})
	holdsAll(t, book.Markdown(policy.English), []string{
		"| `facts.sellerInForceCny` | the sum insured in force, in CNY, for the same seller (`orderSubjectMatterInfo.sellerId`) | `SELLER_LIMIT` |",
		"for the same product and buyer (`productCode`, `orderSubjectMatterInfo.buyerId`)",
		"this application is not in it", "under a lock", "cannot be computed: refused. They never pass.",
	}, []string{"own systems"})
	holdsAll(t, book.Markdown(policy.Chinese), []string{"| `facts.sellerInForceCny` | 同一卖家的在保保额，单位为人民币元（`orderSubjectMatterInfo.sellerId`） | `SELLER_LIMIT` |", "不含本次投保", "锁内"}, []string{"自己的系统"})
}
