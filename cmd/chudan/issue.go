package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/chudan-io/chudan/adapters/qimen"
	"github.com/chudan-io/chudan/policy"
)

func newIssue(c *console) *cobra.Command {
	o := new(options)
	cmd := &cobra.Command{
		Use:   "issue FILE|-",
		Short: "issue one request, or JSON lines from standard input",
		Long: `issue reads a request in the API page's JSON and issues its policy into the local store. The answer that the platform
would get is printed as one line of JSON; everything else goes to standard error. An identifier that was issued before
gets the same answer again.

With - requests are read from standard input, one on a line; each is answered on a line, in the same order.`,
		Example: `  chudan issue examples/requests/performance-surety-bond.json
  chudan issue - < requests.jsonl > answers.jsonl`,
		Args: wants(1, policy.Text{ZH: "一个请求文件，或 - 表示标准输入", EN: "one file with a request, or - for standard input"}),
		RunE: act(func(cmd *cobra.Command, args []string) error {
			return c.issue(cmd.Context(), o, args[0])
		}),
	}
	o.add(cmd.Flags(), "products", "institution", "store", "key-file", "tenant", "public-url")
	o.rehearsing(cmd.Flags())
	return cmd
}

// localURL is where serve listens unless it is told otherwise: what is issued
// on the command line can be looked at there.
const localURL = "http://127.0.0.1:8080"

func (c *console) issue(ctx context.Context, o *options, path string) error {
	if o.publicURL == "" {
		o.publicURL = localURL
	}
	var text []byte
	if path != "-" {
		var err error
		if text, err = c.readRequest(path); err != nil {
			return err
		}
	}
	h, err := c.openHouse(ctx, o)
	if err != nil {
		return err
	}
	defer h.store.Close()
	if err := h.checkEditions(ctx, h.catalog); err != nil {
		return err
	}
	d := &desk{console: c, issuer: h.issuer, tenant: policy.Tenant(o.tenant), began: time.Now()}
	if path == "-" {
		err = d.issueAll(ctx, bufio.NewReaderSize(c.in, maxRequest))
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
	reference := policy.NewReference()
	receipt, err := d.answer(policy.WithReference(ctx, reference), text, reference)
	var refusal *policy.Refusal
	var conflict *policy.ConflictError
	switch {
	case err == nil:
		d.issued++
	case errors.As(err, &refusal), errors.As(err, &conflict):
		d.refused++
	default:
		d.troubled++
		d.note("参考号 %[1]s：%[2]v", "reference %[1]s: %[2]v", reference, err)
	}
	return d.print(string(qimen.Reply(receipt, err, d.language(), reference)) + "\n")
}

func (d *desk) answer(ctx context.Context, text []byte, reference string) (policy.Receipt, error) {
	request, faults := decode(text)
	if faults != nil {
		return policy.Receipt{}, &policy.Refusal{Faults: faults, Reference: reference}
	}
	return d.issuer.Issue(ctx, d.tenant, request)
}

// issueAll issues a request for each line, one after the other: of two with
// one identifier the first wins.
func (d *desk) issueAll(ctx context.Context, in *bufio.Reader) error {
	for lines := readLines(in); ; {
		var line inputLine
		select {
		case <-ctx.Done():
			d.summary()
			return ctx.Err()
		case line = <-lines:
		}
		if len(bytes.TrimSpace(line.text)) > 0 {
			if err := d.issueOne(context.WithoutCancel(ctx), line.text); err != nil {
				return err
			}
			d.progress(time.Now())
		}
		switch {
		case line.err == io.EOF: //nolint:errorlint // a reader's end is never wrapped
			d.summary()
			return nil
		case line.err != nil:
			return unreadable("-", line.err)
		}
	}
}

// progress tells how far it is: first after a second, then every second.
func (d *desk) progress(now time.Time) {
	if d.reported.IsZero() {
		d.reported = d.began
	}
	if now.Sub(d.reported) >= time.Second {
		d.reported = now
		d.count(now)
	}
}

// summary is the last count of a run that told of its progress.
func (d *desk) summary() {
	if d.reported.After(d.began) {
		d.count(time.Now())
	}
}

func (d *desk) count(now time.Time) {
	n := d.issued + d.refused + d.troubled
	d.note("已处理 %[1]s：出单 %[2]s，拒绝或转人工 %[3]s，故障 %[4]s（%[5]v）",
		"%[1]s done: %[2]s issued, %[3]s refused or referred, %[4]s in trouble (%[5]v)",
		thousands(n), thousands(d.issued), thousands(d.refused), thousands(d.troubled), now.Sub(d.began).Round(time.Second))
}
