package policy

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// Booker is an institution's core system, where it owns the numbers and the
// documents of policies. It is called outside of any transaction: the key is
// reserved before, and what it answers is kept after.
type Booker interface {
	// Book books the policy of a proposal, once for its ID: called again with
	// the same ID, because an answer was lost or a process ended, it answers
	// what it answered first. A *DeclinedError is final; after any other error
	// nobody knows whether it was booked, and Book is called again. It must be
	// safe for concurrent use, and heed ctx.
	Book(ctx context.Context, p Proposal) (Booking, error)
}

// Proposal is what a core system is asked to book: an application that was
// decided, priced and accepted. It holds personal data.
type Proposal struct {
	ID        string // 32 hex digits: the same for each repetition, another for another attempt under the key
	Key       Key
	Reference string // of the call that reserved it
	Product   string
	Edition   string
	Digest    string // of the edition
	Title     Text   // of the product
	Coverages []Coverage
	Request   *Request
	Premium   Premium
	At        time.Time // when it was reserved, UTC
}

// Booking is what a core system answers.
type Booking struct {
	PolicyNo      string `json:"policyNo"`                // 1 to 64 of A–Z, a–z, 0–9, - and _
	PolicyFileURL string `json:"policyFileUrl,omitempty"` // https, or http on loopback; "" where chudan is to serve the document
}

// DeclinedError tells that a core system does not book a proposal, now or
// later: the request is refused, and the refusal is kept for its payload.
type DeclinedError struct {
	Code    string // of the core system's own: 1 to 64 of A–Z, 0–9 and _
	Message Text   // without personal data; "" stands for a general sentence
}

func (e *DeclinedError) Error() string { return "policy: the core system declines: " + e.Code }

var errBooking = errors.New("policy: the core system's answer is none")

// check holds a booking against what a policy may look like.
func (b *Booking) check() error {
	if !isIdentifier(b.PolicyNo) {
		return fmt.Errorf("%w: policyNo wants 1 to 64 of A–Z, a–z, 0–9, - and _", errBooking)
	}
	if b.PolicyFileURL == "" {
		return nil
	}
	u, err := url.Parse(b.PolicyFileURL)
	if err != nil || u.User != nil || u.Scheme != "https" && (u.Scheme != "http" || !IsLoopback(u.Hostname())) || strings.ContainsAny(b.PolicyFileURL, " \t\r\n") {
		return fmt.Errorf("%w: policyFileUrl wants https (http on loopback only)", errBooking)
	}
	return nil
}

// Core is how the policies of a tenant are booked.
type Core struct {
	Booker   Booker
	Deadline time.Duration // of one call; 0 stands for 2 s, so that the answer still comes in time
}
