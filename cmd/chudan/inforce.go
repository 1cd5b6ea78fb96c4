package main

import (
	"maps"
	"slices"
	"strings"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
)

// refuseInForce refuses facts of a file that the store knows: what is in force
// is counted, and what somebody states would be looked at by nobody. A name is
// let through that another edition declares as a fact of the source.
func refuseInForce(path string, facts policy.Facts, catalog *products.Catalog) error {
	stated := make(map[string]bool) // that no source may answer
	for _, e := range catalog.Editions() {
		for _, f := range e.Terms().Facts {
			known, seen := stated[f.Name]
			stated[f.Name] = len(f.PerFields) > 0 && (known || !seen)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(facts)) {
		if stated[name] {
			return usage("%[1]s：%[2]s 是在保累计，由存储得出，出单时不能另行给出；请从文件中删除（explain 可以给出）",
				"%[1]s: %[2]s is a sum in force: the store knows it, and nobody states it where policies are issued. Take it out of the file (explain takes it)", path, name)
		}
	}
	return nil
}

// asked are the facts that a FactSource is asked for.
func asked(declared []policy.FactSpec) (names []string) {
	for _, f := range declared {
		if len(f.PerFields) == 0 {
			names = append(names, f.Name)
		}
	}
	return names
}

// perLine says per what a sum in force is; "" for any other fact.
func perLine(per policy.Text, lang policy.Lang) string {
	if per == (policy.Text{}) {
		return ""
	}
	return say("（同一%s的在保保额）", " (in force for the same %s)", per.In(lang)).In(lang)
}

// noteUnknown says how to state the sums in force that explain, which looks at
// no store, does not know.
func (c *console) noteUnknown(facts []factText) {
	var names []string
	for _, f := range facts {
		if f.Value == "" && f.InForce != (policy.Text{}) {
			names = append(names, strings.TrimPrefix(f.Name, factPrefix))
		}
	}
	if len(names) > 0 {
		c.note(`explain 不看存储，不知道在保累计；请以 --facts FILE 给出，如 {"%s": 0}`, `explain looks at no store and does not know what is in force; state it with --facts FILE, as in {"%s": 0}`, strings.Join(names, `": 0, "`))
	}
}
