package qimen

import (
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/chudan-io/chudan/policy"
)

// member is one key that the page knows: a field, or an object with members.
type member struct {
	path    string
	bit     uint64
	field   policy.Field
	members map[string]*member
}

// page is the body's own members.
var page = membersOf(policy.Fields())

func membersOf(fields []policy.Field) map[string]*member {
	root, place := make(map[string]*member), 0
	add := func(to map[string]*member, name string, m member) *member {
		m.bit = 1 << place // the page has some 60 keys
		place++
		to[name] = &m
		return &m
	}
	for _, f := range fields {
		object, name, nested := strings.Cut(f.Path, ".")
		if !nested {
			add(root, f.Path, member{path: f.Path, field: f})
			continue
		}
		m := root[object]
		if m == nil {
			m = add(root, object, member{path: object, members: make(map[string]*member)})
		}
		add(m.members, name, member{path: f.Path, field: f})
	}
	return root
}

// takes tells whether a field may have a value of this kind, texts aside.
func (m *member) takes(kind jsontext.Kind, lenient bool) bool {
	number := m.field.Form == policy.FormNumber
	return kind == '0' && (lenient || number) || (kind == 't' || kind == 'f') && lenient && !number
}

func (m *member) want() policy.Text {
	switch {
	case m.members != nil:
		return kindNames['{']
	case m.field.Form == policy.FormNumber:
		return kindNames['0']
	}
	return kindNames['"']
}

var kindNames = map[jsontext.Kind]policy.Text{
	'"': {ZH: "字符串", EN: "a string"},
	'0': {ZH: "数字", EN: "a number"},
	't': {ZH: "布尔值", EN: "a boolean"},
	'f': {ZH: "布尔值", EN: "a boolean"},
	'{': {ZH: "对象", EN: "an object"},
	'[': {ZH: "数组", EN: "an array"},
}
