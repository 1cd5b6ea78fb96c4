package main

import (
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/chudan-io/chudan/adapters/core"
	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
)

// openCores reads the core systems that book policies, by tenant; without a file
// all numbers are chudan's own.
func (h *house) openCores(o *options) error {
	if o.cores == "" {
		return nil
	}
	text, err := os.ReadFile(o.cores)
	if err != nil {
		return unreadable(o.cores, err)
	}
	all, err := products.LoadCores(o.cores, text, o.known...)
	if err != nil {
		return err
	}
	h.cores = make(map[policy.Tenant]policy.Core)
	for _, c := range all {
		s, err := openSystem(coreSystem, c.Name, c.URL+c.Ranges, c.SecretFile, filepath.Dir(o.cores))
		if err != nil {
			return err
		}
		h.systems = append(h.systems, s)
		booker, err := s.booker(c)
		if err != nil {
			return err
		}
		for _, tenant := range c.Tenants {
			h.cores[tenant] = policy.Core{Booker: booker, Deadline: c.Deadline}
		}
	}
	return o.checkBooked(h.cores)
}

// booker is what books policies in a core system.
func (s *system) booker(c products.CoreSystem) (policy.Booker, error) {
	if c.URL != "" {
		return s.hook, nil
	}
	ranges, err := core.NewRanges(core.RangesConfig{Source: s.hook, Pool: c.Pool, Size: c.Size})
	if err != nil {
		return nil, s.wrong(err)
	}
	return ranges, nil
}

// checkBooked refuses a file of core systems that books for nobody who calls:
// whoever names one does not want chudan's own numbers.
func (o *options) checkBooked(cores map[policy.Tenant]policy.Core) error {
	for _, caller := range o.callers {
		if cores[caller].Booker != nil {
			return nil
		}
	}
	if len(o.callers) == 0 {
		return nil
	}
	return usage("--cores %[1]s 中没有 %[2]s 的核心系统，保单会由 chudan 编号。其中的租户：%[3]s；请用 --tenant 指定其一，或不用 --cores",
		"--cores %[1]s has no core system of %[2]s, whose policies would be numbered by chudan. Its tenants are %[3]s; name one with --tenant, or leave --cores out",
		o.cores, tenantList(o.callers), tenantList(slices.Collect(maps.Keys(cores))))
}
