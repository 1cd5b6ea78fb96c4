package products_test

import (
	"testing"
	"testing/fstest"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
)

const (
	casesSheet = specHead + "cases: limits.csv\n"
	eachSheet  = specHead + "cases:\n  limits: {given: sample, fill: declared, each: limits.csv}\n"
	casesName  = coverDir + "/limits.csv"
)

// TestSheetsOfCases runs cases that stand in a CSV file, as a spreadsheet leaves it.
func TestSheetsOfCases(t *testing.T) {
	for name, c := range map[string]struct{ spec, sheet string }{
		"cases":            {casesSheet, "case,amount,fill,expect\nlow,500,declared,accept\nhigh,1018,,reject TOO_HIGH NOTED\n,501.00,declared,note NOTED\n"},
		"cases, by given":  {casesSheet, "given,attrs,amount,fill,expect\nsample,~,500,declared,accept\n"},
		"rows":             {eachSheet, "amount,expect\n500,accept\n500.01,note NOTED\n1000.01,reject NOTED TOO_HIGH\n"},
		"Excel":            {eachSheet, "\ufeffcase,amount,expect,,\r\n低,500,accept,,\r\n,,,,\r\n\"高\",500.01,\"note NOTED\",,\r\n"},
		"Excel in Chinese": {eachSheet, "case,amount,expect\r\n\xb5\xcd,500,accept\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			fsys := covers(t, cover, c.spec)
			fsys[casesName] = &fstest.MapFile{Data: []byte(c.sheet)}
			report := specOf(t, fsys).Run(nil)
			if report.Failed() || len(report.Cases) == 0 || report.Cases[0].File != casesName || report.Cases[0].Line != 2 {
				t.Errorf("%+v\n%s", report.Cases, report.Text(policy.English))
			}
		})
	}
}

func TestBadSheetsOfCases(t *testing.T) {
	for name, c := range map[string]struct {
		spec, sheet string
		want        []want
	}{
		"no sheet":           {specHead + "cases: other.csv\n", "", []want{{"fixture", 4, 8}}},
		"elsewhere":          {specHead + "cases: ../limits.csv\n", "", []want{{"name", 4, 8}}},
		"nothing":            {casesSheet, "", []want{{"heading", 1, 1}}},
		"an unknown column":  {eachSheet, "amuont,expect\n1,accept\n", []want{{"heading", 1, 1}}},
		"given for each":     {eachSheet, "given,expect\nsample,accept\n", []want{{"heading", 1, 1}}},
		"a column twice":     {eachSheet, "amount,expect,amount\n", []want{{"duplicate", 1, 15}}},
		"no heading for it":  {eachSheet, "amount,expect\n1,accept,x\n", []want{{"heading", 2, 10}}},
		"nothing expected":   {eachSheet, "amount,expect\n1,\n", []want{{"missing-key", 2, 1}}},
		"a misspelt rule":    {eachSheet, "amount,expect\n1,reject TOO_HIHG\n", []want{{"unknown-code", 2, 10}}},
		"a misspelt fixture": {casesSheet, "given,expect\nsampel,accept\n", []want{{"value", 2, 1}}},
		"an open quote":      {casesSheet, "case,expect\n\"a,accept\n", []want{{"syntax", 2, 10}}},
		"a workbook":         {casesSheet, "PK\x03\x04", []want{{"encoding", 1, 1}}},
	} {
		t.Run(name, func(t *testing.T) {
			fsys := covers(t, cover, c.spec)
			fsys[casesName] = &fstest.MapFile{Data: []byte(c.sheet)}
			catalog, err := products.Load(fsys)
			if err != nil {
				t.Fatal(err)
			}
			_, err = products.LoadSpecs(fsys, catalog)
			checkWanted(t, problems(t, err), c.want...)
		})
	}
}
