package rulebook

import (
	"slices"
	"strings"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/policy/money"
	"github.com/chudan-io/chudan/rules"
)

// definitions are all that the edition names, with their values.
func (w *writer) definitions() Section {
	t := columns(say("名称", "Name"), say("定义", "Definition"), say("含义", "In words"), say("用于", "Used by"))
	for _, d := range w.spec.Define {
		said := Line{}
		if tree, ok := w.Edition.Rules().Tree(d.Expr); ok && !tree.Literal {
			if words, ok := w.words(d.Expr); ok {
				said = plain(words)
			}
		}
		t.add(verbatim(d.Name), verbatim(oneLine(d.Expr)), said, codes(w.users(d.Name)))
	}
	return Section{
		ID: "definitions", Title: say("定义", "Definitions"),
		Blocks: []Block{
			paragraph("规则与费率引用的名称。所有数值精确，按值比较（100.00 等于 100）。", "The names that rules and rates refer to. All numbers are exact and compare by value (100.00 equals 100)."),
			{Table: t},
		},
	}
}

// used are the definitions that a rule rests on, in the edition's order.
func (w *writer) used(r rules.Rule) (lines []Line) {
	_, condition := demand(r)
	names := w.reached(r.When, condition, r.Message.ZH, r.Message.EN)
	for _, d := range w.spec.Define {
		if slices.Contains(names, d.Name) {
			lines = append(lines, verbatim(d.Name+" = "+oneLine(d.Expr)))
		}
	}
	return lines
}

// users are the rules that rest on a definition, and the rating where it does.
func (w *writer) users(name string) (all []string) {
	rated := []string{w.spec.Rating.Rate}
	for _, s := range w.spec.Rating.Steps {
		rated = append(rated, s.Value)
	}
	if t := w.spec.Rating.Sum; t != "" {
		rated = append(rated, t+"()")
	}
	if slices.Contains(w.reached(rated...), name) {
		all = append(all, "premium")
	}
	for _, r := range w.spec.Rules {
		if _, condition := demand(r); slices.Contains(w.reached(r.When, condition, r.Message.ZH, r.Message.EN), name) {
			all = append(all, r.Code)
		}
	}
	return all
}

// reached are the definitions that expressions or messages read, directly or
// through others or the columns of a table.
func (w *writer) reached(texts ...string) (names []string) {
	visit := func(name string) {
		if w.definition(name) >= 0 && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	done := 0
	for _, text := range texts {
		w.mentioned(text, visit)
	}
	for ; done < len(names); done++ {
		w.mentioned(w.spec.Define[w.definition(names[done])].Expr, visit)
	}
	return names
}

// definition is the place of a definition; below 0 where there is none.
func (w *writer) definition(name string) int {
	return slices.IndexFunc(w.spec.Define, func(d rules.Definition) bool { return d.Name == name })
}

// mentioned visits the names in an expression and, for a table, those of its
// columns; of a message, those of its placeholders.
func (w *writer) mentioned(text string, visit func(string)) {
	tree, ok := w.Edition.Rules().Tree(text)
	if !ok {
		for _, part := range strings.Split(text, "{")[1:] {
			name, _, _ := strings.Cut(part, "}")
			visit(strings.TrimSpace(name))
		}
		return
	}
	w.walk(tree, visit)
}

func (w *writer) walk(t rules.Tree, visit func(string)) {
	if t.Op == "" && !t.Literal {
		visit(t.Text)
	}
	for _, table := range w.spec.Tables {
		if table.Name == t.Op {
			for _, c := range table.Columns {
				visit(c.Name)
			}
		}
	}
	for _, a := range t.Args {
		w.walk(a, visit)
	}
}

// mayFail tells whether there may be an application for which one of these
// expressions cannot be computed: it divides by what may be 0, reads a fact, or
// asks a table for what may lie outside of it.
func (w *writer) mayFail(texts ...string) bool {
	return w.any(texts, func(t rules.Tree) bool {
		if divides(t) || isFact(t) {
			return true
		}
		for _, table := range w.spec.Tables {
			if table.Name == t.Op && slices.ContainsFunc(table.Columns, w.mayLeave) {
				return true
			}
		}
		return slices.ContainsFunc(t.Args, func(a rules.Tree) bool { return !a.Literal && w.isTable(t.Op) && !w.isCoverage(a.Text) })
	})
}

// premiumMayFail tells the same of the rating, which refuses what lies outside
// of its tables by name, and fails where it comes to less than nothing.
func (w *writer) premiumMayFail() bool {
	rated := []string{w.spec.Rating.Rate}
	for _, s := range w.spec.Rating.Steps {
		rated = append(rated, s.Value)
	}
	return w.any(rated, func(t rules.Tree) bool {
		return t.Op == "-" || t.Op == "-x" || divides(t)
	})
}

// any tells whether one of the parts of these expressions, and of the
// definitions that they reach, is so.
func (w *writer) any(texts []string, is func(rules.Tree) bool) bool {
	for _, name := range w.reached(texts...) {
		texts = append(slices.Clip(texts), w.spec.Define[w.definition(name)].Expr)
	}
	var in func(rules.Tree) bool
	in = func(t rules.Tree) bool { return is(t) || slices.ContainsFunc(t.Args, in) }
	return slices.ContainsFunc(texts, func(text string) bool {
		tree, ok := w.Edition.Rules().Tree(text)
		return ok && in(tree)
	})
}

// mayLeave tells whether a column may be asked for a value that it does not
// have. Currencies and coverages are checked before.
func (w *writer) mayLeave(c rules.Column) bool {
	if c.Name == "currency" {
		return slices.ContainsFunc(w.terms.Currencies, func(known money.Currency) bool { return !slices.Contains(c.Domain, string(known)) })
	}
	_, read := nameOf(c.Name)
	return read || w.definition(c.Name) >= 0
}

func (w *writer) isTable(name string) bool {
	return slices.ContainsFunc(w.spec.Tables, func(t rules.Table) bool { return t.Name == name })
}

func (w *writer) isCoverage(name string) bool {
	return slices.ContainsFunc(w.terms.Coverages, func(c policy.Coverage) bool { return c.Code == name })
}

// plainly is a text without the breaks that it was written with.
func plainly(t policy.Text) policy.Text {
	return policy.Text{ZH: oneLine(t.ZH), EN: oneLine(t.EN)}
}

// divides tells whether t divides by what may be 0.
func divides(t rules.Tree) bool {
	return t.Op == "div" && !(t.Args[1].Literal && strings.ContainsAny(t.Args[1].Text, "123456789"))
}
