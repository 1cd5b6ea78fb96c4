package products_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
)

const (
	sheetName = bondDir + "/rate.csv"
	rates     = "coverage,days,value\nQUALITY,1..90,0.300%\nQUALITY,91..365,0.420%\nDELIVERY,1..90,0.200%\nDELIVERY,91..365,0.310%\nAPPEARANCE,1..365,1.25‰\n"
)

// withSheet is the library's product with its rates in a CSV file.
func withSheet(t testing.TB, sheet []byte) fs.FS {
	t.Helper()
	data, err := fs.ReadFile(products.Library(), edition)
	if err != nil {
		t.Fatal(err)
	}
	from, to := bytes.Index(data, []byte("    rows:\n")), bytes.Index(data, []byte("\npremium:\n"))
	if from < 0 || to < from {
		t.Fatal("the library's product has no rows")
	}
	data = slices.Concat(data[:from], []byte("    file: rate.csv\n"), data[to:])
	return bond(t, map[string][]byte{edition: data, sheetName: sheet})
}

// TestBadSheets holds the problems of each CSV file against its golden.
func TestBadSheets(t *testing.T) {
	names, err := filepath.Glob("testdata/sheets/*.csv")
	if err != nil || len(names) < 10 {
		t.Fatalf("%d bad sheets (%v)", len(names), err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".csv"), func(t *testing.T) {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			_, err = products.Load(withSheet(t, data))
			found := problems(t, err)
			for _, p := range found {
				if p.File != sheetName || p.Line == 0 || p.Col == 0 {
					t.Errorf("%s:%d:%d is no place in the sheet", p.File, p.Line, p.Col)
				}
			}
			checkGolden(t, strings.TrimSuffix(name, ".csv")+".golden", found.Text(policy.Chinese)+"\n"+found.Text(policy.English))
		})
	}
}

func checkGolden(t *testing.T, golden, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

// TestSheets reads the same rates in all the forms in which spreadsheets and
// people write them.
func TestSheets(t *testing.T) {
	gbk := func(text string) []byte {
		data, err := simplifiedchinese.GBK.NewEncoder().Bytes([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	for name, data := range map[string][]byte{
		"UTF-8":               []byte(rates),
		"byte order mark":     []byte("\ufeff" + rates),
		"GBK":                 gbk(rates),
		"CRLF":                []byte(strings.ReplaceAll(rates, "\n", "\r\n")),
		"quoted":              []byte(strings.ReplaceAll(`"`+strings.ReplaceAll(strings.TrimSpace(rates), ",", `","`)+`"`, "\n", "\"\n\"")),
		"full width":          []byte(strings.NewReplacer("0.300%", "０．３００％", "1..90", "１..９０", "0.310%", "　0。310％").Replace(rates)),
		"full width, GBK":     gbk(strings.NewReplacer("0.300%", "０．３００％", "1..90", "１．．９０").Replace(rates)),
		"spaces":              []byte(strings.ReplaceAll(rates, ",", " ,\u00a0")),
		"empty rows and ends": []byte(strings.ReplaceAll(rates, "\n", ",,\n") + ",,,\n\n,,\n"),
		"no end of line":      []byte(strings.TrimSpace(rates)),
		"a set":               []byte(strings.Replace(rates, "APPEARANCE,1..365", "[APPEARANCE],\"1..90、91..365\"", 1)),
		"a star":              []byte(strings.Replace(rates, "APPEARANCE,1..365", "APPEARANCE,*", 1)),
		"fractions":           []byte(strings.NewReplacer("0.300%", "0.003", "1.25‰", "0.00125").Replace(rates)),
	} {
		t.Run(name, func(t *testing.T) {
			catalog, err := products.Load(withSheet(t, data))
			if err != nil {
				t.Fatalf("%s", problems(t, err).Text(policy.English))
			}
			d, err := policy.Decide(catalog, sample(t, nil))
			if err != nil || d.Verdict() != policy.Accept || !d.Premium.Rate.Equal(d.Application.PremiumRate) {
				t.Errorf("%v, %s, rate %s: %s", err, d.Verdict(), d.Premium.Rate, d.Faults.Message(policy.English, ""))
			}
		})
	}
}

// TestSheetIsOfTheEdition: a sheet that changes is another edition, and what an
// edition consists of can be kept in one piece.
func TestSheetIsOfTheEdition(t *testing.T) {
	seen := make(map[string]string)
	for name, data := range map[string]string{"as it is": rates, "another rate": strings.Replace(rates, "0.300%", "0.301%", 1), "another end": rates + "\n"} {
		catalog, err := products.Load(withSheet(t, []byte(data)))
		if err != nil {
			t.Fatal(err)
		}
		e := catalog.Editions()[0]
		sum, digest := sha256.Sum256(e.Source()), e.Terms().Digest
		if digest != hex.EncodeToString(sum[:]) || !bytes.HasSuffix(e.Source(), []byte(data)) {
			t.Errorf("%s: the digest is not that of the source", name)
		}
		if other, twice := seen[digest]; twice {
			t.Errorf("%s and %s have one digest", name, other)
		}
		seen[digest] = name
	}
}

// TestTablePremium prices the sample by the table of the library.
func TestTablePremium(t *testing.T) {
	catalog := library(t)
	for name, c := range map[string]struct {
		changes           map[string]string
		rate, parts, code string
	}{
		"the sample":        {nil, "0.00625", "QUALITY 3.05 of line 30, DELIVERY 2.04 of line 32, APPEARANCE 1.27 of line 34", ""},
		"in another order":  {map[string]string{"attrs.insuranceTypes": "APPEARANCE,QUALITY,DELIVERY"}, "0.00625", "APPEARANCE 1.27 of line 34, QUALITY 3.05 of line 30, DELIVERY 2.04 of line 32", ""},
		"at 90 days":        {map[string]string{"expireTime": "2021-11-01 23:59:59", "insurePeriod": "90"}, "0.00625", "QUALITY 3.05 of line 30, DELIVERY 2.04 of line 32, APPEARANCE 1.27 of line 34", ""},
		"at 91 days":        {map[string]string{"expireTime": "2021-11-02 23:59:59", "insurePeriod": "91", "premiumRate": "", "premium": "8.70", "premiumOfCny": "8.70"}, "0.00855", "QUALITY 4.27 of line 31, DELIVERY 3.16 of line 33, APPEARANCE 1.27 of line 34", ""},
		"at 366 days":       {map[string]string{"expireTime": "2022-08-04 23:59:59", "insurePeriod": "366"}, "0", "", "isv.invalid-parameter:expireTime"},
		"no coverage":       {map[string]string{"attrs.insuranceTypes": ""}, "0", "", "isv.missing-parameter:attrs.insuranceTypes"},
		"an unknown one":    {map[string]string{"attrs.insuranceTypes": "FLOOD"}, "0", "", "isv.invalid-parameter:attrs.insuranceTypes"},
		"a broken date":     {map[string]string{"expireTime": "tomorrow"}, "0", "", "isv.invalid-parameter:expireTime"},
		"another rate":      {map[string]string{"premiumRate": "0.0062"}, "0.00625", "QUALITY 3.05 of line 30, DELIVERY 2.04 of line 32, APPEARANCE 1.27 of line 34", "isv.parameters-mismatch:premiumRate"},
		"one coverage only": {map[string]string{"attrs.insuranceTypes": "DELIVERY", "premiumRate": "", "premium": "2.04", "premiumOfCny": "2.04"}, "0.002", "DELIVERY 2.04 of line 32", ""},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := policy.Decide(catalog, sample(t, c.changes))
			if err != nil {
				t.Fatal(err)
			}
			code := ""
			if worst, ok := d.Faults.Worst(); ok {
				code = worst.ErrorCode()
			}
			if code != c.code || d.Premium.Rate.String() != c.rate {
				t.Errorf("got %q, rate %s: %s", code, d.Premium.Rate, d.Faults.Message(policy.English, ""))
			}
			if got := parts(d.Premium); got != c.parts {
				t.Errorf("got  %s\nwant %s", got, c.parts)
			}
		})
	}
}

// parts writes the shares with the lines of the rows that they come from.
func parts(p policy.Premium) string {
	var all []string
	for i, s := range p.Shares {
		all = append(all, s.Coverage+" "+s.Amount.Fixed(2)+" of line "+lineOf(p.Rows[i]))
	}
	return strings.Join(all, ", ")
}

func lineOf(row policy.TableRow) string { return strconv.Itoa(row.Line) }
