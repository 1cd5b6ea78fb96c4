package main

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
)

func newArchive(c *console) *cobra.Command {
	o := new(options)
	var into string
	format := newChoice("text", "json")
	cmd := &cobra.Command{
		Use:   "archive [PRODUCT@EDITION|DIGEST]",
		Short: "list the editions that were used, or print one as it was used",
		Long: `archive tells which editions of products decisions were made under. Each is kept in the store, byte for byte, from its first
decision on; a file that has changed since is refused when issue or serve starts, and its edition as it was is printed here by name
or by the digest that every decision carries. With --into its file and the sheets of its tables are written into a directory; without it, the
sheets follow the file, each behind a line with its name and length.`,
		Example: `  chudan archive
  chudan archive PERFORMANCE_SURETY_BONDS@2021.2 --into was`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usage("chudan archive 最多需要一个版本。用法见 chudan archive --help", "chudan archive wants at most one edition; see chudan archive --help")
			}
			return nil
		},
		RunE: act(func(cmd *cobra.Command, args []string) error {
			return c.archive(cmd.Context(), o, strings.Join(args, ""), into, format.value)
		}),
	}
	o.add(cmd.Flags(), "store")
	cmd.Flags().StringVar(&into, "into", "", "`DIR` to write the edition's files into; none that is there is written over")
	cmd.Flags().Var(format, "format", "how the list is printed")
	return cmd
}

func (c *console) archive(ctx context.Context, o *options, name, into, format string) error {
	if into != "" && name == "" {
		return usage("--into 需要一个版本：chudan archive 产品@版本 --into 目录", "--into wants an edition: chudan archive PRODUCT@EDITION --into DIR")
	}
	s, err := openKept(ctx, o)
	if err != nil {
		return err
	}
	defer s.Close()
	all, err := s.KeptEditions(ctx)
	if err != nil {
		return err
	}
	if name != "" {
		return c.printKept(ctx, s, all, name, into)
	}
	if format == "json" {
		list := make([]keptEdition, len(all))
		for i, e := range all {
			list[i] = keptEdition{e.Product, e.Edition, e.Digest, e.At.In(policy.Zone())}
		}
		return c.printJSON(list)
	}
	for _, e := range all {
		if err := c.print(e.Product + "@" + e.Edition + "  sha256 " + e.Digest + "  " + e.At.In(policy.Zone()).Format("2006-01-02 15:04:05 -07:00") + "\n"); err != nil {
			return err
		}
	}
	if len(all) == 0 {
		c.note("尚无版本用于出单", "no edition has been used yet")
	}
	return nil
}

type keptEdition struct {
	Product string    `json:"productCode"`
	Edition string    `json:"edition"`
	Digest  string    `json:"digest"`
	At      time.Time `json:"at"` // of the first use
}

// printKept prints an edition as it was used, or writes its files.
func (c *console) printKept(ctx context.Context, s store, all []policy.ArchivedEdition, name, into string) error {
	for _, e := range all {
		if name != e.Product+"@"+e.Edition && name != e.Digest {
			continue
		}
		kept, err := s.KeptEdition(ctx, e.Digest)
		if err != nil {
			return err
		}
		if len(kept.Source) == 0 {
			return usage("%s 由程序实现，没有文件", "%s is written in a program and has no file", name)
		}
		if into == "" {
			return c.print(string(kept.Source))
		}
		return c.unpack(&kept, into)
	}
	return usage("%s 未曾用于出单；chudan archive 列出用过的版本", "%s was never used; chudan archive lists the editions that were", name)
}

// unpack writes the files of an edition into a directory.
func (c *console) unpack(kept *policy.ArchivedEdition, dir string) error {
	text, sheets, err := products.UnpackSource(kept.Source)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return usage("无法创建目录 %[1]s：%[2]v", "the directory %[1]s cannot be made: %[2]v", dir, reason(err))
	}
	files := map[string][]byte{kept.Edition + ".yaml": text}
	maps.Copy(files, sheets)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		path := filepath.Join(dir, name)
		if err := writeNew(path, files[name], false); err != nil {
			return err
		}
		c.note("已写入 %s", "wrote %s", filepath.ToSlash(path))
	}
	return nil
}

// openKept opens a store that must be there already.
func openKept(ctx context.Context, o *options) (store, error) {
	name, err := o.storeName()
	if err != nil {
		return nil, err
	}
	if err := name.filled(); err != nil {
		return nil, err
	}
	s, err := name.open(ctx)
	if err != nil {
		return nil, storeTrouble(name, err)
	}
	return s, nil
}

// checkEditions refuses to issue under editions that have changed since they
// were used.
func (h *house) checkEditions(ctx context.Context, catalog *products.Catalog) error {
	var terms []policy.Terms
	for _, e := range catalog.Editions() {
		terms = append(terms, e.Terms())
	}
	err := policy.CheckEditions(ctx, h.store, terms...)
	joined, ok := err.(interface{ Unwrap() []error }) // each of them is told, not the first
	if !ok {
		return err
	}
	text := say("有版本在使用后被修改。已使用的版本不得再改：请恢复原文件（chudan archive 产品@版本），改动另立新版本，并在日历中以 corrects 说明",
		"editions have changed since they were used. A used edition stays as it is: restore its file (chudan archive PRODUCT@EDITION), and make the change a new edition, with corrects in the calendar where it puts something right")
	for _, one := range joined.Unwrap() {
		var changed *policy.EditionChangedError
		if !errors.As(one, &changed) {
			return err
		}
		line := say("\n  %[1]s@%[2]s：使用时摘要 %[3]s，现为 %[4]s", "\n  %[1]s@%[2]s: its digest was %[3]s when it was used and is %[4]s",
			changed.Product, changed.Edition, changed.Kept, changed.Digest)
		text.ZH, text.EN = text.ZH+line.ZH, text.EN+line.EN
	}
	return &failure{code: exitLoad, text: text, cause: err}
}
