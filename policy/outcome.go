package policy

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"time"
)

// Receipt tells that a policy was issued. A repeated request gets the same.
type Receipt struct {
	PolicyNo      string    `json:"policyNo"`
	PolicyFileURL string    `json:"policyFileUrl"`
	IssuedAt      time.Time `json:"issuedAt"` // UTC, to the microsecond
}

// Refusal is the error of a request that was refused or referred: its faults.
type Refusal struct {
	Faults    Faults
	Reference string // stands in the answer, the log and the record
	Replayed  bool   // the stored answer of an earlier request
}

func (e *Refusal) Error() string { return "policy: refused: " + e.Faults.Message(English, e.Reference) }

// ConflictError is the error of a request whose identifier was used before for
// another payload, or for one that was erased since: then the field is identifier.
// It names the fields that differ, never their values.
type ConflictError struct {
	Fields    []string // paths, in page order
	Reference string

	erased bool // what it was used for is gone, so that nothing was compared
}

func (e *ConflictError) Error() string {
	if e.erased {
		return "policy: same identifier as a request that was erased"
	}
	return "policy: same identifier, other " + strings.Join(e.Fields, ", ")
}

// Faults is the conflict as one fault.
func (e *ConflictError) Faults() Faults {
	if e.erased {
		return Faults{newFault(KindIdempotencyConflict, "identifier 此前已使用，其资料保存期满已清除", "the identifier was used before, for a request that was erased when its retention was over", e.Fields...)}
	}
	f := newFault(KindIdempotencyConflict, "同一 identifier 已用于不同内容", "the identifier was used before with other content", e.Fields...)
	return Faults{f}
}

// TroubleKind is the isp. kind of an error that is trouble of ours.
func TroubleKind(err error) Kind {
	switch {
	case errors.Is(err, ErrInProgress):
		return KindInProgress
	case errors.Is(err, ErrResultUnknown):
		return KindResultUnknown
	case errors.Is(err, ErrUnavailable):
		return KindUnavailable
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return KindTimeout
	}
	return KindInternal
}

// TroubleFaults is trouble of ours as one fault; it tells nothing of the cause.
func TroubleFaults(kind Kind) Faults {
	f := newFault(kind, "系统内部错误，请稍后以相同请求重试", "internal error; send the same request again later")
	switch kind { //nolint:exhaustive // the rest is internal
	case KindInProgress:
		f.Message = Text{"同一请求正在处理，请稍后以相同请求重试", "the same request is being worked on; send it again later"}
	case KindResultUnknown:
		f.Message = Text{"出单结果未知，请以相同请求重试", "the outcome is not known; send the same request again"}
	case KindUnavailable:
		f.Message = Text{"服务暂不可用，请稍后以相同请求重试", "the service is not available; send the same request again later"}
	case KindTimeout:
		f.Message = Text{"处理超时，请以相同请求重试", "the deadline passed; send the same request again"}
	}
	return Faults{f}
}

type referenceKey struct{}

// WithReference gives the call a reference number, which its answer, its log
// lines and its record carry. Without one Issue draws its own.
func WithReference(ctx context.Context, reference string) context.Context {
	return context.WithValue(ctx, referenceKey{}, reference)
}

// Reference is the reference number of the call; "" where it has none.
func Reference(ctx context.Context) string {
	reference, _ := ctx.Value(referenceKey{}).(string)
	return reference
}

// NewReference draws a reference number: 10 characters that are easy to read
// out, 50 random bits.
func NewReference() string {
	return strings.ToUpper(rand.Text()[:10])
}
