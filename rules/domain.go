package rules

import (
	"regexp"
	"slices"
	"strings"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/policy/money"
)

// domain is the set of values that a column may have, each with its place: the
// index of a text, or a number in units of the last decimal that the domain is
// written with. 1..365 are whole numbers, and 0.01..500.00 go by 0.01: a number
// between two steps is outside. Thus 1..90 and 91..365 leave nothing between.
type domain struct {
	text   string           // as written
	words  map[string]int64 // of texts; nil for numbers
	names  []string         // of texts, in their order
	places int              // of numbers: the decimals of a step
	points []int64          // of numbers that are listed one by one, ascending
	last   int64            // the greatest place; the least is first
	first  int64
}

// interval is a stretch of places, both ends included.
type interval struct{ from, to int64 }

// ordinal is the place of a value; ok is false where it is outside.
func (d *domain) ordinal(v value) (place int64, ok bool) {
	if d.words != nil {
		place, ok = d.words[v.word]
		return place, ok
	}
	n, ok := v.number.units(d.places)
	if d.points != nil && ok {
		i, found := slices.BinarySearch(d.points, n)
		return int64(i), found
	}
	return n, ok && d.first <= n && n <= d.last
}

// units is d in units of 10^-places; ok is false where it is none of them.
func (d decimal) units(places int) (n int64, ok bool) {
	if d.wide != nil {
		m := d.wide.Shift(places)
		return m.Int64()
	}
	if d.scale <= places {
		return product(d.n, powersOf10[places-d.scale])
	}
	unit := powersOf10[d.scale-places]
	return d.n / unit, d.n%unit == 0
}

// show is the text of a place.
func (d *domain) show(place int64) string {
	switch {
	case d.words != nil:
		return d.names[place]
	case d.points != nil:
		place = d.points[place]
	}
	return decimal{n: place, scale: d.places}.String()
}

// span is the text of several places.
func (d *domain) span(at interval) string {
	switch {
	case at.from == at.to:
		return d.show(at.from)
	case d.words == nil && d.points == nil:
		return d.show(at.from) + ".." + d.show(at.to)
	}
	var all []string
	for place := at.from; place <= at.to && len(all) < maxShown; place++ {
		all = append(all, d.show(place))
	}
	if at.to-at.from >= maxShown {
		all = append(all, "…")
	}
	return strings.Join(all, ", ")
}

// maxShown is how many values of a list a message shows.
const maxShown = 5

// maxUnits is the longest number of a column, in digits of its step.
const maxUnits = 15

// quantity is a number of a table: 90, 0.5, 0.300%, 1.25‰.
func quantity(text string) (value decimal, places int, ok bool) {
	for sign, n := range map[string]int{"%": 2, "‰": 3} {
		if before, found := strings.CutSuffix(text, sign); found {
			text, places = strings.TrimRight(before, " "), n
		}
	}
	if !money.Valid(text) {
		return decimal{}, 0, false
	}
	_, after, _ := strings.Cut(text, ".")
	return fromMoney(parse(text).money().Shift(-places)), len(after) + places, true
}

// wrong tells why a text of a table cannot be; the zero wrong is none.
type wrong struct {
	code          string
	message, hint policy.Text
}

func wrongCell(code, zh, en string, h policy.Text) wrong {
	return wrong{code, policy.Text{ZH: zh, EN: en}, h}
}

// ends reads the two ends of a range. It is no range where ok is false.
func ends(text string) (low, high string, ok bool) {
	low, high, ok = strings.Cut(text, "..")
	return strings.TrimSpace(low), strings.TrimSpace(high), ok
}

var otherRange = regexp.MustCompile(`^([0-9.]+ ?[%‰]?) *(?:-|~|～|—|–|…|\.{3,}|to|至|到|,) *([0-9.]+ ?[%‰]?)$`)

// notANumber is what is wrong with a text that is no number, nor a range.
func notANumber(text string) wrong {
	h := policy.Text{ZH: "如 90、1..90、0.5%", EN: "such as 90, 1..90, 0.5%"}
	if m := otherRange.FindStringSubmatch(text); m != nil {
		h = hint(m[1] + ".." + m[2])
	} else if strings.ContainsFunc(text, isWide) {
		h = hint(narrowAll(text))
	} else if asDay.MatchString(text) {
		h = policy.Text{ZH: "像是表格软件把它变成了日期；范围写两个点：1..12", EN: "it looks as if a spreadsheet made a day of it; a range has two points: 1..12"}
	} else if m := openRange.FindStringSubmatch(text); m != nil {
		h = policy.Text{ZH: "范围要写出两端，含两端在内", EN: "a range has both ends, and both belong to it"}
	}
	return wrongCell("number", "`"+text+"` 不是数值或范围", "`"+text+"` is no number and no range", h)
}

var openRange = regexp.MustCompile(`^(?:[<>≤≥]=?|\.\.)|\.\.$|以[上下]$`)

// asDay is what spreadsheets make of 1-12 and 1/12.
var asDay = regexp.MustCompile(`^(?:[0-9]+[/月-][0-9]+(?:[/-][0-9]+|日)?|[0-9]+-[A-Za-z]{3}|[A-Za-z]{3}-[0-9]+)$`)

// narrowAll is text with the ASCII characters for their full-width forms.
func narrowAll(text string) string {
	return strings.Map(func(r rune) rune {
		if isWide(r) {
			return r - '！' + '!'
		}
		return r
	}, text)
}

// listed is the domain of these texts.
func listed(texts []string) domain {
	d := domain{text: strings.Join(texts, ", "), words: map[string]int64{}, names: texts, last: int64(len(texts)) - 1}
	for i, word := range texts {
		d.words[word] = int64(i)
	}
	return d
}

// numbered is the domain of numbers that a Column names: a range, or numbers
// one by one.
func numbered(texts []string) (d domain, bad wrong) {
	d = domain{text: strings.Join(texts, ", ")}
	low, high, isRange := ends(texts[0])
	if len(texts) == 1 && isRange {
		texts = []string{low, high}
	} else {
		isRange = false
	}
	values := make([]decimal, len(texts))
	for i, text := range texts {
		value, places, ok := quantity(text)
		if !ok {
			return d, notANumber(d.text)
		}
		values[i], d.places = value, max(d.places, places)
	}
	for _, v := range values {
		n, ok := v.units(d.places)
		if !ok || n >= powersOf10[maxUnits] {
			return d, wrongCell("number", "数值超过 15 位", "a number of more than 15 digits", policy.Text{})
		}
		d.points = append(d.points, n)
	}
	if !isRange {
		slices.Sort(d.points)
		d.points = slices.Compact(d.points)
		d.last = int64(len(d.points)) - 1
		return d, bad
	}
	d.first, d.last, d.points = d.points[0], d.points[1], nil
	if d.first > d.last {
		bad = reversed(low, high)
	}
	return d, bad
}

func reversed(low, high string) wrong {
	return wrongCell("range", "下限 "+low+" 大于上限 "+high, "the lower end "+low+" is above the upper one "+high, hint(high+".."+low))
}
