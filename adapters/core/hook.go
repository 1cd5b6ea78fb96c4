package core

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/chudan-io/chudan/policy"
)

// Hook asks a core system over HTTP: one POST of JSON for each policy, for each
// range of numbers, and for the facts of each application. It is safe for
// concurrent use. Make it with [New].
type Hook struct {
	url     string
	secrets atomic.Pointer[Secrets]
	client  http.Client
	clock   func() time.Time
}

var (
	_ policy.Booker     = (*Hook)(nil)
	_ policy.FactSource = (*Hook)(nil)
	_ Source            = (*Hook)(nil)
)

// SetSecrets takes other secrets from the next call on; a call under way ends
// with those that it began with. The error names what is wrong, never a secret,
// and those from before stay.
func (h *Hook) SetSecrets(s Secrets) error {
	if err := s.check(); err != nil {
		return fmt.Errorf("core: %w", err)
	}
	h.secrets.Store(s.clone())
	return nil
}

// Book posts a proposal. The request in it is sent as it is, with the texts
// that logs mask: the core system is the insurer's own.
func (h *Hook) Book(ctx context.Context, p policy.Proposal) (policy.Booking, error) {
	body, err := encode(newBooking(&p))
	if err != nil {
		return policy.Booking{}, err
	}
	a, err := h.post(ctx, p.ID, body)
	if err != nil {
		return policy.Booking{}, err
	}
	if a.status == http.StatusUnprocessableEntity {
		return policy.Booking{}, a.declined()
	}
	var b policy.Booking
	if b.PolicyNo, err = a.needs("policyNo"); err != nil {
		return policy.Booking{}, err
	}
	b.PolicyFileURL, err = a.text("policyFileUrl")
	return b, err
}

// post sends a signed body and answers what came back, if its signature holds.
func (h *Hook) post(ctx context.Context, id string, body []byte) (*answer, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, h.url, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("%w: the request cannot be made", ErrUnreachable)
	}
	sent := Message{Part: partRequest, At: h.clock().Unix(), ID: id, Body: body}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json")
	r.Header.Set("Accept-Encoding", "identity") // what is signed is what comes
	secrets := *h.secrets.Load()
	secrets.sign(r, sent)
	reply, err := h.client.Do(r)
	if err != nil {
		return nil, broken(ctx, err)
	}
	defer reply.Body.Close()
	text, err := io.ReadAll(io.LimitReader(reply.Body, maxAnswer+1))
	switch {
	case reply.StatusCode != http.StatusOK && reply.StatusCode != http.StatusUnprocessableEntity:
		return nil, unexpected(reply.StatusCode)
	case err != nil:
		return nil, broken(ctx, err)
	case len(text) > maxAnswer:
		return nil, fmt.Errorf("%w: it is over %d KiB", ErrAnswer, maxAnswer>>10)
	}
	came := Message{Part: AnswerPart(reply.StatusCode), At: sent.At, ID: id, Body: text}
	if err := secrets.Verify(reply.Header.Get(SignatureHeader), came); err != nil {
		return nil, err
	}
	members, err := parseObject(text)
	return &answer{reply.StatusCode, members}, err
}
