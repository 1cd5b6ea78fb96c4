package products

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/rules"
)

// Coverage is how much of an edition its tests saw.
type Coverage struct {
	Of       string `json:"of"` // rules, conditions or rows
	Seen     int    `json:"seen"`
	Total    int    `json:"total"`
	Required int    `json:"required"` // percent; 0: reported only
	Missing  []Gap  `json:"missing,omitempty"`
}

// Gap is one thing that no case showed.
type Gap struct {
	Name    string      `json:"name"` // of the rule, the definition or the table
	Message policy.Text `json:"message"`
}

// Percent is what was seen of it, rounded down: 100 is all of it.
func (c Coverage) Percent() int { return rules.Count{Seen: c.Seen, Of: c.Total}.Percent() }

// Below tells whether less was seen than is required.
func (c Coverage) Below() bool { return c.Percent() < c.Required }

// thresholds are the least coverage in percent; 0 is reported only.
type thresholds struct{ rules, conditions, rows int }

// thresholds reads the least coverage.
func (r *specReader) thresholds(n *node) {
	of := &r.spec.require
	r.mapping(n,
		key{"rules", false, r.percent(&of.rules)},
		key{"conditions", false, r.percent(&of.conditions)},
		key{"rows", false, r.percent(&of.rows)},
	)
}

var wantPercent = policy.Text{ZH: "应为 0% 至 100% 的整百分数", EN: "want a whole percentage, 0% to 100%"}

var wholePercent = regexp.MustCompile(`^(?:100|[1-9]?[0-9])%$`)

// percent reads a whole percentage up to 100%.
func (r *specReader) percent(into *int) read {
	return func(n *node) {
		text, ok := r.word(n)
		if !ok {
			return
		}
		if !wholePercent.MatchString(text) {
			hint := policy.Text{}
			if wholePercent.MatchString(text + "%") {
				hint = meant(text + "%")
			}
			r.bad(n, codeNumber, policy.Text{ZH: shown(text) + "：" + wantPercent.ZH, EN: shown(text) + ": " + wantPercent.EN}, hint)
			return
		}
		*into, _ = strconv.Atoi(strings.TrimSuffix(text, "%"))
	}
}

// coverage is what the cases showed: each rule has to be seen to hold and to
// fail, each condition in it true and false, each row of a table used.
func (require thresholds) coverage(seen *rules.Coverage) []Coverage {
	coverage := func(of string, n rules.Count, required int) Coverage {
		return Coverage{Of: of, Seen: n.Seen, Total: n.Of, Required: required}
	}
	all := []Coverage{
		coverage("rules", seen.Rules(), require.rules),
		coverage("conditions", seen.Conditions(), require.conditions),
		coverage("rows", seen.Rows(), require.rows),
	}
	for _, m := range seen.Missing() {
		of := 0
		switch m.Want {
		case rules.WantTrue, rules.WantFalse:
			of = 1
		case rules.WantUsed:
			of = 2
		case rules.WantHolds, rules.WantFails:
		}
		all[of].Missing = append(all[of].Missing, Gap{m.At.Rule + m.At.Definition + m.Row.Table, m.Message})
	}
	return all
}
