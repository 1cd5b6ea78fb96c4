package policy_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chudan-io/chudan/policy"
)

func TestParseKeys(t *testing.T) {
	one, two := strings.Fields(keyOne)[1], strings.Fields(keyTwo)[1]
	for name, c := range map[string]struct {
		file string
		want string // in the error; "" where it is read
	}{
		"one":                 {keyOne, ""},
		"two":                 {keyOne + "\n" + keyTwo + "\n", ""},
		"comments and spaces": {"# keys\r\n\r\n  k1   " + one + "  \r\n", ""},
		"in capitals":         {"k1 " + strings.ToUpper(one), ""},
		"a new file":          {policy.NewKeyFile(), ""},
		"nothing":             {"", "no key"},
		"comments only":       {"# nothing\n\n", "no key"},
		"no name":             {one, "line 1"},
		"no key":              {"# x\nk1\n", "line 2"},
		"the key first":       {one + " k1", "line 1"},
		"a tab":               {"k1\t" + one, "line 1"},
		"too short":           {"k1 " + one[:62], "line 1"},
		"too long":            {"k1 " + one + "00", "line 1"},
		"no hex":              {"k1 " + strings.Repeat("g", 64), "line 1"},
		"two on a line":       {"k1 " + one + " " + two, "line 1"},
		"a name in capitals":  {"K1 " + one, "line 1"},
		"a long name":         {strings.Repeat("k", 33) + " " + one, "line 1"},
		"one name twice":      {keyOne + "\n\nk1 " + two, "line 3"},
		"a very long line":    {"k1 " + strings.Repeat("0", 100_000), "key file"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := policy.ParseKeys([]byte(c.file))
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Fatalf("got %v, want %q", err, c.want)
			}
			if err != nil && (strings.Contains(err.Error(), one[:16]) || strings.Contains(err.Error(), two[:16])) {
				t.Errorf("the error shows a key: %v", err)
			}
		})
	}
	if one, two := policy.NewKeyFile(), policy.NewKeyFile(); one == two {
		t.Error("two new files are equal")
	}
}

// TestSecretsAreNotPrinted: a configuration may be logged by mistake.
func TestSecretsAreNotPrinted(t *testing.T) {
	secret, err := hex.DecodeString(strings.Fields(keyOne)[1])
	if err != nil {
		t.Fatal(err)
	}
	config := configOf(t, newLedger())
	issuer, err := policy.New(config)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	for _, value := range []any{config, &config, config.Keys, &config.Keys, issuer} {
		for verb := 'A'; verb <= 'z'; verb++ {
			fmt.Fprintf(&out, "%"+string(verb)+"%#"+string(verb)+"\n", value, value)
		}
	}
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "config", config.Keys, "issuer", issuer)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "config", config.Keys, "issuer", issuer)
	for _, shown := range []string{fmt.Sprint(secret[:4])[1:8], fmt.Sprintf("%x", secret[:4]), fmt.Sprintf("%#x", secret[:4])} {
		if strings.Contains(out.String(), shown) {
			t.Errorf("shows %s", shown)
		}
	}
	// Derived keys are not known here, but bytes in a row would show in any case.
	if strings.Contains(out.String(), "[]byte{") || strings.Contains(out.String(), "uint8{") {
		t.Error("shows bytes")
	}
}

// TestSealed: a record opens only as it was written and where it was written.
func TestSealed(t *testing.T) {
	l := newLedger()
	i := issuerOf(t, l)
	issue(t, i, sample(t))
	rec := statusOf(t, l)
	if _, err := i.Open(rec); err != nil {
		t.Fatal(err)
	}
	altered := func(name string, change func(*policy.Record), wants ...string) {
		t.Helper()
		moved := rec
		moved.Sealed = bytes.Clone(rec.Sealed)
		change(&moved)
		c, err := i.Open(moved)
		if err == nil || c.Request != nil || policy.TroubleKind(err) != policy.KindInternal {
			t.Fatalf("%s: opened: %v", name, err)
		}
		for _, want := range wants {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, want %s", name, err, want)
			}
		}
		if strings.Contains(err.Error(), strings.Fields(keyOne)[1][:16]) {
			t.Errorf("%s: the error shows a key: %v", name, err)
		}
	}
	altered("another identifier", func(r *policy.Record) { r.Key.Identifier = "other" }, `"k1"`)
	altered("another tenant", func(r *policy.Record) { r.Key.Tenant = "other" }, `"k1"`)
	altered("letters moved between tenant and identifier", func(r *policy.Record) {
		r.Key = policy.Key{Tenant: r.Key.Tenant + policy.Tenant(r.Key.Identifier[:1]), Identifier: r.Key.Identifier[1:]}
	})
	for _, n := range []int{0, 1, 2, 3, 5, len(rec.Sealed) / 2, len(rec.Sealed) - 1} {
		altered(fmt.Sprint("shortened to ", n), func(r *policy.Record) { r.Sealed = r.Sealed[:n] })
	}
	for n := range rec.Sealed {
		altered(fmt.Sprint("byte ", n), func(r *policy.Record) { r.Sealed[n] ^= 1 })
	}

	// The key is gone: the error names it, and nothing is answered or written.
	gone := issuerOf(t, l, func(c *policy.Config) { c.Keys = keysOf(t, keyTwo) })
	for _, r := range []*policy.Request{sample(t), with(t, "amount", "1")} {
		_, err := gone.Issue(context.Background(), acme, r)
		if err == nil || errors.As(err, new(*policy.ConflictError)) || policy.TroubleKind(err) != policy.KindInternal || !strings.Contains(err.Error(), `"k1"`) || l.writes != 1 {
			t.Errorf("%v, %d writes", err, l.writes)
		}
	}
	// Another key under the old name.
	other := issuerOf(t, l, func(c *policy.Config) { c.Keys = keysOf(t, "k1"+keyTwo[2:]) })
	if _, err := other.Issue(context.Background(), acme, sample(t)); err == nil || !strings.Contains(err.Error(), "altered") || l.writes != 1 {
		t.Errorf("%v, %d writes", err, l.writes)
	}
	// A tampered fingerprint neither lets another payload pass nor refuses the right one.
	key := rec.Key
	rec.Fingerprint = bytes.Repeat([]byte{1}, len(rec.Fingerprint))
	l.records[key] = rec
	if issue(t, i, sample(t)).PolicyNo != rec.Number {
		t.Error("the right payload was refused")
	}
	if _, err := i.Issue(context.Background(), acme, with(t, "amount", "1")); !errors.As(err, new(*policy.ConflictError)) {
		t.Errorf("another payload: %v", err)
	}
	for _, fingerprint := range [][]byte{nil, {1}, {1, 200}, {2, 2, 'k', '1'}, {1, 2, 'k', '1'}} {
		rec.Fingerprint = fingerprint
		l.records[key] = rec
		if issue(t, i, sample(t)).PolicyNo != rec.Number {
			t.Errorf("%x: the right payload was refused", fingerprint)
		}
	}
}

// TestFingerprints: equal payloads have equal ones under one key and others
// under another, and no two payloads are confused, whatever stands in a field.
func TestFingerprints(t *testing.T) {
	of := func(r *policy.Request, changes ...func(*policy.Config)) string {
		l := newLedger()
		issue(t, issuerOf(t, l, append(changes, selling(easy{newBond()}))...), r)
		return string(statusOf(t, l).Fingerprint)
	}
	first := of(sample(t))
	if !strings.HasPrefix(first, "\x01\x02k1") || len(first) != 4+32 {
		t.Errorf("%x", first)
	}
	if of(with(t, "amount", "1018.000", "insurePeriod", "40.0")) != first {
		t.Error("another spelling has another fingerprint")
	}
	if of(sample(t), func(c *policy.Config) { c.Keys = keysOf(t, keyTwo) })[4:] == first[4:] {
		t.Error("another key gives the same fingerprint")
	}
	if stamped := with(t, "insureTime", "2021-08-04 15:23:59"); of(stamped, ignoring("insureTime")) != of(sample(t), ignoring("insureTime")) || of(stamped) == first {
		t.Error("an ignored field is in the fingerprint, or one that is not ignored is left out")
	}
	payloads := map[string]*policy.Request{
		"a quote":            with(t, "applicantPayAccount", `A","attrs.insuranceTypes":"QUALITY`, "attrs.insuranceTypes", ""),
		"two fields":         with(t, "applicantPayAccount", "A", "attrs.insuranceTypes", "QUALITY"),
		"a backslash":        with(t, "applicantPayAccount", `A\`),
		"two":                with(t, "applicantPayAccount", `A\\`),
		"an escape":          with(t, "applicantPayAccount", `A\u0000`),
		"what it stands for": with(t, "applicantPayAccount", "A\x00"),
		"no UTF-8":           with(t, "applicantPayAccount", "A\xff"),
		"other no UTF-8":     with(t, "applicantPayAccount", "A\xfe"),
		"its replacement":    with(t, "applicantPayAccount", "A\ufffd"),
		"a number's zeros":   with(t, "applicantPayAccount", "1.0"),
		"one zero less":      with(t, "applicantPayAccount", "1"),
		"a decimal":          with(t, "amount", "1018.0"),
		"no decimal":         with(t, "amount", "01018.0"),
		"no decimal at all":  with(t, "amount", "1018.0x"),
		"sellerId":           with(t, "orderSubjectMatterInfo.sellerId", "7", "orderSubjectMatterInfo.buyerId", ""),
		"buyerId":            with(t, "orderSubjectMatterInfo.sellerId", "", "orderSubjectMatterInfo.buyerId", "7"),
	}
	seen := make(map[string]string)
	for name, r := range payloads {
		l := newLedger()
		i := issuerOf(t, l, selling(easy{newBond()}))
		if _, err := i.Issue(context.Background(), acme, r); err != nil {
			continue // malformed: it is only ever compared
		}
		fingerprint := string(statusOf(t, l).Fingerprint)
		if other, ok := seen[fingerprint]; ok {
			t.Errorf("%s and %s have one fingerprint", name, other)
		}
		seen[fingerprint] = name
		for other, r := range payloads {
			if _, err := i.Issue(context.Background(), acme, r); other != name && !errors.As(err, new(*policy.ConflictError)) {
				t.Errorf("%s is taken for %s: %v", other, name, err)
			}
		}
	}
	if len(seen) != 11 {
		t.Errorf("%d of the payloads were issued, want 11", len(seen))
	}
}

// TestKeptForYears opens a record that was kept in its form of today, follows
// its link and repeats its request. Links and records are promises: -update
// writes the file only where it is gone, and after the first release a change
// that needs another file needs another version byte too.
func TestKeptForYears(t *testing.T) {
	const file, number = "testdata/record-v1.json", "PBDI20210804000000016"
	const link = "https://policies.example.com/policies/" + number + "/"
	if _, err := os.Stat(file); *update && err != nil {
		l := newLedger()
		issue(t, issuerOf(t, l), sample(t))
		text, err := json.MarshalIndent(statusOf(t, l), "", "  ")
		if err != nil || os.WriteFile(file, append(text, '\n'), 0o644) != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var rec policy.Record
	if err := json.Unmarshal(text, &rec); err != nil {
		t.Fatal(err)
	}
	l := newLedger()
	l.records[rec.Key] = rec
	i := issuerOf(t, l, selling(withdrawn{}))
	want := policy.Receipt{PolicyNo: number, PolicyFileURL: link + linkOfSample, IssuedAt: noon.Truncate(time.Microsecond)}
	if got := issue(t, i, sample(t)); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	kept, err := i.Policy(context.Background(), number, linkOfSample)
	if err != nil || kept.Receipt != want || kept.Premium.Exact.String() != "6.3625" || kept.Premium.Method != policy.MethodA || kept.Coverages[1].Code != "DELIVERY" {
		t.Errorf("%+v, %v", kept, err)
	}
	// The fingerprint alone answers, so that its canonical form is kept too.
	l = newLedger()
	issue(t, issuerOf(t, l), sample(t))
	if now := statusOf(t, l).Fingerprint; !bytes.Equal(now, rec.Fingerprint) {
		t.Errorf("the fingerprint was %x and is %x", rec.Fingerprint, now)
	}
}

// linkOfSample is the token of the sample's policy under keyOne.
const linkOfSample = "67c27600bb5cb702975b649cd1b463c6"
