package main

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"
	"gopkg.in/yaml.v3"

	"github.com/chudan-io/chudan/adapters/core"
	"github.com/chudan-io/chudan/policy"
)

// coreEntry is one core system in the file of --cores.
type coreEntry struct {
	URL        string        `yaml:"url"`    // where proposals are posted
	Ranges     string        `yaml:"ranges"` // or: where ranges of numbers are
	Pool       string        `yaml:"pool"`
	Size       int           `yaml:"size"`
	SecretFile string        `yaml:"secret_file"` // beside the file, a secret a line; the first signs
	Deadline   time.Duration `yaml:"deadline"`
	Tenants    []string      `yaml:"tenants"`
}

// maxBookingDeadline is the most that a call may wait for.
const maxBookingDeadline = 30 * time.Second

func (o *options) addCores(f *pflag.FlagSet) {
	f.StringVar(&o.cores, "cores", "", "`FILE` in YAML with the core systems that book policies and own their numbers, by tenant (docs/core.md)")
}

// loadCores reads the file of --cores; "" is none.
func loadCores(path string) (map[policy.Tenant]policy.Core, error) {
	if path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	var file struct {
		Cores map[string]coreEntry `yaml:"cores"`
	}
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(&file); err != nil && !errors.Is(err, io.EOF) {
		return nil, usage("%[1]s：%[2]v", "%[1]s: %[2]v", path, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if len(file.Cores) == 0 {
		return nil, usage("%s：cores 下至少应有一个核心系统", "%s: want at least one core system under cores", path)
	}
	all := make(map[policy.Tenant]policy.Core)
	places := make(map[string]string) // the core systems' names by where their numbers come from
	for _, name := range slices.Sorted(maps.Keys(file.Cores)) {
		e := file.Cores[name]
		place := e.URL + e.Ranges + " " + e.Pool
		if other := places[place]; other != "" {
			return nil, usage("%[1]s：%[2]s 与 %[3]s 的号码来自同一处，测试与生产不得共用号码。若是同一系统，请合并两者的 tenants",
				"%[1]s: the numbers of %[2]s and %[3]s come from one place, and test and production never share numbers; if it is one system, put their tenants together", path, other, name)
		}
		places[place] = name
		booked, err := e.open(path, name)
		if err != nil {
			return nil, err
		}
		for _, t := range e.Tenants {
			if _, twice := all[policy.Tenant(t)]; twice {
				return nil, usage("%[1]s：租户 %[2]s 属于两个核心系统", "%[1]s: the tenant %[2]s has two core systems", path, t)
			}
			all[policy.Tenant(t)] = booked
		}
	}
	return all, nil
}

func (e *coreEntry) open(path, name string) (policy.Core, error) {
	wrong := func(zh, en string) error {
		return usage("%[1]s：%[2]s：%[3]s", "%[1]s: %[2]s: %[4]s", path, name, zh, en)
	}
	switch {
	case (e.URL == "") == (e.Ranges == ""):
		return policy.Core{}, wrong("url 与 ranges 应恰有其一", "want either url or ranges")
	case e.Ranges == "" && (e.Pool != "" || e.Size != 0):
		return policy.Core{}, wrong("pool 与 size 只用于 ranges", "pool and size go with ranges only")
	case len(e.Tenants) == 0 || slices.Contains(e.Tenants, ""):
		return policy.Core{}, wrong("tenants 应列出租户", "want the tenants that it books for")
	case e.Deadline < 0 || e.Deadline > maxBookingDeadline || e.Size < 0:
		return policy.Core{}, wrong("deadline 应为 30s 以内的时长，size 不得为负", "want a deadline of up to 30s, and no size below zero")
	}
	secrets, err := readCoreSecrets(filepath.Join(filepath.Dir(path), e.SecretFile), e.SecretFile)
	if err != nil {
		return policy.Core{}, err
	}
	hook, err := core.New(core.Config{URL: e.URL + e.Ranges, Secrets: secrets})
	if err != nil {
		return policy.Core{}, wrong(err.Error(), err.Error())
	}
	booked := policy.Core{Booker: hook, Deadline: e.Deadline}
	if e.Ranges != "" {
		booked.Booker, err = core.NewRanges(core.RangesConfig{Source: hook, Pool: e.Pool, Size: e.Size})
	}
	return booked, err
}

// readCoreSecrets reads a file of secrets, a line each. An absolute name stands
// for itself.
func readCoreSecrets(beside, name string) (core.Secrets, error) {
	if filepath.IsAbs(name) {
		beside = name
	}
	if name == "" {
		return nil, usage("--cores：缺少 secret_file", "--cores: secret_file is missing")
	}
	text, err := os.ReadFile(beside)
	if err != nil {
		return nil, unreadable(beside, err)
	}
	var secrets core.Secrets
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			secrets = append(secrets, []byte(line))
		}
	}
	return secrets, nil
}
