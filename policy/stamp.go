package policy

import (
	"strconv"
	"time"
)

// zone is China Standard Time. A fixed offset is right: the last summer time
// there ended in 1991, and the page's years begin in 2000.
var zone = time.FixedZone("+08:00", 8*60*60)

// Zone is +08:00, in which all times of the page are told.
func Zone() *time.Location { return zone }

func isStamp(s string) bool {
	_, ok := parseStamp(s)
	return ok
}

// parseStamp reads exactly yyyy-MM-dd HH:mm:ss. Go's own parser would take
// 5:23:28, more than one space and fractions of a second.
func parseStamp(s string) (time.Time, bool) {
	const form = "0000-00-00 00:00:00"
	if len(s) != len(form) {
		return time.Time{}, false
	}
	var parts [6]int
	part := 0
	for i := range len(form) {
		switch {
		case form[i] != '0' && s[i] == form[i]:
			part++
		case form[i] == '0' && isDigit(s[i]):
			parts[part] = parts[part]*10 + int(s[i]-'0')
		default:
			return time.Time{}, false
		}
	}
	t := time.Date(parts[0], time.Month(parts[1]), parts[2], parts[3], parts[4], parts[5], 0, zone)
	// 30 February would be carried over into March: a real time comes back as
	// it went in.
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	return t, [6]int{year, int(month), day, hour, minute, second} == parts && inPageYears(t)
}

func inPageYears(t time.Time) bool { return t.Year() >= 2000 && t.Year() <= 2099 }

func isMillis(s string) bool {
	_, ok := parseMillis(s)
	return ok
}

func parseMillis(s string) (time.Time, bool) {
	if len(s) != 13 || !all(s, isDigit) {
		return time.Time{}, false
	}
	ms, err := strconv.ParseInt(s, 10, 64)
	t := time.UnixMilli(ms).In(zone)
	return t, err == nil && s[0] != '0' && inPageYears(t)
}

// CalendarDays counts the days at +08:00 from one time to another, both ends
// included: from 2021-08-04 to 2021-09-12 there are 40. Negative where to lies
// on an earlier day.
func CalendarDays(from, to time.Time) int {
	days := int(day(to).Sub(day(from)) / (24 * time.Hour))
	if days < 0 {
		return days - 1
	}
	return days + 1
}

func day(t time.Time) time.Time {
	y, m, d := t.In(zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, zone)
}
