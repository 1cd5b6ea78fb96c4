package core

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"

	"github.com/chudan-io/chudan/policy"
)

// ask is the body of a call for a range.
type ask struct {
	Kind string `json:"kind"`
	ID   string `json:"id"`
	Pool string `json:"pool"`
	Size string `json:"size"`
}

// Next asks the core system for a range. Each call has an ID of its own: the
// range of an answer that is lost is a gap. A core system that declines, for
// its pool is used up, is in trouble and no judge of a policy: the error is no
// *policy.DeclinedError.
func (h *Hook) Next(ctx context.Context, pool string, size int) (Range, error) {
	id, err := newID()
	if err != nil {
		return Range{}, err
	}
	body, err := encode(ask{"range", id, pool, strconv.Itoa(size)})
	if err != nil {
		return Range{}, err
	}
	a, err := h.post(ctx, id, body)
	if err != nil {
		return Range{}, err
	}
	if a.status == http.StatusUnprocessableEntity {
		err := a.declined()
		if no, ok := err.(*policy.DeclinedError); ok { //nolint:errorlint // it is made two lines above, and never wrapped
			return Range{}, fmt.Errorf("%w: no range of numbers: %s", ErrStatus, no.Code)
		}
		return Range{}, err
	}
	return a.numbers()
}

// newID is the ID of a call that nobody repeats.
func newID() (string, error) {
	var random [16]byte
	if _, err := rand.Read(random[:]); err != nil {
		return "", fmt.Errorf("core: no random bytes: %w", err)
	}
	return hex.EncodeToString(random[:]), nil
}

// numbers reads a range. Its ends are written as in a policy number, with their
// leading zeros, so that nothing else has to tell how many digits there are.
func (a *answer) numbers() (r Range, err error) {
	var from, to string
	if r.Prefix, err = a.text("prefix"); err != nil {
		return Range{}, err
	}
	if from, err = a.needs("from"); err != nil {
		return Range{}, err
	}
	if to, err = a.needs("to"); err != nil {
		return Range{}, err
	}
	if len(from) != len(to) || len(to) > maxWidth {
		return Range{}, fmt.Errorf("%w: from and to want the same number of digits, at most %d", ErrAnswer, maxWidth)
	}
	var bad error
	r.Width = len(to)
	if r.From, err = strconv.ParseUint(from, 10, 64); err == nil {
		r.To, bad = strconv.ParseUint(to, 10, 64)
	}
	if err != nil || bad != nil {
		return Range{}, fmt.Errorf("%w: from and to want digits", ErrAnswer)
	}
	return r, nil
}
