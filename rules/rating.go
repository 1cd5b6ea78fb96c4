package rules

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/policy/money"
)

// Rating is how a product comes to its premium: a rate, steps, or both. The
// zero Rating is that of a product without a rate of its own.
type Rating struct {
	Rate  string         // an expression
	Sum   string         // or a table, whose rows for the coverages of the request are added up
	Steps []Step         // in order; the last one is the premium, and without any it is amount × rate
	Mode  money.Rounding // of the steps that round
}

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

// rating is a compiled Rating.
type rating struct {
	rate  term
	steps []step
	reads check
	sum   *table // whose values are the weights of the coverages
}

type step struct {
	Step
	exact, value func(*env) decimal
}

// The digits that a rate and a step may have, so that what is computed from
// them reads back from a record.
var (
	rateDigits = digits{whole: 2 * money.MaxIntegerDigits, frac: 2 * money.MaxFractionDigits}
	stepDigits = digits{whole: 3 * money.MaxIntegerDigits, frac: 3 * money.MaxFractionDigits}
)

// rate compiles how the product comes to its premium; nil where it has no rate
// of its own. Rules and definitions do not see the steps.
func (c *compiler) rate(spec Rating, required policy.FieldSet) *rating {
	if spec.Rate == "" && spec.Sum == "" && len(spec.Steps) == 0 {
		return nil
	}
	ns := c.names
	ns.definitions = maps.Clone(c.definitions)
	r, read := &rating{}, reads{}
	at := At{Part: "rate"}
	u := &unit{names: &ns, required: required}
	switch {
	case spec.Sum != "":
		at.Part = "sum"
		r.sum, r.rate = u.sum(spec.Sum)
	case spec.Rate != "":
		r.rate = u.compileText(spec.Rate, 0)
		if k := r.rate.kind; k != invalid && k != number {
			r.rate = u.report("type", span{}, "费率应为数值，得到"+kindNames[k].ZH, "a rate is a number, got "+kindNames[k].EN, policy.Text{})
		}
	}
	u.fits(r.rate, rateDigits)
	c.found = append(c.found, u.problems.at(at)...)
	read.merge(u.reads)
	if spec.Rate != "" || spec.Sum != "" {
		known := &definition{Definition: Definition{Name: rateName}, stage: compiled, term: r.rate.remembered(ns.slots), reads: u.reads}
		known.term.key = rateName
		ns.definitions[rateName], r.rate = known, known.term
		ns.slots++
	}
	c.steps(&ns, r, spec, required, &read)
	c.slots = ns.slots
	r.reads = checkOf(term{}, read)
	return r
}

// fits refuses a number that might be too long to be kept.
func (u *unit) fits(t term, most digits) {
	if t.kind == number && (t.size.whole > most.whole || t.size.frac > most.frac) {
		u.problems.add("too-large", span{}, fmt.Sprintf("结果可能超过 %d 位整数或 %d 位小数", most.whole, most.frac),
			fmt.Sprintf("the result may have more than %d digits or %d decimals", most.whole, most.frac), hint("round(x, 10, half_up)"))
	}
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
		u := &unit{names: ns, required: required}
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

// sum adds up the rows of a table for the coverages of the request.
func (u *unit) sum(name string) (*table, term) {
	t, ok := u.tables[name]
	if !ok {
		return nil, u.report("unknown-table", span{}, "没有名为 `"+name+"` 的表", "no table is called `"+name+"`", nearest(name, slices.Sorted(maps.Keys(u.tables))))
	}
	if u.tabulate(t); len(t.problems) > 0 {
		return nil, term{}
	}
	before := len(t.problems)
	t.checkItem(u.all)
	for i, row := range t.Rows {
		if bad := wrongRate(strings.TrimSpace(row.Value)); bad.code != "" {
			t.report(bad.code, At{Part: "cell", Index: i, Column: len(t.columns)}, bad)
		}
	}
	if len(t.problems) > before {
		return nil, term{}
	}
	set := policy.SetOf(typesPath)
	u.reads.leaves |= set
	if u.lookup(t, span{}, 0).kind == invalid {
		return nil, term{}
	}
	total := func(e *env) decimal {
		var sum decimal
		for _, item := range e.app.InsuranceTypes {
			sum = sum.add(t.amount(e, value{word: item}))
		}
		return sum
	}
	return t, numeric(total, digits{t.size.whole + 2, t.size.frac}, "(sum "+t.Name+")")
}

// checkItem wants one column that the items of the sum fill, and no other that
// nothing fills.
func (t *table) checkItem(known []string) {
	items := 0
	for _, i := range t.free() {
		c := &t.columns[i]
		if isItem := len(t.Columns[i].Domain) == 1 && t.Columns[i].Domain[0] == "coverages"; isItem {
			if items++; items == 1 {
				continue
			}
		}
		t.report("unknown-column", At{Part: "column", Column: i}, wrong{
			message: policy.Text{ZH: "没有名为 `" + c.name + "` 的字段或定义", EN: "no field or definition is called `" + c.name + "`"},
			hint:    nearest(c.name, known),
		})
	}
	if items == 0 {
		t.report("unknown-column", At{Part: "match"}, wrongCell("", "没有险种列", "there is no column of coverages", hint("match: {coverage: coverages, …}")))
	}
}

// lookup takes in what a table reads; what its columns leave unproven must be
// proven here.
func (u *unit) lookup(t *table, at span, facts policy.FieldSet) term {
	u.reads.merge(t.reads)
	if missing := u.unproven(t.reads.free, facts); missing != 0 {
		path := missing.Paths()[0]
		return u.report("unguarded", at, "表 "+t.Name+" 读取选填字段 "+path+"，此处可能缺失", "the table "+t.Name+" reads "+path+", which is optional and may be absent here",
			policy.Text{ZH: "请为该列写一个定义：has(" + path + ") ? … : …", EN: "make the column a definition: has(" + path + ") ? … : …"})
	}
	return term{kind: number}
}

// errNegative is what a rating comes to that would pay the applicant.
var errNegative = errors.New("below zero")

// Rates tells whether the product has a rate or steps of its own.
func (rs *Ruleset) Rates() bool { return rs.rating != nil }

// TableRows are the rows of all tables, in the order of the Spec: whoever counts
// which of them tests have used wants those that they have not.
func (rs *Ruleset) TableRows() []policy.TableRow {
	var rows []policy.TableRow
	for _, t := range rs.tables {
		for i, row := range t.Rows {
			rows = append(rows, policy.TableRow{Table: t.Name, Line: row.Line, Value: t.values[i].money()})
		}
	}
	return rows
}

// Rate rates an application that policy.NewApplication made. known is false
// where an operand is faulty or missing, which another fault tells, or where
// the faults tell why there is no premium: no coverage is named, a value is
// outside of a table, or an expression cannot be computed.
func (rs *Ruleset) Rate(a *policy.Application) (rated policy.Rating, faults policy.Faults, known bool) {
	r := rs.rating
	e := rs.enter(a)
	defer rs.leave(e)
	if r == nil || !r.reads.ready(e) {
		return rated, nil, false
	}
	if r.sum != nil && len(a.InsuranceTypes) == 0 {
		return rated, policy.Faults{policy.Missing(typesPath)}, false
	}
	e.rating = &rated
	r.run(e)
	outside := (*outsideError)(nil)
	switch {
	case errors.As(e.err, &outside):
		return policy.Rating{}, outside.faults, false
	case e.err != nil:
		return policy.Rating{}, policy.Faults{rs.unrated(e.err)}, false
	}
	return rated, nil, true
}

// run computes the rate, the steps, and the weights of the coverages.
func (r *rating) run(e *env) {
	if r.rate.number != nil {
		rate := r.rate.number(e)
		e.rating.Rate = rate.money()
	}
	for _, s := range r.steps {
		e.rating.Steps = append(e.rating.Steps, policy.Step{Name: s.Name, Exact: s.exact(e).money(), Value: s.value(e).money()})
	}
	last := e.rating.Rate
	if n := len(e.rating.Steps); n > 0 {
		last = e.rating.Steps[n-1].Value
	}
	if e.rating.Rate.Sign() < 0 || last.Sign() < 0 {
		e.fail(errNegative)
	}
	if r.sum == nil || e.err != nil {
		return
	}
	rated := e.rating
	e.rating = nil // the rows are noted already
	for _, item := range e.app.InsuranceTypes {
		rated.Shares = append(rated.Shares, policy.Share{Coverage: item, Weight: r.sum.amount(e, value{word: item}).money()})
	}
}

// unrated is the fault of a premium that could not be computed: never a pass,
// and never a pinned answer.
func (rs *Ruleset) unrated(err error) policy.Fault {
	r := rule{code: "PREMIUM"}
	f := r.trouble(err, rs.onError)
	f.Message = policy.Text{ZH: "保费无法计算", EN: "the premium could not be computed"}
	return f
}
