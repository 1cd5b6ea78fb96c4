package products_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
)

// seenElsewhere are the codes that no file in testdata/bad can show, with the
// test that does.
var seenElsewhere = map[string]string{
	"layout":            "TestLayout",
	"too-many-problems": "TestManyProblems",
	"encoding":          "TestBytes",
	"heading":           "TestBadSheets",
	"sheet":             "TestImportForms",
	"rounded":           "TestImportRefuses",
}

// TestCodes shows that the table of codes has no code twice, tells each in both
// languages, and that each of them is met.
func TestCodes(t *testing.T) {
	met := make(map[string]bool)
	goldens, err := filepath.Glob("testdata/bad/*.golden")
	if err != nil {
		t.Fatal(err)
	}
	headline := regexp.MustCompile(`(?m)^\S+\.yaml:\d+:\d+: (\S+) `)
	for _, name := range goldens {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range headline.FindAllStringSubmatch(string(text), -1) {
			met[m[1]] = true
		}
	}
	seen := make(map[string]bool)
	for _, c := range products.Codes() {
		if seen[c.Code] || c.When.ZH == "" || c.When.EN == "" || !regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`).MatchString(c.Code) {
			t.Errorf("%s: twice, malformed or not told in both languages", c.Code)
		}
		seen[c.Code] = true
		if test := seenElsewhere[c.Code]; !met[c.Code] && test == "" {
			t.Errorf("%s: no bad file shows it", c.Code)
		} else if met[c.Code] && test != "" {
			t.Errorf("%s: shown by a bad file as well as by %s", c.Code, test)
		}
	}
	for code := range seenElsewhere {
		if !seen[code] {
			t.Errorf("%s is not in the table", code)
		}
	}
}

// TestCaretAlignment checks the caret line by eye: in a terminal, where Han
// characters take two columns, each caret stands below its mark.
func TestCaretAlignment(t *testing.T) {
	long := ""
	for range 100 {
		long += "保额"
	}
	for name, c := range map[string]struct {
		problem products.Problem
		want    string
	}{
		"ASCII":        {products.Problem{Source: "a: bogus", Col: 4, Width: 5}, "    a: bogus\n       ^~~~~\n"},
		"Han before":   {products.Problem{Source: "保额: bogus", Col: 5, Width: 5}, "    保额: bogus\n          ^~~~~\n"},
		"Han below":    {products.Problem{Source: "a: 保额 b", Col: 4, Width: 2}, "    a: 保额 b\n       ^~~~\n"},
		"full width":   {products.Problem{Source: "（a）：b", Col: 5, Width: 1}, "    （a）：b\n           ^\n"},
		"tab":          {products.Problem{Source: "保\tx", Col: 3, Width: 1}, "    保\tx\n      \t^\n"},
		"combining":    {products.Problem{Source: "e\u0301x", Col: 3, Width: 1}, "    e\u0301x\n     ^\n"},
		"rare Han":     {products.Problem{Source: "𠮷x", Col: 2, Width: 1}, "    𠮷x\n      ^\n"},
		"end of line":  {products.Problem{Source: "a:", Col: 3, Width: 1}, "    a:\n      ^\n"},
		"control":      {products.Problem{Source: "a\x1b[2J", Col: 2, Width: 1}, "    a\ufffd[2J\n     ^\n"},
		"over the end": {products.Problem{Source: "a", Col: 9, Width: 9}, "    a\n     ^\n"},
	} {
		c.problem.File, c.problem.Line, c.problem.Code = "f.yaml", 1, "code"
		if got := c.problem.Text(policy.English); got != "f.yaml:1:"+itoa(c.problem.Col)+": code \n"+c.want {
			t.Errorf("%s:\n%s", name, got)
		}
	}
	text := products.Problem{File: "f.yaml", Line: 1, Col: 101, Width: 2, Source: long}.Text(policy.Chinese)
	if len([]rune(text)) > 250 {
		t.Errorf("a long line is not cut:\n%s", text)
	}
}

func itoa(n int) string { return string(rune('0' + n)) }
