package products

import (
	"strconv"
	"strings"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/policy/money"
	"github.com/chudan-io/chudan/rules"
)

// ownRate reads the product's own rate: one number, an expression, or the sum
// of a table over the coverages of the request.
func (d *definition) ownRate(f *file) read {
	rating := &d.rules.Rating
	return func(n *node) {
		d.rateAt = n
		if n.kind == mapping {
			over := ""
			f.mapping(n,
				key{"sum", true, func(n *node) {
					d.rateAt = n
					rating.Sum, _ = f.word(n)
				}},
				key{"over", true, choice(f, &over, sumsOver()...)},
			)
			return
		}
		text, ok := f.word(n)
		if !ok {
			return
		}
		rating.Rate = text
		if looksNumeric(text) {
			f.rate(&d.rate)(n)
			rating.Rate = strings.ReplaceAll(text, " ", "") // 0.625 % is one number
		}
	}
}

// sumsOver are the lists that a table can be summed over.
func sumsOver() []option[string] { return []option[string]{{"insuranceTypes", "insuranceTypes"}} }

// looksNumeric tells a number, right or wrong, from an expression.
func looksNumeric(text string) bool {
	for _, r := range text {
		if r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r == '*' || r == '(' {
			return false
		}
	}
	return true
}

// readSteps reads the steps to the premium.
func (d *definition) readSteps(f *file) read {
	return func(n *node) {
		if !f.is(n, list) {
			return
		}
		if len(n.items) == 0 {
			f.refuse(n, codeEmpty, policy.Text{ZH: "列表为空", EN: "the list is empty"}, policy.Text{})
		}
		for _, item := range n.items {
			s := rules.Step{}
			text := func(into *string) read {
				return func(n *node) { *into, _ = f.word(n) }
			}
			f.mapping(item,
				key{"name", true, text(&s.Name)},
				key{"value", true, text(&s.Value)},
				key{"round", false, f.places(&s)},
			)
			d.steps = append(d.steps, item)
			d.rules.Rating.Steps = append(d.rules.Rating.Steps, s)
		}
	}
}

// places reads to how many decimals a step is rounded.
func (f *file) places(s *rules.Step) read {
	return func(n *node) {
		text, ok := f.word(n)
		if !ok {
			return
		}
		places, err := strconv.Atoi(text)
		if err != nil || places < 0 || places > money.MaxFractionDigits || strconv.Itoa(places) != text {
			hint := policy.Text{}
			for _, r := range roundings() {
				if text == r.word {
					hint = policy.Text{ZH: "舍入方式由 premium.round 统一决定", EN: "premium.round names the way, for all steps"}
				}
			}
			f.bad(n, codeNumber, policy.Text{ZH: shown(text) + "：应为小数位数 0 至 10", EN: shown(text) + ": want a number of decimals, 0 to 10"}, hint)
			return
		}
		s.Rounds, s.Places = true, places
	}
}

// rated is the node that a diagnostic of the rating means.
func (d *definition) rated(at rules.At) *node {
	step, key, _ := strings.Cut(at.Part, ".")
	if step != "steps" {
		return d.rateAt
	}
	n := d.steps[at.Index]
	if part := n.child(key); part != nil {
		return part
	}
	return n
}
