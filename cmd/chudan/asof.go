package main

import (
	"errors"
	"time"

	"github.com/spf13/pflag"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
)

// moment is the value of a flag that takes a date, or a date and a time of
// day, at +08:00 as all times of products are.
type moment struct{ time.Time }

func (m *moment) String() string {
	switch {
	case m.IsZero():
		return ""
	case m.Format(time.TimeOnly) == "00:00:00":
		return m.Format(time.DateOnly)
	}
	return m.Format(time.DateTime)
}

func (m *moment) Type() string { return "DATE" }

func (m *moment) Set(text string) error {
	for _, layout := range [...]string{time.DateOnly, time.DateTime} {
		// Go's parser takes 9:00:00 and fractions of a second.
		if t, err := time.ParseInLocation(layout, text, policy.Zone()); err == nil && t.Format(layout) == text {
			m.Time = t
			return nil
		}
	}
	return errors.New("want a date such as 2027-01-01 or 2027-01-01 18:00:00 (+08:00)")
}

// addAsOf adds --as-of, with what it does to the verb.
func addAsOf(flags *pflag.FlagSet, m *moment, about string) {
	flags.Var(m, "as-of", about)
}

// view is the catalog as of the moment, if one was given.
func (m *moment) view(c *products.Catalog) *products.Catalog {
	if m.IsZero() {
		return c
	}
	return c.AsOf(m.Time)
}

// orNow is the moment, or now.
func (m *moment) orNow() time.Time {
	if m.IsZero() {
		return time.Now()
	}
	return m.Time
}
