package products

import (
	"cmp"
	"slices"
	"strings"

	"github.com/chudan-io/chudan/policy"
)

// A read takes a value from a node of a file and notes what is wrong with it.
// What cannot be read leaves the default where it was.
type read func(*node)

// key is one key that a mapping may have.
type key struct {
	name     string
	required bool
	read     read
}

// mapping reads a mapping with these keys and no others.
func (f *file) mapping(n *node, keys ...key) {
	if !f.is(n, mapping) {
		return
	}
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = k.name
	}
	found := make([]string, 0, len(n.entries))
	for _, e := range n.entries {
		i := slices.Index(names, e.key.text)
		if i < 0 {
			found = append(found, f.unknownKey(n, e, names))
			continue
		}
		keys[i].read(e.value)
		found = append(found, e.key.text)
	}
	var missing []string
	for _, k := range keys {
		if k.required && !slices.Contains(found, k.name) {
			missing = append(missing, k.name)
		}
	}
	if len(missing) > 0 {
		f.note(n.line, n.col, 1, codeMissingKey,
			policy.Text{ZH: "缺少 " + strings.Join(missing, "、"), EN: "missing here: " + strings.Join(missing, ", ")}, policy.Text{})
	}
}

// unknownKey notes a key that is none of names, and tells which of them was
// probably meant: it is then not missed as well.
func (f *file) unknownKey(in *node, e entry, names []string) (meantKey string) {
	if f.full() {
		return ""
	}
	n := e.key
	typed, _, _ := strings.Cut(n.text, "：")
	hint := hintFullWidth(n.text)
	if meantKey = likely(typed, names); meantKey != "" {
		hint = cmp.Or(hint, meant(meantKey))
	}
	if e.value.style == absent && e.value.text == "" && f.at(in.line, in.col) == '{' && n != in.entries[0].key {
		hint = cmp.Or(hint, policy.Text{ZH: "花括号内含逗号的文本请整个加引号", EN: "between braces, put a text that holds a comma into quotes"})
	}
	hint = cmp.Or(hint, home(n.text, f.homes), oneOf(names))
	f.refuse(n, codeUnknownKey, policy.Text{ZH: "未知的键 " + shown(n.text), EN: "unknown key " + shown(n.text)}, hint)
	return meantKey
}

// maxChoices is how many words a hint lists.
const maxChoices = 30

// oneOf lists what there is to choose from.
func oneOf(words []string) policy.Text {
	if len(words) > maxChoices {
		words = append(slices.Clone(words[:maxChoices]), "…")
	}
	return policy.Text{ZH: "可用：" + strings.Join(words, "、"), EN: "one of " + strings.Join(words, ", ")}
}

var kinds = [...]policy.Text{
	scalar:  {ZH: "单个值", EN: "a single value"},
	list:    {ZH: "列表", EN: "a list"},
	mapping: {ZH: "映射（键: 值）", EN: "a mapping (key: value)"},
}

// is tells whether a node is of a kind, and notes it where it is not.
func (f *file) is(n *node, want kind) bool {
	if n.kind == refused {
		return false
	}
	if n.kind == scalar && n.style == absent {
		f.refuse(n, codeEmpty,
			policy.Text{ZH: "值为空，应为" + kinds[want].ZH, EN: "there is no value; want " + kinds[want].EN},
			policy.Text{ZH: "不需要时请删除整个键", EN: "where it is not needed, take the key out"})
		return false
	}
	if n.kind != want {
		f.refuse(n, codeType, policy.Text{ZH: "应为" + kinds[want].ZH, EN: "want " + kinds[want].EN}, hintFullWidth(n.text))
		return false
	}
	return true
}

// word is the text of a scalar that is not empty.
func (f *file) word(n *node) (text string, ok bool) {
	if !f.is(n, scalar) {
		return "", false
	}
	if text = n.value(); text == "" {
		f.refuse(n, codeEmpty, policy.Text{ZH: "文本为空", EN: "the text is empty"}, policy.Text{})
	}
	return text, text != ""
}

// bad notes that a word is not what it should be. Marks of a Chinese keyboard
// are the first thing to look for.
func (f *file) bad(n *node, code string, message, hint policy.Text) {
	if wide := hintFullWidth(n.text); wide != (policy.Text{}) {
		hint = wide
	}
	f.refuse(n, code, message, hint)
}
