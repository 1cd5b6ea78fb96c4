package main

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"github.com/chudan-io/chudan/adapters/core"
	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
)

func (o *options) addCores(f *pflag.FlagSet) {
	f.StringVar(&o.cores, "cores", "", "`FILE` in YAML with the core systems that book policies and own their numbers, by tenant (see docs/core.md)")
}

// loadCores reads the file of --cores; "" is none.
func loadCores(path string) (map[policy.Tenant]policy.Core, error) {
	if path == "" {
		return nil, nil //nolint:nilnil // there are none
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	systems, err := products.LoadCores(path, text)
	if err != nil {
		return nil, err
	}
	all := make(map[policy.Tenant]policy.Core)
	for i := range systems {
		booker, err := openCore(path, &systems[i])
		if err != nil {
			return nil, err
		}
		for _, t := range systems[i].Tenants {
			all[t] = policy.Core{Booker: booker, Deadline: systems[i].Deadline}
		}
	}
	return all, nil
}

func openCore(path string, s *products.CoreSystem) (policy.Booker, error) {
	secrets, err := readCoreSecrets(path, s.SecretFile)
	if err != nil {
		return nil, err
	}
	hook, err := core.New(core.Config{URL: s.URL, Secrets: secrets})
	switch {
	case err != nil:
		return nil, usage("%[1]s：%[2]s：%[3]v", "%[1]s: %[2]s: %[3]v", path, s.Name, err)
	case s.Ranges:
		return core.NewRanges(core.RangesConfig{Source: hook, Pool: s.Pool, Size: s.Size})
	}
	return hook, nil
}

// readCoreSecrets reads a file of secrets, a line each; its name is relative to
// the file that tells it.
func readCoreSecrets(beside, name string) (core.Secrets, error) {
	if !filepath.IsAbs(name) {
		name = filepath.Join(filepath.Dir(beside), name)
	}
	text, err := os.ReadFile(name) //nolint:gosec // the operator says where it is
	if err != nil {
		return nil, unreadable(name, err)
	}
	var secrets core.Secrets
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			secrets = append(secrets, []byte(line))
		}
	}
	return secrets, nil
}
