package rules

import (
	"strings"
	"unicode/utf8"
)

// opposite is the operator that is true where op is false, mirror the one with
// the operands in the other order.
var (
	opposite = map[string]string{"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
	mirror   = map[string]string{"==": "==", "!=": "!=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}
	outcomes = map[string]uint8{
		"==": isEqual, "!=": isLess | isGreater, "<": isLess, "<=": isLess | isEqual, ">": isGreater, ">=": isGreater | isEqual,
	}
)

// comparison is a op b: bounds of a number where one of them is constant, a
// set of words where they are texts, otherwise one of three outcomes.
func (t *thinker) comparison(x *expression, op string, operands []int, want bool) []world {
	if !want {
		op = opposite[op]
	}
	l, r := operands[0], operands[1]
	if x.parts[l].constant {
		l, r, op = r, l, mirror[op]
	}
	about := t.subject(x, l)
	if limit, ok := t.limit(x, &x.parts[r]); ok {
		return t.bounded(x, l, boundsOf(op, limit))
	}
	if word, ok := t.word(&x.parts[r]); ok {
		return []world{{{about: "text " + about, words: &wordSet{[]string{word}, op == "!="}}}}
	}
	other := t.subject(x, r)
	switch {
	case about == other && outcomes[op]&isEqual == 0:
		return nil
	case about == other:
		return unknown()
	case about > other:
		about, other, op = other, about, mirror[op]
	}
	return []world{{{about: about + " ? " + other, outcomes: outcomes[op]}}}
}

// bounded is a number within bounds. What the page or the language cannot make
// negative has another one.
func (t *thinker) bounded(x *expression, i int, b *bounds) []world {
	zero := decimal{}
	if p := &x.parts[i]; p.field > 0 || p.op == "len" || p.op == "abs" {
		if b = b.and(&bounds{low: &zero}); b.empty() {
			return nil
		}
	}
	return []world{{{about: "number " + t.subject(x, i), bounds: b}}}
}

// membership is x in a list of constants that stands there.
func (t *thinker) membership(x *expression, operands []int, want bool) (worlds []world, ok bool) {
	subject, items := operands[0], operands[1:]
	var limits []decimal
	var words []string
	for _, item := range items {
		if limit, isLimit := t.limit(x, &x.parts[item]); isLimit {
			limits = append(limits, limit)
		}
		if word, isWord := t.word(&x.parts[item]); isWord {
			words = append(words, word)
		}
	}
	switch {
	case len(items) == 0 || x.parts[items[0]].kind == list:
		return nil, false
	case len(words) == len(items):
		return []world{{{about: "text " + t.subject(x, subject), words: &wordSet{words, !want}}}}, true
	case len(limits) != len(items) || len(limits) > maxWorlds:
		return nil, false
	case !want:
		return t.bounded(x, subject, &bounds{except: limits}), true
	}
	for _, limit := range limits {
		worlds = append(worlds, t.bounded(x, subject, boundsOf("==", limit))...)
	}
	return worlds, true
}

// subject names what a subterm stands for: equal names, equal values. A
// definition that is another name for a field is that field.
func (t *thinker) subject(x *expression, i int) string {
	p := &x.parts[i]
	if p.named > 0 {
		d := t.rs.defined[p.named-1].expr
		if len(d.parts) == 1 && !p.constant {
			return t.subject(d, d.root())
		}
	}
	if p.field > 0 {
		return page[p.field-1].Path
	}
	text := string([]rune(x.text)[p.from:p.to])
	if strings.ContainsAny(text, "'\"`") {
		return text
	}
	return squeeze(text)
}

// squeeze leaves out the spaces that separate nothing.
func squeeze(text string) string {
	var b strings.Builder
	last := ' '
	for _, word := range strings.Fields(text) {
		if first, _ := utf8.DecodeRuneInString(word); inName(last) && inName(first) {
			b.WriteByte(' ')
		}
		b.WriteString(word)
		last, _ = utf8.DecodeLastRuneInString(word)
	}
	return b.String()
}

func inName(r rune) bool { return isLetter(r) || isDigit(r) }

// possible tells whether there is a world in which all of these come about.
func (t *thinker) possible(all ...[]world) bool {
	worlds := unknown()
	for _, w := range all {
		worlds = t.both(worlds, w)
	}
	return len(worlds) > 0
}
