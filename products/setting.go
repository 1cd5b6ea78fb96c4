package products

import (
	"slices"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/rules"
)

// Setting is a key that each edition has a value for, whether its file names it
// or not.
type Setting struct {
	Path  string      // checks.backdating.within
	Name  policy.Text // in words
	Value string      // as an edition writes it; "" where there is none
}

// Settings are those of the edition, in the order of its keys.
func (e *Edition) Settings() []Setting {
	var all []Setting
	for _, s := range slices.Concat(premiumSettings(e), declaredSettings(e), checkSettings(e), lastSettings(e)) {
		all = append(all, Setting{s.path, policy.Text{ZH: s.zh, EN: s.en}, s.value})
	}
	return all
}

// Spec is what the edition says in expressions: definitions, tables, rating and
// rules, as they stand in its files. Its slices are shared: they must not be
// changed.
func (e *Edition) Spec() rules.Spec { return e.spec }
