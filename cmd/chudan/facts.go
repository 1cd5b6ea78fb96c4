package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
)

// factPrefix stands before the name of a fact wherever it is told.
const factPrefix = "facts."

// maxFacts is the length of a file of facts in bytes.
const maxFacts = 64 << 10

// stated are facts of a file, the same for every request.
type stated policy.Facts

// Facts answers them.
func (s stated) Facts(context.Context, policy.FactQuery) (policy.Facts, error) {
	return policy.Facts(s), nil
}

// addFacts adds --facts.
func (o *options) addFacts(flags *pflag.FlagSet) {
	flags.StringVar(&o.facts, "facts", "", "`FILE` with facts that the products declare, as a JSON object: the same for every request, for trials")
}

// addFactSystems adds --facts to a verb that issues.
func (o *options) addFactSystems(flags *pflag.FlagSet) {
	flags.StringVar(&o.facts, "facts", "", "`FILE` in YAML (.yaml) with the systems that answer facts which products declare (see docs/facts.md); or in JSON with the facts themselves: the same for every request, for trials")
}

// readFacts reads what --facts names, and holds it against what the editions
// declare; nil where it names nothing.
func (c *console) readFacts(path string, catalog *products.Catalog) (policy.Facts, error) {
	switch path {
	case "":
		return nil, nil
	case "-":
		return nil, usage("--facts 须为文件", "--facts wants a file")
	}
	if namesSystems(path) {
		return nil, usage("%[1]s：此处不询问任何系统；请给出系统会答复的内容，即 .json 文件中的一个 JSON 对象", "%[1]s: no system is asked here; give what it would answer, a JSON object in a .json file", path)
	}
	data, err := c.readFile(path, maxFacts+1)
	if err != nil {
		return nil, err
	}
	told, err := parseFacts(path, data)
	if err != nil {
		return nil, err
	}
	declared := declaredFacts(catalog)
	facts := make(policy.Facts, len(told))
	for _, name := range slices.Sorted(maps.Keys(told)) {
		of, known := declared[name]
		if !known {
			return nil, usage("%[1]s：没有版本声明事实 %[2]q；已声明的：[%[3]s]", "%[1]s: no edition declares a fact %[2]q; declared are [%[3]s]", path, name, strings.Join(slices.Sorted(maps.Keys(declared)), ", "))
		}
		for _, t := range of {
			if value, ok := t.Read(told[name]); ok {
				facts[name] = value
			}
		}
		if _, ok := facts[name]; !ok {
			return nil, usage("%[1]s：事实 %[2]s 的值不是 %[3]s", "%[1]s: the value of the fact %[2]s is no %[3]s", path, name, of[0])
		}
	}
	return facts, nil
}

// parseFacts reads an object of truths, numbers and texts; null leaves a fact
// out, which is then not to be had.
func parseFacts(path string, data []byte) (map[string]string, error) {
	no := usage(`%[1]s：应为一个 JSON 对象，不超过 64 KiB，如 {"sellerBlocked": false, "sellerExposureCny": 120000}；写明答复系统的文件以 .yaml 结尾`,
		`%[1]s: want one JSON object of at most 64 KiB, such as {"sellerBlocked": false, "sellerExposureCny": 120000}; a file of the systems that answer ends in .yaml`, path)
	d := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))))
	d.UseNumber()
	if first, err := d.Token(); err != nil || first != json.Delim('{') || len(data) > maxFacts {
		return nil, no
	}
	facts, seen := make(map[string]string), make(map[string]bool)
	for d.More() {
		token, _ := d.Token()
		name, ok := token.(string)
		if !ok {
			return nil, no
		}
		if seen[name] {
			return nil, usage("%[1]s：事实 %[2]q 重复", "%[1]s: the fact %[2]q stands twice", path, name)
		}
		seen[name] = true
		switch value, err := d.Token(); v := value.(type) {
		case bool, json.Number, string:
			facts[name] = fmt.Sprint(v)
		default:
			if err != nil || v != nil {
				return nil, no
			}
		}
	}
	if _, err := d.Token(); err != nil { // the end of the object
		return nil, no
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, no
	}
	return facts, nil
}

// declaredFacts are the facts that some edition declares, and their types.
func declaredFacts(catalog *products.Catalog) map[string][]policy.FactType {
	declared := make(map[string][]policy.FactType)
	for _, e := range catalog.Editions() {
		for _, f := range e.Terms().Facts {
			if !slices.Contains(declared[f.Name], f.Type) {
				declared[f.Name] = append(declared[f.Name], f.Type)
			}
		}
	}
	return declared
}

// checkFacts refuses to issue under editions that ask for facts where nobody
// answers: every request that needs one would be left to on_error. Facts that
// come from the store need nobody.
func (h *house) checkFacts(_ context.Context, catalog *products.Catalog) error {
	left := h.unanswered()
	if h.facts != nil && len(left) == 0 {
		return nil
	}
	var asking []string
	for _, e := range catalog.Editions() {
		t := e.Terms()
		if names := asked(t.Facts); len(names) > 0 {
			asking = append(asking, "\n  "+t.Product+"@"+t.Edition+": "+strings.Join(names, ", "))
		}
	}
	if len(asking) == 0 {
		return nil
	}
	lacking := say("有版本声明了事实，却没有来源。请用 --facts facts.yaml 写明由哪些系统答复（见 docs/facts.zh-CN.md），或以 JSON 文件给出（对每个请求都相同，供试用）：",
		"editions declare facts, and nothing answers them. Name the systems that do with --facts facts.yaml (see docs/facts.md), or state them in a JSON file (the same for every request, for trials):")
	if h.facts != nil {
		lacking = say("有版本声明了事实，而 --facts 中没有系统为 %[1]s 答复。请为其写明系统，或留一个不写 tenants 的系统答复其余应用：",
			"editions declare facts, and no system of --facts answers for %[1]s. Name one for each, or leave tenants out of one, which then answers for all others:", tenantList(left))
	}
	all := strings.Join(asking, "")
	return &failure{code: exitLoad, text: policy.Text{ZH: lacking.ZH + all, EN: lacking.EN + all}}
}

// factText is a fact as it may be shown.
type factText struct {
	Name  string `json:"name"`            // facts.sellerBlocked
	Value string `json:"value,omitempty"` // "" where it was not to be had; texts are masked

	InForce policy.Text `json:"inForcePer,omitzero"` // of a sum in force: seller
}

// factTexts are the facts that an edition declares, as a decision had them.
func factTexts(declared []policy.FactSpec, facts policy.Facts) (all []factText) {
	for _, f := range declared {
		value, ok := f.Type.Read(facts[f.Name])
		if ok && f.Type == policy.FactText {
			value = "***"
		}
		all = append(all, factText{factPrefix + f.Name, value, products.PerWords(f)})
	}
	return all
}

// keptFacts are the facts of a record as they may be shown. Where the edition
// is not at hand nobody knows which of them are texts.
func (h *holding) keptFacts(c *policy.Case, reveal bool) (all []factText) {
	if e := h.Explanation.explanation; e != nil && !reveal && e.Product != nil && e.Product.Digest == c.Record.Digest {
		return e.Facts
	}
	for _, name := range slices.Sorted(maps.Keys(c.Request.Facts)) {
		value := "***"
		if reveal {
			value = c.Request.Facts[name]
		}
		all = append(all, factText{Name: factPrefix + name, Value: value})
	}
	return all
}

// factLines tells facts, a line each.
func factLines(facts []factText, lang policy.Lang) string {
	if len(facts) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString(say("事实：\n", "facts:\n").In(lang))
	for _, f := range facts {
		value := f.Value
		if value == "" {
			value = say("（取不到）", "(not to be had)").In(lang)
		}
		fmt.Fprintf(&b, "  %s: %s%s\n", f.Name, value, perLine(f.InForce, lang))
	}
	return b.String()
}
