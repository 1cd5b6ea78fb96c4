package products

import (
	"encoding/json"
	"fmt"
	"regexp"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/policy/money"
	"github.com/chudan-io/chudan/rules"
)

// Values are read from their text: 2021.2 and 0.003 are numbers to an editor,
// and may stand in quotes as well. A shape takes both.

// The names of package rules, which checks them itself, and those that are free.
var (
	nameGrammar = grammar{regexp.MustCompile(`^[\p{L}_][\p{L}_0-9]*$`), policy.Text{
		ZH: "名称以字母开头，由字母、数字、下划线组成", EN: "a name is a letter and letters, digits or _"}}
	codeGrammar = grammar{regexp.MustCompile(`^[A-Z][A-Z0-9_]{0,63}$`), policy.Text{
		ZH: "规则代码以大写字母开头，由大写字母、数字、下划线组成，最多 64 位", EN: "a code is a capital letter and capital letters, digits or _, at most 64"}}
	anyName = grammar{regexp.MustCompile(`.`), policy.Text{ZH: "键为任意名称", EN: "any name will do"}}
)

// anyText is any scalar that says something.
func anyText() *shape { return &shape{Type: types{"string", "number", "boolean"}, MinLength: 1} }

// lineText is one line of text; a block ends with a line break that nobody
// means.
func lineText() *shape {
	s := anyText()
	s.MinLength = 0
	s.Pattern = fmt.Sprintf(`^[^\r\n]{1,%d}[\r\n]*$`, maxText)
	s.PatternErrorMessage = both(policy.Text{
		ZH: fmt.Sprintf("应为一行文本，1 至 %d 个字符", maxText), EN: fmt.Sprintf("want one line of text, 1 to %d characters", maxText)})
	return s
}

// texts are the definitions of a text and of one for people: Chinese alone, or
// {zh: …, en: …}.
func texts() shapes {
	label := either(defined("text"), object(
		property{"zh", true, defined("text"), policy.Text{ZH: "中文", EN: "in Chinese"}, nil},
		property{"en", true, defined("text"), policy.Text{ZH: "英文", EN: "in English"}, nil},
	))
	return shapes{{"text", lineText()}, {"label", label}}
}

// expression is one of package rules. Its limit is in bytes, so that no
// expression has more characters, but for the line break of a block.
func expression() *shape {
	s := anyText()
	s.MaxLength = rules.MaxExpression + 1
	return s
}

// wordOf is a name of a grammar.
func wordOf(g grammar) *shape {
	return &shape{Type: types{"string"}, Pattern: g.is.String(), PatternErrorMessage: both(g.want)}
}

// digitsOf is a name of a grammar that may consist of digits alone, and is then
// a number to an editor: an integer from least on, or any number.
func digitsOf(g grammar, kind string, least json.Number) *shape {
	s := wordOf(g)
	s.Type, s.Minimum = types{"string", kind}, least
	return s
}

// oneWord is one of several words.
func oneWord(words ...string) *shape {
	s := &shape{Type: types{"string"}}
	for _, w := range words {
		s.Enum = append(s.Enum, w)
	}
	return s
}

// truth is true or false, in quotes or not.
func truth() *shape { return &shape{Enum: []any{true, false, "true", "false"}} }

// wordOfValue is how an option is written that has a value.
func wordOfValue[T comparable](options []option[T], value T) string {
	for _, o := range options {
		if o.value == value {
			return o.word
		}
	}
	return ""
}

// decimalGrammar is that of money.Parse.
var decimalGrammar = fmt.Sprintf(`(0|[1-9][0-9]{0,%d})(\.[0-9]{1,%d})?`, money.MaxIntegerDigits-1, money.MaxFractionDigits)

// plainAmount is a plain decimal.
func plainAmount() *shape {
	return &shape{Type: types{"string", "number"}, Minimum: "0", Pattern: "^" + decimalGrammar + "$", PatternErrorMessage: both(wantAmount)}
}

// rateGrammar is a rate above 0 and below 100%: 0.625%, 6.25‰, or 0.00625,
// which is believed below 0.1 alone.
const rateGrammar = `(0\.0[0-9]*[1-9][0-9]*|(0\.[0-9]*[1-9][0-9]*|[1-9][0-9]?(\.[0-9]+)?) *%|(0\.[0-9]*[1-9][0-9]*|[1-9][0-9]{0,2}(\.[0-9]+)?) *‰)`

// oneRate is one rate.
func oneRate() *shape {
	s := &shape{Type: types{"string", "number"}, ExclusiveMinimum: "0", Pattern: "^" + rateGrammar + "$", PatternErrorMessage: both(wantRate)}
	return s.unlike(&shape{Type: types{"number"}, Minimum: json.Number(suspicious.String())}, policy.Text{
		ZH: "像是百分数；" + wantRate.ZH, EN: "looks like a percentage; " + wantRate.EN})
}

// rateOrExpression is a rate, or an expression, which has a letter, * or ( in it.
func rateOrExpression() *shape {
	s := oneRate()
	s.Pattern, s.MaxLength = `^(`+rateGrammar+`[\r\n]*|[^A-Za-z*(]*[A-Za-z*(][\s\S]*)$`, rules.MaxExpression+1
	s.PatternErrorMessage = both(policy.Text{ZH: wantRate.ZH + "，或表达式", EN: wantRate.EN + ", or an expression"})
	return s
}

// rateRange is a range of rates.
func rateRange() *shape {
	return &shape{Type: types{"string"}, Pattern: `^ *` + rateGrammar + ` *\.\. *` + rateGrammar + ` *$`, PatternErrorMessage: both(wantRates)}
}

// wholeNumber is a whole number up to a limit.
func wholeNumber(most int) *shape {
	return &shape{
		Type: types{"integer", "string"}, Minimum: "0", Maximum: json.Number(fmt.Sprint(most)), Pattern: `^[0-9]{1,3}$`,
		PatternErrorMessage: both(policy.Text{ZH: fmt.Sprintf("应为 0 至 %d 的整数", most), EN: fmt.Sprintf("want a whole number, 0 to %d", most)}),
	}
}

// spanOfTime is 30m, 24h, 365d or 0.
func spanOfTime() *shape {
	s := &shape{Type: types{"string", "integer"}, Minimum: "0", Pattern: `^0$|` + span.String(), PatternErrorMessage: both(wantSpan)}
	return s.unlike(&shape{Type: types{"number"}, ExclusiveMinimum: "0"}, wantSpan)
}

// The grammar of dates, and of the time of a day.
const (
	dateGrammar  = `20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])`
	clockGrammar = `([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]`
)

// dateOrTime is a date, or a date and a time of day, at +08:00.
func dateOrTime() *shape {
	return &shape{Type: types{"string"}, Pattern: `^` + dateGrammar + `( ` + clockGrammar + `)?$`, PatternErrorMessage: both(wantMoment)}
}

// currencyCode is an active currency code of ISO 4217.
func currencyCode() *shape {
	s := &shape{Type: types{"string"}, ErrorMessage: both(policy.Text{ZH: "应为现行 ISO 4217 币种代码，如 CNY", EN: "want an active currency code of ISO 4217, such as CNY"})}
	for _, c := range money.Currencies() {
		s.Enum = append(s.Enum, c)
	}
	return s
}

// fieldNames are the paths of the API page's fields; objects may stand for all
// of their fields.
func fieldNames(with func(policy.Field) bool, objects bool) *shape {
	var paths []string
	for _, f := range policy.Fields() {
		object := objectOf(f.Path)
		if objects && object != "" && (len(paths) == 0 || objectOf(paths[len(paths)-1]) != object) {
			paths = append(paths, object)
		}
		if with(f) {
			paths = append(paths, f.Path)
		}
	}
	s := oneWord(paths...)
	s.ErrorMessage = both(policy.Text{ZH: "接口文档中没有该字段，或此处不可用", EN: "the API page has no such field, or it may not stand here"})
	return s
}
