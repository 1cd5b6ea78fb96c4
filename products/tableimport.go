package products

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/policy/money"
	"github.com/chudan-io/chudan/rules"
)

// Sheet is a CSV file as it came back from a spreadsheet.
type Sheet struct {
	Name string // as problems name it
	Data []byte // UTF-8 with or without a byte order mark, or GBK

	// Rounded takes in percentages that are those of the edition, rounded to two
	// decimals. A spreadsheet saves 0.625% as 0.63% when nobody touched it, and so
	// that is a problem unless somebody says that it is meant.
	Rounded bool
}

// Import is what a sheet makes of a table: read, proven, and not yet written.
type Import struct {
	File    string   // what is to be written: the edition, or the CSV file that it names for the table
	Was     []byte   // what it held when it was read
	Data    []byte   // all that it shall hold; nil where nothing is to be written
	Changes []Change // in the product's words; none where rows only moved
	Lost    []Place  // comments behind rows that are there no more
}

// ImportTable makes the rows of a sheet those of a table of an edition, which
// must load. It writes nothing: its caller does, once the changes were seen.
//
// The edition is proven with the new rows as if they stood in it, and all that
// is wrong is answered as Problems, each with the file and the cell. What the
// sheet leaves as it is stays byte for byte: comments, spacing, the way in
// which a number is written (0.30% for 0.300% is no change). A sheet that says
// what the edition says changes nothing at all.
//
// Rows may come, go and move where each of them stands in a line of its own,
// - [A, 1..90, 0.300%]; in other forms only cells can be changed, and all else
// is a problem. Where the edition names a CSV file, that one is to be written.
func ImportTable(fsys fs.FS, edition, table string, s Sheet) (*Import, error) {
	f := readFile(fsys, edition)
	before, d, err := loadSound(f, nil)
	if err != nil {
		return nil, err
	}
	at := slices.Index(before.Tables(), table)
	if at < 0 {
		return nil, fmt.Errorf("products: %s has no table %q", edition, table)
	}
	old, spec := d.tables[at], d.rules.Tables[at]
	fresh, rows, err := s.read(old, spec)
	if err != nil {
		return nil, err
	}
	after, _, err := loadSound(readFile(fsys, edition), func(d *definition) {
		d.tables[at].sheet, d.tables[at].row, d.tables[at].cells = fresh.sheet, fresh.row, fresh.cells
		d.rules.Tables[at].Rows = rows
	})
	if err != nil {
		return nil, err
	}
	if err := fresh.checkRounding(spec.Rows, rows, s.Rounded); err != nil {
		return nil, err
	}
	w := &rewriter{file: f, table: old, before: spec.Rows, after: rows, from: match(spec.Rows, rows)}
	im := &Import{File: edition, Changes: Diff(before, after)}
	if old.sheet != nil {
		w.file = old.sheet.file
		im.File = path.Join(path.Dir(edition), path.Base(w.file.name))
	}
	if im.Was = w.file.data; w.same() {
		return im, nil
	}
	if im.Data, err = w.rewrite(); err != nil {
		return nil, err
	}
	im.Lost = w.lost
	return im, w.prove(fsys, edition, at, im)
}

// loadSound loads the edition in a file, with a change that is made before it is
// proven.
func loadSound(f *file, change func(*definition)) (e *Edition, sound *definition, err error) {
	l := &loader{catalog: &Catalog{}}
	e = l.readEditionFile(f, func(_ *file, _ *node, d *definition) {
		if sound = d; change != nil {
			change(d)
		}
	})
	return e, sound, l.problems.asError()
}

// read reads the sheet as rows of a table.
func (s Sheet) read(old *table, spec rules.Table) (fresh *table, rows []rules.Row, err error) {
	fresh = &table{name: old.name, match: old.match, rows: old.rows, sheet: &sheet{file: newFile(s.Name, s.Data)}}
	read := rules.Table{Name: spec.Name, Columns: spec.Columns}
	if fresh.sheet.decode() {
		fresh.readSheet(&read)
	}
	return fresh, read.Rows, fresh.sheet.file.problems.asError()
}

// checkRounding finds rates that a spreadsheet rounded on the way.
func (t *table) checkRounding(before, after []rules.Row, meant bool) error {
	f := t.sheet.file
	for i, from := range match(before, after) {
		if from < 0 || meant || !roundedPercent(before[from].Value, after[i].Value) {
			continue
		}
		was, n := before[from].Value, t.cells[i][len(t.cells[i])-1]
		f.refuse(n, codeRounded,
			policy.Text{ZH: shown(was) + " 变成了 " + shown(after[i].Value) + "：表格软件把百分数显示并保存为两位小数",
				EN: shown(was) + " became " + shown(after[i].Value) + ": spreadsheets show a percentage with two decimals, and save what they show"},
			policy.Text{ZH: `在单元格中写 ="` + was + `" 可原样保存；若确为改动，请说明（--rounded）`,
				EN: `in the cell, ="` + was + `" is kept as it is; where the change is meant, say so (--rounded)`})
		f.problems[len(f.problems)-1].Cell = cellName(n.line, len(t.cells[i])-1)
	}
	return f.problems.asError()
}

// roundedPercent tells whether a value is another one, rounded to a percentage
// of two decimals.
func roundedPercent(was, is string) bool {
	b, ok := quantity(was)
	a, also := quantity(is)
	whole, fraction, _ := strings.Cut(strings.TrimSuffix(is, "%"), ".")
	if !ok || !also || whole == is || len(fraction) != 2 || a.Equal(b) {
		return false
	}
	return b.Shift(2).Round(2, money.HalfUp).Shift(-2).Equal(a)
}

// prove reads what is to be written, and compares it with what was meant.
func (w *rewriter) prove(fsys fs.FS, edition string, at int, im *Import) error {
	f := readFile(fsys, edition)
	if w.table.sheet == nil {
		beside := f.beside
		f = newFile(edition, im.Data)
		f.beside = beside
	} else {
		beside := f.beside
		f.beside = func(name string) *file {
			if name == path.Base(im.File) {
				return newFile(im.File, im.Data)
			}
			return beside(name)
		}
	}
	_, d, err := loadSound(f, nil)
	if err != nil {
		return fmt.Errorf("products: the table does not read back from %s: %w", im.File, err)
	}
	if again := d.rules.Tables[at].Rows; !sameRows(again, w.after) {
		return fmt.Errorf("products: the table does not read back from %s as it was meant", im.File)
	}
	return nil
}
