package products

import (
	"fmt"
	"regexp"
	"strconv"
	"time"

	"github.com/chudan-io/chudan/policy"
)

// maxDays is the widest tolerance for a number of days.
const maxDays = 366

// days reads a whole number of days.
func (f *file) days(into *int) read {
	return func(n *node) {
		text, ok := f.word(n)
		if !ok {
			return
		}
		days, err := strconv.ParseUint(text, 10, 16)
		if err != nil || days > maxDays {
			f.bad(n, codeNumber, policy.Text{
				ZH: fmt.Sprintf("%s：应为天数（0 至 %d 的整数）", shown(text), maxDays),
				EN: fmt.Sprintf("%s: want a number of days, whole, 0 to %d", shown(text), maxDays),
			}, policy.Text{})
			return
		}
		*into = int(days)
	}
}

// What spans and moments are told to look like.
var (
	wantSpan   = policy.Text{ZH: "应为时长，如 30m、24h、365d", EN: "want a span of time, such as 30m, 24h or 365d"}
	wantMoment = policy.Text{
		ZH: "应为 2021-07-01 或 2021-07-01 18:00:00 形式的真实时间（东八区）",
		EN: "want a real date or time (+08:00) such as 2021-07-01 or 2021-07-01 18:00:00",
	}
)

var (
	span      = regexp.MustCompile(`^([0-9]{1,4})([mhd])$`)
	spanUnits = map[string]time.Duration{"m": time.Minute, "h": time.Hour, "d": 24 * time.Hour}
)

// span reads a span of time: 30m, 24h, 365d; 0 needs no unit.
func (f *file) span(into *time.Duration) read {
	return func(n *node) {
		text, ok := f.word(n)
		if !ok {
			return
		}
		m := span.FindStringSubmatch(text)
		switch {
		case m != nil:
			count, _ := strconv.Atoi(m[1])
			*into = time.Duration(count) * spanUnits[m[2]]
		case text == "0":
			*into = 0
		default:
			hint := policy.Text{}
			if _, err := strconv.ParseUint(text, 10, 12); err == nil {
				hint = meant(text+"h", text+"d")
			}
			f.bad(n, codeNumber, policy.Text{ZH: shown(text) + "：" + wantSpan.ZH, EN: shown(text) + ": " + wantSpan.EN}, hint)
		}
	}
}

var otherDate = regexp.MustCompile(`^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?$`)

// hintMoment reads a date in one of the other ways in which people write it.
func hintMoment(text string) policy.Text {
	m := otherDate.FindStringSubmatch(text)
	if m == nil {
		return policy.Text{}
	}
	var part [6]int
	for i := range part {
		part[i], _ = strconv.Atoi(m[i+1])
	}
	layout := time.DateTime
	if m[4] == "" {
		layout = time.DateOnly
	}
	t := time.Date(part[0], time.Month(part[1]), part[2], part[3], part[4], part[5], 0, time.UTC)
	if int(t.Month()) != part[1] || t.Day() != part[2] || t.Hour() != part[3] || t.Minute() != part[4] || t.Format(layout) == text {
		return policy.Text{}
	}
	return meant(t.Format(layout))
}

// moment reads a date, which begins at midnight, or a date and a time of day;
// both at +08:00.
func (f *file) moment(into *time.Time) read {
	return func(n *node) {
		text, ok := f.word(n)
		if !ok {
			return
		}
		for _, layout := range [...]string{time.DateOnly, time.DateTime} {
			// Go's parser takes 9:00:00 and fractions of a second.
			if t, err := time.ParseInLocation(layout, text, policy.Zone()); err == nil && t.Format(layout) == text && t.Year() >= 2000 && t.Year() <= 2099 {
				*into = t
				return
			}
		}
		f.bad(n, codeTime, policy.Text{ZH: shown(text) + "：" + wantMoment.ZH, EN: shown(text) + ": " + wantMoment.EN}, hintMoment(text))
	}
}
