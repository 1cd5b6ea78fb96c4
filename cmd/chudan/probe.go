package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/chudan-io/chudan/adapters/qimen"
	published "github.com/chudan-io/chudan/examples/requests"
	"github.com/chudan-io/chudan/policy"
)

// probeOptions are the flags of probe.
type probeOptions struct {
	apps            appSource
	appKey          string
	prefix, request string
	timeout         time.Duration
	issue           bool
	format          *choice
}

func newProbe(c *console) *cobra.Command {
	o := &probeOptions{format: newChoice("text", "json")}
	cmd := &cobra.Command{
		Use:   "probe URL",
		Short: "play the platform against an endpoint, and tell what it would not accept",
		Long: `probe sends an endpoint, chudan's or anybody's, what the platform sends and what others might: no signature and wrong ones, old
and future timestamps, broken, oversize and slow bodies, the request in UTF-8 and in GBK, the same request again, an altered one
under the same identifier, eight at once. A line for each tells what came of it: pass; odd, for what the platform takes but a
careful insurer does not leave; or fail.

Probing issues policies: three, under identifiers that begin with --identifier-prefix. On this machine that is taken as wanted.
Anywhere else it wants --issue; without it the probes that issue are left out. The others cannot issue anything either, unless
the endpoint takes a request that holds an identifier and nothing else.

It ends with 0 where nothing failed, 6 where something did, and 1 where nobody answers at all. Without a secret a server on this
machine is called with the development secret of chudan serve.`,
		Example: `  chudan probe http://127.0.0.1:8080/qimen
  chudan probe --app-secrets secrets --request ours.json --issue https://test.insurer.example.com/qimen`,
		Args: wants(1, policy.Text{ZH: "接口地址", EN: "the endpoint's URL"}),
		RunE: act(func(cmd *cobra.Command, args []string) error {
			return c.probe(cmd.Context(), o, args[0])
		}),
	}
	f := cmd.Flags()
	f.StringArrayVar(&o.apps.pairs, "app-secret", nil, "`KEY=SECRET` of the app that is called (target_app_key); others on the machine can see it, so prefer --app-secrets")
	f.StringVar(&o.apps.file, "app-secrets", "", "`FILE` with that app and its secret; of several lines the first counts")
	f.StringVar(&o.appKey, "app-key", "", "app `KEY` of the caller; left out where it is empty")
	f.StringVar(&o.prefix, "identifier-prefix", "", "`TEXT` with which identifiers and payments of the probes begin (default: PROBE and the time)")
	f.StringVar(&o.request, "request", "", "`FILE` with a request that the endpoint issues (default: the API page's own)")
	f.DurationVar(&o.timeout, "timeout", 30*time.Second, "`DURATION` within which every answer has to come; the platform waits for 30s at most")
	f.BoolVar(&o.issue, "issue", false, "issue policies on an endpoint that is not on this machine")
	f.Var(o.format, "format", "format of what is found")
	return cmd
}

// maxPrefix leaves an identifier room for what tells the probes apart.
const maxPrefix = 40

func (o *probeOptions) validate() error {
	if o.prefix == "" {
		o.prefix = "PROBE" + time.Now().In(policy.Zone()).Format("20060102150405")
	}
	if strings.Trim(o.prefix, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") != "" || len(o.prefix) > maxPrefix {
		return usage("--identifier-prefix 应为 1 至 %d 个字母、数字、_ 或 -", "--identifier-prefix: want 1 to %d letters, digits, _ or -", maxPrefix)
	}
	if o.timeout <= 0 {
		return usage("--timeout 应为正的时长，如 30s", "--timeout: want a positive duration, such as 30s")
	}
	return nil
}

// target makes the client of the endpoint.
func (o *probeOptions) target(address string) (client qimen.Client, local bool, err error) {
	client = qimen.Client{URL: address, AppKey: o.appKey, Secret: devSecret}
	if err := checkEndpoint(&client); err != nil {
		return client, false, err
	}
	if u, err := url.Parse(address); err == nil {
		local = policy.IsLoopback(u.Hostname())
	}
	if !local && len(o.apps.pairs) == 0 && o.apps.file == "" {
		return client, false, usage("缺少 --app-secret 或 --app-secrets：开发密钥只用于本机服务", "--app-secret or --app-secrets is missing: the development secret is for a server on this machine only")
	}
	apps, _, err := o.apps.read(local)
	if err != nil {
		return client, false, err
	}
	client.TargetAppKey, client.Secret = apps[0].Key, apps[0].Secrets[0].Value
	return client, local, nil
}

func (c *console) probe(ctx context.Context, o *probeOptions, address string) error {
	if err := o.validate(); err != nil {
		return err
	}
	client, local, err := o.target(address)
	if err != nil {
		return err
	}
	text := published.Sample()
	if o.request != "" {
		if text, err = c.readRequest(o.request); err != nil {
			return err
		}
	}
	p, err := newProber(client, text, o.prefix, o.timeout)
	if err != nil {
		return usage("--request %[1]s：应为一个 JSON 对象（%[2]v）", "--request %[1]s: want one JSON object (%[2]v)", o.request, err)
	}
	defer p.http.CloseIdleConnections()
	findings, err := c.runProbes(ctx, p, o.issue || local, o.format.value == "text")
	var gone *unreachable
	switch {
	case errors.As(err, &gone):
		return trouble(gone.err, "%s 无人应答，请检查地址", "nobody answers at %s; check the address", address)
	case err != nil:
		return err
	}
	if o.format.value == "json" {
		text, err := json.MarshalIndent(findings, "", "  ")
		if err != nil {
			return err
		}
		if err := c.print(string(text) + "\n"); err != nil {
			return err
		}
	}
	return c.probed(p, findings, o.issue || local)
}

// runProbes runs one after the other; people see each as it ends.
func (c *console) runProbes(ctx context.Context, p *prober, issue, aloud bool) ([]probeFinding, error) {
	findings := []probeFinding{}
	for _, probe := range probes {
		if probe.issues && !issue {
			continue
		}
		j := probe.run(p, ctx)
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case p.gone != nil:
			return nil, p.gone
		}
		f := probeFinding{probe.name, j.verdict, j.reason}
		findings = append(findings, f)
		if aloud {
			if err := c.print(fmt.Sprintf("%-4s  %-18s  %s\n", verdictNames[f.Verdict].In(c.language()), f.Probe, f.Reason.In(c.language()))); err != nil {
				return nil, err
			}
		}
	}
	return findings, nil
}

// probed says what it comes to.
func (c *console) probed(p *prober, findings []probeFinding, issue bool) error {
	count := make(map[verdict]int)
	for _, f := range findings {
		count[f.Verdict]++
	}
	c.note("通过 %[1]d，存疑 %[2]d，失败 %[3]d", "pass %[1]d, odd %[2]d, fail %[3]d", count[pass], count[odd], count[fail])
	if n := len(p.policies); n > 0 {
		c.note("identifier 以 %[2]s 开头的保单有 %[1]d 张，如不需要请退保", "policies under identifiers that begin with %[2]s: %[1]d; cancel them where they are not wanted", n, p.prefix)
	}
	if !issue {
		c.note("未运行会出单的探测；如需运行，请加 --issue", "the probes that issue policies were left out; to have them, give --issue")
	}
	if count[fail] > 0 {
		return errRefused
	}
	return nil
}
