package policy

import (
	"crypto/hmac"
	"strings"

	"github.com/chudan-io/chudan/policy/money"
)

// fingerprintVersion is the first byte of a fingerprint: version, length of
// the key's name, name, then HMAC-SHA-256. It changes when the canonical form
// does. A plain hash would let licence numbers be found by trying them all.
const fingerprintVersion = 1

// fingerprint is the keyed hash of a request's canonical form.
func (k *Keys) fingerprint(id string, r *Request, ignore FieldSet) []byte {
	key := k.byID[id]
	if key == nil {
		return nil
	}
	out := append([]byte{fingerprintVersion, byte(len(id))}, id...) //nolint:gosec // a key's name has at most 32 letters
	return append(out, key.fingerprint(canonicalJSON(r, ignore))...)
}

// matches tells whether fingerprint is r's, under the fingerprint's own key.
// False says nothing where that key is gone or other fields were left out
// then: compare the requests themselves (differing).
func (k *Keys) matches(fingerprint []byte, r *Request, ignore FieldSet) bool {
	if len(fingerprint) < 2 || fingerprint[0] != fingerprintVersion || len(fingerprint) < 2+int(fingerprint[1]) {
		return false
	}
	want := k.fingerprint(string(fingerprint[2:2+fingerprint[1]]), r, ignore)
	return want != nil && hmac.Equal(want, fingerprint)
}

// canonicalJSON is one JSON object with the paths of the page as its sorted
// keys. Absent fields and ignored ones are left out, decimals are written by
// value, and a text off its grammar stands as it came.
func canonicalJSON(r *Request, ignore FieldSet) []byte {
	out := make([]byte, 1, 2048)
	out[0] = '{'
	for i := range canonical {
		f := &canonical[i]
		text := f.Text(r)
		if text == "" || ignore.Has(*f) {
			continue
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = appendJSON(out, f.Path)
		out = append(out, ':')
		out = appendJSON(out, f.canonicalText(text))
	}
	return append(out, '}')
}

// canonicalText is the text by value: 1018.0, 1018 and 1018.00 are one amount,
// 40 and 40.0 one period.
func (f *Field) canonicalText(text string) string {
	if (f.Form == FormDecimal || f.Form == FormNumber) && money.Valid(text) && strings.Contains(text, ".") {
		return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
	}
	return text
}

// differing are the fields in which two requests differ by value, in page
// order.
func differing(a, b *Request, ignore FieldSet) []string {
	var paths []string
	for i := range fields {
		f := &fields[i]
		if !ignore.Has(*f) && f.canonicalText(f.Text(a)) != f.canonicalText(f.Text(b)) {
			paths = append(paths, f.Path)
		}
	}
	return paths
}

// appendJSON appends s as a JSON string, escaping only what must be: every
// text has one canonical form, and bytes that are no UTF-8 stay apart.
func appendJSON(out []byte, s string) []byte {
	const hexDigits = "0123456789abcdef"
	out = append(out, '"')
	plain := 0 // where the part that needs no escape begins
	for i := range len(s) {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		out = append(out, s[plain:i]...)
		plain = i + 1
		if c < 0x20 {
			out = append(out, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		} else {
			out = append(out, '\\', c)
		}
	}
	return append(append(out, s[plain:]...), '"')
}
