package products_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
)

func TestFactSystems(t *testing.T) {
	data := []byte(`
facts:
  production: {url: https://risk.example/facts, secret_file: /etc/chudan/facts-secret, deadline: 800ms}
  test: {url: "http://127.0.0.1:8090/facts", secret_file: test-secret, deadline: 2s, tenants: 87654321}
  shops: {url: https://risk.example/facts, secret_file: s, tenants: [1, shop]}
`)
	want := []products.FactSystem{
		{Name: "production", URL: "https://risk.example/facts", SecretFile: "/etc/chudan/facts-secret", Deadline: 800 * time.Millisecond},
		{Name: "test", URL: "http://127.0.0.1:8090/facts", SecretFile: "test-secret", Deadline: 2 * time.Second, Tenants: []policy.Tenant{"87654321"}},
		{Name: "shops", URL: "https://risk.example/facts", SecretFile: "s", Tenants: []policy.Tenant{"1", "shop"}},
	}
	for name, apps := range map[string][]policy.Tenant{"any apps": nil, "apps that are told": {"shop", "1", "87654321", "9"}} {
		if got, err := products.LoadFactSystems("facts.yaml", data, apps...); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}
