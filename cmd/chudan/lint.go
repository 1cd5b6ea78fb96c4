package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
)

func newLint(c *console) *cobra.Command {
	o := new(options)
	format := newChoice("text", "json", "github")
	cmd := &cobra.Command{
		Use:   "lint [DIR]",
		Short: "tell everything that is wrong with products",
		Long: `lint reads a directory of products, and an institution.yaml in it, and prints every problem at once with its file, line and
column, the source line and what was probably meant; where all of it loads, it warns of rules that can never apply, constant
conditions, and definitions, tables and coverages that nobody uses. Without DIR it reads the products in the binary.

--format json prints an array, github annotates a pull request.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usage("chudan lint 最多需要一个目录。用法见 chudan lint --help", "chudan lint wants at most one directory; see chudan lint --help")
			}
			return nil
		},
		RunE: act(func(_ *cobra.Command, args []string) error {
			if len(args) == 1 {
				o.products = args[0]
			}
			return c.lint(o, format.value)
		}),
	}
	o.add(cmd.Flags(), "products", "institution")
	cmd.Flags().Var(format, "format", "how problems are printed")
	return cmd
}

func (c *console) lint(o *options, format string) error {
	catalog, problems, err := inspect(o)
	if err != nil {
		return err
	}
	text, err := render(problems, format, c.language())
	if err != nil {
		return err
	}
	if err := c.print(text); err != nil {
		return err
	}
	if errs := countErrors(problems); errs > 0 {
		c.note("共 %d 处问题", "problems: %d", errs)
		return &failure{code: exitLoad}
	}
	if len(problems) > 0 {
		c.note("可以装载，有 %d 处提醒", "it loads; warnings: %d", len(problems))
		return nil
	}
	c.note("%d 个产品版本，没有问题", "editions of products: %d, no problems", len(catalog.Editions()))
	return nil
}

// countErrors counts the problems that keep products from loading.
func countErrors(problems products.Problems) int {
	n := 0
	for _, p := range problems {
		if !p.Warning {
			n++
		}
	}
	return n
}

// inspect loads everything and collects the problems of all of it, with the
// names of files as they are from here.
func inspect(o *options) (catalog *products.Catalog, all products.Problems, err error) {
	catalog, err = loadCatalog(o.products)
	if err == nil {
		all, err = products.Lint(productFiles(o.products))
	}
	if !errors.As(err, &all) && err != nil {
		return nil, nil, err
	}
	all = under(all, o.products)
	institution := o.institution
	if beside := filepath.Join(o.products, "institution.yaml"); institution == "" && o.products != "" {
		if _, err := os.Stat(beside); !errors.Is(err, fs.ErrNotExist) {
			institution = beside
		}
	}
	var more products.Problems
	if _, err = loadInstitution(institution); !errors.As(err, &more) && err != nil {
		return nil, nil, err
	}
	return catalog, append(all, more...), nil
}

// render prints problems for people, for programs, or for the annotations of a
// pull request.
func render(problems products.Problems, format string, lang policy.Lang) (string, error) {
	switch format {
	case "json":
		if problems == nil {
			problems = products.Problems{}
		}
		text, err := json.MarshalIndent(problems, "", "  ")
		return string(text) + "\n", err
	case "github":
		var b strings.Builder
		for _, p := range problems {
			level := "error"
			if p.Warning {
				level = "warning"
			}
			fmt.Fprintf(&b, "::%s file=%s,line=%d,col=%d,title=%s::%s\n",
				level, property(p.File), max(p.Line, 1), max(p.Col, 1), property(p.Code), data(annotation(p, lang)))
		}
		return b.String(), nil
	}
	return problems.Text(lang), nil
}

func annotation(p products.Problem, lang policy.Lang) string {
	text := p.Message.In(lang)
	if hint := p.Hint.In(lang); hint != "" {
		text += "\n" + hint
	}
	return text
}

// data and property escape what stands in a workflow command.
// Source: GitHub Actions, workflow commands.
func data(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

func property(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C").Replace(s)
}
