package main

import (
	"encoding/csv"
	"io"
	"strings"
)

// spreadsheet writes CSV that Excel and WPS open by a double click, and show as
// it is: UTF-8 with a byte order mark (else they read GBK), lines that end in
// CRLF, and texts that stay texts. 2021080410002001660575461643 would become
// 2.02108E+27, and 2021.10 become 2021.1; a cell that a caller begins with = or
// + or @ would be a formula. So a text is written as a formula that gives it,
// ="…", which looks up, filters and sorts as the text itself. A leading tab or
// apostrophe would stay in the cell.
//
// Plain is what other programs read (RFC 4180, UTF-8): without the mark, texts as
// they are.
type spreadsheet struct {
	rows  *csv.Writer
	plain bool
	line  []string // reused
}

const byteOrderMark = "\xef\xbb\xbf"

func newSpreadsheet(out io.Writer, plain bool) *spreadsheet {
	s := &spreadsheet{plain: plain}
	if !plain {
		out = &marked{Writer: out}
	}
	s.rows = csv.NewWriter(out)
	s.rows.UseCRLF = true
	return s
}

// marked writes the byte order mark before the first byte.
type marked struct {
	io.Writer
	done bool
}

func (m *marked) Write(p []byte) (int, error) {
	if !m.done {
		if _, err := io.WriteString(m.Writer, byteOrderMark); err != nil {
			return 0, err
		}
		m.done = true
	}
	return m.Writer.Write(p)
}

// heading writes the names of the columns, which are words.
func (s *spreadsheet) heading(names ...string) error { return s.rows.Write(names) }

// text adds a cell of text that a spreadsheet must leave alone.
func (s *spreadsheet) text(text string) {
	if !s.plain && text != "" {
		text = formulaOf(text)
	}
	s.line = append(s.line, text)
}

// number adds a cell of a number, or of a time, in which a spreadsheet may see
// one.
func (s *spreadsheet) number(text string) {
	if !s.plain && digits(text) > exactDigits {
		text = formulaOf(text)
	}
	s.line = append(s.line, text)
}

// exactDigits is how many digits a spreadsheet keeps of a number.
// Source: Microsoft, Excel specifications and limits, number precision.
const exactDigits = 15

func digits(number string) (n int) {
	if strings.ContainsAny(number, ": ") {
		return 0 // a time
	}
	for _, c := range number {
		if c >= '0' && c <= '9' {
			n++
		}
	}
	return n
}

// mostText is the length of a text in a formula.
// Source: Microsoft, Excel specifications and limits, contents of a formula.
const mostText = 255

// formulaOf gives a formula whose value is the text.
func formulaOf(text string) string {
	// A quote inside is written twice; a line break would end nothing, but the cell could not be seen whole.
	parts := make([]string, 0, 1)
	runes := []rune(text)
	for len(runes) > 0 {
		n := min(len(runes), mostText)
		parts = append(parts, `"`+strings.ReplaceAll(string(runes[:n]), `"`, `""`)+`"`)
		runes = runes[n:]
	}
	return "=" + strings.Join(parts, "&")
}

// end writes the row that was added.
func (s *spreadsheet) end() error {
	err := s.rows.Write(s.line)
	s.line = s.line[:0]
	return err
}

// flush writes what is buffered.
func (s *spreadsheet) flush() error {
	s.rows.Flush()
	return s.rows.Error()
}
