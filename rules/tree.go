package rules

import (
	"slices"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser"

	"github.com/chudan-io/chudan/policy"
)

// Tree is an expression as the language reads it, for whoever says it in other
// words. Brackets are in the shape of it: (a or b) and c is an and of an or.
type Tree struct {
	// Op is and, or, not, ?:, -x, an operator, or the name of a function or a
	// table; "" where there is nothing but Text.
	Op      string
	Text    string // a name or a literal, as it stands but for quotes; or has's path
	Literal bool   // Text is a value, no name
	Kind    Kind   // of the value
	Args    []Tree // what Op takes, in the order of the text; those of [a, b] stand behind what is looked for
}

// Kind is what a value of the language is.
type Kind string

// The kinds.
const (
	KindCondition Kind = "condition"
	KindNumber    Kind = "number"
	KindText      Kind = "text"
	KindTime      Kind = "time"
	KindList      Kind = "list"
	KindMode      Kind = "mode" // half_up and its like, which round and div take
)

// Tree reads an expression of the Spec. ok is false for what is none, and for
// what the language may learn before this does.
func (rs *Ruleset) Tree(text string) (tree Tree, ok bool) {
	s := scan(text)
	if len(text) > MaxExpression || len(s.problems) > 0 {
		return tree, false
	}
	parsed, err := parser.Parse(s.text)
	if err != nil {
		return tree, false
	}
	r := reader{rs, s, true}
	tree = r.read(parsed.Node)
	return tree, r.ok
}

// reader reads one expression.
type reader struct {
	of  *Ruleset
	src *source
	ok  bool
}

func (r *reader) read(node ast.Node) Tree {
	switch n := node.(type) {
	case *ast.IntegerNode, *ast.FloatNode:
		from := n.Location().From
		to, _ := r.src.number(from)
		return Tree{Text: string(r.src.runes[from:to]), Literal: true, Kind: KindNumber}
	case *ast.BoolNode:
		return Tree{Text: map[bool]string{true: "true", false: "false"}[n.Value], Literal: true, Kind: KindCondition}
	case *ast.StringNode:
		return Tree{Text: n.Value, Literal: true, Kind: KindText}
	case *ast.IdentifierNode, *ast.MemberNode:
		return r.name(n)
	case *ast.UnaryNode:
		return r.unary(n)
	case *ast.BinaryNode:
		return r.binary(n)
	case *ast.ConditionalNode:
		t := r.join(opChoose, KindCondition, n.Cond, n.Exp1, n.Exp2)
		t.Kind = t.Args[1].Kind
		return t
	case *ast.CallNode:
		if callee, ok := n.Callee.(*ast.IdentifierNode); ok {
			return r.call(callee.Value, n.Arguments)
		}
	case *ast.BuiltinNode:
		return r.call(n.Name, n.Arguments)
	}
	r.ok = false
	return Tree{}
}

func (r *reader) join(op string, kind Kind, nodes ...ast.Node) Tree {
	t := Tree{Op: op, Kind: kind}
	for _, n := range nodes {
		t.Args = append(t.Args, r.read(n))
	}
	return t
}

// name is a field, a definition or a coverage; in steps also a step or the
// rate, which are numbers.
func (r *reader) name(node ast.Node) Tree {
	path, ok := pathOf(node)
	r.ok = r.ok && ok
	t := Tree{Text: path, Kind: KindText}
	if f, ok := fieldNamed(path); ok {
		t.Kind = kindWords[fieldTerm(f).kind]
	} else if i := slices.IndexFunc(r.of.facts, func(f policy.FactSpec) bool { return factPrefix+f.Name == path }); i >= 0 {
		t.Kind = kindWords[factKinds[r.of.facts[i].Type]]
	} else if i := slices.IndexFunc(r.of.defined, func(d defined) bool { return d.name == path }); i >= 0 {
		x := r.of.defined[i].expr
		t.Kind = kindWords[x.parts[x.root()].kind]
	} else if r.of.rating != nil && (path == rateName || slices.ContainsFunc(r.of.rating.steps, func(s step) bool { return s.Name == path })) {
		t.Kind = KindNumber
	}
	return t
}

var kindWords = [...]Kind{boolean: KindCondition, number: KindNumber, text: KindText, moment: KindTime, list: KindList}

func (r *reader) unary(n *ast.UnaryNode) Tree {
	if n.Operator == "-" {
		return r.join("-x", KindNumber, n.Node)
	}
	return r.join(operatorName(n.Operator), KindCondition, n.Node)
}

// binary flattens what and, or, + and * join in a row: their order of
// computation does not matter.
func (r *reader) binary(n *ast.BinaryNode) Tree {
	op := operatorName(n.Operator)
	kind := KindCondition
	if op == "+" || op == "-" || op == "*" {
		kind = KindNumber
	}
	if set, ok := n.Right.(*ast.ArrayNode); ok {
		return r.join(op, kind, append([]ast.Node{n.Left}, set.Nodes...)...)
	}
	t := r.join(op, kind, n.Left, n.Right)
	if op == opAnd || op == opOr || op == "+" || op == "*" {
		var flat []Tree
		for _, a := range t.Args {
			if a.Op == op {
				flat = append(flat, a.Args...)
			} else {
				flat = append(flat, a)
			}
		}
		t.Args = flat
	}
	return t
}

func (r *reader) call(name string, args []ast.Node) Tree {
	switch name {
	case opHas:
		if len(args) == 1 {
			path, ok := pathOf(args[0])
			r.ok = r.ok && ok
			return Tree{Op: opHas, Text: path, Kind: KindCondition}
		}
	case "round", "div":
		if last := len(args) - 1; last >= 2 { // the mode: with quotes or without
			t := r.join(name, KindNumber, args...)
			t.Args[last] = Tree{Text: t.Args[last].Text, Kind: KindMode}
			return t
		}
	default:
		return r.join(name, KindNumber, args...)
	}
	r.ok = false
	return Tree{}
}
