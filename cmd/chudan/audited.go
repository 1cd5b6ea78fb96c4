package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
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
	rec, err := s.Find(ctx, policy.Key{Tenant: policy.Tenant(e.Tenant), Identifier: e.Identifier})
	if errors.Is(err, policy.ErrNotFound) {
		return "no-record", nil
	}
	if err != nil {
		return "", err
	}
	sealed := sha256.Sum256(rec.Sealed)
	switch {
	case rec.Revision > e.Revision:
		return "", nil
	case rec.Revision < e.Revision, "policy."+string(rec.Status) != e.Type, rec.Number != e.PolicyNo, rec.Edition != e.Edition,
		rec.Digest != e.Digest, !rec.At.Equal(e.Time), hex.EncodeToString(sealed[:]) != e.Sealed:
		return "other", nil
	}
	return "", nil
}
