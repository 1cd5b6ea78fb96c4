package products_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
)

// published is the request example of the API page, as the library ships it.
func published(t testing.TB) []byte {
	t.Helper()
	data, err := fs.ReadFile(products.Library(), fixture)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// covered is a product with one rule, cut short to what tests of tests need.
const (
	coverDir  = "covers"
	coverFile = coverDir + "/1.yaml"
	coverSpec = coverDir + "/1_test.yaml"
	cover     = `product: COVERS
edition: 1
title: 保险
coverages: {QUALITY: 质量险, DELIVERY: 交期险, APPEARANCE: 外观险}
rules:
  TOO_HIGH: {reject_if: amount > 1000, message: 过高}
  NOTED: {note_if: amount > 500, message: 留意}
`
	specHead = "product: COVERS\nedition: 1\nfixtures: {sample: sample.json}\n"
)

// covers is that product with its tests. It is sold from 2099 on: tests do not
// wait for it.
func covers(t testing.TB, edition, spec string) fstest.MapFS {
	t.Helper()
	return fstest.MapFS{
		coverFile:                   {Data: []byte(edition)},
		coverSpec:                   {Data: []byte(spec)},
		coverDir + "/calendar.yaml": {Data: []byte("product: COVERS\neditions: [{from: 2099-01-01, edition: 1}]\n")},
		coverDir + "/sample.json":   {Data: []byte(strings.ReplaceAll(string(published(t)), "PERFORMANCE_SURETY_BONDS", "COVERS"))},
	}
}

// specOf loads the tests of a product of which there is one edition.
func specOf(t testing.TB, fsys fs.FS) *products.Spec {
	t.Helper()
	catalog, err := products.Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	specs, err := products.LoadSpecs(fsys, catalog)
	if err != nil || len(specs) != 1 {
		t.Fatalf("%d specs: %s", len(specs), problems(t, err).Text(policy.English))
	}
	return specs[0]
}

func TestBadFixtures(t *testing.T) {
	fsys := covers(t, cover, specHead+"cases: {a case: {given: sample, expect: accept}}\n")
	catalog, err := products.Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		json string
		want []want
	}{
		"nothing":         {"", []want{{"fixture", 1, 1}}},
		"a list":          {"[]", []want{{"fixture", 1, 1}}},
		"not JSON":        {"{\n  \"amount\": nope}", []want{{"fixture", 2, 13}}},
		"cut short":       {"{\n\"amount\": \"1\",", []want{{"fixture", 2, 15}}},
		"and more":        {"{}\n{}", []want{{"fixture", 2, 1}}},
		"a misspelt name": {"{\n\"amuont\": \"1\"}", []want{{"fixture", 2, 1}}},
		"twice":           {"{\"amount\": \"1\",\n \"amount\": \"2\"}", []want{{"fixture", 2, 2}}},
		"other case":      {`{"Amount": "1"}`, []want{{"fixture", 1, 2}}},
		"numbers":         {"{\"insurePeriod\": 40,\n\"amount\": 1018.0, \"premium\": 6}", []want{{"fixture", 2, 11}, {"fixture", 2, 30}}},
		"a boolean":       {`{"amount": true}`, []want{{"fixture", 1, 12}}},
		"an object":       {`{"amount": {}}`, []want{{"fixture", 1, 12}}},
		"no object":       {`{"attrs": "x"}`, []want{{"fixture", 1, 11}}},
		"inside":          {`{"attrs": {"x": "1"}}`, []want{{"fixture", 1, 12}}},
		"null and empty":  {`{"attrs": "", "amount": null, "insuredPersonalInfo": {}}`, nil},
		"GBK":             {"{\"amount\":\n\"\xc2\xc4\"}", []want{{"encoding", 2, 2}}},
		"byte order mark": {"\ufeff{}", []want{{"encoding", 1, 1}}},
		"over 1 MiB":      {strings.Repeat(" ", 1<<20) + "{}", []want{{"too-large", 0, 0}}},
		"deep":            {strings.Repeat("[", 1<<19), []want{{"fixture", 1, 1}}},
	} {
		t.Run(name, func(t *testing.T) {
			fsys[coverDir+"/sample.json"] = &fstest.MapFile{Data: []byte(c.json)}
			_, err := products.LoadSpecs(fsys, catalog)
			if c.want == nil && err == nil {
				return
			}
			found := problems(t, err)
			checkWanted(t, found, c.want...)
			for _, p := range found {
				if p.File != coverDir+"/sample.json" || p.Message.ZH == "" || p.Message.EN == "" {
					t.Errorf("got %+v", p)
				}
			}
		})
	}
}
