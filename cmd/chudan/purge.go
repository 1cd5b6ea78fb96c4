package main

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/chudan-io/chudan/policy"
)

// lawfulYears are those that the laws named below ask for.
const lawfulYears = 10

// purgeOptions are the flags of purge.
type purgeOptions struct {
	options
	by         string
	years      int
	fewer, dry bool
	since      moment
	asOf       moment
}

func newPurge(c *console) *cobra.Command {
	o := new(purgeOptions)
	format := newChoice("text", "json")
	cmd := &cobra.Command{
		Use:   "purge",
		Short: "erase requests and answers whose retention is over",
		Long: `purge erases what was sealed (the application, the answer, all personal data) of records whose retention is over: ten years after the
expireTime of a policy, and after the decision on anything else. For contracts of a year or less the Insurance Law (article 87) asks for five years from their
end and for ten from that of longer ones; the Anti-Money-Laundering Law of 2024 (article 34) asks for ten from the end of the business. Fewer are
refused without --fewer.

What stays is what keeps an identifier and a policy number from being used twice: key, status, number, product, edition, business keys and times, in the
clear, and the audit chain, which notes each erasure. A request under an erased identifier is answered as a conflict, and the policy's link as gone.
What is under legal hold (chudan hold), what a core system is booking and what is still referred stays as it is. Requests in the journal are
forgotten by serve --journal-days.

What was counted is told by product, and by the year in which the business ended. It may be ended at any moment and run again. --dry-run erases
nothing; with --as-of it tells what would be due then.`,
		Example: `  chudan purge --dry-run
  chudan purge --dry-run --as-of 2037-01-01
  chudan purge --by retention-job`,
		Args: wants(0, noArguments),
		RunE: act(func(cmd *cobra.Command, _ []string) error {
			return c.purge(cmd.Context(), o, format.value)
		}),
	}
	f := cmd.Flags()
	o.add(f, "products", "store", "key-file", "tenant")
	o.holding(f)
	allTenants(f, &o.options)
	f.StringVar(&o.by, "by", "", "`WHO` purges: 1 to 64 characters, kept in the audit chain")
	f.IntVar(&o.years, "years", lawfulYears, "`N` years for which records are kept")
	f.BoolVar(&o.fewer, "fewer", false, "take --years of fewer than ten, which the law does not allow an insurer")
	f.BoolVar(&o.dry, "dry-run", false, "erase nothing, and tell what would be")
	f.Var(&o.since, "since", "only what was decided from then on (+08:00): what was gone through before need not be again")
	f.Var(&o.asOf, "as-of", "tell what would be due then (+08:00); with --dry-run only")
	f.Var(format, "format", "how it is told")
	return cmd
}

func (o *purgeOptions) check() error {
	switch {
	case o.years < 1:
		return usage("--years %d：至少为 1", "--years %d: want 1 or more", o.years)
	case o.years < lawfulYears && !o.fewer:
		return usage("--years %d：反洗钱法第三十四条要求自业务结束起至少保存十年；确需更短，请同时给出 --fewer",
			"--years %d: the Anti-Money-Laundering Law, article 34, asks for ten years at least from the end of the business; who may keep less says --fewer as well", o.years)
	case !o.asOf.IsZero() && !o.dry:
		return usage("--as-of 只能与 --dry-run 同用：未到期的记录不得清除", "--as-of goes with --dry-run only: nothing is erased before its time")
	case !o.dry && o.by == "":
		return usage("请说明由何人清除：--by；只看不清除请用 --dry-run", "tell who purges with --by, or look first with --dry-run")
	}
	return nil
}

func (c *console) purge(ctx context.Context, o *purgeOptions, format string) error {
	if err := o.check(); err != nil {
		return err
	}
	h, err := c.openFilled(ctx, &o.options)
	if err != nil {
		return err
	}
	defer h.store.Close()
	reported := time.Now()
	r := policy.Retention{Tenant: policy.Tenant(o.tenant), From: o.since.Time, By: o.by, Years: o.years, Dry: o.dry, AsOf: o.asOf.Time}
	r.Passed = func(records int) {
		if now := time.Now(); now.Sub(reported) >= time.Second {
			reported = now
			c.note("已检查 %s 条", "%s gone through", thousands(records))
		}
	}
	met, err := h.issuer.Purge(ctx, r)
	if told := c.printPurged(o, met, format); told != nil {
		return told
	}
	if err == nil && len(met) == 0 {
		c.note("没有保存已满 %d 年的记录", "nothing was decided %d years ago or earlier that is not erased yet", o.years)
	}
	return err
}

// purgedRow is what was met of one product and year.
type purgedRow struct {
	Product string `json:"productCode"`
	Year    int    `json:"year"`
	Erased  int    `json:"erased"`
	Held    int    `json:"held"`
	Later   int    `json:"later"`
	Open    int    `json:"open"`
}

func (c *console) printPurged(o *purgeOptions, met []policy.Purged, format string) error {
	rows := make([]purgedRow, len(met))
	for i, m := range met {
		rows[i] = purgedRow(m)
	}
	if format == "json" {
		return c.printJSON(struct {
			Years  int         `json:"years"`
			DryRun bool        `json:"dryRun"`
			Rows   []purgedRow `json:"rows"`
		}{o.years, o.dry, rows})
	}
	verb := policy.Text{ZH: "已清除", EN: "erased"}
	if o.dry {
		verb = policy.Text{ZH: "将清除", EN: "to be erased"}
	}
	var b strings.Builder
	for _, r := range rows {
		b.WriteString(say("%[1]s  %[2]d 年结束：%[3]s %[5]s，保全 %[6]s，未到期 %[7]s，处理中 %[8]s\n",
			"%[1]s  ended in %[2]d: %[4]s: %[5]s; under legal hold: %[6]s; not due: %[7]s; pending: %[8]s\n",
			r.Product, r.Year, verb.ZH, verb.EN, thousands(r.Erased), thousands(r.Held), thousands(r.Later), thousands(r.Open)).In(c.language()))
	}
	return c.print(b.String())
}
