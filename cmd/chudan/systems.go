package main

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/chudan-io/chudan/adapters/core"
	"github.com/chudan-io/chudan/policy"
)

// coreSystem and factSystem are what systems of the institution are called.
var (
	coreSystem = policy.Text{ZH: "核心系统", EN: "core system"}
	factSystem = policy.Text{ZH: "事实系统", EN: "fact system"}
)

// system is a system of the institution that is asked over HTTP, and where the
// secrets come from that are shared with it.
type system struct {
	is   policy.Text
	name string
	path string // of the secret file
	hook *core.Hook
}

// openSystem makes what asks a system. It calls nobody yet. A secret file is
// found beside the file that names it.
func openSystem(is policy.Text, name, url, secretFile, dir string) (*system, error) {
	s := &system{is: is, name: name, path: secretFile}
	if !filepath.IsAbs(s.path) {
		s.path = filepath.Join(dir, s.path)
	}
	secrets, err := s.secrets()
	if err != nil {
		return nil, err
	}
	s.hook, err = core.New(core.Config{URL: url, Secrets: secrets})
	if err != nil {
		return nil, s.wrong(err)
	}
	return s, nil
}

func (s *system) wrong(err error) error {
	return usage("%[1]s %[3]s 有误：%[4]v", "the %[2]s %[3]s: %[4]v", s.is.ZH, s.is.EN, s.name, err)
}

// secrets reads them as they are now.
func (s *system) secrets() (core.Secrets, error) {
	text, err := readSecret(s.path)
	if err != nil {
		return nil, err
	}
	secrets, err := parseSystemSecrets(text)
	if err != nil {
		return nil, usage("%[1]s %[3]s 的密钥文件 %[4]s 有误：%[5]v", "the secret file of the %[2]s %[3]s, %[4]s: %[5]v", s.is.ZH, s.is.EN, s.name, s.path, err)
	}
	return secrets, nil
}

// file is its secret file, which is read anew when it changes.
func (s *system) file() secretFile {
	return secretFile{s.path, func() ([]any, error) {
		secrets, err := s.secrets()
		if err == nil {
			err = s.hook.SetSecrets(secrets)
		}
		return []any{s.is.EN, s.name, "secrets", len(secrets)}, err
	}}
}

// parseSystemSecrets reads the secrets shared with a system, one on a line: the
// first signs, and an answer may be signed with any. Errors name the line, never
// a secret.
func parseSystemSecrets(text []byte) (secrets core.Secrets, err error) {
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

// tenantList lists tenants for people.
func tenantList(tenants []policy.Tenant) string {
	var names []string
	for _, t := range tenants {
		names = append(names, string(t))
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}
