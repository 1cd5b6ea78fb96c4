package qimen

import "strings"

// MethodPolicyIssuing is the name of the call that a [Handler] answers.
// Source: API page.
const MethodPolicyIssuing = "qimen.alibaba.finance.insurance.policy.issuing"

// contentKind is what a body is to the signature.
type contentKind uint8

const (
	contentUnsigned contentKind = iota // the gateway signs no such body
	contentJSON                        // its raw bytes are signed
	contentText                        // its raw bytes are signed
	contentForm                        // its fields are signed as parameters
)

// contentKinds are the media types that the gateway signs.
// Source: official SDK, SpiUtils.checkSign.
var contentKinds = map[string]contentKind{
	"application/json":                  contentJSON,
	"application/xml":                   contentText,
	"text/xml":                          contentText,
	"text/plain":                        contentText,
	"application/x-www-form-urlencoded": contentForm,
}

// content is what a Content-Type says of a body. It is not signed: whoever
// sits between the gateway and us may change it (see App.Charset).
type content struct {
	kind    contentKind
	charset string // in lower case; "" where it is not told
}

// parseContentType never fails: what it cannot read is not signed.
func parseContentType(header string) content {
	media, parameters, _ := strings.Cut(header, ";")
	c := content{kind: contentKinds[strings.ToLower(strings.TrimSpace(media))]}
	for p := range strings.SplitSeq(parameters, ";") {
		name, value, _ := strings.Cut(p, "=")
		if strings.EqualFold(strings.TrimSpace(name), "charset") {
			c.charset = strings.ToLower(strings.Trim(value, " \t\""))
		}
	}
	return c
}
