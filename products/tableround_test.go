package products_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
)

// awkward are texts that spreadsheets, CSV or YAML make something else of.
var awkward = []string{
	"0010", "10", "SEPT2", "3-5", "1/2", "=1+1", "+A1", "-x", "@a", "true", "TRUE", "false", "null", "A,B", "甲、乙", "（甲）", "it's", `say "x"`,
	"2021年1月", "一月一日", "# x", "a: b", "x #y", "1e5", "12345678901234567890", "[A]", "{a}", "a;b", "50%", "~", "&a", "!t", "|", "> x", "%", "A B", "ＱＵＡ", "‰",
}

// author writes random tables as YAML.
type author struct {
	*rand.Rand
	columns []string   // match
	words   [][]string // by column; nil for numbers
	last    []int      // of numbers: 1..last
}

func newAuthor(seed uint64) *author {
	a := &author{Rand: rand.New(rand.NewPCG(seed, 7))}
	for i := range 1 + a.IntN(3) {
		var words []string
		last := 0
		switch a.IntN(3) {
		case 0:
			words = slices.Clone(awkward)
			a.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
			words = append([]string{"A"}, words[:1+a.IntN(5)]...) // a number first would make it a column of numbers
		case 1:
			words = []string{"QUALITY", "DELIVERY", "APPEARANCE"}
		default:
			last = 2 + a.IntN(400)
		}
		a.columns, a.words, a.last = append(a.columns, fmt.Sprintf("c%d", i)), append(a.words, words), append(a.last, last)
	}
	return a
}

// rows are cells that cover each combination once, and their values.
func (a *author) rows(column int) (rows [][]string) {
	if column == len(a.columns) {
		return [][]string{{a.value()}}
	}
	for _, cell := range a.cut(column) {
		for _, rest := range a.rows(column + 1) {
			rows = append(rows, append([]string{cell}, rest...))
		}
	}
	return rows
}

// cut parts the values of a column into cells.
func (a *author) cut(column int) (cells []string) {
	if a.IntN(8) == 0 {
		return []string{a.scalar("*")}
	}
	if last := a.last[column]; last > 0 {
		for from := 1; from <= last; {
			to := min(last, from+a.IntN(last))
			cell := fmt.Sprintf("%d..%d", from, to)
			if from == to && a.IntN(2) == 0 {
				cell = fmt.Sprint(from)
			}
			cells, from = append(cells, a.scalar(cell)), to+1
		}
		return cells
	}
	words := slices.Clone(a.words[column])
	a.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
	for len(words) > 0 {
		n := 1
		if a.IntN(3) == 0 {
			n = 1 + a.IntN(len(words))
		}
		cells, words = append(cells, a.set(words[:n])), words[n:]
	}
	return cells
}

func (a *author) set(words []string) string {
	if len(words) == 1 {
		return a.scalar(words[0])
	}
	texts := make([]string, len(words))
	for i, w := range words {
		texts[i] = a.scalar(w)
	}
	return "[" + strings.Join(texts, ", ") + "]"
}

func (a *author) value() string {
	whole, fraction := a.IntN(3), a.IntN(100_000)
	return a.scalar([]string{
		fmt.Sprintf("%d.%03d%%", whole, fraction%1000), fmt.Sprintf("%d.%02d%%", whole, fraction%100), fmt.Sprintf("%d‰", fraction%100), fmt.Sprintf("%d.%d‰", whole, fraction%100),
		fmt.Sprintf("%d.%05d", whole, fraction), fmt.Sprint(fraction), fmt.Sprintf("%d.%d", fraction, whole), fmt.Sprintf("%d%%", whole), "123456789012345", "0.0000000001", "0.10",
	}[a.IntN(11)])
}

// scalar writes a text in one of the styles of YAML.
func (a *author) scalar(text string) string {
	single := "'" + strings.ReplaceAll(text, "'", "''") + "'"
	switch a.IntN(4) {
	case 0:
		return single
	case 1:
		return `"` + strings.ReplaceAll(strings.ReplaceAll(text, `\`, `\\`), `"`, `\"`) + `"`
	}
	if strings.ContainsAny(text, "*,、#:'\"[]{}&!|>%@~=;") && text[len(text)-1] != '%' || strings.ContainsAny(text[:1], "-%[{~") || text == "null" {
		return single
	}
	return text
}

// edition writes a table as an edition; rows in lines, where remarks may stand,
// or in any other form.
func (a *author) edition(lined bool) []byte {
	var b strings.Builder
	b.WriteString(header + "coverages: {QUALITY: 质量险, DELIVERY: 交期险, APPEARANCE: 外观险}\n# 费率\ntables:\n  rate: # the only one\n    match: {")
	for i, c := range a.columns {
		domain := "1.." + fmt.Sprint(a.last[i])
		if a.words[i] != nil {
			domain = a.set(a.words[i])
		}
		b.WriteString(c + ": " + domain + ", ")
	}
	b.WriteString("}\n    rows:")
	rows := a.rows(0)
	switch {
	case lined:
		b.WriteString("\n    # above\n")
		for i, r := range rows {
			if a.IntN(4) == 0 {
				fmt.Fprintf(&b, "      # 第 %d 段\n\n", i)
			}
			b.WriteString("      - [" + strings.Join(r, []string{", ", ",  ", ",    "}[a.IntN(3)]) + []string{"]", ",]", " ]"}[a.IntN(3)] + "\n")
		}
		b.WriteString("      # below\n")
	case a.IntN(2) == 0:
		for i, r := range rows {
			rows[i] = []string{"[" + strings.Join(r, " ,") + "]"}
		}
		b.WriteString(" [" + strings.Join(slices.Concat(rows...), ",\n  ") + "]\n")
	default:
		b.WriteString("\n")
		for _, r := range rows {
			b.WriteString("      - - " + strings.Join(r, " # here\n        - ") + "\n")
		}
	}
	b.WriteString("rules: {}\n# the end")
	text := b.String()
	if a.IntN(3) == 0 {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	return []byte(text)
}

// openEdition is an edition that loads; nil where what the author wrote does not.
func openEdition(t testing.TB, data []byte) (e *products.Edition, fsys fstest.MapFS) {
	t.Helper()
	fsys = fstest.MapFS{"1.yaml": &fstest.MapFile{Data: data}}
	e, err := products.LoadEdition(fsys, "1.yaml")
	if err != nil {
		t.Fatalf("%s\n%s", problems(t, err).Text(policy.English), data)
	}
	return e, fsys
}

// FuzzTableRoundTrip takes random tables to a spreadsheet and back: nothing
// changes, not a byte, however the sheet is written; and the table of another
// edition is taken over as it is, without touching what stands around it.
func FuzzTableRoundTrip(f *testing.F) {
	for seed := range uint64(150) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		a := newAuthor(seed)
		data := a.edition(seed%2 == 0)
		e, fsys := openEdition(t, data)
		sheet, err := e.ExportTable("rate", products.UTF8)
		if err != nil {
			if found := problems(t, err); found[0].Code != "sheet" || found[0].Cell == "" {
				t.Fatal(found.Text(policy.English))
			}
			return
		}
		for how, form := range forms(t, sheet) {
			im, err := products.ImportTable(fsys, "1.yaml", "rate", products.Sheet{Name: "rate.csv", Data: form})
			if err != nil {
				t.Fatalf("%s: %s\n%s\n%s", how, err, form, data)
			}
			if im.Data != nil || len(im.Changes) > 0 || len(im.Lost) > 0 {
				t.Fatalf("%s changes:\n%s\nfrom\n%s\nto\n%s", how, form, data, im.Data)
			}
		}
		takeOver(t, a, data, fsys, e)
		takeOverSheet(t, a, data, forms(t, sheet))
	})
}

// forms are a sheet in the forms in which spreadsheets and people save it.
func forms(t testing.TB, sheet []byte) map[string][]byte {
	t.Helper()
	plain := strings.TrimPrefix(string(sheet), "\ufeff")
	records, err := csv.NewReader(strings.NewReader(plain)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var saved, quoted strings.Builder
	for _, record := range records {
		for i, cell := range record {
			record[i] = spreadsheet(cell)
			if i > 0 {
				quoted.WriteString(",")
			}
			quoted.WriteString(`"` + strings.ReplaceAll(record[i], `"`, `""`) + `"`)
		}
		quoted.WriteString("\r\n")
		w := csv.NewWriter(&saved)
		_ = w.Write(record)
		w.Flush()
	}
	all := map[string][]byte{
		"as exported": sheet, "without a mark": []byte(plain), "LF": []byte(strings.ReplaceAll(plain, "\r\n", "\n")), "saved": []byte(saved.String()), "quoted": []byte(quoted.String()),
		"empty rows": []byte(strings.ReplaceAll(saved.String(), "\n", ",,\n") + ",,,\n\n"),
	}
	for how, data := range all {
		if gbk, err := simplifiedchinese.GBK.NewEncoder().Bytes(bytes.TrimPrefix(data, []byte("\ufeff"))); err == nil {
			all[how+", GBK"] = gbk
		}
	}
	return all
}

// takeOver imports the table of another edition that has the same columns.
func takeOver(t *testing.T, a *author, data []byte, fsys fstest.MapFS, e *products.Edition) {
	t.Helper()
	other, _ := openEdition(t, a.edition(true))
	sheet, err := other.ExportTable("rate", products.UTF8)
	if err != nil {
		return
	}
	im, err := products.ImportTable(fsys, "1.yaml", "rate", products.Sheet{Name: "rate.csv", Data: sheet, Rounded: true})
	if err != nil {
		if found := problems(t, err); found[0].Code != "sheet" || strings.Contains(string(data), "# above") {
			t.Fatalf("%s\n%s", found.Text(policy.English), data)
		}
		return
	}
	if im.Data == nil {
		return
	}
	now, _ := openEdition(t, im.Data)
	if changes := products.Diff(now, other); len(changes) > 0 {
		t.Fatalf("%v is left\n%s", changes, im.Data)
	}
	if got, want := len(products.Diff(e, now)), len(im.Changes); got != want {
		t.Errorf("%d changes are told, want %d", want, got)
	}
	begin, end := bytes.Index(data, []byte("rows:")), bytes.Index(data, []byte("rules:"))
	if !bytes.HasPrefix(im.Data, data[:begin]) || !bytes.HasSuffix(im.Data, data[end:]) || bytes.Count(im.Data, []byte("#")) < bytes.Count(data[:begin], []byte("#")) {
		t.Fatalf("more than the rows has changed:\n%s\nto\n%s", data, im.Data)
	}
	for _, line := range strings.SplitAfter(string(data), "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "#") && !strings.Contains(string(im.Data), line) {
			t.Errorf("the comment %q is gone", line)
		}
	}
	if bytes.Contains(data, []byte("\r\n")) && bytes.Count(im.Data, []byte("\n")) != bytes.Count(im.Data, []byte("\r\n")) {
		t.Errorf("line ends of two kinds: %q", im.Data)
	}
}

// takeOverSheet does the same where the rows stand in a CSV file, in two of its
// forms.
func takeOverSheet(t *testing.T, a *author, data []byte, all map[string][]byte) {
	t.Helper()
	begin, end := bytes.Index(data, []byte("    rows:")), bytes.Index(data, []byte("rules:"))
	data = slices.Concat(data[:begin], []byte("    file: rate.csv\n"), data[end:])
	other, _ := openEdition(t, a.edition(true))
	sheet, err := other.ExportTable("rate", products.UTF8)
	if err != nil {
		return
	}
	names := slices.Sorted(maps.Keys(all))
	for range 2 {
		how := names[a.IntN(len(names))]
		was := all[how]
		fsys := fstest.MapFS{"1.yaml": &fstest.MapFile{Data: data}, "rate.csv": &fstest.MapFile{Data: was}}
		im, err := products.ImportTable(fsys, "1.yaml", "rate", products.Sheet{Name: "new.csv", Data: sheet, Rounded: true})
		if err != nil {
			var found products.Problems
			if gbk := strings.HasSuffix(how, "GBK"); errors.As(err, &found) && gbk && found[0].Code == "encoding" {
				continue
			}
			t.Fatalf("%s: %v\n%q", how, err, was)
		}
		if im.Data == nil {
			continue
		}
		fsys["rate.csv"] = &fstest.MapFile{Data: im.Data}
		now, err := products.LoadEdition(fsys, "1.yaml")
		if err != nil {
			t.Fatalf("%s: %v", how, err)
		}
		if changes := products.Diff(now, other); len(changes) > 0 {
			t.Fatalf("%s: %v is left\n%s", how, changes, im.Data)
		}
	}
}
