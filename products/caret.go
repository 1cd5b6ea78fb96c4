package products

import (
	"strings"
	"unicode"
)

// Of a long source line only what is near the caret is shown.
const (
	columnsBefore = 60
	columnsAfter  = 60
)

// underline gives a source line and, to be printed below it, a line with a
// caret under the col-th character and tildes under the rest of width.
func underline(source string, col, width int) (line, caret string) {
	row := []rune(source)
	at := min(max(col-1, 0), len(row))
	from := at
	for used := 0; from > 0 && used < columnsBefore; from-- {
		used += columns(row[from-1])
	}
	to := at
	for used := 0; to < len(row) && used < columnsAfter; to++ {
		used += columns(row[to])
	}
	var above, below strings.Builder
	if from > 0 {
		above.WriteString("… ")
		below.WriteString("  ")
	}
	for _, r := range row[from:at] {
		if r == '\t' {
			below.WriteByte('\t') // as wide as the terminal makes it above
			continue
		}
		below.WriteString(strings.Repeat(" ", columns(r)))
	}
	under := 0
	for _, r := range row[at:min(to, at+max(width, 1))] {
		under += columns(r)
	}
	below.WriteString("^" + strings.Repeat("~", max(under-1, 0)))
	above.WriteString(printable(row[from:to]))
	if to < len(row) {
		above.WriteString(" …")
	}
	return above.String(), below.String()
}

// printable shows what a terminal would swallow or obey.
func printable(row []rune) string {
	return strings.Map(func(r rune) rune {
		if r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
			return unicode.ReplacementChar
		}
		return r
	}, string(row))
}

// columns is how many columns of a terminal a character takes.
// Source: Unicode Standard Annex 11; ambiguous ones count as narrow.
func columns(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case unicode.Is(unicode.Mn, r), unicode.Is(unicode.Me, r):
		return 0
	case unicode.Is(wide, r):
		return 2
	}
	return 1
}

// wide are the characters of East Asian width W and F, in whole blocks.
var wide = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x1100, Hi: 0x115f, Stride: 1}, // Hangul Jamo
		{Lo: 0x2e80, Hi: 0x303e, Stride: 1}, // CJK radicals, CJK symbols and punctuation
		{Lo: 0x3041, Hi: 0xa4cf, Stride: 1}, // kana, Bopomofo, CJK ideographs, Yi
		{Lo: 0xa960, Hi: 0xa97f, Stride: 1}, // Hangul Jamo extended
		{Lo: 0xac00, Hi: 0xd7a3, Stride: 1}, // Hangul syllables
		{Lo: 0xf900, Hi: 0xfaff, Stride: 1}, // CJK compatibility ideographs
		{Lo: 0xfe30, Hi: 0xfe6f, Stride: 1}, // CJK compatibility forms
		{Lo: 0xff01, Hi: 0xff60, Stride: 1}, // full-width forms
		{Lo: 0xffe0, Hi: 0xffe6, Stride: 1}, // full-width signs
	},
	R32: []unicode.Range32{
		{Lo: 0x1f300, Hi: 0x1f64f, Stride: 1}, // pictographs, faces
		{Lo: 0x1f680, Hi: 0x1f6ff, Stride: 1}, // transport
		{Lo: 0x1f900, Hi: 0x1f9ff, Stride: 1}, // more pictographs
		{Lo: 0x20000, Hi: 0x3fffd, Stride: 1}, // CJK ideographs, extensions
	},
}
