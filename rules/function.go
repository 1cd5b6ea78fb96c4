package rules

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"

	"github.com/chudan-io/chudan/policy"
)

// signatures are the functions of the language. A new one needs a line here, a
// case in call and a paragraph in doc.go.
var signatures = map[string]string{
	"has":          "has(path)",
	"calendarDays": "calendarDays(from, to)",
	"div":          "div(a, b, scale, mode)",
	"round":        "round(x, scale, mode)",
	"min":          "min(a, b, …)",
	"max":          "max(a, b, …)",
	"abs":          "abs(x)",
	"len":          "len(text or list)",
}

// Functions are the functions of the language, as they are called, in the order
// of their names. An edition's tables are called like functions too.
func Functions() []string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(signatures)) {
		all = append(all, signatures[name])
	}
	return all
}

// call is a function's name, where it stands, and what it is given.
type call struct {
	name string
	at   span
	args []ast.Node
}

func (c call) key(args ...term) string {
	key := "(" + c.name
	for _, a := range args {
		key += " " + a.key
	}
	return key + ")"
}

func (u *unit) call(c call, facts policy.FieldSet) term {
	switch c.name {
	case "has":
		t := u.has(c)
		t.doubtful = t.kind == invalid
		return t
	case "calendarDays":
		return u.calendarDays(c, facts)
	case "div":
		return u.div(c, facts)
	case "round":
		return u.round(c, facts)
	case "min", "max":
		return u.extreme(c, facts)
	case "abs":
		return u.abs(c, facts)
	case "len":
		return u.length(c, facts)
	}
	if t, ok := u.tables[c.name]; ok {
		return u.callTable(t, c, facts)
	}
	known := slices.Concat(slices.Sorted(maps.Keys(signatures)), slices.Sorted(maps.Keys(u.tables)))
	h := nearest(c.name, known)
	if h == (policy.Text{}) {
		all := strings.Join(known, ", ")
		h = policy.Text{ZH: "可用函数：" + all, EN: "the functions are " + all}
	}
	return u.report("unknown-function", c.at, "没有函数 `"+c.name+"`", "there is no function `"+c.name+"`", h)
}

// arguments compiles the arguments and holds them against the kinds wanted.
func (u *unit) arguments(c call, facts policy.FieldSet, want ...kind) (args []term, ok bool) {
	if len(c.args) != len(want) {
		u.misused(c)
		return nil, false
	}
	ok = true
	for i, k := range want {
		t := u.compile(c.args[i], facts)
		if t.kind != k && t.kind != invalid {
			t = u.report("arguments", u.span(c.args[i]), "应为"+kindNames[k].ZH+"，得到"+kindNames[t.kind].ZH,
				"want "+kindNames[k].EN+", got "+kindNames[t.kind].EN, hint(signatures[c.name]))
		}
		ok = ok && t.kind != invalid
		args = append(args, t)
	}
	return args, ok
}

func (u *unit) misused(c call) term {
	return u.report("arguments", c.at, c.name+" 的参数不对", c.name+" is given the wrong arguments", hint(signatures[c.name]))
}

// has tells whether a field was sent, or derived; of an object, whether one of
// its fields was.
func (u *unit) has(c call) term {
	if len(c.args) != 1 {
		return u.misused(c)
	}
	path, ok := pathOf(c.args[0])
	if !ok {
		return u.misused(c)
	}
	if f, ok := fieldNamed(path); ok {
		set := policy.FieldSet(0).With(f)
		u.reads.leaves |= set
		t := condition(func(e *env) bool { return e.app.HasAny(set) }, "(has "+f.Path+")")
		t.proves.whenTrue = set
		return t
	}
	if set := policy.ObjectFields(path); set != 0 {
		u.reads.object(path)
		return condition(func(e *env) bool { return e.app.HasAny(set) }, "(has "+path+")")
	}
	at := u.span(c.args[0])
	if strings.HasPrefix(path, factPrefix) {
		u.fact(path, at)
		return u.report("arguments", at, path+" 是事实，不是字段", path+" is a fact and no field", neverAbsent)
	}
	if _, ok := u.definitions[path]; ok {
		return u.report("arguments", at, path+" 是定义，总是存在", path+" is a definition and always there", hint("has(path)"))
	}
	return u.unknown(path, at)
}

// calendarDays counts both ends.
func (u *unit) calendarDays(c call, facts policy.FieldSet) term {
	args, ok := u.arguments(c, facts, moment, moment)
	if !ok {
		return term{}
	}
	from, to := args[0].moment, args[1].moment
	return numeric(func(e *env) decimal { return whole(policy.CalendarDays(from(e), to(e))) },
		digits{whole: 6}, c.key(args...)) // at most a century
}

// length counts characters, or items.
func (u *unit) length(c call, facts policy.FieldSet) term {
	if len(c.args) != 1 {
		return u.misused(c)
	}
	x := u.compile(c.args[0], facts)
	size, key := digits{whole: 6}, c.key(x) // at most 64 KiB
	switch {
	case x.kind == text:
		return numeric(func(e *env) decimal { return whole(utf8.RuneCountInString(x.text(e))) }, size, key)
	case x.kind == list:
		return numeric(func(e *env) decimal { return whole(len(x.list(e))) }, size, key)
	case x.kind == invalid:
		return x
	}
	return u.misused(c)
}
