package products

import (
	"regexp"
	"strings"
)

// Spreadsheets read a CSV file by the look of its cells, and save what they
// show: 0.625% comes back as 0.63%, 0010 as 10, SEPT2 as a day, and a text that
// begins with = is computed. Only a formula whose result is a text, ="0.625%",
// is shown and saved as it is. So cells are written that way unless they are of
// a look that is known to survive.

// survives are the looks of cells that spreadsheets leave alone.
var survives = []*regexp.Regexp{
	regexp.MustCompile(`^[\pL_][\pL_ ]*$`),                              // a word without digits
	regexp.MustCompile(`^\*$`),                                          // any value
	regexp.MustCompile(`^[0-9.]+ ?[%‰]? ?\.\. ?[0-9.]+ ?[%‰]?$`),        // a range: two points are no number anywhere
	regexp.MustCompile(`^(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{0,5}[1-9])?$`), // a number as it would be shown
	regexp.MustCompile(`^(?:0|[1-9][0-9]{0,5})(?:\.[0-9]{2})?%$`),       // a percentage as it would be shown
	regexp.MustCompile(`^[0-9.]+‰$`),                                    // to a spreadsheet, a text
	regexp.MustCompile(`^\[[^\t\n]*\]$`),                                // a set
}

// changed are words that are more than words to a spreadsheet: true and false
// are written in capitals, and days may be written in Chinese.
var changed = regexp.MustCompile(`^(?i:true|false)$|[年月日时分秒]`)

// proof writes the text of a cell so that spreadsheets keep it.
func proof(text string) string {
	if !changed.MatchString(text) {
		for _, look := range survives {
			if look.MatchString(text) {
				return text
			}
		}
	}
	return `="` + strings.ReplaceAll(text, `"`, `""`) + `"`
}

// unproof is the text of a cell, whether it stands in a formula or not.
func unproof(text string) string {
	inner, isFormula := strings.CutPrefix(strings.TrimSpace(text), `="`)
	inner, closed := strings.CutSuffix(inner, `"`)
	if !isFormula || !closed || strings.Contains(strings.ReplaceAll(inner, `""`, ""), `"`) {
		return text
	}
	return strings.ReplaceAll(inner, `""`, `"`)
}

// quoted is a cell as it stands in a CSV file.
func quoted(text string) string {
	if strings.ContainsAny(text, "\",\r\n") || strings.TrimSpace(text) != text {
		return `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
	}
	return text
}
