package rules

import (
	"cmp"
	"slices"

	"github.com/chudan-io/chudan/policy"
)

// Diagnostic is one thing that is wrong with a Spec. Its code is stable:
//
//	syntax            the text is no expression; the hint knows ：“” = 且 AND and their like
//	not-available     the language leaves it out: / % ** .. ; | let nil # methods text + text
//	number            a literal that is no plain decimal: 1e3, 1_018, 10万, .5
//	too-long          over a limit of length, nodes or count
//	too-large         the number could grow over 200 digits
//	unknown-name      no such field, fact, definition or coverage
//	unknown-function  no such function
//	unknown-coverage  a text that is compared with insuranceTypes and is no coverage
//	arguments         a function is given the wrong arguments
//	type              an operator does not take these operands
//	not-a-decision    a condition that is neither true nor false
//	pattern           matches wants a constant, valid, short RE2 pattern
//	unguarded         an optional field is read where nothing proves it present
//	cycle             definitions that use each other in a circle
//	name              a fact, definition or coverage cannot have this name
//	code              a rule's code is malformed or used twice
//	outcome           none or several of require, must, reject_if, refer_if, note_if; or `to` without refer_if
//	template          a brace or placeholder of a message is malformed
//	personal          a message would show personal data
//	gap               a combination that no row of a table fits
//	overlap           a combination that two rows of a table fit
//	row               a row has more or fewer cells than its table
//	range             a range that is turned round, or leaves its column
//	rate              a rate that cannot be meant: 0.3 is a percentage without its sign
//	empty             a cell, a value or a domain with nothing in it
//	duplicate         a value stands twice in a domain
//	unknown-value     a text that its column does not have
//	unknown-column    a column that neither a field, a definition nor a sum fills
//	unknown-table     a sum over a table that is not there
//
// And those of [Lint], which are warnings:
//
//	constant           a part of a condition is always true, or never
//	never-applies      the rule's `when` cannot be true
//	never-fails        no application can fail the rule
//	always-fails       every application to which the rule applies fails it
//	unused-definition  no rule, message or rating uses the definition
//	unused-fact        no expression reads the fact
//	amount-left-out    no rule adds the application's own amount to a sum in force
//	unused-table       no rule, message or rating uses the table
//	unused-coverage    the rate or a step names other coverages, and nothing names this one
type Diagnostic struct {
	Code    string
	At      At
	Also    []At // what it has to do with: the other row
	Message policy.Text
	Warning bool        // of Lint: the rules run, but hardly as they were meant
	Hint    policy.Text // what to write instead; empty where we cannot tell
}

// At says where in a Spec something stands.
type At struct {
	// Definition and Table are its name, Rule its code; all are empty for a
	// coverage, for a fact and for the rating.
	Definition, Rule, Table string
	// Part is when, require, must, reject_if, refer_if, note_if, to, fields,
	// message.zh or message.en; "" for a definition's expression or a rule or
	// table as a whole; "coverages" for a coverage, "facts" for a fact. Of a table it is match, column
	// (its name), domain, rows, row or cell, of the rating rate, sum, steps,
	// steps.name or steps.value.
	Part string
	// Index is the item of a list: require, fields, coverages, facts, rows, steps.
	Index int
	// Column is that of a column, domain or cell; the last cell is the row's value.
	Column int
	// Offset and Length are in runes of the text that stands there; both are 0
	// where all of it is meant.
	Offset, Length int
}

// span is a stretch of a text, in runes.
type span struct{ from, to int }

// problems are the diagnostics of one text, before it is known where it stands.
type problems []Diagnostic

func (ps *problems) add(code string, at span, zh, en string, h policy.Text) {
	*ps = append(*ps, Diagnostic{
		Code: code, At: At{Offset: at.from, Length: at.to - at.from},
		Message: policy.Text{ZH: zh, EN: en}, Hint: h,
	})
}

// at gives the problems their place, in the order of the text.
func (ps problems) at(place At) []Diagnostic {
	slices.SortStableFunc(ps, func(a, b Diagnostic) int { return cmp.Compare(a.At.Offset, b.At.Offset) })
	// a < b < c reads b twice, and would tell twice what is wrong with it.
	ps = slices.CompactFunc(ps, func(a, b Diagnostic) bool { return a.Code == b.Code && a.At == b.At })
	for i := range ps {
		place.Offset, place.Length = ps[i].At.Offset, ps[i].At.Length
		ps[i].At = place
	}
	return ps
}

// hint is "write …" in both languages.
func hint(write string) policy.Text {
	return policy.Text{ZH: "请写 " + write, EN: "write " + write}
}
