package policy

import (
	"fmt"
	"log/slog"
	"strings"
	"unicode/utf8"
)

// Personal is a text that tells something about a person. A request, or any
// part of it, may be printed or logged without a second thought: every way of
// formatting shows a mask, and only Reveal shows the text.
type Personal[M masker] string

// The kinds of personal text on the page.
type (
	Name    = Personal[asName]    // of a person, a company or an account: 张*
	ID      = Personal[asID]      // a licence number, or a platform's number of a person: 4****************3
	Phone   = Personal[asPhone]   // 139****2323
	Email   = Personal[asEmail]   // a***@aa.com
	Address = Personal[asAddress] // all but its first two characters is masked
	Account = Personal[asID]      // of a payment
)

// Reveal is the text itself.
func (v Personal[M]) Reveal() string { return string(v) }

// String is the mask.
func (v Personal[M]) String() string {
	var m M
	return m.mask(string(v))
}

// Format writes the mask under every verb; without it %d would print the text.
// Only %p and %w never ask: go vet refuses them for what is neither a pointer
// nor an error.
func (v Personal[M]) Format(s fmt.State, _ rune) { _, _ = s.Write([]byte(v.String())) }

// MarshalText is the mask, for encoders of logs.
func (v Personal[M]) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// LogValue is the mask.
func (v Personal[M]) LogValue() slog.Value { return slog.StringValue(v.String()) }

// Format writes the request with its masks under every verb. Without it fmt
// walks through a pointer to a request, as an Application holds one, without
// asking what it meets there, when the verb is none for pointers: %s.
func (r Request) Format(s fmt.State, _ rune) {
	type plain Request
	_, _ = fmt.Fprintf(s, "%+v", plain(r))
}

// Format writes the application with its request's masks under every verb.
func (a Application) Format(s fmt.State, _ rune) {
	type plain Application
	_, _ = fmt.Fprintf(s, "%+v", plain(a))
}

// Unknown are fields that the page does not know: raw JSON, by path. Nobody
// has said what is in them, so that printing or logging tells their number.
type Unknown map[string]string

// String tells how many there are.
func (u Unknown) String() string { return fmt.Sprintf("%d unknown fields", len(u)) }

// Format writes String under every verb.
func (u Unknown) Format(s fmt.State, _ rune) { _, _ = s.Write([]byte(u.String())) }

// MarshalText is String, for encoders of logs.
func (u Unknown) MarshalText() ([]byte, error) { return []byte(u.String()), nil }

// LogValue is String.
func (u Unknown) LogValue() slog.Value { return slog.StringValue(u.String()) }

type masker interface{ mask(s string) string }

type (
	asName    struct{}
	asID      struct{}
	asPhone   struct{}
	asEmail   struct{}
	asAddress struct{}
)

func (asName) mask(s string) string    { return mask(s, 1, 0) }
func (asID) mask(s string) string      { return mask(s, 1, 1) }
func (asAddress) mask(s string) string { return mask(s, 2, 0) }

func (asPhone) mask(s string) string {
	r := []rune(s)
	if len(r) < 11 {
		return mask(s, 0, 0)
	}
	return string(r[:3]) + "****" + string(r[len(r)-4:])
}

func (asEmail) mask(s string) string {
	box, host, ok := strings.Cut(s, "@")
	if !ok {
		return mask(s, 1, 0)
	}
	if utf8.RuneCountInString(box) < 2 {
		return "***@" + host
	}
	_, size := utf8.DecodeRuneInString(box)
	return box[:size] + "***@" + host
}

// mask keeps the first head and the last tail characters and puts a * for
// each other one. Where that would show more than it hides, all are stars.
func mask(s string, head, tail int) string {
	r := []rune(s)
	if len(r) < 2*(head+tail) {
		return strings.Repeat("*", len(r))
	}
	return string(r[:head]) + strings.Repeat("*", len(r)-head-tail) + string(r[len(r)-tail:])
}
