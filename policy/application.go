package policy

import (
	"fmt"
	"strings"
	"time"

	"github.com/chudan-io/chudan/policy/money"
)

// Application is a request in typed form. A typed field holds a value only
// where its field is present (see Has) and sound (see Sound); products read it
// and never change it.
type Application struct {
	Request *Request

	InsureTime, EffectTime, ExpireTime time.Time
	AgreeOnSendTime                    time.Time

	Amount       money.Decimal // sum insured, in Currency
	PremiumRate  money.Decimal // a fraction: 0.00625 is 0.625 %
	Premium      money.Decimal // in Currency, as declared
	PremiumOfCny money.Decimal // in CNY, as declared
	AmountOfCny  money.Decimal // in CNY; derived where absent
	Currency     money.Currency
	CurrencyRate money.Decimal // CNY for one unit of Currency
	OrderAmount  money.Decimal // in minor units of Currency

	InsurePeriod   int      // days, both ends counted; derived where absent
	InsuranceTypes []string // coverages; empty where absent

	present, derived, unsound FieldSet
}

// The fields that the checks of this package read.
var (
	setAmount       = SetOf("amount")
	setAmountCny    = SetOf("amountOfCny")
	setCurrency     = SetOf("currency")
	setCurrencyRate = SetOf("currencyRate")
	setRate         = SetOf("premiumRate")
	setPremium      = SetOf("premium")
	setPremiumCny   = SetOf("premiumOfCny")
	setInsureTime   = SetOf("insureTime")
	setEffectTime   = SetOf("effectTime")
	setExpireTime   = SetOf("expireTime")
	setPeriod       = SetOf("insurePeriod")
	setOrderAmount  = SetOf("orderSubjectMatterInfo.orderAmount")
	setSendTime     = SetOf("attrs.agreeOnSendTime")
	setTypes        = SetOf("attrs.insuranceTypes")
	setProduct      = SetOf("productCode")
)

// NewApplication reads a request into its typed form and tells every fault of
// its shape: fields wrong by themselves, the order of the times, and partners
// that must come together. What it derives is rounded half up; Decide rounds
// as the product does.
func NewApplication(r *Request) (*Application, Faults) {
	a := &Application{Request: r}
	for _, f := range fields {
		if f.Text(r) != "" {
			a.present = a.present.With(f)
		}
	}
	faults := checkShape(r)
	a.distrust(faults)
	a.read()
	faults = append(faults, a.checkTogether()...)
	a.distrust(faults)
	a.derive(money.HalfUp)
	return a, faults
}

// read parses the fields that are present and sound; each of them has passed
// its grammar, so no parse can fail.
func (a *Application) read() {
	r := a.Request
	for _, f := range [...]struct {
		set  FieldSet
		text string
		into *money.Decimal
	}{
		{setAmount, r.Amount, &a.Amount},
		{setRate, r.PremiumRate, &a.PremiumRate},
		{setPremium, r.Premium, &a.Premium},
		{setPremiumCny, r.PremiumOfCny, &a.PremiumOfCny},
		{setAmountCny, r.AmountOfCny, &a.AmountOfCny},
		{setCurrencyRate, r.CurrencyRate, &a.CurrencyRate},
		{setOrderAmount, r.OrderSubjectMatterInfo.OrderAmount, &a.OrderAmount},
	} {
		if a.has(f.set) {
			*f.into, _ = money.Parse(f.text)
		}
	}
	for _, f := range [...]struct {
		set  FieldSet
		text string
		read func(string) (time.Time, bool)
		into *time.Time
	}{
		{setInsureTime, r.InsureTime, parseStamp, &a.InsureTime},
		{setEffectTime, r.EffectTime, parseStamp, &a.EffectTime},
		{setExpireTime, r.ExpireTime, parseStamp, &a.ExpireTime},
		{setSendTime, r.Attrs.AgreeOnSendTime, parseMillis, &a.AgreeOnSendTime},
	} {
		if a.has(f.set) {
			*f.into, _ = f.read(f.text)
		}
	}
	if a.has(setPeriod) {
		a.InsurePeriod, _ = parsePeriod(r.InsurePeriod)
	}
	if a.has(setCurrency) {
		a.Currency = money.Currency(r.Currency)
	}
	if a.has(setTypes) {
		a.InsuranceTypes = strings.Split(r.Attrs.InsuranceTypes, ",")
	}
}

// checkTogether tells the faults between fields that no product can change.
func (a *Application) checkTogether() Faults {
	var faults Faults
	if a.Sound(setEffectTime|setExpireTime) && !a.ExpireTime.After(a.EffectTime) {
		faults = append(faults, Mismatch("expireTime", "应晚于 effectTime", "must be after effectTime"))
	}
	faults = append(faults, a.checkMinorUnit()...)
	for _, pair := range [...][2]string{
		{"insuredPersonalInfo.personLicenseType", "insuredPersonalInfo.personLicenseNo"},
		{"applicantPersonalInfo.personLicenseType", "applicantPersonalInfo.personLicenseNo"},
	} {
		for i, path := range pair {
			if partner := pair[1-i]; !a.Has(path) && a.Has(partner) {
				faults = append(faults, newFault(KindMissingParameter,
					"应与 "+partner+" 同时提供", "must come together with "+partner, path))
			}
		}
	}
	return faults
}

// checkMinorUnit refuses parts of a cent.
func (a *Application) checkMinorUnit() Faults {
	places := a.Currency.MinorUnit()
	if !a.Sound(setAmount|setCurrency) || a.Amount.Scale() <= places {
		return nil
	}
	return Faults{Mismatch("amount",
		fmt.Sprintf("%s 最多 %d 位小数", a.Currency, places),
		fmt.Sprintf("at most %d decimals in %s", places, a.Currency))}
}

// derivable are the fields that the page lets a caller leave out and that
// follow from others. A fault of an operand is a fault of what follows.
var derivable = [...]struct{ field, operands FieldSet }{
	{setPeriod, setEffectTime | setExpireTime},
	{setAmountCny, setAmount | setCurrencyRate},
}

// derive fills in what was left out and follows from sound fields.
func (a *Application) derive(rounding money.Rounding) {
	for _, d := range derivable {
		if a.present.Overlaps(d.field) || !a.Sound(d.operands) {
			continue
		}
		a.derived |= d.field
		switch d.field {
		case setPeriod:
			a.InsurePeriod = CalendarDays(a.EffectTime, a.ExpireTime)
		case setAmountCny:
			_, a.AmountOfCny = a.amountInCNY(rounding)
		}
	}
}

// amountInCNY is the sum insured in CNY, before and after rounding.
func (a *Application) amountInCNY(rounding money.Rounding) (exact, rounded money.Decimal) {
	exact = a.Amount.Mul(a.CurrencyRate)
	return exact, exact.Round(money.CNY.MinorUnit(), rounding)
}

// Has tells whether the field at path was sent, or derived from others. An
// object is there where one of its fields is; an empty object is absent.
func (a *Application) Has(path string) bool {
	return (a.present | a.derived).Overlaps(SetOf(path))
}

// HasAny tells whether one of these fields was sent, or derived.
func (a *Application) HasAny(set FieldSet) bool { return (a.present | a.derived).Overlaps(set) }

// Derived are the fields that were left out and filled in from others.
func (a *Application) Derived() FieldSet { return a.derived }

// Sound tells whether none of these fields has a fault so far. A check of an
// unsound field is not made.
func (a *Application) Sound(set FieldSet) bool { return !a.unsound.Overlaps(set) }

func (a *Application) has(set FieldSet) bool { return a.present.Overlaps(set) && a.Sound(set) }

// distrust takes the fields that rejecting faults blame out of later checks,
// and with them what would follow from them.
func (a *Application) distrust(faults Faults) {
	for _, f := range faults {
		if f.Severity == Reject {
			a.unsound |= SetOf(f.Paths...)
		}
	}
	for _, d := range derivable {
		if !a.present.Overlaps(d.field) && !a.Sound(d.operands) {
			a.unsound |= d.field
		}
	}
}
