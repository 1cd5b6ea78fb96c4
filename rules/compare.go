package rules

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"

	"github.com/chudan-io/chudan/policy"
)

// orders are what the operators say of a comparison that gives −1, 0 or +1.
var orders = map[string][3]bool{
	"==": {false, true, false},
	"!=": {true, false, true},
	"<":  {true, false, false},
	"<=": {true, true, false},
	">":  {false, false, true},
	">=": {false, true, true},
}

// compare is a comparison of two values of one kind; nil where the operator
// does not take them. Lists are never compared: their order means nothing.
func compare(operator string, l, r term) func(*env) bool {
	holds, ordered := orders[operator]
	equality := operator == "==" || operator == "!="
	switch {
	case l.kind != r.kind:
		return nil
	case l.kind == number && ordered && r.literal != nil:
		a, b := l.number, r.literal.value
		return func(e *env) bool { return holds[1+a(e).cmp(b)] }
	case l.kind == number && ordered:
		a, b := l.number, r.number
		return func(e *env) bool { return holds[1+a(e).cmp(b(e))] }
	case l.kind == moment && ordered:
		a, b := l.moment, r.moment
		return func(e *env) bool { return holds[1+a(e).Compare(b(e))] }
	case l.kind == boolean && equality:
		a, b, same := l.boolean, r.boolean, operator == "=="
		return func(e *env) bool { return (a(e) == b(e)) == same }
	case l.kind == text && equality:
		a, b, same := l.text, r.text, operator == "=="
		return func(e *env) bool { return (a(e) == b(e)) == same }
	case l.kind == text:
		return search(operator, l.text, r.text)
	}
	return nil
}

func search(operator string, a, b func(*env) string) func(*env) bool {
	switch operator {
	case "contains":
		return func(e *env) bool { return strings.Contains(a(e), b(e)) }
	case "startsWith":
		return func(e *env) bool { return strings.HasPrefix(a(e), b(e)) }
	case "endsWith":
		return func(e *env) bool { return strings.HasSuffix(a(e), b(e)) }
	}
	return nil
}

// The limits of a pattern keep a match to some milliseconds on the longest
// text of the page.
const (
	maxPatternBytes = 256
	maxPatternSteps = 500 // of the compiled program: [A-Z]{18} has 20
)

// matching is `x matches "pattern"`: RE2, which cannot backtrack, compiled now.
func (u *unit) matching(n *ast.BinaryNode, l, pattern term) term {
	at := u.span(n.Right)
	if pattern.word == nil {
		return u.report("pattern", at, "matches 之后应为固定的模式", "after matches stands a constant pattern", hint(`x matches "^[A-Z]{2}"`))
	}
	if len(*pattern.word) > maxPatternBytes {
		return u.report("pattern", at, "模式超过 256 字节", "the pattern is longer than 256 bytes", policy.Text{})
	}
	re, err := regexp.Compile(*pattern.word)
	if err != nil {
		return u.report("pattern", at, "模式无效："+err.Error(), "the pattern is invalid: "+err.Error(), policy.Text{})
	}
	if steps(*pattern.word) > maxPatternSteps {
		return u.report("pattern", at, "模式过于复杂", "the pattern is too complex", policy.Text{})
	}
	x := l.text
	return condition(func(e *env) bool { return re.MatchString(x(e)) }, "(matches "+l.key+" "+pattern.key+")")
}

// steps is how long the program of a valid pattern is.
func steps(pattern string) int {
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return 0
	}
	program, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return 0
	}
	return len(program.Inst)
}

// membership is `x in xs`: xs the list of the request, or one that stands there.
func (u *unit) membership(n *ast.BinaryNode, facts policy.FieldSet) term {
	l := u.compile(n.Left, facts)
	if array, ok := n.Right.(*ast.ArrayNode); ok {
		return u.oneOf(n, l, array.Nodes, facts)
	}
	r := u.compile(n.Right, facts)
	if l.kind == invalid || r.kind == invalid {
		return term{}
	}
	if l.kind != text || r.kind != list {
		return u.mismatch(n, l, r)
	}
	if l.word != nil && len(u.coverages) > 0 && !slices.Contains(u.coverages, *l.word) {
		return u.report("unknown-coverage", u.span(n.Left), "没有险种 `"+*l.word+"`", "no coverage is called `"+*l.word+"`", nearest(*l.word, u.coverages))
	}
	x, xs := l.text, r.list
	return condition(func(e *env) bool { return slices.Contains(xs(e), x(e)) }, "(in "+l.key+" "+r.key+")")
}

// oneOf is `x in [a, b]`, of numbers or texts.
func (u *unit) oneOf(n *ast.BinaryNode, l term, nodes []ast.Node, facts policy.FieldSet) term {
	items, keys := make([]term, len(nodes)), make([]string, len(nodes))
	for i, node := range nodes {
		items[i] = u.compile(node, facts)
		keys[i] = items[i].key
	}
	if l.kind == invalid || slices.ContainsFunc(items, isInvalid) {
		return term{}
	}
	for _, item := range items {
		if item.kind != l.kind {
			return u.mismatch(n, l, item)
		}
	}
	key := "(in " + l.key + " [" + strings.Join(keys, " ") + "])"
	switch {
	case len(items) == 0:
		return u.report("type", u.span(n), "列表为空", "the list is empty", policy.Text{})
	case l.kind == number:
		return condition(among(l.number, numbersOf(items), func(a, b decimal) bool { return a.cmp(b) == 0 }), key)
	case l.kind == text:
		return condition(among(l.text, textsOf(items), func(a, b string) bool { return a == b }), key)
	}
	return u.mismatch(n, l, items[0])
}

func among[T any](value func(*env) T, items []func(*env) T, same func(a, b T) bool) func(*env) bool {
	return func(e *env) bool {
		x := value(e)
		for _, item := range items {
			if same(x, item(e)) {
				return true
			}
		}
		return false
	}
}
