package products

import (
	"encoding/json"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/policy/money"
)

// gradedShape is what file.graded reads: a level alone, or with more.
func gradedShape(level *shape, more ...property) *shape {
	long := object(append([]property{{"level", false, level, policy.Text{ZH: "级别", EN: "How seriously it is taken"}, nil}}, more...)...)
	s := either(level.or(nil), long)
	s.Default = level.Default
	return s
}

// premiumShape is what definition.premium reads.
func premiumShape(t policy.Terms) *shape {
	return object(
		property{"rate", false, rateShape(), policy.Text{
			ZH: "产品自己的费率：一个数、表达式，或表中各险种之和", EN: "The product's own rate: a number, an expression, or the sum of a table over the coverages"},
			[]any{"0.3%", json.RawMessage(`{"sum":"rate","over":"insuranceTypes"}`)}},
		property{"rate_bounds", false, rateRange(), policy.Text{ZH: "请求所报费率的范围，含两端", EN: "The range of a rate that the request declares, both ends included"}, []any{"0.05%..5%"}},
		property{"round", false, oneWord(wordsFor(roundings())...).or(t.Rounding.String()), policy.Text{
			ZH: "保费取整至币种最小单位的方式", EN: "How the premium is rounded to the currency's minor unit"}, nil},
		property{"minimum", false, plainAmount(), policy.Text{ZH: "最低保费", EN: "The least premium"}, []any{json.Number("0.01")}},
		property{"steps", false, stepsShape(), policy.Text{ZH: "逐步计算保费，最后一步即保费", EN: "Steps to the premium; the last one is the premium"}, nil},
		property{"declared", false, declaredShape(t), policy.Text{
			ZH: "请求所报金额如何核对：equal 须相等，note 只记录，ignore 不看",
			EN: "How the sums that a request declares are checked: equal, note (recorded only) or ignore"},
			[]any{json.RawMessage(`{"premium":"equal"}`)}},
	)
}

// rateShape is a rate, an expression or a sum. It is all of them in one, not one
// of several: thus an editor tells what is wrong with a number in our words.
func rateShape() *shape {
	s, sum := rateOrExpression(), object(
		property{"sum", true, wordOf(nameGrammar), policy.Text{ZH: "费率表的名称", EN: "The name of the table"}, []any{"rate"}},
		property{"over", true, oneWord(wordsFor(sumsOver())...), policy.Text{ZH: "按哪个列表求和", EN: "The list to add up over"}, nil},
	)
	s.Type = append(s.Type, sum.Type...)
	s.Properties, s.Required, s.AdditionalProperties = sum.Properties, sum.Required, sum.AdditionalProperties
	return s
}

func stepsShape() *shape {
	step := object(
		property{"name", true, wordOf(nameGrammar), policy.Text{ZH: "名称，后面的步骤可用", EN: "Its name, for the steps after it"}, []any{"net"}},
		property{"value", true, defined("expression"), policy.Text{ZH: "表达式", EN: "An expression"}, []any{"amount * rate"}},
		property{"round", false, wholeNumber(money.MaxFractionDigits), policy.Text{ZH: "取整到几位小数", EN: "To how many decimals it is rounded"}, []any{2}},
	)
	return &shape{Type: types{"array"}, Items: step, MinItems: 1}
}

func declaredShape(t policy.Terms) *shape {
	levels := declaredLevels()
	level := func(l policy.Level) *shape { return oneWord(wordsFor(levels)...).or(wordOfValue(levels, l)) }
	within := property{"within", false, plainAmount(), policy.Text{ZH: "容差（元）", EN: "The tolerance, in the currency"}, []any{json.Number("0.01")}}
	ways := oneWord(wordsFor(waysToCNY())...).or(t.Declared.Method.String())
	cny := either(
		&shape{Type: types{"string"}, Enum: append(append([]any(nil), level(0).Enum...), ways.Enum...)},
		object(
			property{"level", false, level(t.Declared.PremiumOfCny.Level), policy.Text{ZH: "级别", EN: "How seriously it is taken"}, nil},
			property{"method", false, ways, policy.Text{
				ZH: "折算方法：A 先取整再折算，B 最后一次取整，C 先折算保额，any 其一即可",
				EN: "The way: A rounds, then converts; B rounds once at the end; C converts the sum insured first; any of them"}, nil},
			within,
		))
	return object(
		property{"premiumRate", false, gradedShape(level(t.Declared.PremiumRate)), policy.Text{ZH: "所报费率与产品费率不符时", EN: "A declared rate that is not the product's"}, nil},
		property{"premium", false, gradedShape(level(t.Declared.Premium.Level), within), policy.Text{ZH: "所报保费不符时", EN: "A declared premium that is not the right one"}, nil},
		property{"premiumOfCny", false, cny, policy.Text{
			ZH: "所报人民币保费不符时；可只写折算方法 A、B、C、any", EN: "A declared premium in CNY that is not the right one; in short the way: A, B, C or any"}, nil},
		property{"amountOfCny", false, gradedShape(level(t.Declared.AmountOfCny.Level), within), policy.Text{
			ZH: "所报人民币保额不符时", EN: "A declared sum insured in CNY that is not the right one"}, nil},
	)
}

// checksShape is what definition.checks reads.
func checksShape(t policy.Terms) *shape {
	levels, of := checkLevels(), t.Checks
	level := func(l policy.Level) *shape { return oneWord(wordsFor(levels)...).or(wordOfValue(levels, l)) }
	return object(
		property{"period", false, gradedShape(level(of.Period),
			property{"within", false, wholeNumber(maxDays).or(of.PeriodWithin), policy.Text{ZH: "容差（天）", EN: "The tolerance in days"}, []any{1}},
		), policy.Text{ZH: "insurePeriod 等于起止日期间的天数，首尾都算", EN: "insurePeriod is the calendar days from effectTime to expireTime, both ends counted"}, nil},
		property{"backdating", false, gradedShape(level(of.Backdating),
			property{"within", false, spanOfTime().or(spanWord(of.Behind)), policy.Text{ZH: "起保最多早于投保多久", EN: "How far before insureTime the cover may begin"}, []any{"24h"}},
			property{"ahead", false, spanOfTime().or(spanWord(of.Ahead)), policy.Text{ZH: "起保最多晚于投保多久", EN: "How far after insureTime the cover may begin"}, []any{"365d"}},
		), policy.Text{ZH: "起保时间与投保时间的间隔", EN: "How far effectTime lies from insureTime"}, nil},
		property{"order_amount", false, gradedShape(level(of.OrderAmount)), policy.Text{
			ZH: "保额不超过订单金额（《保险法》第五十五条）", EN: "The sum insured is not above the order amount (Insurance Law art. 55)"}, nil},
		property{"identity_card", false, licenceShape(), policy.Text{ZH: "居民身份证号：shape 查格式，checksum 另查校验位", EN: "Numbers of identity cards: their shape, or the check digit too"}, nil},
		property{"company_license", false, licenceShape(), policy.Text{ZH: "统一社会信用代码：shape 查格式，checksum 另查校验位", EN: "Credit codes of companies: their shape, or the check character too"}, nil},
		property{"parties", false, gradedShape(level(of.Parties)), policy.Text{
			ZH: "投保人与被保险人各有个人或企业信息", EN: "Applicant and insured are there, each as a person or a company"}, nil},
	)
}

// licenceShape is what file.licence reads.
func licenceShape() *shape {
	s := either(
		oneWord(wordsFor(licenceChecks())...),
		object(
			property{"level", false, oneWord(wordsFor(checkLevels())...).or(wordOfValue(checkLevels(), policy.Refuse)), policy.Text{ZH: "级别", EN: "How seriously it is taken"}, nil},
			property{"check", true, oneWord(wordsFor(licenceDepths())...), policy.Text{ZH: "shape 查格式，checksum 另查校验位", EN: "The shape, or the check digit too"}, nil},
			property{"masked", false, truth().or(false), policy.Text{ZH: "脱敏的号码视为通过", EN: "A masked number passes"}, nil},
		))
	s.Default = wordOfValue(licenceChecks(), policy.Number{})
	return s
}
