package core

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Range is a range (号段) of policy numbers: the prefix, and each number from
// From to To in as many digits as Width says.
type Range struct {
	Prefix string // A–Z, a–z, 0–9, - and _; may be empty
	From   uint64 // the first number
	To     uint64 // the last one
	Width  int    // digits, with leading zeros: 1 to 18
}

// The limits of a number.
const (
	maxWidth  = 18 // digits that any language's 64-bit integer holds
	maxNumber = 64 // characters of a policy number
)

var prefixForm = regexp.MustCompile(`^[A-Za-z0-9_-]*$`)

// check tells whether a range is one, and every number of it a policy number.
func (r Range) check() error {
	switch {
	case !prefixForm.MatchString(r.Prefix):
		return errors.New("its prefix wants A–Z, a–z, 0–9, - and _")
	case r.Width < 1 || r.Width > maxWidth:
		return fmt.Errorf("its numbers want 1 to %d digits", maxWidth)
	case len(r.Prefix)+r.Width > maxNumber:
		return fmt.Errorf("its numbers are longer than %d characters", maxNumber)
	case r.To < r.From:
		return errors.New("it ends before it begins")
	case len(strconv.FormatUint(r.To, 10)) > r.Width:
		return fmt.Errorf("its last number has more than %d digits", r.Width)
	}
	return nil
}

// left is how many numbers there are.
func (r Range) left() uint64 { return r.To - r.From + 1 }

func (r Range) number(n uint64) string { return r.Prefix + r.digits(n) }

func (r Range) digits(n uint64) string { return fmt.Sprintf("%0*d", r.Width, n) }

// overlaps tells whether two ranges have a number in common, as it is printed:
// A1 and 01 is also A and 101.
func (r Range) overlaps(o Range) bool {
	if len(r.Prefix) > len(o.Prefix) {
		r, o = o, r
	}
	rest, begins := strings.CutPrefix(o.Prefix, r.Prefix)
	if !begins || r.Width != len(rest)+o.Width || strings.Trim(rest, "0123456789") != "" {
		return false
	}
	// Texts of one length, all digits: they are ordered as their numbers are.
	return r.digits(r.From) <= rest+o.digits(o.To) && rest+o.digits(o.From) <= r.digits(r.To)
}

// maxSpans is how many ranges are remembered that do not continue one another,
// some 15 MB of them.
const maxSpans = 1 << 18

// used are the ranges that were taken in this process.
type used struct{ spans []Range }

// add remembers a range, unless it has a number in common with one before it.
func (u *used) add(r Range) error {
	for i := range u.spans {
		if u.spans[i].overlaps(r) {
			return errors.New("it has numbers of one that was handed out before")
		}
	}
	for i := range u.spans {
		// Most ranges continue the one before.
		if s := &u.spans[i]; s.Prefix == r.Prefix && s.Width == r.Width && s.To+1 == r.From {
			s.To = r.To
			return nil
		}
	}
	if len(u.spans) == maxSpans {
		return fmt.Errorf("%d ranges are remembered already that do not continue one another: ask for larger ones, and start anew", maxSpans)
	}
	u.spans = append(u.spans, r)
	return nil
}
