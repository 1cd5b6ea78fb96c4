package rules_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/chudan-io/chudan/rules"
)

// lisp writes a tree with its operators in front, and the kind of each name.
func lisp(t rules.Tree) string {
	switch {
	case t.Op == "has":
		return "(has " + t.Text + ")"
	case t.Literal && t.Kind == rules.KindText:
		return strconv.Quote(t.Text)
	case t.Literal:
		return t.Text
	case t.Op == "":
		return t.Text + ":" + string(t.Kind)
	}
	parts := []string{t.Op}
	for _, a := range t.Args {
		parts = append(parts, lisp(a))
	}
	return "(" + strings.Join(parts, " ") + ")"
}

func TestTree(t *testing.T) {
	rs := compile(t, rules.Spec{
		Coverages: []string{"QUALITY", "DELIVERY"},
		Define: []rules.Definition{
			{Name: "limit", Expr: "100000"}, {Name: "large", Expr: "amount > limit"}, {Name: "way", Expr: `large ? "A" : "B"`},
			{Name: "days", Expr: "calendarDays(effectTime, expireTime)"},
		},
		Tables: []rules.Table{{Name: "rate", Columns: []rules.Column{{Name: "coverage", Domain: rules.Cell{"coverages"}}},
			Rows: []rules.Row{{Cells: []rules.Cell{{"*"}}, Value: "0.3%"}}}},
		Rating: rules.Rating{Rate: "rate(QUALITY)", Steps: []rules.Step{{Name: "base", Value: "amount * rate"}, {Name: "loaded", Value: "base > 1 ? base : 1"}}},
	})
	for text, want := range map[string]string{
		"amount > limit": "(> amount:number limit:number)",
		"( amount )":     "amount:number",
		"not large and (large or amount <= 0.300 )":                 "(and (not large:condition) (or large:condition (<= amount:number 0.300)))",
		"large && large && !large":                                  "(and large:condition large:condition (not large:condition))",
		"1 < amount <= 9":                                           "(and (< 1 amount:number) (<= amount:number 9))",
		"QUALITY in insuranceTypes":                                 "(in QUALITY:text insuranceTypes:list)",
		`currency not in ["CNY", 'USD']`:                            "(not (in currency:text \"CNY\" \"USD\"))",
		"has( attrs.agreeOnSendTime ) or has(attrs)":                "(or (has attrs.agreeOnSendTime) (has attrs))",
		"effectTime < attrs.agreeOnSendTime":                        "(< effectTime:time attrs.agreeOnSendTime:time)",
		"amount - 1 - (2 - 3) > 0":                                  "(> (- (- amount:number 1) (- 2 3)) 0)",
		"-amount + 1.25‰ * 2 + 3 == 0":                              "(== (+ (-x amount:number) (* 1.25‰ 2) 3) 0)",
		`round(amount, 2, "up") > div(1, 3, 4, down)`:               "(> (round amount:number 2 up:mode) (div 1 3 4 down:mode))",
		"(large ? 1 : amount) > min(1, 2, 3)":                       "(> (?: large:condition 1 amount:number) (min 1 2 3))",
		`way == "A" and len(way) > 1`:                               "(and (== way:text \"A\") (> (len way:text) 1))",
		`orderSubjectMatterInfo.subjectMatterName not contains "烟"`: "(not (contains orderSubjectMatterInfo.subjectMatterName:text \"烟\"))",
		`currency matches "^C"`:                                     "(matches currency:text \"^C\")",
		"rate(QUALITY) * base < rate":                               "(< (* (rate QUALITY:text) base:number) rate:number)",
		"days":                                                      "days:number",
		"true":                                                      "true",
		"a +":                                                       "",
		"[1, 2]":                                                    "",
		"x[0]":                                                      "",
		"amount，1":                                                  "",
		strings.Repeat("(", 2000):                                   "",
	} {
		t.Run(text, func(t *testing.T) {
			tree, ok := rs.Tree(text)
			if got := lisp(tree); ok != (want != "") || ok && got != want {
				t.Errorf("%s %t, want %s", got, ok, want)
			}
		})
	}
}
