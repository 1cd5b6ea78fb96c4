package products_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
)

// TestLoadSource: what an archive kept is the edition that was used, sheets
// and all.
func TestLoadSource(t *testing.T) {
	catalog, err := products.Load(products.Library())
	if err != nil {
		t.Fatal(err)
	}
	editions := catalog.Editions()
	editions = append(editions, loadFiles(t, sheetEdition, map[string]string{"rate.csv": sheetRates}))
	for _, e := range editions {
		t.Run(e.Terms().Product+"@"+e.Terms().Edition, func(t *testing.T) {
			again, err := products.LoadSource(e.Source())
			if err != nil {
				t.Fatal(err)
			}
			if again.Terms().Digest != e.Terms().Digest || again.Filing() != e.Filing() {
				t.Errorf("%+v, want %+v", again.Terms(), e.Terms())
			}
			text, sheets, err := products.UnpackSource(e.Source())
			beside := make(map[string]string)
			for name, data := range sheets {
				beside[name] = string(data)
			}
			if unpacked := loadFiles(t, string(text), beside); err != nil || unpacked.Terms().Digest != e.Terms().Digest {
				t.Errorf("unpacked it is another: %v", err)
			}
			if changes := products.Diff(e, again); len(changes) > 0 {
				t.Errorf("it says something else: %v", changes)
			}
		})
	}
}

const sheetRates = "coverage,value\r\nQUALITY,0.30%\r\nDELIVERY,1‰\r\n"

const sheetEdition = `product: P1
edition: "1"
title: 测试
coverages: {QUALITY: 质量险, DELIVERY: 交期险}
tables: {rate: {match: {coverage: coverages}, file: rate.csv}}
premium: {rate: {sum: rate, over: insuranceTypes}}
`

func TestLoadSourceRefuses(t *testing.T) {
	sheet := fmt.Sprintf("\n--- rate.csv %d\n%s", len(sheetRates), sheetRates)
	for name, source := range map[string]string{
		"nothing":            "",
		"no edition":         "# a comment\n",
		"a sheet is missing": sheetEdition,
		"cut off":            sheetEdition + sheet[:len(sheet)-3],
		"more behind it":     sheetEdition + sheet + "x",
		"a sheet too many":   sheetEdition + sheet + "\n--- other.csv 1\nx",
	} {
		t.Run(name, func(t *testing.T) {
			if e, err := products.LoadSource([]byte(source)); err == nil {
				t.Errorf("took it as %s@%s", e.Terms().Product, e.Terms().Edition)
			}
		})
	}
	if _, err := products.LoadSource([]byte(sheetEdition + sheet)); err != nil {
		t.Errorf("control: %v", err)
	}
	var problems products.Problems
	if _, err := products.LoadSource([]byte("product: P1\n")); !errors.As(err, &problems) || len(problems.Text(policy.Chinese)) == 0 {
		t.Errorf("%v, want Problems", err)
	}
}
