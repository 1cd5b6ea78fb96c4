package qimen

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"strings"

	"github.com/chudan-io/chudan/policy"
)

// Capture is a request as it was caught on its way: what [Capture.Diagnose]
// looks at. The signature is over its raw bytes, so that nothing of it may have
// been decoded.
type Capture struct {
	Method string
	Query  string // raw, sign and all
	Header http.Header
	Body   []byte
}

// MaxCapture bounds a capture, in bytes: four times what a [Handler] takes.
const MaxCapture = 256 << 10

// CaptureError tells in both languages why a text is no request.
type CaptureError struct{ policy.Text }

func (e *CaptureError) Error() string { return "qimen: " + e.EN }

func notCapture(zh, en string, values ...any) error {
	return &CaptureError{policy.Text{ZH: fmt.Sprintf(zh, values...), EN: fmt.Sprintf(en, values...)}}
}

// ParseCapture reads a request as HTTP/1.1 sends it: a request line, headers, an
// empty line and the body. Lines of the head may end as an editor leaves them;
// the body is all that follows, whatever its length is said to be, for the bytes
// that were lost or added are what is looked for. A chunked body is put
// together.
//
// The error is a *[CaptureError]. It quotes nothing of the capture.
func ParseCapture(text []byte) (*Capture, error) {
	if len(text) > MaxCapture {
		return nil, notCapture("报文超过 %d 字节", "the capture is over %d bytes", MaxCapture)
	}
	head, body, err := splitCapture(text)
	if err != nil {
		return nil, err
	}
	c := &Capture{Header: make(http.Header), Body: body}
	for n, line := range strings.Split(head, "\n") {
		if line = strings.TrimSuffix(line, "\r"); n == 0 {
			err = c.parseLine(strings.TrimPrefix(line, "\ufeff"))
		} else {
			err = c.parseHeader(n+1, line)
		}
		if err != nil {
			return nil, err
		}
	}
	if strings.EqualFold(c.Header.Get("Transfer-Encoding"), "chunked") {
		if c.Body, err = io.ReadAll(httputil.NewChunkedReader(bytes.NewReader(body))); err != nil {
			return nil, notCapture("头 Transfer-Encoding 为 chunked，但请求体不是完整的分块。若抓包工具已还原请求体，请删去这一行",
				"the header Transfer-Encoding says chunked, and the body is not whole chunks; delete that line if what caught it has put them together already")
		}
	}
	return c, nil
}

// splitCapture finds the empty line between head and body.
func splitCapture(text []byte) (head string, body []byte, err error) {
	for at := 0; ; {
		end := bytes.IndexByte(text[at:], '\n')
		if end < 0 {
			return "", nil, notCapture("没有空行：应为请求行、各请求头、一个空行、请求体", "there is no empty line: want the request line, the headers, an empty line and the body")
		}
		line := bytes.TrimSuffix(text[at:at+end], []byte{'\r'})
		if len(line) == 0 && at > 0 {
			return string(text[:at-1]), text[at+end+1:], nil
		}
		at += end + 1
	}
}

func (c *Capture) parseLine(line string) error {
	method, rest, _ := strings.Cut(line, " ")
	url, _, versioned := cutLast(rest, " HTTP/")
	if !versioned || method == "" || strings.ToUpper(method) != method || !isPrintable(line) {
		return notCapture("第 1 行：应为请求行，如 POST /qimen?timestamp=…&sign=… HTTP/1.1", "line 1: want a request line, such as POST /qimen?timestamp=…&sign=… HTTP/1.1")
	}
	_, query, _ := strings.Cut(url, "?")
	c.Method = method
	c.Query, _, _ = strings.Cut(query, "#")
	return nil
}

func (c *Capture) parseHeader(n int, line string) error {
	name, value, found := strings.Cut(line, ":")
	if !found || name == "" || strings.ContainsAny(name, " \t") || !isPrintable(line) {
		return notCapture("第 %d 行：应为请求头，如 Content-Type: application/json;charset=UTF-8（请求体之前应有一个空行）",
			"line %d: want a header, such as Content-Type: application/json;charset=UTF-8 (an empty line stands before the body)", n)
	}
	c.Header.Add(name, strings.Trim(value, " \t"))
	return nil
}

// isPrintable tells whether a line holds no control characters.
func isPrintable(line string) bool {
	for i := range len(line) {
		if line[i] < ' ' && line[i] != '\t' || line[i] == 0x7f {
			return false
		}
	}
	return true
}

func cutLast(s, separator string) (before, after string, found bool) {
	if i := strings.LastIndex(s, separator); i >= 0 {
		return s[:i], s[i+len(separator):], true
	}
	return s, "", false
}
