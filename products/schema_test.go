package products_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"

	"github.com/chudan-io/chudan/products"
)

// schemaOf compiles a schema, and refuses one that is no draft-07.
func schemaOf(t testing.TB, kind string) *jsonschema.Schema {
	t.Helper()
	data, ok := products.Schema(kind)
	if !ok {
		t.Fatalf("there is no schema of %s", kind)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(kind, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(kind)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Plain scalars as YAML 1.2 types them by its core schema, and with it
// yaml-language-server.
var (
	coreNull   = regexp.MustCompile(`^(?:null|Null|NULL|~|)$`)
	coreTruth  = regexp.MustCompile(`^(?:true|True|TRUE|false|False|FALSE)$`)
	coreNumber = regexp.MustCompile(`^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$`)
)

// instance is a node of YAML as an editor hands it to its validator.
func instance(n *yaml.Node) any {
	switch n.Kind {
	case yaml.DocumentNode:
		return instance(n.Content[0])
	case yaml.MappingNode:
		m := make(map[string]any)
		for i := 0; i+1 < len(n.Content); i += 2 {
			m[n.Content[i].Value] = instance(n.Content[i+1])
		}
		return m
	case yaml.SequenceNode:
		l := make([]any, len(n.Content))
		for i, item := range n.Content {
			l[i] = instance(item)
		}
		return l
	default:
	}
	plain := n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) == 0
	switch {
	case plain && coreNull.MatchString(n.Value):
		return nil
	case plain && coreTruth.MatchString(n.Value):
		return strings.ToLower(n.Value) == "true"
	case plain && coreNumber.MatchString(n.Value):
		return number(n.Value)
	}
	return n.Value
}

// number writes a number of YAML as one of JSON: 007 is 7, +5 is 5.
func number(text string) json.Number {
	sign := ""
	if strings.HasPrefix(text, "-") {
		sign = "-"
	}
	text = strings.TrimLeft(strings.TrimLeft(text, "+-"), "0")
	if text == "" || text[0] < '0' || text[0] > '9' {
		text = "0" + text
	}
	return json.Number(sign + strings.TrimSuffix(text, "."))
}

func parseYAML(t testing.TB, data []byte) *yaml.Node {
	t.Helper()
	var n yaml.Node
	if err := yaml.Unmarshal(data, &n); err != nil {
		t.Fatal(err)
	}
	return &n
}

// TestSchemasAreCommitted holds the files of products/schema against what is
// built in, which the files of the library refer to.
func TestSchemasAreCommitted(t *testing.T) {
	for _, s := range products.Schemas() {
		want, _ := products.Schema(s.Kind)
		got, err := os.ReadFile(filepath.Join("schema", s.File))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is stale (%v); run make generate", s.File, err)
		}
	}
	if _, ok := products.Schema("nothing"); ok {
		t.Error("there is a schema of nothing")
	}
}

// modeline is the first line of a file that names its schema.
var modeline = regexp.MustCompile(`^# yaml-language-server: \$schema=(\S+)\n`)

// TestSchemasAcceptTheLibrary validates each file of the library by the schema
// that its first line names, and the fixtures as requests.
func TestSchemasAcceptTheLibrary(t *testing.T) {
	count := 0
	err := fs.WalkDir(products.Library(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(products.Library(), name)
		if err != nil {
			return err
		}
		kind := "request"
		if filepath.Ext(name) == ".yaml" {
			m := modeline.FindSubmatch(data)
			if m == nil {
				t.Errorf("%s names no schema in its first line", name)
				return nil
			}
			target := filepath.Join("library", filepath.Dir(name), string(m[1]))
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			kind = strings.TrimSuffix(filepath.Base(target), ".schema.json")
		} else if filepath.Ext(name) != ".json" {
			return nil
		}
		count++
		if err := schemaOf(t, kind).Validate(instance(parseYAML(t, data))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		return nil
	})
	if err != nil || count < 15 {
		t.Errorf("%d files, %v", count, err)
	}
}

// TestSchemaOfRequests tells which of the example requests an editor marks:
// those whose fields are wrong by themselves. What else is wrong with the
// others only a decision finds, or, as a key that stands twice, the parser.
func TestSchemaOfRequests(t *testing.T) {
	files, err := filepath.Glob("../examples/requests/*.json")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d requests, %v", len(files), err)
	}
	marked := []string{"missing-and-malformed.json", "type-fault.json"}
	s := schemaOf(t, "request")
	for _, file := range files {
		name := filepath.Base(file)
		if strings.HasSuffix(name, ".answer.json") || name == "duplicate-key.json" {
			continue
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		request, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(request); (err != nil) != slices.Contains(marked, name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestSchemaOfCores tells which keys go together, as loading does.
func TestSchemaOfCores(t *testing.T) {
	s, load := schemaOf(t, "cores"), loaderOf(t, "cores")
	for keys, ok := range map[string]bool{
		"url: https://core.example/":                                               true,
		"url: 'http://127.0.0.1:8090/bookings?app=1'":                              true,
		"url: 'http://[::1]/'":                                                     true,
		"url: http://core.example/":                                                false,
		"url: http://127.0.0.1.example/":                                           false,
		"url: https://user:password@core.example/":                                 false,
		"ranges: https://core.example/, pool: P":                                   true,
		"ranges: https://core.example/, pool: P, size: 5":                          true,
		"ranges: https://core.example/":                                            false,
		"pool: P":                                                                  false,
		"url: https://core.example/, pool: P":                                      false,
		"url: https://core.example/, size: 5":                                      false,
		"url: https://core.example/, ranges: https://core.example/ranges, pool: P": false,
		"ranges: https://core.example/, pool: P, size: 1000001":                    false,
		"url: https://core.example/, deadline: 60s":                                true,
		"url: https://core.example/, deadline: 60001ms":                            false,
		"url: https://core.example/, deadline: 99ms":                               false,
	} {
		data := []byte("cores: {a: {secret_file: s, tenants: [1, shop], " + keys + "}}")
		found, invalid := load(data), s.Validate(instance(parseYAML(t, data)))
		if (len(found) == 0) != ok || (invalid == nil) != ok {
			t.Errorf("%s: loading says %v, the schema %v; want %t", keys, found, invalid, ok)
		}
	}
}

// full is a file with every key of its kind, from testdata/schema.
func full(t testing.TB, kind string) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/schema/" + kind + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// loaderOf gives what loads a file of a kind, beside the full ones of the other
// kinds, and answers what is wrong with it.
func loaderOf(t testing.TB, kind string) func(data []byte) products.Problems {
	t.Helper()
	fsys := fstest.MapFS{}
	put := func(name string, data []byte) { fsys[name] = &fstest.MapFile{Data: data} }
	sheet, err := os.ReadFile("testdata/schema/factor.csv")
	if err != nil {
		t.Fatal(err)
	}
	put(bondDir+"/factor.csv", sheet)
	put(edition, full(t, "product"))
	put(listing, []byte("product: PERFORMANCE_SURETY_BONDS\neditions: [{from: 2021-07-01, edition: 2021.2}]\n"))
	catalog, err := products.Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	load := map[string]func(data []byte) error{
		"product": func(data []byte) error {
			put(edition, data)
			_, err := products.Load(fsys)
			return err
		},
		"calendar": func(data []byte) error {
			put(bondDir+"/2021.3.yaml", bytes.Replace(full(t, "product"), []byte("edition: 2021.2"), []byte("edition: 2021.3"), 1))
			put(listing, data)
			_, err := products.Load(fsys)
			return err
		},
		"test": func(data []byte) error {
			put(fixture, published(t))
			put(spec, data)
			_, err := products.LoadSpecs(fsys, catalog)
			return err
		},
		"institution": func(data []byte) error {
			_, err := products.LoadInstitution("institution.yaml", data)
			return err
		},
		"cores": func(data []byte) error {
			_, err := products.LoadCores("cores.yaml", data)
			return err
		},
		"facts": func(data []byte) error {
			_, err := products.LoadFactSystems("facts.yaml", data)
			return err
		},
	}[kind]
	return func(data []byte) (found products.Problems) {
		if err := load(data); err != nil && !errors.As(err, &found) {
			t.Fatal(err)
		}
		return found
	}
}

// written are the kinds of files that are written in YAML.
var written = []string{"product", "test", "calendar", "institution", "cores", "facts"}

// TestSchemasAcceptEveryKey validates files with every key, which load.
func TestSchemasAcceptEveryKey(t *testing.T) {
	for _, kind := range written {
		data := full(t, kind)
		if found := loaderOf(t, kind)(data); len(found) > 0 {
			t.Errorf("%s:\n%s", kind, found.Text("en"))
		}
		if err := schemaOf(t, kind).Validate(instance(parseYAML(t, data))); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
	}
}
