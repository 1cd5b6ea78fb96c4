package qimen

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/chudan-io/chudan/policy"
)

// call is one request on its way, as its log line will tell it.
type call struct {
	began     time.Time
	reference string
	lang      policy.Lang
	app       *App            // nil until the signature holds
	request   *policy.Request // nil until the body is read
	reason    string          // why the signature does not hold
	err       error
}

func (c *call) refuse(faults ...policy.Fault) error {
	return &policy.Refusal{Faults: faults, Reference: c.reference}
}

// decode reads the body of a verified request, or tells why it cannot.
func (c *call) decode(v verified, t content, body []byte) (*policy.Request, error) {
	if t.kind != contentJSON || !v.app.takes(t.charset) {
		return nil, c.refuse(contentType)
	}
	if v.method != "" && v.method != MethodPolicyIssuing {
		return nil, c.refuse(policy.Invalid(paramMethod, "应为 "+MethodPolicyIssuing, "want "+MethodPolicyIssuing))
	}
	text, err := toUTF8(body, t.charset)
	if err != nil {
		return nil, c.refuse(policy.Invalid(bodyPath, notCharset.ZH, notCharset.EN))
	}
	r, faults := Decode(text, DecodeOptions{Lenient: v.app.Lenient})
	if faults != nil {
		return nil, c.refuse(faults...)
	}
	return r, nil
}

var contentType = policy.Fault{
	Kind: policy.KindContentType, Severity: policy.Reject, Code: string(policy.KindContentType),
	Message: policy.Text{
		ZH: "应为 application/json，字符集为约定的 UTF-8 或 GBK",
		EN: "want application/json, in UTF-8 or GBK as agreed",
	},
}

func tooLarge(limit int64) policy.Fault {
	return policy.Fault{
		Kind: policy.KindRequestTooLarge, Severity: policy.Reject, Code: string(policy.KindRequestTooLarge),
		Message: policy.Text{
			ZH: fmt.Sprintf("请求体超过 %d 字节", limit),
			EN: fmt.Sprintf("the body is over %d bytes", limit),
		},
	}
}

// panicked is the error of a panic. Its text may be made of anything, so that
// only its type is told, and the text of the runtime's own.
func (c *call) panicked(v any) error {
	text := fmt.Sprintf("%T", v)
	if wrong := (runtime.Error)(nil); errors.As(asError(v), &wrong) {
		text = wrong.Error()
	}
	c.err = fmt.Errorf("qimen: panic: %s\n%s", text, debug.Stack())
	return c.err
}

func asError(v any) error {
	err, _ := v.(error)
	return err
}

// record logs and counts the answer.
func (h *Handler) record(ctx context.Context, c *call, a *Answer) {
	took := time.Since(c.began)
	if h.observer != nil {
		h.observer.Observe(a.Code, took)
	}
	level := slog.LevelInfo
	switch {
	case a.Code == signFailure.Code:
		level = slog.LevelWarn
	case strings.HasPrefix(a.Code, "isp."):
		level = slog.LevelError
	}
	if !h.log.Enabled(ctx, level) {
		return
	}
	attrs := append(make([]slog.Attr, 0, 8),
		slog.String("reference", c.reference), slog.String("code", a.Code), slog.Duration("duration", took))
	if c.app != nil {
		attrs = append(attrs, slog.String("app", c.app.Key), slog.String("tenant", string(c.app.Tenant)))
	}
	if c.request != nil && isIdentifier(c.request.Identifier) {
		attrs = append(attrs, slog.String("identifier", c.request.Identifier))
	}
	if c.reason != "" {
		attrs = append(attrs, slog.String("reason", c.reason))
	}
	if refusal := (*policy.Refusal)(nil); errors.As(c.err, &refusal) {
		attrs = append(attrs, slog.Bool("replayed", refusal.Replayed))
	} else if level == slog.LevelError {
		attrs = append(attrs, slog.String("error", masked(c.err.Error(), c.request)))
	}
	h.log.LogAttrs(ctx, level, "qimen answered", attrs...)
}

// isIdentifier keeps what is not of an identifier's form out of the log: it
// could be anything.
func isIdentifier(s string) bool {
	return s != "" && len(s) <= 64 && word(s) == len(s) && !strings.Contains(s, ".")
}

// masked is the text of an error without the personal texts of the request: a
// database may quote what it was given.
func masked(text string, r *policy.Request) string {
	if r == nil {
		return text
	}
	for _, f := range policy.Fields() {
		if personal := f.Text(r); f.Personal && personal != "" {
			text = strings.ReplaceAll(text, personal, "***")
		}
	}
	return text
}
