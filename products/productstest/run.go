// Package productstest runs the tests that stand beside products in YAML as
// tests of Go:
//
//	func TestProducts(t *testing.T) { productstest.Run(t, os.DirFS("products")) }
package productstest

import (
	"errors"
	"io/fs"
	"testing"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
)

// Run loads the products of a directory and their tests, and runs each case
// as a subtest: product/edition/case. Problems of the files fail the test, a
// case that is skipped or focused does, and so does coverage below what the
// tests of an edition require. A directory without tests fails too.
func Run(t *testing.T, fsys fs.FS) {
	t.Helper()
	catalog, err := products.Load(fsys)
	if err != nil {
		t.Fatal(told(err))
	}
	specs, err := products.LoadSpecs(fsys, catalog)
	if err != nil {
		t.Fatal(told(err))
	}
	if len(specs) == 0 {
		t.Fatal("there are no tests: want <edition>_test.yaml beside an edition")
	}
	for _, s := range specs {
		report := s.Run(nil)
		t.Run(report.Product+"/"+report.Edition, func(t *testing.T) { show(t, report) })
	}
}

// show makes a subtest of each case, and one of the coverage.
func show(t *testing.T, r products.Report) {
	for _, c := range r.Cases {
		t.Run(c.Name, func(t *testing.T) {
			if !c.OK() {
				t.Error("\n" + c.Text(policy.English))
			}
		})
	}
	t.Run("coverage", func(t *testing.T) {
		for _, c := range r.Coverage {
			if c.Below() {
				t.Error("\n" + c.Text(policy.English))
			} else {
				t.Log("\n" + c.Text(policy.English))
			}
		}
	})
}

// told is all that an error has to say: every problem, with its place.
func told(err error) string {
	var problems products.Problems
	if errors.As(err, &problems) {
		return "\n" + problems.Text(policy.English)
	}
	return err.Error()
}
