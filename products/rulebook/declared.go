package rulebook

import (
	"slices"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/policy/money"
)

// declared is how the sums that a request declares are held against the right
// ones.
func (w *writer) declared() Section {
	of := &w.terms.Declared
	s := Section{ID: "declared", Title: say("申报金额如何核对", "How declared sums are held against the right ones")}
	t := columns(say("申报的金额", "Declared"), say("与何核对", "Held against"), say("容差", "Tolerance"), say("不符时", "Where it differs"))
	none := literal("0")
	if w.Edition.Rules().Rates() && (w.spec.Rating.Rate != "" || w.spec.Rating.Sum != "") {
		t.add(named("premiumRate"), say("本产品的费率；未申报则不核对", "the product's rate; nothing where none is declared"), none, w.outcome(of.PremiumRate))
	}
	t.add(named("premium"), say("应收保费，即舍入后并计最低保费的保费；小数位数也不得多于币种的小数位数", "the right premium, rounded and not below the least one; nor has it more decimals than its currency"),
		within(of.Premium.Within), w.outcome(of.Premium.Level))
	t.add(named("premiumOfCny"), w.conversion(), within(of.PremiumOfCny.Within), w.outcome(of.PremiumOfCny.Level))
	t.add(named("amountOfCny"), say("保额 × 汇率，舍入到分；未申报则推算", "the sum insured × the exchange rate, rounded to the fen; derived where it is not declared"),
		within(of.AmountOfCny.Within), w.outcome(of.AmountOfCny.Level))
	s.Blocks = []Block{
		paragraph("因不符而拒绝的以 {0} 答复，并列出算式。无论如何设置，保费都不得超过保额。", "What is refused because it differs is answered with {0} and the arithmetic. Whatever is set here, a premium above the sum insured is refused.", code(policy.KindParametersMismatch)),
		{Table: t},
	}
	if foreign := func(c money.Currency) bool { return c != money.CNY }; slices.ContainsFunc(w.terms.Currencies, foreign) {
		s.Parts = []Section{{ID: "methods", Title: say("折人民币的方法", "The ways to the premium in CNY"), Blocks: w.methods()}}
	}
	return s
}

// named is a field in a cell: its name, and its path behind it.
func named(path string) Line {
	name, _ := nameOf(path)
	return say("{0} {1}", "{0} {1}", headed(name), code(path))
}

func within(tolerance money.Decimal) Line {
	if tolerance.IsZero() {
		return say("0（须完全一致）", "0 (exactly)")
	}
	return literal(tolerance.String())
}

// outcome is what becomes of a check that fails.
func (w *writer) outcome(l policy.Level) Line {
	switch l {
	case policy.Off:
		return say("不核对", "not checked")
	case policy.Observe:
		return say("记一条提示，照常出单", "noted, and issued all the same")
	case policy.Refuse:
	}
	return say("拒绝", "refused")
}

// conversion is what the premium in CNY is held against.
func (w *writer) conversion() Line {
	if slices.Equal(w.terms.Currencies, []money.Currency{money.CNY}) {
		return say("应收保费：币种为人民币", "the right premium: the currency is CNY")
	}
	if m := w.terms.Declared.Method; m != policy.MethodAny && !w.onlyA() {
		return say("按方法 {0} 折算的保费（见下）", "the premium converted by method {0} (see below)", m)
	} else if m == policy.MethodAny && !w.onlyA() {
		return say("按方法 A、B、C 之一折算的保费（见下）", "the premium converted by one of the methods A, B and C (see below)")
	}
	return say("按方法 A 折算的保费（见下）", "the premium converted by method A (see below)")
}

// onlyA tells whether the premium is never amount × rate, so that there is
// nothing but the premium to convert.
func (w *writer) onlyA() bool { return len(w.spec.Rating.Steps) > 0 }

// methods explains the ways to the premium in CNY.
func (w *writer) methods() []Block {
	t := columns(say("方法", "Method"), say("算式", "Expression"), say("含义", "In words"), say("本版本", "This edition"))
	m := w.terms.Declared.Method
	for _, way := range []struct {
		method     policy.Method
		expression string
		said       Line
	}{
		{policy.MethodA, "round(premium × currencyRate)", say("先舍入外币保费，再折算", "the premium is rounded, then converted")},
		{policy.MethodB, "round(amount × rate × currencyRate)", say("全程精确，最后舍入一次", "everything is exact, with one rounding at the end")},
		{policy.MethodC, "round(round(amount × currencyRate) × rate)", say("先折算保额，再乘费率", "the sum insured is converted, then rated")},
	} {
		accepted := say("不接受", "not accepted")
		if way.method == m || m == policy.MethodAny || way.method == policy.MethodA && w.onlyA() {
			accepted = say("接受", "accepted")
		}
		if w.onlyA() && way.method != policy.MethodA {
			accepted = say("不适用：保费由步骤算出", "does not apply: the premium comes from steps")
		}
		t.add(literal(way.method.String()), verbatim(way.expression), way.said, accepted)
	}
	return []Block{
		paragraph("接口文档未规定外币保费如何折为人民币，三种方法常有一两分之差。均舍入到分，方式同保费。{0}", "The API page does not say how a premium in another currency becomes one in CNY, and the three ways often differ by a fen or two. Each rounds to the fen, as the premium is rounded. {0}",
			w.choice()),
		{Table: t},
	}
}

// choice tells which of the methods is recorded, and where there is none.
func (w *writer) choice() Line {
	var said []Line
	if w.terms.Declared.Method == policy.MethodAny && !w.onlyA() {
		said = append(said, say("任一种相符即可，相符的方法随保单记录。", "Whichever fits is accepted, and recorded with the policy."))
	}
	if !w.Edition.Rules().Rates() {
		said = append(said, say("未申报费率时只有方法 A。", "Where no rate is declared there is method A alone."))
	}
	if !w.terms.Minimum.IsZero() && !w.onlyA() {
		said = append(said, say("按最低保费收取时只有方法 A。", "Where the least premium is charged there is method A alone."))
	}
	if slices.Contains(w.terms.Currencies, money.CNY) {
		said = append(said, say("币种为人民币时不需折算。", "In CNY there is nothing to convert."))
	}
	return join(said, "", " ")
}
