package qimen

import (
	"errors"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/chudan-io/chudan/policy"
)

// Answer is what the caller gets: a policy, or a code and a message.
type Answer struct {
	Success       bool
	Code          string // SUCCESS, or the errorCode: a kind and, where it has one, its suffix
	Message       string // OK, or all faults in the app's language, with the reference number at the end
	PolicyNo      string
	PolicyFileURL string
}

// signFailure is the answer to whatever fails to prove that it comes from the
// platform; it never varies. Source: API page, example of a failed signature.
var signFailure = Answer{Code: string(policy.KindSignCheckFailure), Message: "Illegal request"}

// spelling is how an API of the scene spells its answers: they have the same
// parts under other names.
type spelling struct {
	success, yes, no string // the member that tells success, and its values as JSON
	code, message    string
}

// policyIssuing tells success as a string. Source: API page, response.
var policyIssuing = spelling{
	success: "success", yes: `"true"`, no: `"false"`,
	code: "errorCode", message: "errorMessage",
}

// Reply is the answer to a request in the page's words: what
// [policy.Issuer.Issue] returned, as one line of JSON. reference is told where
// err carries no reference number of its own.
func Reply(receipt policy.Receipt, err error, lang policy.Lang, reference string) []byte {
	a := newAnswer(receipt, err, lang, reference)
	return policyIssuing.append(nil, &a)
}

func newAnswer(receipt policy.Receipt, err error, lang policy.Lang, reference string) Answer {
	if err == nil {
		return Answer{
			Success: true, Code: string(policy.KindSuccess), Message: "OK",
			PolicyNo: receipt.PolicyNo, PolicyFileURL: receipt.PolicyFileURL,
		}
	}
	faults := policy.TroubleFaults(policy.TroubleKind(err))
	var refusal *policy.Refusal
	var conflict *policy.ConflictError
	switch {
	case errors.As(err, &refusal):
		faults, reference = refusal.Faults, refusal.Reference
	case errors.As(err, &conflict):
		faults, reference = conflict.Faults(), conflict.Reference
	}
	worst, ok := faults.Worst()
	if !ok { // a refusal without a reason: a defect of whoever made it
		faults = policy.TroubleFaults(policy.KindInternal)
		worst = faults[0]
	}
	return Answer{Code: worst.ErrorCode(), Message: faults.Message(lang, reference)}
}

// append writes the answer as JSON. URLs keep their &, for callers who do not
// undo escapes.
func (s *spelling) append(out []byte, a *Answer) []byte {
	success := s.no
	if a.Success {
		success = s.yes
	}
	out = append(out, `{"`+s.success+`":`+success...)
	out = appendMember(out, s.code, a.Code)
	out = appendMember(out, s.message, a.Message)
	if a.Success {
		out = append(out, `,"context":{"policyNo":`...)
		out = appendText(out, a.PolicyNo)
		out = appendMember(out, "policyFileUrl", a.PolicyFileURL)
		out = append(out, '}')
	}
	return append(out, '}')
}

func appendMember(out []byte, name, text string) []byte {
	out = append(out, `,"`+name+`":`...)
	return appendText(out, text)
}

// appendText writes a JSON string; bytes that are no UTF-8 become U+FFFD.
func appendText(out []byte, text string) []byte {
	out, _ = jsontext.AppendQuote(out, text)
	return out
}

// ParseAnswer reads what [Reply] writes.
func ParseAnswer(reply []byte) (Answer, error) {
	var wire struct {
		Success string `json:"success"`
		Code    string `json:"errorCode"`
		Message string `json:"errorMessage"`
		Context struct {
			PolicyNo      string `json:"policyNo"`
			PolicyFileURL string `json:"policyFileUrl"`
		} `json:"context"`
	}
	if err := json.Unmarshal(reply, &wire); err != nil {
		return Answer{}, errors.New("qimen: the answer is not the page's JSON")
	}
	return Answer{
		Success: wire.Success == "true", Code: wire.Code, Message: wire.Message,
		PolicyNo: wire.Context.PolicyNo, PolicyFileURL: wire.Context.PolicyFileURL,
	}, nil
}
