package rulebook

import (
	"strconv"
	"strings"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/policy/money"
)

// premium is how the premium is computed, in the order in which it is.
func (w *writer) premium() Section {
	s := Section{ID: "premium", Title: say("保费如何计算", "How the premium is computed")}
	s.Parts = append(s.Parts, Section{ID: "rate", Title: say("费率", "The rate"), Blocks: w.rate()})
	for i, t := range w.spec.Tables {
		s.Parts = append(s.Parts, w.table(i, t))
	}
	if len(w.spec.Rating.Steps) > 0 {
		s.Parts = append(s.Parts, Section{ID: "steps", Title: say("计算步骤", "The steps"), Blocks: w.steps()})
	}
	s.Parts = append(s.Parts,
		Section{ID: "rounding", Title: say("舍入与最低保费", "Rounding and the least premium"), Blocks: w.rounding()},
		Section{ID: "allocation", Title: say("分摊到险种", "Allocation to the coverages"), Blocks: []Block{w.allocation()}})
	return s
}

// rate is where the rate comes from.
func (w *writer) rate() []Block {
	r := w.spec.Rating
	bounds := paragraph("{0}须在 {1} 至 {2} 之间（含两端），否则以 {3} 拒绝。", "A {0} lies within {1} and {2}, both included; any other is refused with {3}.",
		field("premiumRate"), percentage(w.terms.RateBounds.Min), percentage(w.terms.RateBounds.Max), code(policy.Invalid("premiumRate", "", "").ErrorCode()))
	var own Block
	switch {
	case r.Sum != "":
		own = paragraph("费率由本产品确定：对请求中的每个险种查表 {0}，各行之和即为费率。保费 = 保额 × 费率。",
			"The product has a rate of its own: for each coverage of the request a row of table {0} is looked up, and their sum is the rate. The premium is the sum insured × the rate.", code(r.Sum))
	case r.Rate != "":
		said := say("费率由本产品确定：", "The product has a rate of its own:")
		blocks := []Block{{Line: &said}, {Expression: r.Rate}}
		if words, ok := w.spoken(r.Rate); ok {
			blocks = append(blocks, Block{Line: &words})
		}
		return append(blocks, bounds)
	case len(r.Steps) > 0:
		own = paragraph("本产品没有费率，保费由下述步骤算出。", "The product has no rate: the premium comes from the steps below.")
	default:
		own = paragraph("本产品没有自己的费率：保费 = 保额 × 请求申报的费率；未申报费率时，以申报保费为准，但须在保额 × 费率上下限之内。",
			"The product has no rate of its own: the premium is the sum insured × the rate that the request declares. Where it declares none the declared premium stands, within the sum insured × the bounds of the rate.")
	}
	return []Block{own, bounds}
}

// spoken is an expression in words, where they say more than it does itself.
func (w *writer) spoken(expression string) (Line, bool) {
	tree, known := w.Edition.Rules().Tree(expression)
	if said, ok := w.words(expression); ok && known && !tree.Literal {
		return say("即：{0}。", "In words: {0}.", said), true
	}
	return Line{}, false
}

// steps are those to the premium. Each may read those before it.
func (w *writer) steps() []Block {
	t := columns(say("次序", "No."), say("步骤", "Step"), say("算式", "Expression"), say("含义", "In words"), say("舍入", "Rounding")).number(0)
	for i, s := range w.spec.Rating.Steps {
		rounds := say("不舍入", "none")
		if s.Rounds {
			rounds = say("{0}至 {1} 位小数", "{0}, to {1} decimals", modes[w.terms.Rounding.String()], s.Places)
		}
		said := Line{}
		if words, ok := w.words(s.Value); ok {
			said = plain(words)
		}
		t.add(literal(strconv.Itoa(i+1)), verbatim(s.Name), verbatim(oneLine(s.Value)), said, rounds)
	}
	return []Block{
		paragraph("按次序计算，后一步可以引用前面各步及费率 {0}；最后一步的结果即舍入前的保费。",
			"They are computed in this order, and each may read those before it and the rate, {0}. The last one is the premium before its rounding.", code("rate")),
		{Table: t},
	}
}

// roundings say a rounding in a sentence.
var roundings = map[money.Rounding]Line{
	money.HalfUp:   say("四舍五入（恰好一半时进位）", "half up (an exact half goes up)"),
	money.HalfEven: say("四舍六入五成双（恰好一半时取偶数）", "half to even (an exact half goes to the even neighbour)"),
	money.Down:     say("舍尾（一律舍去）", "down (what is left over is dropped)"),
	money.Up:       say("进位（有余即进）", "up (whatever is left over counts as one more)"),
}

func (w *writer) rounding() []Block {
	list := []Line{
		say("计算全程精确，不使用浮点数；除明写的步骤外，只在最后舍入一次。", "Every number is exact and none is a float; but for steps that say so, there is one rounding, at the end."),
		say("舍入到币种的最小单位，方式为{0}。", "The rounding is to the minor unit of the currency, {0}.", roundings[w.terms.Rounding]),
	}
	if w.terms.Minimum.IsZero() {
		return []Block{{List: append(list, say("没有最低保费。", "There is no least premium."))}}
	}
	list = append(list, say("最低保费为 {0}，以保单币种计（不足币种最小单位的部分进位）；舍入后的保费低于它时，按它收取。",
		"The least premium is {0}, in the currency of the policy and rounded up to its minor unit; it is charged where the rounded premium is below it.", code(w.terms.Minimum.String())))
	return []Block{{List: list}}
}

func (w *writer) allocation() Block {
	if w.spec.Rating.Sum == "" {
		return paragraph("保费不分摊到险种：费率不是各险种之和。", "The premium is not allocated to coverages: the rate is no sum over them.")
	}
	return paragraph("保费按各险种费率的比例分摊：每份先舍去到最小单位，余下的单位依次给舍去最多的险种，相同时按险种代码的次序。各份之和总等于保费。各险种费率都为 0 时均摊。",
		"The premium is allocated in proportion to the rates of the coverages: each share is rounded down to the minor unit, and the units that are left go to those that lost most, ties in the order of the codes. The shares always add up to the premium. Where all the rates are 0 the shares are equal.")
}

// percentage is a rate as people read it.
func percentage(rate money.Decimal) string { return rate.Shift(2).String() + "%" }

// oneLine is a text that may have been written over several lines.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
