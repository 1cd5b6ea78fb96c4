package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strconv"
	"time"
)

// event is an outbox event. Source: CloudEvents 1.0, JSON format. It holds no
// personal data.
type event struct {
	SpecVersion string    `json:"specversion"`
	ID          string    `json:"id"` // deduplicate by it
	Source      string    `json:"source"`
	Type        string    `json:"type"` // policy.issued, policy.refused or policy.referred
	Subject     string    `json:"subject"`
	Time        time.Time `json:"time"`
	ContentType string    `json:"datacontenttype"`
	Data        eventData `json:"data"`
}

type eventData struct {
	Identifier string   `json:"identifier"`
	Product    string   `json:"productCode"`
	Edition    string   `json:"edition"`
	PolicyNo   string   `json:"policyNo,omitempty"`
	Currency   string   `json:"currency,omitempty"`
	Premium    string   `json:"premium,omitempty"`
	Codes      []string `json:"codes,omitempty"` // of the faults, notes too
}

func newEvent(rec *Record, premium *Premium, faults Faults) event {
	data := eventData{Identifier: rec.Key.Identifier, Product: rec.Product, Edition: rec.Edition, PolicyNo: rec.Number}
	if premium.Known() {
		data.Currency = string(premium.Currency)
		data.Premium = premium.Rounded.Fixed(premium.Currency.MinorUnit())
	}
	for _, f := range faults {
		data.Codes = append(data.Codes, f.Code)
	}
	return event{
		SpecVersion: "1.0", ID: revisionID(rec), Source: "/chudan/" + url.PathEscape(string(rec.Key.Tenant)),
		Type: rec.eventType(), Subject: rec.Key.Identifier, Time: rec.At,
		ContentType: "application/json", Data: data,
	}
}

func (r *Record) eventType() string { return "policy." + string(r.Status) }

// revisionID names a revision of a key, which is written once: the id is the
// same however often a transaction is repeated, or an event or a proposal sent.
func revisionID(rec *Record) string {
	id := sha256.Sum256(sealedFor(rec.Key, strconv.FormatInt(rec.Revision, 10)))
	return hex.EncodeToString(id[:16])
}

// auditEvent is one link of the audit chain: what was decided, and the hash of
// what was sealed with it, so that neither can be altered unseen.
type auditEvent struct {
	Type       string    `json:"type"`
	Tenant     Tenant    `json:"tenant"`
	Identifier string    `json:"identifier"`
	Revision   int64     `json:"revision"`
	PolicyNo   string    `json:"policyNo,omitempty"`
	Edition    string    `json:"edition"`
	Digest     string    `json:"digest"`
	Sealed     string    `json:"sealed"` // SHA-256 of the sealed part, hex
	Reference  string    `json:"reference"`
	Beside     string    `json:"beside,omitempty"` // what was kept beside a referral that stays: policy.refused
	By         string    `json:"by,omitempty"`     // whose ruling it is
	Why        string    `json:"why,omitempty"`
	Time       time.Time `json:"time"`
}

func newAuditEvent(rec *Record, reference string) auditEvent {
	sealed := sha256.Sum256(rec.Sealed)
	return auditEvent{
		Type: rec.eventType(), Tenant: rec.Key.Tenant, Identifier: rec.Key.Identifier, Revision: rec.Revision,
		PolicyNo: rec.Number, Edition: rec.Edition, Digest: rec.Digest,
		Sealed: hex.EncodeToString(sealed[:]), Reference: reference, Time: rec.At,
	}
}
