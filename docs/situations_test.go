package docs_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/chudan-io/chudan/products"
)

// situations make the problems that no piece of a file shows.
var situations = map[string]func(*testing.T) products.Problems{
	"unreadable": func(t *testing.T) products.Problems {
		_, err := products.Load(locked{fstest.MapFS{
			exampleDir + "1.yaml":        {Data: []byte(complete("edition", "define: {}\n"))},
			exampleDir + "calendar.yaml": {Data: []byte(complete("calendar", "basis: insureTime\n"))},
		}})
		return found(t, err)
	},
	"layout":   func(t *testing.T) products.Problems { return placed(t, exampleDir+"2.yml", "") },
	"encoding": func(t *testing.T) products.Problems { return place(t, "edition", "title: \xc2\xc4\xd4\xbc\n", nil) },
	"character": func(t *testing.T) products.Problems {
		return place(t, "edition", "title: 履约\u00a0保险\n", nil)
	},
	"tab": func(t *testing.T) products.Problems {
		return place(t, "edition", "premium:\n\tround: half_up\n", nil)
	},
	"too-large": func(t *testing.T) products.Problems {
		return place(t, "edition", strings.Repeat("# "+strings.Repeat("x", 1022)+"\n", 1025), nil)
	},
	"too-many-problems": func(t *testing.T) products.Problems {
		found := place(t, "edition", "define: {"+manyNames()+"}\n", nil)
		return found[len(found)-1:]
	},
	"too-long": func(t *testing.T) products.Problems {
		return place(t, "edition", "rules: {R: {note_if: amount > 1"+strings.Repeat(" or amount > 1", 100)+"}}\n", nil)
	},
	"sheet": func(t *testing.T) products.Problems {
		return imported(t, "[[[QUALITY, DELIVERY], 0.3%], [APPEARANCE, 0.2%]]", "coverage,value\nQUALITY,0.3%\nDELIVERY,0.4%\nAPPEARANCE,0.2%\n")
	},
	"rounded": func(t *testing.T) products.Problems {
		return imported(t, "[[[QUALITY, DELIVERY], 1.25‰], [APPEARANCE, 0.2%]]", "coverage,value\n\"QUALITY,DELIVERY\",0.13%\nAPPEARANCE,0.2%\n")
	},
	"too-deep": func(t *testing.T) products.Problems {
		found := place(t, "edition", "filing: "+strings.Repeat("[", 30)+strings.Repeat("]", 30)+"\n", nil)
		return found[len(found)-1:]
	},
}

// imported are the problems of bringing a sheet into the rows of a table.
func imported(t *testing.T, rows, sheet string) products.Problems {
	data := complete("edition", "tables: {rate: {match: {coverage: coverages}, rows: "+rows+"}}\n")
	_, err := products.ImportTable(fstest.MapFS{"1.yaml": {Data: []byte(data)}}, "1.yaml", "rate", products.Sheet{Name: "rate.csv", Data: []byte(sheet)})
	return found(t, err)
}

// locked is a directory with a file that may not be read.
type locked struct{ fstest.MapFS }

func (l locked) Open(name string) (fs.File, error) {
	if name == exampleDir+"1.yaml" {
		return nil, fs.ErrPermission
	}
	return l.MapFS.Open(name)
}

func manyNames() string {
	var names []string
	for i := range 250 {
		names = append(names, "n-"+strings.Repeat("x", i+1)+": 1")
	}
	return strings.Join(names, ", ")
}

// placed loads the example with one more file.
func placed(t *testing.T, name, text string) products.Problems {
	t.Helper()
	fsys := fstest.MapFS{
		exampleDir + "1.yaml":        {Data: []byte(complete("edition", "define: {}\n"))},
		exampleDir + "calendar.yaml": {Data: []byte(complete("calendar", "basis: insureTime\n"))},
		name:                         {Data: []byte(text)},
	}
	_, err := products.Load(fsys)
	return found(t, err)
}
