package qimen_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"

	"github.com/chudan-io/chudan/adapters/qimen"
	"github.com/chudan-io/chudan/policy"
)

// texts are a request's fields by path, those that are there.
func texts(r *policy.Request) map[string]string {
	m := make(map[string]string)
	for _, f := range policy.Fields() {
		if text := f.Text(r); text != "" {
			m[f.Path] = text
		}
	}
	return m
}

func codes(faults []policy.Fault) string {
	var all []string
	for _, f := range faults {
		all = append(all, f.ErrorCode())
	}
	return strings.Join(all, " ")
}

// TestDecodeSample reads the published request and holds it against
// encoding/json, field for field.
func TestDecodeSample(t *testing.T) {
	r, faults := qimen.Decode(sample(t), qimen.DecodeOptions{})
	if faults != nil || r.Unread != nil || r.Unknown != nil {
		t.Fatalf("faults %v, unread %v, unknown %v", faults, r.Unread, r.Unknown)
	}
	want := make(map[string]string)
	flatten(t, sample(t), "", want)
	if diff := cmp.Diff(want, texts(r)); diff != "" {
		t.Error(diff)
	}
	if len(want) != len(policy.Fields()) {
		t.Errorf("the sample has %d fields, the page %d", len(want), len(policy.Fields()))
	}
}

// flatten gives the texts of an object of texts, numbers and such objects.
func flatten(t testing.TB, text []byte, prefix string, into map[string]string) {
	t.Helper()
	var object map[string]json.RawMessage
	if err := json.Unmarshal(text, &object); err != nil {
		t.Fatal(err)
	}
	for name, raw := range object {
		var s string
		switch {
		case raw[0] == '{':
			flatten(t, raw, prefix+name+".", into)
		case json.Unmarshal(raw, &s) == nil:
			into[prefix+name] = s
		default:
			into[prefix+name] = string(raw)
		}
	}
}

func TestDecodeValues(t *testing.T) {
	type fields = map[string]string
	for name, c := range map[string]struct {
		body    string
		lenient bool
		want    fields
		unknown fields
		unread  string
	}{
		"nothing":                   {body: `{}`},
		"space around":              {body: "{ \"amount\" :\t\"1\" , \"attrs\"\n:\r{ } }\n", want: fields{"amount": "1"}},
		"null and empty":            {body: `{"amount":null,"premium":"","insurePeriod":null,"attrs":null,"insuredCompanyInfo":""}`},
		"null within":               {body: `{"attrs":{"insuranceTypes":null}}`},
		"an empty object":           {body: `{"attrs":{}}`},
		"escapes":                   {body: `{"amount":"\u0031\/2","attrs":{"insuranceTypes":"\ud83d\ude00\n"}}`, want: fields{"amount": "1/2", "attrs.insuranceTypes": "😀\n"}},
		"an escaped NUL":            {body: `{"identifier":"a\u0000"}`, want: fields{"identifier": "a\x00"}},
		"an escaped key":            {body: `{"\u0061mount":"1"}`, want: fields{"amount": "1"}},
		"a period as number":        {body: `{"insurePeriod":40}`, want: fields{"insurePeriod": "40"}},
		"a period as text":          {body: `{"insurePeriod":"40"}`, want: fields{"insurePeriod": "40"}},
		"a period with decimals":    {body: `{"insurePeriod":40.0}`, want: fields{"insurePeriod": "40.0"}},
		"a period with an exponent": {body: `{"insurePeriod":4e1}`, want: fields{"insurePeriod": "4e1"}},
		"a period as boolean":       {body: `{"insurePeriod":true}`, want: fields{"insurePeriod": "true"}, unread: "isv.invalid-parameter:insurePeriod"},
		"a number for a text":       {body: `{"amount":1018.0}`, want: fields{"amount": "1018.0"}, unread: "isv.invalid-parameter:amount"},
		"a huge number":             {body: `{"amount":1e1000000000}`, want: fields{"amount": "1e1000000000"}, unread: "isv.invalid-parameter:amount"},
		"a boolean for a text":      {body: `{"currency":false}`, want: fields{"currency": "false"}, unread: "isv.invalid-parameter:currency"},
		"an object for a text":      {body: `{"amount":{"a": [1]}}`, want: fields{"amount": `{"a": [1]}`}, unread: "isv.invalid-parameter:amount"},
		"an array for a text":       {body: `{"attrs":{"insuranceTypes":["QUALITY"]}}`, want: fields{"attrs.insuranceTypes": `["QUALITY"]`}, unread: "isv.invalid-parameter:attrs.insuranceTypes"},
		"a text for an object":      {body: `{"attrs":"{}","amount":"1"}`, want: fields{"amount": "1"}, unread: "isv.invalid-parameter:attrs"},
		"an array for an object":    {body: `{"attrs":[]}`, unread: "isv.invalid-parameter:attrs"},
		"a number for an object":    {body: `{"attrs":0}`, unread: "isv.invalid-parameter:attrs"},
		"several":                   {body: `{"amount":1,"premium":2,"attrs":3}`, want: fields{"amount": "1", "premium": "2"}, unread: "isv.invalid-parameter:amount isv.invalid-parameter:premium isv.invalid-parameter:attrs"},
		"lenient":                   {body: `{"amount":1018.0,"currency":true,"attrs":{"agreeOnSendTime":1628870399000}}`, lenient: true, want: fields{"amount": "1018.0", "currency": "true", "attrs.agreeOnSendTime": "1628870399000"}},
		"lenient has its limits":    {body: `{"amount":[1],"insurePeriod":true,"attrs":1}`, lenient: true, want: fields{"amount": "[1]", "insurePeriod": "true"}, unread: "isv.invalid-parameter:amount isv.invalid-parameter:insurePeriod isv.invalid-parameter:attrs"},
		"unknown keys":              {body: `{"payTime" : "x", "extra":{"a":[1, {"b":null}]},"attrs":{"channel":7}}`, unknown: fields{"payTime": `"x"`, "extra": `{"a":[1, {"b":null}]}`, "attrs.channel": "7"}},
		"an object's key outside":   {body: `{"insuranceTypes":"X"}`, unknown: fields{"insuranceTypes": `"X"`}},
		"depth 8":                   {body: `{"x":[[[[[[[0]]]]]]]}`, unknown: fields{"x": "[[[[[[[0]]]]]]]"}},
		"depth in a text":           {body: `{"x":"[[[[[[[[[[{{{{{{{{{{"}`, unknown: fields{"x": `"[[[[[[[[[[{{{{{{{{{{"`}},
	} {
		t.Run(name, func(t *testing.T) {
			r, faults := qimen.Decode([]byte(c.body), qimen.DecodeOptions{Lenient: c.lenient})
			if faults != nil {
				t.Fatal(faults)
			}
			if c.want == nil {
				c.want = fields{}
			}
			if diff := cmp.Diff(c.want, texts(r)); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(c.unknown, fields(r.Unknown)); diff != "" {
				t.Error(diff)
			}
			if got := codes(r.Unread); got != c.unread {
				t.Errorf("unread: %q, want %q", got, c.unread)
			}
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	keys := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `"k%d":1,`, i)
		}
		return `{` + b.String() + `"amount":"1"}`
	}
	for name, c := range map[string]struct {
		body  string
		place string // what the message must name
	}{
		"nothing":                   {``, "offset 0"},
		"a space first":             {` {}`, "offset 0"},
		"a BOM":                     {"\xef\xbb\xbf{}", "offset 0"},
		"an array":                  {`[]`, "offset 0"},
		"a text":                    {`"{}"`, "offset 0"},
		"half":                      {`{"amount":"1"`, "offset 13"},
		"half a text":               {`{"amount":"1`, "amount"},
		"two":                       {`{}{}`, "offset 2"},
		"something after":           {"{}\n\x00", "offset 2"},
		"a comma too many":          {`{"amount":"1",}`, "offset 13"},
		"a comma too few":           {"{\"amount\":\"1\"\n\"premium\":\"1\"}", "line 2"},
		"single quotes":             {`{'amount':'1'}`, "offset 1"},
		"a comment":                 {`{/**/}`, "offset 1"},
		"a key of no text":          {`{1:2}`, "offset 1"},
		"an object as key":          {`{{}:1}`, "offset 1"},
		"NaN":                       {`{"amount":NaN}`, "amount"},
		"a leading zero":            {`{"insurePeriod":040}`, "offset 17"},
		"a raw NUL":                 {"{\"identifier\":\"a\x00\"}", "identifier"},
		"a raw tab":                 {"{\"identifier\":\"a\t\"}", "identifier"},
		"half a surrogate":          {`{"identifier":"\ud83d"}`, "identifier"},
		"bad UTF-8":                 {"{\"identifier\":\"a\xff\"}", "offset 16, identifier"},
		"bad UTF-8 in a key":        {"{\"\xc0\xaf\":1}", "offset 2"},
		"GBK":                       {"{\"identifier\":\"\xd5\xc5\"}", "offset 15"},
		"a key twice":               {`{"amount":"1","amount":"1"}`, "amount"},
		"a key twice by escape":     {`{"amount":"1","\u0061mount":"2"}`, "amount"},
		"a key twice within":        {`{"attrs":{"insuranceTypes":"1","insuranceTypes":"1"}}`, "attrs.insuranceTypes"},
		"an object twice":           {`{"attrs":{},"attrs":{}}`, "attrs"},
		"a null and a value":        {`{"amount":null,"amount":"1"}`, "amount"},
		"an unknown key twice":      {`{"x":1,"x":1}`, "offset"},
		"an unknown key in two":     {`{"attrs":{"x":1},"attrs.x":1}`, "offset"},
		"a key twice far within":    {`{"x":[{"a":1,"\u0061":1}]}`, "offset 5"},
		"a key twice in a fault":    {`{"amount":{"a":1,"a":1}}`, "amount"},
		"another case":              {`{"IDENTIFIER":"1"}`, "identifier"},
		"another case within":       {`{"attrs":{"insurancetypes":"1"}}`, "attrs.insuranceTypes"},
		"another case of an object": {`{"Attrs":{}}`, "attrs"},
		"another case by folding":   {`{"in\u017fureId":"1"}`, "insureId"},
		"depth 9":                   {`{"x":[[[[[[[[0]]]]]]]]}`, "offset 12"},
		"depth 9 in a field":        {`{"attrs":{"insuranceTypes":[[[[[[[0]]]]]]]}}`, "attrs.insuranceTypes"},
		"depth without end":         {`{"x":` + strings.Repeat(`[`, 60000), "offset 12"},
		"depth as key":              {`{` + strings.Repeat(`{`, 60000), "offset 1"},
		"129 unknown keys":          {keys(129), "offset"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, lenient := range []bool{false, true} {
				r, faults := qimen.Decode([]byte(c.body), qimen.DecodeOptions{Lenient: lenient})
				if got := codes(faults); r != nil || got != "isv.invalid-parameter:body" {
					t.Fatalf("request %v, %q; want none, isv.invalid-parameter:body", r != nil, got)
				}
				if m := faults[0].Message; !strings.Contains(m.EN, c.place) || m.ZH == "" || !strings.Contains(m.EN, "line ") {
					t.Errorf("the message %q does not name %s", m, c.place)
				}
			}
		})
	}
	if _, faults := qimen.Decode([]byte(keys(128)), qimen.DecodeOptions{}); faults != nil {
		t.Errorf("128 unknown keys: %v", faults)
	}
}

// TestDecodeLeavesTheBodyAlone: the caller may use his bytes again.
func TestDecodeLeavesTheBodyAlone(t *testing.T) {
	body := sample(t)
	r, _ := qimen.Decode(body, qimen.DecodeOptions{})
	if string(body) != string(sample(t)) {
		t.Error("the body was changed")
	}
	before := texts(r)
	clear(body)
	if !reflect.DeepEqual(before, texts(r)) {
		t.Error("the request changes with the body")
	}
}

// FuzzDecode holds Decode against encoding/json: what Decode takes is JSON there
// too and has the same values, and what it refuses is no strict JSON or breaks
// one of our own rules.
func FuzzDecode(f *testing.F) {
	f.Add(sample(f))
	for _, s := range []string{
		`{}`, `{"amount":1,"attrs":""}`, `{"attrs":{"x":[1,{"a":null}],"insuranceTypes":"\u0041"}}`,
		`{"a":1,"a":2}`, `{"Amount":"1"}`, "{\"a\":\"\xff\"}", `{"x":[[[[[[[[[1]]]]]]]]]}`, `{"insurePeriod":4e1}x`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		r, faults := qimen.Decode(body, qimen.DecodeOptions{Lenient: true})
		if faults != nil {
			if codes(faults) != "isv.invalid-parameter:body" {
				t.Fatalf("faults %v", faults)
			}
			if isSound(body) {
				t.Fatalf("refused: %v", faults)
			}
			return
		}
		if !json.Valid(body) {
			t.Fatal("encoding/json refuses it")
		}
		if r.Unread != nil {
			return // an object that is none has no fields to compare
		}
		want := make(map[string]string)
		flattenAll(t, body, "", want)
		got := texts(r)
		for path, raw := range r.Unknown {
			got[path] = raw
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		again, faults := qimen.Decode(reencode(t, r), qimen.DecodeOptions{Lenient: true})
		if faults != nil || !reflect.DeepEqual(texts(again), texts(r)) {
			t.Errorf("written and read again: %v, %v, want %v", faults, texts(again), texts(r))
		}
	})
}

// isSound tells whether a body keeps every rule, by other means than Decode's.
func isSound(body []byte) bool {
	var object map[string]any
	if !jsontext.Value(body).IsValid() || body[0] != '{' || json.Unmarshal(body, &object) != nil || depth(object) > 8 {
		return false
	}
	seen := make(map[string]bool)
	var walk func(object map[string]any, prefix string) bool
	walk = func(object map[string]any, prefix string) bool {
		for name, value := range object {
			path := prefix + name
			inner, nested := value.(map[string]any)
			switch _, leaf := policy.FieldNamed(path); {
			case strings.Contains(name, "."):
				return false // may or may not be one path twice
			case leaf:
			case policy.IsObject(path):
				if nested && !walk(inner, name+".") {
					return false
				}
			default:
				seen[path] = true
				for _, f := range policy.Fields() {
					object, _, _ := strings.Cut(f.Path, ".")
					if strings.EqualFold(f.Path, path) || strings.EqualFold(object, path) {
						return false
					}
				}
			}
		}
		return len(seen) <= 128
	}
	return walk(object, "")
}

func depth(value any) int {
	deepest := 0
	switch v := value.(type) {
	case map[string]any:
		for _, inner := range v {
			deepest = max(deepest, depth(inner))
		}
	case []any:
		for _, inner := range v {
			deepest = max(deepest, depth(inner))
		}
	default:
		return 0
	}
	return deepest + 1
}

// flattenAll is flatten for any request: unknown keys keep their raw JSON, and
// what is null or "" is left out.
func flattenAll(t testing.TB, text []byte, prefix string, into map[string]string) {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(text, &object); err != nil {
		t.Fatal(err)
	}
	for name, raw := range object {
		path := prefix + name
		_, leaf := policy.FieldNamed(path)
		leaf = leaf && (prefix != "" || !strings.Contains(name, "."))
		var s string
		switch {
		case prefix == "" && policy.IsObject(name):
			if raw[0] == '{' {
				flattenAll(t, raw, name+".", into)
			}
		case !leaf:
			into[path] = string(raw)
		case json.Unmarshal(raw, &s) == nil: // null too
			if s != "" {
				into[path] = s
			}
		default:
			into[path] = string(raw)
		}
	}
}

// reencode writes a request's fields as JSON texts.
func reencode(t testing.TB, r *policy.Request) []byte {
	object := make(map[string]any)
	for path, text := range texts(r) {
		name, leaf, nested := strings.Cut(path, ".")
		if !nested {
			object[name] = text
			continue
		}
		if object[name] == nil {
			object[name] = make(map[string]any)
		}
		object[name].(map[string]any)[leaf] = text
	}
	out, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
