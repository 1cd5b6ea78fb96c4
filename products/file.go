package products

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/chudan-io/chudan/policy"
)

const (
	maxFile       = 1 << 20
	maxProblems   = 200
	maxSource     = 4096 // bytes of a line that is shown
	byteOrderMark = "\ufeff"
)

// file is one file, and what is wrong with it.
type file struct {
	name     string
	data     []byte
	lines    []string // without their ends
	problems Problems

	lastLine int // see row
	lastRow  []rune

	homes  []string                // where keys belong that stand elsewhere: premium.rate
	beside func(name string) *file // reads another file of the same directory; nil where there is none
}

func newFile(name string, data []byte) *file {
	text := strings.ReplaceAll(strings.TrimPrefix(string(data), byteOrderMark), "\r\n", "\n")
	return &file{name: name, data: data, lines: strings.Split(text, "\n")}
}

// readFile reads a file of the directory; the problems tell where it cannot
// be used.
func readFile(fsys fs.FS, name string) *file {
	f := &file{name: name}
	beside := func(other string) *file { return readFile(fsys, path.Join(path.Dir(name), other)) }
	opened, err := fsys.Open(name)
	if err != nil {
		f.problems = Problems{unreadable(name, err)}
		return f
	}
	defer opened.Close()
	data, err := io.ReadAll(io.LimitReader(opened, maxFile+1))
	if err != nil {
		f.problems = Problems{unreadable(name, err)}
		return f
	}
	f = newFile(name, data)
	f.beside = beside
	return f
}

// digest is the SHA-256 of what an edition consists of, in hex.
func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// full tells whether more problems are told already than are listed.
func (f *file) full() bool { return len(f.problems) > maxProblems }

// note adds a problem at a place of the file; line 0 is the file as a whole.
func (f *file) note(line, col, width int, code string, message, hint policy.Text) {
	switch n := len(f.problems); {
	case n > maxProblems:
		return
	case n == maxProblems:
		code, hint = codeTooMany, policy.Text{}
		message = policy.Text{ZH: "问题过多，其余未列出", EN: "too many problems; the rest is not listed"}
	}
	p := Problem{File: f.name, Line: line, Col: col, Width: max(width, 1), Code: code, Message: bearable(message), Hint: bearable(hint)}
	if line >= 1 && line <= len(f.lines) && len(f.lines[line-1]) <= maxSource {
		p.Source = f.lines[line-1]
	}
	f.problems = append(f.problems, p)
}

// maxMessage is the length of a message in bytes: one may quote a cell of a
// million characters.
const maxMessage = 4096

// bearable is a text of bearable length.
func bearable(t policy.Text) policy.Text {
	for _, text := range []*string{&t.ZH, &t.EN} {
		if len(*text) > maxMessage {
			*text = strings.ToValidUTF8((*text)[:maxMessage], "") + "…"
		}
	}
	return t
}

// checkCharacters refuses what a person cannot see, and what would make lines
// and columns differ from those of an editor. It tells whether the rest of the
// file can be understood.
func (f *file) checkCharacters() (ok bool) {
	if len(f.data) > maxFile {
		f.note(0, 0, 0, codeTooLarge, policy.Text{ZH: "文件超过 1 MiB", EN: "the file is over 1 MiB"}, policy.Text{})
		return false
	}
	if bytes.HasPrefix(f.data, []byte(byteOrderMark)) {
		f.note(1, 1, 1, codeEncoding,
			policy.Text{ZH: "文件以字节顺序标记（BOM）开头", EN: "the file begins with a byte order mark"},
			policy.Text{ZH: "请以“UTF-8 无 BOM”保存", EN: "save it as UTF-8 without BOM"})
	}
	ok = true
	for i, line := range f.lines {
		if !utf8.ValidString(line) {
			f.note(i+1, 1+firstInvalid(line), 1, codeEncoding,
				policy.Text{ZH: "不是合法的 UTF-8", EN: "not valid UTF-8"},
				policy.Text{ZH: "请以 UTF-8（无 BOM）重新保存，常见原因是 GBK 编码", EN: "save the file as UTF-8 without a byte order mark; often it is GBK"})
			return false
		}
		ok = f.checkLine(i+1, line) && ok
	}
	return ok
}

func firstInvalid(line string) int {
	n := 0
	for rest := line; ; n++ {
		r, size := utf8.DecodeRuneInString(rest)
		if r == utf8.RuneError && size <= 1 {
			return n
		}
		rest = rest[size:]
	}
}

func (f *file) checkLine(number int, line string) (ok bool) {
	col, indent := 0, true
	for _, r := range line {
		col++
		switch {
		case r == '\t':
			if indent {
				f.note(number, col, 1, codeTab,
					policy.Text{ZH: "缩进含制表符", EN: "a tab in the indentation"},
					policy.Text{ZH: "请用空格缩进（每层两个）", EN: "indent with spaces, two for each level"})
				return false
			}
		case invisible(r):
			f.note(number, col, 1, codeCharacter,
				policy.Text{ZH: fmt.Sprintf("不可见字符 U+%04X", r), EN: fmt.Sprintf("the invisible character U+%04X", r)},
				policy.Text{ZH: "请删除后重新输入，多由复制粘贴带入", EN: "delete it and type the place anew; it comes with pasted text"})
			return false
		}
		indent = indent && r == ' '
	}
	return true
}

// invisible characters look like nothing or like a plain space, and some of
// them (U+2028) are line breaks to YAML and to no editor.
func invisible(r rune) bool {
	return unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co) ||
		r == '\u00a0' || r == '\u202f' || r == utf8.RuneError
}
