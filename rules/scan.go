package rules

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/policy/money"
)

// source is the text of an expression, scanned. The scanner stands before
// expr's own lexer, so that literals are read exactly, a percentage may be
// written as one, and what people type by mistake (， “ = 且 AND) is answered
// with what to write.
type source struct {
	text     string          // for expr's parser: a percent sign behind a number is blank, nothing else has changed
	runes    []rune          // as written
	literals map[int]literal // by the offset of their first rune
	problems problems
}

// literal is a number that stands in the text.
type literal struct {
	value decimal
	size  digits
}

// scan reads the literals, and refuses the words and characters that the
// language has no use for.
func scan(text string) *source {
	s := &source{runes: []rune(text), literals: map[int]literal{}}
	if !utf8.ValidString(text) {
		s.problems.add("syntax", span{}, "不是有效的 UTF-8 文本", "not valid UTF-8", policy.Text{})
		return s
	}
	read := slices.Clone(s.runes)
	for i := 0; i < len(s.runes); {
		r := s.runes[i]
		switch {
		case unicode.IsSpace(r):
			i++
		case strings.ContainsRune("'\"`", r):
			i = s.quoted(i)
		case isDigit(r) || r == '.' && isDigit(s.at(i+1)):
			end, percent := s.number(i)
			if percent {
				read[end-1] = ' '
			}
			i = end
		case isLetter(r):
			i = s.word(i)
		default:
			i = s.symbol(i)
		}
	}
	s.text = string(read)
	return s
}

func isDigit(r rune) bool  { return '0' <= r && r <= '9' }
func isLetter(r rune) bool { return r == '_' || r == '$' || unicode.IsLetter(r) && !isWide(r) }

// at is the rune at i; 0 behind the last.
func (s *source) at(i int) rune {
	if i < len(s.runes) {
		return s.runes[i]
	}
	return 0
}

// run is the end of the runes from i on that ok accepts.
func (s *source) run(i int, ok func(rune) bool) int {
	for i < len(s.runes) && ok(s.runes[i]) {
		i++
	}
	return i
}

func (s *source) quoted(from int) (end int) {
	quote := s.runes[from]
	for i := from + 1; i < len(s.runes); i++ {
		switch {
		case s.runes[i] == '\\' && quote != '`':
			i++
		case s.runes[i] == quote:
			return i + 1
		}
	}
	s.problems.add("syntax", span{from, from + 1}, "引号没有配对", "the quotation mark has no partner", policy.Text{})
	return len(s.runes)
}

// number reads a literal and the percent sign that follows at once.
func (s *source) number(from int) (end int, percent bool) {
	end = s.run(from, func(r rune) bool { return r == '.' || isDigit(r) || isLetter(r) })
	text := string(s.runes[from:end])
	places := map[rune]int{'%': 2, '‰': 3}[s.at(end)]
	if percent = places > 0; percent {
		end++
		if next := s.at(s.run(end, unicode.IsSpace)); isDigit(next) || next == '(' {
			s.problems.add("not-available", span{end - 1, end}, "不支持取余", "there is no modulo", policy.Text{})
		}
	}
	switch {
	case strings.Contains(text, ".."):
		s.problems.add("not-available", span{from, end}, "不支持 `..`", "`..` is not available", leftOut[".."])
	case !money.Valid(text):
		s.problems.add("number", span{from, end}, "`"+text+"` 不是普通十进制数", "`"+text+"` is no plain decimal", plainNumber(text))
	default:
		before, after, _ := strings.Cut(text, ".")
		s.literals[from] = literal{fromMoney(parse(text).money().Shift(-places)), digits{len(before), len(after) + places}}
	}
	return end, percent
}

func (s *source) word(from int) (end int) {
	end = s.run(from, func(r rune) bool { return isLetter(r) || isDigit(r) })
	if member := from > 0 && s.runes[from-1] == '.'; !member {
		s.refuse(span{from, end})
	}
	return end
}

// symbol reads the longest operator.
func (s *source) symbol(from int) (end int) {
	for n := min(3, len(s.runes)-from); n > 0; n-- {
		if at := (span{from, from + n}); operators[string(s.runes[from:at.to])] || s.refuse(at) {
			return at.to
		}
	}
	if end = s.run(from, isWide); end > from {
		wide := string(s.runes[from:end])
		s.problems.add("syntax", span{from, end}, "全角字符 `"+wide+"`", "full-width `"+wide+"`", hint(narrow(wide)))
		return end
	}
	odd := string(s.runes[from])
	s.problems.add("syntax", span{from, from + 1}, "不能写 `"+odd+"`", "`"+odd+"` is not of the language", policy.Text{})
	return from + 1
}

// refuse reports a word or symbol that is not ours, and tells whether it is one.
func (s *source) refuse(at span) bool {
	text := string(s.runes[at.from:at.to])
	if write, ok := mistaken(text); ok {
		s.problems.add("syntax", at, "不能写 `"+text+"`", "`"+text+"` is not of the language", hint(write))
		return true
	}
	if instead, ok := leftOut[text]; ok {
		s.problems.add("not-available", at, "不支持 `"+text+"`", "`"+text+"` is not available", instead)
		return true
	}
	return false
}
