package policy_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/policy/money"
)

// FuzzStamp: a time is accepted exactly where it prints as it was written, in
// the years of the page.
func FuzzStamp(f *testing.F) {
	const layout = "2006-01-02 15:04:05"
	f.Add("2021-08-04 15:23:28")
	f.Add("2000-02-29 00:00:00")
	f.Add("2099-12-31 23:59:59")
	for _, bad := range badStamps {
		f.Add(bad)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r := sample(t)
		r.EffectTime = text
		a, faults := policy.NewApplication(r)
		blamed := policy.SetOf("effectTime")
		accepted := a.Sound(blamed)
		parsed, err := time.ParseInLocation(layout, text, policy.Zone())
		want := err == nil && parsed.Format(layout) == text && 2000 <= parsed.Year() && parsed.Year() <= 2099
		if accepted != want {
			t.Fatalf("%q accepted: %v, want %v; %s", text, accepted, want, codes(faults))
		}
		if accepted && !a.EffectTime.Equal(parsed) {
			t.Fatalf("%q read as %s", text, a.EffectTime)
		}
	})
}

// FuzzPeriod: insurePeriod is accepted exactly where it is a whole number of
// days by value, in plain digits.
func FuzzPeriod(f *testing.F) {
	for _, text := range append([]string{"1", "40", "40.0", "3660", "3660.0000000000", "3661", "0", "1.5"}, badDecimals...) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r := sample(t)
		r.InsurePeriod = text
		a, _ := policy.NewApplication(r)
		if text == "" {
			return
		}
		d, err := money.Parse(text)
		days, whole := d.Int64()
		want := err == nil && whole && days >= 1 && days <= 3660
		if got := a.Sound(policy.SetOf("insurePeriod")); got != want || got && int64(a.InsurePeriod) != days {
			t.Fatalf("%q: sound %v, %d days", text, got, a.InsurePeriod)
		}
	})
}

// FuzzShape puts any text into any field.
func FuzzShape(f *testing.F) {
	for n := range policy.Fields() {
		f.Add(uint(n), "")
		f.Add(uint(n), "x\x00")
	}
	for _, c := range shapeCases() {
		if field, ok := policy.FieldNamed(c.field); ok && len(c.value) < 100 {
			f.Add(uint(slices.IndexFunc(policy.Fields(), func(o policy.Field) bool { return o.Path == field.Path })), c.value)
		}
	}
	f.Fuzz(func(t *testing.T, n uint, text string) {
		fields := policy.Fields()
		r := sample(t)
		fields[n%uint(len(fields))].SetText(r, text)
		holds(t, r)
	})
}

// FuzzDecide reads a whole request from lines of path=text.
func FuzzDecide(f *testing.F) {
	f.Add("amount=1e3\npremium=6.37\ncurrency=USD")
	f.Add("insurePeriod=\namountOfCny=\npremiumRate=\ncurrency=JPY\ncurrencyRate=0.05")
	f.Add("expireTime=2021-08-04 15:23:26\nattrs.insuranceTypes=QUALITY,,\ninsuredPersonalInfo.personLicenseType=")
	f.Add("currency=KWD\namount=999999999999999.999\npremiumRate=0.0499999999\ncurrencyRate=999999999999999.9999999999\namountOfCny=\npremium=0")
	f.Fuzz(func(t *testing.T, lines string) {
		r := sample(t)
		for line := range strings.SplitSeq(lines, "\n") {
			path, text, _ := strings.Cut(line, "=")
			if field, ok := policy.FieldNamed(path); ok {
				field.SetText(r, text)
			}
		}
		holds(t, r)
	})
}

// holds checks the laws of every decision: it is the same when made again, its
// faults stand in page order and are told in both languages, and what was
// issued or kept replays.
func holds(t *testing.T, r *policy.Request) {
	t.Helper()
	d, again := decide(t, newBond(), r), decide(t, newBond(), r)
	if !reflect.DeepEqual(d.Faults, again.Faults) || fmt.Sprint(d.Premium) != fmt.Sprint(again.Premium) {
		t.Fatalf("two decisions:\n%v\n%v", d, again)
	}
	place := func(path string) int {
		for n, f := range policy.Fields() {
			if f.Path == path || policy.ObjectFields(path).Has(f) {
				return n
			}
		}
		t.Fatalf("the page knows no %q", path)
		return 0
	}
	last := 0
	for _, f := range d.Faults {
		checkTexts(t, "fuzz", f)
		if at := place(f.Paths[0]); at < last {
			t.Fatalf("not in page order: %s", codes(d.Faults))
		} else {
			last = at
		}
		if code := f.ErrorCode(); len(code) > 96 || !utf8.ValidString(f.Message.ZH) {
			t.Fatalf("%q, %q", code, f.Message.ZH)
		}
	}
	l := newLedger()
	i := issuerOf(t, l)
	first, err := i.Issue(context.Background(), acme, r)
	if (err == nil) != (d.Verdict() <= policy.Note) {
		t.Fatalf("decided %s, issued %v", codes(d.Faults), err)
	}
	if err != nil && !errors.As(err, new(*policy.Refusal)) {
		t.Fatal(err)
	}
	if l.writes == 0 {
		return
	}
	second, replayed := i.Issue(context.Background(), acme, r)
	if second != first || (err == nil) != (replayed == nil) || l.writes != 1 {
		t.Fatalf("again: %+v, %v; first %+v, %v; %d writes", second, replayed, first, err, l.writes)
	}
}
