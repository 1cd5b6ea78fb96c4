package rules

import "slices"

// use is who uses a definition, a table or a coverage.
type use uint8

const (
	byRule   use = 1 << iota // or by a message
	byRating                 // by the rate or a step
	byNobody                 // by a definition or a table that is of no use itself
)

// by is as whom the unit uses what it uses.
func (u *unit) by() use {
	if u.rating {
		return byRating
	}
	return byRule
}

// use notes who uses a definition: another one, or somebody who counts.
func (u *unit) use(d *definition) {
	if u.owner != nil {
		u.owner.uses = append(u.owner.uses, d)
		return
	}
	d.count(u.by())
}

// mention is a text, which may be the code of a coverage.
func (u *unit) mention(word string) term {
	if slices.Contains(u.coverages, word) {
		if u.owner != nil {
			u.owner.mentions = append(u.owner.mentions, word)
		} else {
			u.mentions[word] |= u.by()
		}
	}
	return textTerm(word)
}

// count notes that a definition is of use, and with it those that it uses.
func (d *definition) count(by use) {
	if d.used&by != 0 {
		return
	}
	d.used |= by
	for _, other := range d.uses {
		other.count(by)
	}
}

// mentioned tells who names each coverage: in an expression, or in the cell of
// a table.
func (c *compiler) mentioned() map[string]use {
	add := func(word string, by use) {
		if slices.Contains(c.coverages, word) {
			c.mentions[word] |= by | byNobody
		}
	}
	for _, d := range c.defined {
		for _, word := range d.mentions {
			add(word, d.used)
		}
	}
	for _, t := range c.tabulated {
		for _, row := range t.Rows {
			for _, cell := range row.Cells {
				for _, word := range cell {
					add(word, t.usage.used)
				}
			}
		}
	}
	return c.mentions
}
