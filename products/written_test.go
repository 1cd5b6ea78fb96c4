package products_test

import (
	"os"
	"testing"

	"github.com/chudan-io/chudan/products"
	"github.com/chudan-io/chudan/products/productstest"
)

// TestAsWritten: the edition, calendar and tests with which the language was
// first written down load as they stand there, without a warning, and pass with
// everything seen.
func TestAsWritten(t *testing.T) {
	fsys := os.DirFS("testdata/written")
	if odd, err := products.Lint(fsys); err != nil || len(odd) > 0 {
		t.Errorf("%v, %v", odd, err)
	}
	productstest.Run(t, fsys)
}
