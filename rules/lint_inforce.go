package rules

import (
	"slices"

	"github.com/chudan-io/chudan/policy"
)

// ownAmount warns of a sum in force that rules read, and none of them together
// with the sum of the application itself: a limit that is held against what was
// there before lets each application step over it once. Who compares the sum
// with 0 asks whether there is anything at all, and means it.
func (l *linter) ownAmount(at int, name string) {
	read, own := false, false
	for _, r := range l.rs.anatomy {
		l.thinking = maxThinking
		reads := func(about func(*expression, int) bool) bool {
			seen := make(map[int16]bool)
			return l.any(r.when, seen, about) || l.any(r.condition, seen, about)
		}
		isFact := func(x *expression, i int) bool { return x.parts[i].mayBeFact() && l.subject(x, i) == factPrefix+name }
		if !reads(isFact) {
			continue
		}
		read = true
		own = own || reads(func(x *expression, i int) bool {
			p := &x.parts[i]
			return p.field > 0 && slices.Contains(ownAmounts, page[p.field-1].Path) || l.againstZero(x, i) || l.isTable(p.op)
		})
	}
	if read && !own {
		l.warn("amount-left-out", At{Part: "facts", Index: at}, "没有规则把本次保额与在保累计相加，每份投保都可以超过限额一次",
			"no rule adds the application's own amount to the sum in force: each application may step over a limit once",
			policy.Text{ZH: "请写 " + factPrefix + name + " + amountOfCny", EN: "write " + factPrefix + name + " + amountOfCny"})
	}
}

// ownAmounts are the fields with the sum of the application.
var ownAmounts = []string{"amount", "amountOfCny"}

// mayBeFact tells whether a part can be a fact that is a number.
func (p *subterm) mayBeFact() bool {
	return p.op == "" && p.kind == number && !p.constant && p.field == 0 && p.named == 0
}

// any tells whether something is so of a part of an expression, or of the
// definitions that it uses. Those that have been seen are passed over. Where
// thinking has come to its end it is taken to be so.
func (l *linter) any(x *expression, seen map[int16]bool, is func(*expression, int) bool) bool {
	if x == nil {
		return false
	}
	for i := range x.parts {
		if !l.spend(1) || is(x, i) {
			return true
		}
		if named := x.parts[i].named; named > 0 && !seen[named] {
			seen[named] = true
			if l.any(l.rs.defined[named-1].expr, seen, is) {
				return true
			}
		}
	}
	return false
}

// againstZero tells whether a part compares something with 0.
func (l *linter) againstZero(x *expression, i int) bool {
	if _, ordered := orders[x.parts[i].op]; !ordered {
		return false
	}
	return slices.ContainsFunc(x.operands(i), func(o int) bool {
		limit, ok := l.limit(x, &x.parts[o])
		return ok && limit.cmp(decimal{}) == 0
	})
}

// isTable tells whether a table is called so: its columns may read anything.
func (l *linter) isTable(op string) bool {
	return slices.ContainsFunc(l.rs.tables, func(t *table) bool { return t.Name == op })
}
