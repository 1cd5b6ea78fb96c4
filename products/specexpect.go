package products

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

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

// expectableKinds are the kinds of faults that a decision finds beside those
// of the rules: the rest is the channel's and the store's.
var expectableKinds = []policy.Kind{
	policy.KindMissingParameter, policy.KindInvalidParameter, policy.KindParametersMismatch, policy.KindProductNotFound,
}

// codePremium is the code of a premium that cannot be computed.
const codePremium = "PREMIUM"

// expectable are the codes that an expectation may name.
func (r *specReader) expectable() []string {
	var codes []string
	if e := r.spec.edition; e != nil {
		codes = e.rules.Codes()
		if e.rules.Rates() {
			codes = append(codes, codePremium)
		}
	}
	for _, k := range expectableKinds {
		codes = append(codes, string(k))
	}
	return codes
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

// longFault reads {code: …, path: …}, or the code alone.
func (r *specReader) longFault(n *node, x *expectation) {
	var f expectedFault
	known := true
	code := func(n *node) {
		if text, ok := r.word(n); ok {
			f, known = r.fault(n, word{text: text})
		}
	}
	if n.kind != mapping {
		code(n)
	} else {
		var paths []string
		r.mapping(n,
			key{"code", true, code},
			key{"path", false, r.each(func(n *node) {
				if text, ok := r.word(n); ok && r.isPath(n, word{text: text}) {
					paths = append(paths, text)
				}
			})},
		)
		f.paths = append(f.paths, paths...)
	}
	if known {
		x.faults = append(x.faults, f)
	}
}

// word is a part of a text.
type word struct {
	text   string
	offset int // in characters
}

func wordsOf(text string) []word {
	var words []word
	for start, rest := 0, text; rest != ""; {
		trimmed := strings.TrimLeftFunc(rest, unicode.IsSpace)
		start += utf8.RuneCountInString(rest) - utf8.RuneCountInString(trimmed)
		end := strings.IndexFunc(trimmed, unicode.IsSpace)
		if end < 0 {
			end = len(trimmed)
		}
		if end > 0 {
			words = append(words, word{trimmed[:end], start})
		}
		start += utf8.RuneCountInString(trimmed[:end])
		rest = trimmed[end:]
	}
	return words
}

// blame notes what is wrong with a word of a text.
func (r *specReader) blame(n *node, w word, code string, message, hint policy.Text) {
	if wide := hintFullWidth(w.text); wide != (policy.Text{}) {
		hint = wide
	}
	if strings.ContainsAny(w.text, ",，、;；") {
		hint = policy.Text{ZH: "代码之间用空格隔开", EN: "codes are separated by spaces"}
	}
	r.refuseWithin(n, w.offset, utf8.RuneCountInString(w.text), code, message, hint)
}

func (r *specReader) verdict(n *node, w word) (v policy.Verdict) {
	if v.UnmarshalText([]byte(w.text)) != nil {
		words := []string{"accept", "note", "refer", "reject"}
		want := oneOf(words)
		r.blame(n, w, codeValue, policy.Text{ZH: shown(w.text) + " 不是结论，" + want.ZH, EN: shown(w.text) + " is no verdict; want " + want.EN}, did(w.text, words))
	}
	return v
}

// fault reads the code of a fault; after a colon the field may follow, as on
// the wire.
func (r *specReader) fault(n *node, w word) (f expectedFault, ok bool) {
	code, path, hasPath := strings.Cut(w.text, ":")
	if kind := policy.Kind(code); kind == policy.KindRejected || kind == policy.KindReferred {
		if slices.Contains(r.codes, path) {
			r.blame(n, w, codeUnknownCode, policy.Text{ZH: "请写规则代码本身", EN: "want the rule's own code"}, meant(path))
			return f, false
		}
	}
	if !slices.Contains(r.codes, code) {
		hint := did(code, r.codes)
		if hint == (policy.Text{}) {
			hint = oneOf(r.codes)
		}
		r.blame(n, w, codeUnknownCode, policy.Text{ZH: "没有规则或错误码 " + shown(code), EN: "there is no rule or error code " + shown(code)}, hint)
		return f, false
	}
	f.code = code
	if hasPath {
		if !r.isPath(n, word{path, w.offset + utf8.RuneCountInString(code) + 1}) {
			return f, false
		}
		f.paths = []string{path}
	}
	return f, true
}

func (r *specReader) isPath(n *node, w word) bool {
	if _, known := policy.FieldNamed(w.text); known || policy.IsObject(w.text) {
		return true
	}
	r.blame(n, w, codeField, policy.Text{ZH: "接口文档中没有字段 " + shown(w.text), EN: "the API page has no field " + shown(w.text)}, did(w.text, pagePaths()))
	return false
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
		r.bad(n, codeValue, policy.Text{ZH: "没有险种 " + shown(n.text), EN: "there is no coverage " + shown(n.text)}, did(n.text, codes))
	}
}
