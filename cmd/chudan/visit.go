package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/chudan-io/chudan/policy"
)

// visitLine is a request of the journal in one line.
type visitLine struct {
	At         time.Time     `json:"at"`
	Code       string        `json:"code"`
	Replayed   bool          `json:"replayed,omitempty"`
	Product    string        `json:"productCode,omitempty"`
	Edition    string        `json:"edition,omitempty"`
	Tenant     policy.Tenant `json:"tenant"`
	Identifier string        `json:"identifier,omitempty"`
	Reference  string        `json:"reference"`
}

func newVisitLine(v *policy.Visit) visitLine {
	return visitLine{
		At: v.At.In(policy.Zone()), Code: v.Code, Replayed: v.Replayed, Product: v.Product, Edition: v.Edition,
		Tenant: v.Key.Tenant, Identifier: v.Key.Identifier, Reference: v.Reference,
	}
}

func (l *visitLine) text() string {
	cells := []string{l.At.Format(time.DateTime), l.Reference, dash(l.Product), string(l.Tenant), dash(l.Identifier), l.Code}
	if l.Replayed {
		cells = append(cells, "replayed")
	}
	return strings.Join(cells, "  ")
}

// dash stands for what is not there.
func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// listVisits lists the requests of the journal.
func (c *console) listVisits(ctx context.Context, h *house, which policy.VisitSelection, format string) error {
	listed := 0
	for v, err := range h.store.Visits(ctx, which) {
		if err != nil {
			return err
		}
		listed++
		l := newVisitLine(&v)
		line := l.text()
		if format == "json" {
			text, err := json.Marshal(l)
			if err != nil {
				return err
			}
			line = string(text)
		}
		if err := c.print(line + "\n"); err != nil {
			return err
		}
	}
	if listed == 0 {
		c.note("没有符合条件的请求", "no request of the journal is selected")
	}
	return nil
}

// visitTold is a request of the journal with all that is known about it.
type visitTold struct {
	visitLine
	Digest  string        `json:"digest,omitempty"`
	Faults  policy.Faults `json:"faults,omitempty"`
	Request []fieldText   `json:"request,omitempty"`
	Bytes   int           `json:"bytes,omitempty"` // of a body that could not be read
	Body    string        `json:"body,omitempty"`  // only where it may be shown
	Masked  bool          `json:"masked"`
}

func newVisitTold(c *policy.VisitCase, reveal bool) *visitTold {
	t := &visitTold{visitLine: newVisitLine(&c.Visit), Digest: c.Visit.Digest, Faults: c.Faults, Bytes: len(c.Body), Masked: !reveal}
	if c.Request != nil {
		t.Request = fieldTexts(c.Request, reveal)
	}
	if reveal {
		t.Body = string(c.Body)
	}
	return t
}

func (t *visitTold) text(lang policy.Lang) string {
	var b strings.Builder
	line := func(zh, en string, values ...any) { b.WriteString(say(zh, en, values...).In(lang) + "\n") }
	line("请求：%[1]s（租户 %[2]s，标识 %[3]s）", "request: %[1]s (tenant %[2]s, identifier %[3]s)", t.Reference, t.Tenant, dash(t.Identifier))
	line("时间：%s", "time: %s", t.At.Format("2006-01-02 15:04:05 -07:00"))
	if t.Replayed {
		line("答复：%s（重放此前的答复）", "answered: %s, from what was kept before", t.Code)
	} else {
		line("答复：%s", "answered: %s", t.Code)
	}
	if t.Edition != "" {
		line("产品：%[1]s，版本 %[2]s（sha256 %[3]s）", "product: %[1]s, edition %[2]s (sha256 %[3]s)", t.Product, t.Edition, t.Digest)
	}
	b.WriteString(faultLines(t.Faults, lang))
	switch {
	case t.Body != "":
		line("无法读取的原文：\n%s", "what could not be read:\n%s", t.Body)
	case t.Bytes > 0:
		line("原文无法读取，共 %d 字节（--reveal 显示）", "%d bytes that could not be read (--reveal shows them)", t.Bytes)
	case len(t.Request) > 0 && t.Masked:
		line("请求内容（个人信息已脱敏，--reveal 显示原文）：", "what was asked (personal data is masked; --reveal shows it):")
	case len(t.Request) > 0:
		line("请求内容：", "what was asked:")
	}
	for _, f := range t.Request {
		fmt.Fprintf(&b, "  %s: %s\n", f.Path, f.Value)
	}
	return b.String()
}

// showVisits tells of the requests with this reference number, and gives the
// records that answered them.
func (c *console) showVisits(ctx context.Context, h *house, tenant policy.Tenant, reference string, reveal bool, format string) (records []policy.Record, shown int, err error) {
	for v, err := range h.store.Visits(ctx, policy.VisitSelection{Tenant: tenant, Reference: strings.ToUpper(reference)}) {
		if err != nil {
			return nil, shown, err
		}
		opened, err := h.issuer.OpenVisit(v)
		if err != nil {
			return nil, shown, err
		}
		shown++
		told := newVisitTold(&opened, reveal)
		if format == "json" {
			err = c.printJSON(told)
		} else {
			err = c.print(told.text(c.language()))
		}
		if err != nil {
			return nil, shown, err
		}
		if rec, err := h.store.Find(ctx, v.Key); err == nil && len(v.Sealed) == 0 {
			records = append(records, rec)
		}
	}
	return records, shown, nil
}
