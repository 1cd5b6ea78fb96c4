package products

import (
	"bytes"
	"encoding/json"

	"github.com/chudan-io/chudan/policy"
)

// shape is what a value of a file looks like, in the words of JSON Schema
// draft-07, with those that editors add: patternErrorMessage and errorMessage,
// which tell what is wanted, and are passed over by everybody else.
type shape struct {
	Schema      string `json:"$schema,omitempty"`
	Ref         string `json:"$ref,omitempty"`
	Title       string `json:"title,omitempty"`
	Description string `json:"description,omitempty"`
	Default     any    `json:"default,omitempty"`
	Examples    []any  `json:"examples,omitempty"`

	Type  types `json:"type,omitempty"`
	Enum  []any `json:"enum,omitempty"`
	Const any   `json:"const,omitempty"`

	Pattern             string `json:"pattern,omitempty"` // of texts alone
	PatternErrorMessage string `json:"patternErrorMessage,omitempty"`
	MinLength           int    `json:"minLength,omitempty"`
	MaxLength           int    `json:"maxLength,omitempty"`

	Minimum          json.Number `json:"minimum,omitempty"` // of numbers alone
	Maximum          json.Number `json:"maximum,omitempty"`
	ExclusiveMinimum json.Number `json:"exclusiveMinimum,omitempty"`
	ExclusiveMaximum json.Number `json:"exclusiveMaximum,omitempty"`

	Items       *shape `json:"items,omitempty"`
	MinItems    int    `json:"minItems,omitempty"`
	MaxItems    int    `json:"maxItems,omitempty"`
	UniqueItems bool   `json:"uniqueItems,omitempty"`

	Properties           shapes              `json:"properties,omitempty"`
	PatternProperties    shapes              `json:"patternProperties,omitempty"`
	AdditionalProperties *bool               `json:"additionalProperties,omitempty"`
	MinProperties        int                 `json:"minProperties,omitempty"`
	Required             []string            `json:"required,omitempty"`
	Dependencies         map[string][]string `json:"dependencies,omitempty"`

	AllOf        []*shape `json:"allOf,omitempty"`
	AnyOf        []*shape `json:"anyOf,omitempty"`
	OneOf        []*shape `json:"oneOf,omitempty"`
	If           *shape   `json:"if,omitempty"`
	Then         *shape   `json:"then,omitempty"`
	Else         *shape   `json:"else,omitempty"`
	ErrorMessage string   `json:"errorMessage,omitempty"`

	Definitions shapes `json:"definitions,omitempty"`
}

// types are the types that a value may have. One is written as a text.
type types []string

// MarshalJSON writes them.
func (t types) MarshalJSON() ([]byte, error) {
	if len(t) == 1 {
		return json.Marshal(t[0])
	}
	return json.Marshal([]string(t))
}

// shapes are shapes by name, in the order in which people are shown them. No
// shape at all is a name that may not be used.
type shapes []named

type named struct {
	name string
	is   *shape
}

// MarshalJSON writes them in their order.
func (s shapes) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	for i, n := range s {
		b.WriteByte("{,"[min(i, 1)])
		if err := encode(&b, n.name); err != nil {
			return nil, err
		}
		b.WriteByte(':')
		if n.is == nil {
			b.WriteString("false")
		} else if err := encode(&b, n.is); err != nil {
			return nil, err
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// encode writes v as it is read best: < and & are no HTML here.
func encode(b *bytes.Buffer, v any) error {
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// property is a key of a mapping: how it is told of, and what its value is.
type property struct {
	name     string
	required bool
	is       *shape
	doc      policy.Text
	examples []any
}

// object is a mapping with these keys and no others.
func object(properties ...property) *shape {
	s := &shape{Type: types{"object"}, AdditionalProperties: new(bool)}
	for _, p := range properties {
		s.Properties = append(s.Properties, named{p.name, p.is.told(p.doc, p.examples...)})
		if p.required {
			s.Required = append(s.Required, p.name)
		}
	}
	return s
}

// byName is a mapping whose keys are names of a grammar.
func byName(keys grammar, is *shape) *shape {
	return &shape{
		Type: types{"object"}, PatternProperties: shapes{{keys.is.String(), is}}, AdditionalProperties: new(bool),
		ErrorMessage: both(policy.Text{ZH: "应为“键: 值”，" + keys.want.ZH, EN: "want a mapping; " + keys.want.EN}),
	}
}

// told is the shape with words about it, in both languages.
func (s *shape) told(doc policy.Text, examples ...any) *shape {
	t := *s
	t.Description = both(doc)
	if len(examples) > 0 {
		t.Examples = examples
	}
	return &t
}

// or is the shape with what counts where it is left out.
func (s *shape) or(value any) *shape {
	t := *s
	t.Default = value
	return &t
}

// both is a text in both languages.
func both(t policy.Text) string { return t.ZH + "\n" + t.EN }

// defined points to a definition of the same schema.
func defined(name string) *shape { return &shape{Ref: "#/definitions/" + name} }

// either is a value of one of several shapes.
func either(all ...*shape) *shape { return &shape{AnyOf: all} }

// oneOrMore is a list without repetitions, or one value in its place.
func oneOrMore(item *shape) *shape {
	return either(item, &shape{Type: types{"array"}, Items: item, MinItems: 1, UniqueItems: true})
}

// unlike tells what is wanted in place of some of the numbers, which editors
// would tell by their bounds alone.
func (s *shape) unlike(numbers *shape, want policy.Text) *shape {
	s.If, s.Then = numbers, &shape{Type: types{"string"}, ErrorMessage: both(want)}
	return s
}

// exactlyOne wants one of the keys of a mapping and none of the others. Each
// choice forbids the others by name, so that an editor marks the key that is
// too much and not the mapping.
func (s *shape) exactlyOne(want policy.Text, keys ...string) *shape {
	for _, key := range keys {
		choice := &shape{Required: []string{key}, ErrorMessage: both(want)}
		for _, other := range keys {
			if other != key {
				choice.Properties = append(choice.Properties, named{name: other})
			}
		}
		s.OneOf = append(s.OneOf, choice)
	}
	return s
}
