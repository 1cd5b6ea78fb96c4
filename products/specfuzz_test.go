package products_test

import (
	"errors"
	"testing"
	"testing/fstest"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
)

// FuzzSpec loads any tests, runs and rewrites them: nothing panics, what is
// wrong is told with a place, and what was rewritten loads and then passes.
func FuzzSpec(f *testing.F) {
	f.Add([]byte(stale), published(f))
	f.Add([]byte(wrong), []byte(`{"amount":"1"}`))
	f.Add([]byte(casesSheet), []byte("{}"))
	catalog, err := products.Load(covers(f, cover, stale))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, spec, request []byte) {
		fsys := fstest.MapFS{
			coverSpec:                 {Data: spec},
			coverDir + "/sample.json": {Data: request},
			coverDir + "/limits.csv":  {Data: []byte("amount,expect\n1,accept\n")},
		}
		specs, err := products.LoadSpecs(fsys, catalog)
		if found := (products.Problems)(nil); errors.As(err, &found) {
			for _, p := range found {
				if p.Code == "" || p.Message.ZH == "" || p.Message.EN == "" || p.Width < 1 {
					t.Errorf("%+v", p)
				}
			}
			return
		}
		report := specs[0].Run(nil)
		_ = report.Text(policy.Chinese)
		if _, err := (products.Reports{report}).JUnit(policy.English); err != nil {
			t.Error(err)
		}
		text, count := specs[0].Update(report)
		if count == 0 {
			return
		}
		fsys[coverSpec] = &fstest.MapFile{Data: text}
		again, err := products.LoadSpecs(fsys, catalog)
		if err != nil {
			t.Fatalf("%s\n%s", problems(t, err).Text(policy.English), text)
		}
		after := again[0].Run(nil)
		if _, left := again[0].Update(after); left > 0 {
			t.Errorf("%s\n%s", after.Text(policy.English), text)
		}
	})
}
