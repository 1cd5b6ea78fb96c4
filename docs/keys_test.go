package docs_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chudan-io/chudan/policy"
)

// TestEveryKey shows that the page of the language tells of each key that the
// schemas of the files have, and of no other.
func TestEveryKey(t *testing.T) {
	for kind, name := range map[string]string{"edition": "product", "calendar": "calendar", "test": "test", "institution": "institution"} {
		text, err := os.ReadFile(filepath.Join("..", "products", "schema", name+".schema.json"))
		if err != nil {
			t.Fatal(err)
		}
		var schema map[string]any
		if err := json.Unmarshal(text, &schema); err != nil {
			t.Fatal(err)
		}
		k := keys{root: schema, paths: make(map[string]bool)}
		k.collect(nil, schema, 0)
		for _, p := range pages(t)["language"] {
			told := make(map[string]bool)
			for _, tab := range p.tables {
				if tab.kind[0] != "keys" || tab.kind[1] != kind {
					continue
				}
				for _, r := range tab.rows {
					for _, key := range spans(r.cells[0]) {
						told[key] = true
					}
				}
			}
			for _, path := range slices.Sorted(maps.Keys(k.paths)) {
				if !understood(path, k.paths) && !slices.ContainsFunc(slices.Collect(maps.Keys(told)), func(key string) bool { return names(path, key) }) {
					t.Errorf("%s does not tell of %s in %s", p.name, path, name)
				}
			}
			for key := range told {
				if !slices.ContainsFunc(slices.Collect(maps.Keys(k.paths)), func(path string) bool { return names(path, key) }) {
					t.Errorf("%s: %s has no key %s", p.name, name, key)
				}
			}
		}
	}
}

// understood tells whether a key needs no row of its own: it has keys below it
// that have one, is the language of a text, or a field of the request; or it is
// one of an expectation, which a row of a case has as the case does.
func understood(path string, paths map[string]bool) bool {
	parts := strings.Split(path, ".")
	last := parts[len(parts)-1]
	for i, part := range parts[1:] {
		if outer := parts[i]; outer == "with" || outer == "each" {
			_, isField := policy.FieldNamed(part)
			return isField || policy.IsObject(part) || part == "expect"
		}
	}
	below := func(other string) bool {
		return strings.HasPrefix(other, path+".") && !strings.HasPrefix(other, path+".*")
	}
	return last == "zh" || last == "en" || slices.ContainsFunc(slices.Collect(maps.Keys(paths)), below)
}

// names tells whether a key of the page is a path of a schema. What people name
// themselves is * there.
func names(path, key string) bool {
	a, b := strings.Split(path, "."), strings.Split(key, ".")
	return slices.EqualFunc(a, b, func(a, b string) bool { return a == b || a == "*" })
}

// keys are the paths of the keys of a schema.
type keys struct {
	root  map[string]any
	paths map[string]bool
}

func (k keys) collect(path []string, schema map[string]any, depth int) {
	if depth > 30 {
		return
	}
	if ref, is := schema["$ref"].(string); is {
		at := any(k.root)
		for _, name := range strings.Split(strings.TrimPrefix(ref, "#/"), "/") {
			at = at.(map[string]any)[name]
		}
		k.collect(path, at.(map[string]any), depth+1)
	}
	properties, _ := schema["properties"].(map[string]any)
	for name, inner := range properties {
		below := append(slices.Clone(path), name)
		if len(path) == 0 || !strings.Contains(name, ".") { // fields of the page below with and each
			k.paths[strings.Join(below, ".")] = true
		}
		if inner, is := inner.(map[string]any); is {
			k.collect(below, inner, depth+1)
		}
	}
	for _, word := range []string{"additionalProperties", "items", "patternProperties", "oneOf", "anyOf", "allOf"} {
		below := path
		if strings.HasSuffix(word, "Properties") {
			below = append(slices.Clone(path), "*")
		}
		switch inner := schema[word].(type) {
		case map[string]any:
			if word == "patternProperties" {
				for _, each := range inner {
					k.collect(below, each.(map[string]any), depth+1)
				}
				break
			}
			k.collect(below, inner, depth+1)
		case []any:
			for _, each := range inner {
				k.collect(below, each.(map[string]any), depth+1)
			}
		}
	}
}
