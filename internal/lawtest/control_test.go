package lawtest_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestControl shows every check what it is there to find, and what it must leave alone.
func TestControl(t *testing.T) {
	const m = module + "/"
	cases := []struct {
		name  string
		check string
		file  string
		text  string
		want  []string // how each finding begins, in order; none: all is well
	}{
		{"a library that the row names", "imports of code", "rules/a.go", imports(m+"policy", "github.com/expr-lang/expr/vm", "fmt"), nil},
		{"a library of another row", "imports of code", "policy/a.go", imports("gopkg.in/yaml.v3"), at("policy/a.go:3")},
		{"a library that only begins the same", "imports of code", "rules/a.go", imports("github.com/expr-lang/expression"), at("rules/a.go:3")},
		{"the floor below", "imports of code", "policy/a.go", imports(m + "policy/money"), nil},
		{"the floor above", "imports of code", "policy/a.go", imports("fmt", m+"rules"), at("policy/a.go:4")},
		{"money knows no policy", "imports of code", "policy/money/a.go", imports(m + "policy"), at("policy/money/a.go:3")},
		{"an adapter imports another", "imports of code", "adapters/qimen/a.go", imports(m + "adapters/sqlite"), at("adapters/qimen/a.go:3")},
		{"an adapter imports the suite", "imports of code", "adapters/sqlite/a.go", imports(m + "adapters/storetest"), at("adapters/sqlite/a.go:3")},
		{"an adapter imports the brokers' suite", "imports of code", "adapters/queue/nats/a.go", imports(m + "adapters/queue/queuetest"), at("adapters/queue/nats/a.go:3")},
		{"a broker imports another one", "imports of code", "adapters/queue/nats/a.go", imports(m + "adapters/queue/kafka"), at("adapters/queue/nats/a.go:3")},
		{"a broker imports its parent", "imports of code", "adapters/queue/nats/a.go", imports(m + "adapters/queue"), nil},
		{"a test imports its parent", "imports of adapters' tests", "adapters/queue/nats/a_test.go", imports(m+"adapters/queue", m+"adapters/queue/queuetest"), nil},
		{"a test imports a broker that is not its own", "imports of adapters' tests", "adapters/sqlite/a_test.go", imports(m + "adapters/queue/kafka"), at("adapters/sqlite/a_test.go:3")},
		{"the command imports the suite", "imports of code", "cmd/chudan/a.go", imports(m + "adapters/storetest"), at("cmd/chudan/a.go:3")},
		{"the command wires", "imports of code", "cmd/chudan/a.go", imports(m+"adapters/sqlite", m+"products", "github.com/spf13/cobra"), nil},
		{"the command reads YAML", "imports of code", "cmd/chudan/a.go", imports("gopkg.in/yaml.v3"), at("cmd/chudan/a.go:3")},
		{"expr beside rules", "imports of code", "products/a.go", imports("github.com/expr-lang/expr"), at("products/a.go:3")},
		{"a package without a row", "imports of code", "stray/a.go", imports(m + "policy"), at("stray/a.go:3")},
		{"a stray package of the standard library only", "imports of code", "stray/a.go", imports("fmt"), nil},
		{"a package below another has a row of its own", "imports of code", "rules/deep/a.go", imports("github.com/expr-lang/expr"), at("rules/deep/a.go:3")},
		{"cgo", "imports of code", "cmd/chudan/a.go", imports("C"), at("cmd/chudan/a.go:3")},
		{"code for another platform", "imports of code", "policy/a_windows.go", "//go:build windows\n\n" + imports("gopkg.in/yaml.v3"), at("policy/a_windows.go:5")},
		{"tests are exempt", "imports of code", "policy/a_test.go", imports("gopkg.in/yaml.v3"), nil},
		{"test data is no code", "imports of code", "policy/testdata/a.go", imports("gopkg.in/yaml.v3"), nil},

		{"a test imports another adapter", "imports of adapters' tests", "adapters/qimen/a_test.go", imports(m + "adapters/memory"), at("adapters/qimen/a_test.go:3")},
		{"a test imports the suite", "imports of adapters' tests", "adapters/sqlite/a_test.go", imports(m+"adapters/sqlite", m+"adapters/storetest"), nil},
		{"a test of the command imports two", "imports of adapters' tests", "cmd/chudan/a_test.go", imports(m+"adapters/sqlite", m+"adapters/qimen"), nil},

		{"I/O in the core", "the core is pure", "policy/a.go", imports("os/exec", "net/http", "net/url", "io/fs", "io", "database/sql/driver"),
			at("policy/a.go:3", "policy/a.go:4", "policy/a.go:6", "policy/a.go:8")},
		{"I/O in an adapter", "the core is pure", "adapters/qimen/a.go", imports("net/http"), nil},
		{"the clock, called", "the core is pure", "rules/a.go", "package a\n\nimport \"time\"\n\nvar X = time.Now()\n", at("rules/a.go:5: time.Now ")},
		{"the clock, handed on", "the core is pure", "rules/a.go", "package a\n\nimport \"time\"\n\nvar X = time.Since\n", at("rules/a.go:5: time.Since ")},
		{"the clock under another name", "the core is pure", "policy/money/a.go", "package a\n\nimport c \"time\"\n\nvar X = c.Now()\n", at("policy/money/a.go:5: time.Now ")},
		{"a fixed zone", "the core is pure", "policy/a.go", "package a\n\nimport \"time\"\n\nvar X = time.FixedZone(\"\", 0)\n", nil},
		{"something else called time", "the core is pure", "policy/a.go", "package a\n\nfunc f(time clock) { time.Now() }\n", nil},
		{"the clock in products", "the core is pure", "products/a.go", "package a\n\nimport \"time\"\n\nvar X = time.Now()\n", nil},

		{"init", "no init", "cmd/chudan/a.go", "package main\n\nfunc init() {}\n", at("cmd/chudan/a.go:3")},
		{"a method called init", "no init", "policy/a.go", "package a\n\nfunc (t T) init() {}\n", nil},

		{"panic", "no panic outside Must", "policy/a.go", "package a\n\nfunc F() {\n\tpanic(1)\n}\n", at("policy/a.go:4")},
		{"panic in a variable", "no panic outside Must", "policy/a.go", "package a\n\nvar f = func() { panic(1) }\n", at("policy/a.go:3")},
		{"panic in Must and must", "no panic outside Must", "policy/a.go", "package a\n\nfunc MustF() { panic(1) }\n\nfunc mustF() { panic(1) }\n", nil},
		{"panic in Mustard", "no panic outside Must", "policy/a.go", "package a\n\nfunc Mustard() { panic(1) }\n", at("policy/a.go:3")},
		{"panic in the suite, which is test code", "no panic outside Must", "adapters/storetest/a.go", "package a\n\nfunc F() { panic(1) }\n", nil},
		{"panic in a test", "no panic outside Must", "policy/a_test.go", "package a\n\nfunc F() { panic(1) }\n", nil},

		{"a vague name", "names of packages", "internal/util/a.go", "package util\n", at("internal/util: ")},
		{"a vague directory", "names of packages", "policy/common/a.go", "package policycommon\n", at("policy/common: ")},

		{"60 names", "size of packages", "rules/a.go", names(60), nil},
		{"61 names", "size of packages", "rules/a.go", names(61), at("rules exports 61 names, 1 more than 60")},
		{"60 names and a block of constants", "size of packages", "rules/a.go", names(60) + "const (\n\tOne = 1\n\tTwo = 2\n)\n", at("rules exports 61 names")},
		{"61 names of the binary", "size of packages", "cmd/chudan/a.go", strings.Replace(names(61), "package a", "package main", 1), nil},

		{"400 lines", "size of files", "policy/a.go", lines(400), nil},
		{"401 lines", "size of files", "policy/a.go", lines(401), at("policy/a.go has 401 lines")},
		{"401 lines of a test", "size of files", "policy/a_test.go", lines(401), nil},
		{"401 generated lines", "size of files", "policy/a.go", "// Code generated by a control. DO NOT EDIT.\n\n" + lines(401), nil},
	}
	shown := map[string]bool{}
	for _, c := range cases {
		shown[c.check] = shown[c.check] || len(c.want) > 0
		t.Run(c.check+"/"+c.name, func(t *testing.T) {
			dir := t.TempDir()
			file := filepath.Join(dir, filepath.FromSlash(c.file))
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			tree, err := parse(os.DirFS(dir), module)
			if err != nil {
				t.Fatal(err)
			}
			i := slices.IndexFunc(checks, func(k check) bool { return k.name == c.check })
			if i < 0 {
				t.Fatalf("no check is called %q", c.check)
			}
			got := checks[i].run(tree)
			if !slices.EqualFunc(got, c.want, strings.HasPrefix) {
				t.Errorf("found %q\nwant the beginnings %q", got, c.want)
			}
		})
	}
	for _, k := range checks {
		if !shown[k.name] {
			t.Errorf("the check %q has no control: nobody knows whether it can fail", k.name)
		}
	}
}

func at(prefixes ...string) []string { return prefixes }

// imports is a file whose first import is on line 3, the next on line 4.
func imports(paths ...string) string {
	var b strings.Builder
	b.WriteString("package a\n\n")
	for _, p := range paths {
		fmt.Fprintf(&b, "import %q\n", p)
	}
	return b.String()
}

func names(n int) string {
	var b strings.Builder
	b.WriteString("package a\n\nvar unexported int\n\nfunc (t T1) Method() {}\n\n")
	for i := range n {
		fmt.Fprintf(&b, []string{"type T%d int\n", "func T%d() {}\n", "const T%d = 1\n", "var x%[1]d, T%[1]d int\n"}[i%4], i)
	}
	return b.String()
}

func lines(n int) string { return "package a\n" + strings.Repeat("\n", n-1) }
