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
	By         string    `json:"by"`
	Why        string    `json:"why"`
}

func (e *auditedDecision) key() policy.Key {
	return policy.Key{Tenant: policy.Tenant(e.Tenant), Identifier: e.Identifier}
}

// The types of events that are no decision's, and are about a key.
const (
	policyHeld     = "policy.held"
	policyReleased = "policy.released"
	policyErased   = "policy.erased"
)

// ofRetention tells whether the event is about a legal hold, or a record that
// was erased.
func (e *auditedDecision) ofRetention() bool {
	return e.Type == policyHeld || e.Type == policyReleased || e.Type == policyErased
}

// refusedToErase tells whether a store that was asked to hold, release or erase
// has found the record to be another one than it was thought to be.
func refusedToErase(err error) bool {
	return errors.Is(err, policy.ErrNotFound) || errors.Is(err, policy.ErrErased) ||
		errors.As(err, new(*policy.HeldError)) || errors.As(err, new(*policy.StatusError))
}

// against tells what is wrong with the record that the event is about, "" where
// nothing is. A record that a later attempt replaced is held against the event
// of that one.
func (e *auditedDecision) against(ctx context.Context, s store) (problem string, err error) {
	if e.ofStore() || e.Type == policyHeld || e.Type == policyReleased {
		return "", nil
	}
	rec, err := s.Find(ctx, e.key())
	if errors.Is(err, policy.ErrNotFound) {
		return "no-record", nil
	}
	if err != nil {
		return "", err
	}
	if e.Type == policyErased {
		if rec.Revision == e.Revision && rec.ErasedAt.Equal(e.Time) {
			return "", nil
		}
		return "not-erased", nil
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
// then, or what is left of it since it was erased.
func (e *auditedDecision) tellsOf(rec *policy.Record) bool {
	sealed := sha256.Sum256(rec.Sealed)
	whole := hex.EncodeToString(sealed[:]) == e.Sealed || rec.Erased() && len(rec.Sealed) == 0
	return rec.Revision == e.Revision && "policy."+string(rec.Status) == e.Type && rec.Number == e.PolicyNo && rec.Edition == e.Edition &&
		rec.Digest == e.Digest && rec.At.Equal(e.Time) && whole
}
