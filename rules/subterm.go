package rules

import (
	"slices"
	"strings"
	"unicode"

	"github.com/expr-lang/expr/ast"
)

// expression is a text and its sub-expressions, for whoever asks why. The
// closures that decide know nothing of it: what nobody asks for costs nothing.
type expression struct {
	text  string
	parts []subterm // each behind its operands: the last is the whole
}

// subterm is one sub-expression: where it stands and how its value is had.
type subterm struct {
	from, to uint16 // in runes
	size     uint16 // subterms that it is made of, itself among them
	kind     kind
	constant bool   // it reads nothing
	field    int8   // where it is a field: its place in page, from 1
	named    int16  // where it is a definition: its place in the Spec, from 1
	op       string // an operator or a function; "" for a name and a literal
	value    any    // the closure, of the kind's type; nil for a number that stands in the text
}

// What joins conditions; every other condition is an atomic one.
const (
	opAnd    = "and"
	opOr     = "or"
	opNot    = "not"
	opChoose = "?:"
	opHas    = "has"
)

func (p *subterm) joins() bool {
	return p.op == opAnd || p.op == opOr || p.op == opNot || p.op == opChoose
}

// literal tells whether the value stands in the text itself.
func (p *subterm) literal() bool { return p.constant && p.size == 1 && p.named == 0 }

func (x *expression) root() int { return len(x.parts) - 1 }

// operands are the subterms that the i-th is directly made of, in the order of
// the text.
func (x *expression) operands(i int) []int {
	var all []int
	for at, first := i-1, i-int(x.parts[i].size)+1; at >= first; at -= int(x.parts[at].size) {
		all = append(all, at)
	}
	slices.Reverse(all)
	return all
}

// joined are the conditions that the i-th subterm joins by and, or by or:
// a and b and c are three, though the tree knows them two by two.
func (x *expression) joined(i int) []int {
	all := x.operands(i)
	for op := x.parts[i].op; (op == opAnd || op == opOr) && x.parts[all[0]].op == op; {
		all = append(x.operands(all[0]), all[1:]...)
	}
	return all
}

// note keeps what has been compiled from node; its operands are those that
// were noted since mark.
func (u *unit) note(node ast.Node, t term, mark int) {
	p := subterm{kind: t.kind, value: t.closure()}
	at := u.span(node)
	var beside []ast.Node // operands that may be no expressions of their own
	pure := true
	switch n := node.(type) {
	case *ast.IdentifierNode, *ast.MemberNode:
		path, _ := pathOf(n)
		f, isField := fieldNamed(path)
		d, isDefinition := u.definitions[path]
		switch {
		case isField:
			p.field = int8(slices.Index(fieldPaths[1:], f.Path) + 1) //nolint:gosec // a page of some sixty fields
		case isDefinition:
			p.named, p.constant = int16(d.place), d.constant //nolint:gosec // at most maxDefinitions
		default:
			p.constant = slices.Contains(u.coverages, path)
		}
	case *ast.IntegerNode, *ast.FloatNode:
		p.constant = true
		if c := u.src.at(at.to); c == '%' || c == '‰' {
			at.to++
		}
	case *ast.BoolNode, *ast.StringNode:
		p.constant = true
	case *ast.UnaryNode:
		p.op = operatorName(n.Operator)
		if last := len(u.parts) - 1; u.span(n.Node).from == at.from && last >= mark {
			p.op = "not " + u.parts[last].op // a not in b: one operator
			at = at.join(u.parts[last])
			u.parts = u.parts[:last]
		}
	case *ast.BinaryNode:
		p.op = operatorName(n.Operator)
		beside = []ast.Node{n.Right}
	case *ast.ConditionalNode:
		p.op, at = opChoose, u.span(n.Cond) // its own place is behind it
	case *ast.CallNode:
		p.op, beside = at.of(u.src), n.Arguments
		_, pure = signatures[p.op] // what else is called may read more than its arguments
	case *ast.BuiltinNode:
		p.op, beside = n.Name, n.Arguments
	}
	for _, n := range beside {
		s := u.span(n)
		at = span{min(at.from, s.from), max(at.to, s.to)}
	}
	operands := u.parts[mark:]
	if p.op != "" && len(operands) > 0 {
		p.constant = pure
		for _, o := range operands {
			at, p.constant = at.join(o), p.constant && o.constant
		}
	}
	at = u.src.balance(at)
	p.from, p.to, p.size = uint16(at.from), uint16(at.to), uint16(len(operands)+1) //nolint:gosec // at most MaxExpression
	if p.op == "" && t.literal != nil {
		p.value = nil // comparisons have it in them, and the closure is of no use to anybody else
	}
	u.parts = append(u.parts, p)
}

// anatomy is the expression that has been noted.
func (u *unit) anatomy(text string) *expression {
	parts := make([]subterm, len(u.parts)-u.base)
	copy(parts, u.parts[u.base:])
	u.parts = u.parts[:u.base]
	return &expression{text, parts}
}

// number is the closure of a number; nil for anything else.
func (rs *Ruleset) number(x *expression, p *subterm) func(*env) decimal {
	switch value, ok := p.value.(func(*env) decimal); {
	case ok || p.value != nil:
		return value
	case p.named > 0:
		d := rs.defined[p.named-1].expr
		return rs.number(d, &d.parts[d.root()])
	}
	lit := scan(string([]rune(x.text)[p.from:p.to])).literals[0]
	return func(*env) decimal { return lit.value }
}

func (t term) closure() any {
	switch t.kind {
	case boolean:
		return t.boolean
	case number:
		return t.number
	case text:
		return t.text
	case moment:
		return t.moment
	case list:
		return t.list
	case invalid:
	}
	return nil
}

func operatorName(op string) string {
	switch op {
	case "&&":
		return opAnd
	case "||":
		return opOr
	case "!":
		return opNot
	}
	return op
}

func (s span) join(p subterm) span { return span{min(s.from, int(p.from)), max(s.to, int(p.to))} }

func (s span) of(src *source) string { return string(src.runes[s.from:s.to]) }

// balance widens a stretch by the brackets whose partners stand in it.
func (s *source) balance(at span) span {
	open, closed := 0, 0
	for i := at.from; i < at.to; i++ {
		switch r := s.runes[i]; r {
		case '"', '\'', '`':
			i = s.quoted(i) - 1
		case '(', '[':
			open++
		case ')', ']':
			if open > 0 {
				open--
			} else {
				closed++
			}
		}
	}
	for ; closed > 0; closed-- {
		for at.from--; at.from > 0 && unicode.IsSpace(s.runes[at.from]); {
			at.from--
		}
	}
	for ; open > 0; open-- {
		at.to = s.run(at.to, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(",", r) }) + 1
	}
	return span{max(at.from, 0), min(at.to, len(s.runes))}
}
