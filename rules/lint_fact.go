package rules

import "slices"

// fact is what a condition says of one thing: a number's bounds, the words
// that a text may be, or which outcomes of a comparison are left. Facts about
// the same thing are of one sort.
type fact struct {
	about    string
	outcomes uint8    // bits, where it is neither of the others
	bounds   *bounds  // of a number
	words    *wordSet // of a text
}

// The outcomes of a condition, and those of a comparison of two things.
const (
	isTrue uint8 = 1 << iota
	isFalse
	isLess
	isEqual
	isGreater
)

// bounds are where a number may lie.
type bounds struct {
	low, high         *decimal // nil: without end
	openLow, openHigh bool     // the end itself is not among them
	except            []decimal
}

// wordSet are the words that a text may be, or those that it is not.
type wordSet struct {
	words []string
	none  bool // of these
}

// and is what both say; ok is false where they contradict each other.
func (f fact) and(g fact) (both fact, ok bool) {
	switch {
	case f.bounds != nil:
		b := f.bounds.and(g.bounds)
		return fact{about: f.about, bounds: b}, !b.empty()
	case f.words != nil:
		w := f.words.and(g.words)
		return fact{about: f.about, words: w}, w.none || len(w.words) > 0
	}
	f.outcomes &= g.outcomes
	return f, f.outcomes != 0
}

// boundsOf is x op limit.
func boundsOf(op string, limit decimal) *bounds {
	switch op {
	case "==":
		return &bounds{low: &limit, high: &limit}
	case "!=":
		return &bounds{except: []decimal{limit}}
	case "<", "<=":
		return &bounds{high: &limit, openHigh: op == "<"}
	}
	return &bounds{low: &limit, openLow: op == ">"}
}

func (b *bounds) and(c *bounds) *bounds {
	both := *b
	both.except = slices.Concat(b.except, c.except)
	if c.low != nil {
		switch order := compareEnds(b.low, c.low, -1); {
		case order < 0:
			both.low, both.openLow = c.low, c.openLow
		case order == 0:
			both.openLow = b.openLow || c.openLow
		}
	}
	if c.high != nil {
		switch order := compareEnds(b.high, c.high, 1); {
		case order > 0:
			both.high, both.openHigh = c.high, c.openHigh
		case order == 0:
			both.openHigh = b.openHigh || c.openHigh
		}
	}
	return &both
}

// compareEnds compares two ends; one that is not there is infinite.
func compareEnds(a, b *decimal, infinite int) int {
	if a == nil {
		return infinite
	}
	return a.cmp(*b)
}

func (b *bounds) empty() bool {
	if b.low == nil || b.high == nil {
		return false
	}
	order := b.low.cmp(*b.high)
	point := func(d decimal) bool { return d.cmp(*b.low) == 0 }
	return order > 0 || order == 0 && (b.openLow || b.openHigh || slices.ContainsFunc(b.except, point))
}

func (w *wordSet) and(v *wordSet) *wordSet {
	if w.none && v.none {
		return &wordSet{slices.Concat(w.words, v.words), true}
	}
	if w.none {
		w, v = v, w
	}
	left := slices.DeleteFunc(slices.Clone(w.words), func(word string) bool { return slices.Contains(v.words, word) == v.none })
	return &wordSet{words: left}
}

// world is one way in which a condition can come about: facts that hold
// together, one about each thing. A condition that has no world cannot come
// about; one that is not understood has the empty one.
type world []fact

// and is the world in which both hold; ok is false where there is none.
func (w world) and(v world) (both world, ok bool) {
	both = slices.Clone(w)
	for _, f := range v {
		i := slices.IndexFunc(both, func(g fact) bool { return g.about == f.about })
		if i < 0 {
			both = append(both, f)
			continue
		}
		if both[i], ok = both[i].and(f); !ok {
			return nil, false
		}
	}
	return both, true
}
