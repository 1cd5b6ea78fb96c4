package policy

import (
	"bufio"
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// Keys are the institution's own secrets: each makes a key for fingerprints,
// one for sealing what a store keeps, and one for the links to policies. The
// first is used for what is new; the others open what is old. Never drop a
// key while records that it sealed are kept.
type Keys struct {
	active string
	byID   map[string]*key
}

// key holds its secrets in closures: whoever prints or logs a Config, under
// whatever verb, prints addresses.
type key struct {
	fingerprint, link, subjects func(text []byte) []byte // HMAC-SHA-256

	seal func(text, boundTo []byte) []byte
	open func(sealed, boundTo []byte) ([]byte, error)
}

var keyID = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,31}$`)

// ParseKeys reads a key file: a line for each key, its name and 64 hex digits
// (32 random bytes), the one in use first. Empty lines and lines that begin
// with # are left out. Errors name the line, never a key.
func ParseKeys(text []byte) (Keys, error) {
	keys := Keys{byID: make(map[string]*key)}
	lines := bufio.NewScanner(bytes.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		id, digits, _ := strings.Cut(line, " ")
		secret, err := hex.DecodeString(strings.TrimSpace(digits))
		if !keyID.MatchString(id) || err != nil || len(secret) != 32 {
			return Keys{}, fmt.Errorf("policy: key file, line %d: want a name of lower-case letters and digits, a space and 64 hex digits", n)
		}
		if keys.byID[id] != nil {
			return Keys{}, fmt.Errorf("policy: key file, line %d: the key %s stands twice", n, id)
		}
		if keys.byID[id], err = newKey(secret); err != nil {
			return Keys{}, err
		}
		if keys.active == "" {
			keys.active = id
		}
	}
	if err := lines.Err(); err != nil {
		return Keys{}, fmt.Errorf("policy: key file: %w", err)
	}
	if keys.active == "" {
		return Keys{}, errors.New("policy: the key file holds no key")
	}
	return keys, nil
}

// NewKeyFile is the text of a key file with one new random key.
func NewKeyFile() string {
	var secret [32]byte
	_, _ = rand.Read(secret[:]) // never fails
	return "# chudan keys: fingerprints, sealed records and policy links depend on them.\n" +
		"# Keep this file secret and backed up with the database. To rotate, put a new line first and keep the old ones.\n" +
		"k1 " + hex.EncodeToString(secret[:]) + "\n"
}

func newKey(secret []byte) (*key, error) {
	derived := make(map[string][]byte)
	for _, use := range []string{"fingerprint", "link", "seal", "subject"} {
		sub, err := hkdf.Key(sha256.New, secret, nil, "chudan "+use+" v1", 32)
		if err != nil {
			return nil, fmt.Errorf("policy: deriving a key: %w", err)
		}
		derived[use] = sub
	}
	block, err := aes.NewCipher(derived["seal"])
	if err != nil {
		return nil, fmt.Errorf("policy: deriving a key: %w", err)
	}
	gcm, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("policy: deriving a key: %w", err)
	}
	return &key{
		fingerprint: macWith(derived["fingerprint"]),
		link:        macWith(derived["link"]),
		subjects:    macWith(derived["subject"]),
		seal:        func(text, boundTo []byte) []byte { return gcm.Seal(nil, nil, text, boundTo) }, //nolint:gosec // it draws its own nonces
		open:        func(sealed, boundTo []byte) ([]byte, error) { return gcm.Open(nil, nil, sealed, boundTo) },
	}, nil
}

func macWith(secret []byte) func([]byte) []byte {
	return func(text []byte) []byte {
		mac := hmac.New(sha256.New, secret)
		mac.Write(text)
		return mac.Sum(nil)
	}
}

// sealVersion is the first byte of what seal writes: version, length of the
// key's name, name, then nonce, ciphertext and tag of AES-256-GCM.
const sealVersion = 1

// seal encrypts what a store keeps for a key, bound to it: a row that is moved
// to another key does not open.
func (k *Keys) seal(at Key, text []byte) []byte {
	out := append([]byte{sealVersion, byte(len(k.active))}, k.active...) //nolint:gosec // a key's name has at most 32 letters
	return append(out, k.byID[k.active].seal(text, sealedFor(at, k.active))...)
}

func (k *Keys) open(at Key, sealed []byte) ([]byte, error) {
	if len(sealed) < 2 || sealed[0] != sealVersion || len(sealed) < 2+int(sealed[1]) {
		return nil, errors.New("policy: a sealed record is of no known form")
	}
	id, rest := string(sealed[2:2+sealed[1]]), sealed[2+sealed[1]:]
	key := k.byID[id]
	if key == nil {
		return nil, fmt.Errorf("policy: a record was sealed with the key %q, which the key file does not hold", id)
	}
	text, err := key.open(rest, sealedFor(at, id))
	if err != nil {
		return nil, fmt.Errorf("policy: a record sealed with the key %q was altered, or the key is another one", id)
	}
	return text, nil
}

// sealedFor is tenant | identifier | key id, each with its length, so that no
// two of them read the same.
func sealedFor(at Key, id string) []byte {
	return fmt.Appendf(nil, "%d:%s|%d:%s|%d:%s", len(at.Tenant), at.Tenant, len(at.Identifier), at.Identifier, len(id), id)
}

// linkToken is the part of a policy's link that cannot be guessed: 128 bits
// of an HMAC over its number, in hex.
func (k *key) linkToken(number string) string {
	return hex.EncodeToString(k.link([]byte(number))[:16])
}

// validLink tells whether token belongs to number under any key, in a time
// that does not depend on how much of it is right.
func (k *Keys) validLink(number, token string) bool {
	valid := false
	for _, key := range k.byID {
		if hmac.Equal([]byte(key.linkToken(number)), []byte(token)) {
			valid = true
		}
	}
	return valid
}
