package rules

import (
	"github.com/chudan-io/chudan/policy"
)

// Lint tells what is odd about a Spec that compiles: conditions that cannot
// come out otherwise, rules that no application can fail or pass, definitions,
// tables and coverages that nobody uses, limits that leave out what is applied
// for. It answers warnings, in the order of the Spec, and nothing for a Spec that
// does not compile.
//
// It knows constants and the definitions that stand for them, the bounds that
// comparisons draw for one number, the words that a text may be, that the page's
// numbers are never negative, and that its required and derived fields are
// always there. What it does not know it takes for possible: it is silent
// rather than wrong.
func Lint(spec Spec) []Diagnostic {
	c := new(compiler)
	rs, found := c.compileSpec(spec)
	if len(found) > 0 {
		return nil
	}
	l := linter{thinker: thinker{rs: rs, env: rs.enter(nil), linting: maxLinting}}
	defer rs.leave(l.env)
	l.coverages(c, spec.Rating.Sum != "")
	for i, f := range spec.Facts {
		if !c.facts[f.Name].used {
			l.warn("unused-fact", At{Part: "facts", Index: i}, "没有表达式读取该事实，却要为它等待", "no expression reads the fact, and every decision waits for it",
				policy.Text{ZH: "删除它，或在规则中使用", EN: "remove it, or use it in a rule"})
		}
		if len(f.PerFields) > 0 {
			l.ownAmount(i, f.Name)
		}
	}
	for i, d := range c.defined {
		at := At{Definition: d.Name}
		if d.used == 0 {
			l.warn("unused-definition", at, "没有规则、消息或计费使用该定义", "no rule, message or rating uses the definition",
				policy.Text{ZH: "删除它，或在规则中使用", EN: "remove it, or use it in a rule"})
		}
		if x := rs.defined[i].expr; !x.parts[x.root()].literal() {
			l.parts(at, x, x.root(), true)
		}
	}
	for _, t := range c.tabulated {
		if t.usage.used == 0 {
			l.warn("unused-table", At{Table: t.Name}, "没有规则、消息或计费使用该表", "no rule, message or rating uses the table",
				policy.Text{ZH: "删除它，或在费率、定义或规则中使用", EN: "remove it, or use it in the rate, a definition or a rule"})
		}
	}
	for i := range rs.rules {
		l.rule(&rs.rules[i], rs.anatomy[i])
	}
	return l.found
}

// coverages warns of those that were forgotten: the rate or a step tells
// coverages apart by name, and nothing in the product names this one. A sum over
// the coverages of a request forgets none. Where the rating asks for none they
// are labels, all of them.
func (l *linter) coverages(c *compiler, summed bool) {
	mentioned, rated := c.mentioned(), false
	for _, by := range mentioned {
		rated = rated || by&byRating != 0
	}
	for i, code := range c.coverages {
		if rated && !summed && mentioned[code] == 0 {
			l.warn("unused-coverage", At{Part: "coverages", Index: i}, "计费区分险种，却没有任何地方提到该险种", "the rating tells coverages apart, and nothing names this one",
				policy.Text{ZH: "为它写费率，或删除它", EN: "give it a rate, or remove it"})
		}
	}
}

// linter collects what is odd.
type linter struct {
	thinker
	found []Diagnostic
}

func (l *linter) warn(code string, at At, zh, en string, h policy.Text) {
	l.found = append(l.found, Diagnostic{Code: code, At: at, Message: policy.Text{ZH: zh, EN: en}, Hint: h, Warning: true})
}

// ways are the worlds of a whole expression; without one anything is possible.
func (l *linter) ways(x *expression, want bool) []world {
	l.thinking = maxThinking
	if x == nil {
		return unknown()
	}
	return l.worlds(x, x.root(), want)
}

func (l *linter) rule(r *rule, from anatomy) {
	when, at := l.ways(from.when, true), At{Rule: r.code, Part: r.part}
	whenAt := At{Rule: r.code, Part: "when"}
	if !l.possible(when) {
		l.warn("never-applies", whenAt, "when 不可能成立，规则从不适用", "when cannot be true: the rule never applies", policy.Text{})
		return
	}
	if from.when != nil {
		l.parts(whenAt, from.when, from.when.root(), true)
	}
	fails, holds := l.required(r, true), l.required(r, false)
	if from.condition != nil {
		fails, holds = l.ways(from.condition, r.failsOn), l.ways(from.condition, !r.failsOn)
	}
	l.thinking = maxThinking
	switch {
	case !l.possible(when, fails):
		l.warn("never-fails", at, "任何投保都不会触发该规则", "no application can fail the rule", policy.Text{})
		return
	case !l.possible(when, holds) && !deliberate(r, from):
		l.warn("always-fails", at, "凡适用的投保都会触发该规则", "every application that the rule applies to fails it", policy.Text{})
		return
	}
	if from.condition != nil {
		l.parts(at, from.condition, from.condition.root(), false)
	}
}

// deliberate tells whether a rule that always fails says so in so many words:
// `true` behind a `when`, or a note or a referral of everything. To refuse
// everything is a product that is not on sale.
func deliberate(r *rule, from anatomy) bool {
	x := from.condition
	return x != nil && x.parts[x.root()].literal() && (from.when != nil || r.verdict != policy.Reject)
}

// required are the ways to fail, or to pass, a require rule.
func (l *linter) required(r *rule, fail bool) []world {
	l.thinking = maxThinking
	var ways []world
	all := unknown()
	for _, q := range r.require {
		lacks := l.presence(opHas+"("+q.path+")", false)
		ways = l.either(ways, lacks)
		all = l.both(all, l.presence(opHas+"("+q.path+")", true))
	}
	if fail {
		return ways
	}
	return all
}

// parts warns of the conditions in an expression that cannot come out
// otherwise; of those within each other, of the innermost.
func (l *linter) parts(at At, x *expression, i int, decides bool) {
	p, before := &x.parts[i], len(l.found)
	for nth, operand := range x.operands(i) {
		l.parts(at, x, operand, p.joins() && (p.op != opChoose || nth == 0 || p.kind == boolean))
	}
	if !decides || p.kind != boolean || len(l.found) > before {
		return
	}
	l.thinking = maxThinking
	always, never := len(l.worlds(x, i, false)) == 0, len(l.worlds(x, i, true)) == 0
	at.Offset, at.Length = int(p.from), int(p.to-p.from)
	text := "`" + string([]rune(x.text)[p.from:p.to]) + "`"
	switch {
	case always:
		l.warn("constant", at, text+" 恒为真", text+" is always true", policy.Text{})
	case never:
		l.warn("constant", at, text+" 恒为假", text+" is never true", policy.Text{})
	}
}
