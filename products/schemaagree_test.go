package products_test

import (
	"errors"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"gopkg.in/yaml.v3"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
)

// structural are the codes of what an editor can see without knowing the rest
// of the file: what loading refuses with one of them, the schema marks.
var structural = []string{
	"unknown-key", "missing-key", "empty", "type", "name", "value", "text", "number", "rate", "time", "currency",
	"unknown-field", "personal-field", "code", "outcome",
}

// values are what people write, rightly somewhere and wrongly elsewhere.
var values = []string{
	"~", "", "''", "[]", "{}", "[~]", "{x: 1}", "{level: note}", "{level: warn}", "{within: 0}", "{check: shape}", "{sum: rate, over: insuranceTypes}", "{sum: rate}",
	"{zh: 甲}", "{zh: 甲, en: A}", "{verdict: accept}", "{verdict: reject}", "{verdict: accept, faults: [SUM_TOO_HIGH]}", "{code: SUM_TOO_HIGH}",
	"x", "X", "x-y", "X_1", "1x", "甲", "甲，乙", "true", "yes", "'true'", "false", "True",
	"0", "1", "-1", "007", "400", "11", "0.5", "0.003", "'0.003'", "0.1", "1.5.2", "2021.2", "95500",
	"0.3%", "0.3 %", "'0.3%'", "30", "1.25‰", "120%", "100%", "50.5%", "0%", "0.00%", "0.05%..5%", "0.05% - 5%", "0.05%", "0.0005..0.05",
	"30m", "24h", "24", "1w", "2021-07-01", "2021-7-1", "2021-13-01", "2021-07-01 18:00:00", "2021-07-01 9:00:00", "'2021-07-01'",
	"off", "note", "refuse", "equal", "ignore", "any", "A", "shape", "checksum", "half_up", "half-up", "refer", "reject", "accept", "insureTime", "effectTime", "insuranceTypes", "declared",
	"CNY", "[CNY, USD]", "[CNY, CNY]", "RMB", "cny", "'CNY, USD'", "amount", "[amount]", "attrs", "[amount, premium]", "amuont", "applicantPayAccount",
	"amount > 5", "1 + (2)", "rate.csv", "../rate.csv", "rate.xlsx", "https://www.example.com", "www.example.com", "underwriting", "UNDERWRITING",
	"accept SUM_TOO_HIGH", "reject SUM_TOO_HIGH", "reject", "'reject SUM_TOO_HIGH, LARGE_SUM'", "reject isv.missing-parameter:premium", "sample",
	"|\n  a\n  b\n", ">\n  a\n  b\n", strings.Repeat("长", 257),
}

// differ are the places and values of which a schema and loading think
// otherwise, and why.
var differ = []struct {
	path, value, why string
}{
	{`^(define\.\w+|premium\.rate|premium\.steps\[\]\.value|rules\.\w+\.(when|must|\w+_if))$`, ``, "what an expression says, package rules alone knows"},
	{`^tables\.\w+\.(match\.\w+|rows\[\]\[\](\[\])?|match|rows)$`, ``, "what fits a column depends on its domain"},
	{`^coverages$`, `^\{\}$`, "the table asks for them"},
	{`^facts\.sellerRating$|^cases\..*facts\.\w+$`, ``, "what a fact may be, the edition under test knows"},
	{`^facts$|^cases\..*\.facts$`, `^\{`, "which facts there are, too"},
	{`^premium\.rate$`, `^50.5%$`, "rate_bounds stands elsewhere"},
	{`^premium\.steps\[\]\.name$`, `^('true'|amount|applicantPayAccount|attrs|effectTime|insur.*)$`, "the language has the name already"},
	{`^$`, `^without (coverages|fixtures)$`, "they are used elsewhere"},
	{`\.given$|^fixtures$`, ``, "a case names a fixture of the file"},
	{`^rules\.\w+\.to$`, `^(true|false)$`, "no queue is called so"},
	{``, `^007$`, "7 to an editor"},
	{``, `^True$`, "true to an editor"},
	{`^cases\..*\.(with|each\[\])\.`, `^$`, "the same as ~ to an editor"},
}

func mayDiffer(path, value string) bool {
	for _, l := range differ {
		if regexp.MustCompile(l.path).MatchString(path) && regexp.MustCompile(l.value).MatchString(value) {
			return true
		}
	}
	return false
}

// at is a place in a file: how it is reached, and the node.
type at struct {
	path string
	in   *yaml.Node // the mapping or list
	i    int        // of its content
}

// places are all values below a node, of the items of a list the first.
func places(n *yaml.Node, path string) []at {
	var all []at
	switch n.Kind {
	case yaml.DocumentNode:
		return places(n.Content[0], path)
	case yaml.MappingNode:
		for i := 1; i < len(n.Content); i += 2 {
			below := strings.TrimPrefix(path+"."+n.Content[i-1].Value, ".")
			all = append(append(all, at{below, n, i}), places(n.Content[i], below)...)
		}
	case yaml.SequenceNode:
		if len(n.Content) > 0 {
			all = append(append(all, at{path + "[]", n, 0}), places(n.Content[0], path+"[]")...)
		}
	default:
	}
	return all
}

// TestSchemasAgreeWithLoading puts values at every place of the full files. What
// loads, the schema accepts; what is refused for its own sake, the schema
// marks, but for what it cannot know. At each place it tries every sixth value,
// from another one on: a kind of value stands at several places.
func TestSchemasAgreeWithLoading(t *testing.T) {
	step := 6
	if testing.Short() {
		step = 20
	}
	for _, kind := range written {
		t.Run(kind, func(t *testing.T) {
			p := newProber(t, kind)
			for n, place := range places(p.doc, "") {
				kept := place.in.Content[place.i]
				for i := n % step; i < len(values); i += step {
					place.in.Content[place.i] = valueOf(t, values[i])
					found, invalid := p.ask()
					hold(t, place.path, values[i], found, invalid)
				}
				place.in.Content[place.i] = kept
			}
		})
	}
}

// prober changes a document, and asks both sides.
type prober struct {
	t      testing.TB
	load   func([]byte) products.Problems
	schema *jsonschema.Schema
	doc    *yaml.Node
	own    []string // keys of a mapping, as loading lists them
}

func newProber(t testing.TB, kind string) *prober {
	return &prober{t: t, load: loaderOf(t, kind), schema: schemaOf(t, kind), doc: parseYAML(t, full(t, kind))}
}

func (p *prober) ask() (products.Problems, error) {
	data, err := yaml.Marshal(p.doc)
	if err != nil {
		p.t.Fatal(err)
	}
	return p.load(data), p.schema.Validate(instance(p.doc))
}

func valueOf(t testing.TB, text string) *yaml.Node {
	t.Helper()
	return parseYAML(t, []byte("x: "+text)).Content[0].Content[1]
}

// hold holds what the schema says of a value against what loading says.
func hold(t testing.TB, path, value string, found products.Problems, invalid error) {
	t.Helper()
	if invalid != nil && len(found) == 0 && !mayDiffer(path, value) {
		t.Errorf("%s: %s loads, and the schema refuses it: %v", path, value, invalid)
	}
	for _, p := range found {
		if invalid == nil && slices.Contains(structural, p.Code) && !mayDiffer(path, value) {
			t.Errorf("%s: %s passes the schema: %s", path, value, p.Text(policy.English))
			return
		}
	}
}

// universe are all keys that any schema knows.
func universe(t testing.TB) []string {
	t.Helper()
	keys := map[string]bool{}
	for _, s := range products.Schemas() {
		data, _ := products.Schema(s.Kind)
		for _, m := range regexp.MustCompile(`"([A-Za-z_.]+)": \{`).FindAllSubmatch(data, -1) {
			keys[string(m[1])] = true
		}
	}
	return slices.Sorted(maps.Keys(keys))
}

// TestSchemasKnowTheKeys puts every key into every mapping of the full files,
// and takes every one away: the schema knows and wants the keys that loading
// knows and wants.
func TestSchemasKnowTheKeys(t *testing.T) {
	all := universe(t)
	if testing.Short() {
		all = nil // loading's own keys are tried all the same
	}
	for _, kind := range written {
		t.Run(kind, func(t *testing.T) {
			p := newProber(t, kind)
			for _, m := range append([]at{{in: p.doc, i: 0}}, places(p.doc, "")...) {
				if n := m.in.Content[m.i]; n.Kind == yaml.MappingNode {
					p.addKeys(m.path, n, all)
					p.takeKeys(m.path, n)
				}
			}
		})
	}
}

// stranger is a key that nobody can take for another one.
const stranger = "qqqqqqqqqq"

// addKeys adds all keys that a mapping does not have. Loading lists its own keys
// where none of them can be meant: they are tried as well.
func (p *prober) addKeys(path string, n *yaml.Node, keys []string) {
	kept := n.Content
	defer func() { n.Content = kept }()
	with := func(keys ...string) (unloaded, invalid []string) {
		n.Content = slices.Clone(kept)
		for _, k := range keys {
			if !slices.ContainsFunc(kept, func(o *yaml.Node) bool { return o.Value == k }) {
				n.Content = append(n.Content, valueOf(p.t, k), kept[1])
			}
		}
		found, err := p.ask()
		for _, f := range found {
			word := strings.Trim(string([]rune(f.Source)[f.Col-1:][:f.Width]), ` '"`)
			if slices.Contains([]string{"unknown-key", "unknown-field", "name", "code", "value"}, f.Code) && slices.Contains(keys, word) {
				unloaded = append(unloaded, word)
			}
			if word == stranger && f.Code == "unknown-key" {
				p.own = strings.Split(strings.TrimPrefix(f.Hint.EN, "one of "), ", ")
			}
		}
		return unloaded, unknownKeys(err)
	}
	p.own = nil
	if _, invalid := with(stranger); len(invalid) == 0 {
		return // anything may be called so
	}
	for some := range slices.Chunk(append(p.own, keys...), 50) { // fewer than a file can have problems
		unloaded, invalid := with(some...)
		for _, k := range some {
			refused, unknown := slices.Contains(unloaded, k), slices.Contains(invalid, k)
			if strings.HasPrefix(path, "cores.") && slices.Contains([]string{"url", "ranges", "pool", "size"}, k) {
				continue // known, and refused beside others: TestSchemaOfCores
			}
			if refused != unknown && !policy.IsObject(k) { // an object is known, and refused with a value
				p.t.Errorf("%s: the schema refuses the key %s: %t, and loading: %t", path, k, unknown, refused)
			}
		}
	}
}

// takeKeys takes each key away.
func (p *prober) takeKeys(path string, n *yaml.Node) {
	kept := n.Content
	defer func() { n.Content = kept }()
	for i := 0; i < len(kept); i += 2 {
		n.Content = slices.Concat(kept[:i], kept[i+2:])
		found, invalid := p.ask()
		hold(p.t, path, "without "+kept[i].Value, found, invalid)
	}
}

// unknownKeys are the keys that a schema does not know where they stand.
func unknownKeys(invalid error) (keys []string) {
	var e *jsonschema.ValidationError
	if !errors.As(invalid, &e) {
		return nil
	}
	if k, is := e.ErrorKind.(*kind.AdditionalProperties); is {
		keys = k.Properties
	}
	for _, cause := range e.Causes {
		keys = append(keys, unknownKeys(cause)...)
	}
	return keys
}
