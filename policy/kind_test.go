package policy_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chudan-io/chudan/policy"
)

// The error-code table as the design and the documentation have it. A kind is
// a contract with callers: none may change its row, and none may disappear.
var (
	retryNames  = map[policy.Retry]string{policy.RetryNever: "no", policy.RetryNow: "yes", policy.RetryLater: "later", policy.RetryReplays: "replays"}
	pinNames    = map[policy.Pin]string{policy.PinNever: "no", policy.PinKept: "kept", policy.PinHeld: "held"}
	suffixNames = map[policy.Suffix]string{policy.SuffixNone: "", policy.SuffixField: "FIELD", policy.SuffixRule: "CODE"}
)

func TestKinds(t *testing.T) {
	var out strings.Builder
	seen := make(map[policy.Kind]bool)
	for _, k := range policy.Kinds() {
		if seen[k.Kind] {
			t.Errorf("%s stands twice", k.Kind)
		}
		seen[k.Kind] = true
		if info, ok := k.Kind.Info(); !ok || info != k {
			t.Errorf("%s: Info gives %+v, %v", k.Kind, info, ok)
		}
		if k.When.ZH == "" || k.When.EN == "" {
			t.Errorf("%s: not explained in both languages", k.Kind)
		}
		name := string(k.Kind)
		if s := suffixNames[k.Suffix]; s != "" {
			name += ":" + s
		}
		fmt.Fprintf(&out, "%-46s retry %-8s pinned %-5s %s · %s\n", name, retryNames[k.Retry], pinNames[k.Pin], k.When.ZH, k.When.EN)
	}
	golden(t, "kinds.golden", out.String())
}

// TestKindsAgree: the first letters of a kind, what its caller gains by a
// retry, and what is kept go together.
func TestKindsAgree(t *testing.T) {
	for _, k := range policy.Kinds() {
		ours := strings.HasPrefix(string(k.Kind), "isp.")
		if ours != (k.Retry == policy.RetryNow) {
			t.Errorf("%s: our trouble may be sent again, and nothing else may", k.Kind)
		}
		if ours && (k.Pin != policy.PinNever || k.Suffix != policy.SuffixNone) {
			t.Errorf("%s: our trouble is never pinned and shows nothing", k.Kind)
		}
		if kept := k.Pin != policy.PinNever; kept != (k.Kind == policy.KindSuccess || k.Kind == policy.KindRejected || k.Kind == policy.KindReferred) {
			t.Errorf("%s: pinned %v", k.Kind, k.Pin)
		}
		if len(k.Kind) > 96 {
			t.Errorf("%s is longer than 96", k.Kind)
		}
	}
}

func TestKindsAreACopy(t *testing.T) {
	policy.Kinds()[0].Kind = "changed"
	if policy.Kinds()[0].Kind != policy.KindSuccess {
		t.Error("the table can be written to")
	}
	if _, ok := policy.Kind("isv.invented").Info(); ok {
		t.Error("an invented kind is in the table")
	}
}

// TestFields pins the page: every field, in its order, with what is said of it.
func TestFields(t *testing.T) {
	var out strings.Builder
	forms := map[policy.Form]string{policy.FormText: "text", policy.FormDecimal: "decimal", policy.FormNumber: "number", policy.FormTime: "time", policy.FormList: "list"}
	all := policy.SetOf()
	for _, f := range policy.Fields() {
		required, personal := "optional", ""
		if f.Required {
			required = "required"
		}
		if f.Personal {
			personal = "personal"
		}
		out.WriteString(strings.TrimSpace(fmt.Sprintf("%-46s %-8s %-7s %s", f.Path, required, forms[f.Form], personal)) + "\n")
		if all.Has(f) {
			t.Errorf("%s has the place of another field", f.Path)
		}
		all = all.With(f)
		if found, ok := policy.FieldNamed(f.Path); !ok || found.Path != f.Path || !policy.SetOf(f.Path).Has(f) {
			t.Errorf("%s is not found by its name", f.Path)
		}
	}
	if n := len(policy.Fields()); n > 64 {
		t.Errorf("%d fields do not fit into a FieldSet", n)
	}
	if got := policy.SetOf("attrs").Paths(); strings.Join(got, " ") != "attrs.premiumFundStreamNo attrs.agreeOnSendTime attrs.insuranceTypes" {
		t.Errorf("attrs is %v", got)
	}
	if policy.SetOf("attr", "body", "") != 0 || policy.IsObject("identifier") || !policy.IsObject("attrs") || policy.ObjectFields("identifier") != 0 {
		t.Error("paths that the page does not know stand for fields")
	}
	golden(t, "fields.golden", out.String())
}
