package rules

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/policy/money"
)

// keywords are the words that are operators or constants.
var keywords = []string{"and", "or", "not", "in", "contains", "startsWith", "endsWith", "matches", "true", "false"}

// operators are the symbols of the language.
var operators = map[string]bool{
	"==": true, "!=": true, "<=": true, ">=": true, "&&": true, "||": true,
	"<": true, ">": true, "!": true, "+": true, "-": true, "*": true,
	"(": true, ")": true, "[": true, "]": true, ",": true, ".": true, "?": true, ":": true,
}

// punctuation are the symbols that make no value of others.
var punctuation = map[string]bool{"(": true, ")": true, "[": true, "]": true, ",": true, ".": true, ":": true}

// Operators are the symbols and words of the language that make one value of
// others, sorted. Brackets, commas and points are none; `?` stands for c ? a : b.
func Operators() []string {
	var all []string
	for symbol := range operators {
		if !punctuation[symbol] {
			all = append(all, symbol)
		}
	}
	for _, word := range keywords {
		if word != "true" && word != "false" {
			all = append(all, word)
		}
	}
	slices.Sort(all)
	return all
}

// meant tells what to write for what people write instead.
var meant = map[string]string{
	"=": "==", "===": "==", "!==": "!=", "<>": "!=", "=>": ">=", "=<": "<=", "&": "and", "|": "or",
	"且": "and", "并且": "and", "而且": "and", "和": "and", "与": "and", "及": "and", "同时": "and",
	"或": "or", "或者": "or", "非": "not", "不": "not", "不是": "not",
	"属于": "in", "不属于": "not in", "包含": "contains", "不包含": "not contains",
	"等于": "==", "不等于": "!=", "大于": ">", "小于": "<", "超过": ">", "不超过": "<=",
	"大于等于": ">=", "不小于": ">=", "小于等于": "<=", "不大于": "<=",
	"“": `"`, "”": `"`, "‘": "'", "’": "'", "、": ",", "。": ".", "【": "[", "】": "]",
	"≤": "<=", "≥": ">=", "≠": "!=", "×": "*", "÷": "div(a, b, 2, half_up)", "−": "-", "–": "-", "—": "-",
	"∧": "and", "∨": "or", "¬": "not", "∈": "in", "＝": "==",
}

// leftOut is what expr or another language has and ours does without, and what
// to do instead.
var leftOut = map[string]policy.Text{
	"let": {ZH: "请在 define 中定义", EN: "name it under define"},
	"if":  hint("c ? a : b"), "else": hint("c ? a : b"),
	"nil": hint("not has(path)"), "null": hint("not has(path)"),
	"**": {ZH: "请逐次相乘 a * a", EN: "multiply: a * a"},
	"^":  {ZH: "请逐次相乘 a * a", EN: "multiply: a * a"},
	"/":  hint("div(a, b, 2, half_up)"),
	"%":  {ZH: "百分号须紧跟数字，如 0.300%；不支持取余", EN: "a percent sign follows its number at once, as in 0.300%; there is no modulo"},
	"//": {ZH: "注释请写在 YAML 中，以 # 开头", EN: "comments belong to the YAML, after #"},
	"/*": {ZH: "注释请写在 YAML 中，以 # 开头", EN: "comments belong to the YAML, after #"},
	"..": hint("a >= 1 and a <= 365"),
	"?.": hint("has(path) and …"), "??": hint("has(path) ? path : 0"),
	"::": {ZH: "函数名直接书写", EN: "write the function's name alone"},
	";":  {ZH: "一个表达式只得出一个值", EN: "an expression has one value"},
	"#":  {ZH: "不支持循环；判断成员请写 QUALITY in insuranceTypes", EN: "there are no loops; for membership write QUALITY in insuranceTypes"},
	"{":  {ZH: "字段直接写名称，如 amount；列表写 [a, b]", EN: "write a field's name alone, as in amount; a list is [a, b]"},
	"}":  {ZH: "字段直接写名称，如 amount；列表写 [a, b]", EN: "write a field's name alone, as in amount; a list is [a, b]"},
}

// mistaken tells what to write for a word that stands for one of ours.
func mistaken(word string) (write string, ok bool) {
	for _, k := range keywords {
		if word != k && strings.EqualFold(word, k) {
			return k, true
		}
	}
	write, ok = meant[word]
	return write, ok
}

// glued finds a connective that was written without spaces: amount且days.
func glued(word string) (write string, ok bool) {
	for _, c := range [...]string{"并且", "或者", "且", "或", "和"} {
		if before, after, ok := strings.Cut(word, c); ok {
			return strings.TrimSpace(before + " " + meant[c] + " " + after), true
		}
	}
	return "", false
}

// isWide tells whether r is the full-width form of an ASCII character.
func isWide(r rune) bool { return '！' <= r && r <= '～' }

// narrow turns full-width characters into the ASCII ones that were meant.
func narrow(wide string) string {
	return strings.Map(func(r rune) rune { return r - '！' + '!' }, wide)
}

// plainNumber is how a number is written that was written otherwise.
func plainNumber(text string) policy.Text {
	zeros, unit := 0, ""
	for u, n := range map[string]int{"千": 3, "万": 4, "百万": 6, "千万": 7, "亿": 8} {
		if strings.HasSuffix(text, u) && len(u) > len(unit) {
			zeros, unit = n, u
		}
	}
	text = strings.TrimSuffix(strings.ReplaceAll(strings.TrimSuffix(text, unit), "_", ""), ".")
	if strings.HasPrefix(text, ".") {
		text = "0" + text
	}
	if d, err := money.Parse(text); err == nil {
		return hint(d.Shift(zeros).String())
	}
	return policy.Text{
		ZH: "最多 15 位整数、10 位小数，无指数、分隔符、单位，如 100000、0.5、0.300%",
		EN: "at most 15 digits and 10 decimals, no exponent, separator or unit: 100000, 0.5, 0.300%",
	}
}

const (
	maxSuggestions = 3  // names that are offered for a misspelt one
	maxMisspelt    = 64 // runes of a name that are compared
)

// nearest is "did you mean …" with the names that are most like word: at most
// a third of it differs. It is empty where there are none.
func nearest(word string, names []string) policy.Text {
	length := utf8.RuneCountInString(word)
	if length > maxMisspelt {
		return policy.Text{}
	}
	limit := max(1, length/3)
	var best []string
	for _, name := range names {
		_, leaf, _ := strings.Cut(name, ".")
		d := min(distance(word, name), distance(word, leaf))
		if d > limit {
			continue
		}
		if d < limit {
			best, limit = nil, d
		}
		best = append(best, name)
	}
	if len(best) == 0 {
		return policy.Text{}
	}
	best = best[:min(len(best), maxSuggestions)]
	return policy.Text{ZH: "是否想写 " + strings.Join(best, " 或 ") + "？", EN: "did you mean " + strings.Join(best, " or ") + "?"}
}

// distance is how many runes have to be put in, left out or changed to make b
// of a, whatever their case.
func distance(a, b string) int {
	s, t := []rune(strings.ToLower(a)), []rune(strings.ToLower(b))
	row := make([]int, len(t)+1)
	for j := range row {
		row[j] = j
	}
	for i := range s {
		diagonal := row[0]
		row[0] = i + 1
		for j := range t {
			change := diagonal
			if s[i] != t[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, diagonal+1)
		}
	}
	return row[len(t)]
}
