package rulebook

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/chudan-io/chudan/policy"
)

// put writes texts into patterns, where {0} is the first of them. Chinese is
// written without spaces: where a pattern has one beside a value and both its
// neighbours are Chinese, it falls away. Nothing in a value is touched.
func put(zh, en string, texts ...policy.Text) policy.Text {
	return policy.Text{ZH: closed(pour(zh, policy.Chinese, texts)), EN: strings.Join(pour(en, policy.English, texts), "")}
}

var places = regexp.MustCompile(`\{[0-9]\}`)

// pour parts a pattern at its places: what stands between them, and the values
// at every other place.
func pour(pattern string, lang policy.Lang, texts []policy.Text) (parts []string) {
	from := 0
	for _, at := range places.FindAllStringIndex(pattern, -1) {
		i, _ := strconv.Atoi(pattern[at[0]+1 : at[1]-1])
		parts = append(parts, pattern[from:at[0]], texts[i].In(lang))
		from = at[1]
	}
	return append(parts, pattern[from:])
}

// closed joins the parts of a Chinese sentence.
func closed(parts []string) string {
	for i := 1; i < len(parts); i += 2 {
		first, _ := utf8.DecodeRuneInString(parts[i])
		last, _ := utf8.DecodeLastRuneInString(parts[i])
		before, _ := utf8.DecodeLastRuneInString(strings.TrimRight(parts[i-1], " "))
		after, _ := utf8.DecodeRuneInString(strings.TrimLeft(parts[i+1], " "))
		if first == '（' || isChinese(first) && isChinese(before) { // a wide bracket has a space of its own
			parts[i-1] = strings.TrimRight(parts[i-1], " ")
		}
		if last == '）' || isChinese(last) && isChinese(after) {
			parts[i+1] = strings.TrimLeft(parts[i+1], " ")
		}
	}
	return strings.Join(parts, "")
}

// isChinese tells a Chinese character or punctuation mark.
func isChinese(r rune) bool {
	return unicode.Is(unicode.Han, r) || r >= 0x3000 && r <= 0x303f || r >= 0xff00 && r <= 0xffef || r == '“' || r == '”'
}
