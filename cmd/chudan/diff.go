package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
)

func newDiff(c *console) *cobra.Command {
	o := new(options)
	var asOf moment
	format := newChoice("text", "json")
	cmd := &cobra.Command{
		Use:   "diff A B",
		Short: "tell what changed between two editions",
		Long: `diff tells what edition B says otherwise than edition A: limits that moved, rates by how many percent, rules part by part. Each
of them is PRODUCT@EDITION of the products, PRODUCT for its edition on sale, or the path of an edition's file. Comments and the order of keys
and rows are no change.`,
		Example: `  chudan diff --products my-products PERFORMANCE_SURETY_BONDS@2021.2 PERFORMANCE_SURETY_BONDS@2021.3
  chudan diff --lang en old/2021.2.yaml new/2021.3.yaml`,
		Args: wants(2, policy.Text{ZH: "两个版本：产品代码@版本，或版本文件的路径", EN: "two editions: PRODUCT@EDITION, or the path of an edition's file"}),
		RunE: act(func(_ *cobra.Command, args []string) error {
			return c.diff(o, args[0], args[1], asOf, format.value)
		}),
	}
	o.add(cmd.Flags(), "products")
	addAsOf(cmd.Flags(), &asOf, "when the edition of a PRODUCT is on sale (+08:00; default: now)")
	cmd.Flags().Var(format, "format", "how changes are printed")
	return cmd
}

// comparison is what changed between two editions.
type comparison struct {
	Before  edition           `json:"before"`
	After   edition           `json:"after"`
	Changes []products.Change `json:"changes"`
}

func (c *console) diff(o *options, a, b string, asOf moment, format string) error {
	before, err := openEdition(o.products, a, asOf)
	if err != nil {
		return err
	}
	after, err := openEdition(o.products, b, asOf)
	if err != nil {
		return err
	}
	found := comparison{introduce(before), introduce(after), products.Diff(before, after)}
	if found.Changes == nil {
		found.Changes = []products.Change{}
	}
	if format == "json" {
		return c.printJSON(found)
	}
	return c.print(found.text(c.language()))
}

func introduce(e *products.Edition) edition {
	t := e.Terms()
	return edition{Code: t.Product, Edition: t.Edition, Title: t.Title, Filing: e.Filing(), Digest: t.Digest}
}

// openEdition finds an edition by its name, or the one that is on sale by its
// product's, or reads its file.
func openEdition(dir, name string, asOf moment) (*products.Edition, error) {
	if strings.HasSuffix(name, ".yaml") {
		return readEdition(name)
	}
	catalog, err := loadCatalog(dir)
	if err != nil {
		return nil, err
	}
	return findEdition(catalog, name, asOf)
}

// findEdition finds PRODUCT@EDITION, or PRODUCT as it is on sale.
func findEdition(catalog *products.Catalog, name string, asOf moment) (*products.Edition, error) {
	product, number, named := strings.Cut(name, "@")
	if named {
		if e := catalog.Edition(product, number); e != nil {
			return e, nil
		}
	} else if e := catalog.OnSale(product, asOf.orNow()); e != nil {
		return e, nil
	}
	var known []string
	for _, e := range catalog.Editions() {
		if !named && e.Terms().Product == product {
			return nil, usage("%[1]s 在 %[2]s 未在售，请写明版本，如 %[1]s@%[3]s", "%[1]s is not on sale at %[2]s; name an edition, such as %[1]s@%[3]s",
				product, asOf.orNow().In(policy.Zone()).Format(time.DateTime), e.Terms().Edition)
		}
		known = append(known, e.Terms().Product+"@"+e.Terms().Edition)
	}
	return nil, usage("没有版本 %[1]s，现有：%[2]s", "there is no edition %[1]s; there are %[2]s", name, strings.Join(known, ", "))
}

// readEdition reads the file of an edition. Problems are told with its path as
// it is from here.
func readEdition(path string) (*products.Edition, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, unreadable(path, err)
	}
	e, err := products.LoadEdition(os.DirFS(filepath.Dir(path)), filepath.Base(path))
	var problems products.Problems
	if errors.As(err, &problems) {
		for i := range problems {
			problems[i].File = filepath.ToSlash(filepath.Join(filepath.Dir(path), problems[i].File))
		}
	}
	return e, err
}

func (c *comparison) text(lang policy.Lang) string {
	var b strings.Builder
	before, after := c.Before.Code+" "+c.Before.Edition, c.After.Edition
	if c.After.Code != c.Before.Code {
		after = c.After.Code + " " + after
	}
	b.WriteString(before + " → " + after + "\n")
	switch {
	case len(c.Changes) > 0:
	case c.Before.Digest == c.After.Digest:
		b.WriteString(say("没有差别\n", "no difference\n").In(lang))
	default:
		b.WriteString(say("没有差别：文件只在版本号、注释、顺序或写法上不同\n",
			"no difference: the files differ in the edition, comments, order or spelling alone\n").In(lang))
	}
	for _, change := range c.Changes {
		b.WriteString(mark(change.Code) + " " + change.Text.In(lang) + "\n")
	}
	return b.String()
}

// mark is what stands before a change in a text.
func mark(code string) string {
	switch {
	case strings.HasSuffix(code, "-added"):
		return "+"
	case strings.HasSuffix(code, "-removed"):
		return "-"
	}
	return "~"
}
