package products_test

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
)

// series is the product with four editions and a calendar.
func series(t testing.TB, calendar string) *products.Catalog {
	t.Helper()
	fsys := fstest.MapFS{listing: {Data: []byte("product: PERFORMANCE_SURETY_BONDS\n" + calendar)}}
	for _, name := range []string{"1", "2", "3", "4"} {
		text := strings.Replace(header, "2021.2", name, 1)
		fsys[bondDir+"/"+name+".yaml"] = &fstest.MapFile{Data: []byte(text)}
	}
	catalog, err := products.Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	return catalog
}

// TestCalendar asks which edition is sold when; "" is none.
func TestCalendar(t *testing.T) {
	for name, c := range map[string]struct {
		calendar string
		want     map[string]string // edition by date
	}{
		"one after the other": {
			"editions:\n- {from: 2021-01-01, edition: 1}\n- {from: 2022-01-01, edition: 2}\n- {from: 2022-01-01 00:00:01, edition: 3}\n",
			map[string]string{"2020-12-31 23:59:59": "", "2021-01-01 00:00:00": "1", "2021-12-31 23:59:59": "1", "2022-01-01 00:00:00": "2", "2022-01-01 00:00:01": "3", "2099-12-31 00:00:00": "3"},
		},
		"stopped": {
			"editions: [{from: 2021-01-01, edition: 1}]\nstop: 2021-12-01 18:00:00\n",
			map[string]string{"2021-12-01 17:59:59": "1", "2021-12-01 18:00:00": "", "2022-01-01 00:00:00": ""},
		},
		"corrected": {
			"editions:\n- {from: 2021-01-01, edition: 1}\n- {from: 2022-01-01, edition: 2}\n- {from: 2022-06-01, edition: 3, corrects: 1}\n",
			map[string]string{"2021-05-01 00:00:00": "3", "2022-05-01 00:00:00": "2", "2022-07-01 00:00:00": "3"},
		},
		"corrected twice": {
			"editions:\n- {from: 2021-01-01, edition: 1}\n- {from: 2022-01-01, edition: 2, corrects: 1}\n- {from: 2023-01-01, edition: 3}\n- {from: 2024-01-01, edition: 4, corrects: 2}\n",
			map[string]string{"2021-05-01 00:00:00": "4", "2022-05-01 00:00:00": "4", "2023-05-01 00:00:00": "3", "2024-05-01 00:00:00": "4"},
		},
	} {
		for _, basis := range []string{"insureTime", "effectTime"} {
			t.Run(name+" by "+basis, func(t *testing.T) {
				catalog := series(t, "basis: "+basis+"\n"+c.calendar)
				for date, want := range c.want {
					at, err := time.ParseInLocation(time.DateTime, date, policy.Zone())
					if err != nil {
						t.Fatal(err)
					}
					insured, effective := at, time.Time{}
					if basis == "effectTime" {
						insured, effective = effective, insured
					}
					product, err := catalog.Product("PERFORMANCE_SURETY_BONDS", insured, effective)
					got := ""
					if err == nil {
						got = product.Terms().Edition
					} else if !errors.Is(err, policy.ErrNotOnSale) {
						t.Fatal(err)
					}
					if got != want {
						t.Errorf("%s: got edition %q, want %q", date, got, want)
					}
					view, err := catalog.AsOf(at).Product("PERFORMANCE_SURETY_BONDS", time.Time{}, time.Time{})
					if seen := nameOf(view, err); seen != want || nameOf(onSale(catalog, at)) != want {
						t.Errorf("as of %s: got edition %q, want %q", date, seen, want)
					}
				}
			})
		}
	}
}

func nameOf(p policy.Product, err error) string {
	if err != nil {
		return ""
	}
	return p.Terms().Edition
}

func onSale(c *products.Catalog, at time.Time) (policy.Product, error) {
	if e := c.OnSale("PERFORMANCE_SURETY_BONDS", at); e != nil {
		return e, nil
	}
	return nil, policy.ErrNotOnSale
}

// TestCorrection asks who takes the place of an edition.
func TestCorrection(t *testing.T) {
	catalog := series(t, "editions:\n- {from: 2021-01-01, edition: 1}\n- {from: 2022-01-01, edition: 2, corrects: 1}\n- {from: 2024-01-01, edition: 4, corrects: 2}\n")
	for name, want := range map[string]string{"1": "4", "2": "4", "3": "", "4": ""} {
		got := ""
		if e := catalog.Correction(catalog.Edition("PERFORMANCE_SURETY_BONDS", name)); e != nil {
			got = e.Terms().Edition
		}
		if got != want {
			t.Errorf("%s is corrected by %q, want %q", name, got, want)
		}
	}
	if e := catalog.OnSale("OTHER", time.Date(2023, 1, 1, 0, 0, 0, 0, time.UTC)); e != nil {
		t.Errorf("another product is on sale: %s", e.Terms().Edition)
	}
}

// TestEditions finds editions whether they are on sale or not.
func TestEditions(t *testing.T) {
	catalog := series(t, "editions: [{from: 2021-01-01, edition: 2}]\n")
	var names []string
	for _, e := range catalog.Editions() {
		names = append(names, e.Terms().Edition)
	}
	if got := strings.Join(names, " "); got != "1 2 3 4" {
		t.Errorf("editions %s", got)
	}
	if e := catalog.Edition("PERFORMANCE_SURETY_BONDS", "3"); e == nil || e.Terms().Edition != "3" {
		t.Errorf("edition 3: %v", e)
	}
	for _, none := range [][2]string{{"PERFORMANCE_SURETY_BONDS", "5"}, {"OTHER", "1"}, {"", ""}} {
		if e := catalog.Edition(none[0], none[1]); e != nil {
			t.Errorf("%v is there", none)
		}
	}
}
