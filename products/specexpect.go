package products

import (
	"slices"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/policy/money"
)

// expectation is what has to become of a request. Verdict and faults are
// always exact; sums are looked at where they are written.
type expectation struct {
	verdict policy.Verdict
	faults  []expectedFault
	premium *money.Decimal
	rate    *money.Decimal
	cny     *money.Decimal
	shares  []namedAmount // of the coverages, all of them; nil: not looked at
	steps   []namedAmount // on the way to the premium, those that are written
	node    *node         // where it stands in the file of the tests; nil: elsewhere, or it stands for several cases
}

// expectedFault is a fault by what callers may match.
type expectedFault struct {
	code  string
	paths []string // in page order; none where any will do
}

type namedAmount struct {
	name   string
	amount money.Decimal
}

// expectation reads the short form, `reject CODE CODE`, or the long one.
func (r *specReader) expectation(n *node) *expectation {
	x := new(expectation)
	before := len(r.problems)
	if n.kind == mapping {
		r.longForm(n, x)
	} else {
		r.shortForm(n, x)
	}
	if len(r.problems) > before {
		return x
	}
	switch {
	case x.verdict == policy.Accept && len(x.faults) > 0:
		r.refuse(n, codeExpectation,
			policy.Text{ZH: "accept 之下没有问题代码", EN: "where there are faults the verdict is not accept"},
			policy.Text{ZH: "只作提示的请写 note", EN: "where they are notes write note"})
	case x.verdict != policy.Accept && len(x.faults) == 0:
		r.refuse(n, codeExpectation,
			policy.Text{ZH: x.verdict.String() + " 须写明全部问题代码", EN: x.verdict.String() + " needs the codes of all faults"},
			policy.Text{ZH: "如 " + x.verdict.String() + " CODE", EN: "such as " + x.verdict.String() + " CODE"})
	}
	return x
}

// shortForm reads a verdict and the codes after it.
func (r *specReader) shortForm(n *node, x *expectation) {
	text, ok := r.word(n)
	if !ok {
		return
	}
	for i, w := range wordsOf(text) {
		if i == 0 {
			x.verdict = r.verdict(n, w)
			continue
		}
		if f, ok := r.fault(n, w); ok {
			x.faults = append(x.faults, f)
		}
	}
}

// longForm reads an expectation key by key.
func (r *specReader) longForm(n *node, x *expectation) {
	verdict := func(n *node) {
		if text, ok := r.word(n); ok {
			x.verdict = r.verdict(n, word{text: text})
		}
	}
	sum := func(into **money.Decimal, read func(*money.Decimal) read) read {
		return func(n *node) {
			*into = new(money.Decimal)
			read(*into)(n)
		}
	}
	r.mapping(n,
		key{"verdict", true, verdict},
		key{"premium", false, sum(&x.premium, r.amount)},
		key{"rate", false, sum(&x.rate, r.rate)},
		key{"premiumOfCny", false, sum(&x.cny, r.amount)},
		key{"allocation", false, r.amounts(&x.shares, r.coverage)},
		key{"steps", false, r.amounts(&x.steps, nil)},
		key{"faults", false, r.each(func(n *node) { r.longFault(n, x) })},
	)
}

// amounts reads amounts by name; known tells whether there is such a name.
func (r *specReader) amounts(into *[]namedAmount, known func(*node)) read {
	return func(n *node) {
		if !r.is(n, mapping) {
			return
		}
		*into = []namedAmount{}
		for _, e := range n.entries {
			if known != nil {
				known(e.key)
			}
			a := namedAmount{name: e.key.text}
			r.amount(&a.amount)(e.value)
			*into = append(*into, a)
		}
	}
}

// coverage notes a coverage that the edition does not have.
func (r *specReader) coverage(n *node) {
	if r.spec.edition == nil {
		return
	}
	var codes []string
	for _, c := range r.spec.edition.terms.Coverages {
		codes = append(codes, c.Code)
	}
	if !slices.Contains(codes, n.text) {
		r.bad(n, codeValue, policy.Text{ZH: "没有险种 " + shown(n.text), EN: "there is no coverage " + shown(n.text)}, r.did(n.text, codes))
	}
}
