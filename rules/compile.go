package rules

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"

	"github.com/chudan-io/chudan/policy"
)

// MaxExpression is how many bytes one expression may have.
const MaxExpression = 1024

// The limits of one expression.
const (
	maxNodes = 200 // compiled, so that a < b < c, which reads b twice, counts it twice
)

// unit is one expression on its way from text to closures. Every part of it
// goes through compile, which knows what it lets through; there is no list of
// what is refused that could have a gap.
type unit struct {
	*names
	required   policy.FieldSet // proven by require rules
	owner      *definition     // whose expression it is; nil for any other
	rating     bool            // it is of the rating
	definition bool            // an optional field may stand unproven: who uses the definition proves it

	src      *source
	reads    reads
	problems problems
	nodes    int
	base     int // of its parts among those of all
}

// compileText compiles the text of an expression where the fields in facts are
// known to be present.
func (u *unit) compileText(text string, facts policy.FieldSet) term {
	if len(text) > MaxExpression {
		u.problems.add("too-long", span{}, "表达式超过 1024 字节", "the expression is longer than 1024 bytes",
			policy.Text{ZH: "请拆分到 define 中", EN: "name parts of it under define"})
		return term{doubtful: true}
	}
	u.src = scan(text)
	if u.problems = u.src.problems; len(u.problems) > 0 {
		return term{doubtful: true}
	}
	tree, err := parser.Parse(u.src.text)
	if err != nil {
		u.unreadable(err)
		return term{doubtful: true}
	}
	u.base = len(u.parts)
	t := u.compile(tree.Node, facts)
	t.anatomy = u.anatomy(text)
	return t
}

// unreadable reports what expr's parser stumbled over.
func (u *unit) unreadable(err error) {
	var e *file.Error
	if !errors.As(err, &e) {
		u.problems.add("syntax", span{}, "无法解析", "cannot be read", policy.Text{})
		return
	}
	at := span{min(e.From, len(u.src.runes)), min(e.To, len(u.src.runes))}
	found := strings.TrimSpace(string(u.src.runes[at.from:at.to]))
	switch {
	case strings.TrimSpace(string(u.src.runes)) == "":
		u.problems.add("syntax", span{}, "表达式为空", "the expression is empty", policy.Text{})
	case e.Message == "unexpected token EOF":
		at = span{len(u.src.runes), len(u.src.runes)}
		u.problems.add("syntax", at, "表达式不完整，缺少内容或右括号", "the expression ends too early: an operand or a bracket is missing", policy.Text{})
	case found == "," && at.from > 0 && isDigit(u.src.at(at.from-1)) && isDigit(u.src.at(at.to)):
		u.problems.add("number", at, "数值不写分隔符", "a number has no separators", plainNumber(found))
	case strings.HasPrefix(e.Message, "unexpected token"):
		h := policy.Text{ZH: "两项之间缺少运算符，或括号不配对", EN: "an operator is missing before it, or a bracket has no partner"}
		if write, ok := glued(found); ok {
			h = hint(write)
		} else if slices.Contains(keywords, found) {
			h = hint("a " + found + " b")
		}
		u.problems.add("syntax", at, "此处不应出现 `"+found+"`", "unexpected `"+found+"`", h)
	case e.Message == "expected name":
		u.problems.add("syntax", at, "`.` 之后应为名称", "a name stands after `.`", hint("attrs.agreeOnSendTime"))
	default:
		u.problems.add("syntax", at, "无法解析："+e.Message, "cannot be read: "+e.Message, policy.Text{})
	}
}

// compile is the one place through which each sub-expression goes. It notes
// where it stands, for traces and coverage.
func (u *unit) compile(node ast.Node, facts policy.FieldSet) term {
	mark := len(u.parts)
	t := u.construct(node, facts)
	if t.kind != invalid {
		u.note(node, t, mark)
	}
	return t
}

// construct is the whole language: a kind of node that is not named here is
// none of it.
func (u *unit) construct(node ast.Node, facts policy.FieldSet) term {
	if u.nodes++; u.nodes > maxNodes {
		if u.nodes == maxNodes+1 {
			u.problems.add("too-long", span{}, "表达式过于复杂（超过 200 个节点）", "the expression is too complex (more than 200 nodes)",
				policy.Text{ZH: "请拆分到 define 中", EN: "name parts of it under define"})
		}
		return term{doubtful: true}
	}
	switch n := node.(type) {
	case *ast.IntegerNode, *ast.FloatNode:
		return u.literal(n)
	case *ast.BoolNode:
		return boolTerm(n.Value)
	case *ast.StringNode:
		return u.mention(n.Value)
	case *ast.IdentifierNode, *ast.MemberNode:
		return u.name(n, facts)
	case *ast.UnaryNode:
		return u.unary(n, facts)
	case *ast.BinaryNode:
		return u.binary(n, facts)
	case *ast.ConditionalNode:
		return u.conditional(n, facts)
	case *ast.CallNode:
		callee, ok := n.Callee.(*ast.IdentifierNode)
		if !ok {
			return u.report("not-available", u.span(n), "不支持方法调用", "methods cannot be called", hint("len(x)"))
		}
		return u.call(call{callee.Value, u.span(n), n.Arguments}, facts)
	case *ast.BuiltinNode:
		return u.call(call{n.Name, u.span(n), n.Arguments}, facts)
	case *ast.ArrayNode:
		return u.refuse(n, "列表只能写在 in 之后", "a list can only stand after in")
	}
	return u.refuse(node, "不支持此写法", "this is not available")
}

// literal is the number as it stands in the text: what expr read as a float is
// never looked at.
func (u *unit) literal(node ast.Node) term {
	lit, ok := u.src.literals[node.Location().From]
	if !ok {
		return u.refuse(node, "不支持此写法", "this is not available")
	}
	return numberTerm(lit)
}

func numberTerm(lit literal) term {
	return term{
		kind: number, number: func(*env) decimal { return lit.value },
		key: lit.value.String(), size: lit.size, literal: &lit,
	}
}

func textTerm(s string) term {
	return term{kind: text, text: func(*env) string { return s }, key: strconv.Quote(s), word: &s}
}

func boolTerm(b bool) term {
	return condition(func(*env) bool { return b }, map[bool]string{true: "true", false: "false"}[b])
}

// condition is a term that is true or false and proves nothing.
func condition(holds func(*env) bool, key string) term {
	return term{kind: boolean, boolean: holds, key: key, conjuncts: []string{key}}
}

func (u *unit) refuse(node ast.Node, zh, en string) term {
	u.problems.add("not-available", u.span(node), zh, en, policy.Text{})
	return term{}
}

// report adds a problem and answers the term that stands for what is wrong.
func (u *unit) report(code string, at span, zh, en string, h policy.Text) term {
	u.problems.add(code, at, zh, en, h)
	return term{}
}

// span is where a node stands: a path as a whole, anything else at its name or
// operator.
func (u *unit) span(node ast.Node) span {
	loc := node.Location()
	at := span{loc.From, loc.To}
	if m, ok := node.(*ast.MemberNode); ok {
		at.from = min(at.from, u.span(m.Node).from)
	}
	return at
}

// pathOf is the path that a node names: amount, attrs.agreeOnSendTime.
func pathOf(node ast.Node) (path string, ok bool) {
	switch n := node.(type) {
	case *ast.IdentifierNode:
		return n.Value, true
	case *ast.MemberNode:
		object, ok := pathOf(n.Node)
		leaf, isName := n.Property.(*ast.StringNode)
		// Behind a point the member stands where its name does, in brackets where they begin.
		if ok && isName && n.Location() == leaf.Location() {
			return object + "." + leaf.Value, true
		}
	}
	return "", false
}
