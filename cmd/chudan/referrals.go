package main

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/chudan-io/chudan/policy"
)

func newReferrals(c *console) *cobra.Command {
	o := new(options)
	format := newChoice("text", "json")
	cmd := &cobra.Command{
		Use:   "referrals",
		Short: "list, accept and decline what was referred to underwriters, and reopen refusals",
		Long: `referrals lists what waits for an underwriter, and what was accepted and waits for the platform, a line each: until when it is held (+08:00),
its status, the product and edition, the tenant, the identifier, its revision, the premium, and the codes of its faults. chudan show tells all about one.

What is accepted is issued when the platform sends the same application again, under the edition and at the premium that were referred; it is
answered isv.underwriting-referred until then. What is declined is answered isv.underwriting-rejected:UNDERWRITER_DECLINED. What is neither for
--referral-life is held no longer: the application is decided anew when it comes again. Give serve and referrals the same life.

Who ruled and why stand in the audit chain, in the clear: write nothing there that tells of the insured.`,
		Example: `  chudan referrals
  chudan referrals accept 010101004178221080402170019 --tenant 12345678 --by underwriter-7 --why 'seller known since 2019'
  chudan referrals decline 010101004178221080402170020 --tenant 12345678 --by underwriter-7 --why 'limit exhausted'
  chudan referrals reopen 010101004178221080402170021 --tenant 12345678 --by operator-2 --why 'rule corrected'`,
		Args: wants(0, noArguments),
		RunE: act(func(cmd *cobra.Command, _ []string) error {
			return c.referrals(cmd.Context(), o, format.value)
		}),
	}
	f := cmd.Flags()
	o.add(f, "products", "store", "key-file", "tenant")
	o.holding(f)
	allTenants(f, o)
	f.Var(format, "format", "how they are printed")
	for _, r := range []struct {
		verb, short string
		rule        func(*policy.Issuer, context.Context, policy.Key, policy.Ruling) (policy.Record, error)
	}{
		{"accept", "accept a referral: it is issued when the platform calls again", (*policy.Issuer).Accept},
		{"decline", "decline a referral, also one that was accepted and is not issued yet", (*policy.Issuer).Decline},
		{"reopen", "let applications under an identifier be decided anew that were refused", (*policy.Issuer).Reopen},
	} {
		cmd.AddCommand(newRuling(c, r.verb, r.short, r.rule))
	}
	return cmd
}

// newRuling makes the verb of a ruling.
func newRuling(c *console, verb, short string, rule func(*policy.Issuer, context.Context, policy.Key, policy.Ruling) (policy.Record, error)) *cobra.Command {
	o := new(options)
	var r policy.Ruling
	cmd := &cobra.Command{
		Use:   verb + " IDENTIFIER",
		Short: short,
		Args:  wants(1, policy.Text{ZH: "一个标识", EN: "one identifier"}),
		RunE: act(func(cmd *cobra.Command, args []string) error {
			return c.rule(cmd.Context(), o, policy.Key{Tenant: policy.Tenant(o.tenant), Identifier: args[0]}, r, rule)
		}),
	}
	f := cmd.Flags()
	o.add(f, "products", "store", "key-file", "tenant")
	o.holding(f)
	f.StringVar(&r.By, "by", "", "`WHO` rules: 1 to 64 characters, kept in the audit chain")
	f.StringVar(&r.Why, "why", "", "`TEXT` of the reason: 1 to 256 characters, kept in the audit chain; without personal data")
	f.Int64Var(&r.Revision, "revision", 0, "`N` of the record that was looked at; another one is not ruled on (default: whichever it is now)")
	return cmd
}

func (c *console) rule(ctx context.Context, o *options, k policy.Key, r policy.Ruling, rule func(*policy.Issuer, context.Context, policy.Key, policy.Ruling) (policy.Record, error)) error {
	if r.By == "" || r.Why == "" {
		return usage("请说明何人、何故：--by 与 --why 都须填写", "tell who rules and why: --by and --why are both needed")
	}
	h, err := c.openFilled(ctx, o)
	if err != nil {
		return err
	}
	defer h.store.Close()
	rec, err := rule(h.issuer, ctx, k, r)
	if err != nil {
		return rulingTrouble(err, k)
	}
	c.note("%[1]s：%[2]s", "%[1]s: %[3]s", k.Identifier, statusWords[rec.Status].ZH, statusWords[rec.Status].EN)
	return nil
}

func rulingTrouble(err error, k policy.Key) error {
	var status *policy.StatusError
	switch {
	case errors.Is(err, policy.ErrNotFound):
		return usage("租户 %[2]s 下没有标识 %[1]s。其他租户请用 --tenant 指定", "the tenant %[2]s has no identifier %[1]s; name another tenant with --tenant", k.Identifier, k.Tenant)
	case errors.Is(err, policy.ErrErased):
		return usage("%s 已清除（保存期届满），不能再裁定", "%s was erased when its retention was over, and cannot be ruled on", k.Identifier)
	case errors.Is(err, policy.ErrRuling):
		return usage("--by 应为 1 至 64 个字符，--why 为 1 至 256 个，不含控制字符，首尾无空格", "--by wants 1 to 64 characters and --why 1 to 256, without control characters and without spaces at the ends")
	case errors.As(err, &status) && status.Expired:
		return usage("%s 的转核已过期：平台再次请求时将重新核保", "the referral of %s has expired; it is decided anew when the platform calls again", k.Identifier)
	case errors.As(err, &status):
		return usage("%[1]s 的状态为 %[2]s（第 %[3]d 次决定），不能这样裁定；详见 chudan show", "%[1]s is %[2]s (decision %[3]d), which cannot be ruled on so; see chudan show", k.Identifier, status.Status, status.Revision)
	}
	return err
}

// referral is a held application in one line.
type referral struct {
	listed
	Until    time.Time `json:"heldUntil"`
	Revision int64     `json:"revision"`
	Premium  string    `json:"premium,omitempty"`
	Currency string    `json:"currency,omitempty"`
}

func (c *console) referrals(ctx context.Context, o *options, format string) error {
	h, err := c.openFilled(ctx, o)
	if err != nil {
		return err
	}
	defer h.store.Close()
	waiting, held := 0, time.Now().Add(-o.referralLife)
	for _, status := range []policy.Status{policy.StatusReferred, policy.StatusAccepted} {
		which := policy.Selection{Tenant: policy.Tenant(o.tenant), Status: status, From: held}
		err := h.each(ctx, c, which, func(held *policy.Case) error {
			waiting++
			r := referral{listed: *newListed(held), Until: held.Record.At.Add(o.referralLife).In(policy.Zone()), Revision: held.Record.Revision}
			if p := &held.Premium; p.Known() {
				r.Premium, r.Currency = p.Rounded.Fixed(p.Currency.MinorUnit()), string(p.Currency)
			}
			return c.printReferral(&r, format)
		})
		if err != nil {
			return err
		}
	}
	if waiting == 0 {
		c.note("没有待处理的转核", "nothing waits for an underwriter")
	}
	return nil
}

func (c *console) printReferral(r *referral, format string) error {
	if format == "json" {
		text, err := json.Marshal(r)
		if err != nil {
			return err
		}
		return c.print(string(text) + "\n")
	}
	return c.print(strings.Join([]string{
		r.Until.Format(time.DateTime), r.statusCell(), r.Product + "@" + r.Edition, string(r.Tenant), r.Identifier,
		"#" + strconv.FormatInt(r.Revision, 10), r.Premium + " " + r.Currency, strings.Join(r.Codes, " "),
	}, "  ") + "\n")
}
