package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/chudan-io/chudan/policy"
)

func newReport(c *console) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "report",
		Short: "write the files that are reconciled",
		Long:  `report writes what other departments reconcile: daily lists the policies of a day with their payments and premiums.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return usage("chudan report 没有命令 %s，可用 daily", "chudan report has no command %s; there is daily", args[0])
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newReportDaily(c))
	return cmd
}

// dailyOptions are the flags of report daily.
type dailyOptions struct {
	options
	date   moment
	format string
	plain  bool
}

func newReportDaily(c *console) *cobra.Command {
	o := new(dailyOptions)
	format := newChoice("csv", "json")
	cmd := &cobra.Command{
		Use:   "daily",
		Short: "list the policies of a day, to be reconciled with payments",
		Long: `daily lists the policies that were issued on a day at +08:00, a row for each coverage that the premium was allocated to, or one row where
it was not. Column premium adds up over the rows of a policy to the policy's premium, to the minor unit. What belongs to the policy as a whole
(amount, premiumCny, premiumOfCny) stands in its first row (part 1) alone, so that every column can be added up as it is. premiumCny is the
premium in CNY as the product computes it, premiumOfCny what the platform declared. No personal data is in the file. Totals by product and
currency follow as notes on standard error; in JSON they end the document.

The CSV opens in Excel and WPS by a double click: UTF-8 with a byte order mark, lines that end in CRLF, and texts as formulas whose result is
the text (="2021080410002001660575461643"), since a spreadsheet makes 2.02108E+27 of such a number. --plain writes for programs: no mark, texts
as they are, columns under the names that JSON has.`,
		Example: `  chudan report daily > yesterday.csv
  chudan report daily --date 2026-11-11 --plain | mlr --icsv --ojson cat`,
		Args: wants(0, noArguments),
		RunE: act(func(cmd *cobra.Command, _ []string) error {
			o.format = format.value
			return c.reportDaily(cmd.Context(), o)
		}),
	}
	f := cmd.Flags()
	o.add(f, "products", "store", "key-file", "tenant")
	allTenants(f, &o.options)
	f.Var(&o.date, "date", "the day, at +08:00 (default: yesterday)")
	f.Var(format, "format", "how it is printed")
	f.BoolVar(&o.plain, "plain", false, "write CSV for programs instead of spreadsheets")
	return cmd
}

// day is the day that is reported, from its beginning to its end.
func (o *dailyOptions) day(now time.Time) (from, to time.Time, err error) {
	from = o.date.Time
	if from.IsZero() {
		y, m, d := now.In(policy.Zone()).Date()
		from = time.Date(y, m, d-1, 0, 0, 0, 0, policy.Zone())
	}
	if from.Format(time.TimeOnly) != "00:00:00" {
		return from, to, usage("--date %s：应为日期，如 2026-11-11", "--date %s: want a day such as 2026-11-11", o.date.String())
	}
	return from, from.AddDate(0, 0, 1), nil
}

func (c *console) reportDaily(ctx context.Context, o *dailyOptions) error {
	if o.plain && o.format != "csv" {
		return usage("--plain 只用于 --format csv", "--plain is for --format csv")
	}
	now := time.Now()
	from, to, err := o.day(now)
	if err != nil {
		return err
	}
	h, err := c.openFilled(ctx, &o.options)
	if err != nil {
		return err
	}
	defer h.store.Close()
	d := newDaily(c, from.Format(time.DateOnly), o.format, o.plain)
	if err := d.open(); err != nil {
		return err
	}
	err = h.each(ctx, c, policy.Selection{Tenant: policy.Tenant(o.tenant), Status: policy.StatusIssued, From: from, To: to}, d.add)
	if err != nil {
		return err
	}
	if err := d.close(); err != nil {
		return err
	}
	if now.Before(to) {
		c.note("注意：%s 尚未结束，此后仍会有保单", "%s is not over: there will be more policies", d.date)
	}
	return nil
}
