package policy

import (
	"errors"
	"reflect"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-playground/validator/v10"

	"github.com/chudan-io/chudan/policy/money"
)

// grammars are the validator's tags of our own: what a field must look like by
// itself, and how a caller is told.
// Source: API page, request parameters; where it is silent, the comment says so.
var grammars = map[string]struct {
	ok      func(s string) bool
	message Text
}{
	"identifier":  {isIdentifier, Text{"应为 1 至 64 位字母、数字、下划线或连字符", "want 1 to 64 letters, digits, _ or -"}},
	"stamp":       {isStamp, Text{"应为 yyyy-MM-dd HH:mm:ss（东八区，2000 至 2099 年的真实时刻）", "want yyyy-MM-dd HH:mm:ss, a real time at +08:00 in 2000 to 2099"}},
	"decimal":     {money.Valid, Text{"应为普通十进制数：最多 15 位整数、10 位小数，无符号、指数、分隔符", "want a plain decimal: at most 15 digits and 10 decimals, no sign, exponent or separators"}},
	"positive":    {hasNonZeroDigit, Text{"应大于 0", "must be above 0"}},
	"fraction":    {isFraction, Text{"应小于 1：费率是小数而非百分数（0.00625 即 0.625%）", "must be below 1: a rate is a fraction, no percentage (0.00625 is 0.625 %)"}},
	"cents":       {hasCents, Text{"最多 2 位小数", "at most 2 decimals"}},
	"period":      {isPeriod, Text{"应为 1 至 3660 的整数天数", "want a whole number of days, 1 to 3660"}},
	"productcode": {isProductCode, Text{"应为大写字母开头的 2 至 64 位大写字母、数字或下划线", "want 2 to 64 capital letters, digits or _, beginning with a letter"}},
	"currency":    {isCurrency, Text{"应为现行 ISO 4217 大写币种代码", "want an active ISO 4217 code in capital letters"}},
	"minorunits":  {isMinorUnits, Text{"应为整数，单位为币种的最小单位（分）", "want a whole number of minor units (fen)"}},
	"millis":      {isMillis, Text{"应为 13 位毫秒时间戳（2000 至 2099 年）", "want epoch milliseconds, 13 digits, in 2000 to 2099"}},
	"codes":       {isCodes, Text{"应为逗号分隔的代码，无空项、无重复、无空格", "want codes separated by commas: none empty, none twice, no spaces"}},
}

// shape is the validator with the page's names and grammars. It is built once
// and never changed.
var shape = mustShape()

// mustShape panics where a tag is malformed, which any test would show.
func mustShape() *validator.Validate {
	v := validator.New()
	v.RegisterTagNameFunc(func(f reflect.StructField) string { return f.Tag.Get("json") })
	for tag, g := range grammars {
		err := v.RegisterValidation(tag, func(fl validator.FieldLevel) bool { return g.ok(fl.Field().String()) })
		if err != nil {
			panic(err)
		}
	}
	// Most fields are plain texts, and most of validator's time is the number of
	// tags: this one does for "omitempty,max=…" and a tag of our own.
	if err := v.RegisterValidation("text", func(fl validator.FieldLevel) bool {
		return isText(fl.Field().String(), fl.Param())
	}); err != nil {
		panic(err)
	}
	return v
}

// checkShape gives a fault for each field that is wrong by itself.
func checkShape(r *Request) Faults {
	faults := append(Faults(nil), r.Unread...)
	unread := pathsOf(r.Unread)
	var invalid validator.ValidationErrors
	if !errors.As(shape.Struct(r), &invalid) {
		return faults
	}
	for _, e := range invalid {
		_, path, _ := strings.Cut(e.Namespace(), ".")
		if unread.Overlaps(SetOf(path)) {
			continue
		}
		if e.Tag() == "required" {
			faults = append(faults, Missing(path))
			continue
		}
		m := messageFor(e.Tag(), e.Param())
		faults = append(faults, Invalid(path, m.ZH, m.EN))
	}
	return faults
}

func messageFor(tag, param string) Text {
	switch tag {
	case "text":
		return Text{
			"最多 " + param + " 个字符，首尾不得有空格，不得含控制字符",
			"at most " + param + " characters, no space at either end and no control characters",
		}
	case "oneof":
		return Text{"应为 " + strings.ReplaceAll(param, " ", "、") + " 之一", "want one of " + strings.ReplaceAll(param, " ", ", ")}
	}
	return grammars[tag].message
}

func pathsOf(faults []Fault) FieldSet {
	var s FieldSet
	for _, f := range faults {
		s |= SetOf(f.Paths...)
	}
	return s
}

func isIdentifier(s string) bool {
	return len(s) >= 1 && len(s) <= 64 && all(s, func(c byte) bool {
		return isDigit(c) || isUpper(c) || 'a' <= c && c <= 'z' || c == '_' || c == '-'
	})
}

func isProductCode(s string) bool {
	return len(s) >= 2 && len(s) <= 64 && isUpper(s[0]) && all(s, func(c byte) bool {
		return isDigit(c) || isUpper(c) || c == '_'
	})
}

func all(s string, ok func(byte) bool) bool {
	for i := range len(s) {
		if !ok(s[i]) {
			return false
		}
	}
	return true
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
func isUpper(c byte) bool { return 'A' <= c && c <= 'Z' }

func hasNonZeroDigit(s string) bool { return strings.ContainsAny(s, "123456789") }
func isFraction(s string) bool      { return strings.HasPrefix(s, "0.") }

// hasCents tells whether a decimal has at most two decimals that matter.
func hasCents(s string) bool {
	_, frac, _ := strings.Cut(s, ".")
	return len(strings.TrimRight(frac, "0")) <= 2
}

func isCurrency(s string) bool {
	_, ok := money.ParseCurrency(s)
	return ok
}

func isMinorUnits(s string) bool { return money.Valid(s) && !strings.Contains(s, ".") }

func isPeriod(s string) bool {
	_, ok := parsePeriod(s)
	return ok
}

// parsePeriod reads a number of days. A JSON number may come as 40.0; 40.5,
// 4e1 and 040 are refused.
func parsePeriod(s string) (days int, ok bool) {
	if !money.Valid(s) {
		return 0, false
	}
	whole, frac, _ := strings.Cut(s, ".")
	if strings.Trim(frac, "0") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(whole)
	return n, err == nil && n >= 1 && n <= 3660
}

// isCodes tells whether s is a list of codes: QUALITY,DELIVERY.
func isCodes(s string) bool {
	for rest, more := s, true; more; {
		var item string
		item, rest, more = strings.Cut(rest, ",")
		if item == "" || !all(item, func(c byte) bool { return c > ' ' && c < 0x7f }) || listed(rest, item) {
			return false
		}
	}
	return true
}

func listed(list, item string) bool {
	for other := range strings.SplitSeq(list, ",") {
		if other == item {
			return true
		}
	}
	return false
}

// isText tells whether s is a text of at most so many characters, without
// control characters (those that break lines or turn their direction among
// them: one of those makes a page show a name that is not the one that was
// sent) and without space at either end. The page's limits are in characters,
// and no text has more of them than bytes.
func isText(s, most string) bool {
	if s == "" {
		return true
	}
	limit, err := strconv.Atoi(most)
	if err != nil || len(s) > limit && utf8.RuneCountInString(s) > limit || !utf8.ValidString(s) {
		return false
	}
	first, _ := utf8.DecodeRuneInString(s)
	last, _ := utf8.DecodeLastRuneInString(s)
	return !unicode.IsSpace(first) && !unicode.IsSpace(last) && !strings.ContainsFunc(s, isControl)
}

// isControl takes the embeddings, overrides and isolates of UAX #9 for what
// they are; the marks U+200E, U+200F and U+061C stand in names rightly.
func isControl(r rune) bool {
	return unicode.IsControl(r) || r >= '\u2028' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}
