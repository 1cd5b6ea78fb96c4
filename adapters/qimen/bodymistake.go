package qimen

import (
	"bytes"
	"fmt"
	"net/url"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/chudan-io/chudan/policy"
)

// bodyMistakes are about the bytes of the body. What JSON libraries make of it
// comes first, for charset and edges are those of the result.
func (r *reading) bodyMistakes() []mistake {
	list := jsonMistakes(r.body)
	of := func(aspect string, f Finding, change func([]byte) []byte) {
		list = append(list, mistake{f, aspect, func(r *reading) bool {
			body := change(r.body)
			if bytes.Equal(body, r.body) {
				return false
			}
			r.body = body
			return true
		}})
	}
	of("body", finding("body-left-out", "请求体没有参加签名；应把原始字节接在参数之后", "the body was not signed; its raw bytes follow the parameters"),
		func([]byte) []byte { return nil })
	of("body", finding("body-encoded", "签名用了 URL 编码后的请求体；应对原始字节签名", "the body was signed URL-encoded; sign its raw bytes"),
		func(body []byte) []byte { return []byte(url.QueryEscape(string(body))) })
	list = append(list, kindMistakes()...)
	for _, c := range charsetChanges {
		of("charset", finding("body-charset", "签名时请求体的字符集与发送时不同：签名用了%[1]s；应对发送的字节签名，并与 Content-Type 一致",
			"the body was signed in another charset than it was sent in: %[2]s; sign the bytes that are sent, in the charset of the Content-Type", c.zh, c.en), c.change)
	}
	for _, c := range edgeChanges {
		of("edge", Finding{c.code, policy.Text{ZH: c.zh, EN: c.en}}, c.change)
	}
	return list
}

// kindMistakes are bodies that are taken for what they are not.
func kindMistakes() []mistake {
	return []mistake{
		{finding("body-form", "签名把请求体当作表单参数；JSON 请求体应以原始字节参加签名", "the body was signed as a form; a JSON body is signed as its raw bytes"),
			"kind", func(r *reading) bool {
				changed := r.content.kind != contentForm
				r.content.kind = contentForm
				return changed
			}},
		{finding("form-raw", "请求体是表单，签名却用了它的原始字节；表单的字段应作为参数参加签名，或改发 application/json", "the body is a form and was signed as raw bytes; the fields of a form are signed as parameters, or send application/json"),
			"kind", func(r *reading) bool {
				changed := r.content.kind == contentForm
				r.content.kind = contentJSON
				return changed
			}},
		{finding("body-members", "签名把 JSON 的成员当作参数；JSON 请求体应以原始字节整体参加签名", "the members of the JSON were signed as parameters; a JSON body is signed whole, as its raw bytes"),
			"kind", membersAsParams},
	}
}

func membersAsParams(r *reading) bool {
	d := jsontext.NewDecoder(bytes.NewReader(r.body), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if token, err := d.ReadToken(); err != nil || token.Kind() != '{' {
		return false
	}
	query, n := r.query, 0
	for d.PeekKind() == '"' {
		name, err := d.ReadToken()
		if n++; err != nil || n > maxParams {
			return false
		}
		key := name.String()
		value, err := d.ReadValue()
		if err != nil {
			return false
		}
		text := string(value)
		if value.Kind() == '"' {
			plain, _ := jsontext.AppendUnquote(nil, value)
			text = string(plain)
		}
		query += "&" + url.QueryEscape(key) + "=" + url.QueryEscape(text)
	}
	r.query, r.body = query, nil
	return true
}

// charsetChanges give the body in another charset; as it is where they cannot.
var charsetChanges = []struct {
	zh, en string
	change func([]byte) []byte
}{
	{"GBK 与 UTF-8 中的另一种", "the other one of GBK and UTF-8", func(body []byte) []byte { return []byte(otherCharset("", string(body))) }},
	{" ISO-8859-1（汉字成了问号）", "ISO-8859-1, where Chinese becomes question marks", questionMarks},
	{"两次编码的 UTF-8（把字节当作 ISO-8859-1）", "UTF-8 twice, its bytes taken for ISO-8859-1", func(body []byte) []byte {
		var out []byte
		for _, b := range body {
			out = utf8.AppendRune(out, rune(b))
		}
		return out
	}},
	{"被替换字符（U+FFFD）破坏的 UTF-8", "UTF-8 with replacement characters (U+FFFD)", func(body []byte) []byte { return bytes.ToValidUTF8(body, []byte("\ufffd")) }},
}

func questionMarks(body []byte) []byte {
	out := make([]byte, 0, len(body))
	for _, c := range string(body) {
		if c > 0xff {
			c = '?'
		}
		out = append(out, byte(c))
	}
	return out
}

const bom = "\xef\xbb\xbf"

// edgeChanges are what editors, shells and transfers do to a file.
var edgeChanges = []struct {
	code, zh, en string
	change       func([]byte) []byte
}{
	{
		"newline-missing", "签名时请求体末尾没有这里的空白或换行；应对发送的全部字节签名，且发送时不要多加换行",
		"the body was signed without the white space or newline at its end; sign every byte that is sent, and send no newline more",
		func(b []byte) []byte { return bytes.TrimRight(b, " \t\r\n") },
	},
	{"space-missing", "签名前去掉了请求体首尾的空白；应原样签名", "white space around the body was taken off before it was signed; sign it as it is", bytes.TrimSpace},
	{"newline-added", "签名时请求体末尾多了一个换行；应对发送的字节签名", "the body was signed with a newline at its end that was not sent; sign the bytes that are sent", func(b []byte) []byte { return plus(b, "\n") }},
	{"newline-added", "签名时请求体末尾多了一个换行（CRLF）；应对发送的字节签名", "the body was signed with a newline (CRLF) at its end that was not sent; sign the bytes that are sent", func(b []byte) []byte { return plus(b, "\r\n") }},
	{"bom-missing", "发送的请求体以 BOM 开头，签名时没有；请去掉 BOM", "the body that was sent begins with a byte order mark, which was not signed; send none", func(b []byte) []byte { return bytes.TrimPrefix(b, []byte(bom)) }},
	{"bom-added", "签名时请求体以 BOM 开头，发送时没有；请去掉 BOM", "the body was signed with a byte order mark that was not sent; sign it without", func(b []byte) []byte { return append([]byte(bom), b...) }},
	{"line-ends", "签名时换行为 LF，发送时为 CRLF；应对发送的字节签名", "lines ended in LF when the body was signed and in CRLF when it was sent; sign the bytes that are sent", func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n")) }},
	{"line-ends", "签名时换行为 CRLF，发送时为 LF；应对发送的字节签名", "lines ended in CRLF when the body was signed and in LF when it was sent; sign the bytes that are sent", func(b []byte) []byte {
		return bytes.ReplaceAll(bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n")), []byte("\n"), []byte("\r\n"))
	}},
}

func plus(b []byte, end string) []byte { return append(b[:len(b):len(b)], end...) }

// jsonMistakes are bodies that were written anew between signing and sending:
// each order of the keys, each spacing, each way to escape.
func jsonMistakes(body []byte) []mistake {
	text := bytes.TrimPrefix(body, []byte(bom))
	gbk := !utf8.Valid(text)
	if gbk {
		var err error
		if text, err = toUTF8(text, "gbk"); err != nil {
			return nil
		}
	}
	inside := bytes.TrimSpace(bytes.TrimPrefix(body, []byte(bom)))
	var list []mistake
	for _, order := range keyOrders {
		for _, space := range spacings {
			formatted, err := jsontext.AppendFormat(nil, text, append(append([]jsontext.Options{jsontext.AllowDuplicateNames(true)}, order.how...), space.how...)...)
			if err != nil {
				return nil
			}
			for _, escape := range escapes {
				written := escape.how(formatted)
				if gbk {
					if written, err = fromUTF8(written, "gbk"); err != nil {
						continue
					}
				}
				if bytes.Equal(written, body) || bytes.Equal(written, inside) {
					continue // the edges have mistakes of their own
				}
				f := finding("body-rewritten", "签名之后请求体被重新序列化：签名时的 JSON %[1]s；应先序列化一次，对同样的字节签名并发送",
					"the JSON was written anew between signing and sending: it was signed %[2]s; write it once, then sign and send the same bytes",
					order.zh+"、"+space.zh+escape.zh, order.en+", "+space.en+escape.en)
				list = append(list, mistake{f, "body", func(r *reading) bool { r.body = written; return true }})
			}
		}
	}
	return list
}

type jsonStyle struct {
	zh, en string
	how    []jsontext.Options
}

var (
	keyOrders = []jsonStyle{
		{"键的次序相同", "with the keys in this order", nil},
		{"键按字母排序", "with the keys sorted", []jsontext.Options{jsontext.ReorderRawObjects(true)}},
	}
	spacings = []jsonStyle{
		{"不带空白", "without white space", nil},
		{"逗号与冒号后有空格", "with a space after commas and colons", []jsontext.Options{jsontext.SpaceAfterColon(true), jsontext.SpaceAfterComma(true)}},
		{"缩进 2 格", "indented by 2", []jsontext.Options{jsontext.WithIndent("  ")}},
		{"缩进 4 格", "indented by 4", []jsontext.Options{jsontext.WithIndent("    ")}},
		{"以制表符缩进", "indented by tabs", []jsontext.Options{jsontext.WithIndent("\t")}},
	}
	escapes = []struct {
		zh, en string
		how    func([]byte) []byte
	}{
		{"", "", func(b []byte) []byte { return b }},
		{"、非 ASCII 字符转义为 \\uXXXX", ", other characters than ASCII as \\uXXXX", func(b []byte) []byte { return escaped(b, "%04x", false) }},
		{"、非 ASCII 字符转义为大写的 \\uXXXX", ", other characters than ASCII as \\uXXXX in capitals", func(b []byte) []byte { return escaped(b, "%04X", false) }},
		{"、斜杠转义为 \\/", ", slashes as \\/", slashed},
		{"、斜杠转义为 \\/、非 ASCII 字符转义为 \\uXXXX", ", slashes as \\/ and other characters than ASCII as \\uXXXX", func(b []byte) []byte { return slashed(escaped(b, "%04x", false)) }},
		{"、< > & 转义为 \\uXXXX", ", < > & as \\uXXXX", func(b []byte) []byte { return escaped(b, "%04x", true) }},
	}
)

// slashed and escaped change only what stands in strings: JSON has no slashes
// and nothing beyond ASCII elsewhere.
func slashed(text []byte) []byte { return bytes.ReplaceAll(text, []byte("/"), []byte(`\/`)) }

func escaped(text []byte, form string, html bool) []byte {
	var b strings.Builder
	for _, c := range string(text) {
		switch {
		case html && (c == '<' || c == '>' || c == '&'), !html && c >= utf8.RuneSelf && c <= 0xffff:
			fmt.Fprintf(&b, `\u`+form, c)
		case !html && c > 0xffff:
			high, low := utf16.EncodeRune(c)
			fmt.Fprintf(&b, `\u`+form+`\u`+form, high, low)
		default:
			b.WriteRune(c)
		}
	}
	return []byte(b.String())
}
