package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chudan-io/chudan/adapters/core"
	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
)

// coresFile writes a file of core systems beside a secret.
func coresFile(t *testing.T, yaml, secret string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "secret"), []byte(secret), 0o600); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "cores.yaml")
	if err := os.WriteFile(path, []byte(yaml), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const (
	someCores = `cores:
  production: {url: https://core.example/bookings, secret_file: secret, deadline: 5s, tenants: [12345678, 23456789]}
  test: {ranges: "http://127.0.0.1:9/ranges", pool: TEST, secret_file: secret, tenants: [87654321]}
`
	someSecrets = "# from 2026 on\r\n0123456789abcdef0123456789abcdef\r\n\nfedcba9876543210fedcba9876543210\n"
)

// openCores opens the core systems of a file for these callers; none may be
// anybody.
func openCores(path string, callers ...policy.Tenant) (map[policy.Tenant]policy.Core, error) {
	h := new(house)
	err := h.openCores(&options{cores: path, known: callers, callers: callers})
	return h.cores, err
}

func TestLoadCores(t *testing.T) {
	cores, err := openCores(coresFile(t, someCores, someSecrets))
	if err != nil || len(cores) != 3 {
		t.Fatalf("%d cores, %v", len(cores), err)
	}
	hook, books := cores["12345678"].Booker.(*core.Hook)
	if !books || cores["23456789"].Booker != hook || cores["12345678"].Deadline != 5*time.Second {
		t.Errorf("%+v", cores)
	}
	if _, hands := cores["87654321"].Booker.(*core.Ranges); !hands || cores["87654321"].Deadline != 0 {
		t.Errorf("%+v", cores["87654321"])
	}
	if cores, err := openCores(""); err != nil || len(cores) != 0 {
		t.Errorf("without a file: %v, %v", cores, err)
	}
}

func TestLoadCoresMistakes(t *testing.T) {
	const private = "hunter2hunter2 hunter2hunter2"
	for name, c := range map[string]struct {
		yaml, secret string
		code         int
	}{
		"a problem of the file":     {"cores: {a: {url: https://core.example/}}", someSecrets, exitLoad},
		"a tenant in two":           {strings.Replace(someCores, "87654321", "12345678", 1), someSecrets, exitLoad},
		"no secret file":            {strings.Replace(someCores, "secret_file: secret", "secret_file: other", 1), someSecrets, exitUsage},
		"an empty secret file":      {someCores, "# none\n", exitUsage},
		"a short secret":            {someCores, private[:7], exitUsage},
		"two secrets on a line":     {someCores, private, exitUsage},
		"a secret of other letters": {someCores, "密钥密钥密钥密钥密钥", exitUsage},
	} {
		_, err := openCores(coresFile(t, c.yaml, c.secret))
		var ended *failure
		var problems products.Problems
		switch {
		case c.code == exitLoad && !errors.As(err, &problems):
			t.Errorf("%s: %v", name, err)
		case c.code == exitUsage && (!errors.As(err, &ended) || ended.code != exitUsage || ended.text.ZH == "" || strings.Contains(ended.text.EN, private[:7])):
			t.Errorf("%s: %v", name, err)
		}
	}
	path := coresFile(t, someCores, someSecrets)
	var problems products.Problems
	if _, err := openCores(path, "12345678", "23456789"); !errors.As(err, &problems) || len(problems) != 1 || problems[0].Code != "unknown-tenant" {
		t.Errorf("a core system of nobody's: %v", err)
	}
	if _, err := openCores(path, "12345678", "23456789", "87654321", "9"); err != nil {
		t.Errorf("an app without a core system: %v", err)
	}
	var ended *failure
	if err := new(house).openCores(&options{cores: path, callers: []policy.Tenant{"local"}}); !errors.As(err, &ended) || ended.code != exitUsage {
		t.Errorf("core systems of others only: %v", err)
	}
	if err := os.Chmod(filepath.Join(filepath.Dir(path), "secret"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := openCores(path); err == nil {
		t.Error("a secret that everybody can read is taken")
	}
	if _, err := openCores(path + "x"); err == nil {
		t.Error("a file that is not there is read")
	}
}
