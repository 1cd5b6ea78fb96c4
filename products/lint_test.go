package products_test

import (
	"strings"
	"testing"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
)

// TestLint places each warning in its file, and finds none in the library.
func TestLint(t *testing.T) {
	odd, err := products.Lint(products.Library())
	if err != nil || len(odd) > 0 {
		t.Fatalf("the library: %v\n%s", err, odd.Text(policy.English))
	}
	data := string(bond(t, nil)[edition].Data)
	for _, change := range [][2]string{
		{"\ndefine:", "\ndefine:\n  spare: amount * 2"},
		{"reject_if: amountCny > maxLimit", "reject_if: amountCny > maxLimit and (autoLimit > 5 or premium > 5)"},
		{"refer_if: amountCny > autoLimit", "refer_if: amountCny > autoLimit and amountCny < 5"},
		{"\ntables:", "\ntables:\n  idle: {match: {of: [A]}, rows: [[A, 1]]}"},
		{"{sum: rate, over: insuranceTypes}", "rate(QUALITY) + rate(DELIVERY)"},
		{"  APPEARANCE: {zh", "  GLOSS: {zh: 光泽险, en: Gloss}\n  APPEARANCE: {zh"},
		{"      - [QUALITY,    1..90,   0.300%]\n      - [QUALITY,    91..365, 0.420%]\n", ""},
		{"      - [DELIVERY,   1..90,   0.200%]\n      - [DELIVERY,   91..365, 0.310%]\n", ""},
		{"[APPEARANCE, 1..365,  1.25‰]", "['*', '*', 1.25‰]"},
	} {
		if !strings.Contains(data, change[0]) {
			t.Fatalf("no %q in the edition", change[0])
		}
		data = strings.Replace(data, change[0], change[1], 1)
	}
	fsys := bond(t, map[string][]byte{edition: []byte(data)})
	if _, err := products.Load(fsys); err != nil {
		t.Fatal(err)
	}
	odd, err = products.Lint(fsys)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range odd {
		if !p.Warning {
			t.Errorf("no warning: %+v", p)
		}
		source := []rune(p.Source)
		got = append(got, p.Code+" "+string(source[p.Col-1:min(p.Col-1+p.Width, len(source))]))
	}
	want := "unused-coverage GLOSS\nunused-coverage APPEARANCE\nunused-definition amount * 2\nunused-table idle\nnever-fails amountCny > autoLimit and amountCny < 5\nconstant autoLimit > 5"
	if strings.Join(got, "\n") != want {
		t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), want)
	}
	checkProblems(t, odd, []byte(data))
}

func TestLintOfBadProducts(t *testing.T) {
	odd, err := products.Lint(bond(t, map[string][]byte{edition: nil}))
	if odd != nil || len(problems(t, err)) == 0 {
		t.Errorf("%v %v", odd, err)
	}
}
