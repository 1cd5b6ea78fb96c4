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
func (v Personal[M]) Format(s fmt.State, _ rune) { _, _ = s.Write([]byte(v.String())) }

// MarshalText is the mask, for encoders of logs.
func (v Personal[M]) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// LogValue is the mask.
func (v Personal[M]) LogValue() slog.Value { return slog.StringValue(v.String()) }

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
	if len(r) < 8 {
		return mask(s, 0, 0)
	}
	return string(r[:3]) + "****" + string(r[len(r)-4:])
}

func (asEmail) mask(s string) string {
	box, host, ok := strings.Cut(s, "@")
	if !ok || box == "" {
		return mask(s, 1, 0)
	}
	_, size := utf8.DecodeRuneInString(box)
	return box[:size] + "***@" + host
}

// mask keeps the first head and the last tail characters and puts a * for
// each other one. A text too short to hide anything that way is all stars.
func mask(s string, head, tail int) string {
	n := utf8.RuneCountInString(s)
	if n <= head+tail {
		return strings.Repeat("*", n)
	}
	r := []rune(s)
	return string(r[:head]) + strings.Repeat("*", n-head-tail) + string(r[n-tail:])
}
