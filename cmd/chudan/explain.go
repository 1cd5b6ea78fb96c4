package main

import (
	"encoding/json"

	"github.com/spf13/cobra"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
	"github.com/chudan-io/chudan/rules"
)

func newExplain(c *console) *cobra.Command {
	o := new(options)
	var asOf moment
	format := newChoice("text", "json")
	cmd := &cobra.Command{
		Use:   "explain FILE|-",
		Short: "tell how a request would be decided, and why",
		Long: `explain decides a request without issuing anything: the verdict, the edition of the product, the premium step by step, what
became of every rule with the values of its parts, and every fault. It looks at no store: whether the identifier was used before is not its question,
and what is in force for a seller (in_force_per) is what --facts says.`,
		Example: `  chudan explain examples/requests/large-sum.json
  chudan explain --products my-products --lang en request.json
  chudan explain --products my-products --as-of 2027-01-01 request.json   # under the edition that is on sale then`,
		Args: wants(1, policy.Text{ZH: "一个请求文件，或 - 表示标准输入", EN: "one file with a request, or - for standard input"}),
		RunE: act(func(_ *cobra.Command, args []string) error {
			return c.explain(o, args[0], asOf, format.value)
		}),
	}
	o.add(cmd.Flags(), "products")
	o.addFacts(cmd.Flags())
	addAsOf(cmd.Flags(), &asOf, "take the edition on sale then, not at the request's own time (+08:00)")
	cmd.Flags().Var(format, "format", "how the decision is printed")
	return cmd
}

func (c *console) explain(o *options, path string, asOf moment, format string) error {
	text, err := c.readRequest(path)
	if err != nil {
		return err
	}
	catalog, err := loadCatalog(o.products)
	if err != nil {
		return err
	}
	facts, err := c.readFacts(o.facts, catalog)
	if err != nil {
		return err
	}
	e, err := explainRequest(asOf.view(catalog), text, facts)
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
	c.noteUnknown(e.Facts)
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
	Verdict policy.Verdict         `json:"verdict"`
	Code    string                 `json:"errorCode"` // that the platform would get
	Product *edition               `json:"product,omitempty"`
	Premium *policy.Premium        `json:"premium,omitempty"`
	Steps   []products.Calculation `json:"steps,omitempty"` // to the premium
	Derived []string               `json:"derived,omitempty"`
	Facts   []factText             `json:"facts,omitempty"` // that the edition declares
	Rules   *rules.Trace           `json:"rules,omitempty"` // with the values of every part, personal data masked
	Faults  policy.Faults          `json:"faults"`
}

// edition is the one that a request was decided under.
type edition struct {
	Code    string      `json:"productCode"`
	Edition string      `json:"edition"`
	Title   policy.Text `json:"title"`
	Filing  string      `json:"filing,omitempty"`
	Digest  string      `json:"digest"`
}

// filed is what a product may offer beside.
type filed interface{ Filing() string }

// explainRequest decides a request. The error is trouble, never a refusal.
func explainRequest(catalog policy.Catalog, text []byte, facts policy.Facts) (*explanation, error) {
	request, faults := decode(text)
	if faults != nil {
		e := &explanation{Faults: faults}
		e.conclude()
		return e, nil
	}
	request.Facts = facts
	return explainDecoded(catalog, request)
}

// explainDecoded decides a request that reads.
func explainDecoded(catalog policy.Catalog, request *policy.Request) (*explanation, error) {
	found, err := products.Explain(catalog, request)
	if err != nil {
		return nil, err
	}
	e := &explanation{Rules: found.Rules}
	e.decided(catalog, &found.Decision)
	e.conclude()
	return e, nil
}

// conclude draws the verdict from the faults.
func (e *explanation) conclude() {
	e.Verdict, e.Code = e.Faults.Verdict(), string(policy.KindSuccess)
	if worst, ok := e.Faults.Worst(); ok {
		e.Code = worst.ErrorCode()
	}
	if e.Faults == nil {
		e.Faults = policy.Faults{}
	}
}

func (e *explanation) decided(catalog policy.Catalog, d *policy.Decision) {
	a := d.Application
	e.Faults, e.Derived = d.Faults, a.Derived().Paths()
	if d.Terms.Product == "" {
		return
	}
	e.Facts = factTexts(d.Terms.Facts, a.Request.Facts)
	e.Product = &edition{Code: d.Terms.Product, Edition: d.Terms.Edition, Title: d.Terms.Title, Digest: d.Terms.Digest}
	if d.Premium.Known() {
		e.Premium, e.Steps = &d.Premium, products.Arithmetic(a.Request, &d.Premium)
	}
	product, err := catalog.Product(a.Request.ProductCode, a.InsureTime, a.EffectTime)
	if err != nil {
		return // it was found a moment ago, and a catalog does not change
	}
	if p, ok := product.(filed); ok {
		e.Product.Filing = p.Filing()
	}
}
