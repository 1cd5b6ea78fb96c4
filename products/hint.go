package products

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/chudan-io/chudan/policy"
)

// shown is a text of the file inside a message.
func shown(text string) string {
	const most = 40
	text = printable([]rune(text))
	if text == "" {
		return `""`
	}
	if utf8.RuneCountInString(text) > most {
		return string([]rune(text)[:most]) + "…"
	}
	return text
}

// did asks whether one of the known words was meant; an empty hint where none
// is likely, or where nobody is going to be told.
func (f *file) did(typed string, known []string) policy.Text {
	if f.full() {
		return policy.Text{}
	}
	if word := likely(typed, known); word != "" {
		return meant(word)
	}
	return policy.Text{}
}

// home asks whether a key of another level was meant.
func home(typed string, homes []string) policy.Text {
	switch word := likely(typed, homes); {
	case word == "":
		return policy.Text{}
	case strings.Contains(word, "."):
		return meant(word)
	default:
		return policy.Text{ZH: "是否应为最外层的 " + word + "？请检查缩进", EN: "did you mean " + word + " on the outermost level? Check the indentation"}
	}
}

// meant asks whether one of words was meant.
func meant(words ...string) policy.Text {
	return policy.Text{
		ZH: "是否应为 " + strings.Join(words, " 或 ") + "？",
		EN: "did you mean " + strings.Join(words, " or ") + "?",
	}
}

// synonyms are words that people type for ours, each with what it may mean.
var synonyms = map[string][]string{
	"yes": {"true"}, "y": {"true"}, "on": {"true", "refuse", "equal"}, "1": {"true"}, "是": {"true"},
	"no": {"false", "off", "ignore"}, "n": {"false"}, "off": {"false", "ignore"}, "0": {"false", "off"}, "否": {"false"},
	"true": {"refuse", "equal"}, "false": {"off", "ignore"}, "warn": {"note"}, "warning": {"note"}, "提示": {"note"},
	"reject": {"refuse", "equal", "reject_if"}, "refuse": {"equal", "reject"}, "equal": {"refuse"}, "拒绝": {"refuse", "reject"},
	"ignore": {"off"}, "none": {"off", "ignore"}, "忽略": {"ignore", "off"}, "refer": {"refer_if"}, "note": {"note_if"}, "转人工": {"refer"},
	"四舍五入": {"half_up"}, "round": {"half_up"}, "bankers": {"half_even"}, "floor": {"down"}, "ceil": {"up"},
	"if": {"when"}, "condition": {"when"}, "tolerance": {"within"}, "start": {"from"}, "end": {"stop"}, "投保时间": {"insureTime"}, "生效时间": {"effectTime"}, "cn": {"zh"}, "insurer": {"name"},
	"per": {inForceKey}, "by": {inForceKey}, "for": {inForceKey}, "key": {inForceKey}, "keys": {inForceKey}, "fields": {inForceKey}, "group_by": {inForceKey}, "groupby": {inForceKey}, "sum_by": {inForceKey}, "sumby": {inForceKey},
	"exposure": {inForceKey}, "exposure_per": {inForceKey}, "exposure_by": {inForceKey}, "in_force": {inForceKey}, "in_force_by": {inForceKey}, "accumulate": {inForceKey}, "accumulate_by": {inForceKey}, "aggregate": {inForceKey}, "累计": {inForceKey}, "按": {inForceKey}, "在保": {inForceKey},
	"seller": {"orderSubjectMatterInfo.sellerId"}, "卖家": {"orderSubjectMatterInfo.sellerId"}, "buyer": {"orderSubjectMatterInfo.buyerId"}, "买家": {"orderSubjectMatterInfo.buyerId"}, "产品": {"productCode"},
}

// likely finds the known word that was probably meant: a synonym, the same but
// for case and separators, its beginning, or a few letters off. Of a path the
// last part may do. It is empty where there is none.
func likely(typed string, known []string) string {
	for _, word := range synonyms[strings.ToLower(typed)] {
		if slices.Contains(known, word) {
			return word
		}
	}
	bare := squeeze(typed)
	length := utf8.RuneCountInString(bare)
	if length > 64 || length == 0 {
		return ""
	}
	best, least := "", min(length, max(1, length/3)+1)
	for _, word := range known {
		whole := squeeze(word)
		distance := distanceOf(bare, whole)
		if _, last, path := strings.Cut(word, "."); path {
			distance = min(distance, distanceOf(bare, squeeze(last)))
		} else if length >= 4 && strings.HasPrefix(whole, bare[:len(bare)-1]) {
			distance = min(distance, 1)
		}
		if distance < least {
			best, least = word, distance
		}
	}
	return best
}

// squeeze leaves letters and digits: rateBounds and rate-bounds are rate_bounds.
func squeeze(s string) string { return strings.ToLower(separators.Replace(s)) }

var separators = strings.NewReplacer("_", "", "-", "", " ", "")

// distanceOf counts the letters to insert, delete or change, or the neighbours
// to swap, on the way from one word to another.
func distanceOf(from, to string) int {
	a, b := []rune(from), []rune(to)
	var older, old, row []int
	for j := range len(b) + 1 {
		old = append(old, j)
	}
	for i := range a {
		row = append(make([]int, 0, len(b)+1), i+1)
		for j := range b {
			d := min(old[j+1]+1, row[j]+1, old[j])
			if a[i] != b[j] {
				d = min(old[j+1], row[j], old[j]) + 1
			}
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				d = min(d, older[j-1]+1)
			}
			row = append(row, d)
		}
		older, old = old, row
	}
	return old[len(b)]
}

// fullWidth are the marks that a Chinese keyboard types in the place of others.
const (
	fullWidth = "：，、；“”‘’（）［］｛｝【】％。＝＞＜＿－　０１２３４５６７８９"
	halfWidth = `:,,;""''()[]{}[]%.=><_- 0123456789`
)

// hintFullWidth tells the first mark in a text that was typed with a Chinese
// keyboard; an empty hint where there is none.
func hintFullWidth(text string) policy.Text {
	i := strings.IndexAny(text, fullWidth)
	if i < 0 {
		return policy.Text{}
	}
	typed, _ := utf8.DecodeRuneInString(text[i:])
	at := slices.Index([]rune(fullWidth), typed)
	want := string([]rune(halfWidth)[at])
	if want == " " {
		return policy.Text{ZH: "含全角空格，应为半角空格", EN: "there is a full-width space; want a plain one"}
	}
	return policy.Text{
		ZH: "含全角字符 " + string(typed) + "，应为半角 " + want,
		EN: "there is a full-width " + string(typed) + "; want " + want,
	}
}
