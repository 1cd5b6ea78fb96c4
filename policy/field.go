package policy

import (
	"fmt"
	"math/bits"
	"reflect"
	"slices"
	"strings"
)

// Form is what the text of a field means.
type Form uint8

// The forms of the page's fields.
const (
	FormText    Form = iota
	FormDecimal      // a decimal: compared by value
	FormNumber       // a JSON number or a numeric string: insurePeriod
	FormTime         // yyyy-MM-dd HH:mm:ss at +08:00, or epoch milliseconds
	FormList         // a comma list
)

// Field is one leaf field of the page.
type Field struct {
	Path     string // the page's own name, with the object before a point: attrs.agreeOnSendTime
	Form     Form
	Personal bool // tells something about a person: never shown in messages
	Required bool // by the page, of every request

	order int    // place on the page, 0 first
	tag   string // grammar, in the validator's words
	index []int
}

// fields are the leaf fields in page order: the one table that decoding,
// shape, fingerprints, conflicts and the names in rules are made from.
var (
	fields      = fieldsOf(reflect.TypeFor[Request](), "", nil)
	fieldByPath = indexFields(fields)
	canonical   = sortedByPath(fields)
	objects     = objectsOf(fields)
)

func fieldsOf(t reflect.Type, prefix string, index []int) []Field {
	var all []Field
	for sf := range t.Fields() {
		name, at := prefix+sf.Tag.Get("json"), append(slices.Clone(index), sf.Index...)
		switch sf.Type.Kind() { //nolint:exhaustive // a request holds texts and objects of texts
		case reflect.Struct:
			all = append(all, fieldsOf(sf.Type, name+".", at)...)
		case reflect.String:
			_, personal := reflect.Zero(sf.Type).Interface().(interface{ Reveal() string })
			tag := sf.Tag.Get("validate")
			all = append(all, Field{
				Path: name, Form: formOf(sf.Tag.Get("page")), Personal: personal,
				Required: strings.HasPrefix(tag, "required"), tag: tag, index: at,
			})
		}
	}
	for i := range all {
		all[i].order = i
	}
	return all
}

func formOf(tag string) Form {
	switch tag {
	case "decimal":
		return FormDecimal
	case "number":
		return FormNumber
	case "time":
		return FormTime
	case "list":
		return FormList
	}
	return FormText
}

func indexFields(all []Field) map[string]Field {
	m := make(map[string]Field, len(all))
	for _, f := range all {
		m[f.Path] = f
	}
	return m
}

func sortedByPath(all []Field) []Field {
	return slices.SortedFunc(slices.Values(all), func(a, b Field) int { return strings.Compare(a.Path, b.Path) })
}

// objectsOf gives each object of the page the fields in it.
func objectsOf(all []Field) map[string]FieldSet {
	m := make(map[string]FieldSet)
	for _, f := range all {
		if object, _, ok := strings.Cut(f.Path, "."); ok {
			m[object] = m[object].With(f)
		}
	}
	return m
}

// Fields are the leaf fields of the page, in its order.
func Fields() []Field { return slices.Clone(fields) }

// FieldNamed finds a leaf field by its path.
func FieldNamed(path string) (Field, bool) {
	f, ok := fieldByPath[path]
	return f, ok
}

// IsObject tells whether path names an object of the page, such as attrs.
func IsObject(path string) bool { return objects[path] != 0 }

// ObjectFields are the leaf fields of an object of the page; none for
// anything else.
func ObjectFields(object string) FieldSet { return objects[object] }

// Text is the field's text in r; "" where it is absent. Personal text is
// revealed.
func (f Field) Text(r *Request) string {
	return reflect.ValueOf(r).Elem().FieldByIndex(f.index).String()
}

// Shown is the field's text in r as anybody may see it: personal text is
// masked.
func (f Field) Shown(r *Request) string {
	return fmt.Sprint(reflect.ValueOf(r).Elem().FieldByIndex(f.index).Interface())
}

// SetText gives the field its text in r.
func (f Field) SetText(r *Request, text string) {
	reflect.ValueOf(r).Elem().FieldByIndex(f.index).SetString(text)
}

// Grammar is what the field must look like by itself, in the validator's words
// (required, decimal, text=256, oneof=UNITY GENERAL), and what a caller is told
// where it does not; that is empty for what needs no words.
func (f Field) Grammar() (words []string, wants []Text) {
	for word := range strings.SplitSeq(f.tag, ",") {
		tag, param, _ := strings.Cut(word, "=")
		words, wants = append(words, word), append(wants, messageFor(tag, param))
	}
	return words, wants
}

// FieldSet is a set of leaf fields of the page.
type FieldSet uint64

// SetOf is the set of the fields at these paths; an object stands for all of
// its fields, and a path that the page does not know for none.
func SetOf(paths ...string) FieldSet {
	var s FieldSet
	for _, p := range paths {
		if f, ok := fieldByPath[p]; ok {
			s = s.With(f)
		}
		s |= objects[p]
	}
	return s
}

// With is the set and f.
func (s FieldSet) With(f Field) FieldSet { return s | 1<<f.order }

// Has tells whether f is in the set.
func (s FieldSet) Has(f Field) bool { return s&(1<<f.order) != 0 }

// Overlaps tells whether the sets share a field.
func (s FieldSet) Overlaps(t FieldSet) bool { return s&t != 0 }

// Paths are the paths of the set's fields in page order.
func (s FieldSet) Paths() []string {
	paths := make([]string, 0, bits.OnesCount64(uint64(s)))
	for _, f := range fields {
		if s.Has(f) {
			paths = append(paths, f.Path)
		}
	}
	return paths
}

// pageOrder is where a path stands on the page; an object stands where its
// first field does, and what the page does not know comes last.
func pageOrder(path string) int {
	if f, ok := fieldByPath[path]; ok {
		return f.order
	}
	if set := objects[path]; set != 0 {
		return bits.TrailingZeros64(uint64(set))
	}
	return len(fields)
}
