package products

import "strings"

// kind tells what a node is.
type kind uint8

const (
	scalar kind = iota
	list
	mapping
	refused // blamed already: whoever reads it says nothing more
)

// node is a value in a file: what is left of YAML once everything odd in it
// was refused.
type node struct {
	kind    kind
	text    string  // of a scalar: as meant, quotes and folding undone
	style   style   // of a scalar: as written
	items   []*node // of a list
	entries []entry // of a mapping, in its order, no key twice
	line    int     // where it begins, from 1
	col     int     // in characters, from 1
}

// entry is a key of a mapping and its value.
type entry struct{ key, value *node }

// style is how a scalar is written.
type style uint8

const (
	plain        style = iota
	absent             // nothing, or null
	singleQuoted       // 'it''s'
	doubleQuoted       // "\n"
	block              // | or >, and its lines below
)

// child is the value of a key; nil where there is none.
func (n *node) child(key string) *node { return n.entry(key).value }

// entry is a key and its value; both nil where there is none.
func (n *node) entry(key string) entry {
	if n == nil {
		return entry{}
	}
	for _, e := range n.entries {
		if e.key.text == key {
			return e
		}
	}
	return entry{}
}

// value is the text of a scalar. A block of lines ends with a line break that
// nobody means.
func (n *node) value() string { return strings.TrimRight(n.text, "\r\n") }
