package products

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/chudan-io/chudan/policy"
)

// text reads any text into a place.
func (f *file) text(into *string) read {
	return func(n *node) {
		if text, ok := f.word(n); ok && f.fits(n) {
			*into = text
		}
	}
}

// maxText is the length of a title or message in characters.
const maxText = 256

// fits tells whether a text is one line of bearable length.
func (f *file) fits(n *node) bool {
	text := n.value()
	if i := strings.IndexByte(text, '\n'); i >= 0 {
		f.refuseWithin(n, utf8.RuneCountInString(text[:i]), 1, codeText,
			policy.Text{ZH: "文本含换行", EN: "the text has a line break"}, policy.Text{ZH: "多行书写请用 >", EN: "to write it over several lines use >"})
		return false
	}
	if length := utf8.RuneCountInString(text); length > maxText {
		f.refuse(n, codeText, policy.Text{
			ZH: fmt.Sprintf("文本过长：%d 个字符，最多 %d 个", length, maxText),
			EN: fmt.Sprintf("the text has %d characters, at most %d fit", length, maxText),
		}, policy.Text{})
		return false
	}
	return true
}

// label reads a text for people: Chinese alone, or {zh: …, en: …}.
func (f *file) label(into *policy.Text) read {
	return func(n *node) {
		if n.kind == mapping {
			f.mapping(n, key{"zh", true, f.text(&into.ZH)}, key{"en", true, f.text(&into.EN)})
			return
		}
		f.text(&into.ZH)(n)
	}
}

// grammar is how a kind of name is written.
type grammar struct {
	is   *regexp.Regexp
	want policy.Text
}

// named reads a name of a grammar.
func (f *file) named(into *string, g grammar) read {
	return func(n *node) {
		if text, ok := f.word(n); ok && f.follows(n, g) {
			*into = text
		}
	}
}

// follows tells whether a name is of its grammar.
func (f *file) follows(n *node, g grammar) bool {
	if g.is.MatchString(n.value()) {
		return true
	}
	hint := policy.Text{}
	if upper := strings.ToUpper(strings.NewReplacer("-", "_", " ", "_").Replace(n.value())); g.is.MatchString(upper) {
		hint = meant(upper)
	}
	f.bad(n, codeName, policy.Text{ZH: shown(n.text) + "：" + g.want.ZH, EN: shown(n.text) + ": " + g.want.EN}, hint)
	return false
}

// option is a word and what it means.
type option[T any] struct {
	word  string
	value T
}

// choice reads one of several words.
func choice[T any](f *file, into *T, options ...option[T]) read {
	return func(n *node) {
		text, ok := f.word(n)
		if !ok {
			return
		}
		for _, o := range options {
			if o.word == text {
				*into = o.value
				return
			}
		}
		words := wordsFor(options)
		want := oneOf(words)
		hint := f.did(text, words)
		f.bad(n, codeValue, policy.Text{ZH: shown(text) + " 不可用，" + want.ZH, EN: shown(text) + " is none of the choices; want " + want.EN}, hint)
	}
}

// wordsFor are the words of options.
func wordsFor[T any](options []option[T]) []string {
	words := make([]string, len(options))
	for i, o := range options {
		words[i] = o.word
	}
	return words
}

// boolean reads true or false.
func (f *file) boolean(into *bool) read {
	return choice(f, into, option[bool]{"true", true}, option[bool]{"false", false})
}

// each reads a list; one value may stand for a list of one. No text may stand
// in it twice.
func (f *file) each(item read) read {
	return func(n *node) {
		if n.kind == scalar && strings.ContainsAny(n.text, ",，、") {
			written := "[" + strings.Join(strings.FieldsFunc(n.value(), func(r rune) bool { return strings.ContainsRune(",，、 ", r) }), ", ") + "]"
			f.refuse(n, codeType, policy.Text{ZH: "应为" + kinds[list].ZH, EN: "want " + kinds[list].EN}, meant(shown(written)))
			return
		}
		if n.kind != list {
			item(n)
			return
		}
		if len(n.items) == 0 {
			f.refuse(n, codeEmpty, policy.Text{ZH: "列表为空", EN: "the list is empty"}, policy.Text{})
		}
		seen := make(map[string]bool, len(n.items))
		for _, i := range n.items {
			if i.kind == scalar && seen[i.value()] {
				f.refuse(i, codeDuplicate, policy.Text{ZH: shown(i.text) + " 重复", EN: shown(i.text) + " stands twice"}, policy.Text{})
				continue
			}
			seen[i.value()] = true
			item(i)
		}
	}
}
