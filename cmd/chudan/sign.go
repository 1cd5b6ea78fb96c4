package main

import (
	"net/http"
	"strings"

	"github.com/spf13/cobra"

	"github.com/chudan-io/chudan/adapters/qimen"
	"github.com/chudan-io/chudan/policy"
)

func newSign(c *console) *cobra.Command {
	var secret, query, contentType string
	var headers []string
	cmd := &cobra.Command{
		Use:   "sign FILE|-",
		Short: "compute the gateway's signature of a request",
		Long: `sign prints the value of the parameter sign, 32 upper-case hex digits, as the Qimen gateway computes it for a request with
this query, content type, headers and body. Only the headers that a header top-sign-list names are signed.`,
		Example: `  chudan sign --secret "$SECRET" --query 'target_app_key=123&timestamp=2021-08-04+15%3A23%3A28' request.json`,
		Args:    wants(1, policy.Text{ZH: "一个请求体文件，或 - 表示标准输入", EN: "one file with the body, or - for standard input"}),
		RunE: act(func(_ *cobra.Command, args []string) error {
			header, err := parseHeaders(headers)
			if err != nil {
				return err
			}
			if secret == "" {
				return usage("缺少 --secret（被调用方应用的 app secret）", "--secret is missing: the app secret of the app that is called")
			}
			body, err := c.readBody(args[0])
			if err != nil {
				return err
			}
			sign, err := qimen.Sign(secret, contentType, query, header, body)
			if err != nil {
				return usage("无法签名：%v", "cannot be signed: %v", err)
			}
			return c.print(sign + "\n")
		}),
	}
	f := cmd.Flags()
	f.StringVar(&secret, "secret", "", "app `SECRET` of the app that is called")
	f.StringVar(&query, "query", "", "raw `QUERY` string, without sign")
	f.StringVar(&contentType, "content-type", "application/json;charset=UTF-8", "content `TYPE` of the body")
	f.StringArrayVar(&headers, "header", nil, "a header of the request as `'K: V'`, repeatable")
	return cmd
}

func parseHeaders(lines []string) (http.Header, error) {
	header := make(http.Header)
	for _, line := range lines {
		name, value, found := strings.Cut(line, ":")
		if name = strings.TrimSpace(name); !found || name == "" {
			return nil, usage("--header %q：应为 'K: V'", "--header %q: want 'K: V'", line)
		}
		header.Add(name, strings.TrimSpace(value))
	}
	return header, nil
}
