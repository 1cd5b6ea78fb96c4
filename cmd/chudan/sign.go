package main

import (
	"net/http"
	"strings"

	"github.com/spf13/cobra"

	"github.com/chudan-io/chudan/adapters/qimen"
	"github.com/chudan-io/chudan/policy"
)

func newSign(c *console) *cobra.Command {
	var query, contentType string
	var headers []string
	o := new(diagnoseOptions)
	cmd := &cobra.Command{
		Use:   "sign FILE|-",
		Short: "compute the gateway's signature of a request, or find what is wrong with one",
		Long: `sign prints the value of the parameter sign, 32 upper-case hex digits, as the Qimen gateway computes it for a request with
this query, content type, headers and body. Only the headers that a header top-sign-list names are signed.

With --diagnose FILE is a whole request as it was caught: request line, headers, an empty line and the raw body. sign then
computes its signature as it should be, with each mistake that is often made, and with each two of them, and tells which of
them explains the signature: another app's secret, a newline or a byte order mark, JSON that was written anew, values that
were not decoded, the charset, HMAC, the order of names and others. Give every secret that may have been used. What it prints
holds no secret, no signature and nothing of the body. It ends with 0 where the signature is right and with 6 where not,
whether or not a mistake was found.`,
		Example: `  chudan sign --secret "$SECRET" --query 'target_app_key=123&timestamp=2021-08-04+15%3A23%3A28' request.json
  chudan sign --diagnose --app-secrets secrets --app-secret "12345678=$CALLERS" --received '2021-08-04 15:23:30' request.http`,
		Args: wants(1, policy.Text{ZH: "一个请求体文件，或 - 表示标准输入", EN: "one file with the body, or - for standard input"}),
		RunE: act(func(_ *cobra.Command, args []string) error {
			if o.on {
				return c.diagnose(o, args[0])
			}
			header, err := parseHeaders(headers)
			if err != nil {
				return err
			}
			if len(o.secrets) != 1 || o.secrets[0] == "" {
				return usage("缺少 --secret（被调用方应用的 app secret），或给出了多个", "--secret is missing: the app secret of the app that is called, just one")
			}
			body, err := c.readBody(args[0])
			if err != nil {
				return err
			}
			sign, err := qimen.Sign(o.secrets[0], contentType, query, header, body)
			if err != nil {
				return usage("无法签名：%v", "cannot be signed: %v", err)
			}
			return c.print(sign + "\n")
		}),
	}
	f := cmd.Flags()
	f.StringArrayVar(&o.secrets, "secret", nil, "app `SECRET` of the app that is called; repeatable with --diagnose")
	f.StringVar(&query, "query", "", "raw `QUERY` string, without sign")
	f.StringVar(&contentType, "content-type", "application/json;charset=UTF-8", "content `TYPE` of the body")
	f.StringArrayVar(&headers, "header", nil, "a header of the request as `'K: V'`, repeatable")
	o.add(f)
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
