package products

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/chudan-io/chudan/policy"
)

// sheetSpaces are blank, and come with what is pasted into spreadsheets.
const sheetSpaces = "\t\u00a0\u202f"

// decode makes text of the file's bytes.
func (s *sheet) decode() (ok bool) {
	f := s.file
	data := bytes.TrimPrefix(f.data, []byte(byteOrderMark))
	wrong := func(zh, en string) bool {
		f.note(1, 1, 1, codeEncoding, policy.Text{ZH: zh, EN: en}, policy.Text{ZH: "请另存为“CSV UTF-8（逗号分隔）”", EN: "save it as “CSV UTF-8 (comma delimited)”"})
		f.problems[0].Source = ""
		return false
	}
	switch {
	case len(f.problems) > 0:
		return false
	case len(data) > maxFile:
		f.note(0, 0, 0, codeTooLarge, policy.Text{ZH: "文件超过 1 MiB", EN: "the file is over 1 MiB"}, policy.Text{})
		return false
	case bytes.HasPrefix(data, []byte("PK\x03\x04")), bytes.HasPrefix(data, []byte("\xd0\xcf\x11\xe0")):
		return wrong("这是 Excel 工作簿，不是 CSV", "this is an Excel workbook, not CSV")
	case bytes.HasPrefix(data, []byte("\xff\xfe")), bytes.HasPrefix(data, []byte("\xfe\xff")):
		return wrong("这是 UTF-16 文本，不是 UTF-8 或 GBK", "this is text in UTF-16, neither UTF-8 nor GBK")
	}
	if !utf8.Valid(data) {
		data, _ = simplifiedchinese.GBK.NewDecoder().Bytes(data) // what is no GBK becomes U+FFFD
	}
	s.text = string(data)
	f.lines = newFile(f.name, data).lines
	for i, line := range f.lines {
		col := 0
		for _, r := range line {
			col++
			switch {
			case r == utf8.RuneError:
				f.note(i+1, col, 1, codeEncoding, policy.Text{ZH: "既不是合法的 UTF-8，也不是合法的 GBK", EN: "neither valid UTF-8 nor valid GBK"},
					policy.Text{ZH: "请另存为“CSV UTF-8（逗号分隔）”", EN: "save it as “CSV UTF-8 (comma delimited)”"})
				return false
			case invisible(r) && !strings.ContainsRune(sheetSpaces, r):
				f.note(i+1, col, 1, codeCharacter, policy.Text{ZH: fmt.Sprintf("不可见字符 U+%04X", r), EN: fmt.Sprintf("the invisible character U+%04X", r)},
					policy.Text{ZH: "请删除后重新输入，多由复制粘贴带入", EN: "delete it and type the place anew; it comes with pasted text"})
				return false
			}
		}
	}
	return true
}
