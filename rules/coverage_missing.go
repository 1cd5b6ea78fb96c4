package rules

import "github.com/chudan-io/chudan/policy"

// Missing is something that no application showed.
type Missing struct {
	At      At              // of a rule as a whole, or of a condition
	Text    string          // of the condition, as it stands there; "" for a rule
	Row     policy.TableRow // the row that no application used
	Want    Want
	Message policy.Text
}

// Want is what was not seen.
type Want string

// What has to be seen of a rule, of a condition and of a row.
const (
	WantHolds Want = "holds"
	WantFails Want = "fails"
	WantTrue  Want = "true"
	WantFalse Want = "false"
	WantUsed  Want = "used"
)

// Text is what was not seen, in words.
func (w Want) Text() policy.Text {
	switch w {
	case WantHolds:
		return policy.Text{ZH: "没有用例使其通过", EN: "never seen to hold"}
	case WantFails:
		return policy.Text{ZH: "没有用例使其不通过", EN: "never seen to fail"}
	case WantTrue:
		return policy.Text{ZH: "没有用例使其为真", EN: "never seen true"}
	case WantFalse:
		return policy.Text{ZH: "没有用例使其为假", EN: "never seen false"}
	case WantUsed:
		return policy.Text{ZH: "没有用例用到", EN: "never used"}
	}
	return policy.Text{EN: string(w)}
}

// Missing names what was not seen: the rules, then the conditions, then the
// rows of tables, each in the order of the Spec.
func (c *Coverage) Missing() []Missing {
	var all []Missing
	lacks := func(s sides, at At, text string, yes, no Want) {
		if !s.yes {
			all = append(all, missing(at, text, yes))
		}
		if !s.no {
			all = append(all, missing(at, text, no))
		}
	}
	for i, s := range c.rules {
		lacks(s, At{Rule: c.rs.rules[i].code}, "", WantHolds, WantFails)
	}
	for _, s := range c.conditions {
		lacks(s.sides, s.at, s.text, WantTrue, WantFalse)
	}
	return append(all, c.rows.missing()...)
}

func missing(at At, text string, want Want) Missing {
	name, said := at.Rule+at.Definition, want.Text()
	if text != "" {
		name += ": " + text
	}
	return Missing{At: at, Text: text, Want: want, Message: policy.Text{ZH: name + "：" + said.ZH, EN: name + ": " + said.EN}}
}
