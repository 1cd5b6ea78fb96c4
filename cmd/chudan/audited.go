package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"github.com/chudan-io/chudan/policy"
)

// auditedDecision is what an event of the audit chain says of a record.
type auditedDecision struct {
	Type       string    `json:"type"`
	Tenant     string    `json:"tenant"`
	Identifier string    `json:"identifier"`
	Revision   int64     `json:"revision"`
	PolicyNo   string    `json:"policyNo"`
	Edition    string    `json:"edition"`
	Digest     string    `json:"digest"`
	Sealed     string    `json:"sealed"` // SHA-256, hex
	Time       time.Time `json:"time"`
}

// against tells what is wrong with the record that the event is about, "" where
// nothing is. A record that a later attempt replaced is held against the event
// of that one.
func (e *auditedDecision) against(ctx context.Context, s store) (problem string, err error) {
	if e.ofStore() {
		return "", nil
	}
	rec, err := s.Find(ctx, policy.Key{Tenant: policy.Tenant(e.Tenant), Identifier: e.Identifier})
	if errors.Is(err, policy.ErrNotFound) {
		return "no-record", nil
	}
	if err != nil {
		return "", err
	}
	if rec.Revision > e.Revision || e.tellsOf(&rec) {
		return "", nil
	}
	return "other", nil
}

// ofStore tells whether the event is about the store as a whole, and no record:
// store.copied, store.renumbered.
func (e *auditedDecision) ofStore() bool { return strings.HasPrefix(e.Type, "store.") }

// tellsOf tells whether a record is the one that the event is about, as it was
// then.
func (e *auditedDecision) tellsOf(rec *policy.Record) bool {
	sealed := sha256.Sum256(rec.Sealed)
	return rec.Revision == e.Revision && "policy."+string(rec.Status) == e.Type && rec.Number == e.PolicyNo && rec.Edition == e.Edition &&
		rec.Digest == e.Digest && rec.At.Equal(e.Time) && hex.EncodeToString(sealed[:]) == e.Sealed
}
