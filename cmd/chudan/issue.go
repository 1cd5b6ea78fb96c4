package main

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/chudan-io/chudan/adapters/qimen"
	"github.com/chudan-io/chudan/policy"
)

func newIssue(c *console) *cobra.Command {
	o := new(issueOptions)
	cmd := &cobra.Command{
		Use:   "issue FILE|-",
		Short: "issue one request, or JSON lines from standard input",
		Long: `issue reads a request in the API page's JSON and issues its policy into the local store. The answer that the platform
would get is printed as one line of JSON; everything else goes to standard error. An identifier that was issued before
gets the same answer again.

With - requests are read from standard input, one on a line, and worked on many at once; each is answered on a line, in the order of
the input. Of two lines with one identifier, or with one business key, the first wins. A run that was killed is run again with the same
input: what was issued gets the same answer again, the rest is issued. Policy numbers follow the lines with --jobs 1 only.`,
		Example: `  chudan issue examples/requests/performance-surety-bond.json
  chudan issue - < requests.jsonl > answers.jsonl
  chudan issue - --refused refused.csv < requests.jsonl > answers.jsonl`,
		Args: wants(1, policy.Text{ZH: "一个请求文件，或 - 表示标准输入", EN: "one file with a request, or - for standard input"}),
		RunE: act(func(cmd *cobra.Command, args []string) error {
			return c.issue(cmd.Context(), o, args[0])
		}),
	}
	cmd.Flags().IntVar(&o.jobs, "jobs", 0, "`N` lines to work on at once (default: 64, and 1 with --store memory:)")
	cmd.Flags().StringVar(&o.refused, "refused", "", "`FILE` that lists the lines without a policy: .csv for spreadsheets, .jsonl for programs")
	o.add(cmd.Flags(), "products", "institution", "store", "key-file", "tenant", "public-url")
	o.rehearsing(cmd.Flags())
	o.addFactSystems(cmd.Flags())
	o.addCores(cmd.Flags())
	o.holding(cmd.Flags())
	return cmd
}

// localURL is where serve listens unless it is told otherwise: what is issued
// on the command line can be looked at there.
const localURL = "http://127.0.0.1:8080"

// issueOptions are the flags of issue.
type issueOptions struct {
	options
	jobs    int
	refused string // of a file
}

func (c *console) issue(ctx context.Context, o *issueOptions, path string) error {
	if o.publicURL == "" {
		o.publicURL = localURL
	}
	if err := o.checkLines(path); err != nil {
		return err
	}
	var text []byte
	if path != "-" {
		var err error
		if text, err = c.readRequest(path); err != nil {
			return err
		}
	}
	o.factWatch.trouble = func(system string, times int, err error) {
		c.note("事实系统 %[1]s 未能答复（%[2]d 次）：%[3]v", "the fact system %[1]s did not answer (×%[2]d): %[3]v", system, times, err)
	}
	o.callers = []policy.Tenant{policy.Tenant(o.tenant)}
	h, err := c.openHouse(ctx, &o.options)
	if err != nil {
		return err
	}
	defer h.store.Close()
	for _, check := range []check{h.checkFacts, h.checkEditions} {
		if err := check(ctx, h.catalog.Catalog()); err != nil {
			return err
		}
	}
	d := &desk{console: c, issuer: h.issuer, tenant: policy.Tenant(o.tenant), began: time.Now()}
	if path == "-" {
		err = d.issueLines(ctx, h, o)
	} else {
		err = d.issueOne(context.WithoutCancel(ctx), text)
	}
	if err != nil {
		return err
	}
	return d.verdict()
}

// desk issues requests and counts what became of them.
type desk struct {
	*console
	issuer                    *policy.Issuer
	tenant                    policy.Tenant
	issued, refused, troubled int
	began, reported           time.Time
	bar                       *bar // nil unless somebody looks at a terminal
}

// verdict is how a run ends for which every request has been answered.
func (d *desk) verdict() error {
	switch {
	case d.troubled > 0:
		return &failure{code: exitInternal}
	case d.refused > 0:
		return errRefused
	}
	return nil
}

// issueOne issues a request and prints its answer. The error is that of a
// run which cannot go on, never a refusal.
func (d *desk) issueOne(ctx context.Context, text []byte) error {
	a := &answered{}
	a.request, a.faults = decode(text)
	d.decide(ctx, a)
	return d.give(a)
}

// answered is a request on its way to its answer.
type answered struct {
	request   *policy.Request
	faults    policy.Faults // of what is no request
	reference string
	reply     string
	err       error // of Issue
}

// decide issues the request. It may be called for many at once.
func (d *desk) decide(ctx context.Context, a *answered) {
	a.reference = policy.NewReference()
	var receipt policy.Receipt
	if a.faults != nil {
		a.err = &policy.Refusal{Faults: a.faults, Reference: a.reference}
	} else {
		receipt, a.err = d.issuer.Issue(policy.WithReference(ctx, a.reference), d.tenant, a.request)
	}
	a.reply = string(qimen.Reply(receipt, a.err, d.language(), a.reference))
}

// outcome is what became of a request, in one word, and the codes that tell why.
func (a *answered) outcome() (word string, faults policy.Faults) {
	var refusal *policy.Refusal
	var conflict *policy.ConflictError
	switch {
	case a.err == nil:
		return "issued", nil
	case errors.As(a.err, &refusal):
		if refusal.Faults.Verdict() == policy.Refer {
			return "referred", refusal.Faults
		}
		return "refused", refusal.Faults
	case errors.As(a.err, &conflict):
		return "conflict", conflict.Faults()
	}
	return "trouble", policy.TroubleFaults(policy.TroubleKind(a.err))
}

// give counts a request and prints its answer.
func (d *desk) give(a *answered) error {
	switch word, _ := a.outcome(); word {
	case "issued":
		d.issued++
	case "trouble":
		d.troubled++
		d.bar.clear()
		d.note("参考号 %[1]s：%[2]v", "reference %[1]s: %[2]v", a.reference, a.err)
	default:
		d.refused++
	}
	return d.print(a.reply + "\n")
}
