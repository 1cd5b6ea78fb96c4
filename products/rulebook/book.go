package rulebook

import (
	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
)

// Book is the rule book of an edition, in both languages. It is data: a
// renderer decides about nothing but looks.
type Book struct {
	Title    policy.Text
	Facts    []Fact // that identify the edition
	Chapters []Section
}

// Section is a chapter, or a part of one.
type Section struct {
	ID     string // unique in the book, made of a-z, 0-9 and -
	Title  Line
	Blocks []Block
	Parts  []Section
}

// Block is one of these.
type Block struct {
	Line       *Line  // a paragraph
	Expression string // as it stands in the edition's file
	List       []Line
	Facts      []Fact
	Table      *Table
}

// Fact is a name and what it stands for.
type Fact struct{ Name, Value Line }

// Table has a heading for each column.
type Table struct {
	Heads   []Line
	Rows    [][]Line
	Numbers []bool // the columns that are aligned as numbers
}

// Source is what a book is made from. Only the edition is needed.
type Source struct {
	Edition  *products.Edition
	Schedule *products.Schedule // of its product; nil: not known
	Tests    *products.Spec     // of the edition; nil: there are none
}

// New writes the book of an edition. It decides the cases of the tests, so that
// its examples are what the engine answers.
func New(s Source) *Book {
	w := &writer{Source: s, terms: s.Edition.Terms(), spec: s.Edition.Spec()}
	return &Book{
		Title: w.title(),
		Facts: w.identity(),
		Chapters: []Section{
			w.product(), w.request(), w.premium(), w.declared(), w.checks(), w.rules(), w.answers(), w.examples(), w.settings(),
		},
	}
}

func paragraph(zh, en string, values ...any) Block {
	l := say(zh, en, values...)
	return Block{Line: &l}
}

// columns begins a table.
func columns(heads ...Line) *Table { return &Table{Heads: heads, Numbers: make([]bool, len(heads))} }

// number aligns these columns as numbers.
func (t *Table) number(columns ...int) *Table {
	for _, c := range columns {
		t.Numbers[c] = true
	}
	return t
}

func (t *Table) add(cells ...Line) { t.Rows = append(t.Rows, cells) }
