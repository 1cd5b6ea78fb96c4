package policy_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chudan-io/chudan/policy"
)

func TestNumbers(t *testing.T) {
	insured := time.Date(2021, 8, 4, 23, 30, 0, 0, time.UTC) // the 5th at +08:00
	prefixes := map[string]string{"default": "PBDI", "CARGO": "CARG"}
	for name, c := range map[string]struct {
		template string
		prefixes map[string]string
		product  string
		sequence uint64
		want     string
	}{
		"sequence alone":       {"{sequence:1}", nil, "BOND", 1, "1"},
		"padded":               {"{sequence:8}", nil, "BOND", 42, "00000042"},
		"grown":                {"{sequence:2}", nil, "BOND", 12345, "12345"},
		"widest":               {"{sequence:18}", nil, "BOND", 1, "000000000000000001"},
		"the last number":      {"{sequence:1}", nil, "BOND", 1<<64 - 1, "18446744073709551615"},
		"a product of its own": {"{prefix}{sequence:3}", prefixes, "CARGO", 7, "CARG007"},
		"all others":           {"{prefix}{sequence:3}", prefixes, "BOND", 7, "PBDI007"},
		"the day at +08:00":    {"{date}{sequence:3}", nil, "BOND", 7, "20210805007"},
		"letters between":      {"P{date}Q{sequence:3}F", nil, "BOND", 7, "P20210805Q007F"},
		// Source: ISO/IEC 7064, the standard's example for MOD 37,36.
		"check character":      {"A12425GABC{sequence:7}{check}", nil, "BOND", 1234002, "A12425GABC1234002M"},
		"the default template": {policy.DefaultNumberTemplate, prefixes, "BOND", 7, "PBDI2021080500000007Z"},
	} {
		t.Run(name, func(t *testing.T) {
			n, err := policy.ParseNumbering(c.template, c.prefixes)
			if err != nil {
				t.Fatal(err)
			}
			if got := n.Number(c.product, insured, c.sequence); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestBadNumberTemplates(t *testing.T) {
	standard := map[string]string{"default": "PBDI"}
	for name, c := range map[string]struct {
		template string
		prefixes map[string]string
		want     string
	}{
		"empty":                 {"", nil, "sequence"},
		"no sequence":           {"{date}", nil, "sequence"},
		"no width":              {"{sequence}", nil, "{sequence}"},
		"width 0":               {"{sequence:0}", nil, "1 to 18"},
		"width 19":              {"{sequence:19}", nil, "1 to 18"},
		"width -1":              {"{sequence:-1}", nil, "1 to 18"},
		"width +8":              {"{sequence:+8}", nil, "1 to 18"},
		"width of a date":       {"{date:8}{sequence:1}", nil, "{date:8}"},
		"unknown placeholder":   {"{year}{sequence:1}", nil, "{year}"},
		"nothing in braces":     {"{}{sequence:1}", nil, "{}"},
		"small letters":         {"pbdi{sequence:1}", nil, "pbdi"},
		"a hyphen":              {"P-{sequence:1}", nil, "P-"},
		"Chinese":               {"保{sequence:1}", nil, "保"},
		"open brace":            {"{date{sequence:1}", nil, "braces"},
		"closed brace":          {"date}{sequence:1}", nil, "braces"},
		"twice":                 {"{sequence:1}{sequence:2}", nil, "twice"},
		"date twice":            {"{date}{date}{sequence:2}", nil, "twice"},
		"check not last":        {"{check}{sequence:1}", nil, "last"},
		"check before text":     {"{sequence:1}{check}X", nil, "last"},
		"longer than 64":        {strings.Repeat("A", 64) + "{sequence:1}", nil, "64"},
		"prefix of nobody":      {"{prefix}{sequence:1}", nil, "default"},
		"prefix of one":         {"{prefix}{sequence:1}", map[string]string{"CARGO": "C"}, "default"},
		"a bad prefix":          {"{prefix}{sequence:1}", map[string]string{"default": "pb"}, "pb"},
		"an empty prefix":       {"{prefix}{sequence:1}", map[string]string{"default": ""}, "default"},
		"prefixes of two sizes": {"{prefix}{sequence:1}", map[string]string{"default": "PBDI", "CARGO": "C"}, "length"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := policy.ParseNumbering(c.template, c.prefixes); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
	n, err := policy.ParseNumbering("{prefix}{sequence:1}", standard)
	if err != nil {
		t.Fatal(err)
	}
	standard["default"] = "CHANGED"
	if got := n.Number("BOND", time.Time{}, 1); got != "PBDI1" {
		t.Errorf("the template changed under our hands: %s", got)
	}
}

// TestNumbersAreUnique: no two policies get one number, whatever their product
// and day, and however far the sequence has outgrown its width.
func TestNumbersAreUnique(t *testing.T) {
	n, err := policy.ParseNumbering("{prefix}{date}{sequence:1}{check}", map[string]string{"default": "A1", "B": "A2", "C": "1A"})
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]uint64)
	form := regexp.MustCompile(`^[0-9A-Z]+$`)
	sequence := uint64(0)
	for _, product := range []string{"A", "B", "C"} {
		for day := range 40 {
			for range 50 {
				sequence++
				number := n.Number(product, time.Date(2021, 1, 1+day, 0, 0, 0, 0, policy.Zone()), sequence)
				if other, ok := seen[number]; ok || !form.MatchString(number) {
					t.Fatalf("%d and %d are both %s", other, sequence, number)
				}
				seen[number] = sequence
			}
		}
	}
}

// TestCheckCharacter finds every single wrong character, and nearly all swaps
// of neighbours.
func TestCheckCharacter(t *testing.T) {
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	check := func(text string) string {
		n, err := policy.ParseNumbering(text+"{sequence:1}{check}", nil)
		if err != nil {
			t.Fatal(err)
		}
		return n.Number("", time.Time{}, 7)
	}
	const text = "PBDI20210804"
	right := check(text)
	last := right[len(right)-1:]
	swaps, missed := 0, 0
	for i := range text {
		for _, d := range digits {
			wrong := text[:i] + string(d) + text[i+1:]
			if got := check(wrong); wrong != text && strings.HasSuffix(got, last) {
				t.Errorf("%s and %s have one check character", text, wrong)
			}
		}
		if i > 0 && text[i] != text[i-1] {
			swaps++
			if strings.HasSuffix(check(text[:i-1]+text[i:i+1]+text[i-1:i]+text[i+1:]), last) {
				missed++
			}
		}
	}
	if missed > swaps/10 {
		t.Errorf("%d of %d swaps are missed", missed, swaps)
	}
	t.Logf("%s: every wrong character found, %s swaps", right, fmt.Sprintf("%d of %d", swaps-missed, swaps))
}
