package main

import (
	"context"
	"crypto/md5" //nolint:gosec // the protocol's own
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sort"
	"strings"
	"time"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"
	"github.com/go-playground/validator/v10"
	"github.com/shopspring/decimal"
	_ "modernc.org/sqlite" // the driver
)

// The straightforward stack is what a good engineer writes in a day: net/http,
// encoding/json, validator, expr on doubles, shopspring/decimal, one INSERT
// under a unique key with group commit. It checks less than chudan does (no
// conflict by field, no sealed records, no audit chain, lenient JSON) and is
// the peer that chudan has to beat all the same.

type straightRequest struct {
	Identifier          string            `json:"identifier" validate:"required,max=64,alphanum"`
	InsureTime          string            `json:"insureTime" validate:"required,datetime=2006-01-02 15:04:05"`
	Amount              string            `json:"amount" validate:"required,numeric"`
	PremiumRate         string            `json:"premiumRate" validate:"omitempty,numeric"`
	PremiumOfCny        string            `json:"premiumOfCny" validate:"required,numeric"`
	ApplicantPayAccount string            `json:"applicantPayAccount" validate:"max=128"`
	InsurePeriod        int64             `json:"insurePeriod" validate:"omitempty,min=1,max=3660"`
	ProductCode         string            `json:"productCode" validate:"required,max=64"`
	ExpireTime          string            `json:"expireTime" validate:"required,datetime=2006-01-02 15:04:05"`
	Premium             string            `json:"premium" validate:"required,numeric"`
	AmountOfCny         string            `json:"amountOfCny" validate:"omitempty,numeric"`
	Order               straightOrder     `json:"orderSubjectMatterInfo"`
	InsureID            string            `json:"insureId" validate:"required,max=64"`
	Currency            string            `json:"currency" validate:"required,iso4217"`
	CurrencyRate        string            `json:"currencyRate" validate:"required,numeric"`
	EffectTime          string            `json:"effectTime" validate:"required,datetime=2006-01-02 15:04:05"`
	InsuredPersonal     straightPerson    `json:"insuredPersonalInfo"`
	InsuredCompany      straightCompany   `json:"insuredCompanyInfo"`
	ApplicantPersonal   straightPerson    `json:"applicantPersonalInfo"`
	ApplicantCompany    straightCompany   `json:"applicantCompanyInfo"`
	Attrs               straightExtension `json:"attrs"`
}

type straightOrder struct {
	SellerID    string `json:"sellerId" validate:"max=256"`
	OrderAmount string `json:"orderAmount" validate:"omitempty,number"`
	Category    string `json:"subjectMatterCategory" validate:"max=256"`
	SellerName  string `json:"sellerName" validate:"max=256"`
	MatterID    string `json:"subjectMatterId" validate:"max=256"`
	BuyerID     string `json:"buyerId" validate:"max=256"`
	BuyerName   string `json:"buyerName" validate:"max=256"`
	MatterName  string `json:"subjectMatterName" validate:"max=512"`
	BuyerUID    string `json:"buyer_open_uid" validate:"max=256"`
}

type straightPerson struct {
	Address     string `json:"personAddress" validate:"max=256"`
	Email       string `json:"personEmail" validate:"max=256"`
	Phone       string `json:"personPhone" validate:"max=256"`
	LicenseType string `json:"personLicenseType" validate:"omitempty,oneof=ALI IDENTITY_CARD PASSPORT"`
	LicenseNo   string `json:"personLicenseNo" validate:"max=256"`
	Name        string `json:"personName" validate:"max=256"`
	UserID      string `json:"userId" validate:"max=256"`
}

type straightCompany struct {
	Address     string `json:"companyAddress" validate:"max=256"`
	Email       string `json:"companyEmail" validate:"max=256"`
	Phone       string `json:"companyPhone" validate:"max=256"`
	LegalNo     string `json:"legalPersonLicenseNo" validate:"max=256"`
	LegalName   string `json:"legalPersonName" validate:"max=256"`
	LicenseType string `json:"companyLicenseType" validate:"omitempty,oneof=UNITY GENERAL"`
	LicenseNo   string `json:"companyLicenseNo" validate:"max=256"`
	Name        string `json:"companyName" validate:"max=256"`
	UserID      string `json:"userId" validate:"max=256"`
}

type straightExtension struct {
	StreamNo string `json:"premiumFundStreamNo" validate:"max=64"`
	SendTime string `json:"agreeOnSendTime" validate:"omitempty,number,len=13"`
	Types    string `json:"insuranceTypes" validate:"max=256"`
}

type straight struct {
	validate *validator.Validate
	programs []*vm.Program
	store    inserter // nil: decide only
}

// inserter is one INSERT under a unique key, committed when it returns.
type inserter interface {
	insert(ctx context.Context, identifier, stream, number string, body []byte) error
}

func newStraight(store inserter) (*straight, error) {
	s := &straight{validate: validator.New(), store: store}
	for _, text := range ten {
		p, err := expr.Compile(text, expr.Env(facts{}), expr.AsBool())
		if err != nil {
			return nil, err
		}
		s.programs = append(s.programs, p)
	}
	return s, nil
}

func (s *straight) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer, err := s.answer(r)
	if err != nil {
		answer = map[string]any{"success": "false", "errorCode": "isv.invalid-parameter", "errorMessage": err.Error()}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer)
}

func (s *straight) answer(r *http.Request) (map[string]any, error) {
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, 64<<10))
	if err != nil {
		return nil, err
	}
	if r.URL.Query().Get("sign") != straightSign(benchSecret, r.URL.Query(), body) {
		return nil, errors.New("sign")
	}
	var q straightRequest
	if err := json.Unmarshal(body, &q); err != nil {
		return nil, err
	}
	if err := s.validate.Struct(&q); err != nil {
		return nil, err
	}
	if err := s.decide(&q); err != nil {
		return nil, err
	}
	number := "PBDI" + q.Identifier
	if s.store != nil {
		if err := s.store.insert(r.Context(), q.Identifier, q.Attrs.StreamNo, number, body); err != nil {
			return nil, err
		}
	}
	return map[string]any{"success": "true", "errorCode": "SUCCESS", "errorMessage": "OK",
		"context": map[string]any{"policyNo": number, "policyFileUrl": "https://policies.example.com/" + number}}, nil
}

func straightSign(secret string, query url.Values, body []byte) string {
	keys := make([]string, 0, len(query))
	for k := range query {
		if k != "sign" {
			keys = append(keys, k)
		}
	}
	sort.Strings(keys)
	text := secret
	for _, k := range keys {
		text += k + query.Get(k)
	}
	sum := md5.Sum([]byte(text + string(body) + secret)) //nolint:gosec // the protocol's own
	return strings.ToUpper(hex.EncodeToString(sum[:]))
}

func (s *straight) decide(q *straightRequest) error {
	amount, err1 := decimal.NewFromString(q.Amount)
	rate, err2 := decimal.NewFromString(q.PremiumRate)
	premium, err3 := decimal.NewFromString(q.Premium)
	if err := errors.Join(err1, err2, err3); err != nil {
		return err
	}
	if !amount.Mul(rate).Round(2).Equal(premium) {
		return errors.New("premium")
	}
	effect, err1 := time.Parse(time.DateTime, q.EffectTime)
	expire, err2 := time.Parse(time.DateTime, q.ExpireTime)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	f := sampleFacts()
	f.Amount, f.PremiumRate = amount.InexactFloat64(), rate.InexactFloat64()
	f.InsurePeriod, f.Currency, f.Category = q.InsurePeriod, q.Currency, q.Order.Category
	f.EffectTime, f.ExpireTime = effect.UnixMilli()-8*3600_000, expire.UnixMilli()-8*3600_000
	f.Types = strings.Split(q.Attrs.Types, ",")
	for _, p := range s.programs {
		hit, err := expr.Run(p, f)
		if err != nil {
			return err
		}
		if hit == true {
			return errRefused
		}
	}
	return nil
}

// straightStore inserts with group commit: one writer takes whatever waits.
type straightStore struct {
	db    *sql.DB
	queue chan straightRow
}

type straightRow struct {
	identifier, stream, number string
	body                       []byte
	done                       chan error
}

func openStraightStore(path string) (*straightStore, error) {
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_txlock=immediate")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	_, err = db.Exec(`CREATE TABLE policies (identifier TEXT PRIMARY KEY, stream TEXT UNIQUE, number TEXT, body BLOB)`)
	if err != nil {
		return nil, err
	}
	s := &straightStore{db: db, queue: make(chan straightRow, 256)}
	go s.write()
	return s, nil
}

func (s *straightStore) insert(ctx context.Context, identifier, stream, number string, body []byte) error {
	row := straightRow{identifier, stream, number, body, make(chan error, 1)}
	select {
	case s.queue <- row:
		return <-row.done
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *straightStore) write() {
	for first := range s.queue {
		rows := []straightRow{first}
		for len(s.queue) > 0 && len(rows) < 128 {
			rows = append(rows, <-s.queue)
		}
		err := s.commit(rows)
		for _, r := range rows {
			r.done <- err
		}
	}
}

func (s *straightStore) commit(rows []straightRow) error {
	tx, err := s.db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after Commit it does nothing
	insert, err := tx.Prepare(`INSERT INTO policies VALUES (?, ?, ?, ?)`)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if _, err := insert.Exec(r.identifier, r.stream, r.number, r.body); err != nil {
			return fmt.Errorf("insert: %w", err)
		}
	}
	return tx.Commit()
}

func (s *straightStore) close() {
	close(s.queue)
	_ = s.db.Close()
}
