package products_test

import (
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
)

func TestLoadCores(t *testing.T) {
	got, err := products.LoadCores("cores.yaml", []byte(`cores:
  production: {url: https://core.example.com/bookings, secret_file: core-secret, deadline: 2s, tenants: [12345678, second]}
  test: {ranges: http://127.0.0.1:9000/ranges, pool: SURETY, size: 500, secret_file: /etc/test-secret, tenants: [87654321]}
`))
	want := []products.CoreSystem{
		{Name: "production", URL: "https://core.example.com/bookings", SecretFile: "core-secret", Deadline: 2 * time.Second, Tenants: []policy.Tenant{"12345678", "second"}},
		{Name: "test", URL: "http://127.0.0.1:9000/ranges", Ranges: true, Pool: "SURETY", Size: 500, SecretFile: "/etc/test-secret", Tenants: []policy.Tenant{"87654321"}},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestLoadCoresRefuses(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"nothing":          {"", "document"},
		"none":             {"cores: {}", "empty"},
		"another key":      {"core: {}", "unknown-key"},
		"no tenants":       {"cores:\n  a: {url: https://c.example/, secret_file: s}", "missing-key"},
		"no secret":        {"cores:\n  a: {url: https://c.example/, tenants: [t]}", "missing-key"},
		"neither":          {"cores:\n  a: {secret_file: s, tenants: [t]}", "missing-key"},
		"both":             {"cores:\n  a: {url: https://c.example/, ranges: https://c.example/, secret_file: s, tenants: [t]}", "missing-key"},
		"a pool alone":     {"cores:\n  a: {url: https://c.example/, pool: P, secret_file: s, tenants: [t]}", "unknown-key"},
		"no address":       {"cores:\n  a: {url: c.example, secret_file: s, tenants: [t]}", "name"},
		"a long deadline":  {"cores:\n  a: {url: https://c.example/, deadline: 1m, secret_file: s, tenants: [t]}", "name"},
		"a tenant twice":   {"cores:\n  a: {url: https://c.example/a, secret_file: s, tenants: [t]}\n  b: {url: https://c.example/b, secret_file: s, tenants: [t]}", "duplicate"},
		"an address twice": {"cores:\n  a: {url: https://c.example/, secret_file: s, tenants: [t]}\n  b: {url: https://c.example/, secret_file: s, tenants: [u]}", "duplicate"},
		"a pool twice":     {"cores:\n  a: {ranges: https://c.example/, pool: P, secret_file: s, tenants: [t]}\n  b: {ranges: https://c.example/, pool: P, secret_file: s, tenants: [u]}", "duplicate"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := products.LoadCores("cores.yaml", []byte(c.text))
			var problems products.Problems
			if !errors.As(err, &problems) {
				t.Fatalf("got %v", err)
			}
			var codes []string
			for _, p := range problems {
				codes = append(codes, p.Code)
			}
			if !strings.Contains(strings.Join(codes, " "), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

// TestDocumentedCores: the file that docs/core.md shows is one.
func TestDocumentedCores(t *testing.T) {
	text, err := os.ReadFile("../docs/core.md")
	if err != nil {
		t.Fatal(err)
	}
	_, from, _ := strings.Cut(string(text), "```\ncores:\n")
	block, _, _ := strings.Cut(from, "```")
	if got, err := products.LoadCores("cores.yaml", []byte("cores:\n"+block)); err != nil || len(got) != 2 {
		t.Errorf("%+v, %v", got, err)
	}
}
