package qimen

import "strings"

// grammar is the form of a value: the length of the longest beginning of a text
// that has it, -1 where none has.
type grammar func(text string) int

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }

// span is the length of the beginning of s whose bytes are all ok.
func span(s string, ok func(byte) bool) int {
	for i := range len(s) {
		if !ok(s[i]) {
			return i
		}
	}
	return len(s)
}

// digits takes at most 20, as app keys have.
func digits(s string) int {
	if n := min(span(s, isDigit), 20); n > 0 {
		return n
	}
	return -1
}

func word(s string) int {
	return span(s, func(c byte) bool {
		return isLetter(c) || isDigit(c) || c == '_' || c == '.' || c == '-'
	})
}

// token takes what others make up: sessions, customers, partners.
func token(s string) int { return min(word(s), 256) }

func oneOf(words ...string) grammar {
	return func(s string) int {
		for _, w := range words {
			if strings.HasPrefix(s, w) {
				return len(w)
			}
		}
		return -1
	}
}

// dotted takes a call's name, such as a.b.c. A parameter's name begins with a
// letter, so that none can take over the end of a call's from a point on.
func dotted(s string) int {
	s = s[:min(len(s), 128)]
	alnum := func(c byte) bool { return isLetter(c) || isDigit(c) }
	end, points := span(s, alnum), 0
	for end > 0 && end < len(s) && s[end] == '.' {
		n := span(s[end+1:], alnum)
		if n == 0 {
			break
		}
		end, points = end+1+n, points+1
	}
	if points == 0 {
		return -1
	}
	return end
}

// version takes 2.0.
func version(s string) int {
	major := digits(s)
	if major < 0 || major == len(s) || s[major] != '.' {
		return -1
	}
	minor := digits(s[major+1:])
	if minor < 0 {
		return -1
	}
	return major + 1 + minor
}

const stampForm = "0000-00-00 00:00:00"

// stamp takes yyyy-MM-dd HH:mm:ss.
func stamp(s string) int {
	if len(s) < len(stampForm) {
		return -1
	}
	for i := range len(stampForm) {
		if want := stampForm[i]; want == '0' && !isDigit(s[i]) || want != '0' && s[i] != want {
			return -1
		}
	}
	return len(stampForm)
}

// upperHex takes a signature.
func upperHex(s string) int {
	n := span(s, func(c byte) bool { return isDigit(c) || 'A' <= c && c <= 'F' })
	if n < 32 {
		return -1
	}
	return 32
}
