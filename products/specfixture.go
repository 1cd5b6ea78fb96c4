package products

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"unicode/utf8"

	"github.com/chudan-io/chudan/policy"
)

// readFixtures reads requests by name: each a JSON file beside the tests.
func (r *specReader) readFixtures(n *node) {
	if !r.is(n, mapping) {
		return
	}
	for _, e := range n.entries {
		r.fixtures[e.key.text] = nil
		name, ok := r.word(e.value)
		if !ok {
			continue
		}
		full := path.Join(r.dir, name)
		if path.IsAbs(name) || !strings.HasPrefix(full, r.dir+"/") {
			r.refuse(e.value, codeFixture, policy.Text{ZH: "应位于产品目录内", EN: "must lie in the product's directory"},
				policy.Text{ZH: "如 testdata/sample.json", EN: "such as testdata/sample.json"})
			continue
		}
		f := readFile(r.fsys, full)
		if len(f.problems) > 0 {
			r.refuse(e.value, codeFixture, f.problems[0].Message, policy.Text{})
			continue
		}
		if request := (&fixture{file: f}).read(); len(f.problems) == 0 {
			r.fixtures[e.key.text] = request
		}
		r.beside = append(r.beside, f.problems...)
	}
}

// fixture is a request in JSON, read token by token, so that nothing in it is
// passed over: not a field that the page does not have, not one that stands
// twice. A channel may be more lenient; a fixture is written by its readers.
type fixture struct {
	*file
	tokens   *json.Decoder
	from, to int // of the token that was read last, in bytes
	request  policy.Request
}

// errStop ends the reading after something that makes the rest unreadable; it
// is noted already.
var errStop = errors.New("noted")

func (x *fixture) read() *policy.Request {
	switch bad := firstInvalidLine(x.lines); {
	case len(x.data) > maxFile:
		x.note(0, 0, 0, codeTooLarge, policy.Text{ZH: "文件超过 1 MiB", EN: "the file is over 1 MiB"}, policy.Text{})
		return nil
	case bad > 0:
		x.note(bad, 1+firstInvalid(x.lines[bad-1]), 1, codeEncoding, policy.Text{ZH: "不是合法的 UTF-8", EN: "not valid UTF-8"}, policy.Text{})
		return nil
	case bytes.HasPrefix(x.data, []byte(byteOrderMark)):
		x.note(1, 1, 1, codeEncoding, policy.Text{ZH: "文件以字节顺序标记（BOM）开头", EN: "the file begins with a byte order mark"}, policy.Text{})
		return nil
	}
	x.tokens = json.NewDecoder(bytes.NewReader(x.data))
	x.tokens.UseNumber()
	err := x.whole()
	if err != nil && !errors.Is(err, errStop) {
		x.here(policy.Text{ZH: fmt.Sprintf("不是合法的 JSON：%v", err), EN: fmt.Sprintf("not valid JSON: %v", err)}, policy.Text{})
	}
	return &x.request
}

func firstInvalidLine(lines []string) int {
	for i, line := range lines {
		if !utf8.ValidString(line) {
			return i + 1
		}
	}
	return 0
}

// whole reads one object and nothing after it.
func (x *fixture) whole() error {
	first, err := x.next()
	if err != nil {
		return err
	}
	if first != json.Delim('{') {
		x.here(policy.Text{ZH: "应为 JSON 对象 {…}", EN: "want a JSON object {…}"}, policy.Text{})
		return errStop
	}
	if err := x.object(""); err != nil {
		return err
	}
	if _, err := x.next(); !errors.Is(err, io.EOF) {
		x.here(policy.Text{ZH: "对象之后还有内容", EN: "something follows the object"}, policy.Text{})
	}
	return nil
}

// object reads the members of an object up to its end.
func (x *fixture) object(prefix string) error {
	seen := make(map[string]bool)
	for x.tokens.More() {
		token, err := x.next()
		if err != nil {
			return err
		}
		name, _ := token.(string) // a member begins with nothing else
		if seen[name] {
			x.here(policy.Text{ZH: prefix + shown(name) + " 重复", EN: prefix + shown(name) + " stands twice"}, policy.Text{})
		}
		seen[name] = true
		if err := x.member(prefix + name); err != nil {
			return err
		}
	}
	_, err := x.next()
	return err
}

// member reads the value of a field or an object of the page.
func (x *fixture) member(path string) error {
	field, known := policy.FieldNamed(path)
	object := policy.IsObject(path)
	if !known && !object {
		x.here(policy.Text{ZH: "接口文档中没有字段 " + shown(path), EN: "the API page has no field " + shown(path)}, x.did(path, pagePaths()))
	}
	token, err := x.next()
	if err != nil {
		return err
	}
	switch v := token.(type) {
	case json.Delim:
		if v == '{' && object {
			return x.object(path + ".")
		}
		x.here(policy.Text{ZH: path + "：应为文本", EN: path + ": want a text"}, policy.Text{})
		return errStop
	case string:
		if known {
			field.SetText(&x.request, v)
		} else if object && v != "" {
			x.here(policy.Text{ZH: path + "：应为对象", EN: path + ": want an object"}, policy.Text{})
		}
	case json.Number:
		if known && field.Form == policy.FormNumber {
			field.SetText(&x.request, v.String())
		} else if known {
			x.here(policy.Text{ZH: path + "：应为文本，不是数值", EN: path + ": want a text, not a number"}, meant(shown(`"`+v.String()+`"`)))
		}
	case bool:
		x.here(policy.Text{ZH: path + "：应为文本", EN: path + ": want a text"}, policy.Text{})
	case nil: // absent
	}
	return nil
}

// next reads a token; from is where it begins, also where it is none.
func (x *fixture) next() (json.Token, error) {
	x.from = int(x.tokens.InputOffset())
	for x.from < len(x.data) && strings.IndexByte(" \t\r\n,:", x.data[x.from]) >= 0 {
		x.from++
	}
	x.to = x.from
	token, err := x.tokens.Token()
	if err == nil {
		x.to = int(x.tokens.InputOffset())
	}
	return token, err
}

// here notes a problem of the token that was read last.
func (x *fixture) here(message, hint policy.Text) {
	if x.full() {
		return
	}
	before := strings.ReplaceAll(string(x.data[:x.from]), "\r\n", "\n")
	line := strings.Count(before, "\n")
	col := utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])
	x.note(line+1, col+1, utf8.RuneCount(x.data[x.from:x.to]), codeFixture, message, hint)
}
