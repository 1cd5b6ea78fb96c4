package products_test

import (
	"bytes"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
)

// asSheet is the library's table as a plain CSV file, with changes.
func asSheet(changes ...string) products.Sheet {
	return products.Sheet{Name: "rate.csv", Data: []byte(strings.NewReplacer(changes...).Replace(rates))}
}

// TestImportTable writes into the edition what a sheet says otherwise, and
// nothing else.
func TestImportTable(t *testing.T) {
	data, err := fs.ReadFile(products.Library(), edition)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		sheet   products.Sheet
		from    []string // parts of the edition, each followed by what becomes of it
		changes string   // their codes
	}{
		"as it is":                {asSheet(), nil, ""},
		"numbers in other words":  {asSheet("0.300%", "0.30%", "0.420%", "0.0042", "1.25‰", "0.125%"), nil, ""},
		"a rate":                  {asSheet("0.300%", "0.35%"), []string{"0.300%", "0.35%"}, "row-changed"},
		"a rate in other columns": {asSheet("0.300%", "0.0035"), []string{"0.300%", "0.0035"}, "row-changed"},
		"a bound": {asSheet("QUALITY,1..90", "QUALITY,1..120", "QUALITY,91..365", "QUALITY,121..365"),
			[]string{"[QUALITY,    1..90,   ", "[QUALITY,    1..120,  ", "[QUALITY,    91..365, ", "[QUALITY,    121..365, "}, "row-removed row-removed row-added row-added"},
		"rows in another order": {asSheet("QUALITY,1..90,0.300%\nQUALITY,91..365,0.420%\n", "QUALITY,91..365,0.420%\nQUALITY,1..90,0.300%\n"),
			[]string{"      - [QUALITY,    1..90,   0.300%]\n      - [QUALITY,    91..365, 0.420%]\n", "      - [QUALITY,    91..365, 0.420%]\n      - [QUALITY,    1..90,   0.300%]\n"}, ""},
		"a row more": {asSheet("APPEARANCE,1..365,1.25‰", "APPEARANCE,1..30,1‰\nAPPEARANCE,31..365,1.25‰"),
			[]string{"      - [APPEARANCE, 1..365,  1.25‰]\n", "      - [APPEARANCE, 1..30,   1‰]\n      - [APPEARANCE, 31..365, 1.25‰]\n"}, "row-removed row-added row-added"},
		"a row less": {asSheet("QUALITY,1..90,0.300%\nQUALITY,91..365,0.420%\n", "QUALITY,*,0.4%\n"),
			[]string{"      - [QUALITY,    1..90,   0.300%]\n      - [QUALITY,    91..365, 0.420%]\n", "      - [QUALITY,    '*',     0.4%]\n"}, "row-removed row-removed row-added"},
		"a set": {asSheet("DELIVERY,1..90,0.200%\n", "", "DELIVERY,91..365,0.310%\n", "", "QUALITY,91..365", "\"DELIVERY、QUALITY\",91..365", "QUALITY,1..90", "\"[QUALITY, DELIVERY]\",1..90"),
			[]string{
				"[QUALITY,    1..90,   ", "[[QUALITY, DELIVERY], 1..90,   ", "[QUALITY,    91..365, ", "[[DELIVERY, QUALITY], 91..365, ",
				"      - [DELIVERY,   1..90,   0.200%]\n      - [DELIVERY,   91..365, 0.310%]\n", "",
			}, "row-removed row-removed row-removed row-removed row-added row-added"},
		"a rounded rate that is meant": {
			products.Sheet{Name: "rate.csv", Data: []byte(strings.Replace(rates, "1.25‰", "0.13%", 1)), Rounded: true}, []string{"1.25‰", "0.13%"}, "row-changed"},
	} {
		t.Run(name, func(t *testing.T) {
			im, err := products.ImportTable(bond(t, nil), edition, "rate", c.sheet)
			if err != nil {
				t.Fatalf("%v\n%s", err, problems(t, err).Text(policy.English))
			}
			var codes []string
			for _, change := range im.Changes {
				codes = append(codes, change.Code)
			}
			if got := strings.Join(codes, " "); got != c.changes || im.File != edition || !bytes.Equal(im.Was, data) {
				t.Errorf("%s: %s, want %s", im.File, got, c.changes)
			}
			want := strings.NewReplacer(c.from...).Replace(string(data))
			if c.from == nil {
				want = ""
			}
			if string(im.Data) != want {
				t.Errorf("got\n%s", im.Data)
			}
		})
	}
}

// TestImportRefuses tells what is wrong with a sheet by its cell, and makes
// nothing of it.
func TestImportRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		sheet products.Sheet
		want  string // code and cell of each problem
	}{
		"a gap":                 {asSheet("QUALITY,1..90", "QUALITY,1..89"), "gap A2"},
		"an overlap":            {asSheet("QUALITY,1..90", "QUALITY,1..91"), "overlap A3"},
		"an unknown coverage":   {asSheet("DELIVERY,91", "DELIVRY,91"), "unknown-value A5"},
		"no number":             {asSheet("0.200%", "about 0.2%"), "number C4"},
		"a day":                 {asSheet("1..90,0.200%", "1月90日,0.200%"), "number B4"},
		"a percentage":          {asSheet("0.200%", "0.2"), "rate C4"},
		"no value":              {asSheet("0.200%", ""), "empty C4"},
		"several":               {asSheet("0.200%", "x", "91..365,0.310%", "91..400,0.310%"), "number C4 range B5"},
		"another heading":       {asSheet("coverage,days", "days,coverage"), "heading A1"},
		"no rows":               {products.Sheet{Name: "rate.csv", Data: []byte("coverage,days,value\n")}, "gap "},
		"nothing":               {products.Sheet{Name: "rate.csv"}, "heading "},
		"a workbook":            {products.Sheet{Name: "rate.csv", Data: []byte("PK\x03\x04…")}, "encoding "},
		"a rate that was cut":   {asSheet("1.25‰", "0.13%"), "rounded C6"},
		"rates that were cut":   {asSheet("1.25‰", "0.13%", "0.300%", "0.30%"), "rounded C6"},
		"quotes without an end": {asSheet("QUALITY,1", `"QUALITY,1`), "syntax "},
	} {
		t.Run(name, func(t *testing.T) {
			im, err := products.ImportTable(bond(t, nil), edition, "rate", c.sheet)
			var got []string
			for _, p := range problems(t, err) {
				got = append(got, p.Code+" "+p.Cell)
				if p.File != "rate.csv" && p.Code != "gap" {
					t.Errorf("told of %s", p.File)
				}
			}
			if s := strings.Join(got, " "); s != c.want || im != nil {
				t.Errorf("got %s, want %s\n%s", s, c.want, problems(t, err).Text(policy.English))
			}
		})
	}
	if _, err := products.ImportTable(bond(t, nil), edition, "rates", asSheet()); err == nil {
		t.Error("there is no such table")
	}
	if _, err := products.ImportTable(bond(t, map[string][]byte{edition: []byte(header + "zzz: 1\n")}), edition, "rate", asSheet()); problems(t, err)[0].File != edition {
		t.Error(err)
	}
}

// formed is an edition whose rows stand in another form.
func formed(rows string) fstest.MapFS {
	return fstest.MapFS{"1.yaml": &fstest.MapFile{Data: []byte(header + "tables:\n  t: {match: {of: [A, B, 'C, D']}, rows: " + rows + "}\n")}}
}

// TestImportForms changes cells in whatever form rows are written, and refuses
// more where it would have to write them anew.
func TestImportForms(t *testing.T) {
	const rows = "[[A, 1], # first\n    ['B', \"2\"], ['C, D', 3]]"
	sheet := func(text string) products.Sheet { return products.Sheet{Name: "t.csv", Data: []byte(text)} }
	im, err := products.ImportTable(formed(rows), "1.yaml", "t", sheet("of,value\nA,1\nB,20\n\"C, D\",30\n"))
	if err != nil {
		t.Fatal(err)
	}
	if want := string(formed("[[A, 1], # first\n    ['B', 20], ['C, D', 30]]")["1.yaml"].Data); string(im.Data) != want {
		t.Errorf("got\n%s", im.Data)
	}
	_, err = products.ImportTable(formed(rows), "1.yaml", "t", sheet("of,value\n\"A,B\",1\n\"C, D\",30\n"))
	if found := problems(t, err); found[0].Code != "sheet" || found[0].File != "1.yaml" || found[0].Line != 5 {
		t.Error(found.Text(policy.English))
	}
}

// TestImportTellsLostComments: what stands behind a row goes with it, and is
// told; what stands above it stays.
func TestImportTellsLostComments(t *testing.T) {
	text := header + "tables:\n  t:\n    match: {n: 1..9}\n    rows:\n      # low\n      - [1..3, 1]   # as filed\n      # high\n      - [4..9, 2]\n      # end\n"
	fsys := fstest.MapFS{"1.yaml": &fstest.MapFile{Data: []byte(text)}}
	im, err := products.ImportTable(fsys, "1.yaml", "t", products.Sheet{Name: "t.csv", Data: []byte("n,value\n4..9,2\n1..2,1\n3,1\n")})
	if err != nil {
		t.Fatal(problems(t, err).Text(policy.English))
	}
	want := strings.Replace(text, "      - [1..3, 1]   # as filed\n      # high\n      - [4..9, 2]\n", "      # high\n      - [4..9, 2]\n      - [1..2, 1]\n      - [3, 1]\n", 1)
	if string(im.Data) != want || len(im.Lost) != 1 || im.Lost[0].Line != 9 {
		t.Errorf("lost %v, got\n%s", im.Lost, im.Data)
	}
}

// TestImportIntoSheet writes into the CSV file that the edition names, as that
// file is encoded.
func TestImportIntoSheet(t *testing.T) {
	gbk := func(text string) []byte {
		data, err := simplifiedchinese.GBK.NewEncoder().Bytes([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	const was = "coverage,days,value\nQUALITY, 1..90 ,０.300％\n\nQUALITY,91..365,0.420%,,\nDELIVERY,1..90,0.200%\nDELIVERY,91..365,0.310%\nAPPEARANCE,1..365,1.25‰\n"
	is := strings.NewReplacer("DELIVERY,1..90,0.200%", "DELIVERY,1..30,0.1‰\nDELIVERY,31..90,0.2%").Replace(was)
	crlf := func(text string) string { return strings.ReplaceAll(text, "\n", "\r\n") }
	sheet := asSheet("DELIVERY,1..90,0.200%", "DELIVERY,1..30,\"=\"\"0.1‰\"\"\"\nDELIVERY,31..90,0.2%")
	for name, c := range map[string]struct{ was, want []byte }{
		"UTF-8":           {[]byte(was), []byte(is)},
		"byte order mark": {[]byte("\ufeff" + was), []byte("\ufeff" + is)},
		"CRLF":            {[]byte(crlf(was)), []byte(crlf(is))},
		"GBK, CRLF":       {gbk(crlf(was)), gbk(crlf(is))},
		"no end of line":  {[]byte(strings.TrimSpace(was)), []byte(strings.TrimSpace(is))},
		"formulas":        {[]byte(strings.Replace(was, "0.420%", `"=""0.420%"""`, 1)), []byte(strings.Replace(strings.Replace(is, "0.420%", `"=""0.420%"""`, 1), ",0.2%", `,"=""0.2%"""`, 1))},
	} {
		t.Run(name, func(t *testing.T) {
			fsys := withSheet(t, c.was)
			im, err := products.ImportTable(fsys, edition, "rate", asSheet())
			if err != nil || im.Data != nil || im.File != sheetName {
				t.Fatalf("%v, %s %q", err, im.File, im.Data)
			}
			if im, err = products.ImportTable(fsys, edition, "rate", sheet); err != nil {
				t.Fatal(problems(t, err).Text(policy.English))
			}
			if !bytes.Equal(im.Data, c.want) || !bytes.Equal(im.Was, c.was) {
				t.Errorf("got\n%q\nwant\n%q", im.Data, c.want)
			}
		})
	}
}

// TestSheetBeforeColumns: the order of keys is nobody's business.
func TestSheetBeforeColumns(t *testing.T) {
	_, err := products.LoadEdition(fstest.MapFS{
		"1.yaml": &fstest.MapFile{Data: []byte(header + "tables:\n  t:\n    file: t.csv\n    match: {n: 1..2}\n")},
		"t.csv":  &fstest.MapFile{Data: []byte("n,value\n1..2,5\n")},
	}, "1.yaml")
	if err != nil {
		t.Error(problems(t, err).Text(policy.English))
	}
}

// TestExportTable: what a charset or a cell cannot hold is told by the cell.
func TestExportTable(t *testing.T) {
	e, _ := openEdition(t, []byte(header+"tables:\n  t: {match: {of: [A, 'B、C', 𠮷]}, rows: [[A, 1], [['B、C', 𠮷], 2]]}\n  u: {match: {of: [𠮷, x]}, rows: [[𠮷, 1], [x, 0.50%]]}\n"))
	if !slices.Equal(e.Tables(), []string{"t", "u"}) {
		t.Errorf("%v", e.Tables())
	}
	for name, c := range map[string]struct {
		table   string
		charset products.Charset
		want    string
	}{
		"a set of what parts sets": {"t", products.UTF8, "sheet A3"},
		"no GBK":                   {"u", products.GBK, "encoding A2"},
		"a rare character":         {"u", products.UTF8, ""},
	} {
		data, err := e.ExportTable(c.table, c.charset)
		got := ""
		if err != nil {
			p := problems(t, err)[0]
			got = p.Code + " " + p.Cell
		} else if want := "\ufeffof,value\r\n𠮷,1\r\nx,0.50%\r\n"; string(data) != want {
			t.Errorf("%s: %q", name, data)
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
	if _, err := e.ExportTable("v", products.UTF8); err == nil {
		t.Error("there is no table v")
	}
}
