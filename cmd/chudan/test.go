package main

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/spf13/cobra"

	"github.com/chudan-io/chudan/products"
)

func newTest(c *console) *cobra.Command {
	o := new(options)
	format := newChoice("text", "json", "junit")
	var run string
	var update bool
	var asOf moment
	cmd := &cobra.Command{
		Use:   "test [DIR]",
		Short: "run the tests that stand beside products",
		Long: `test decides each case of each <edition>_test.yaml under its edition, whatever the calendar says, and tells what came otherwise and
which rules no case was seen to hold or to fail. Without DIR it tests the products in the binary.

With --update the expectations of cases that fail are written anew in their files, as the decisions came out: read every one of them before
you keep it. Expectations that several rows share, and those in CSV files, are left to you.

A case that is skipped or focused is no success. Exit codes: 3 problems in the files, 4 a case is no success, 5 the cases see less
than their file requires; --run leaves cases out, and then nothing is required.`,
		Example: `  chudan test my-products
  chudan test --run 'limits' my-products
  chudan test --format junit my-products > report.xml`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usage("chudan test 最多需要一个目录。用法见 chudan test --help", "chudan test wants at most one directory; see chudan test --help")
			}
			return nil
		},
		RunE: act(func(_ *cobra.Command, args []string) error {
			if len(args) == 1 {
				o.products = args[0]
			}
			if update && o.products == "" {
				return usage("--update 需要产品目录", "--update wants a directory of products")
			}
			return c.test(o, run, format.value, update, asOf)
		}),
	}
	o.add(cmd.Flags(), "products")
	cmd.Flags().StringVar(&run, "run", "", "run only the cases whose names match this regular `EXPRESSION`")
	addAsOf(cmd.Flags(), &asOf, "test only the editions on sale then (+08:00)")
	cmd.Flags().BoolVar(&update, "update", false, "rewrite the expectations that failed, for review")
	cmd.Flags().Var(format, "format", "how the report is printed")
	return cmd
}

func (c *console) test(o *options, run, format string, update bool, asOf moment) error {
	var match *regexp.Regexp
	if run != "" {
		var err error
		if match, err = regexp.Compile(run); err != nil {
			return usage("--run 不是正则表达式：%v", "--run is no regular expression: %v", err)
		}
	}
	specs, err := loadSpecs(o.products, asOf)
	if err != nil {
		return err
	}
	var reports products.Reports
	count := 0
	for _, s := range specs {
		r := s.Run(match)
		if update {
			if err := c.rewrite(s, r, o.products); err != nil {
				return err
			}
		}
		r = r.Under(o.products)
		if count += len(r.Cases); len(r.Cases) > 0 {
			reports = append(reports, r)
		}
	}
	if count == 0 {
		return noCases(o.products, run, asOf)
	}
	if err := c.report(reports, format); err != nil {
		return err
	}
	switch {
	case reports.Failed():
		return &failure{code: exitTests}
	case reports.Below():
		return &failure{code: exitBelow}
	}
	return nil
}

// rewrite writes the expectations that failed anew.
func (c *console) rewrite(s *products.Spec, r products.Report, dir string) error {
	text, count := s.Update(r)
	if count == 0 {
		return nil
	}
	name := filepath.Join(dir, filepath.FromSlash(r.File))
	info, err := os.Stat(name)
	if err == nil {
		err = os.WriteFile(name, text, info.Mode().Perm())
	}
	if err != nil {
		return trouble(err, "无法改写 %s", "%s cannot be rewritten", name)
	}
	c.note("%[1]s：改写了 %[2]d 处预期，请逐一审阅", "%[1]s: rewrote %[2]d expectations; review each of them", filepath.ToSlash(name), count)
	return nil
}

// report prints what became of the cases.
func (c *console) report(reports products.Reports, format string) error {
	switch format {
	case "json":
		return c.printJSON(reports)
	case "junit":
		text, err := reports.JUnit(c.language())
		if err != nil {
			return err
		}
		return c.print(text)
	}
	return c.print(reports.Text(c.language()))
}

// noCases is the failure of a run that ran nothing: it must not look like one
// in which everything passed.
func noCases(dir, run string, asOf moment) error {
	if !asOf.IsZero() {
		return usage("%[1]s 在售的版本没有可运行的测试", "no edition on sale at %[1]s has tests to run", asOf.String())
	}
	if run != "" {
		return usage("没有名称符合 --run %s 的用例", "no case has a name that matches --run %s", run)
	}
	return usage("%s 中没有测试，应在版本文件旁放 <版本>_test.yaml", "there are no tests in %s; they stand beside an edition, as <edition>_test.yaml", dir)
}

// loadSpecs reads the tests in a directory of products; "" is that in the
// binary. Problems carry the names of files as they are from here. With a
// moment only the tests of what is on sale then are given.
func loadSpecs(dir string, asOf moment) ([]*products.Spec, error) {
	catalog, err := loadCatalog(dir)
	var specs []*products.Spec
	if err == nil {
		specs, err = products.LoadSpecs(productFiles(dir), catalog)
	}
	var problems products.Problems
	if errors.As(err, &problems) {
		for i := range problems {
			problems[i].File = filepath.ToSlash(filepath.Join(dir, problems[i].File))
		}
	}
	if !asOf.IsZero() && err == nil {
		specs = slices.DeleteFunc(specs, func(s *products.Spec) bool {
			return catalog.OnSale(s.Edition().Terms().Product, asOf.Time) != s.Edition()
		})
	}
	return specs, err
}
