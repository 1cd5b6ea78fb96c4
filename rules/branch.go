package rules

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// branch is a column of a table, cut where its rows begin and end. The branches
// that prove that each combination has exactly one row are the index by which
// it is then found.
type branch struct{ segments []segment }

// segment is a stretch of a column's places, up to its last one.
type segment struct {
	to   int64
	next *branch // of the next column; nil behind the last
	row  int
}

// find is the row at these places, which lie within their domains.
func (b *branch) find(at []int64) int {
	for {
		low, high := 0, len(b.segments)-1
		for low < high {
			if middle := (low + high) / 2; b.segments[middle].to < at[0] {
				low = middle + 1
			} else {
				high = middle
			}
		}
		s := &b.segments[low]
		if s.next == nil {
			return s.row
		}
		b, at = s.next, at[1:]
	}
}

// finding is a combination that has no row, or more than one.
type finding struct {
	at   []interval // by column
	rows []int      // that fit it, the later one first; of a gap those beside it
	gap  bool
}

// The limits of a proof.
const (
	maxWork     = 1_000_000 // rows looked at
	maxFindings = 10
)

// prover looks for gaps and overlaps in a table.
type prover struct {
	domains []interval     // by column
	covers  [][][]interval // by row and column
	known   map[string]*branch
	path    []interval
	seen    map[[2]int]bool // overlaps that were found
	found   []finding
	work    int
}

// prove cuts the columns from the col-th on by the rows that fit so far. What
// it has proven for the same rows is not proven again.
func (p *prover) prove(col int, rows []int) *branch {
	key := binary.AppendUvarint(nil, uint64(col)) //nolint:gosec // a small index
	for _, r := range rows {
		key = binary.AppendUvarint(key, uint64(r)) //nolint:gosec // an index
	}
	if b, ok := p.known[string(key)]; ok {
		return b
	}
	b := &branch{}
	p.known[string(key)] = b
	from, fitting := p.domains[col].from, []int(nil)
	for _, e := range p.edges(col, rows) {
		if p.work += 1 + len(fitting); p.work > maxWork || len(p.found) >= maxFindings {
			return b
		}
		if e.at > from {
			p.cut(b, col, interval{from, e.at - 1}, rows, fitting)
			from = e.at
		}
		i, there := slices.BinarySearch(fitting, e.row)
		if there {
			fitting = slices.Delete(fitting, i, i+1)
		} else {
			fitting = slices.Insert(fitting, i, e.row)
		}
	}
	if last := p.domains[col].to; from <= last {
		p.cut(b, col, interval{from, last}, rows, fitting)
	}
	return b
}

// edge is where a row begins to fit, or no longer does.
type edge struct {
	at  int64
	row int
}

func (p *prover) edges(col int, rows []int) []edge {
	edges := make([]edge, 0, 2*len(rows))
	for _, r := range rows {
		for _, c := range p.covers[r][col] {
			edges = append(edges, edge{c.from, r}, edge{c.to + 1, r})
		}
	}
	slices.SortFunc(edges, func(a, b edge) int { return cmp.Or(cmp.Compare(a.at, b.at), a.row-b.row) })
	return edges
}

// cut adds a stretch of a column in which these rows fit.
func (p *prover) cut(b *branch, col int, at interval, rows, fitting []int) {
	p.path = append(p.path[:col], at)
	s := segment{to: at.to}
	switch last := col == len(p.domains)-1; {
	case len(fitting) == 0:
		p.gap(col, at, rows)
	case !last:
		s.next = p.prove(col+1, slices.Clone(fitting))
		p.path = p.path[:col]
	default:
		s.row = fitting[0]
		p.overlap(fitting)
	}
	b.segments = append(b.segments, s)
}

// gap notes a combination without a row, and the rows beside it: those that
// fit in the columns before and end or begin where it does.
func (p *prover) gap(col int, at interval, rows []int) {
	f := finding{at: slices.Clone(p.path), gap: true}
	f.at = append(f.at, p.domains[col+1:]...)
	beside := func(touches func(interval) bool) {
		i := slices.IndexFunc(rows, func(r int) bool { return slices.ContainsFunc(p.covers[r][col], touches) })
		if i >= 0 && !slices.Contains(f.rows, rows[i]) {
			f.rows = append(f.rows, rows[i])
		}
	}
	beside(func(c interval) bool { return c.to == at.from-1 })
	beside(func(c interval) bool { return c.from == at.to+1 })
	p.found = append(p.found, f)
}

// overlap notes the pairs of rows that fit the same combination, each once.
func (p *prover) overlap(fitting []int) {
	for _, r := range fitting[1:] {
		pair := [2]int{fitting[0], r}
		if p.seen[pair] || len(p.found) >= maxFindings {
			continue
		}
		p.seen[pair] = true
		p.found = append(p.found, finding{at: slices.Clone(p.path), rows: []int{r, fitting[0]}})
	}
}
