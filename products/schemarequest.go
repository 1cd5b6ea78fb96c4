package products

import (
	"encoding/json"
	"strings"

	"github.com/chudan-io/chudan/policy"
)

// requestSchema is the page's request in JSON, as fixtures hold it.
func requestSchema() *shape {
	var all []property
	objects := make(map[string]*shape)
	for _, f := range policy.Fields() {
		doc := fieldDocs[f.Path]
		object, name, nested := strings.Cut(f.Path, ".")
		if !nested {
			all = append(all, property{f.Path, f.Required, fieldShape(f), doc.doc, []any{doc.example}})
			continue
		}
		if objects[object] == nil {
			// A channel may send "" in place of an object that is not there.
			objects[object] = &shape{Type: types{"object", "string", "null"}, AdditionalProperties: new(bool), Pattern: "^$"}
			all = append(all, property{object, false, objects[object], objectDocs[object], nil})
		}
		objects[object].Properties = append(objects[object].Properties, named{name, fieldShape(f).told(doc.doc, doc.example)})
	}
	return object(all...)
}

// patterns are the grammars of the page's fields, by the validator's words.
var patterns = map[string]string{
	"identifier":  `^[A-Za-z0-9_-]{1,64}$`,
	"stamp":       `^` + dateGrammar + ` ` + clockGrammar + `$`,
	"decimal":     `^` + decimalGrammar + `$`,
	"positive":    `[1-9]`,
	"fraction":    `^0\.`,
	"cents":       `^[0-9]+(\.[0-9]{1,2}0*)?$`,
	"period":      `^[1-9][0-9]{0,3}(\.0{1,10})?$`,
	"productcode": productGrammar.is.String(),
	"minorunits":  `^(0|[1-9][0-9]{0,14})$`,
	"millis":      `^[0-9]{13}$`,
	"codes":       `^[!-+\--~]+(,[!-+\--~]+)*$`,
	"text":        `^[^\s\x00-\x1f\x7f]([^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f])?$`,
}

// fieldShape is what a field must look like by itself. Where it is not
// required, "" and null stand for its absence.
func fieldShape(f policy.Field) *shape {
	s := &shape{Type: types{"string"}}
	if f.Form == policy.FormNumber {
		s.Type, s.Minimum, s.Maximum = types{"integer", "string"}, "1", "3660"
	}
	if !f.Required {
		s.Type = append(s.Type, "null")
	}
	absent := func(pattern string) string {
		if f.Required {
			return pattern
		}
		return "^$|" + pattern
	}
	words, wants := f.Grammar()
	for i, word := range words {
		switch tag, param, _ := strings.Cut(word, "="); tag {
		case "required", "omitempty":
		case "oneof":
			s = &shape{Enum: []any{"", nil}}
			for _, w := range strings.Fields(param) {
				s.Enum = append(s.Enum, w)
			}
		case "currency":
			s = currencyCode()
		default:
			one := &shape{Pattern: absent(patterns[tag]), PatternErrorMessage: both(wants[i])}
			if tag == "text" {
				most, _ := json.Number(param).Int64()
				one.MaxLength = int(most)
			}
			s.AllOf = append(s.AllOf, one)
		}
	}
	if len(s.AllOf) == 1 {
		one := s.AllOf[0]
		s.Pattern, s.PatternErrorMessage, s.MaxLength, s.AllOf = one.Pattern, one.PatternErrorMessage, one.MaxLength, nil
	}
	return s
}
