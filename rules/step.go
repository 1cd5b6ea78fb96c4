package rules

import (
	"slices"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/policy/money"
)

// Step is a named expression that may read rate and the steps before it.
type Step struct {
	Name, Value string
	Rounds      bool
	Places      int // decimals, where it rounds
}

const (
	rateName = "rate" // the rate in steps
	maxSteps = 50
)

type step struct {
	Step
	exact, value func(*env) decimal
}

// steps compiles the steps. Each may read those before it.
func (c *compiler) steps(ns *names, r *rating, spec Rating, required policy.FieldSet, read *reads) {
	for i, s := range spec.Steps {
		switch why := c.stepName(ns, s.Name); {
		case i == maxSteps:
			c.note(At{Part: "steps", Index: i}, "too-long", policy.Text{ZH: "步骤超过 50 个", EN: "more than 50 steps"})
			return
		case why != (policy.Text{}):
			c.note(At{Part: "steps.name", Index: i}, "name", why)
		default:
			ns.definitions[s.Name] = &definition{Definition: Definition{s.Name, s.Value}, step: true}
		}
	}
	ns.all = slices.Concat(ns.all, []string{rateName})
	for i, s := range spec.Steps {
		u := &unit{names: ns, required: required, rating: true}
		t := u.compileText(s.Value, 0)
		if t.kind != number && t.kind != invalid {
			t = u.report("type", span{}, "步骤应为数值，得到"+kindNames[t.kind].ZH, "a step is a number, got "+kindNames[t.kind].EN, policy.Text{})
		}
		u.fits(t, stepDigits)
		c.found = append(c.found, u.problems.at(At{Part: "steps.value", Index: i})...)
		read.merge(u.reads)
		if d, ok := ns.definitions[s.Name]; ok && d.step {
			exact := t.remembered(ns.slots)
			d.term, d.reads, d.stage = s.rounded(exact, spec.Mode), u.reads, compiled
			d.term.key = s.Name
			ns.slots++
			r.steps = append(r.steps, step{s, exact.number, d.term.number})
		}
		ns.all = append(ns.all, s.Name)
	}
}

// stepName tells why a step cannot have this name.
func (c *compiler) stepName(ns *names, name string) policy.Text {
	switch d := ns.definitions[name]; {
	case !isName(name):
		return policy.Text{ZH: "名称以字母开头，由字母、数字、下划线组成", EN: "a name is a letter and letters, digits or _"}
	case d != nil && d.step:
		return policy.Text{ZH: "步骤重名", EN: "another step has this name"}
	case d != nil && name != rateName:
		return policy.Text{ZH: "与定义同名", EN: "a definition has this name"}
	case name == rateName || name == "minimum":
		return policy.Text{ZH: "rate 与 minimum 是保留的名称", EN: "rate and minimum are names of their own"}
	case slices.Contains(c.coverages, name):
		return policy.Text{ZH: "与险种同名", EN: "a coverage has this name"}
	}
	return taken(name)
}

func (c *compiler) note(at At, code string, message policy.Text) {
	c.found = append(c.found, Diagnostic{Code: code, At: at, Message: message})
}

// rounded is the value of a step.
func (s Step) rounded(exact term, mode money.Rounding) term {
	if !s.Rounds || exact.kind != number {
		return exact
	}
	x, places := exact.number, s.Places
	return numeric(func(e *env) decimal { return fromMoney(x(e).money().Round(places, mode)) }, digits{exact.size.whole + 1, places}, exact.key)
}
