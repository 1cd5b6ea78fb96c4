package rules

import (
	"strings"

	"github.com/expr-lang/expr/ast"

	"github.com/chudan-io/chudan/policy"
)

// callTable is table(a, b): the value of the row that fits, where the
// arguments fill the columns that neither a field nor a definition does.
func (u *unit) callTable(t *table, c call, facts policy.FieldSet) term {
	if t.stage == compiling {
		return u.report("cycle", c.at, "表 "+t.Name+" 的列用到它自己", "a column of the table "+t.Name+" uses the table", policy.Text{})
	}
	u.tabulate(t)
	u.use(&t.usage)
	if len(t.problems) > 0 {
		return term{}
	}
	free := t.free()
	if len(c.args) != len(free) {
		return u.report("arguments", c.at, c.name+" 的参数不对", c.name+" is given the wrong arguments", hint(t.signature()))
	}
	args, secret, ok := make([]term, len(free)), make([]bool, len(free)), true
	for i, at := range free {
		want := number
		if t.columns[at].domain.words != nil {
			want = text
		}
		args[i], secret[i] = u.compileArgument(c.args[i], facts)
		if k := args[i].kind; k != want && k != invalid {
			args[i] = u.report("arguments", u.span(c.args[i]), "应为"+kindNames[want].ZH+"，得到"+kindNames[k].ZH,
				"want "+kindNames[want].EN+", got "+kindNames[k].EN, hint(t.signature()))
		}
		if w := args[i].word; want == text && w != nil {
			if _, known := t.columns[at].domain.words[*w]; !known {
				bad := t.columns[at].domain.unknown(*w)
				args[i] = u.report(bad.code, u.span(c.args[i]), bad.message.ZH, bad.message.EN, bad.hint)
			}
		}
		ok = ok && args[i].kind != invalid
	}
	if known := u.lookup(t, c.at, facts); !ok || known.kind == invalid {
		return term{}
	}
	return numeric(t.call(args, secret), t.size, c.key(args...))
}

// compileArgument compiles an argument of a table, and tells whether its value
// may be personal.
func (u *unit) compileArgument(node ast.Node, facts policy.FieldSet) (t term, secret bool) {
	before := u.reads.personal
	u.reads.personal = false
	t = u.compile(node, facts)
	secret = u.reads.personal
	u.reads.personal = secret || before
	return t, secret
}

// call looks the row up. There are no more arguments than columns.
func (t *table) call(args []term, secret []bool) func(*env) decimal {
	return func(e *env) decimal {
		var given [maxColumns]value
		for i := range args {
			given[i].secret = secret[i]
			switch args[i].kind {
			case number:
				given[i].number = args[i].number(e)
			default:
				given[i].word = args[i].text(e)
			}
		}
		return t.amount(e, given[:len(args)]...)
	}
}

// signature is how the table is called.
func (t *table) signature() string {
	var names []string
	for _, i := range t.free() {
		names = append(names, t.columns[i].name)
	}
	return t.Name + "(" + strings.Join(names, ", ") + ")"
}
