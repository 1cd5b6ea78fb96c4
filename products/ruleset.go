package products

import (
	"slices"
	"strings"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/rules"
)

// definitions reads the constants and expressions of an edition.
func (d *definition) definitions(f *file) read {
	return func(n *node) {
		if !f.is(n, mapping) {
			return
		}
		d.define = n
		for _, e := range n.entries {
			expr, _ := f.word(e.value)
			d.rules.Define = append(d.rules.Define, rules.Definition{Name: e.key.text, Expr: expr})
		}
	}
}

// readRules reads the rules of an edition. What stands in them is checked by
// package rules, all at once.
func (d *definition) readRules(f *file) read {
	return func(n *node) {
		if !f.is(n, mapping) {
			return
		}
		d.ruleset = n
		for _, e := range n.entries {
			before := len(f.problems)
			d.rules.Rules = append(d.rules.Rules, f.rule(e))
			if len(f.problems) > before {
				d.unsure = append(d.unsure, e.key.text)
			}
		}
	}
}

func (f *file) rule(e entry) rules.Rule {
	r := rules.Rule{Code: e.key.text}
	expression := func(into *string) read {
		return func(n *node) { *into, _ = f.word(n) }
	}
	paths := func(into *[]string) read {
		return f.each(func(n *node) {
			text, _ := f.word(n)
			*into = append(*into, text)
		})
	}
	f.mapping(e.value,
		key{"when", false, expression(&r.When)},
		key{"require", false, paths(&r.Require)},
		key{"must", false, expression(&r.Must)},
		key{"reject_if", false, expression(&r.RejectIf)},
		key{"refer_if", false, expression(&r.ReferIf)},
		key{"note_if", false, expression(&r.NoteIf)},
		key{"to", false, f.named(&r.To, queueGrammar)},
		key{"fields", false, paths(&r.Fields)},
		key{"message", false, f.label(&r.Message)},
	)
	if at := e.value.entry("refer_if").key; at != nil && e.value.child("to") == nil {
		f.refuse(at, codeMissingKey, policy.Text{ZH: "refer_if 需要 to", EN: "refer_if needs to"},
			policy.Text{ZH: "to 写核保人员的队列，如 underwriting", EN: "to names the queue of the underwriters, such as underwriting"})
	}
	return r
}

// noteDiagnostics puts what package rules says where it stands in the files. It
// is left out where a file itself has been blamed for it: a misspelt key leaves
// its rule without a condition, an empty value is no expression.
func (d *definition) noteDiagnostics(f *file, found []rules.Diagnostic) {
	before := f.problems
	for _, diagnostic := range found {
		at, s := diagnostic.At, d.locate(f, diagnostic.At, diagnostic.Code)
		if d.follows(diagnostic) || s.in == f && before.blame(s.n) {
			continue
		}
		count, length := len(s.in.problems), at.Length
		if length == 0 && at.Offset == 0 {
			length = -1
		}
		s.in.refuseWithin(s.n, at.Offset, length, diagnostic.Code, diagnostic.Message, diagnostic.Hint)
		if len(s.in.problems) == count {
			continue
		}
		p := &s.in.problems[count]
		p.Cell = s.cell
		for _, also := range diagnostic.Also {
			other := d.locate(f, also, "")
			p.Also = append(p.Also, other.in.place(other.n))
		}
	}
}

// follows tells whether a problem comes from one that was told already: of a
// rule or a table that could not be read as a whole.
func (d *definition) follows(diagnostic rules.Diagnostic) bool {
	switch at := diagnostic.At; diagnostic.Code {
	case "unknown-table", "unknown-function":
		return len(d.unread) > 0
	default:
		return at.Rule != "" && at.Part == "" && slices.Contains(d.unsure, at.Rule)
	}
}

// blame tells whether one of the problems is of this node as a whole.
func (ps Problems) blame(n *node) bool {
	return slices.ContainsFunc(ps, func(p Problem) bool { return p.Line == n.line && p.Col == n.col })
}

// spot is where something stands: a node of a file, and the name of its cell
// where that file is a sheet.
type spot struct {
	in   *file
	n    *node
	cell string
}

// locate finds what a diagnostic of package rules means.
func (d *definition) locate(f *file, at rules.At, code string) spot {
	for _, t := range d.tables {
		if at.Table != "" && t.name.text == at.Table {
			return t.locate(f, at)
		}
	}
	return spot{in: f, n: d.node(at, code)}
}

// node is what a diagnostic means that is not of a table.
func (d *definition) node(at rules.At, code string) *node {
	switch {
	case at.Part == "coverages":
		return d.coverages.entries[at.Index].key
	case at.Part == "facts":
		return d.facts.entries[at.Index].key
	case at.Rule == "" && at.Definition == "":
		return d.rated(at)
	case at.Rule == "" && code == "name":
		return d.define.entry(at.Definition).key
	case at.Rule == "":
		return d.define.child(at.Definition)
	}
	rule := d.ruleset.entry(at.Rule)
	key, language, _ := strings.Cut(at.Part, ".")
	n := rule.value.child(key)
	switch {
	case n == nil:
		return rule.key
	case n.kind == list && at.Index < len(n.items):
		return n.items[at.Index]
	case n.kind == mapping && n.child(language) != nil:
		return n.child(language)
	}
	return n
}
