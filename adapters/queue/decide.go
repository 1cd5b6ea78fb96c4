package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"mime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/chudan-io/chudan/policy"
)

// decide has a message decided. Whatever panics on the way is caught.
func (c *Consumer) decide(ctx context.Context, d Delivery) *result {
	r := &result{delivery: d, reference: policy.NewReference()}
	ctx, cancel := context.WithTimeout(policy.WithReference(ctx, r.reference), c.config.Timeout)
	defer cancel()
	began := time.Now()
	receipt, err := c.issue(ctx, r)
	r.took = time.Since(began)
	c.conclude(r, err)
	if r.outcome != Retried {
		if e := guarded(func() { r.reply = c.config.Reply(receipt, err, r.reference) }); e != nil {
			r.outcome, r.reason, err = Panicked, policy.KindInternal, e
		}
	}
	c.log(r, err)
	return r
}

// conclude tells what becomes of a message for which Issue gave err.
func (c *Consumer) conclude(r *result, err error) {
	var refusal *policy.Refusal
	var conflict *policy.ConflictError
	var panicked *panicError
	switch {
	case err == nil:
		r.outcome = Issued
	case errors.As(err, &refusal), errors.As(err, &conflict):
		r.outcome = Refused
	case errors.As(err, &panicked):
		r.outcome, r.reason = Panicked, policy.KindInternal
	default:
		r.outcome, r.reason = Retried, policy.TroubleKind(err)
		if r.delivery.Attempt >= c.config.Attempts {
			r.outcome = Dead
		}
	}
}

// panicError is a panic that was caught. What was thrown may hold anything,
// personal data too: its type has to do.
type panicError struct {
	kind  string
	stack []byte
}

func (e *panicError) Error() string { return "queue: panicked with a value of type " + e.kind }

// guarded gives the panic of do, if there was one.
func guarded(do func()) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &panicError{fmt.Sprintf("%T", v), debug.Stack()}
		}
	}()
	do()
	return nil
}

func (c *Consumer) issue(ctx context.Context, r *result) (receipt policy.Receipt, err error) {
	if e := guarded(func() { receipt, err = c.issueUnguarded(ctx, r) }); e != nil {
		return policy.Receipt{}, e
	}
	return receipt, err
}

func (c *Consumer) issueUnguarded(ctx context.Context, r *result) (policy.Receipt, error) {
	if faults := checkContentType(r.delivery.Headers["content-type"]); faults != nil {
		return policy.Receipt{}, &policy.Refusal{Faults: faults, Reference: r.reference}
	}
	request, faults := c.config.Decode(r.delivery.Body)
	if faults != nil {
		if c.config.Unread != nil {
			c.config.Unread(policy.WithReference(ctx, r.reference), c.config.Tenant, r.delivery.Body, faults)
		}
		return policy.Receipt{}, &policy.Refusal{Faults: faults, Reference: r.reference}
	}
	if isPlain(request.Identifier, maxIdentifier) {
		r.identifier = request.Identifier
	}
	return c.config.Issuer.Issue(ctx, c.config.Tenant, request)
}

// checkContentType refuses what says itself that it is something else.
func checkContentType(header string) policy.Faults {
	if header == "" {
		return nil
	}
	media, parameters, err := mime.ParseMediaType(header)
	charset := parameters["charset"]
	if err == nil && media == "application/json" && (charset == "" || strings.EqualFold(charset, "utf-8")) {
		return nil
	}
	return policy.Faults{{
		Kind: policy.KindContentType, Severity: policy.Reject, Code: string(policy.KindContentType),
		Message: policy.Text{ZH: "消息头 content-type 应为 application/json（UTF-8）", EN: "the header content-type must be application/json (UTF-8)"},
	}}
}

// log tells of what was not issued: kinds and references, no text of anybody.
func (c *Consumer) log(r *result, err error) {
	about := []any{"reference", r.reference, "place", r.delivery.Place, "attempt", r.delivery.Attempt}
	var panicked *panicError
	switch r.outcome {
	case Issued:
	case Refused:
		c.config.Log.Info("refused", about...)
	case Retried:
		c.config.Log.Warn("trouble; the request comes again", append(about, "kind", r.reason, "error", err)...)
	case Dead:
		c.config.Log.Error("trouble too often; the request becomes a dead letter", append(about, "kind", r.reason, "error", err)...)
	case Panicked:
		if errors.As(err, &panicked) {
			about = append(about, slog.String("stack", string(panicked.stack)))
		}
		c.config.Log.Error("panicked; the request becomes a dead letter", append(about, "error", err)...)
	}
}
