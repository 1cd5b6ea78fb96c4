package policy

import (
	"strings"
	"time"
)

// checkLicences holds licence numbers against their standards, where the
// product asks for it. The sender says what a number is; one without a type of
// ours is not checked.
func (t *Terms) checkLicences(a *Application) Faults {
	r := a.Request
	var faults Faults
	for _, n := range [...]struct {
		how   Number
		kind  string
		want  string
		path  string
		value ID
		valid func(string, bool) bool
		text  Text
	}{
		{t.Checks.CompanyCode, r.InsuredCompanyInfo.CompanyLicenseType, "UNITY", "insuredCompanyInfo.companyLicenseNo", r.InsuredCompanyInfo.CompanyLicenseNo, creditCode, creditCodeText},
		{t.Checks.IdentityCard, r.InsuredPersonalInfo.PersonLicenseType, "IDENTITY_CARD", "insuredPersonalInfo.personLicenseNo", r.InsuredPersonalInfo.PersonLicenseNo, identityCard, identityCardText},
		{t.Checks.IdentityCard, r.ApplicantPersonalInfo.PersonLicenseType, "IDENTITY_CARD", "applicantPersonalInfo.personLicenseNo", r.ApplicantPersonalInfo.PersonLicenseNo, identityCard, identityCardText},
		{t.Checks.CompanyCode, r.ApplicantCompanyInfo.CompanyLicenseType, "UNITY", "applicantCompanyInfo.companyLicenseNo", r.ApplicantCompanyInfo.CompanyLicenseNo, creditCode, creditCodeText},
	} {
		value := n.value.Reveal()
		if n.how.Level == Off || n.kind != n.want || value == "" || !a.Sound(SetOf(n.path)) {
			continue
		}
		if n.how.Masked && masked(value) || n.valid(value, n.how.Checksum) {
			continue
		}
		f := Invalid(n.path, n.text.ZH, n.text.EN)
		f.Severity = n.how.Level.severity()
		faults = append(faults, f)
	}
	return faults
}

var (
	identityCardText = Text{"不是有效的居民身份证号（GB 11643-1999）", "no valid identity card number (GB 11643-1999)"}
	creditCodeText   = Text{"不是有效的统一社会信用代码（GB 32100-2015）", "no valid unified social credit code (GB 32100-2015)"}
)

// masked tells whether a number was masked by the sender: **, ＊, or a run of
// lower-case x (a single X is an identity card's check character).
func masked(s string) bool {
	return strings.Contains(s, "**") || strings.Contains(s, "＊") || strings.Contains(s, "xx")
}

// identityCard tells whether s is an identity card number: 17 digits with a
// real date of birth and a check character.
// Source: GB 11643-1999.
func identityCard(s string, checksum bool) bool {
	if len(s) != 18 || !all(s[:17], isDigit) || !isDigit(s[17]) && s[17] != 'X' {
		return false
	}
	if _, err := time.Parse("20060102", s[6:14]); err != nil || s[6:10] < "1800" {
		return false
	}
	if !checksum {
		return true
	}
	sum := 0
	for i, weight := range [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
		sum += weight * int(s[i]-'0')
	}
	return s[17] == "10X98765432"[sum%11]
}

const creditCodeDigits = "0123456789ABCDEFGHJKLMNPQRTUWXY"

// creditCode tells whether s is a unified social credit code: 18 characters
// of 31, the last a check character.
// Source: GB 32100-2015.
func creditCode(s string, checksum bool) bool {
	if len(s) != 18 {
		return false
	}
	sum, weight := 0, 1
	for i := range 18 {
		digit := strings.IndexByte(creditCodeDigits, s[i])
		if digit < 0 {
			return false
		}
		if i < 17 {
			sum += digit * weight
			weight = weight * 3 % 31
		}
	}
	return !checksum || s[17] == creditCodeDigits[(31-sum%31)%31]
}
