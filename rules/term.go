package rules

import (
	"slices"
	"time"

	"github.com/chudan-io/chudan/policy"
)

// kind is the type of a value of the language.
type kind uint8

const (
	invalid kind = iota // reported already: what is built from it is not reported again
	boolean
	number
	text
	moment
	list
)

var kindNames = [...]policy.Text{
	boolean: {ZH: "是非", EN: "a condition"},
	number:  {ZH: "数值", EN: "a number"},
	text:    {ZH: "文本", EN: "a text"},
	moment:  {ZH: "时间", EN: "a time"},
	list:    {ZH: "列表", EN: "a list"},
}

// term is a compiled expression: a closure of its kind, and what is known
// about it without running it.
type term struct {
	kind    kind
	boolean func(*env) bool
	number  func(*env) decimal
	text    func(*env) string
	moment  func(*env) time.Time
	list    func(*env) []string

	key       string   // equal keys, equal values: how one condition is found in another
	conjuncts []string // the keys of the conditions that `and` joins; just key otherwise
	proves    proof
	doubtful  bool     // invalid, and might have proven something
	size      digits   // of a number
	literal   *literal // where it is a number that stands there
	word      *string  // where it is a text that stands there

	anatomy *expression // of a whole expression
}

func numbersOf(terms []term) []func(*env) decimal {
	all := make([]func(*env) decimal, len(terms))
	for i, t := range terms {
		all[i] = t.number
	}
	return all
}

func textsOf(terms []term) []func(*env) string {
	all := make([]func(*env) string, len(terms))
	for i, t := range terms {
		all[i] = t.text
	}
	return all
}

func isInvalid(t term) bool { return t.kind == invalid }

// mayProve are the fields that t proves or, where it is wrong itself, might have
// proven: what follows from one fault is not told as another.
func (t term) mayProve() policy.FieldSet {
	if t.doubtful {
		return ^policy.FieldSet(0)
	}
	return t.proves.whenTrue
}

// reads is what an expression reads, its definitions included.
type reads struct {
	leaves   policy.FieldSet // fields, by value or presence
	objects  []string        // asked for as a whole: has(attrs)
	free     policy.FieldSet // optional, and nothing in the expression itself proves them present
	relied   policy.FieldSet // present by a require rule, or derived: where they are not, the check is not made
	personal bool            // a personal field's value, or the text of a fact
	facts    bool            // a fact
}

func (r *reads) merge(other reads) {
	r.leaves |= other.leaves
	r.relied |= other.relied
	r.personal = r.personal || other.personal
	r.facts = r.facts || other.facts
	for _, o := range other.objects {
		r.object(o)
	}
}

func (r *reads) object(name string) {
	if !slices.Contains(r.objects, name) {
		r.objects = append(r.objects, name)
	}
}

func (r *reads) fields() policy.FieldSet { return r.leaves | policy.SetOf(r.objects...) }

// paths names what is read, in page order.
func (r *reads) paths() []string {
	var paths []string
	for _, f := range page {
		for _, o := range r.objects {
			if policy.ObjectFields(o).Has(f) && !slices.Contains(paths, o) {
				paths = append(paths, o)
			}
		}
		if r.leaves.Has(f) {
			paths = append(paths, f.Path)
		}
	}
	return slices.Clip(paths) // shared by all faults: an append must not write into it
}

// needs are the relied fields one by one, as a running check asks for them.
func (r *reads) needs() []policy.FieldSet {
	var needs []policy.FieldSet
	for _, f := range page {
		if r.relied.Has(f) {
			needs = append(needs, policy.FieldSet(0).With(f))
		}
	}
	return needs
}
