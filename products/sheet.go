package products

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/rules"
)

// sheet is the CSV file of a table, as spreadsheets write it: UTF-8 with or
// without a byte order mark, or GBK.
type sheet struct {
	file *file
	text string // of the file, its line ends as they are
}

// cellName is a cell as spreadsheets name it: B7.
func cellName(line, column int) string { return fmt.Sprintf("%c%d", 'A'+column, line) }

// source is what the edition consists of: its file, and its sheets behind it.
func (d *definition) source(f *file) []byte {
	all := f.data
	for _, s := range d.sheets {
		all = append(bytes.Clone(all), fmt.Sprintf("\n--- %s %d\n", path.Base(s.file.name), len(s.file.data))...)
		all = append(all, s.file.data...)
	}
	return all
}

var wantSheet = policy.Text{ZH: "应为旁边的 CSV 文件名，如 rate.csv", EN: "want the name of a CSV file beside this one, such as rate.csv"}

// fromFile reads rows that stand in a CSV file beside the edition.
func (t *table) fromFile(f *file, d *definition, spec *rules.Table) read {
	return func(n *node) {
		t.rows, t.broken = n, true
		name, ok := f.word(n)
		if !ok {
			return
		}
		if path.Base(name) != name || strings.HasPrefix(name, ".") || path.Ext(name) != ".csv" || f.beside == nil {
			f.bad(n, codeName, policy.Text{ZH: shown(name) + "：" + wantSheet.ZH, EN: shown(name) + ": " + wantSheet.EN}, policy.Text{})
			return
		}
		s := &sheet{file: f.beside(name)}
		if found := s.file.problems; len(found) > 0 {
			f.refuse(n, found[0].Code, found[0].Message, policy.Text{})
			return
		}
		t.sheet = s
		d.sheets = append(d.sheets, s)
		if s.decode() {
			t.readSheet(spec)
		}
		t.broken = len(s.file.problems) > 0
	}
}

// readSheet reads the heading and the rows of a sheet. Rows without any text
// are left alone: spreadsheets write them.
func (t *table) readSheet(spec *rules.Table) {
	f := t.sheet.file
	r := csv.NewReader(strings.NewReader(strings.Join(f.lines, "\n")))
	r.FieldsPerRecord = -1
	headed := false
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			f.noteCSV(err)
			return
		}
		cells := f.cells(r, record)
		switch {
		case len(cells) == 0:
		case !headed:
			if headed = true; !f.heads(cells, spec) {
				return
			}
		default:
			t.addRow(cells, spec)
		}
	}
	if !headed {
		f.note(1, 1, 1, codeHeading, policy.Text{ZH: "缺少表头", EN: "the heading is missing"}, meant(heading(spec)))
	}
}

// cells are the cells of a row up to the last one with any text.
func (f *file) cells(r *csv.Reader, record []string) (cells []*node) {
	used, line, col, counted := 0, 0, 0, 0 // col characters in the first counted bytes of the line: a row may be a million bytes long
	for i, text := range record {
		at, byteCol := r.FieldPos(i)
		if at != line {
			line, col, counted = at, 0, 0
		}
		n := &node{line: line, text: unproof(text)}
		before := f.lines[line-1]
		col += utf8.RuneCountInString(before[counted : byteCol-1])
		counted, n.col = byteCol-1, col+1
		if strings.HasPrefix(before[byteCol-1:], `"`) {
			n.style = doubleQuoted
		}
		if cells = append(cells, n); strings.TrimSpace(text) != "" {
			used = len(cells)
		}
	}
	return cells[:used]
}

// plainCell is a cell as it was meant: spreadsheets are filled in with Chinese
// keyboards too.
func plainCell(text string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case '！' <= r && r <= '～': // the full-width forms of ASCII
			return r - '！' + '!'
		case r == '、':
			return ','
		case r == '。':
			return '.'
		}
		return r
	}, text))
}

// heading is the first line of a sheet: the columns, and the value.
func heading(spec *rules.Table) string {
	names := make([]string, 0, len(spec.Columns)+1)
	for _, c := range spec.Columns {
		names = append(names, c.Name)
	}
	return strings.Join(append(names, "value"), ",")
}

func (f *file) heads(cells []*node, spec *rules.Table) bool {
	names := make([]string, len(cells))
	for i, c := range cells {
		names[i] = plainCell(c.text)
	}
	want := heading(spec)
	if got := strings.Join(names, ","); got == want && len(names) == len(spec.Columns)+1 {
		return true
	}
	hint := meant(want)
	if strings.ContainsAny(cells[0].text, "，;；\t") {
		hint = policy.Text{ZH: "各列以半角逗号分隔：" + want, EN: "commas part the columns: " + want}
	}
	f.refuse(cells[0], codeHeading, policy.Text{ZH: "表头与 match 的列不一致", EN: "the heading does not go with the columns of match"}, hint)
	f.problems[len(f.problems)-1].Cell = cellName(cells[0].line, 0)
	return false
}

// maxListed is how many values a column may list; package rules refuses more.
const maxListed = 5000

// sheetCell reads a cell of one text or of a set. A text that its column has
// needs no reading: it may be full-width itself, or hold a comma.
func sheetCell(text string, domain rules.Cell) (set rules.Cell) {
	if len(domain) > maxListed {
		domain = nil // and refused
	}
	if text = strings.TrimSpace(text); slices.Contains(domain, text) {
		return rules.Cell{text}
	}
	for _, item := range strings.FieldsFunc(strings.Trim(text, "[]［］"), func(r rune) bool { return strings.ContainsRune(",，、;；\n", r) }) {
		if item = strings.TrimSpace(item); !slices.Contains(domain, item) {
			item = plainCell(item)
		}
		if lower := strings.ToLower(item); (item == "TRUE" || item == "FALSE") && !slices.Contains(domain, item) && slices.Contains(domain, lower) {
			item = lower // as spreadsheets write it
		}
		set = append(set, item)
	}
	if len(set) == 0 {
		return rules.Cell{""}
	}
	return set
}

// addRow takes in a row. A set in a cell is parted by commas, in brackets or not.
func (t *table) addRow(cells []*node, spec *rules.Table) {
	row := rules.Row{Line: cells[0].line}
	for i, c := range cells {
		if last := i == len(cells)-1 && len(cells) != len(spec.Columns); last {
			row.Value = plainCell(c.text)
			break
		}
		var domain rules.Cell
		if i < len(spec.Columns) {
			domain = spec.Columns[i].Domain
		}
		row.Cells = append(row.Cells, sheetCell(c.text, domain))
	}
	if len(cells) == len(spec.Columns) { // the last cell is empty: the value is missing, not a column
		line := cells[0].line
		cells = append(cells, &node{line: line, col: utf8.RuneCountInString(t.sheet.file.lines[line-1]) + 1})
	}
	t.row, t.cells = append(t.row, cells[0]), append(t.cells, cells)
	spec.Rows = append(spec.Rows, row)
}

func (f *file) noteCSV(err error) {
	message := policy.Text{ZH: "无法解析 CSV：" + err.Error(), EN: "cannot be read as CSV: " + err.Error()}
	at, col := 1, 1
	if e := (*csv.ParseError)(nil); errors.As(err, &e) && e.Line >= 1 && e.Line <= len(f.lines) {
		line := f.lines[e.Line-1]
		at, col = e.Line, utf8.RuneCountInString(line[:max(0, min(e.Column-1, len(line)))])+1
		message = policy.Text{ZH: "引号不配对", EN: "a quotation mark has no partner"}
	}
	f.note(at, col, 1, codeSyntax, message, policy.Text{ZH: `含逗号的单元格整个放进引号："A,B"`, EN: `put a cell with a comma into quotes as a whole: "A,B"`})
}
