package products_test

import (
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
)

// many is a directory with the library's product under n codes.
func many(t testing.TB, n int) fstest.MapFS {
	t.Helper()
	fsys := fstest.MapFS{}
	for _, name := range []string{edition, listing} {
		data, err := fs.ReadFile(products.Library(), name)
		if err != nil {
			t.Fatal(err)
		}
		for i := range n {
			code := fmt.Sprintf("SURETY_%04d", i)
			text := strings.ReplaceAll(string(data), "PERFORMANCE_SURETY_BONDS", code)
			fsys[strings.Replace(name, bondDir, strings.ToLower(code), 1)] = &fstest.MapFile{Data: []byte(text)}
		}
	}
	return fsys
}

// TestThousandProducts loads 1,000 products within the time that a start may
// take, many times over on a slow machine.
func TestThousandProducts(t *testing.T) {
	if testing.Short() {
		t.Skip("nothing runs beside it: make test has it")
	}
	begin := time.Now()
	catalog, err := products.Load(many(t, 1000))
	if err != nil || len(catalog.Editions()) != 1000 {
		t.Fatal(err)
	}
	if took := time.Since(begin); took > 20*time.Second {
		t.Errorf("1,000 products took %s", took)
	}
}

// BenchmarkLoad prints what one product costs in time, and in memory that stays.
func BenchmarkLoad(b *testing.B) {
	const n = 1000
	fsys := many(b, n)
	before := heap()
	catalog, err := products.Load(fsys)
	if err != nil {
		b.Fatal(err)
	}
	kept := heap() - before
	runtime.KeepAlive(catalog)
	for b.Loop() {
		if _, err := products.Load(fsys); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/product")
	b.ReportMetric(float64(kept)/n, "B/product")
}

// BenchmarkLint prints what it costs to lint one of 1,000 products.
func BenchmarkLint(b *testing.B) {
	const n = 1000
	fsys := many(b, n)
	b.ReportAllocs()
	for b.Loop() {
		if odd, err := products.Lint(fsys); err != nil || len(odd) > 0 {
			b.Fatal(err, odd)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/product")
}

// heap is what is in use once the garbage is gone; the second turn is for what
// pools kept back.
func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// BenchmarkProduct shows that a lookup does not care how many products there
// are.
func BenchmarkProduct(b *testing.B) {
	at := time.Date(2021, 8, 4, 15, 23, 28, 0, policy.Zone())
	for _, n := range []int{1, 1000} {
		b.Run(fmt.Sprintf("%d products", n), func(b *testing.B) {
			catalog, err := products.Load(many(b, n))
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := catalog.Product("SURETY_0000", at, at); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkDecide decides the published request under the library's product.
func BenchmarkDecide(b *testing.B) {
	catalog, request := library(b), sample(b, nil)
	b.ReportAllocs()
	for b.Loop() {
		if d, err := policy.Decide(catalog, request); err != nil || d.Verdict() != policy.Accept {
			b.Fatal(err)
		}
	}
}

// BenchmarkExamine reads, loads and tests the library; BenchmarkCurrent looks
// whether anything has changed.
func BenchmarkExamine(b *testing.B) {
	for b.Loop() {
		if _, err := products.Examine(b.Context(), products.Library()); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCurrent(b *testing.B) {
	c, err := products.Examine(b.Context(), os.DirFS("library"))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if !c.Current() {
			b.Fatal("changed")
		}
	}
}
