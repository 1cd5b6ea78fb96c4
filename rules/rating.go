package rules

import (
	"errors"
	"fmt"
	"maps"

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

// rating is a compiled Rating.
type rating struct {
	rate  term
	steps []step
	reads check
	sum   *table // whose values are the weights of the coverages
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
	u := &unit{names: &ns, required: required, rating: true}
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
