package rules

import (
	"strconv"

	"github.com/chudan-io/chudan/policy"
)

// rowsSeen are the rows of all tables, and which of them were used: by a
// premium, by a rule, or by a definition that one of them asked for.
type rowsSeen struct {
	all  []policy.TableRow
	used []bool
}

func newRowsSeen(rs *Ruleset) rowsSeen {
	all := rs.TableRows()
	return rowsSeen{all, make([]bool, len(all))}
}

// see marks the rows that were used. Two rows of one table that stand in one
// line and have one value are taken for the same.
func (s rowsSeen) see(used []policy.TableRow) {
	for _, u := range used {
		for i, r := range s.all {
			if r.Table == u.Table && r.Line == u.Line && r.Value.Equal(u.Value) {
				s.used[i] = true
			}
		}
	}
}

func (s rowsSeen) count() Count {
	n := Count{Of: len(s.all)}
	for _, used := range s.used {
		if used {
			n.Seen++
		}
	}
	return n
}

func (s rowsSeen) missing() (all []Missing) {
	for i, r := range s.all {
		if s.used[i] {
			continue
		}
		line, value := strconv.Itoa(r.Line), r.Value.String()
		said := WantUsed.Text()
		all = append(all, Missing{
			Row: r, Want: WantUsed,
			Message: policy.Text{
				ZH: "表 " + r.Table + " 第 " + line + " 行（" + value + "）：" + said.ZH,
				EN: "table " + r.Table + ", line " + line + " (" + value + "): " + said.EN,
			},
		})
	}
	return all
}

// Rows counts the rows of tables that were used.
func (c *Coverage) Rows() Count { return c.rows.count() }
