package main

import (
	"fmt"
	"strings"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
)

// stepLines are the steps, a line each.
func stepLines(steps []products.Calculation, lang policy.Lang) string {
	var b strings.Builder
	for _, s := range steps {
		fmt.Fprintf(&b, "  %s = %s%s\n", s.Formula, s.Result, say("（%s）", "  (%s)", s.Text.In(lang)).In(lang))
	}
	return b.String()
}
