package main

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/chudan-io/chudan/products"
	"github.com/chudan-io/chudan/products/rulebook"
)

func newDocs(c *console) *cobra.Command {
	o := new(options)
	var asOf moment
	format := newChoice("markdown", "html")
	var output string
	cmd := &cobra.Command{
		Use:   "docs [PRODUCT[@EDITION]|FILE.yaml]",
		Short: "write the rule book of an edition, for people who read no YAML",
		Long: `docs writes the rule book of an edition: when it is sold, what a request carries, how the premium is computed with all tables, the
checks, each rule as it is written and in words, the error codes, and the cases of its tests as worked examples that the engine computes now.

The edition is PRODUCT@EDITION of the products, or the path of an edition's file, whose calendar and tests are then left out. PRODUCT alone
is its edition on sale; where there is one product only, nothing need be named.

The HTML is one page without scripts that prints on A4. --output FILE.html needs no --format.`,
		Example: `  chudan docs PERFORMANCE_SURETY_BONDS@2021.2
  chudan docs --products my-products --lang en -o rules.html SURETY`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usage("chudan docs 最多需要一个版本。用法见 chudan docs --help", "chudan docs wants at most one edition; see chudan docs --help")
			}
			return nil
		},
		RunE: act(func(cmd *cobra.Command, args []string) error {
			if ext := strings.ToLower(filepath.Ext(output)); !cmd.Flags().Changed("format") && (ext == ".html" || ext == ".htm") {
				format.value = "html"
			}
			return c.docs(o, strings.Join(args, ""), asOf, format.value, output)
		}),
	}
	o.add(cmd.Flags(), "products")
	addAsOf(cmd.Flags(), &asOf, "when the edition of a PRODUCT is on sale (+08:00; default: now)")
	cmd.Flags().Var(format, "format", "how the book is written")
	cmd.Flags().StringVarP(&output, "output", "o", "", "`FILE` to write (default: standard output)")
	return cmd
}

func (c *console) docs(o *options, name string, asOf moment, format, output string) error {
	source, err := openBook(o.products, name, asOf)
	if err != nil {
		return err
	}
	book := rulebook.New(source)
	text := book.Markdown(c.language())
	if format == "html" {
		page, err := book.HTML(c.language())
		if err != nil {
			return trouble(err, "无法生成页面", "the page cannot be made")
		}
		text = string(page)
	}
	if output == "" {
		return c.print(text)
	}
	if err := os.WriteFile(output, []byte(text), 0o644); err != nil { //nolint:gosec // a book is there to be read
		return trouble(err, "无法写入 %s", "%s cannot be written", output)
	}
	return nil
}

// openBook finds what a book is made from.
func openBook(dir, name string, asOf moment) (s rulebook.Source, err error) {
	if strings.HasSuffix(name, ".yaml") {
		s.Edition, err = readEdition(name)
		return s, err
	}
	catalog, err := loadCatalog(dir)
	if err != nil {
		return s, err
	}
	if name == "" {
		if name, err = onlyProduct(catalog); err != nil {
			return s, err
		}
	}
	if s.Edition, err = findEdition(catalog, name, asOf); err != nil {
		return s, err
	}
	if schedule, ok := catalog.Schedule(s.Edition.Terms().Product); ok {
		s.Schedule = &schedule
	}
	specs, err := loadSpecs(dir, moment{})
	for _, spec := range specs {
		if of, want := spec.Edition().Terms(), s.Edition.Terms(); of.Product == want.Product && of.Edition == want.Edition {
			s.Tests = spec
		}
	}
	return s, err
}

// onlyProduct names the product where there is but one.
func onlyProduct(catalog *products.Catalog) (string, error) {
	var known []string
	for _, e := range catalog.Editions() {
		if code := e.Terms().Product; len(known) == 0 || known[len(known)-1] != code {
			known = append(known, code)
		}
	}
	if len(known) > 1 {
		return "", usage("请指明产品：%[1]s", "name a product: %[1]s", strings.Join(known, ", "))
	}
	return known[0], nil
}
