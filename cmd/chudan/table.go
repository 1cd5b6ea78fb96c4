package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
)

func newTable(c *console) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "table",
		Short: "take a table of an edition to a spreadsheet and back",
		Long: `table writes a table of an edition as a CSV file that Excel opens, shows and saves without changing a cell, and takes what came
back into the edition, once it is proven: exactly one row for each combination, and all else that lint would tell.`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return usage("chudan table 没有命令 %s，可用 export、import", "chudan table has no command %s; there are export and import", args[0])
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newTableExport(c), newTableImport(c))
	return cmd
}

// wantsTable asks for the arguments of both commands.
var wantsTable = wants(2, policy.Text{
	ZH: "版本（产品代码@版本，或版本文件的路径）与 CSV 文件两个参数",
	EN: "an edition (PRODUCT@EDITION, or the path of its file) and a CSV file",
})

// tableOf is the table that is meant: the only one, where none is named.
func tableOf(e *products.Edition, name string) (string, error) {
	tables := e.Tables()
	t := e.Terms()
	all := strings.Join(tables, ", ")
	switch {
	case len(tables) == 0:
		return "", usage("%[1]s@%[2]s 没有表", "%[1]s@%[2]s has no tables", t.Product, t.Edition)
	case name == "" && len(tables) == 1:
		return tables[0], nil
	case name == "":
		return "", usage("%[1]s@%[2]s 有多张表，请用 --table 指定其一：%[3]s", "%[1]s@%[2]s has several tables; name one with --table: %[3]s", t.Product, t.Edition, all)
	case !slices.Contains(tables, name):
		return "", usage("%[1]s@%[2]s 没有表 %[3]s，现有：%[4]s", "%[1]s@%[2]s has no table %[3]s; it has %[4]s", t.Product, t.Edition, name, all)
	}
	return name, nil
}

// editionFile is the path of an edition's file, which is going to be written.
func editionFile(dir, name string) (string, error) {
	if strings.HasSuffix(name, ".yaml") {
		return name, nil
	}
	product, edition, named := strings.Cut(name, "@")
	switch {
	case !named:
		return "", usage("%s 不是版本：应为 产品代码@版本，或 .yaml 文件的路径", "%s is no edition: want PRODUCT@EDITION, or the path of a .yaml file", name)
	case dir == "":
		return "", usage("内置示例不能改写：请用 --products 指定产品目录，或写版本文件的路径",
			"the examples in the binary cannot be written: name a directory with --products, or the path of the edition's file")
	}
	return filepath.Join(dir, strings.ToLower(product), edition+".yaml"), nil
}

// replaceFile writes a file whole or not at all, in the place of the one that is
// there, whose mode it keeps. A link stays a link.
func replaceFile(path string, data []byte) error {
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name())
	return finish(temp, path, data, info.Mode().Perm())
}
