package rules

import (
	"fmt"
	"slices"

	"github.com/chudan-io/chudan/policy"
)

// Table is a table of numbers as it stands in a product's file. Exactly one of
// its rows must fit each combination of values of its columns.
type Table struct {
	Name    string
	Columns []Column
	Rows    []Row
}

// Column is what a table is asked for. Its value is that of the field or the
// definition of its name; one that is neither is filled by the caller: by the
// coverage that a sum is at, or by the argument of a call.
type Column struct {
	Name   string
	Domain Cell // "coverages", a range such as 1..365, or the values one by one
}

// Cell is one text, or those of a set. In a row a text is a value, a range or *.
type Cell []string

// Row is one row: a cell for each column, and the value.
type Row struct {
	Line  int // of the file, for whoever asks which row was used
	Cells []Cell
	Value string // 0.300%, 1.25‰, 1.1
}

// The limits of a table.
const (
	maxTables  = 50
	maxColumns = 8
	maxRows    = 10_000
	maxValues  = 5000 // of a column that lists them
)

// table is a compiled Table.
type table struct {
	Table
	stage    stage
	columns  []column
	values   []decimal // by row
	size     digits    // of the values
	root     *branch
	reads    reads
	problems []Diagnostic
	usage    definition // what its columns use, and who uses it
}

// column is a column of a compiled table.
type column struct {
	name   string
	source term // invalid where the caller fills it
	domain domain
	reads  []string // what a definition reads
	blame  []string // the field that a value outside of the domain is blamed on
	secret bool     // the value is personal and never shown
}

// free are the columns that the caller fills.
func (t *table) free() (free []int) {
	for i := range t.columns {
		if t.columns[i].source.kind == invalid {
			free = append(free, i)
		}
	}
	return free
}

// value is what a column reads.
type value struct {
	word   string
	number decimal
	secret bool // it may be personal, and is never shown
}

func (c *column) read(e *env) (v value) {
	switch c.source.kind {
	case number:
		v.number = c.source.number(e)
	case text:
		v.word = c.source.text(e)
	case boolean:
		v.word = "false"
		if c.source.boolean(e) {
			v.word = "true"
		}
	case invalid, moment, list:
	}
	return v
}

// find is the row for the application at hand, where the free columns have
// these values. It fails where a value is outside of the domain of its column.
func (t *table) find(e *env, given ...value) (row int, ok bool) {
	var at [maxColumns]int64
	var left policy.Faults
	for i := range t.columns {
		c := &t.columns[i]
		var v value
		if c.source.kind == invalid {
			v, given = given[0], given[1:]
		} else {
			v = c.read(e)
		}
		if at[i], ok = c.domain.ordinal(v); !ok {
			left = append(left, t.outside(e, c, v))
		}
	}
	if left != nil {
		e.fail(&outsideError{left})
	}
	if e.err != nil {
		return 0, false
	}
	return t.root.find(at[:len(t.columns)]), true
}

// amount is the value of the row that find finds; 0 where there is none.
func (t *table) amount(e *env, given ...value) decimal {
	row, ok := t.find(e, given...)
	if !ok {
		return decimal{}
	}
	if e.rating != nil {
		used := policy.TableRow{Table: t.Name, Line: t.Rows[row].Line, Value: t.values[row].money()}
		if len(given) > 0 {
			used.Item = given[0].word
		}
		e.rating.Rows = append(e.rating.Rows, used)
	}
	return t.values[row]
}

// outsideError tells which values were outside of the domains of their columns.
type outsideError struct{ faults policy.Faults }

func (o *outsideError) Error() string {
	return "outside of a table: " + o.faults.Message(policy.English, "")
}

// outside is the fault of a value that no row can have.
func (t *table) outside(e *env, c *column, v value) policy.Fault {
	shown := v.word
	if c.domain.words == nil {
		shown = v.number.String()
	}
	if c.secret || v.secret {
		shown = "***"
	}
	f := policy.Invalid("",
		fmt.Sprintf("%s 为 %s，表 %s 只含 %s", c.name, shown, t.Name, c.domain.text),
		fmt.Sprintf("%s is %s, and the table %s goes over %s", c.name, shown, t.Name, c.domain.text))
	f.Paths = c.blamed(e)
	return f
}

// chosen are the fields that a caller decides about, among those that a value
// may be made of: the end of the period, and the sum insured.
var chosen = []string{"expireTime", "amount"}

// blamed is the one of several fields that a value is blamed on: one that the
// caller chose, or the last on the page.
func blamed(paths []string) []string {
	for _, path := range chosen {
		if slices.Contains(paths, path) {
			return []string{path}
		}
	}
	return paths[len(paths)-1:]
}

// operand are the fields that a field which was left out was derived from: the
// caller can change nothing else.
var operand = map[string]string{"insurePeriod": "expireTime", "amountOfCny": "amount"}

// blamed is the field that a fault of the column names.
func (c *column) blamed(e *env) []string {
	if len(c.blame) == 1 && e.app.Derived().Overlaps(policy.SetOf(c.blame...)) {
		return []string{operand[c.blame[0]]}
	}
	return c.blame
}
