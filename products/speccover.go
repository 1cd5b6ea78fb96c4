package products

import (
	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/rules"
)

// Coverage is how much of an edition its tests saw.
type Coverage struct {
	Of       string `json:"of"` // rules
	Seen     int    `json:"seen"`
	Total    int    `json:"total"`
	Required int    `json:"required"` // percent; 0: reported only
	Missing  []Gap  `json:"missing,omitempty"`
}

// Gap is one thing that no case showed.
type Gap struct {
	Name    string      `json:"name"`
	Message policy.Text `json:"message"`
}

// Percent is what was seen of it, rounded down: 100 is all of it.
func (c Coverage) Percent() int {
	if c.Total == 0 {
		return 100
	}
	return c.Seen * 100 / c.Total
}

// Below tells whether less was seen than is required.
func (c Coverage) Below() bool { return c.Percent() < c.Required }

// sighting is what the cases showed of an edition: each rule in each state.
type sighting struct {
	codes []string
	seen  map[string]map[rules.State]bool
}

func newSighting(e *Edition) *sighting {
	s := &sighting{codes: e.rules.Codes(), seen: make(map[string]map[rules.State]bool)}
	for _, code := range s.codes {
		s.seen[code] = make(map[rules.State]bool)
	}
	return s
}

func (s *sighting) add(outcomes []rules.Outcome) {
	for _, o := range outcomes {
		s.seen[o.Code][o.State] = true
	}
}

// coverage counts each rule twice: it has to be seen to hold and to fail. That
// it did not apply shows nothing of what it asks.
func (s *sighting) coverage(require thresholds) []Coverage {
	c := Coverage{Of: "rules", Total: 2 * len(s.codes), Required: require.rules}
	for _, code := range s.codes {
		for _, want := range [...]struct {
			state   rules.State
			message policy.Text
		}{
			{rules.Holds, policy.Text{ZH: "没有用例使其通过", EN: "never seen to hold"}},
			{rules.Fails, policy.Text{ZH: "没有用例使其不通过", EN: "never seen to fail"}},
		} {
			if s.seen[code][want.state] {
				c.Seen++
				continue
			}
			c.Missing = append(c.Missing, Gap{code, want.message})
		}
	}
	return []Coverage{c}
}
