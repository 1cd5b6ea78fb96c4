package rules

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/chudan-io/chudan/policy"
)

// shownLength is how much of a text a trace shows.
const shownLength = 80

// show is a subterm's value as the language writes it: 1018, "CNY", true,
// [QUALITY, DELIVERY], and times at +08:00.
func (e *env) show(rs *Ruleset, x *expression, p *subterm) string {
	if p.kind == number {
		return rs.number(x, p)(e).String()
	}
	switch value := p.value.(type) {
	case func(*env) bool:
		return strconv.FormatBool(value(e))
	case func(*env) time.Time:
		return value(e).In(policy.Zone()).Format(timeLayout)
	case func(*env) []string:
		return "[" + strings.Join(value(e), ", ") + "]"
	case func(*env) string:
		value(e) // a mask does not tell whether there is anything behind it
		return strconv.Quote(shorten(e.masked(rs, x, p)))
	}
	return ""
}

// masked is the value of a text. Texts are never made, only chosen: the field
// that it comes from is found, and knows whether it is personal.
func (e *env) masked(rs *Ruleset, x *expression, p *subterm) string {
	switch {
	case p.field > 0:
		return page[p.field-1].Shown(e.app.Request)
	case p.named > 0:
		d := rs.defined[p.named-1].expr
		return e.masked(rs, d, &d.parts[d.root()])
	case p.op == opChoose:
		for i := range x.parts {
			if &x.parts[i] != p {
				continue
			}
			of := x.operands(i)
			chosen := of[2]
			if holds, ok := x.parts[of[0]].value.(func(*env) bool); ok && holds(e) {
				chosen = of[1]
			}
			return e.masked(rs, x, &x.parts[chosen])
		}
	case p.literal():
		if value, ok := p.value.(func(*env) string); ok {
			return value(e)
		}
	}
	return "***" // where it comes from is not known
}

func shorten(s string) string {
	if utf8.RuneCountInString(s) <= shownLength {
		return s
	}
	return string([]rune(s)[:shownLength-1]) + "…"
}
