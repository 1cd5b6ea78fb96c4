package rules

import (
	"slices"
	"strings"

	"github.com/chudan-io/chudan/policy"
)

// anything is the cell that fits every value of its column.
const anything = "*"

// cover is what a cell of a row covers of the domain, in ascending order.
func (d *domain) cover(c Cell) (all []interval, bad wrong) {
	for _, text := range c {
		at, bad := d.stretch(strings.TrimSpace(text))
		if bad.code != "" {
			return nil, bad
		}
		if at.from <= at.to { // a range may lie between two of the listed numbers
			all = append(all, at)
		}
	}
	if len(all) == 0 {
		return nil, wrongCell("empty", "单元格未包含任何值", "the cell has no value", policy.Text{ZH: "任意值写 '*'", EN: "any value is written '*'"})
	}
	slices.SortFunc(all, func(a, b interval) int { return int(max(-1, min(1, a.from-b.from))) })
	joined := all[:1]
	for _, at := range all[1:] {
		if before := &joined[len(joined)-1]; at.from <= before.to+1 {
			before.to = max(before.to, at.to)
			continue
		}
		joined = append(joined, at)
	}
	return joined, bad
}

// stretch is what one text of a cell covers.
func (d *domain) stretch(text string) (at interval, bad wrong) {
	if text == anything {
		return interval{d.first, d.last}, bad
	}
	if d.words != nil {
		place, ok := d.words[text]
		if !ok {
			return at, d.unknown(text)
		}
		return interval{place, place}, bad
	}
	low, high, isRange := ends(text)
	if !isRange {
		high = low
	}
	var places [2]int64
	for i, end := range [2]string{low, high} {
		v, _, ok := quantity(end)
		if !ok {
			return at, notANumber(text)
		}
		if places[i], ok = v.units(d.places); !ok {
			return at, wrongCell("range", "`"+end+"` 的小数位多于该列的步长", "`"+end+"` is finer than the step of the column",
				policy.Text{ZH: "步长由该列取值范围的小数位决定：" + d.text, EN: "the step is that of the decimals of its domain, " + d.text})
		}
	}
	if places[0] > places[1] {
		return at, reversed(low, high)
	}
	if d.points == nil {
		if places[0] < d.first || places[1] > d.last {
			return at, wrongCell("range", "`"+text+"` 超出该列的取值范围 "+d.text, "`"+text+"` leaves the domain of the column, "+d.text, policy.Text{})
		}
		return interval{places[0], places[1]}, bad
	}
	from, _ := slices.BinarySearch(d.points, places[0])
	to, found := slices.BinarySearch(d.points, places[1])
	if !found {
		to--
	}
	if !isRange && !found {
		return at, wrongCell("range", "`"+text+"` 不在该列的取值之中："+d.text, "`"+text+"` is none of the values of the column: "+d.text, policy.Text{})
	}
	return interval{int64(from), int64(to)}, bad
}

// unknown is what is wrong with a text that the domain does not have.
func (d *domain) unknown(text string) wrong {
	h := nearest(text, d.names)
	if _, _, isRange := ends(text); isRange {
		h = policy.Text{ZH: "文本没有范围，请写 [A, B]", EN: "texts have no range; write [A, B]"}
	} else if parts := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(",，、;；/|", r) }); len(parts) > 1 {
		h = hint("[" + strings.Join(parts, ", ") + "]")
	} else if h == (policy.Text{}) {
		all := interval{d.first, d.last}
		h = policy.Text{ZH: "可用：" + d.span(all), EN: "the values are " + d.span(all)}
	}
	return wrongCell("unknown-value", "`"+text+"` 不在该列的取值之中", "`"+text+"` is none of the values of the column", h)
}

// suspicious is the rate from which on a number without a percent sign is not
// believed: it is more likely a percentage whose sign was left out.
var suspicious = decimal{n: 1, scale: 1}

// wrongRate tells why a value of a table of rates cannot be meant.
func wrongRate(text string) (bad wrong) {
	v, _, ok := quantity(text)
	if !ok {
		return bad // told already
	}
	switch percent := strings.ContainsAny(text, "%‰"); {
	case percent && v.cmp(whole(1)) >= 0:
		return wrongCell("rate", "费率应小于 100%", "a rate is below 100%", policy.Text{})
	case !percent && v.cmp(suspicious) >= 0:
		h := hint(text + "%")
		h.ZH, h.EN = "是否应为 "+text+"% 或 "+fromMoney(v.money().Shift(-2)).String()+"？", "did you mean "+text+"% or "+fromMoney(v.money().Shift(-2)).String()+"?"
		return wrongCell("rate", "`"+text+"` 像是百分数", "`"+text+"` looks like a percentage", h)
	}
	return bad
}
