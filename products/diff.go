package products

import (
	"strings"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/policy/money"
)

// Change is one thing that differs between two editions.
//
// Its code is what differs and how: -added, -removed or -changed behind
// product, title, filing, coverage, coverage-title, currency, unique,
// fact, definition, table, table-domain, table-arguments, row, rate, rate-bounds,
// round, minimum, step, step-round, step-order, declared, check, rule,
// pin-refusals or on-error; and table-replaced.
type Change struct {
	Code    string        `json:"code"`             // stable; texts are not
	Path    string        `json:"path"`             // the key where it stands: rules.LARGE_SUM.when
	Name    string        `json:"name,omitempty"`   // of the coverage, currency, field, definition, table, step or rule
	Row     string        `json:"row,omitempty"`    // of a table: its cells
	Before  string        `json:"before,omitempty"` // empty: it was not there
	After   string        `json:"after,omitempty"`  // empty: it is there no more
	Percent money.Decimal `json:"percent,omitzero"` // by which a number moved, to two places; 0 where that cannot be told
	Text    policy.Text   `json:"text"`             // the change as people read it
}

// Diff tells what an edition says otherwise than an earlier one, in the order
// of the keys of an edition. The names of the editions, comments and the order
// of keys and of a table's rows are no change, nor is another way to write the
// same number.
func Diff(before, after *Edition) []Change {
	d := &differ{before: before, after: after}
	d.heading()
	d.coverages()
	d.names("currency", "currencies", policy.Text{ZH: "币种", EN: "currency"}, words(before.terms.Currencies), words(after.terms.Currencies))
	d.names("unique", "unique", policy.Text{ZH: "唯一键", EN: "unique key"}, before.terms.Unique, after.terms.Unique)
	d.facts()
	d.definitions()
	d.tables()
	d.settings(premiumSettings(before), premiumSettings(after))
	d.steps()
	d.settings(declaredSettings(before), declaredSettings(after))
	d.settings(checkSettings(before), checkSettings(after))
	d.ruleset()
	d.settings(lastSettings(before), lastSettings(after))
	return d.changes
}

// differ collects changes.
type differ struct {
	before, after *Edition
	changes       []Change
}

// subject is what a change is of.
type subject struct {
	kind, path, name, row string
	title                 policy.Text // as sentences begin
}

// called is a subject with a name, its title being what it is and the name.
func called(kind, path, name string, what policy.Text) subject {
	return subject{kind: kind, path: path + "." + name, name: name, title: policy.Text{ZH: what.ZH + " " + name, EN: what.EN + " " + name}}
}

// part is a part of a subject, under a key of its own.
func (s subject) part(key string, zh, en string) subject {
	s.path += "." + key
	s.title = policy.Text{ZH: s.title.ZH + " 的" + zh, EN: s.title.EN + ", " + en}
	return s
}

func (d *differ) added(s subject, after string) {
	colon := s.colon(after)
	d.put("-added", s, Change{After: after, Text: policy.Text{ZH: "新增" + s.title.ZH + colon.ZH, EN: s.title.EN + " added" + colon.EN}})
}

func (d *differ) removed(s subject, before string) {
	colon := s.colon(before)
	d.put("-removed", s, Change{Before: before, Text: policy.Text{ZH: "删除" + s.title.ZH + colon.ZH, EN: s.title.EN + " removed" + colon.EN}})
}

// colon is what is said of a thing behind its name: nothing where its name is
// all that it says.
func (s subject) colon(value string) policy.Text {
	if value == s.name {
		return policy.Text{}
	}
	return policy.Text{ZH: "：" + oneLine(value), EN: ": " + oneLine(value)}
}

// worded compares texts, character by character.
func (d *differ) worded(s subject, before, after string) {
	if before != after {
		d.changed("-changed", s, Change{Before: before, After: after})
	}
}

// measured compares numbers and expressions.
func (d *differ) measured(s subject, before, after string) {
	if !sameExpression(before, after) {
		d.changed("-changed", s, Change{Before: before, After: after, Percent: percent(before, after)})
	}
}

// labelled compares texts in two languages. Where there is one only, it stands
// at the key itself.
func (d *differ) labelled(s subject, before, after policy.Text) {
	if before.EN == "" && after.EN == "" {
		d.worded(s, before.ZH, after.ZH)
		return
	}
	zh, en := s, s
	zh.path, en.path = s.path+".zh", s.path+".en"
	zh.title, en.title = policy.Text{ZH: s.title.ZH + "（中文）", EN: s.title.EN + " in Chinese"}, policy.Text{ZH: s.title.ZH + "（英文）", EN: s.title.EN + " in English"}
	d.worded(zh, before.ZH, after.ZH)
	d.worded(en, before.EN, after.EN)
}

func (d *differ) changed(how string, s subject, c Change) {
	of := func(none string) (arrow string) {
		sides := [2]string{oneLine(c.Before), oneLine(c.After)}
		for i := range sides {
			if sides[i] == "" {
				sides[i] = none
			}
		}
		return sides[0] + " → " + sides[1]
	}
	c.Text = policy.Text{ZH: s.title.ZH + "：" + of("（无）"), EN: s.title.EN + ": " + of("(none)")}
	if sign := signed(c.Percent); sign != "" {
		c.Text.ZH += "（" + sign + "）"
		c.Text.EN += " (" + sign + ")"
	}
	d.put(how, s, c)
}

func (d *differ) put(how string, s subject, c Change) {
	c.Code, c.Path, c.Name, c.Row = s.kind+how, s.path, s.name, s.row
	d.changes = append(d.changes, c)
}

// oneLine is a text that may have been written over several lines.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
