package products_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"

	"github.com/chudan-io/chudan/products"
)

// marks are the lines on which a schema finds fault with a file.
func marks(doc *yaml.Node, invalid error) map[int]bool {
	lines := make(map[int]bool)
	var walk func(e *jsonschema.ValidationError)
	walk = func(e *jsonschema.ValidationError) {
		for _, cause := range e.Causes {
			walk(cause)
		}
		if len(e.Causes) == 0 {
			for _, line := range linesOf(doc.Content[0], e.InstanceLocation, unknownKeys(e)) {
				lines[line] = true
			}
		}
	}
	if e := (*jsonschema.ValidationError)(nil); errors.As(invalid, &e) {
		walk(e)
	}
	return lines
}

// linesOf are the lines of a value: its key's and its own, and those of keys
// that do not belong into it.
func linesOf(n *yaml.Node, location, keys []string) []int {
	lines := []int{n.Line}
	for _, name := range location {
		switch n.Kind {
		case yaml.MappingNode:
			for i := 0; i+1 < len(n.Content); i += 2 {
				if n.Content[i].Value == name {
					lines = []int{n.Content[i].Line, n.Content[i+1].Line}
					n = n.Content[i+1]
					break
				}
			}
		case yaml.SequenceNode:
			i, _ := strconv.Atoi(name)
			n = n.Content[i]
			lines = []int{n.Line}
		default:
		}
	}
	for i := 0; n.Kind == yaml.MappingNode && i < len(n.Content); i += 2 {
		if slices.Contains(keys, n.Content[i].Value) {
			lines = append(lines, n.Content[i].Line)
		}
	}
	return lines
}

// TestSchemasMarkBadFiles counts, by code, the problems of testdata/bad whose
// line an editor marks too. The golden is a contract: a schema that grows lax
// shows in it. Files that are no YAML, or use what is not accepted of it, never
// come before a schema.
func TestSchemasMarkBadFiles(t *testing.T) {
	names, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	all, marked, missed := map[string]int{}, map[string]int{}, map[string][]string{}
	for _, name := range names {
		base := strings.TrimSuffix(filepath.Base(name), ".yaml")
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var doc yaml.Node
		if strings.HasPrefix(base, "yaml-") || yaml.Unmarshal(data, &doc) != nil || len(doc.Content) == 0 {
			continue
		}
		kind, _, _ := strings.Cut(base, "-")
		switch kind {
		case "spec":
			kind = "test"
		case "calendar", "institution", "cores":
		case "factsystems":
			kind = "facts"
		default:
			kind = "product"
		}
		lines := marks(&doc, schemaOf(t, kind).Validate(instance(&doc)))
		for _, p := range loadBad(t, base, data) {
			if !strings.HasSuffix(p.File, ".yaml") {
				continue
			}
			all[p.Code]++
			if lines[p.Line] {
				marked[p.Code]++
			} else {
				missed[p.Code] = append(missed[p.Code], fmt.Sprintf("%s:%d", base, p.Line))
			}
		}
	}
	var b bytes.Buffer
	for _, code := range slices.Sorted(maps.Keys(all)) {
		fmt.Fprintf(&b, "%-18s %d of %d", code, marked[code], all[code])
		if len(missed[code]) > 0 && marked[code] > 0 {
			fmt.Fprintf(&b, "   not %s", strings.Join(missed[code], " "))
		}
		b.WriteByte('\n')
	}
	golden := "testdata/schema/marked.golden"
	if *update {
		if err := os.WriteFile(golden, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b.Bytes(), want) {
		t.Errorf("got:\n%s\nwant:\n%s", b.Bytes(), want)
	}
}

// TestSchemasTellOfEveryKey wants words about each key, in both languages and
// short, and examples that its own schema accepts.
func TestSchemasTellOfEveryKey(t *testing.T) {
	count := 0
	for _, info := range products.Schemas() {
		data, _ := products.Schema(info.Kind)
		var root map[string]any
		if err := json.Unmarshal(data, &root); err != nil {
			t.Fatal(err)
		}
		var walk func(path string, s map[string]any)
		walk = func(path string, s map[string]any) {
			properties, _ := s["properties"].(map[string]any)
			for name, p := range properties {
				is, isShape := p.(map[string]any)
				if s["type"] == nil || !isShape { // a condition on keys that are told of elsewhere
					continue
				}
				count++
				if words, _ := is["description"].(string); !twoLanguages(words) || len([]rune(words)) > 200 {
					t.Errorf("%s %s.%s is described as %q", info.Kind, path, name, words)
				}
			}
			for key, below := range s {
				switch below := below.(type) {
				case map[string]any:
					walk(path+"/"+key, below)
				case []any:
					for _, item := range below {
						if is, isShape := item.(map[string]any); isShape {
							walk(path+"/"+key, is)
						}
					}
				}
			}
		}
		walk("", root)
		checkExamples(t, info.Kind, data)
	}
	if count < 250 {
		t.Errorf("%d keys", count)
	}
}

// twoLanguages tells whether the first line is Chinese and the second English.
func twoLanguages(words string) bool {
	zh, en, two := strings.Cut(words, "\n")
	hasHan := func(s string) bool {
		return strings.ContainsFunc(s, func(r rune) bool { return r >= 0x4e00 && r < 0xa000 })
	}
	return two && hasHan(zh) && en != "" && !hasHan(en)
}

// checkExamples holds the examples and defaults of a schema against the shape
// that they stand in.
func checkExamples(t *testing.T, kind string, data []byte) {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(kind, doc); err != nil {
		t.Fatal(err)
	}
	var walk func(pointer string, v any)
	walk = func(pointer string, v any) {
		s, isMap := v.(map[string]any)
		if !isMap {
			if l, isList := v.([]any); isList {
				for i, item := range l {
					walk(pointer+"/"+strconv.Itoa(i), item)
				}
			}
			return
		}
		examples, _ := s["examples"].([]any)
		if d, has := s["default"]; has {
			examples = append(slices.Clone(examples), d)
		}
		if len(examples) > 0 {
			is, err := c.Compile(kind + "#" + pointer)
			if err != nil {
				t.Fatal(err)
			}
			for _, example := range examples {
				if err := is.Validate(example); err != nil {
					t.Errorf("%s %s: %v", kind, pointer, err)
				}
			}
		}
		for key, below := range s {
			if key != "examples" && key != "default" {
				escaped := strings.NewReplacer("~", "~0", "/", "~1", "%", "%25", "^", "%5E", "[", "%5B", "]", "%5D", "{", "%7B", "}", "%7D", "\\", "%5C", "$", "%24").Replace(key)
				walk(pointer+"/"+escaped, below)
			}
		}
	}
	walk("", doc)
}
