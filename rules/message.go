package rules

import (
	"strings"

	"github.com/chudan-io/chudan/policy"
)

// template is a message in one language, with placeholders.
type template struct {
	parts []part
	reads check // what its values need
}

// part is a stretch of plain text and the value behind it.
type part struct {
	plain string
	value func(*env, policy.Lang) string // nil behind the last
}

// template reads a message in which the fields of facts are known to be
// present; {{ and }} stand for braces.
func (u *unit) template(message string, facts policy.FieldSet) template {
	var t template
	var plain strings.Builder
	runes := []rune(message)
	for i := 0; i < len(runes); i++ {
		r := runes[i]
		double := i+1 < len(runes) && runes[i+1] == r
		switch {
		case r != '{' && r != '}':
			plain.WriteRune(r)
		case double:
			plain.WriteRune(r)
			i++
		case r == '}':
			u.problems.add("template", span{i, i + 1}, "多余的 }", "a } without a {", hint("}}"))
		default:
			end := i + 1
			for end < len(runes) && runes[end] != '}' && runes[end] != '{' {
				end++
			}
			if end == len(runes) || runes[end] == '{' {
				u.problems.add("template", span{i, i + 1}, "{ 没有配对的 }", "a { without a }", hint("{{"))
				break
			}
			t.parts = append(t.parts, part{plain.String(), u.placeholder(string(runes[i+1:end]), span{i, end + 1}, facts)})
			plain.Reset()
			i = end
		}
	}
	if plain.Len() > 0 {
		t.parts = append(t.parts, part{plain: plain.String()})
	}
	t.reads = checkOf(term{}, u.reads)
	return t
}

// placeholder is a field or a definition. Personal data never gets into a
// message, however far it has come through definitions.
func (u *unit) placeholder(name string, at span, facts policy.FieldSet) func(*env, policy.Lang) string {
	name = strings.TrimSpace(name)
	f, isField := fieldNamed(name)
	d, isDefinition := u.definitions[name]
	fact, isFact := u.facts[strings.TrimPrefix(name, factPrefix)]
	isFact = isFact && strings.HasPrefix(name, factPrefix)
	switch {
	case isFact && fact.Type == policy.FactText:
		u.fact(name, at) // which is used, though not here
		u.report("personal", at, name+" 可能涉及个人信息，不得出现在消息中", name+" may be personal data, which no message may show", policy.Text{})
	case strings.HasPrefix(name, factPrefix):
		return shown(u.fact(name, at))
	case isField && f.Personal, isDefinition && d.reads.personal:
		u.report("personal", at, name+" 涉及个人信息，不得出现在消息中", name+" is personal data, which no message may show", policy.Text{})
	case isField:
		t := u.field(f, at, facts)
		if t.kind == number {
			return sent(f, t)
		}
		return shown(t)
	case isDefinition:
		return shown(u.reference(d, at, facts))
	case policy.IsObject(name):
		u.report("type", at, name+" 是对象，不是值", name+" is an object and has no value", policy.Text{})
	case name == "":
		u.report("template", at, "占位符为空", "the placeholder is empty", hint("{{}}"))
	default:
		u.unknown(name, at)
	}
	return nil
}

const timeLayout = "2006-01-02 15:04:05"

// shown is how a value looks in a message.
func shown(t term) func(*env, policy.Lang) string {
	switch t.kind {
	case number:
		return func(e *env, _ policy.Lang) string { return t.number(e).String() }
	case text:
		return func(e *env, _ policy.Lang) string { return t.text(e) }
	case moment:
		return func(e *env, _ policy.Lang) string { return t.moment(e).In(policy.Zone()).Format(timeLayout) }
	case list:
		return func(e *env, lang policy.Lang) string {
			return strings.Join(t.list(e), policy.Text{ZH: "、", EN: ", "}.In(lang))
		}
	case boolean:
		return func(e *env, lang policy.Lang) string {
			if t.boolean(e) {
				return policy.Text{ZH: "是", EN: "yes"}.In(lang)
			}
			return policy.Text{ZH: "否", EN: "no"}.In(lang)
		}
	case invalid:
	}
	return nil
}

// sent is a number as the request wrote it: 1018.0 stays 1018.0. One that was
// derived is written plainly.
func sent(f policy.Field, t term) func(*env, policy.Lang) string {
	return func(e *env, _ policy.Lang) string {
		if text := f.Text(e.app.Request); text != "" {
			return text
		}
		return t.number(e).String()
	}
}

// show is the message; ok is false where a value in it is not to be had.
func (t *template) show(e *env, lang policy.Lang) (message string, ok bool) {
	if !t.reads.ready(e) {
		return "", false
	}
	var b strings.Builder
	for _, p := range t.parts {
		b.WriteString(p.plain)
		if p.value != nil {
			b.WriteString(p.value(e, lang))
		}
	}
	return b.String(), e.err == nil
}
