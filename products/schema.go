package products

import (
	"bytes"
	"encoding/json"

	"github.com/chudan-io/chudan/policy"
)

//go:generate go run ../cmd/chudan schema --into schema

// SchemaInfo is one of the kinds of files that Schema describes.
type SchemaInfo struct {
	Kind string      // product, test, calendar, institution, cores, facts or request
	File string      // the name of its schema, as files refer to it: product.schema.json
	Is   policy.Text // what is described
}

// kindsOfFiles are the kinds of files, and where their schemas are made.
var kindsOfFiles = []struct {
	kind  string
	is    policy.Text
	shape func() *shape
}{
	{"product", policy.Text{ZH: "产品的一个版本，<版本>.yaml", EN: "an edition of a product, <edition>.yaml"}, productSchema},
	{"test", policy.Text{ZH: "版本的测试，<版本>_test.yaml", EN: "the tests of an edition, <edition>_test.yaml"}, testSchema},
	{"calendar", policy.Text{ZH: "产品的日历，calendar.yaml", EN: "the calendar of a product, calendar.yaml"}, calendarSchema},
	{"institution", policy.Text{ZH: "保险人，institution.yaml", EN: "the insurer, institution.yaml"}, institutionSchema},
	{"cores", policy.Text{ZH: "核心系统，serve --cores 的 cores.yaml", EN: "core systems, the cores.yaml of serve --cores"}, coresSchema},
	{"facts", policy.Text{ZH: "答复事实的系统，serve --facts 的 facts.yaml", EN: "systems that answer facts, the facts.yaml of serve --facts"}, factSystemsSchema},
	{"request", policy.Text{ZH: "policy.issuing 的请求，JSON", EN: "a request of policy.issuing, in JSON"}, requestSchema},
}

// Schemas are the kinds of files that Schema describes.
func Schemas() []SchemaInfo {
	var all []SchemaInfo
	for _, k := range kindsOfFiles {
		all = append(all, SchemaInfo{k.kind, k.kind + ".schema.json", k.is})
	}
	return all
}

// Schema is the JSON Schema (draft-07) of a kind of files, for editors: it
// knows the keys, their values and what is missing. What needs more than one
// place of a file to be seen, such as a name in an expression, Load alone
// knows. ok is false where there is no such kind.
//
// Keys are told of in Chinese and English. Besides the draft's own words there
// are errorMessage and patternErrorMessage, which yaml-language-server shows.
func Schema(kind string) (data []byte, ok bool) {
	for _, k := range kindsOfFiles {
		if k.kind != kind {
			continue
		}
		s := k.shape()
		s.Schema, s.Title, s.Description = "http://json-schema.org/draft-07/schema#", "chudan "+k.kind, both(k.is)
		var flat, b bytes.Buffer
		if encode(&flat, s) != nil || json.Indent(&b, flat.Bytes(), "", "  ") != nil {
			return nil, false // there is nothing in a shape that cannot be written: a test shows it
		}
		return b.Bytes(), true
	}
	return nil, false
}
