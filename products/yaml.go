package products

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/chudan-io/chudan/policy"
)

// This file is the only one that knows yaml.v3: frozen, and known to panic on
// some input. It reads a document into yaml's own tree, never into maps, and
// hands on a tree of ours, without what nobody needs to write down a product.

// maxDepth is how deep values may be nested; an edition needs five levels.
const maxDepth = 16

// parse reads the one document of a file. It answers nil where the file
// cannot be understood; what is wrong is noted in either case.
func (f *file) parse() *node {
	if len(f.problems) > 0 || !f.checkCharacters() {
		return nil
	}
	data := bytes.TrimPrefix(f.data, []byte(byteOrderMark))
	root, second, err := decodeYAML(data)
	switch {
	case errors.Is(err, io.EOF):
		f.note(1, 1, 1, codeDocument, policy.Text{ZH: "文件为空", EN: "the file is empty"}, policy.Text{})
		return nil
	case err != nil:
		f.noteSyntax(data, err)
		return nil
	case second != nil:
		f.note(second.Line, second.Column, 1, codeDocument,
			policy.Text{ZH: "第二个 YAML 文档", EN: "a second document"},
			policy.Text{ZH: "每个文件只写一个文档，请删除 ---", EN: "one document a file: take the --- out"})
	}
	return f.convert(root.Content[0], maxDepth)
}

// decodeYAML reads the first document of data, and the second where there is
// one.
func decodeYAML(data []byte) (first, second *yaml.Node, err error) {
	defer func() {
		if r := recover(); r != nil {
			first, second, err = nil, nil, fmt.Errorf("yaml: %v", r)
		}
	}()
	d := yaml.NewDecoder(bytes.NewReader(data))
	first, second = new(yaml.Node), new(yaml.Node)
	if err := d.Decode(first); err != nil {
		return nil, nil, err
	}
	switch err := d.Decode(second); {
	case errors.Is(err, io.EOF):
		return first, nil, nil
	case err != nil:
		return nil, nil, err
	}
	return first, second, nil
}

// convert makes our tree of yaml's. An alias is refused and never followed, so
// that a bomb of aliases stays as small as its text.
func (f *file) convert(y *yaml.Node, depth int) *node {
	n := &node{line: y.Line, col: y.Column}
	switch {
	case depth == 0:
		f.refuse(n, codeTooDeep, policy.Text{ZH: "嵌套过深", EN: "nested too deeply"}, policy.Text{})
		n.kind = refused
		return n
	case y.Kind == yaml.AliasNode:
		f.note(y.Line, y.Column, 1+utf8.RuneCountInString(y.Value), codeFeature, policy.Text{ZH: "不接受 YAML 别名（*）", EN: "no YAML aliases (*)"},
			policy.Text{ZH: "请写出该值；以 * 开头的文本请加引号", EN: "write the value out; a text that begins with * needs quotes"})
		n.kind = refused
		return n
	case y.Anchor != "":
		f.note(y.Line, y.Column, 1+utf8.RuneCountInString(y.Anchor), codeFeature, policy.Text{ZH: "不接受 YAML 锚点（&）", EN: "no YAML anchors (&)"},
			policy.Text{ZH: "请去掉；以 & 开头的文本请加引号", EN: "take it out; a text that begins with & needs quotes"})
	case y.Style&yaml.TaggedStyle != 0 || f.at(y.Line, y.Column) == '!':
		f.note(y.Line, y.Column, 1, codeFeature, policy.Text{ZH: "不接受 YAML 标签（!）", EN: "no YAML tags (!)"},
			policy.Text{ZH: "请去掉；以 ! 开头的文本请加引号", EN: "take it out; a text that begins with ! needs quotes"})
	}
	switch y.Kind {
	case yaml.SequenceNode:
		n.kind = list
		for _, item := range y.Content {
			n.items = append(n.items, f.convert(item, depth-1))
		}
	case yaml.MappingNode:
		n.kind = mapping
		f.convertEntries(n, y.Content, depth-1)
	default:
		n.text, n.style = y.Value, styleOf(y)
	}
	return n
}

func (f *file) convertEntries(n *node, content []*yaml.Node, depth int) {
	seen := make(map[string]*node, len(content)/2)
	for i := 0; i+1 < len(content); i += 2 {
		if content[i].Kind != yaml.ScalarNode {
			f.refuse(f.convert(content[i], depth), codeFeature, policy.Text{ZH: "键应为文本", EN: "a key must be a text"},
				policy.Text{ZH: "以 {、[ 或 * 开头的文本请加引号", EN: "a text that begins with {, [ or * needs quotes"})
			continue
		}
		if content[i].Tag == "!!merge" {
			f.refuse(&node{line: content[i].Line, col: content[i].Column, text: "<<"}, codeFeature,
				policy.Text{ZH: "不接受 YAML 合并键（<<）", EN: "no YAML merge keys (<<)"}, policy.Text{ZH: "请写出各个键", EN: "write the keys out"})
			continue
		}
		key, value := f.convert(content[i], depth), f.convert(content[i+1], depth)
		if key.text == "" {
			f.refuse(key, codeEmpty, policy.Text{ZH: "键为空", EN: "the key is empty"}, policy.Text{})
			continue
		}
		if first, twice := seen[key.text]; twice {
			f.refuse(key, codeDuplicate,
				policy.Text{ZH: fmt.Sprintf("%s 重复，首次出现在第 %d 行", shown(key.text), first.line), EN: fmt.Sprintf("%s stands twice, first in line %d", shown(key.text), first.line)},
				policy.Text{})
			continue
		}
		seen[key.text] = key
		n.entries = append(n.entries, entry{key, value})
	}
}

func styleOf(y *yaml.Node) style {
	switch {
	case y.Tag == "!!null":
		return absent
	case y.Style&yaml.SingleQuotedStyle != 0:
		return singleQuoted
	case y.Style&yaml.DoubleQuotedStyle != 0:
		return doubleQuoted
	case y.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		return block
	}
	return plain
}
