package products_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing/fstest"
	"time"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
)

// The library's products, embedded, and which edition is sold on a day.
func ExampleLoad() {
	catalog, err := products.Load(products.Library())
	if err != nil {
		fmt.Println(err)
		return
	}
	day := time.Date(2021, 8, 4, 15, 23, 28, 0, policy.Zone())
	product, err := catalog.Product("PERFORMANCE_SURETY_BONDS", day, day)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(product.Terms().Title.ZH, product.Terms().Edition)
	// Output: 履约保证保险 2021.2
}

// All problems at once, as an author reads them.
func ExampleProblems() {
	_, err := products.Load(fstest.MapFS{
		"bonds/calendar.yaml": {Data: []byte("product: BONDS\neditions: [{from: 2021/7/1, edition: spring}]\n")},
		"bonds/spring.yaml":   {Data: []byte("product: BONDS\nedition: spring\ntitle: 履约保证保险\npremium:\n  raet: 0.3%\n  rate_bounds: 0.05..5\n")},
	})
	var problems products.Problems
	if errors.As(err, &problems) {
		fmt.Print(problems.Text(policy.English))
	}
	// Output:
	// bonds/calendar.yaml:2:19: time 2021/7/1: want a real date or time (+08:00) such as 2021-07-01 or 2021-07-01 18:00:00
	//     editions: [{from: 2021/7/1, edition: spring}]
	//                       ^~~~~~~~
	//     hint: did you mean 2021-07-01?
	// bonds/spring.yaml:5:3: unknown-key unknown key raet
	//       raet: 0.3%
	//       ^~~~
	//     hint: did you mean rate?
	// bonds/spring.yaml:6:22: rate 5 looks like a percentage
	//       rate_bounds: 0.05..5
	//                          ^
	//     hint: did you mean 5% or 0.05?
}

// The library's tests, and what they have seen of it.
func ExampleSpec_Run() {
	catalog, err := products.Load(products.Library())
	if err != nil {
		fmt.Println(err)
		return
	}
	specs, err := products.LoadSpecs(products.Library(), catalog)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range specs {
		report := s.Run(nil)
		fmt.Println(report.Product, report.Edition, "failed:", report.Failed())
		for _, c := range report.Coverage {
			fmt.Printf("%s %d %%\n", c.Of, c.Percent())
		}
	}
	// Output:
	// CROSS_BORDER_TRADE 2024.2 failed: false
	// rules 100 %
	// conditions 100 %
	// rows 100 %
	// DELIVERY_DELAY 2023.1 failed: false
	// rules 100 %
	// conditions 100 %
	// rows 100 %
	// PERFORMANCE_SURETY_BONDS 2021.2 failed: false
	// rules 100 %
	// conditions 100 %
	// rows 100 %
	// QUALITY_ASSURANCE 2024.1 failed: false
	// rules 100 %
	// conditions 100 %
	// rows 100 %
	// QUALITY_ASSURANCE 2025.1 failed: false
	// rules 100 %
	// conditions 100 %
	// rows 100 %
	// QUALITY_ASSURANCE 2026.1 failed: false
	// rules 100 %
	// conditions 100 %
	// rows 100 %
}

// Products are exchanged under a policy.Issuer that has the Live as its
// Catalog: whenever you know of others, and only if they pass their tests.
func ExampleLive() {
	catalog, err := products.Load(products.Library())
	if err != nil {
		fmt.Println(err)
		return
	}
	live := products.NewLive(catalog) // policy.Config{Catalog: live, …}

	others := os.DirFS("testdata/nowhere")
	candidate, err := products.Examine(context.Background(), others)
	switch {
	case err != nil:
		fmt.Println("refused, and what was sold is sold on")
	case !candidate.Current():
		fmt.Println("changed meanwhile; try again")
	default:
		live.Set(candidate.Catalog)
	}
	fmt.Println(len(live.Catalog().Editions()), "editions")
	// Output:
	// refused, and what was sold is sold on
	// 6 editions
}
