package products_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
	"github.com/chudan-io/chudan/products/productstest"
)

// TestFacts: an edition whose rules read facts loads without a warning, and its
// tests state facts and pass with everything seen.
func TestFacts(t *testing.T) {
	fsys := os.DirFS("testdata/facts")
	if odd, err := products.Lint(fsys); err != nil || len(odd) > 0 {
		t.Errorf("%v, %v", odd, err)
	}
	productstest.Run(t, fsys)
}

// factual is the edition, and the request of its tests.
func factual(t *testing.T) (*products.Catalog, *policy.Request) {
	t.Helper()
	fsys := os.DirFS("testdata/facts")
	c, err := products.Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	specs, err := products.LoadSpecs(fsys, c)
	if err != nil {
		t.Fatal(err)
	}
	r := *specs[0].Examples()[0].Decision.Application.Request
	return c, &r
}

// TestFactsNotToBeHad: a rule that comes to read a fact which is lacking or
// malformed is neither held nor failed; one that need not read it is not kept
// from it.
func TestFactsNotToBeHad(t *testing.T) {
	c, r := factual(t)
	all := policy.Facts{"sellerBlocked": "false", "sellerExposureCny": "0", "sellerRating": "A"}
	for name, x := range map[string]struct {
		fact, text string
		want       []string
	}{
		"all there":             {"sellerBlocked", "false", nil},
		"a bool lacking":        {"sellerBlocked", "", []string{"SELLER_BLOCKED"}},
		"a bool malformed":      {"sellerBlocked", "TRUE", []string{"SELLER_BLOCKED"}},
		"an amount lacking":     {"sellerExposureCny", "", []string{"EXPOSURE_TOO_HIGH"}},
		"an amount malformed":   {"sellerExposureCny", "1,000", []string{"EXPOSURE_TOO_HIGH"}},
		"an amount of NaN":      {"sellerExposureCny", "NaN", []string{"EXPOSURE_TOO_HIGH"}},
		"a text lacking":        {"sellerRating", "", []string{"RATING_TOO_LOW"}},
		"a text that is no one": {"sellerRating", "A\n", []string{"RATING_TOO_LOW"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := *r
			r.Facts = policy.Facts{}
			for n, v := range all {
				r.Facts[n] = v
			}
			if r.Facts[x.fact] = x.text; x.text == "" {
				delete(r.Facts, x.fact)
			}
			d, err := policy.Decide(c, &r)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range d.Faults {
				got = append(got, f.Code)
				if f.Kind != policy.KindReferred || f.Err == nil {
					t.Errorf("%+v is no trouble that refers", f)
				}
			}
			if !slices.Equal(got, x.want) {
				t.Errorf("faults %v, want %v", got, x.want)
			}
		})
	}
}

// TestFactsInTraces: a trace shows what a rule was told, but for texts, which
// may be personal; no message and no error shows them either.
func TestFactsInTraces(t *testing.T) {
	c, r := factual(t)
	r.Facts = policy.Facts{"sellerBlocked": "true", "sellerExposureCny": "7654321", "sellerRating": "canary-7c1f"}
	x, err := products.Explain(c, r)
	if err != nil {
		t.Fatal(err)
	}
	text := x.Rules.Text(policy.English)
	for _, want := range []string{"facts.sellerBlocked → true", "facts.sellerExposureCny → 7654321", `facts.sellerRating → "***"`, "7654321 of it is in force"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
	told := text + x.Decision.Faults.Message(policy.English, "") + x.Decision.Faults.Message(policy.Chinese, "")
	r.Facts = nil
	if x, err = products.Explain(c, r); err != nil {
		t.Fatal(err)
	}
	text = x.Rules.Text(policy.English)
	if !strings.Contains(text, "facts.sellerBlocked → (could not be computed)") || !strings.Contains(text, "facts.sellerRating is not to be had") || !strings.Contains(text, "facts.sellerRating → (could not be computed)") {
		t.Errorf("no word of what is lacking in\n%s", text)
	}
	if strings.Contains(told+text, "canary") {
		t.Errorf("a text is shown:\n%s", told)
	}
}

// TestFactsStated: what a case states is held against what the edition declares.
func TestFactsStated(t *testing.T) {
	for name, x := range map[string]struct{ facts, with, code string }{
		"as declared":          {"{sellerBlocked: 'true', sellerExposureCny: 12.50, sellerRating: 5}", "facts.sellerRating: ~", ""},
		"misspelt":             {"{sellerBlokked: true}", "", "unknown-field"},
		"misspelt in with":     {"{}", "facts.sellerBlokked: true", "unknown-field"},
		"no bool":              {"{sellerBlocked: yes}", "", "value"},
		"a bool as a number":   {"{sellerBlocked: 1}", "", "value"},
		"no amount":            {"{sellerExposureCny: 1e6}", "", "value"},
		"an amount below zero": {"{}", "facts.sellerExposureCny: -1", "value"},
		"nothing":              {"{sellerBlocked: }", "", "empty"},
		"a list":               {"{sellerBlocked: [true]}", "", "type"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := "performance_surety_bonds/"
			fsys := fstest.MapFS{}
			for _, file := range []string{"2021.3.yaml", "calendar.yaml", "testdata/sample.json"} {
				data, err := os.ReadFile("testdata/facts/" + dir + file)
				if err != nil {
					t.Fatal(err)
				}
				fsys[dir+file] = &fstest.MapFile{Data: data}
			}
			fsys[dir+"2021.3_test.yaml"] = &fstest.MapFile{Data: []byte("product: PERFORMANCE_SURETY_BONDS\nedition: 2021.3\nfixtures: {sample: testdata/sample.json}\nfacts: " + x.facts +
				"\ncases: {one: {given: sample, with: {" + x.with + "}, expect: accept}}\n")}
			c, err := products.Load(fsys)
			if err != nil {
				t.Fatal(err)
			}
			_, err = products.LoadSpecs(fsys, c)
			if x.code == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if found := problems(t, err); len(found) != 1 || found[0].Code != x.code {
				t.Errorf("got %s, want %s", found.Text(policy.English), x.code)
			}
		})
	}
}
