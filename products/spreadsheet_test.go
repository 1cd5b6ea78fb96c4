package products_test

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var (
	looksNumber  = regexp.MustCompile(`^[+-]?[0-9][0-9,]*(\.[0-9]*)?([eE][+-]?[0-9]+)?$`)
	looksPercent = regexp.MustCompile(`^[+-]?[0-9]+(\.[0-9]+)?%$`)
	looksDate    = regexp.MustCompile(`^(?i:(jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[ -]?[0-9]+|[0-9]+[-/][0-9]+([-/][0-9]+)?|[0-9]+年[0-9]+月([0-9]+日)?)$`)
)

// spreadsheet is what a cell of a CSV file is saved as by a spreadsheet that
// opened it: a formula's result, and of all that looks like a number, a
// percentage, a day or a condition what is shown of it.
// It is a model, not Excel itself: that a percentage is saved with the two
// decimals of the built-in format 0.00% is taken for granted here.
// Source: Microsoft Support, KB 269370 (digits past the fifteenth become
// zeros), and “Keep leading zeros” (number codes are read as numbers).
func spreadsheet(cell string) string {
	inner, isText := strings.CutPrefix(cell, `="`)
	switch {
	case isText && strings.HasSuffix(inner, `"`):
		return strings.ReplaceAll(strings.TrimSuffix(inner, `"`), `""`, `"`)
	case strings.HasPrefix(cell, "=") || strings.HasPrefix(cell, "@"), len(cell) > 1 && (cell[0] == '+' || cell[0] == '-') && !looksNumber.MatchString(cell):
		return "#NAME?"
	case looksPercent.MatchString(cell):
		n, _ := strconv.ParseFloat(strings.TrimSuffix(cell, "%"), 64)
		if !strings.Contains(cell, ".") {
			return fmt.Sprintf("%.0f%%", n)
		}
		return fmt.Sprintf("%.2f%%", n+1e-9) // half up
	case looksNumber.MatchString(cell):
		n, _ := strconv.ParseFloat(strings.ReplaceAll(cell, ",", ""), 64)
		if text := strconv.FormatFloat(n, 'f', -1, 64); len(text) <= 11 && n < 1e11 && (n == 0 || n >= 1e-4) {
			return text
		}
		return strconv.FormatFloat(n, 'E', 5, 64)
	case looksDate.MatchString(cell):
		return "1-Jan"
	case strings.EqualFold(cell, "true"), strings.EqualFold(cell, "false"):
		return strings.ToUpper(cell)
	}
	return cell
}

// TestSpreadsheet is the control: without formulas these would come back as
// something else.
func TestSpreadsheet(t *testing.T) {
	for cell, want := range map[string]string{
		"0.625%": "0.63%", "0.300%": "0.30%", "0010": "10", "SEPT2": "1-Jan", "1-12": "1-Jan", "true": "TRUE", "=1+1": "#NAME?", "-x": "#NAME?", "1,234": "1234",
		"0.0030": "0.003", "123456789012345": "1.23457E+14", "1..90": "1..90", "6.25‰": "6.25‰", "5%": "5%", "*": "*", `="0.625%"`: "0.625%", `="say ""x"""`: `say "x"`,
	} {
		if got := spreadsheet(cell); got != want {
			t.Errorf("%s comes back as %s, want %s", cell, got, want)
		}
	}
}
