package main

import (
	"encoding/json"

	"github.com/spf13/cobra"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/rules"
)

func newExplain(c *console) *cobra.Command {
	o := new(options)
	format := newChoice("text", "json")
	cmd := &cobra.Command{
		Use:   "explain FILE|-",
		Short: "tell how a request would be decided, and why",
		Long: `explain decides a request without issuing anything: the verdict, the edition of the product, the premium step by step, what
became of every rule, and every fault. It looks at no store: whether the identifier was used before is not its question.`,
		Example: `  chudan explain examples/requests/large-sum.json
  chudan explain --products my-products --lang en request.json`,
		Args: wants(1, policy.Text{ZH: "一个请求文件，或 - 表示标准输入", EN: "one file with a request, or - for standard input"}),
		RunE: act(func(_ *cobra.Command, args []string) error {
			return c.explain(o, args[0], format.value)
		}),
	}
	o.add(cmd.Flags(), "products")
	cmd.Flags().Var(format, "format", "how the decision is printed")
	return cmd
}

func (c *console) explain(o *options, path, format string) error {
	text, err := c.readRequest(path)
	if err != nil {
		return err
	}
	catalog, err := loadCatalog(o.products)
	if err != nil {
		return err
	}
	e, err := explainRequest(catalog, text)
	if err != nil {
		return err
	}
	if format == "json" {
		err = c.printJSON(e)
	} else {
		err = c.print(e.text(c.language()))
	}
	if err != nil {
		return err
	}
	if e.Verdict >= policy.Refer {
		return errRefused
	}
	return nil
}

func (c *console) printJSON(v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return c.print(string(text) + "\n")
}

// explanation is a decision in the form in which it is told.
type explanation struct {
	Verdict policy.Verdict  `json:"verdict"`
	Code    string          `json:"errorCode"` // that the platform would get
	Product *edition        `json:"product,omitempty"`
	Premium *policy.Premium `json:"premium,omitempty"`
	Steps   []step          `json:"steps,omitempty"` // to the premium
	Derived []string        `json:"derived,omitempty"`
	Rules   []ruling        `json:"rules,omitempty"`
	Faults  policy.Faults   `json:"faults"`
}

// edition is the one that a request was decided under.
type edition struct {
	Code    string      `json:"productCode"`
	Edition string      `json:"edition"`
	Title   policy.Text `json:"title"`
	Filing  string      `json:"filing,omitempty"`
	Digest  string      `json:"digest"`
}

// ruling is what became of one rule.
type ruling struct {
	Code    string         `json:"code"`
	State   rules.State    `json:"state"`
	Verdict policy.Verdict `json:"verdict"`         // where it fails
	Reads   []fieldText    `json:"reads,omitempty"` // with what the request says, personal data masked
	Error   string         `json:"error,omitempty"`
}

// What a product may offer beside, for whoever asks why.
type (
	ruled interface{ Rules() *rules.Ruleset }
	filed interface{ Filing() string }
)

// explainRequest decides a request. The error is trouble, never a refusal.
func explainRequest(catalog policy.Catalog, text []byte) (*explanation, error) {
	request, faults := decode(text)
	e := &explanation{Faults: faults}
	if faults == nil {
		d, err := policy.Decide(catalog, request)
		if err != nil {
			return nil, err
		}
		e.decided(catalog, &d)
	}
	e.Verdict, e.Code = e.Faults.Verdict(), string(policy.KindSuccess)
	if worst, ok := e.Faults.Worst(); ok {
		e.Code = worst.ErrorCode()
	}
	if e.Faults == nil {
		e.Faults = policy.Faults{}
	}
	return e, nil
}

func (e *explanation) decided(catalog policy.Catalog, d *policy.Decision) {
	a := d.Application
	e.Faults, e.Derived = d.Faults, a.Derived().Paths()
	if d.Terms.Product == "" {
		return
	}
	e.Product = &edition{Code: d.Terms.Product, Edition: d.Terms.Edition, Title: d.Terms.Title, Digest: d.Terms.Digest}
	if d.Premium.Known() {
		e.Premium, e.Steps = &d.Premium, premiumSteps(a.Request, &d.Premium)
	}
	product, err := catalog.Product(a.Request.ProductCode, a.InsureTime, a.EffectTime)
	if err != nil {
		return // it was found a moment ago, and a catalog does not change
	}
	if p, ok := product.(filed); ok {
		e.Product.Filing = p.Filing()
	}
	p, ok := product.(ruled)
	if !ok {
		return
	}
	said := fieldTexts(a.Request, false)
	for _, o := range p.Rules().Outcomes(a, &d.Premium) {
		r := ruling{Code: o.Code, State: o.State, Verdict: o.Verdict, Reads: textsOf(o.Reads, said)}
		if o.Err != nil {
			r.Error = o.Err.Error()
		}
		e.Rules = append(e.Rules, r)
	}
}

// textsOf gives each of these fields what was said in it, "" where that is
// nothing.
func textsOf(paths []string, said []fieldText) []fieldText {
	texts := make([]fieldText, len(paths))
	for i, path := range paths {
		texts[i].Path = path
		for _, f := range said {
			if f.Path == path {
				texts[i].Value = f.Value
			}
		}
	}
	return texts
}
