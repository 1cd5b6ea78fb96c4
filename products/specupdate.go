package products

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/policy/money"
)

// Update is the file of the tests with the expectations of the failed cases of
// a report, which this Spec gave, as the decisions came out: for review, never
// to make tests pass. All else in the file stays, byte for byte. What several
// rows share and what stands in a CSV file is left alone; count is the number
// of expectations that were rewritten.
func (s *Spec) Update(r Report) (text []byte, count int) {
	var edits []edit
	for _, c := range r.Cases {
		if c.Outcome != Failed || c.expect == nil || c.expect.node == nil {
			continue
		}
		n := c.expect.node
		line, col := s.source.after(n)
		edits = append(edits, edit{n.line, n.col, line, col, c.came})
	}
	slices.SortFunc(edits, func(a, b edit) int { return cmp.Or(b.line-a.line, b.col-a.col) })
	lines := slices.Clone(s.source.lines)
	for _, e := range edits {
		lines = e.apply(lines)
	}
	end := "\n"
	if bytes.Contains(s.source.data, []byte("\r\n")) {
		end = "\r\n"
	}
	return []byte(strings.Join(lines, end)), len(edits)
}

// edit puts a text in the place of another, which goes up to the character
// before an end.
type edit struct {
	line, col       int
	endLine, endCol int
	text            string
}

func (e edit) apply(lines []string) []string {
	first, last := []rune(lines[e.line-1]), []rune(lines[e.endLine-1])
	text := string(first[:e.col-1]) + e.text + string(last[e.endCol-1:])
	return slices.Replace(lines, e.line-1, e.endLine, text)
}

// after is the place behind a node.
func (f *file) after(n *node) (line, col int) {
	switch start := f.at(n.line, n.col); {
	case n.kind == scalar:
		line, col = f.within(n, utf8.RuneCountInString(n.text))
		if n.style == singleQuoted || n.style == doubleQuoted {
			col++
		}
		return line, col
	case start == '{' || start == '[':
		return f.closing(n)
	case n.kind == list:
		return f.after(n.items[len(n.items)-1])
	}
	return f.after(n.entries[len(n.entries)-1].value)
}

// closing is the place behind the bracket that closes a node in brackets.
func (f *file) closing(n *node) (line, col int) {
	last := n.line
	col = n.col + 1
	var inner []*node
	inner = append(inner, n.items...)
	for _, e := range n.entries {
		inner = append(inner, e.value)
	}
	if len(inner) > 0 {
		last, col = f.after(inner[len(inner)-1])
	}
	c := cursor{file: f, line: last, index: col - 1}
	for r := c.peek(0); r != '}' && r != ']' && r != 0; r = c.peek(0) {
		if r == '#' { // a comment
			c.line, c.index = c.line+1, 0
			continue
		}
		c.next()
	}
	return c.line, c.index + 2
}

// came is an expectation of what came, in the form of the one that was held
// against it.
func (x *expectation) came(d *policy.Decision) string {
	faults := make([]string, len(d.Faults))
	for i, f := range d.Faults {
		if faults[i] = f.Code; len(f.Paths) == 1 && f.Code == string(f.Kind) {
			faults[i] += ":" + f.Paths[0]
		}
	}
	if x.premium == nil && x.rate == nil && x.cny == nil && x.shares == nil && x.steps == nil {
		return strings.Join(append([]string{d.Verdict().String()}, faults...), " ")
	}
	p := &d.Premium
	parts := []string{"verdict: " + d.Verdict().String()}
	add := func(wanted bool, key, value string) {
		if wanted && p.Known() {
			parts = append(parts, key+": "+value)
		}
	}
	places := p.Currency.MinorUnit()
	add(x.premium != nil, "premium", p.Rounded.Fixed(places))
	add(x.rate != nil && p.Rate.Sign() > 0, "rate", percentage(p.Rate))
	add(x.cny != nil, "premiumOfCny", p.CNY.Fixed(money.CNY.MinorUnit()))
	var shares, steps []string
	for _, s := range p.Shares {
		shares = append(shares, s.Coverage+": "+s.Amount.Fixed(places))
	}
	for _, s := range p.Steps {
		if slices.ContainsFunc(x.steps, namedAmount{name: s.Name}.sameName) {
			steps = append(steps, s.Name+": "+s.Value.String())
		}
	}
	add(x.shares != nil, "allocation", "{"+strings.Join(shares, ", ")+"}")
	add(x.steps != nil && len(steps) > 0, "steps", "{"+strings.Join(steps, ", ")+"}")
	if len(faults) > 0 {
		parts = append(parts, "faults: ["+strings.Join(faults, ", ")+"]")
	}
	return "{" + strings.Join(parts, ", ") + "}"
}
