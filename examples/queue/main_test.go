package main

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestRun: the example does what its README says.
func TestRun(t *testing.T) {
	var out bytes.Buffer
	if err := run(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(out.String(), "\n")
	for i, want := range []string{
		`^order-1: a request$`, `^  -> order-1: \{"success":"true",.*"policyNo":"PBDI20210804000000016"`,
		`^order-2: `, `^  -> order-2: \{"success":"true",.*"policyNo":"PBDI20210804000000016"`,
		`^order-3: `, `^  -> order-3: .*isv\.idempotent-parameter-mismatch`,
		`^order-4: `, `^  -> order-4: .*isv\.duplicate-business-key`,
		`^order-5: `, `^  -> order-5: .*isv\.invalid-parameter`,
		`^event`, `^  -> \{"specversion":"1\.0","id":"[0-9a-f]{32}","source":"/chudan/shop","type":"policy\.issued"`,
	} {
		if i >= len(lines) || !regexp.MustCompile(want).MatchString(lines[i]) {
			t.Errorf("line %d is not %s:\n%s", i+1, want, out.String())
			break
		}
	}
	published, err := os.ReadFile("../requests/performance-surety-bond.json")
	if err != nil || !bytes.Equal(published, request) {
		t.Errorf("request.json is not the published request any more (%v)", err)
	}
}
