package products

import (
	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/rules"
)

// Coverage is how much of an edition its tests saw.
type Coverage struct {
	Of       string `json:"of"` // rules or conditions
	Seen     int    `json:"seen"`
	Total    int    `json:"total"`
	Required int    `json:"required"` // percent; 0: reported only
	Missing  []Gap  `json:"missing,omitempty"`
}

// Gap is one thing that no case showed.
type Gap struct {
	Name    string      `json:"name"` // of the rule or the definition
	Message policy.Text `json:"message"`
}

// Percent is what was seen of it, rounded down: 100 is all of it.
func (c Coverage) Percent() int { return rules.Count{Seen: c.Seen, Of: c.Total}.Percent() }

// Below tells whether less was seen than is required.
func (c Coverage) Below() bool { return c.Percent() < c.Required }

// thresholds are the least coverage in percent; 0 is reported only.
type thresholds struct{ rules, conditions int }

// thresholds reads the least coverage.
func (r *specReader) thresholds(n *node) {
	of := &r.spec.require
	r.mapping(n,
		key{"rules", false, r.percent(&of.rules)},
		key{"conditions", false, r.percent(&of.conditions)},
		key{"rows", false, nil},
	)
}

// coverage is what the cases showed: each rule has to be seen to hold and to
// fail, each condition in it true and false.
func (require thresholds) coverage(seen *rules.Coverage) []Coverage {
	ofRules, ofConditions := seen.Rules(), seen.Conditions()
	all := []Coverage{
		{Of: "rules", Seen: ofRules.Seen, Total: ofRules.Of, Required: require.rules},
		{Of: "conditions", Seen: ofConditions.Seen, Total: ofConditions.Of, Required: require.conditions},
	}
	for _, m := range seen.Missing() {
		into := &all[1]
		if m.Want == rules.WantHolds || m.Want == rules.WantFails {
			into = &all[0]
		}
		into.Missing = append(into.Missing, Gap{m.At.Rule + m.At.Definition, m.Message})
	}
	return all
}
