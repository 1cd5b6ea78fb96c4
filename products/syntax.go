package products

import (
	"regexp"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/chudan-io/chudan/policy"
)

// maxLocated is the largest file whose syntax errors are located exactly; it
// takes some 16 readings of the file.
const maxLocated = 64 << 10

var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

// noteSyntax notes that a file is no YAML. The line that yaml.v3 tells is often
// one too many or where an unfinished block began, and it knows no column. So
// the place is the end of the shortest beginning of the file that already
// fails in the same way.
func (f *file) noteSyntax(data []byte, err error) {
	said := err.Error()
	head := yamlLine.FindString(said)
	if len(data) > maxLocated {
		line := 1
		if m := yamlLine.FindStringSubmatch(said); m[1] != "" {
			line, _ = strconv.Atoi(m[1])
		}
		f.noteYAML(min(line, len(f.lines)), 1, said[len(head):])
		return
	}
	// A line before the first one keeps yaml.v3 from leaving line numbers out.
	shifted := append([]byte("\n"), data...)
	_, _, err = decodeYAML(shifted)
	end := sort.Search(len(data), func(n int) bool {
		for n < len(data) && !utf8.RuneStart(data[n]) {
			n++
		}
		_, _, e := decodeYAML(shifted[:n+1])
		return e != nil && err != nil && e.Error() == err.Error()
	})
	before := strings.ReplaceAll(string(data[:end]), "\r\n", "\n")
	if strings.HasSuffix(before, "\n") && end < len(data) {
		before = before[:len(before)-1] // the break itself is never what is wrong
	}
	line := strings.Count(before, "\n") + 1
	col := utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])
	f.noteYAML(line, max(col, 1), said[len(head):])
}

// noteYAML tells what yaml.v3 said in words for people who are no programmers.
func (f *file) noteYAML(line, col int, said string) {
	code := codeSyntax
	message := policy.Text{ZH: "不是合法的 YAML：" + said, EN: "not valid YAML: " + said}
	hint := policy.Text{}
	for _, m := range yamlMessages {
		if strings.Contains(said, m.said) {
			code, message, hint = m.code, m.message, m.hint
			break
		}
	}
	width := 1
	if m := unknownAnchor.FindStringSubmatch(said); m != nil { // known at the end of the name
		width = utf8.RuneCountInString(m[1]) + 1
		col = max(col-width+1, 1)
	}
	if code == codeSyntax {
		if better := hintLine(f.lines[line-1]); better != (policy.Text{}) && !strings.Contains(said, "alphabetic or numeric") { // which knows its mark
			hint = better
		}
	}
	f.note(line, col, width, code, message, hint)
}

var (
	hintQuote  = policy.Text{ZH: "含“冒号加空格”的文本请整个加引号；并检查缩进与上一行冒号后的空格", EN: "put a text that holds a colon and a space into quotes; check the indentation, and the space after the colon of the line above"}
	hintIndent = policy.Text{ZH: "请检查缩进：同一层的键左端对齐", EN: "check the indentation: keys of one level begin in one column"}
	hintStart  = policy.Text{ZH: "请将整个文本放进引号", EN: "put the whole text into quotes"}
)

// yamlMessages are the messages of yaml.v3 that people meet.
var yamlMessages = []struct {
	said          string
	code          string
	message, hint policy.Text
}{
	{"mapping values are not allowed", codeSyntax, policy.Text{ZH: "此处不能有“键: 值”", EN: "no key: value can stand here"}, hintQuote},
	{"could not find expected ':'", codeSyntax, policy.Text{ZH: "应为“键: 值”，未找到冒号加空格", EN: "want key: value, found no colon followed by a space"}, policy.Text{ZH: "冒号须为半角，后跟一个空格", EN: "the colon is a plain one, with a space after it"}},
	{"did not find expected key", codeSyntax, policy.Text{ZH: "此处应为键", EN: "want a key here"}, hintIndent},
	{"did not find expected '-' indicator", codeSyntax, policy.Text{ZH: "此处应为以 - 开头的列表项", EN: "want an item of the list here, beginning with -"}, hintIndent},
	{"did not find expected ',' or ']'", codeSyntax, policy.Text{ZH: "列表 [ 未闭合，或缺少逗号", EN: "the list that [ opens is not closed, or a comma is missing"}, policy.Text{}},
	{"did not find expected ',' or '}'", codeSyntax, policy.Text{ZH: "映射 { 未闭合，或缺少逗号", EN: "the mapping that { opens is not closed, or a comma is missing"}, policy.Text{}},
	{"found unexpected end of stream", codeSyntax, policy.Text{ZH: "引号未闭合", EN: "the quotes that open here are never closed"}, policy.Text{}},
	{"found unexpected document indicator", codeSyntax, policy.Text{ZH: "引号未闭合", EN: "quotes are never closed"}, policy.Text{}},
	{"found unknown escape character", codeSyntax, policy.Text{ZH: "双引号内的反斜杠后字符不被识别", EN: "an unknown escape in double quotes"}, policy.Text{ZH: "请改用单引号", EN: "use single quotes"}},
	{"hexdecimal number", codeSyntax, policy.Text{ZH: "双引号内的转义不完整", EN: "an escape in double quotes is not complete"}, policy.Text{ZH: "请改用单引号", EN: "use single quotes"}},
	{"expected alphabetic or numeric character", codeSyntax, policy.Text{ZH: "文本不能以 * 或 & 开头", EN: "no text can begin with * or &"}, policy.Text{ZH: "请加引号：'*'", EN: "put it into quotes: '*'"}},
	{"cannot start any token", codeSyntax, policy.Text{ZH: "文本不能以该字符开头", EN: "no text can begin with this character"}, hintStart},
	{"did not find expected node content", codeSyntax, policy.Text{ZH: "此处应为值", EN: "want a value here"}, policy.Text{}},
	{"did not find expected comment or line break", codeSyntax, policy.Text{ZH: "| 或 > 之后本行不能有内容", EN: "nothing may follow | or > on its line"}, policy.Text{ZH: "请从下一行写起并缩进；以 | 或 > 开头的文本请加引号", EN: "begin on the next line, indented; a text that begins with | or > needs quotes"}},
	{"block sequence entries are not allowed", codeSyntax, policy.Text{ZH: "列表项 - 应另起一行", EN: "a - begins an item of a list on a line of its own"}, policy.Text{ZH: "单行列表请写 [a, b]", EN: "a list in one line is written [a, b]"}},
	{"directive", codeFeature, policy.Text{ZH: "不接受 YAML 指令（%）", EN: "no YAML directives (%)"}, policy.Text{ZH: "以 % 开头的文本请加引号", EN: "a text that begins with % needs quotes"}},
	{"unknown anchor", codeFeature, policy.Text{ZH: "不接受 YAML 别名（*）", EN: "no YAML aliases (*)"}, policy.Text{ZH: "以 * 开头的文本请加引号", EN: "a text that begins with * needs quotes"}},
	{"exceeded max depth", codeTooDeep, policy.Text{ZH: "嵌套过深", EN: "nested too deeply"}, policy.Text{}},
}

var (
	unknownAnchor = regexp.MustCompile(`^unknown anchor '(.*)' referenced$`)

	wideColon  = regexp.MustCompile(`^ *(?:- +)?[^\s:：]+：`)
	tightColon = regexp.MustCompile(`^ *(?:- +)?[\w.]+:[^\s:]`)
	markedText = regexp.MustCompile("^[^:]*: +(?:([\"'])[^\"']*[\"'] *[^ #]|([{%@`*&!|>]))")
)

// hintLine finds what is probably wrong with a line that is no YAML: a colon
// typed with a Chinese keyboard or without a space, or a value that begins with
// a mark of YAML's own and is meant as text.
func hintLine(line string) (hint policy.Text) {
	if wideColon.MatchString(line) {
		return hintFullWidth("：")
	}
	if tightColon.MatchString(line) {
		return policy.Text{ZH: "冒号后需要一个空格", EN: "a space is needed after the colon"}
	}
	if m := markedText.FindStringSubmatch(line); m != nil {
		mark := m[1] + m[2]
		hint.ZH = "以 " + mark + " 开头的文本请整个放进引号"
		hint.EN = "put a text that begins with " + mark + " into quotes as a whole"
		if m[1] != "" {
			hint.ZH += "，内外用不同的引号"
			hint.EN += ", of the other kind than those inside"
		}
	}
	return hint
}
