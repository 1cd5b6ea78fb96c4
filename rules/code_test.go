package rules_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chudan-io/chudan/rules"
)

// TestCodes holds the table of codes against the code that reports them: none
// is missing, none is left over, each is told in both languages.
func TestCodes(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	reports := regexp.MustCompile(`(?:\b(?:report|add|warn|wrongCell)\(|Code(?:: | = |, .* = ))"([a-z]+(?:-[a-z]+)*)"`)
	warns := regexp.MustCompile(`\bwarn\("([a-z-]+)"`)
	reported, warned := map[string]bool{}, map[string]bool{}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") || name == "code.go" {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range reports.FindAllStringSubmatch(string(text), -1) {
			reported[m[1]] = true
		}
		for _, m := range warns.FindAllStringSubmatch(string(text), -1) {
			warned[m[1]] = true
		}
	}
	for _, c := range rules.Codes() {
		if !reported[c.Code] || warned[c.Code] != c.Warning || c.When.ZH == "" || c.When.EN == "" {
			t.Errorf("%+v: reported: %t, as a warning: %t", c, reported[c.Code], warned[c.Code])
		}
		delete(reported, c.Code)
	}
	for code := range reported {
		t.Errorf("%s is not in the table, or stands there twice", code)
	}
}
