package products

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/chudan-io/chudan/policy"
)

// expectableKinds are the kinds of faults that a decision finds beside those
// of the rules: the rest is the channel's and the store's.
var expectableKinds = []policy.Kind{
	policy.KindMissingParameter, policy.KindInvalidParameter, policy.KindParametersMismatch, policy.KindProductNotFound,
}

// codePremium is the code of a premium that cannot be computed.
const codePremium = "PREMIUM"

// expectable are the codes that an expectation may name.
func (r *specReader) expectable() []string {
	var codes []string
	if e := r.spec.edition; e != nil {
		codes = e.rules.Codes()
		if e.rules.Rates() {
			codes = append(codes, codePremium)
		}
	}
	for _, k := range expectableKinds {
		codes = append(codes, string(k))
	}
	return codes
}

// longFault reads {code: …, path: …}, or the code alone.
func (r *specReader) longFault(n *node, x *expectation) {
	var f expectedFault
	known := true
	code := func(n *node) {
		if text, ok := r.word(n); ok {
			f, known = r.fault(n, word{text: text})
		}
	}
	if n.kind != mapping {
		code(n)
	} else {
		var paths []string
		r.mapping(n,
			key{"code", true, code},
			key{"path", false, r.each(func(n *node) {
				if text, ok := r.word(n); ok && r.isPath(n, word{text: text}) {
					paths = append(paths, text)
				}
			})},
		)
		f.paths = append(f.paths, paths...)
	}
	if known {
		x.faults = append(x.faults, f)
	}
}

// word is a part of a text.
type word struct {
	text   string
	offset int // in characters
}

func wordsOf(text string) []word {
	var words []word
	for start, rest := 0, text; rest != ""; {
		trimmed := strings.TrimLeftFunc(rest, unicode.IsSpace)
		start += utf8.RuneCountInString(rest[:len(rest)-len(trimmed)])
		end := strings.IndexFunc(trimmed, unicode.IsSpace)
		if end < 0 {
			end = len(trimmed)
		}
		if end > 0 {
			words = append(words, word{trimmed[:end], start})
		}
		start += utf8.RuneCountInString(trimmed[:end])
		rest = trimmed[end:]
	}
	return words
}

// blame notes what is wrong with a word of a text.
func (r *specReader) blame(n *node, w word, code string, message, hint policy.Text) {
	if wide := hintFullWidth(w.text); wide != (policy.Text{}) {
		hint = wide
	}
	if strings.ContainsAny(w.text, ",，、;；") {
		hint = policy.Text{ZH: "代码之间用空格隔开", EN: "codes are separated by spaces"}
	}
	r.refuseWithin(n, w.offset, utf8.RuneCountInString(w.text), code, message, hint)
}

func (r *specReader) verdict(n *node, w word) (v policy.Verdict) {
	if v.UnmarshalText([]byte(w.text)) != nil {
		words := verdictWords()
		want := oneOf(words)
		r.blame(n, w, codeValue, policy.Text{ZH: shown(w.text) + " 不是结论，" + want.ZH, EN: shown(w.text) + " is no verdict; want " + want.EN}, r.did(w.text, words))
	}
	return v
}

func verdictWords() []string {
	var words []string
	for _, v := range []policy.Verdict{policy.Accept, policy.Note, policy.Refer, policy.Reject} {
		words = append(words, v.String())
	}
	return words
}

// fault reads the code of a fault; after a colon the field may follow, as on
// the wire.
func (r *specReader) fault(n *node, w word) (f expectedFault, ok bool) {
	code, path, hasPath := strings.Cut(w.text, ":")
	if kind := policy.Kind(code); kind == policy.KindRejected || kind == policy.KindReferred {
		if slices.Contains(r.codes, path) {
			r.blame(n, w, codeUnknownCode, policy.Text{ZH: "请写规则代码本身", EN: "want the rule's own code"}, meant(path))
			return f, false
		}
	}
	if !slices.Contains(r.codes, code) {
		hint := r.did(code, r.codes)
		if hint == (policy.Text{}) {
			hint = oneOf(r.codes)
		}
		r.blame(n, w, codeUnknownCode, policy.Text{ZH: "没有规则或错误码 " + shown(code), EN: "there is no rule or error code " + shown(code)}, hint)
		return f, false
	}
	f.code = code
	if hasPath {
		if !r.isPath(n, word{path, w.offset + utf8.RuneCountInString(code) + 1}) {
			return f, false
		}
		f.paths = []string{path}
	}
	return f, true
}

func (r *specReader) isPath(n *node, w word) bool {
	if _, known := policy.FieldNamed(w.text); known || policy.IsObject(w.text) {
		return true
	}
	r.blame(n, w, codeField, policy.Text{ZH: "接口文档中没有字段 " + shown(w.text), EN: "the API page has no field " + shown(w.text)}, r.did(w.text, pagePaths()))
	return false
}
