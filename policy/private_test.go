package policy_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/chudan-io/chudan/policy"
)

// canary is a text for a personal field that begins and ends with what a mask
// may let through.
func canary(n int) string { return fmt.Sprintf("鷀鷁<%04dCANARY%04d>鷂鷃", n, n) }

// withCanaries is the sample with a canary in every personal field, and in
// fields that the page does not know.
func withCanaries(t testing.TB) (r *policy.Request, canaries []string) {
	t.Helper()
	r = sample(t)
	for n, f := range policy.Fields() {
		if !f.Personal {
			continue
		}
		c := canary(n)
		text := c
		if strings.HasSuffix(f.Path, "Email") {
			text += "@example.com"
		}
		f.SetText(r, text)
		canaries = append(canaries, c)
	}
	unknown := canary(len(policy.Fields()))
	r.Unknown = map[string]string{"applicantPersonalInfo.secondPhone": `"` + unknown + `"`}
	return r, append(canaries, unknown)
}

// leaks are the canaries that a text shows, as they are or in hex, and the
// beginning of one that was cut.
func leaks(text string, canaries []string) []string {
	lower := strings.ToLower(text)
	shows := func(part string) bool {
		hex := fmt.Sprintf("%x", part)
		return strings.Contains(text, part) || strings.Contains(lower, hex) || strings.Contains(lower, fmt.Sprintf("% x", part))
	}
	// Long enough that no sealed bytes show it by chance; the second form is
	// what a text without Chinese letters has left.
	if shows("鷁<0") || shows("9dc1<0") {
		return []string{"the beginning of one"}
	}
	var found []string
	if shows("CANARY") {
		for _, c := range canaries {
			if shows(c[strings.Index(c, "<"):strings.Index(c, ">")]) {
				found = append(found, c)
			}
		}
	}
	return found
}

// TestPersonalIsMaskedUnderEveryVerb prints a whole request and everything that
// is made from it. The verbs p and w are fmt's own for values that are neither
// pointers nor errors: it prints those without asking them, and go vet refuses
// to compile such a call.
func TestPersonalIsMaskedUnderEveryVerb(t *testing.T) {
	r, canaries := withCanaries(t)
	r.Amount = "-1"
	d := decide(t, newBond(), r)
	values := map[string]any{
		"request": r, "request by value": *r, "application": d.Application, "application by value": *d.Application,
		"decision": d, "faults": d.Faults, "name": r.ApplicantPersonalInfo.PersonName, "names": []policy.Name{r.ApplicantPersonalInfo.PersonName},
		"by key": map[policy.ID]policy.Phone{r.ApplicantPersonalInfo.PersonLicenseNo: r.ApplicantPersonalInfo.PersonPhone},
		"person": r.ApplicantPersonalInfo, "company": &r.InsuredCompanyInfo, "unknown": r.Unknown,
		"case": policy.Case{Request: r, Faults: d.Faults},
	}
	for name, value := range values {
		for verb := 'A'; verb <= 'z'; verb++ {
			if verb == 'T' || verb == 'p' || verb == 'w' || 'Z' < verb && verb < 'a' {
				continue
			}
			for _, flags := range []string{"", "+", "#", " ", "200", ".3"} {
				if found := leaks(fmt.Sprintf("%"+flags+string(verb), value), canaries); found != nil {
					t.Errorf("%s under %%%s%c shows %v", name, flags, verb, found)
				}
			}
		}
		for print, text := range map[string]string{"Sprint": fmt.Sprint(value), "Sprintln": fmt.Sprintln(value), "Errorf": fmt.Errorf("%v", value).Error()} {
			if found := leaks(text, canaries); found != nil {
				t.Errorf("%s by %s shows %v", name, print, found)
			}
		}
	}
	// The test can fail: what is revealed is found.
	if leaks(r.ApplicantPersonalInfo.PersonName.Reveal(), canaries) == nil {
		t.Error("a revealed canary is not found")
	}
}

func TestPersonalIsMaskedInLogs(t *testing.T) {
	r, canaries := withCanaries(t)
	d := decide(t, newBond(), r)
	var out bytes.Buffer
	for name, log := range map[string]*slog.Logger{
		"text": slog.New(slog.NewTextHandler(&out, nil)),
		"json": slog.New(slog.NewJSONHandler(&out, nil)),
	} {
		out.Reset()
		log.Info("all", "request", r, "value", *r, "decision", d, "application", d.Application, "faults", d.Faults, "name", r.ApplicantPersonalInfo.PersonName,
			slog.Group("insured", "person", r.InsuredPersonalInfo, "email", r.InsuredCompanyInfo.CompanyEmail), "unknown", r.Unknown)
		if found := leaks(out.String(), canaries); found != nil {
			t.Errorf("the %s handler shows %v", name, found)
		}
		if !strings.Contains(out.String(), r.Identifier) {
			t.Errorf("the %s handler shows nothing of the request: %s", name, out.String())
		}
	}
	text, err := json.Marshal(map[string]any{"request": r, "decision": d, "application": d.Application, "unknown": r.Unknown})
	if err != nil {
		t.Fatal(err)
	}
	if found := leaks(string(text), canaries); found != nil {
		t.Errorf("json shows %v", found)
	}
}

func TestMasks(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{policy.Name("张三").String(), "张*"},
		{policy.Name("王").String(), "*"},
		{policy.Name("欧阳修").String(), "欧**"},
		{policy.Name("t_1500860306662_0776").String(), "t*******************"},
		{policy.Name("👨‍👩‍👧").String(), "👨****"},
		{policy.ID("440524188001010014").String(), "4****************4"},
		{policy.ID("1234").String(), "1**4"},
		{policy.ID("123").String(), "***"},
		{policy.ID("1").String(), "*"},
		{policy.Account("ALIBABA").String(), "A*****A"},
		{policy.Phone("13912342323").String(), "139****2323"},
		{policy.Phone("139231232323").String(), "139****2323"},
		{policy.Phone("344555").String(), "******"},
		{policy.Phone("12345678").String(), "********"},
		{policy.Email("abc@aa.com").String(), "a***@aa.com"},
		{policy.Email("张三@aa.com").String(), "张***@aa.com"},
		{policy.Email("a@aa.com").String(), "***@aa.com"},
		{policy.Email("test").String(), "t***"},
		{policy.Email("@aa.com").String(), "***@aa.com"},
		{policy.Address("杭州市西湖区").String(), "杭州****"},
		{policy.Address("杭州").String(), "**"},
		{policy.Name("").String(), ""},
		{policy.Phone("").String(), ""},
		{policy.Email("").String(), ""},
	} {
		if c.got != c.want {
			t.Errorf("got %s, want %s", c.got, c.want)
		}
	}
}

// TestUnknownIsCounted: fields that the page does not know may hold anything, in
// their names too; a log tells how many there were.
func TestUnknownIsCounted(t *testing.T) {
	r := sample(t)
	r.Unknown = map[string]string{"b": `"x"`, "a": `{"y":1}`}
	const want = "2 unknown fields"
	if got := fmt.Sprintf("%v%+v%s%q", r.Unknown, r.Unknown, r.Unknown, r.Unknown); got != strings.Repeat(want, 4) {
		t.Error(got)
	}
	text, err := json.Marshal(r.Unknown)
	if err != nil || string(text) != `"`+want+`"` {
		t.Errorf("%s, %v", text, err)
	}
}

// TestShownFields: what a field shows is its text, unless it is personal.
func TestShownFields(t *testing.T) {
	const text = "13912312323232342"
	for _, f := range policy.Fields() {
		var r policy.Request
		f.SetText(&r, text)
		if got := f.Shown(&r); (got == text) == f.Personal || strings.Contains(got, text) == f.Personal {
			t.Errorf("%s, personal %v, shows %s", f.Path, f.Personal, got)
		}
	}
}
