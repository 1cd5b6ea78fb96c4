package products_test

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/chudan-io/chudan/products"
)

func TestSchedule(t *testing.T) {
	for name, c := range map[string]struct{ calendar, want string }{
		"one":                       {"editions: [{from: 2021-07-01, edition: 1}]", "1 2021-07-01.. 1"},
		"two":                       {"editions: [{from: 2021-07-01, edition: 1}, {from: 2022-01-01, edition: 2}]", "1 2021-07-01..2022-01-01 1; 2 2022-01-01.. 2"},
		"corrected":                 {"editions: [{from: 2021-07-01, edition: 1}, {from: 2022-01-01, edition: 2, corrects: 1}]", "1 2021-07-01..2022-01-01 2; 2 2022-01-01.. 2 corrects 1"},
		"stopped":                   {"stop: 2022-06-01\neditions: [{from: 2021-07-01, edition: 1}, {from: 2022-01-01, edition: 2}]", "1 2021-07-01..2022-01-01 1; 2 2022-01-01..2022-06-01 2"},
		"stopped before the second": {"stop: 2021-12-01\neditions: [{from: 2021-07-01, edition: 1}, {from: 2022-01-01, edition: 2}]", "1 2021-07-01..2021-12-01 1; 2 2022-01-01..2021-12-01 2"},
	} {
		t.Run(name, func(t *testing.T) {
			fsys := fstest.MapFS{"surety/calendar.yaml": {Data: []byte("product: SURETY\n" + c.calendar + "\n")}}
			for _, e := range []string{"1", "2"} {
				fsys["surety/"+e+".yaml"] = &fstest.MapFile{Data: []byte("product: SURETY\nedition: " + e + "\ntitle: 履约\n")}
			}
			catalog, err := products.Load(fsys)
			if err != nil {
				t.Fatal(err)
			}
			s, ok := catalog.Schedule("SURETY")
			if !ok || s.ByEffectTime {
				t.Errorf("%+v, %t", s, ok)
			}
			day := func(t time.Time) string {
				if t.IsZero() {
					return ""
				}
				return t.Format(time.DateOnly)
			}
			var got []string
			for _, line := range s.Sales {
				text := line.Edition + " " + day(line.From) + ".." + day(line.Until) + " " + line.Sold
				if line.Corrects != "" {
					text += " corrects " + line.Corrects
				}
				got = append(got, text)
			}
			if all := strings.Join(got, "; "); all != c.want {
				t.Errorf("%s, want %s", all, c.want)
			}
			if _, ok := catalog.Schedule("NONE"); ok {
				t.Error("a product that is not there has a schedule")
			}
		})
	}
}
