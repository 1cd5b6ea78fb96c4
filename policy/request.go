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
	ApplicantPayAccount    Account                `json:"applicantPayAccount" validate:"omitempty,max=128,clean"`
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

	// Unread holds the faults that an adapter met while it read the fields
	// (a number where the page says String). The field keeps the text that
	// stood there. Decide tells these faults together with its own.
	Unread []Fault `json:"-" validate:"-"`
}

// OrderSubjectMatterInfo is the order that the insurance is for.
type OrderSubjectMatterInfo struct {
	SellerID              ID     `json:"sellerId" validate:"omitempty,max=256,clean"`
	OrderAmount           string `json:"orderAmount" validate:"omitempty,minorunits" page:"decimal"` // in minor units of the currency (fen)
	SubjectMatterCategory string `json:"subjectMatterCategory" validate:"omitempty,max=256,clean"`
	SellerName            Name   `json:"sellerName" validate:"omitempty,max=256,clean"`
	SubjectMatterID       string `json:"subjectMatterId" validate:"omitempty,max=256,clean"`
	BuyerID               ID     `json:"buyerId" validate:"omitempty,max=256,clean"`
	BuyerName             Name   `json:"buyerName" validate:"omitempty,max=256,clean"`
	SubjectMatterName     string `json:"subjectMatterName" validate:"omitempty,max=512,clean"`
	BuyerOpenUID          ID     `json:"buyer_open_uid" validate:"omitempty,max=256,clean"`
}

// InsuredPersonalInfo is the insured (被保险人) as a person.
type InsuredPersonalInfo struct {
	PersonName        Name   `json:"personName" validate:"omitempty,max=256,clean"`
	PersonLicenseNo   ID     `json:"personLicenseNo" validate:"omitempty,max=256,clean"`
	PersonLicenseType string `json:"personLicenseType" validate:"omitempty,oneof=ALI IDENTITY_CARD PASSPORT"`
	UserID            ID     `json:"userId" validate:"omitempty,max=256,clean"`
}

// InsuredCompanyInfo is the insured (被保险人) as a company.
type InsuredCompanyInfo struct {
	CompanyAddress       Address `json:"companyAddress" validate:"omitempty,max=256,clean"`
	CompanyEmail         Email   `json:"companyEmail" validate:"omitempty,max=256,clean"`
	CompanyPhone         Phone   `json:"companyPhone" validate:"omitempty,max=256,clean"`
	LegalPersonLicenseNo ID      `json:"legalPersonLicenseNo" validate:"omitempty,max=256,clean"`
	LegalPersonName      Name    `json:"legalPersonName" validate:"omitempty,max=256,clean"`
	CompanyLicenseType   string  `json:"companyLicenseType" validate:"omitempty,oneof=UNITY GENERAL"`
	CompanyLicenseNo     ID      `json:"companyLicenseNo" validate:"omitempty,max=256,clean"`
	CompanyName          Name    `json:"companyName" validate:"omitempty,max=256,clean"`
	UserID               ID      `json:"userId" validate:"omitempty,max=256,clean"`
}

// ApplicantPersonalInfo is the applicant (投保人) as a person.
type ApplicantPersonalInfo struct {
	PersonAddress     Address `json:"personAddress" validate:"omitempty,max=256,clean"`
	PersonEmail       Email   `json:"personEmail" validate:"omitempty,max=256,clean"`
	PersonPhone       Phone   `json:"personPhone" validate:"omitempty,max=256,clean"`
	PersonLicenseType string  `json:"personLicenseType" validate:"omitempty,oneof=ALI IDENTITY_CARD PASSPORT"`
	PersonLicenseNo   ID      `json:"personLicenseNo" validate:"omitempty,max=256,clean"`
	PersonName        Name    `json:"personName" validate:"omitempty,max=256,clean"`
	UserID            ID      `json:"userId" validate:"omitempty,max=256,clean"`
}

// ApplicantCompanyInfo is the applicant (投保人) as a company.
type ApplicantCompanyInfo struct {
	CompanyLicenseType   string `json:"companyLicenseType" validate:"omitempty,oneof=UNITY GENERAL"`
	CompanyName          Name   `json:"companyName" validate:"omitempty,max=256,clean"`
	UserID               ID     `json:"userId" validate:"omitempty,max=256,clean"`
	CompanyLicenseNo     ID     `json:"companyLicenseNo" validate:"omitempty,max=256,clean"`
	LegalPersonLicenseNo ID     `json:"legalPersonLicenseNo" validate:"omitempty,max=256,clean"`
	LegalPersonName      Name   `json:"legalPersonName" validate:"omitempty,max=256,clean"`
}

// Attrs is the page's extension object.
type Attrs struct {
	PremiumFundStreamNo string `json:"premiumFundStreamNo" validate:"omitempty,max=64,clean"`
	AgreeOnSendTime     string `json:"agreeOnSendTime" validate:"omitempty,millis" page:"time"` // epoch milliseconds
	InsuranceTypes      string `json:"insuranceTypes" validate:"omitempty,max=256,clean,codes" page:"list"`
}
