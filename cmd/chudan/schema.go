package main

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/chudan-io/chudan/products"
)

// meantBy are what people may call the kinds of files otherwise.
var meantBy = map[string][]string{
	"product":     {"edition", "products", "产品", "版本"},
	"test":        {"spec", "case", "测试"},
	"calendar":    {"sales", "日历"},
	"institution": {"insurer", "机构"},
	"cores":       {"core", "核心系统"},
	"facts":       {"fact", "事实"},
	"request":     {"fixture", "sample", "请求"},
}

func newSchema(c *console) *cobra.Command {
	var into string
	cmd := &cobra.Command{
		Use:   "schema KIND",
		Short: "print the JSON Schema of a kind of files, for editors",
		Long: `schema prints what keys a kind of files has and what may stand there, as JSON Schema (draft-07): an editor that knows it
completes keys, tells what they mean and marks mistakes while they are typed. What an expression says, chudan lint alone knows.

In VS Code install the extension “YAML” (redhat.vscode-yaml), write the schemas once,

  chudan schema --into schema

and name them in .vscode/settings.json, by the places of your files:

  "yaml.schemas": {
    "schema/product.schema.json": ["my-products/*/*.yaml", "!my-products/*/*_test.yaml", "!my-products/*/calendar.yaml"],
    "schema/test.schema.json": "my-products/*/*_test.yaml",
    "schema/calendar.schema.json": "my-products/*/calendar.yaml",
    "schema/institution.schema.json": "institution.yaml",
    "schema/cores.schema.json": "cores.yaml",
    "schema/facts.schema.json": "facts.yaml"
  },
  "json.schemas": [{"fileMatch": ["my-products/*/testdata/*.json"], "url": "./schema/request.schema.json"}]

Every editor with yaml-language-server also knows it from the first line of a file, with the path from there:

  # yaml-language-server: $schema=../../schema/product.schema.json`,
		Example: `  chudan schema product > product.schema.json
  chudan schema --into schema`,
		SuggestionsMinimumDistance: 2,
		Args:                       knownKind,
		RunE: act(func(cmd *cobra.Command, _ []string) error {
			if into == "" {
				return usage("chudan schema 需要一种文件：%[1]s；或用 --into 全部写出", "chudan schema wants a kind of files: %[2]s; or --into for all of them", kinds("、"), kinds(", "))
			}
			return c.writeSchemas(into)
		}),
	}
	cmd.Flags().StringVar(&into, "into", "", "write all schemas into this `DIRECTORY`, which is made where there is none")
	for _, s := range products.Schemas() {
		cmd.AddCommand(&cobra.Command{
			Use:        s.Kind,
			Short:      s.Is.EN,
			SuggestFor: meantBy[s.Kind],
			Args:       wants(0, noArguments),
			RunE: act(func(*cobra.Command, []string) error {
				data, _ := products.Schema(s.Kind)
				return c.print(string(data))
			}),
		})
	}
	return cmd
}

// kinds are the kinds of files that have a schema.
func kinds(separator string) string {
	var all []string
	for _, s := range products.Schemas() {
		all = append(all, s.Kind)
	}
	return strings.Join(all, separator)
}

// knownKind refuses a kind of files that is none.
func knownKind(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		return usage("没有 %[1]s 的 schema，是否指 %[2]s？", "there is no schema of %[1]s; did you mean %[2]s?", args[0], strings.Join(near, ", "))
	}
	return usage("没有 %[1]s 的 schema，可用：%[2]s", "there is no schema of %[1]s; want one of %[3]s", args[0], kinds("、"), kinds(", "))
}

// writeSchemas writes all schemas into a directory.
func (c *console) writeSchemas(dir string) error {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return usage("无法创建目录 %[1]s：%[2]v", "the directory %[1]s cannot be made: %[2]v", dir, reason(err))
	}
	for _, s := range products.Schemas() {
		data, _ := products.Schema(s.Kind)
		path := filepath.Join(dir, s.File)
		if err := writeFile(path, data); err != nil {
			return usage("无法写入 %[1]s：%[2]v", "%[1]s cannot be written: %[2]v", path, reason(err))
		}
	}
	return nil
}

// writeFile writes a file that everybody may read who may read its directory.
func writeFile(path string, data []byte) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if _, err := f.Write(data); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}
