package core

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// The headers of a request; an answer has the first of them.
const (
	SignatureHeader = "Chudan-Signature"
	IDHeader        = "Idempotency-Key" // under this name Go's transport repeats a call that a closing connection lost
)

const (
	partRequest = "request"
	scheme      = "v1"
	// maxSignatures in one header: two while a secret is rotated.
	maxSignatures = 8
)

// Secrets are what an institution and its core system share: the first signs,
// any of them verifies. To rotate one, let the core system take both, then sign
// with the new one here, then there; at last both forget the old one.
type Secrets [][]byte

func (s Secrets) check() error {
	if len(s) == 0 {
		return errors.New("there is no secret")
	}
	for i, secret := range s {
		if len(secret) < leastBytes {
			return fmt.Errorf("secret %d has %d bytes; want at least %d", i+1, len(secret), leastBytes)
		}
	}
	return nil
}

// clone keeps them from whoever changes the bytes later on.
func (s Secrets) clone() *Secrets {
	own := make(Secrets, len(s))
	for i, secret := range s {
		own[i] = slices.Clone(secret)
	}
	return &own
}

// Message is what a signature covers.
type Message struct {
	Part string // request; answer 200 or answer 422
	At   int64  // when the request was signed, in seconds of Unix time; its answer has the same
	ID   string // of the request, in its answer too
	Body []byte
}

// AnswerPart is the part of an answer with a status.
func AnswerPart(status int) string { return "answer " + strconv.Itoa(status) }

// Sign is the header of a message: t=SECONDS,v1=HEX.
func (s Secrets) Sign(m Message) string {
	return fmt.Sprintf("t=%d,%s=%s", m.At, scheme, hex.EncodeToString(mac(s[0], m)))
}

// Verify tells whether a header holds the signature of a message by one of the
// secrets. The header may hold several, by old and new secrets and by schemes
// to come. The error matches [ErrSignature].
func (s Secrets) Verify(header string, m Message) error {
	at, signatures, ok := parseSignature(header)
	switch {
	case header == "":
		return fmt.Errorf("%w: it has no %s header", ErrSignature, SignatureHeader)
	case !ok:
		return fmt.Errorf("%w: its %s header has not the form t=…,v1=…", ErrSignature, SignatureHeader)
	case at != m.At:
		return fmt.Errorf("%w: it is for another call (its t is not the request's)", ErrSignature)
	}
	for _, secret := range s {
		want := mac(secret, m)
		for _, got := range signatures {
			if hmac.Equal(got, want) {
				return nil
			}
		}
	}
	return fmt.Errorf("%w: it was signed with another secret, for another id or status, or changed on its way", ErrSignature)
}

func mac(secret []byte, m Message) []byte {
	h := hmac.New(sha256.New, secret)
	fmt.Fprintf(h, "%s\n%s\n%d\n%s\n", scheme, m.Part, m.At, m.ID)
	h.Write(m.Body)
	return h.Sum(nil)
}

var signatureForm = regexp.MustCompile(`^t=(0|[1-9][0-9]{0,11})((?:,[a-z][a-z0-9]*=[0-9a-f]+)+)$`)

// parseSignature reads a header. Signatures of other schemes are passed over.
func parseSignature(header string) (at int64, signatures [][]byte, ok bool) {
	if len(header) > maxSignatures*128 {
		return 0, nil, false
	}
	found := signatureForm.FindStringSubmatch(header)
	if found == nil {
		return 0, nil, false
	}
	at, err := strconv.ParseInt(found[1], 10, 64)
	for part := range strings.SplitSeq(found[2][1:], ",") {
		if text, is := strings.CutPrefix(part, scheme+"="); is {
			signature, bad := hex.DecodeString(text)
			if bad != nil || len(signature) != sha256.Size {
				return 0, nil, false
			}
			signatures = append(signatures, signature)
		}
	}
	return at, signatures, err == nil && len(signatures) <= maxSignatures
}

// sign puts the headers of a call onto a request.
func (s Secrets) sign(r *http.Request, m Message) {
	r.Header.Set(IDHeader, m.ID)
	r.Header.Set(SignatureHeader, s.Sign(m))
}
