package policy

// Request is an application as it arrived: every field of the API page, as
// text, under the page's names and in the page's order. "" means absent (the
// page does not tell null, "" and a missing field apart, nor do we).
//
// The json tag is the page's name, the validate tag the field's own grammar
// (see shape.go), the page tag what its text means where it is no plain text.
// Source: API page, request parameters.
type Request struct {
	Identifier             string                 `json:"identifier" validate:"required,identifier"`
	InsureTime             string                 `json:"insureTime" validate:"required,stamp" page:"time"`
	Amount                 string                 `json:"amount" validate:"required,decimal,positive" page:"decimal"`
	PremiumRate            string                 `json:"premiumRate" validate:"omitempty,decimal,positive,fraction" page:"decimal"`
	PremiumOfCny           string                 `json:"premiumOfCny" validate:"required,decimal,cents" page:"decimal"`
	ApplicantPayAccount    Account                `json:"applicantPayAccount" validate:"text=128"`
	InsurePeriod           string                 `json:"insurePeriod" validate:"omitempty,period" page:"number"`
	ProductCode            string                 `json:"productCode" validate:"required,productcode"`
	ExpireTime             string                 `json:"expireTime" validate:"required,stamp" page:"time"`
	Premium                string                 `json:"premium" validate:"required,decimal" page:"decimal"`
	AmountOfCny            string                 `json:"amountOfCny" validate:"omitempty,decimal,cents" page:"decimal"`
	OrderSubjectMatterInfo OrderSubjectMatterInfo `json:"orderSubjectMatterInfo"`
	InsureID               string                 `json:"insureId" validate:"required,identifier"`
	Currency               string                 `json:"currency" validate:"required,currency"`
	CurrencyRate           string                 `json:"currencyRate" validate:"required,decimal,positive" page:"decimal"`
	EffectTime             string                 `json:"effectTime" validate:"required,stamp" page:"time"`
	InsuredPersonalInfo    InsuredPersonalInfo    `json:"insuredPersonalInfo"`
	InsuredCompanyInfo     InsuredCompanyInfo     `json:"insuredCompanyInfo"`
	ApplicantPersonalInfo  ApplicantPersonalInfo  `json:"applicantPersonalInfo"`
	ApplicantCompanyInfo   ApplicantCompanyInfo   `json:"applicantCompanyInfo"`
	Attrs                  Attrs                  `json:"attrs"`

	// Unknown holds the fields that the page does not know. They are kept with
	// the request and never enter its fingerprint.
	Unknown Unknown `json:"-" validate:"-"`

	// Facts are what the insurer knows beside it: those of the edition's facts
	// that could be had. They are kept with the request and never enter its
	// fingerprint. Issue asks the FactSource for them; Decide takes them from here.
	Facts Facts `json:"-" validate:"-"`

	// Unread holds the faults that an adapter met while it read the fields
	// (a number where the page says String). The field keeps the text that
	// stood there. Decide tells these faults together with its own.
	Unread []Fault `json:"-" validate:"-"`
}

// OrderSubjectMatterInfo is the order that the insurance is for.
type OrderSubjectMatterInfo struct {
	SellerID              ID     `json:"sellerId" validate:"text=256"`
	OrderAmount           string `json:"orderAmount" validate:"omitempty,minorunits" page:"decimal"` // in minor units of the currency (fen)
	SubjectMatterCategory string `json:"subjectMatterCategory" validate:"text=256"`
	SellerName            Name   `json:"sellerName" validate:"text=256"`
	SubjectMatterID       string `json:"subjectMatterId" validate:"text=256"`
	BuyerID               ID     `json:"buyerId" validate:"text=256"`
	BuyerName             Name   `json:"buyerName" validate:"text=256"`
	SubjectMatterName     string `json:"subjectMatterName" validate:"text=512"`
	BuyerOpenUID          ID     `json:"buyer_open_uid" validate:"text=256"`
}

// InsuredPersonalInfo is the insured (被保险人) as a person.
type InsuredPersonalInfo struct {
	PersonName        Name   `json:"personName" validate:"text=256"`
	PersonLicenseNo   ID     `json:"personLicenseNo" validate:"text=256"`
	PersonLicenseType string `json:"personLicenseType" validate:"omitempty,oneof=ALI IDENTITY_CARD PASSPORT"`
	UserID            ID     `json:"userId" validate:"text=256"`
}

// InsuredCompanyInfo is the insured (被保险人) as a company.
type InsuredCompanyInfo struct {
	CompanyAddress       Address `json:"companyAddress" validate:"text=256"`
	CompanyEmail         Email   `json:"companyEmail" validate:"text=256"`
	CompanyPhone         Phone   `json:"companyPhone" validate:"text=256"`
	LegalPersonLicenseNo ID      `json:"legalPersonLicenseNo" validate:"text=256"`
	LegalPersonName      Name    `json:"legalPersonName" validate:"text=256"`
	CompanyLicenseType   string  `json:"companyLicenseType" validate:"omitempty,oneof=UNITY GENERAL"`
	CompanyLicenseNo     ID      `json:"companyLicenseNo" validate:"text=256"`
	CompanyName          Name    `json:"companyName" validate:"text=256"`
	UserID               ID      `json:"userId" validate:"text=256"`
}

// ApplicantPersonalInfo is the applicant (投保人) as a person.
type ApplicantPersonalInfo struct {
	PersonAddress     Address `json:"personAddress" validate:"text=256"`
	PersonEmail       Email   `json:"personEmail" validate:"text=256"`
	PersonPhone       Phone   `json:"personPhone" validate:"text=256"`
	PersonLicenseType string  `json:"personLicenseType" validate:"omitempty,oneof=ALI IDENTITY_CARD PASSPORT"`
	PersonLicenseNo   ID      `json:"personLicenseNo" validate:"text=256"`
	PersonName        Name    `json:"personName" validate:"text=256"`
	UserID            ID      `json:"userId" validate:"text=256"`
}

// ApplicantCompanyInfo is the applicant (投保人) as a company.
type ApplicantCompanyInfo struct {
	CompanyLicenseType   string `json:"companyLicenseType" validate:"omitempty,oneof=UNITY GENERAL"`
	CompanyName          Name   `json:"companyName" validate:"text=256"`
	UserID               ID     `json:"userId" validate:"text=256"`
	CompanyLicenseNo     ID     `json:"companyLicenseNo" validate:"text=256"`
	LegalPersonLicenseNo ID     `json:"legalPersonLicenseNo" validate:"text=256"`
	LegalPersonName      Name   `json:"legalPersonName" validate:"text=256"`
}

// Attrs is the page's extension object.
type Attrs struct {
	PremiumFundStreamNo string `json:"premiumFundStreamNo" validate:"text=64"`
	AgreeOnSendTime     string `json:"agreeOnSendTime" validate:"omitempty,millis" page:"time"` // epoch milliseconds
	InsuranceTypes      string `json:"insuranceTypes" validate:"text=256,omitempty,codes" page:"list"`
}
