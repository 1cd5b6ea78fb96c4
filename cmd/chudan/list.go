package main

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/chudan-io/chudan/policy"
)

// listOptions are the flags of list.
type listOptions struct {
	options
	since, until  moment
	product, code string
	requests      bool
}

func newList(c *console) *cobra.Command {
	o := new(listOptions)
	format, status := newChoice("text", "json"), newChoice("any", string(policy.StatusIssued), string(policy.StatusRefused), string(policy.StatusReferred),
		string(policy.StatusAccepted), string(policy.StatusReopened), string(policy.StatusReserved), string(policy.StatusBooked))
	cmd := &cobra.Command{
		Use:   "list",
		Short: "list what was decided, a line each",
		Long: `list gives a line for each decision that is kept, in the order in which the identifiers arrived: when it was made (+08:00), what it was,
the product and edition, the tenant, the identifier, the policy number (- where there is none) and the codes of its faults, notes too. A refusal that is
no rule's is not kept: corrected data is a new attempt. What was purged is listed with the day on which it was, and without codes. --format json writes an object on each line. chudan show tells all about one of them.

With --requests it lists the journal instead: every authenticated request that serve was sent, when it was answered, its reference number, the product,
tenant and identifier that it names (- where it could not be read), and the code of the answer; --code is then a whole one. A policy
that was issued just then is in the list of decisions alone.

Decisions are read page by page: a listing of any length needs little memory, and what is decided meanwhile may be in it or not.`,
		Example: `  chudan list --since 2026-11-11 --until 2026-11-12 --status referred
  chudan list --code LARGE_SUM --format json | jq -r .identifier`,
		Args: wants(0, noArguments),
		RunE: act(func(cmd *cobra.Command, _ []string) error {
			return c.list(cmd.Context(), o, status.value, format.value)
		}),
	}
	f := cmd.Flags()
	o.add(f, "products", "store", "key-file", "tenant")
	allTenants(f, &o.options)
	f.Var(&o.since, "since", "only those decided from then on (+08:00)")
	f.Var(&o.until, "until", "only those decided before then (+08:00)")
	f.Var(status, "status", "only those with this status")
	f.StringVar(&o.product, "product", "", "only those of a `PRODUCT`, or of PRODUCT@EDITION")
	f.StringVar(&o.code, "code", "", "only those with a fault of this `CODE`: a rule's, or that of the answer")
	f.BoolVar(&o.requests, "requests", false, "list every request of the journal in place of what was decided")
	f.Var(format, "format", "how they are printed")
	return cmd
}

func (c *console) list(ctx context.Context, o *listOptions, status, format string) error {
	if !o.until.IsZero() && !o.since.Before(o.until.Time) {
		return usage("--until %[2]s 应晚于 --since %[1]s", "--until %[2]s: want a time after --since %[1]s", o.since.String(), o.until.String())
	}
	h, err := c.openFilled(ctx, &o.options)
	if err != nil {
		return err
	}
	defer h.store.Close()
	if o.requests {
		if status != "any" {
			return usage("--status 不能与 --requests 同用：请求没有状态", "--status does not go with --requests: a request has none")
		}
		return c.listVisits(ctx, h, policy.VisitSelection{Tenant: policy.Tenant(o.tenant), Product: o.product, Code: o.code, From: o.since.Time, To: o.until.Time}, format)
	}
	which := policy.Selection{Tenant: policy.Tenant(o.tenant), From: o.since.Time, To: o.until.Time}
	which.Product, which.Edition, _ = strings.Cut(o.product, "@")
	if status != "any" {
		which.Status = policy.Status(status)
	}
	listed := 0
	err = h.each(ctx, c, which, func(held *policy.Case) error {
		l := newListed(held)
		if o.code != "" && !l.has(o.code) {
			return nil
		}
		listed++
		return c.printListed(l, format)
	})
	if err == nil && listed == 0 {
		c.note("没有符合条件的记录", "nothing that was decided is selected")
	}
	return err
}

// listed is a decision in one line.
type listed struct {
	Tenant     policy.Tenant `json:"tenant"`
	Identifier string        `json:"identifier"`
	Status     policy.Status `json:"status"`
	PolicyNo   string        `json:"policyNo,omitempty"`
	Product    string        `json:"productCode"`
	Edition    string        `json:"edition"`
	At         time.Time     `json:"at"`
	Codes      []string      `json:"codes"`
	ErasedAt   time.Time     `json:"erasedAt,omitzero"`
	faults     policy.Faults
}

func newListed(held *policy.Case) *listed {
	r := &held.Record
	l := &listed{
		Tenant: r.Key.Tenant, Identifier: r.Key.Identifier, Status: r.Status, PolicyNo: r.Number,
		Product: r.Product, Edition: r.Edition, At: r.At.In(policy.Zone()), Codes: []string{}, faults: held.Faults,
	}
	if r.Erased() {
		l.ErasedAt = r.ErasedAt.In(policy.Zone())
	}
	for _, f := range held.Faults {
		l.Codes = append(l.Codes, f.Code)
	}
	return l
}

// has tells whether a fault has this code, as the product or the answer has it.
func (l *listed) has(code string) bool {
	for _, f := range l.faults {
		if f.Code == code || f.ErrorCode() == code {
			return true
		}
	}
	return false
}

func (c *console) printListed(l *listed, format string) error {
	if format == "json" {
		text, err := json.Marshal(l)
		if err != nil {
			return err
		}
		return c.print(string(text) + "\n")
	}
	number := l.PolicyNo
	if number == "" {
		number = "-"
	}
	cells := []string{l.At.Format(time.DateTime), l.statusCell(), l.Product + "@" + l.Edition, string(l.Tenant), l.Identifier, number}
	if len(l.Codes) > 0 {
		cells = append(cells, strings.Join(l.Codes, " "))
	}
	if !l.ErasedAt.IsZero() {
		cells = append(cells, "erased "+l.ErasedAt.Format(time.DateOnly))
	}
	return c.print(strings.Join(cells, "  ") + "\n")
}

// statusCell is as wide for each status.
func (l *listed) statusCell() string {
	return string(l.Status) + strings.Repeat(" ", len(policy.StatusReferred)-len(l.Status))
}
