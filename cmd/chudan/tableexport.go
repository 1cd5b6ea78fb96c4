package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/chudan-io/chudan/products"
)

func newTableExport(c *console) *cobra.Command {
	o := new(options)
	charset := newChoice(string(products.UTF8), string(products.GBK))
	var table string
	var force bool
	cmd := &cobra.Command{
		Use:   "export EDITION FILE",
		Short: "write a table as a CSV file",
		Long: `export writes a table of an edition, PRODUCT@EDITION of the products or the path of its file, as a CSV file; - is standard output.

Excel opens it in any language: UTF-8 with a byte order mark, or --charset gbk for programs that know no other. Cells that a spreadsheet
would change are formulas whose result is the cell's text: 0.300% stands as ="0.300%", since Excel shows a percentage with two decimals and
saves what it shows. Write rates in the same way, or per mille: ="0.625%", 6.25‰. What import reads is the result.`,
		Example: `  chudan table export PERFORMANCE_SURETY_BONDS@2021.2 rate.csv
  chudan table export --table limit my-products/cross_border_trade/2024.2.yaml limit.csv`,
		Args: wantsTable,
		RunE: act(func(_ *cobra.Command, args []string) error {
			return c.exportTable(o, args[0], args[1], table, products.Charset(charset.value), force)
		}),
	}
	o.add(cmd.Flags(), "products")
	cmd.Flags().StringVar(&table, "table", "", "`NAME` of the table, where the edition has several")
	cmd.Flags().Var(charset, "charset", "how the file is encoded")
	cmd.Flags().BoolVar(&force, "force", false, "write over a file that is there")
	return cmd
}

func (c *console) exportTable(o *options, name, path, table string, charset products.Charset, force bool) error {
	e, err := openEdition(o.products, name, moment{})
	if err != nil {
		return err
	}
	if table, err = tableOf(e, table); err != nil {
		return err
	}
	data, err := e.ExportTable(table, charset)
	switch {
	case err != nil:
		return err
	case path == "-":
		return c.print(string(data))
	}
	if err := writeNew(path, data, force); err != nil {
		return err
	}
	c.note("已将表 %[1]s 写入 %[2]s", "wrote the table %[1]s to %[2]s", table, filepath.ToSlash(path))
	return nil
}

// writeNew writes a file that is not there yet: what somebody has edited is not
// lost by a second export.
func writeNew(path string, data []byte, force bool) error {
	if !force {
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			return usage("%s 已存在，未改动；要覆盖请加 --force", "%s is there already and was left as it is; --force writes over it", path)
		}
	}
	temp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err == nil {
		defer os.Remove(temp.Name())
		err = finish(temp, path, data, 0o644)
	}
	if err != nil {
		return usage("无法写入 %[1]s：%[2]v", "%[1]s cannot be written: %[2]v", path, reason(err))
	}
	return nil
}

// finish fills a temporary file and gives it its name.
func finish(temp *os.File, path string, data []byte, mode fs.FileMode) error {
	_, err := temp.Write(data)
	if err := errors.Join(err, temp.Chmod(mode), temp.Sync(), temp.Close()); err != nil {
		return err
	}
	return os.Rename(temp.Name(), path)
}
