package main

import (
	"errors"
	"io/fs"

	"github.com/spf13/cobra"

	"github.com/chudan-io/chudan/policy"
)

func newKeys(c *console) *cobra.Command {
	return &cobra.Command{
		Use:   "keys FILE",
		Short: "make the key file of a database server",
		Long: `keys makes a key file, readable by its owner alone, for --key-file. Records are sealed with its keys, and links to policies are made
with them: every node on one database has the same file, and without it no policy can be read. An SQLite file's is made by itself.`,
		Example: `  chudan keys /etc/chudan/keys
  chudan serve --store postgres://chudan@db.example.com/chudan --key-file /etc/chudan/keys`,
		Args: wants(1, policy.Text{ZH: "一个文件", EN: "one file"}),
		RunE: act(func(_ *cobra.Command, args []string) error {
			return c.newKeys(args[0])
		}),
	}
}

func (c *console) newKeys(path string) error {
	switch err := createSecret(path, policy.NewKeyFile()); {
	case errors.Is(err, fs.ErrExist):
		return usage("%s 已存在，密钥文件不会被覆盖", "%s is there already; a key file is not written over", path)
	case err != nil:
		return usage("无法创建密钥文件 %[1]s：%[2]v", "the key file %[1]s cannot be made: %[2]v", path, reason(err))
	}
	c.note("已创建密钥文件 %s，请备份，并提供给使用同一数据库的每个节点", "made the key file %s; back it up, and give it to every node on the same database", path)
	return nil
}
