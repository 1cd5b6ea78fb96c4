package products_test

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/chudan-io/chudan/policy"
)

// stale are expectations in all the ways in which they are written, right and
// wrong, among comments that stay.
const stale = `# 注释
product: COVERS
edition: 1
fixtures: {sample: sample.json}   # the page's
cases:
  right: {given: sample, expect: reject TOO_HIGH NOTED}   # stays
  short: {given: sample, expect: accept}   # 保额
  quoted: {expect: 'accept', given: sample}
  kinds: {given: sample, with: {premium: ~, premiumOfCny: ~}, expect: accept}
  shared: {given: sample, expect: accept, each: [{amount: 1018.00}]}
  rows:
    given: sample
    fill: declared
    each:
      - {amount: 500, expect: note NOTED}
      - {amount: 600, expect: {verdict: accept, premium: 3.76}}
  long:
    given: sample
    expect:   # before
      verdict: accept
      premium: 6.37
      rate: 0.624%
      premiumOfCny: 6.37
      allocation: {QUALITY: 6.36}   # never
  flow:
    given: sample
    expect: {
      verdict: refer, # why
      faults: [
        {code: TOO_HIGH, path: amount},   # why not
        NOTED ]
      }
  last: {given: sample, expect: refer TOO_HIGH}
`

// TestUpdate rewrites expectations, and finds that what it wrote is right.
func TestUpdate(t *testing.T) {
	for name, spec := range map[string]string{"LF": stale, "CRLF": strings.ReplaceAll(stale, "\n", "\r\n")} {
		t.Run(name, func(t *testing.T) {
			fsys := covers(t, cover, spec)
			tests := specOf(t, fsys)
			got, count := tests.Update(tests.Run(nil))
			if count != 8 {
				t.Errorf("rewrote %d expectations, want 8", count)
			}
			fsys[coverSpec] = &fstest.MapFile{Data: got}
			for _, c := range specOf(t, fsys).Run(nil).Cases {
				if !c.OK() && c.Name != "shared/1" {
					t.Error("\n" + c.Text(policy.English))
				}
			}
			again := specOf(t, fsys)
			if same, count := again.Update(again.Run(nil)); count != 0 || string(same) != string(got) {
				t.Errorf("rewrote %d expectations twice", count)
			}
			if name == "CRLF" {
				got = []byte(strings.ReplaceAll(string(got), "\r\n", "\n"))
			} else if strings.Contains(string(got), "\r") {
				t.Error("other line ends")
			}
			const golden = "testdata/update.golden"
			if *update {
				if err := os.WriteFile(golden, got, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if want, err := os.ReadFile(golden); err != nil || string(got) != string(want) {
				t.Errorf("got:\n%s\nwant:\n%s (%v)", got, want, err)
			}
		})
	}
}
