package products_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
)

func TestCores(t *testing.T) {
	got, err := products.LoadCores("cores.yaml", []byte(`
cores:
  production: {url: https://core.example/bookings, secret_file: /etc/chudan/core-secret, deadline: 3s, tenants: [12345678]}
  test: {url: "http://[::1]:8090/bookings", secret_file: test-secret, tenants: 87654321}
  blocks: {ranges: https://core.example/ranges, pool: SURETY, secret_file: s, deadline: 800ms, tenants: [1, shop]}
  cargo: {ranges: https://core.example/ranges, pool: CARGO, size: 50, secret_file: s, tenants: [2]}
`))
	want := []products.CoreSystem{
		{Name: "production", URL: "https://core.example/bookings", SecretFile: "/etc/chudan/core-secret", Deadline: 3 * time.Second, Tenants: []policy.Tenant{"12345678"}},
		{Name: "test", URL: "http://[::1]:8090/bookings", SecretFile: "test-secret", Tenants: []policy.Tenant{"87654321"}},
		{Name: "blocks", Ranges: "https://core.example/ranges", Pool: "SURETY", Size: 1000, SecretFile: "s", Deadline: 800 * time.Millisecond, Tenants: []policy.Tenant{"1", "shop"}},
		{Name: "cargo", Ranges: "https://core.example/ranges", Pool: "CARGO", Size: 50, SecretFile: "s", Tenants: []policy.Tenant{"2"}},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
}
