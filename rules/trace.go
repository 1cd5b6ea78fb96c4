package rules

import (
	"github.com/chudan-io/chudan/policy"
)

// Trace is why the rules decide about one application as they do: every rule,
// with the value of each of its sub-expressions, and the definitions that were
// asked for on the way. It is data, the same in JSON; personal texts are masked
// in it. [Trace.Text] is for people.
type Trace struct {
	Rules       []RuleTrace       `json:"rules"`                 // in the order of the Spec
	Definitions []DefinitionTrace `json:"definitions,omitempty"` // those that were computed
}

// RuleTrace is what became of one rule, and why.
type RuleTrace struct {
	Code    string         `json:"code"`
	Verdict policy.Verdict `json:"verdict"` // that the rule gives where it fails
	State   State          `json:"state"`
	Label   policy.Text    `json:"label"` // of the state
	Asks    string         `json:"asks"`  // require, must, reject_if, refer_if or note_if

	When      *Node      `json:"when,omitempty"`
	Requires  []Presence `json:"requires,omitempty"`
	Condition *Node      `json:"condition,omitempty"`

	Lacks   []string     `json:"lacks,omitempty"`   // where it is skipped: the operands that are faulty or missing
	Error   string       `json:"error,omitempty"`   // where it could not be computed
	Message *policy.Text `json:"message,omitempty"` // where it fails, as its fault has it
	Paths   []string     `json:"paths,omitempty"`   // where it fails, as its fault has them
}

// Presence tells whether a field or an object that a rule requires is there.
type Presence struct {
	Path    string `json:"path"`
	Present bool   `json:"present"`
}

// DefinitionTrace is a definition that a rule asked for.
type DefinitionTrace struct {
	Name string `json:"name"`
	Expr *Node  `json:"expr"`
}

// Node is a sub-expression. Constants that stand in the text have no node of
// their own; what `and` or `or` joins in a row lies side by side.
type Node struct {
	Text   string `json:"text"` // as it stands in the file
	Offset int    `json:"offset"`
	Length int    `json:"length"`       // both in runes of the whole expression
	Op     string `json:"op,omitempty"` // the operator or function; "" for a field or a definition

	State NodeState   `json:"state"`
	Label policy.Text `json:"label"`           // of the state
	Value string      `json:"value,omitempty"` // as the language writes it; "" where it was not computed
	Nodes []Node      `json:"nodes,omitempty"` // what it is made of, in the order of the text

	part  *subterm
	truth bool // of a condition that was computed
}

// NodeState is what became of a sub-expression.
type NodeState string

// The states of a sub-expression.
const (
	Computed       NodeState = "computed"
	ShortCircuited NodeState = "short-circuited" // what stands before it has settled the matter
	NotReached     NodeState = "not reached"     // its rule does not apply, or was skipped
	Uncomputable   NodeState = "error"
)

// Text is the state in words.
func (s NodeState) Text() policy.Text {
	switch s {
	case Computed:
		return policy.Text{ZH: "已计算", EN: "computed"}
	case ShortCircuited:
		return policy.Text{ZH: "短路，未计算", EN: "short-circuited"}
	case NotReached:
		return policy.Text{ZH: "未计算", EN: "not reached"}
	case Uncomputable:
		return policy.Text{ZH: "无法计算", EN: "could not be computed"}
	}
	return policy.Text{EN: string(s)}
}

// Text is the state in words.
func (s State) Text() policy.Text {
	switch s {
	case NotApplicable:
		return policy.Text{ZH: "不适用", EN: "does not apply"}
	case Holds:
		return policy.Text{ZH: "通过", EN: "holds"}
	case Fails:
		return policy.Text{ZH: "不通过", EN: "fails"}
	case Skipped:
		return policy.Text{ZH: "跳过", EN: "skipped"}
	case Errored:
		return policy.Text{ZH: "无法计算", EN: "could not be computed"}
	}
	return policy.Text{EN: string(s)}
}

// Trace runs every rule as Evaluate does and tells why each came out as it did.
//
// The application has to be in the state in which underwriting finds it: what
// the rules refuse is not yet distrusted. See products.Explain.
func (rs *Ruleset) Trace(a *policy.Application, _ *policy.Premium) Trace {
	t := rs.tracer(a)
	defer rs.leave(t.env)
	trace := Trace{Rules: make([]RuleTrace, len(rs.rules))}
	for i := range rs.rules {
		trace.Rules[i] = t.rule(i)
	}
	trace.Definitions = t.definitions()
	return trace
}
