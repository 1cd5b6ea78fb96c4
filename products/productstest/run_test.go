package productstest_test

import (
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/chudan-io/chudan/products"
	"github.com/chudan-io/chudan/products/productstest"
)

func TestLibrary(t *testing.T) { productstest.Run(t, products.Library()) }

// control names the environment variable under which this binary runs tests
// that have to fail.
const control = "PRODUCTSTEST_CONTROL"

var controls = map[string]struct {
	spec string // of the library's product; "" for none
	want string // that the failing test prints
}{
	"a wrong expectation":    {"cases: {one: {given: sample, expect: refer LARGE_SUM}}\n", "verdict: want refer, got accept"},
	"below the threshold":    {"require: {rules: 100%}\ncases: {one: {given: sample, expect: accept}}\n", "below the required 100%"},
	"a skipped case":         {"cases: {one: {given: sample, expect: accept, skip: later}}\n", "skipped: later"},
	"a focused case":         {"cases: {one: {given: sample, expect: accept, only: true}}\n", "it says only"},
	"a problem in the tests": {"cases: {one: {given: sample, expect: reject LARGE_SUMS}}\n", "did you mean LARGE_SUM?"},
	"no tests at all":        {"", "there are no tests"},
}

// TestControls shows that what has to fail does. No test can do so within
// itself: each control is a run of this binary.
func TestControls(t *testing.T) {
	if name := os.Getenv(control); name != "" {
		productstest.Run(t, withSpec(t, controls[name].spec))
		return
	}
	for name, c := range controls {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command(os.Args[0], "-test.run=^TestControls$")
			cmd.Env = append(os.Environ(), control+"="+name)
			out, err := cmd.CombinedOutput()
			if err == nil || !strings.Contains(string(out), c.want) {
				t.Errorf("%v, want %q\n%s", err, c.want, out)
			}
		})
	}
}

// withSpec is the library's product with other tests.
func withSpec(t *testing.T, spec string) fs.FS {
	t.Helper()
	const dir = "performance_surety_bonds/"
	fsys := fstest.MapFS{}
	for _, name := range []string{"calendar.yaml", "2021.2.yaml", "testdata/sample.json"} {
		data, err := fs.ReadFile(products.Library(), dir+name)
		if err != nil {
			t.Fatal(err)
		}
		fsys[dir+name] = &fstest.MapFile{Data: data}
	}
	if spec != "" {
		head := "product: PERFORMANCE_SURETY_BONDS\nedition: 2021.2\nfixtures: {sample: testdata/sample.json}\n"
		fsys[dir+"2021.2_test.yaml"] = &fstest.MapFile{Data: []byte(head + spec)}
	}
	return fsys
}
