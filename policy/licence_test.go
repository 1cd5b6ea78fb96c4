package policy_test

import (
	"strings"
	"testing"

	"github.com/chudan-io/chudan/policy"
)

// numberCase is a licence number: does it pass by its shape, by its check
// character, and where masks are let through?
type numberCase struct {
	number                  string
	shape, checksum, masked bool
}

// Source: the standards' own examples (GB 11643-1999, GB 32100-2015) and
// published numbers of companies.
var (
	identityCards = []numberCase{
		{"11010519491231002X", true, true, true},
		{"440524188001010014", true, true, true},
		{"110105194912310021", true, false, true},
		{"11010519491231002x", false, false, false}, // the check character is a capital X
		{"110101199902290018", false, false, false}, // 29 February 1999
		{"110101200002290018", true, true, true},    // 29 February 2000
		{"110101200002290019", true, false, true},
		{"110101199913010018", false, false, false},
		{"110101000001010018", false, false, false},
		{"110101179912310018", false, false, false},
		{"1101051949123100X2", false, false, false},
		{"11010519491231002", false, false, false},
		{"11010519491231002XX", false, false, false},
		{"3321231232312342432", false, false, false}, // the published sample's, 19 digits
		{"１１０１０５１９４９１２３１００２Ｘ", false, false, false},
		{"4****************3", false, false, true},
		{"1101051949123100＊＊", false, false, true},
		{"110105xxxxxxxx002X", false, false, true},
		{"110105*49123100X", false, false, false}, // a single star is no mask
	}
	creditCodes = []numberCase{
		{"91350100M000100Y43", true, true, true},
		{"91110000600037341L", true, true, true},
		{"91350100M000111Y40", true, true, true},    // the sum is a multiple of 31
		{"91350100M000100Y4Z", false, false, false}, // Z is none of the 31
		{"91350100M000100Y44", true, false, true},
		{"91350100M00O100Y43", false, false, false}, // O for 0
		{"91350100m000100y43", false, false, false},
		{"91350100M000100Y4", false, false, false},
		{"91350100M000100Y433", false, false, false},
		{"91234535345435", false, false, false}, // the published sample's
		{"9xxxxxxxxxxY74N", false, false, true},
		{"91350100M0001***43", false, false, true},
	}
)

func TestLicenceNumbers(t *testing.T) {
	for _, kind := range []struct {
		path, typePath, typ string
		numbers             []numberCase
		check               func(*policy.Checks) *policy.Number
	}{
		{"applicantPersonalInfo.personLicenseNo", "applicantPersonalInfo.personLicenseType", "IDENTITY_CARD", identityCards, func(c *policy.Checks) *policy.Number { return &c.IdentityCard }},
		{"insuredPersonalInfo.personLicenseNo", "insuredPersonalInfo.personLicenseType", "IDENTITY_CARD", identityCards, func(c *policy.Checks) *policy.Number { return &c.IdentityCard }},
		{"applicantCompanyInfo.companyLicenseNo", "applicantCompanyInfo.companyLicenseType", "UNITY", creditCodes, func(c *policy.Checks) *policy.Number { return &c.CompanyCode }},
		{"insuredCompanyInfo.companyLicenseNo", "insuredCompanyInfo.companyLicenseType", "UNITY", creditCodes, func(c *policy.Checks) *policy.Number { return &c.CompanyCode }},
	} {
		for _, n := range kind.numbers {
			for name, c := range map[string]struct {
				number policy.Number
				passes bool
			}{
				"off":              {policy.Number{}, true},
				"shape":            {policy.Number{Level: policy.Refuse}, n.shape},
				"checksum":         {policy.Number{Level: policy.Refuse, Checksum: true}, n.checksum},
				"shape, masked":    {policy.Number{Level: policy.Refuse, Masked: true}, n.shape || n.masked},
				"checksum, masked": {policy.Number{Level: policy.Refuse, Checksum: true, Masked: true}, n.checksum || n.masked && !n.shape},
			} {
				// The other three numbers of the sample are fakes.
				b := newBond()
				*kind.check(&b.terms.Checks) = c.number
				r := with(t, "applicantPersonalInfo", "", "insuredPersonalInfo", "", "applicantCompanyInfo", "", "insuredCompanyInfo", "",
					"applicantCompanyInfo.companyName", "x", "insuredCompanyInfo.companyName", "y", kind.typePath, kind.typ, kind.path, n.number)
				d := decide(t, b, r)
				want := ""
				if !c.passes {
					want = invalid + kind.path
				}
				if got := codes(d.Faults); got != want {
					t.Errorf("%s %s, %s: got %q, want %q", kind.path, n.number, name, got, want)
				}
				for _, f := range d.Faults {
					if strings.Contains(f.Message.ZH+f.Message.EN, n.number) {
						t.Errorf("the message shows the number: %v", f.Message)
					}
				}
			}
		}
	}
}

// TestLicenceOfOtherTypes: the sender says what a number is, and one of another
// type is not held against a standard that it does not follow.
func TestLicenceOfOtherTypes(t *testing.T) {
	b := newBond()
	b.terms.Checks.IdentityCard = policy.Number{Level: policy.Refuse, Checksum: true}
	b.terms.Checks.CompanyCode = policy.Number{Level: policy.Refuse, Checksum: true}
	r := with(t, "applicantPersonalInfo.personLicenseType", "PASSPORT", "applicantPersonalInfo.personLicenseNo", "E12345678",
		"applicantCompanyInfo.companyLicenseType", "GENERAL", "insuredCompanyInfo.companyLicenseType", "")
	if got := codes(decide(t, b, r).Faults); got != "" {
		t.Error(got)
	}
	b.terms.Checks.IdentityCard.Level = policy.Observe
	if got, want := codes(decide(t, b, with(t, "applicantCompanyInfo", "", "insuredCompanyInfo", "")).Faults),
		"note "+invalid+"applicantPersonalInfo.personLicenseNo"; got != want {
		t.Errorf("observed: got %q, want %q", got, want)
	}
	r = with(t, "applicantCompanyInfo", "", "insuredCompanyInfo", "", "applicantPersonalInfo.personLicenseNo", " x")
	if got, want := codes(decide(t, b, r).Faults), invalid+"applicantPersonalInfo.personLicenseNo"; got != want {
		t.Errorf("a number that is faulty by itself is told once: got %q, want %q", got, want)
	}
}
