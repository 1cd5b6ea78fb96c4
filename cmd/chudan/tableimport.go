package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/chudan-io/chudan/products"
)

// maxSheet is above the length of a sheet that is read, in bytes, so that the
// excess shows.
const maxSheet = 2 << 20

func newTableImport(c *console) *cobra.Command {
	o := new(options)
	format := newChoice("text", "json")
	var table string
	var dry, rounded bool
	cmd := &cobra.Command{
		Use:   "import EDITION FILE",
		Short: "take a CSV file into an edition",
		Long: `import reads a CSV file (UTF-8 or GBK; - is standard input), proves the edition with its rows, and writes them into the edition's file,
or into the CSV file that the edition names. Where anything is wrong it tells all of it, by file and cell, and writes nothing.

It prints what changed, in the product's words. The rest of the file stays as it is, byte for byte; a file that says what the edition says
changes nothing. A percentage that came back rounded to two decimals is refused, since Excel does that unasked; --rounded takes it.

An edition that has been used must never change: copy it under a new name first, import into the copy, and list that one in calendar.yaml.`,
		Example: `  chudan table import my-products/performance_surety_bonds/2021.3.yaml rate.csv
  chudan table import --dry-run --products my-products PERFORMANCE_SURETY_BONDS@2021.3 rate.csv`,
		Args: wantsTable,
		RunE: act(func(_ *cobra.Command, args []string) error {
			path, err := editionFile(o.products, args[0])
			if err != nil {
				return err
			}
			data, err := c.readFile(args[1], maxSheet)
			if err != nil {
				return err
			}
			name := filepath.ToSlash(args[1])
			return c.importTable(path, table, products.Sheet{Name: name, Data: data, Rounded: rounded}, dry, format.value)
		}),
	}
	o.add(cmd.Flags(), "products")
	cmd.Flags().StringVar(&table, "table", "", "`NAME` of the table, where the edition has several")
	cmd.Flags().BoolVar(&dry, "dry-run", false, "tell what would change, and write nothing")
	cmd.Flags().BoolVar(&rounded, "rounded", false, "take percentages that came back rounded to two decimals")
	cmd.Flags().Var(format, "format", "how changes are printed")
	return cmd
}

// imported is what became of an import.
type imported struct {
	File    string            `json:"file"`
	Written bool              `json:"written"`
	Changes []products.Change `json:"changes"`
}

func (c *console) importTable(path, table string, sheet products.Sheet, dry bool, format string) error {
	e, err := readEdition(path)
	if err != nil {
		return err
	}
	if table, err = tableOf(e, table); err != nil {
		return err
	}
	dir := filepath.Dir(path)
	im, err := products.ImportTable(os.DirFS(dir), filepath.Base(path), table, sheet)
	if err != nil {
		return errorUnder(err, dir, sheet.Name)
	}
	target := filepath.Join(dir, im.File)
	written := im.Data != nil && !dry
	if written {
		if err := c.keep(target, im); err != nil {
			return err
		}
	}
	if format == "json" {
		if im.Changes == nil {
			im.Changes = []products.Change{}
		}
		return c.printJSON(imported{filepath.ToSlash(target), written, im.Changes})
	}
	return c.tellImport(target, im, dry)
}

// keep writes what was imported, unless the file is another one by now.
func (c *console) keep(target string, im *products.Import) error {
	if now, err := os.ReadFile(target); err != nil || !bytes.Equal(now, im.Was) {
		return trouble(errors.Join(err, errors.New("it is not the file that was read")), "%s 在读取之后被改动，未写入，请重试", "%s changed after it was read, and was not written; try again", target)
	}
	if err := replaceFile(target, im.Data); err != nil {
		return usage("无法写入 %[1]s：%[2]v", "%[1]s cannot be written: %[2]v", target, reason(err))
	}
	return nil
}

func (c *console) tellImport(target string, im *products.Import, dry bool) error {
	var b strings.Builder
	for _, change := range im.Changes {
		b.WriteString(mark(change.Code) + " " + change.Text.In(c.language()) + "\n")
	}
	if len(im.Changes) == 0 {
		b.WriteString(say("没有差别\n", "no difference\n").In(c.language()))
	}
	if err := c.print(b.String()); err != nil {
		return err
	}
	target = filepath.ToSlash(target)
	switch {
	case im.Data == nil:
		c.note("%s 未改动", "%s was left as it is", target)
		return nil
	case dry:
		c.note("未写入 %s（--dry-run）", "%s was not written (--dry-run)", target)
	default:
		c.note("已写入 %[1]s。若该版本已经使用过，请勿改动：撤销后复制为新版本再导入", "wrote %[1]s; an edition that has been used must not change: if this one has, take it back and import into a copy under a new name", target)
	}
	for _, lost := range im.Lost {
		c.note("该行的注释随行删除：%[1]s:%[2]s %[3]s", "a comment goes with its row: %[1]s:%[2]s %[3]s", target, strconv.Itoa(lost.Line), strings.TrimSpace(lost.Source))
	}
	return nil
}
