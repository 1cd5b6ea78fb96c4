package main

import (
	"encoding/json"

	"github.com/spf13/cobra"

	"github.com/chudan-io/chudan/adapters/queue"
	"github.com/chudan-io/chudan/policy"
)

func newLetter(c *console) *cobra.Command {
	o := new(options)
	cmd := &cobra.Command{
		Use:   "letter FILE|-",
		Short: "open a dead letter",
		Long: `letter prints the request that a dead letter of serve --queue holds, as it was sent, personal data included. It takes the
key file that serve used. When the cause is mended the request can be sent again, under the same identifier: it is issued once.`,
		Example: `  chudan letter --key-file /etc/chudan/keys dead-letter.json | chudan issue -`,
		Args:    wants(1, policy.Text{ZH: "一个死信文件，或 - 表示标准输入", EN: "one file with a dead letter, or - for standard input"}),
		RunE: act(func(_ *cobra.Command, args []string) error {
			return c.letter(o, args[0])
		}),
	}
	o.add(cmd.Flags(), "store", "key-file")
	return cmd
}

func (c *console) letter(o *options, path string) error {
	text, err := c.readFile(path, 1<<20)
	if err != nil {
		return err
	}
	var l queue.Letter
	if err := json.Unmarshal(text, &l); err != nil || l.Reference == "" || len(l.Sealed) == 0 {
		return usage("%s 不是死信：应为 serve --queue 写入的一个 JSON 对象", "%s is no dead letter: want one JSON object as serve --queue writes it", path)
	}
	name, err := parseStore(o.store)
	if err != nil {
		return err
	}
	secrets, err := readSecret(name.keyFile(o.keyFile))
	if err != nil {
		return err
	}
	keys, err := policy.ParseKeys(secrets)
	if err != nil {
		return usage("密钥文件 %[1]s 无法使用：%[2]v", "the key file %[1]s cannot be used: %[2]v", name.keyFile(o.keyFile), err)
	}
	body, err := keys.OpenLetter(l.Tenant, l.Reference, l.Sealed)
	if err != nil {
		return usage("死信 %[1]s 无法打开：%[2]v。请用 --key-file 指定写入时的密钥文件", "the dead letter %[1]s cannot be opened: %[2]v; name the key file that it was written with: --key-file", path, err)
	}
	return c.print(string(body))
}
