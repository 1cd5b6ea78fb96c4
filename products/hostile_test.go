package products_test

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
)

const (
	// hostileSize is just below the length of a file that is read at all.
	hostileSize = 1<<20 - 4
	// hostileWork is what a hostile file may cost, in bytes that are allocated on
	// the way: work as a machine that is busy with other things does it too.
	hostileWork = 1 << 30
)

// fill repeats a text up to the length of a file.
func fill(head, text, tail string) string {
	return head + strings.Repeat(text, (hostileSize-len(head)-len(tail))/len(text)) + tail
}

// count repeats a text with numbers from 0 on, n times or up to the length of a
// file.
func count(n int, head, format, tail string) string {
	var b strings.Builder
	b.WriteString(head)
	for i := range n {
		item := fmt.Sprintf(format, i)
		if b.Len()+len(item)+len(tail) > hostileSize {
			break
		}
		b.WriteString(item)
	}
	return b.String() + tail
}

// aliasBomb is 10^9 texts in ten lines.
func aliasBomb() string {
	bomb := "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
	for i := range 9 {
		bomb += fmt.Sprintf("a%[2]d: &a%[2]d [%[3]s]\n", i, i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i), 10), ", "))
	}
	return bomb
}

func stairs() string {
	var b strings.Builder
	for i := 0; b.Len() < hostileSize-2000; i++ {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}

// maze is a table of eight columns whose rows cut each other in ever new places.
func maze(name string, rows int) string {
	var b strings.Builder
	b.WriteString("  " + name + ":\n    match: {a: 1..999, b: 1..999, c: 1..999, d: 1..999, e: 1..999, f: 1..999, g: 1..999, h: 1..999}\n    rows:\n")
	for i := range rows {
		b.WriteString("      - [")
		for k := range 8 {
			from := 1 + (i*(k*37+11))%600
			fmt.Fprintf(&b, "%d..%d, ", from, from+399-k)
		}
		b.WriteString("1]\n")
	}
	return b.String()
}

func mazes(n, rows int) string {
	var b strings.Builder
	b.WriteString(header + "tables:\n")
	for i := range n {
		b.WriteString(maze(fmt.Sprintf("t%d", i), rows))
	}
	return b.String()
}

// hostile are files that make readers slow, big or panic, by what they are read
// as: the name of the file.
var hostile = map[string]map[string]string{
	edition: {
		"panics in maps":       "{<<: {a: b}, [x]: y}\n",
		"alias bomb":           aliasBomb(),
		"brackets":             fill("", "[", ""),
		"braces":               fill("", "{", ""),
		"dashes":               fill("", "- ", ""),
		"questions":            fill("", "? ", ""),
		"comments":             fill("", "#\n", ""),
		"keys":                 fill("", "a:\n", ""),
		"commented keys":       fill("", "a: 1 #\n", ""),
		"stairs":               stairs(),
		"commas":               fill("currencies: [", "a,", "]"),
		"spaces":               fill("", " ", ""),
		"one long key":         fill("", "x", ": "),
		"one long value":       fill("title: ", "长", ""),
		"open at the end":      strings.Repeat("a: 1\n", 12_000) + "b: [",
		"anchors":              fill("", "- &a b\n", ""),
		"escapes":              fill("title: \"", `\u0041`, "\""),
		"other keys":           count(1<<20, header, "k%d: 1\n", ""),
		"coverages":            count(1<<20, header+"coverages: {", "C%d: x, ", "}\n"),
		"coverages, misspelt":  count(20_000, header+"coverages: {", "COVERAGE_%d: x, ", "}\n") + count(1000, "rules:\n", "  R%d: {reject_if: \"COVRAGE_17 in insuranceTypes\"}\n", ""),
		"definitions":          count(1<<20, header+"define:\n", "  d%d: amount\n", ""),
		"doubling definitions": count(190, header+"define:\n  a: amount\n  d0: max(a, a)\n", "  d%[1]dx: d%[1]d0\n", "") + "rules: {R: {must: d0 > 1}}\n",
		"rules":                count(1<<20, header+"rules:\n", "  R%d: {must: amount > 1}\n", ""),
		"long rules":           count(900, header+"rules:\n", "  R%d: {must: '"+strings.Repeat("(amount > 1 or premium > 2) and ", 25)+"amount > 1'}\n", ""),
		"patterns":             count(900, header+"rules:\n", "  R%d: {reject_if: 'currency matches \"(a{9}){9}|(b{9}){9}\"'}\n", ""),
		"placeholders":         header + "rules: {R: {reject_if: amount > 1, message: '" + strings.Repeat("{amount}", 100_000) + "'}}\n",
		"steps":                count(1<<20, header+"premium:\n  steps:\n", "    - {name: s%d, value: amount * 2}\n", ""),
		"growing steps":        count(49, header+"premium:\n  steps:\n    - {name: s, value: amount}\n", "    - {name: s%[1]d, value: s * s * s}\n", ""),
		"a number of digits":   fill(header+"premium: {minimum: ", "9", "}\n"),
		"a rate of digits":     fill(header+"premium: {rate: 0.", "3", "%}\n"),
		"a maze":               mazes(1, 400),
		"fifty mazes":          mazes(50, 60),
		"a thousand tables":    count(1000, header+"tables:\n", "  t%d: {match: {n: 1..9}, rows: [['*', 1]]}\n", ""),
		"rows upon rows":       count(1<<20, header+"tables:\n  t:\n    match: {n: 1..999999}\n    rows:\n", "      - [%d, 1]\n", ""),
		"every row fits":       count(9_900, header+"tables:\n  t:\n    match: {a: 1..9, b: 1..9, c: 1..9}\n    rows:\n", "      - ['*', '*', '*', %d]\n", ""),
		"a domain of words":    count(1<<20, header+"tables:\n  t:\n    match: {n: [x", ", w%d", "]}\n    rows: [['*', 1]]\n"),
		"a cell of words":      count(60_000, header+"tables:\n  t:\n    match: {n: 1..999999}\n    rows:\n      - [[1", ", %d", "], 1]\n"),
		"a hundred columns":    count(100, header+"tables:\n  t:\n    match: {", "c%d: 1..9, ", "}\n    rows: [['*', 1]]\n"),
	},
	listing: {
		"alias bomb":   aliasBomb(),
		"editions":     count(1<<20, "product: PERFORMANCE_SURETY_BONDS\neditions:\n", "  - {from: 2021-01-01, edition: e%d}\n", ""),
		"one edition":  count(1<<20, "product: PERFORMANCE_SURETY_BONDS\neditions:\n", "  - {from: 2021-01-01, edition: 2021.2} #%d\n", ""),
		"a long date":  fill("product: PERFORMANCE_SURETY_BONDS\neditions: [{from: ", "2", ", edition: 2021.2}]\n"),
		"brackets":     fill("", "[", ""),
		"stops":        fill("product: PERFORMANCE_SURETY_BONDS\n", "stop: 2021-01-01\n", ""),
		"a long basis": fill("product: PERFORMANCE_SURETY_BONDS\nbasis: ", "x", "\n"),
	},
	"institution.yaml": {
		"alias bomb":      aliasBomb(),
		"a long template": fill("name: x\npolicy_number: '", "{seq:9}", "'\n"),
		"prefixes":        count(1<<20, "name: x\nprefixes: {default: A, ", "P%d: B, ", "}\n"),
		"braces":          fill("", "{", ""),
		"a long name":     fill("name: ", "险", "\n"),
	},
	spec: {
		"alias bomb":     aliasBomb(),
		"cases":          count(3000, specBegin+"cases:\n", "  c%d: {given: sample, expect: accept}\n", ""),
		"rows":           count(3000, specBegin+"cases:\n  c:\n    given: sample\n    each:\n", "      - {amount: %d, expect: accept}\n", ""),
		"fixtures":       count(1<<20, "product: PERFORMANCE_SURETY_BONDS\nedition: 2021.2\nfixtures: {", "f%d: f.json, ", "}\ncases: {c: {given: f0, expect: accept}}\n"),
		"fields":         count(1<<20, specBegin+"cases:\n  c:\n    given: sample\n    expect: accept\n    with: {", "a%d: 1, ", "}\n"),
		"codes":          count(1<<20, specBegin+"cases:\n  c: {given: sample, expect: reject", " C%d", "}\n"),
		"a long outcome": fill(specBegin+"cases:\n  c: {given: sample, expect: ", "x", "}\n"),
		"stairs":         stairs(),
	},
	fixture: {
		"brackets":     fill(`{"amount": `, "[", ""),
		"objects":      fill("", `{"a":`, ""),
		"digits":       fill(`{"amount": `, "9", "}"),
		"a long text":  fill(`{"productCode": "`, "x", `"}`),
		"keys":         count(1<<20, "{", `"k%d": 1, `, `"k": 1}`),
		"the same key": fill("{", `"amount": 1, `, `"amount": 1}`),
		"no JSON":      fill("", "\x00", ""),
	},
	sheetName: {
		"commas":        fill("coverage,days,value\n", ",", ""),
		"quotes":        fill("coverage,days,value\n", `"`, ""),
		"open quotes":   fill("coverage,days,value\n\"", "a\n", ""),
		"empty rows":    fill("coverage,days,value\n", "\n", ""),
		"empty cells":   fill("coverage,days,value\n", ",,\n", ""),
		"one row":       fill("coverage,days,value\n", "QUALITY,", ""),
		"rows":          fill("coverage,days,value\n", "QUALITY,1..90,1%\n", ""),
		"wrong rows":    fill("coverage,days,value\n", "x,y,z\n", ""),
		"headings":      fill("coverage,days,value", ",value", "\n"),
		"a set":         fill("coverage,days,value\n\"[", "QUALITY,", "]\",1..90,1%\n"),
		"a formula":     fill("coverage,days,value\n\"=\"\"", `""""`, "\"\"\",1..90,1%\n"),
		"digits":        fill("coverage,days,value\nQUALITY,", "9", ",1%\n"),
		"points":        fill("coverage,days,value\nQUALITY,", "..", ",1%\n"),
		"GBK":           fill("coverage,days,value\n", "\xd6\xd0", ",1..90,1%\n"),
		"neither":       fill("coverage,days,value\n", "\xff\xff", ",1..90,1%\n"),
		"full width":    fill("coverage,days,value\nQUALITY,1..90,", "９", "\n"),
		"line ends":     fill("coverage,days,value\n", "\r\n", ""),
		"an open quote": fill("coverage,days,value\n", "QUALITY,1..90,\"", ""),
	},
}

const specBegin = "product: PERFORMANCE_SURETY_BONDS\nedition: 2021.2\nfixtures: {sample: testdata/sample.json}\n"

// readAs reads a file as its name says, does all that can be done with it, and
// answers what is wrong.
func readAs(t *testing.T, name string, data []byte) error {
	t.Helper()
	switch name {
	case "institution.yaml":
		_, err := products.LoadInstitution(name, data)
		return err
	case sheetName:
		if _, err := products.ImportTable(bond(t, nil), edition, "rate", products.Sheet{Name: "rate.csv", Data: data}); err == nil {
			t.Error("is taken over")
		}
		_, err := products.Load(withSheet(t, data))
		return err
	case spec, fixture:
		files := map[string][]byte{spec: []byte(specBegin + "cases: {c: {given: sample, expect: accept}}\n"), fixture: published(t)}
		files[name] = data
		specs, err := products.LoadSpecs(bond(t, files), library(t))
		for _, s := range specs {
			s.Run(nil)
		}
		return err
	}
	_, err := products.Lint(bond(t, map[string][]byte{name: data}))
	return err
}

// TestHostileFiles: nothing that an author writes panics, hangs, or takes more
// work or words than may be.
func TestHostileFiles(t *testing.T) {
	files := 0
	for name, all := range hostile {
		for what, text := range all {
			files++
			if testing.Short() && files%32 > 0 {
				continue // under the race detector some of them, by chance; all of them in make test
			}
			t.Run(name+"/"+what, func(t *testing.T) {
				if len(text) > 1<<20 {
					t.Fatalf("%d bytes are not read at all", len(text))
				}
				var found products.Problems
				work := allocated(func() {
					if err := readAs(t, name, []byte(text)); err != nil && !errors.As(err, &found) {
						t.Fatal(err)
					}
				})
				words := found.Text(policy.Chinese) + found.Text(policy.English)
				if work > hostileWork || len(words) > 1<<20 {
					t.Errorf("%d MiB of work, %d bytes of text", work>>20, len(words))
				}
				t.Logf("%d MiB of work, %d problems", work>>20, len(found))
			})
		}
	}
	if files < 40 {
		t.Errorf("%d hostile files, want at least 40", files)
	}
}

// allocated is how many bytes a function allocates, whether they stay or not.
func allocated(do func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}
