package rules

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/chudan-io/chudan/policy"
)

// draft is a rule on its way into a Ruleset. The `when` of all rules are
// compiled before the first condition: a require rule may prove what the
// condition of another one reads.
type draft struct {
	Rule
	asks      []demand
	when      term // invalid where there is none, or where it is wrong
	whenReads reads
	condition *expression
	requires  policy.FieldSet // present once this rule has passed
	found     []Diagnostic
}

// demand is one of the five things that a rule can ask for.
type demand struct {
	part    string
	text    string
	verdict policy.Verdict
	kind    policy.Kind
	failsOn bool // what the condition is where the rule fails
}

// demands are those that are set; of a good rule there is one.
func (r *Rule) demands() []demand {
	all := []demand{
		{"require", "", policy.Reject, policy.KindMissingParameter, false},
		{"must", r.Must, policy.Reject, policy.KindRejected, false},
		{"reject_if", r.RejectIf, policy.Reject, policy.KindRejected, true},
		{"refer_if", r.ReferIf, policy.Refer, policy.KindReferred, true},
		{"note_if", r.NoteIf, policy.Note, "", true}, // a note never reaches the wire and has no kind
	}
	return slices.DeleteFunc(all, func(d demand) bool {
		return d.text == "" && (d.part != "require" || len(r.Require) == 0)
	})
}

// draft takes in a rule and compiles its `when`; required is what the rules
// without one prove.
func (c *compiler) draft(r Rule, required policy.FieldSet) *draft {
	d := &draft{Rule: r, asks: r.demands()}
	switch {
	case len(c.codes) == maxRules:
		d.report("too-long", "", "规则超过 1000 条", "more than 1000 rules")
	case !isCode(r.Code):
		d.report("code", "", "规则代码以大写字母开头，由大写字母、数字、下划线组成，最多 64 位",
			"a code is a capital letter and capital letters, digits or _, at most 64")
	case slices.Contains(c.codes, r.Code):
		d.report("code", "", "规则代码重复", "the code is used twice")
	}
	c.codes = append(c.codes, r.Code)
	if len(d.asks) != 1 {
		d.report("outcome", "", "require、must、reject_if、refer_if、note_if 须有且仅有一个",
			"want exactly one of require, must, reject_if, refer_if, note_if")
	}
	d.requires = requiredBy(r)
	if r.When != "" {
		d.when, d.whenReads = c.compile(d, demand{part: "when", text: r.When}, required, 0)
	}
	return d
}

// requiredBy are the fields that a rule requires.
func requiredBy(r Rule) (set policy.FieldSet) {
	for _, path := range r.Require {
		if f, ok := fieldNamed(path); ok {
			set = set.With(f)
		}
	}
	return set
}

// report adds a problem with a part of the rule as a whole.
func (d *draft) report(code, part, zh, en string) {
	d.found = append(d.found, Diagnostic{
		Code: code, At: At{Rule: d.Code, Part: part}, Message: policy.Text{ZH: zh, EN: en},
	})
}

// compile compiles a part of a rule that is true or false.
func (c *compiler) compile(d *draft, ask demand, required, facts policy.FieldSet) (term, reads) {
	u := unit{names: &c.names, required: required}
	t := u.compileText(ask.text, facts)
	if t.kind != invalid && t.kind != boolean {
		u.report("not-a-decision", span{}, "应为是非，得到"+kindNames[t.kind].ZH, "want a condition, got "+kindNames[t.kind].EN,
			policy.Text{ZH: "写成比较，如 amount > 100000", EN: "compare it with something: amount > 100000"})
	}
	d.found = append(d.found, u.problems.at(At{Rule: d.Code, Part: ask.part})...)
	if len(u.problems) > 0 {
		return term{doubtful: t.doubtful}, u.reads
	}
	return t, u.reads
}

// proven are the fields that the require rules of the same or a weaker `when`
// prove: each condition that such a `when` joins by `and` is one of d's too. A
// `when` that is wrong, whose conditions nobody knows, has the benefit of the
// doubt.
func (d *draft) proven(all []*draft) (set policy.FieldSet) {
	lacks := func(key string) bool { return !slices.Contains(d.when.conjuncts, key) }
	wrong := d.When != "" && d.when.kind == invalid
	for _, other := range all {
		if other.requires != 0 && (wrong || !slices.ContainsFunc(other.when.conjuncts, lacks)) {
			set |= other.requires
		}
	}
	return set
}

// finish compiles the rest of a rule.
func (c *compiler) finish(d *draft, all []*draft) rule {
	r := rule{code: d.Code, to: d.To, when: checkOf(d.when, d.whenReads)}
	required, facts := d.proven(all), d.when.mayProve()
	seen := d.whenReads
	for _, ask := range d.asks {
		r.demand = ask
		if ask.part == "require" {
			for _, path := range c.paths(d, ask.part, d.Require) {
				r.require = append(r.require, requirement{path, policy.SetOf(path)})
			}
			seen.leaves |= d.requires
			required &^= d.requires // its message is shown where they are missing
			continue
		}
		t, read := c.compile(d, ask, required, facts)
		d.condition = t.anatomy
		r.condition, r.paths = checkOf(t, read), read.paths()
		seen.merge(read)
		if !ask.failsOn {
			t = not(t)
		}
		facts |= t.mayProve()
	}
	r.reads = seen.paths()
	if d.To != "" && d.ReferIf == "" {
		d.report("outcome", "to", "to 只与 refer_if 同用", "to goes with refer_if only")
	}
	if fields := c.paths(d, "fields", d.Fields); len(fields) > 0 {
		r.paths = fields
	}
	r.message = [2]template{
		c.message(d, "message.zh", d.Message.ZH, required, facts),
		c.message(d, "message.en", d.Message.EN, required, facts),
	}
	return r
}

func (c *compiler) message(d *draft, part, text string, required, facts policy.FieldSet) template {
	u := unit{names: &c.names, required: required}
	t := u.template(text, facts)
	d.found = append(d.found, u.problems.at(At{Rule: d.Code, Part: part})...)
	return t
}

// paths reads a list of fields and objects.
func (c *compiler) paths(d *draft, part string, given []string) []string {
	var paths []string
	for i, path := range given {
		f, ok := fieldNamed(path)
		switch {
		case ok:
			paths = append(paths, f.Path)
		case policy.IsObject(path):
			paths = append(paths, path)
		default:
			h := nearest(path, fieldPaths)
			if strings.HasPrefix(path, factPrefix) {
				h = neverAbsent
			}
			d.found = append(d.found, Diagnostic{
				Code: "unknown-name", At: At{Rule: d.Code, Part: part, Index: i, Length: utf8.RuneCountInString(path)},
				Message: policy.Text{ZH: "没有字段 `" + path + "`", EN: "no field is called `" + path + "`"},
				Hint:    h,
			})
		}
	}
	return paths
}
