package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"github.com/chudan-io/chudan/adapters/core"
	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
)

// loadCores reads the core systems that book policies, by tenant; "" is none:
// all numbers are chudan's own.
func loadCores(path string) (map[policy.Tenant]policy.Core, error) {
	if path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	systems, err := products.LoadCores(path, text)
	if err != nil {
		return nil, err
	}
	cores := make(map[policy.Tenant]policy.Core)
	for _, s := range systems {
		booker, err := openCore(s, filepath.Dir(path))
		if err != nil {
			return nil, err
		}
		for _, tenant := range s.Tenants {
			cores[tenant] = policy.Core{Booker: booker, Deadline: s.Deadline}
		}
	}
	return cores, nil
}

// openCore makes what books policies in a core system. It calls nobody yet. A
// secret file is found beside the file that names it.
func openCore(s products.CoreSystem, dir string) (policy.Booker, error) {
	path := s.SecretFile
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	text, err := readSecret(path)
	if err != nil {
		return nil, err
	}
	secrets, err := parseCoreSecrets(text)
	if err != nil {
		return nil, usage("核心系统 %[1]s 的密钥文件 %[2]s 有误：%[3]v", "the secret file of the core system %[1]s, %[2]s: %[3]v", s.Name, path, err)
	}
	hook, err := core.New(core.Config{URL: s.URL + s.Ranges, Secrets: secrets})
	if err != nil {
		return nil, usage("核心系统 %[1]s 有误：%[2]v", "the core system %[1]s: %[2]v", s.Name, err)
	}
	if s.URL != "" {
		return hook, nil
	}
	ranges, err := core.NewRanges(core.RangesConfig{Source: hook, Pool: s.Pool, Size: s.Size})
	if err != nil {
		return nil, usage("核心系统 %[1]s 有误：%[2]v", "the core system %[1]s: %[2]v", s.Name, err)
	}
	return ranges, nil
}

// parseCoreSecrets reads the secrets shared with a core system, one on a line:
// the first signs, and an answer may be signed with any. Errors name the line,
// never a secret.
func parseCoreSecrets(text []byte) (secrets core.Secrets, err error) {
	for n, line := range bytes.Split(bytes.TrimPrefix(text, []byte("\ufeff")), []byte("\n")) {
		line = bytes.TrimSpace(line)
		if len(line) == 0 || line[0] == '#' {
			continue
		}
		if bytes.ContainsFunc(line, func(r rune) bool { return r < '!' || r > '~' }) {
			return nil, fmt.Errorf("line %d: want one secret, of printable ASCII without spaces", n+1)
		}
		if len(line) < 16 {
			return nil, fmt.Errorf("line %d: a secret has at least 16 characters, such as those of: openssl rand -hex 32", n+1)
		}
		secrets = append(secrets, line)
	}
	if len(secrets) == 0 {
		return nil, fmt.Errorf("it holds no secret; want one on a line, such as that of: openssl rand -hex 32")
	}
	return secrets, nil
}
