package policy

// Kind is what went wrong, in the words of the wire: the first part of the
// answer's errorCode. isv. means that the caller must change something, isp.
// that the trouble is ours and the same request may be sent again.
type Kind string

// The kinds. A kind is a contract: it may be retired, and is never reused.
const (
	KindSuccess             Kind = "SUCCESS"
	KindSignCheckFailure    Kind = "sign-check-failure"
	KindMissingParameter    Kind = "isv.missing-parameter"
	KindInvalidParameter    Kind = "isv.invalid-parameter"
	KindParametersMismatch  Kind = "isv.parameters-mismatch"
	KindIdempotencyConflict Kind = "isv.idempotent-parameter-mismatch"
	KindDuplicateKey        Kind = "isv.duplicate-business-key"
	KindProductNotFound     Kind = "isv.product-not-found"
	KindProductNotOnSale    Kind = "isv.product-not-on-sale"
	KindRejected            Kind = "isv.underwriting-rejected"
	KindReferred            Kind = "isv.underwriting-referred"
	KindRequestTooLarge     Kind = "isv.request-too-large"
	KindContentType         Kind = "isv.unsupported-content-type"
	KindInProgress          Kind = "isp.request-in-progress"
	KindResultUnknown       Kind = "isp.result-unknown"
	KindUnavailable         Kind = "isp.service-unavailable"
	KindTimeout             Kind = "isp.service-timeout"
	KindInternal            Kind = "isp.internal-error"
)

// Retry tells what a caller gains by sending the same request again.
type Retry uint8

// The answers to "may I send the same request again?".
const (
	RetryNever   Retry = iota // the same answer, or the same refusal, comes again
	RetryNow                  // trouble of ours: send it again
	RetryLater                // an underwriter has to look at it first
	RetryReplays              // the stored answer comes again
)

// Pin tells whether an answer is kept for the identifier.
type Pin uint8

// What becomes of an answer.
const (
	PinNever Pin = iota // nothing is kept
	PinKept             // the same payload gets the same answer for ever
	PinHeld             // kept until an underwriter decides
)

// Suffix tells what follows a kind in an errorCode, after a colon.
type Suffix uint8

// The suffixes.
const (
	SuffixNone  Suffix = iota
	SuffixField        // the path of one field
	SuffixRule         // the code of the rule
)

// KindInfo is one row of the error-code table.
type KindInfo struct {
	Kind   Kind
	Retry  Retry
	Pin    Pin
	Suffix Suffix
	When   Text
}

// kinds is the error-code table, in the order in which it is documented.
var kinds = []KindInfo{
	{KindSuccess, RetryReplays, PinKept, SuffixNone, Text{"已出单或重放", "issued, or replayed"}},
	{KindSignCheckFailure, RetryNever, PinNever, SuffixNone, Text{"身份验证失败", "any authentication fault"}},
	{KindMissingParameter, RetryNever, PinNever, SuffixField, Text{"缺少必填字段", "a required field, or one that a rule requires, is missing"}},
	{KindInvalidParameter, RetryNever, PinNever, SuffixField, Text{"格式、枚举或长度不符", "format, enumeration or length"}},
	{KindParametersMismatch, RetryNever, PinNever, SuffixField, Text{"字段之间不一致", "fields do not fit together"}},
	{KindIdempotencyConflict, RetryNever, PinNever, SuffixField, Text{"同一标识，内容不同", "same identifier, other payload"}},
	{KindDuplicateKey, RetryNever, PinNever, SuffixField, Text{"业务号已使用", "a business key was used before"}},
	{KindProductNotFound, RetryNever, PinNever, SuffixNone, Text{"产品不存在", "no such product"}},
	{KindProductNotOnSale, RetryNever, PinNever, SuffixNone, Text{"产品未在售", "the product is not on sale then"}},
	{KindRejected, RetryNever, PinKept, SuffixRule, Text{"核保拒绝", "a product rule refused"}},
	{KindReferred, RetryLater, PinHeld, SuffixRule, Text{"转人工核保", "needs an underwriter"}},
	{KindRequestTooLarge, RetryNever, PinNever, SuffixNone, Text{"请求过大", "the body is over the limit"}},
	{KindContentType, RetryNever, PinNever, SuffixNone, Text{"内容类型不支持", "the content type is none of ours"}},
	{KindInProgress, RetryNow, PinNever, SuffixNone, Text{"同一请求处理中", "the same request is being worked on"}},
	{KindResultUnknown, RetryNow, PinNever, SuffixNone, Text{"结果未知", "the outcome of the commit is not known"}},
	{KindUnavailable, RetryNow, PinNever, SuffixNone, Text{"服务暂不可用", "the service is not available"}},
	{KindTimeout, RetryNow, PinNever, SuffixNone, Text{"处理超时", "the deadline passed"}},
	{KindInternal, RetryNow, PinNever, SuffixNone, Text{"系统内部错误", "a defect of ours"}},
}

var kindIndex = func() map[Kind]KindInfo {
	m := make(map[Kind]KindInfo, len(kinds))
	for _, k := range kinds {
		m[k.Kind] = k
	}
	return m
}()

// Kinds is the error-code table.
func Kinds() []KindInfo { return append([]KindInfo(nil), kinds...) }

// Info is the row of the table for k; ok is false for a kind that is not in it.
func (k Kind) Info() (info KindInfo, ok bool) {
	info, ok = kindIndex[k]
	return info, ok
}
