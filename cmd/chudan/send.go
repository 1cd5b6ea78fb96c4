package main

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/chudan-io/chudan/adapters/qimen"
	"github.com/chudan-io/chudan/policy"
)

func newSend(c *console) *cobra.Command {
	var client qimen.Client
	charset := newChoice("utf-8", "gbk", "gb18030")
	cmd := &cobra.Command{
		Use:   "send URL FILE|-",
		Short: "sign a request and post it, as the gateway does",
		Long: `send posts a request (JSON in UTF-8) to an endpoint with the gateway's parameters and signature, and prints the answer as it
came. Without --secret a server on this machine is called with the development secret of chudan serve.`,
		Example: `  chudan send http://127.0.0.1:8080/qimen examples/requests/performance-surety-bond.json
  CHUDAN_SECRET=... chudan send --target-app-key 12345678 https://insurer.example.com/qimen request.json`,
		Args: wants(2, policy.Text{ZH: "接口地址和一个请求文件（- 表示标准输入）", EN: "the endpoint's URL and one file with a request (- for standard input)"}),
		RunE: act(func(cmd *cobra.Command, args []string) error {
			client.URL, client.Charset = args[0], charset.value
			if err := checkEndpoint(&client); err != nil {
				return err
			}
			body, err := c.readBody(args[1])
			if err != nil {
				return err
			}
			return c.send(cmd.Context(), &client, body)
		}),
	}
	f := cmd.Flags()
	f.StringVar(&client.AppKey, "app-key", "", "app `KEY` of the caller; left out where it is empty")
	f.StringVar(&client.TargetAppKey, "target-app-key", "", "app `KEY` of the app that is called; left out where it is empty")
	f.StringVar(&client.Secret, "secret", "", "app `SECRET` of the app that is called")
	f.Var(charset, "charset", "charset in which the request is sent")
	return cmd
}

func checkEndpoint(client *qimen.Client) error {
	u, err := url.Parse(client.URL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || strings.ContainsAny(client.URL, "?#") {
		return usage("%q：应为接口地址，如 http://127.0.0.1:8080/qimen，不带参数", "%q: want the endpoint's URL, such as http://127.0.0.1:8080/qimen, without a query", client.URL)
	}
	if client.Secret != "" {
		return nil
	}
	if !policy.IsLoopback(u.Hostname()) {
		return usage("缺少 --secret（或环境变量 CHUDAN_SECRET）：开发密钥只用于本机服务", "--secret (or CHUDAN_SECRET) is missing: the development secret is for a server on this machine only")
	}
	client.Secret = devSecret
	return nil
}

func (c *console) send(ctx context.Context, client *qimen.Client, body []byte) error {
	reply, err := client.Post(ctx, body)
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return trouble(reason(err), "%s 无人应答。请先运行 chudan serve，或检查地址", "nobody answers at %s; start chudan serve first, or check the address", client.URL)
	case err != nil:
		return trouble(err, "请求失败", "the request failed")
	}
	if err := c.print(strings.TrimRight(string(reply), "\n") + "\n"); err != nil {
		return err
	}
	answer, err := qimen.ParseAnswer(reply)
	switch {
	case err != nil:
		return trouble(err, "应答不符合接口格式", "the answer has not the page's form")
	case answer.Success:
		return nil
	case strings.HasPrefix(answer.Code, "isp."):
		return &failure{code: exitInternal}
	}
	return errRefused
}
