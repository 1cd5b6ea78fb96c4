package products

import (
	"slices"
	"strings"

	"github.com/chudan-io/chudan/rules"
)

// sameRows tells whether tables say the same, row by row.
func sameRows(a, b []rules.Row) bool {
	return slices.EqualFunc(a, b, func(a, b rules.Row) bool {
		return rowKey(a) == rowKey(b) && sameExpression(a.Value, b.Value)
	})
}

// rowKey is what a row is for: its cells, however they are written.
func rowKey(r rules.Row) string {
	words := make([]string, len(r.Cells))
	for i, c := range r.Cells {
		words[i] = cellWord(c)
	}
	return strings.Join(words, "\x00")
}

// match finds for each row after a change the one that it was before: the one
// for the same combinations or, among those that are for none of them, the next
// one in its place. It is -1 where there is none.
func match(before, after []rules.Row) []int {
	known := make(map[string]int, len(before))
	for i, r := range before {
		known[rowKey(r)] = i
	}
	from, taken := make([]int, len(after)), make([]bool, len(before))
	for i, r := range after {
		old, ok := known[rowKey(r)]
		if from[i] = old; !ok {
			from[i] = -1
			continue
		}
		taken[old] = true
	}
	next := 0
	for i := range after {
		if from[i] < 0 && next < len(before) && !taken[next] {
			from[i], taken[next] = next, true
		}
		if from[i] >= 0 {
			next = from[i] + 1
		}
	}
	return from
}
