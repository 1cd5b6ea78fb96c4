package qimen

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/chudan-io/chudan/policy"
)

// bodyPath stands for the body as a whole in the faults of its JSON.
const bodyPath = "body"

// What can be wrong with a body, as an end of "line 1, offset 0: …".
var (
	notObject       = policy.Text{ZH: "请求体应以 { 开头", EN: "the body must begin with {"}
	trailingData    = policy.Text{ZH: "JSON 对象之后有多余内容", EN: "there is something after the JSON object"}
	duplicateKey    = policy.Text{ZH: "键重复", EN: "the key stands twice"}
	duplicateWithin = policy.Text{ZH: "值内有重复的键", EN: "a key within the value stands twice"}
	otherCase       = policy.Text{ZH: "键名大小写不符", EN: "the key has another case on the page"}
	tooDeep         = policy.Text{ZH: "嵌套超过 8 层", EN: "nested deeper than 8"}
	tooManyUnknown  = policy.Text{ZH: "未知键超过 128 个", EN: "more than 128 unknown keys"}
	endsEarly       = policy.Text{ZH: "JSON 不完整", EN: "the JSON ends too early"}
	notUTF8         = policy.Text{ZH: "不是合法的 UTF-8", EN: "not UTF-8"}
	notJSON         = policy.Text{ZH: "不是合法的 JSON", EN: "not JSON"}
	notCharset      = policy.Text{ZH: "与内容类型声明的字符集不符", EN: "not in the charset that the content type names"}
)

// refuse is the fault of a body at an offset, within the key of the page that
// is being read.
func (d *decoder) refuse(at int64, what policy.Text) *policy.Fault {
	line := bytes.Count(d.body[:at], []byte{'\n'}) + 1
	zh := fmt.Sprintf("第 %d 行，偏移 %d", line, at)
	en := fmt.Sprintf("line %d, offset %d", line, at)
	if d.path != "" {
		zh, en = zh+"，"+d.path, en+", "+d.path
	}
	f := policy.Invalid(bodyPath, zh+"："+what.ZH, en+": "+what.EN)
	return &f
}

// syntax tells what a decoder's error means; nil for nil. The error's own text
// may hold keys of the caller's, and is not told.
func (d *decoder) syntax(err error) *policy.Fault {
	if err == nil {
		return nil
	}
	at := int64(len(d.body))
	if wrong := (*jsontext.SyntacticError)(nil); errors.As(err, &wrong) {
		at = min(wrong.ByteOffset, at)
	}
	if bad := invalidUTF8(d.body); bad >= 0 {
		return d.refuse(int64(bad), notUTF8)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return d.refuse(at, endsEarly)
	}
	return d.refuse(at, notJSON)
}

// invalidUTF8 is the offset of the first byte that is no UTF-8, -1 where all is.
func invalidUTF8(text []byte) int {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}
