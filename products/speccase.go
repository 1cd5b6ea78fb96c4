package products

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/chudan-io/chudan/policy"
)

// maxCases is how many cases a file of tests may have: sheets multiply them.
const maxCases = 100_000

// specCase is one request, and what has to become of it.
type specCase struct {
	name    string
	file    string
	line    int
	request policy.Request
	chosen  policy.FieldSet // that the case sets itself: they are never filled in
	fill    bool            // the rest of what the request declares
	expect  *expectation
	skip    string // why it is not run; "" where it is
	only    bool
}

// readCases reads cases by name, or from a sheet.
func (r *specReader) readCases(n *node) {
	if isSheet(n) {
		r.sheetRows(n, caseColumns, func(inner *specReader, rows *node) { inner.sheetCases(strings.TrimSuffix(n.value(), ".csv"), rows) })
		return
	}
	if !r.is(n, mapping) {
		return
	}
	if len(n.entries) == 0 {
		r.refuse(n, codeEmpty, policy.Text{ZH: "没有用例", EN: "there are no cases"}, policy.Text{})
	}
	for _, e := range n.entries {
		r.readCase(e)
	}
}

// readCase reads a case; with `each` it is one case for each row.
func (r *specReader) readCase(e entry) {
	if r.spec.over {
		return
	}
	c := specCase{name: e.key.text, file: r.name, line: e.key.line}
	var with, facts, each, expect *node
	keep := func(into **node) read { return func(n *node) { *into = n } }
	r.mapping(e.value,
		key{"given", true, r.given(&c.request)},
		key{"with", false, keep(&with)},
		key{"facts", false, keep(&facts)},
		key{"fill", false, choice(r.file, &c.fill, fills()...)},
		key{"each", false, keep(&each)},
		key{"expect", false, keep(&expect)},
		key{"skip", false, r.text(&c.skip)},
		key{"only", false, r.boolean(&c.only)},
	)
	c.request.Facts = r.spec.facts
	r.readFacts(facts, &c.request.Facts)
	if with != nil && r.is(with, mapping) {
		for _, o := range with.entries {
			r.override(o, &c)
		}
	}
	if expect != nil {
		c.expect = r.expectation(expect)
		r.stands(c.expect, expect, each == nil)
	}
	switch {
	case each != nil && isSheet(each):
		r.sheetRows(each, rowColumns, func(inner *specReader, rows *node) { inner.rows(rows, c, expect != nil) })
		return
	case each != nil:
		r.rows(each, c, expect != nil)
		return
	}
	if expect == nil && e.value.kind == mapping {
		r.noExpectation(e.key)
	}
	r.add(c, e.key)
}

// fills are what the engine may fill in.
func fills() []option[bool] { return []option[bool]{{"declared", true}} }

// add takes in a case, whose name no other may have: reports name it.
func (r *specReader) add(c specCase, n *node) {
	if r.full() {
		r.refuse(n, codeTooLarge, policy.Text{ZH: fmt.Sprintf("用例超过 %d 个", maxCases), EN: fmt.Sprintf("there are more than %d cases", maxCases)}, policy.Text{})
		r.spec.over = true
		return
	}
	if r.names[c.name] {
		r.refuse(n, codeDuplicate, policy.Text{ZH: "用例 " + shown(c.name) + " 重复", EN: "the case " + shown(c.name) + " stands twice"}, policy.Text{})
	}
	r.names[c.name] = true
	r.spec.cases = append(r.spec.cases, c)
}

// full tells whether there are as many cases as there may be.
func (r *specReader) full() bool { return len(r.spec.cases) >= maxCases }

// stands notes where the expectation of one case stands, so that it can be
// rewritten there.
func (r *specReader) stands(x *expectation, n *node, alone bool) {
	if alone && r.file == r.spec.source {
		x.node = n
	}
}

func (r *specReader) noExpectation(n *node) {
	r.refuse(n, codeMissingKey, policy.Text{ZH: "缺少 expect", EN: "missing here: expect"},
		policy.Text{ZH: "写明预期，如 accept 或 reject CODE", EN: "say what has to come, such as accept or reject CODE"})
}

// rows reads the rows of `each`: fields to change, and what to expect. The
// expectation of the case is that of all rows that have none of their own.
func (r *specReader) rows(n *node, c specCase, expected bool) {
	if !r.is(n, list) {
		return
	}
	if len(n.items) == 0 {
		r.refuse(n, codeEmpty, policy.Text{ZH: "列表为空", EN: "the list is empty"}, policy.Text{})
	}
	for i, item := range n.items {
		if r.spec.over {
			return
		}
		row := c
		row.name, row.file, row.line = c.name+"/"+strconv.Itoa(i+1), r.name, item.line
		if !r.is(item, mapping) {
			continue
		}
		own := expected
		for _, e := range item.entries {
			switch e.key.text {
			case "expect":
				own, row.expect = true, r.expectation(e.value)
				r.stands(row.expect, e.value, true)
			case "case":
				if name, ok := r.word(e.value); ok {
					row.name = c.name + "/" + name
				}
			default:
				r.override(e, &row)
			}
		}
		if !own {
			r.noExpectation(item)
		}
		r.add(row, item)
	}
}

// given reads the name of a fixture and copies the fixture.
func (r *specReader) given(into *policy.Request) read {
	return func(n *node) {
		name, ok := r.word(n)
		if !ok {
			return
		}
		fixture, known := r.fixtures[name]
		if !known {
			names := slices.Sorted(maps.Keys(r.fixtures))
			hint := r.did(name, names)
			if hint == (policy.Text{}) && len(names) > 0 {
				hint = oneOf(names)
			}
			r.bad(n, codeValue, policy.Text{ZH: "fixtures 中没有 " + shown(name), EN: "fixtures has no " + shown(name)}, hint)
		} else if fixture != nil {
			*into = *fixture
		}
	}
}

// override sets a field by its path as it would arrive, right or wrong; ~
// takes the field, or a whole object, away. facts.NAME sets a fact.
func (r *specReader) override(e entry, c *specCase) {
	path, n := e.key.text, e.value
	if name, is := strings.CutPrefix(path, factPrefix); is {
		r.fact(e.key, name, n, &c.request.Facts)
		return
	}
	field, known := policy.FieldNamed(path)
	removed := n.kind == scalar && n.style == absent && n.text != ""
	switch {
	case !known && policy.IsObject(path) && removed:
		for _, p := range policy.ObjectFields(path).Paths() {
			inner, _ := policy.FieldNamed(p)
			c.set(inner, "")
		}
	case !known && policy.IsObject(path):
		r.refuse(e.key, codeField, policy.Text{ZH: path + " 是对象", EN: path + " is an object"},
			policy.Text{ZH: "请写其中的字段，如 " + path + ".…；删除整个对象写 ~", EN: "name a field in it, " + path + ".…, or write ~ to take all of it away"})
	case !known:
		r.bad(e.key, codeField, policy.Text{ZH: "接口文档中没有字段 " + shown(path), EN: "the API page has no field " + shown(path)},
			r.did(path, append(append(pagePaths(), r.factPaths()...), "expect", "case")))
	case removed:
		c.set(field, "")
	case field.Form == policy.FormList && n.kind == list:
		var items []string
		r.each(func(n *node) {
			text, _ := r.word(n)
			items = append(items, text)
		})(n)
		c.set(field, strings.Join(items, ","))
	default:
		r.sent(field, n, c)
	}
}

// sent reads the text of a field.
func (r *specReader) sent(field policy.Field, n *node, c *specCase) {
	if n.kind == scalar && n.value() == "" {
		r.refuse(n, codeEmpty, policy.Text{ZH: field.Path + " 没有值", EN: field.Path + " has no value"},
			policy.Text{ZH: "删除该字段请写 ~", EN: "to take the field away write ~"})
	} else if text, ok := r.word(n); ok {
		c.set(field, text)
	}
}

func (c *specCase) set(field policy.Field, text string) {
	field.SetText(&c.request, text)
	c.chosen = c.chosen.With(field)
}
