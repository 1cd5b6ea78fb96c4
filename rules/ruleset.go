package rules

import (
	"fmt"
	"slices"
	"sync"

	"github.com/chudan-io/chudan/policy"
)

// Ruleset is a compiled Spec: immutable, and safe for concurrent use.
type Ruleset struct {
	rules   []rule
	rating  *rating // nil: no rate of its own
	tables  []*table
	facts   []policy.FactSpec
	slots   int // of definitions that are computed
	onError policy.Verdict
	pool    sync.Pool // of *env

	// What nothing but traces and coverage reads stands apart from the rules that
	// are run.
	anatomy []anatomy // by rule
	defined []defined // in the order of the Spec
}

// anatomy are the expressions of a rule; nil where it has none.
type anatomy struct{ when, condition *expression }

// defined is a definition and its expression.
type defined struct {
	name string
	expr *expression
}

// rule is one compiled rule.
type rule struct {
	demand
	code, to  string
	when      check
	require   []requirement
	condition check
	paths     []string    // of the fault
	reads     []string    // by `when` and condition
	message   [2]template // zh, en
}

// requirement is a field or an object that must be there.
type requirement struct {
	path string
	set  policy.FieldSet
}

// check is a condition, and what has to be there before it can be asked.
type check struct {
	holds func(*env) bool // nil: always
	sound policy.FieldSet
	needs []policy.FieldSet
}

func checkOf(t term, r reads) check { return check{t.boolean, r.fields(), r.needs()} }

func (c *check) ready(e *env) bool { return e.app.Sound(c.sound) && e.has(c.needs) }

// State is what became of a rule for one application.
type State string

// The states of a rule.
const (
	NotApplicable State = "not applicable" // its `when` is false
	Holds         State = "holds"          // it has no objection
	Fails         State = "fails"          // it gives a fault
	Skipped       State = "skipped"        // an operand is faulty or missing, which another fault tells
	Errored       State = "error"          // it could not be computed
)

// Outcome is what became of one rule, for whoever asks why.
type Outcome struct {
	Code    string
	Verdict policy.Verdict // that the rule gives where it fails
	State   State
	Reads   []string // paths of the fields that it reads, in page order
	Err     error    // where State is Errored
}

// Codes are the rules' codes, in the order of the Spec.
func (rs *Ruleset) Codes() []string {
	codes := make([]string, len(rs.rules))
	for i := range rs.rules {
		codes[i] = rs.rules[i].code
	}
	return codes
}

// Paths are the fields and objects that a fault of the rule with this code
// names; of those that a require rule asks for it names the ones that are
// missing. nil where there is no such rule.
func (rs *Ruleset) Paths(code string) []string {
	i := slices.IndexFunc(rs.rules, func(r rule) bool { return r.code == code })
	if i < 0 {
		return nil
	}
	paths := slices.Clone(rs.rules[i].paths)
	if paths == nil {
		for _, q := range rs.rules[i].require {
			paths = append(paths, q.path)
		}
	}
	return paths
}

// Evaluate runs every rule on an application that policy.NewApplication made,
// and answers the faults in the order of the rules.
// A rule that cannot be computed is a fault too, of the severity that the
// product chose. The premium is taken as policy.Product hands it over; no name
// of the language reads it.
func (rs *Ruleset) Evaluate(a *policy.Application, _ *policy.Premium) policy.Faults {
	e := rs.enter(a)
	defer rs.leave(e)
	var faults policy.Faults
	for i := range rs.rules {
		r := &rs.rules[i]
		switch r.run(e) {
		case Fails:
			faults = append(faults, r.fault(e))
		case Errored:
			faults = append(faults, r.trouble(e.err, rs.onError))
		case NotApplicable, Holds, Skipped:
		}
	}
	return faults
}

// Outcomes runs every rule and tells what became of each.
func (rs *Ruleset) Outcomes(a *policy.Application, _ *policy.Premium) []Outcome {
	e := rs.enter(a)
	defer rs.leave(e)
	outcomes := make([]Outcome, len(rs.rules))
	for i := range rs.rules {
		r := &rs.rules[i]
		state := r.run(e)
		outcomes[i] = Outcome{r.code, r.verdict, state, r.reads, e.err}
	}
	return outcomes
}

func (rs *Ruleset) enter(a *policy.Application) *env {
	e, ok := rs.pool.Get().(*env)
	if !ok {
		e = &env{slots: make([]slot, rs.slots)}
	}
	e.app = a
	return e
}

// leave forgets the application before another one comes.
func (rs *Ruleset) leave(e *env) {
	e.app, e.err, e.rating = nil, nil, nil
	clear(e.slots)
	rs.pool.Put(e)
}

// run answers what becomes of the rule; e.err is set where that is Errored.
func (r *rule) run(e *env) (s State) {
	e.err = nil
	defer func() {
		// Nothing here panics; should it after all, the rule must not pass for one that holds.
		if p := recover(); p != nil {
			e.err = fmt.Errorf("panic: %v", p)
		}
		if e.err != nil {
			s = Errored
		}
	}()
	switch {
	case !r.when.ready(e):
		return Skipped
	case r.when.holds != nil && !r.when.holds(e):
		return NotApplicable
	case r.require != nil:
		return r.lacking(e)
	case !r.condition.ready(e):
		return Skipped
	case r.condition.holds(e) == r.failsOn:
		return Fails
	}
	return Holds
}

// lacking is what becomes of a require rule.
func (r *rule) lacking(e *env) State {
	s := Holds
	for _, q := range r.require {
		switch {
		case !e.app.Sound(q.set):
			s = Skipped
		case !e.app.HasAny(q.set):
			return Fails
		}
	}
	return s
}

// fault is the fault of a rule that fails.
func (r *rule) fault(e *env) policy.Fault {
	f := policy.Fault{Kind: r.kind, Severity: r.verdict, Code: r.code, Paths: r.paths, To: r.to, Message: r.text(e)}
	if r.require != nil && f.Paths == nil {
		for _, q := range r.require {
			if e.app.Sound(q.set) && !e.app.HasAny(q.set) {
				f.Paths = append(f.Paths, q.path)
			}
		}
	}
	return f
}

// text is the rule's message, or the standard one where it has none or a value
// in it cannot be had.
func (r *rule) text(e *env) (t policy.Text) {
	defer func() {
		if recover() != nil {
			t = r.standard()
		}
	}()
	zh, ok := r.message[0].show(e, policy.Chinese)
	en, too := r.message[1].show(e, policy.English)
	if t = (policy.Text{ZH: zh, EN: en}); ok && too && t != (policy.Text{}) {
		return t
	}
	return r.standard()
}

func (r *rule) standard() policy.Text {
	switch r.part {
	case "require":
		return policy.Text{ZH: "规则 " + r.code + " 要求提供", EN: "required by rule " + r.code}
	case "refer_if":
		return policy.Text{ZH: "规则 " + r.code + " 要求人工核保", EN: "rule " + r.code + " asks for an underwriter"}
	case "note_if":
		return policy.Text{ZH: "规则 " + r.code + " 提示留意", EN: "noted by rule " + r.code}
	}
	return policy.Text{ZH: "不符合规则 " + r.code, EN: "refused by rule " + r.code}
}

// trouble is the fault of a rule that could not be computed: never a pass, and
// never a pinned answer. Where that is a referral, it goes to the desk that the
// rule itself refers to, if it does.
func (r *rule) trouble(err error, severity policy.Verdict) policy.Fault {
	kind, to := policy.KindReferred, r.to
	if severity == policy.Reject {
		kind, to = policy.KindRejected, ""
	}
	return policy.Fault{
		Kind: kind, Severity: severity, Code: r.code, Paths: r.paths, To: to, Err: fmt.Errorf("rules: %s: %w", r.code, err),
		Message: policy.Text{ZH: "规则 " + r.code + " 无法计算", EN: "rule " + r.code + " could not be evaluated"},
	}
}
