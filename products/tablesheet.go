package products

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/rules"
)

// Charset is how the text of a sheet is encoded.
type Charset string

// The charsets that spreadsheets in China write.
const (
	UTF8 Charset = "utf-8" // with a byte order mark, without which Excel takes it for GBK
	GBK  Charset = "gbk"
)

// Tables are the names of the edition's tables, in the order of its file.
func (e *Edition) Tables() []string {
	names := make([]string, len(e.spec.Tables))
	for i, t := range e.spec.Tables {
		names[i] = t.Name
	}
	return names
}

// ExportTable writes a table as a CSV file that spreadsheets open, show and
// save without changing a cell: lines end in CR LF, and a cell that would come
// back as something else (0.300%, 0010) is a formula whose result is its text,
// ="0.300%". [ImportTable] and `file:` of a table read it back.
//
// It answers Problems where a cell cannot be written, with the name of the
// cell: a text that the charset lacks, or that holds what parts a set.
func (e *Edition) ExportTable(name string, charset Charset) ([]byte, error) {
	i := slices.Index(e.Tables(), name)
	if i < 0 {
		return nil, fmt.Errorf("products: edition %s has no table %q; it has %s", e.terms.Edition, name, strings.Join(e.Tables(), ", "))
	}
	spec := e.spec.Tables[i]
	lines := []string{strings.Join(columnNames(spec), ",") + ",value"}
	for _, row := range spec.Rows {
		lines = append(lines, sheetLine(row, proof))
	}
	if err := writable(spec, lines, charset); err != nil {
		return nil, err
	}
	text := strings.Join(lines, "\r\n") + "\r\n"
	if charset == GBK {
		data, _, err := encodeGBK(text)
		return data, err
	}
	return []byte(byteOrderMark + text), nil
}

// sheetLine is a row as a line of a CSV file; write is how each cell is written.
func sheetLine(row rules.Row, write func(string) string) string {
	texts := make([]string, 0, len(row.Cells)+1)
	for _, c := range row.Cells {
		text := strings.Join(c, ", ")
		if len(c) > 1 {
			text = "[" + text + "]"
		}
		texts = append(texts, quoted(write(text)))
	}
	return strings.Join(append(texts, quoted(write(row.Value))), ",")
}

// writable tells which cells of a sheet do not read back as they were meant, or
// cannot be encoded.
func writable(spec rules.Table, lines []string, charset Charset) error {
	var found Problems
	hints := map[string]policy.Text{
		codeSheet:    {ZH: "请在版本文件中维护该表", EN: "keep the rows of this table in the edition itself"},
		codeEncoding: {ZH: "请用 UTF-8", EN: "use UTF-8"},
	}
	bad := func(code string, row, column int, zh, en string) {
		found = append(found, Problem{
			File: spec.Name + ".csv", Line: row + 2, Col: 1, Width: 1, Source: lines[row+1], Code: code, Cell: cellName(row+2, column),
			Message: policy.Text{ZH: zh, EN: en}, Hint: hints[code],
		})
	}
	back := readBack(spec, lines)
	for i, row := range spec.Rows {
		for k, c := range row.Cells {
			text := strings.Join(c, "、")
			if len(back) != len(spec.Rows) || k >= len(back[i].Cells) || cellWord(back[i].Cells[k]) != cellWord(c) {
				bad(codeSheet, i, k, shown(text)+" 无法写进 CSV 的一个单元格", shown(text)+" cannot be written into a cell of a CSV file")
			}
			if _, r, err := encodeGBK(text); charset == GBK && err != nil {
				bad(codeEncoding, i, k, "GBK 没有字符 "+shown(string(r)), "GBK has no character "+shown(string(r)))
			}
		}
	}
	return found.asError()
}

// readBack are the rows that a reader of these lines sees.
func readBack(spec rules.Table, lines []string) []rules.Row {
	t := &table{sheet: &sheet{file: newFile(spec.Name+".csv", []byte(strings.Join(lines, "\n")))}}
	read := rules.Table{Name: spec.Name, Columns: spec.Columns}
	if t.sheet.decode() {
		t.readSheet(&read)
	}
	return read.Rows
}

// encodeGBK is text in GBK, or the first character that it lacks.
func encodeGBK(text string) (data []byte, lacking rune, err error) {
	data, err = simplifiedchinese.GBK.NewEncoder().Bytes([]byte(text))
	if err == nil {
		return data, 0, nil
	}
	for _, r := range text {
		if _, err := simplifiedchinese.GBK.NewEncoder().String(string(r)); err != nil {
			return nil, r, err
		}
	}
	return nil, 0, err
}

// like encodes text as the sheet is: with its charset, and its byte order mark
// where it has one.
func (s *sheet) like(text string) (data []byte, lacking rune, err error) {
	switch data := s.file.data; {
	case bytes.HasPrefix(data, []byte(byteOrderMark)):
		return []byte(byteOrderMark + text), 0, nil
	case utf8.Valid(data):
		return []byte(text), 0, nil
	}
	return encodeGBK(text)
}
