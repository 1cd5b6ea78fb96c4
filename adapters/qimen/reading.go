package qimen

import (
	"cmp"
	"crypto/hmac"
	"crypto/md5"  //nolint:gosec // the gateway signs with nothing else
	"crypto/sha1" //nolint:gosec // tried, never trusted
	"crypto/sha256"
	"hash"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// reading is one way to compute the signature of a request. The zero value of
// what it adds to the request is the right way.
type reading struct {
	secret  string
	content content
	query   string
	header  http.Header
	body    []byte

	compare  func(a, b string) int // of names; nil is by bytes
	unsorted bool
	withSign bool   // the name sign itself is signed, without a value
	equals   string // between a name and its value
	and      string // between a value and the next name
	digest   func(secret, text, body []byte) []byte
}

// sign is the signature's bytes; nil where there is none of this reading.
func (r *reading) sign() []byte {
	params, err := r.params()
	if err != nil {
		return nil
	}
	body := r.body
	if r.content.kind == contentForm {
		body = nil
	}
	var text []byte
	for i, p := range params {
		if i > 0 {
			text = append(text, r.and...)
		}
		text = append(append(append(text, p.name...), r.equals...), p.value...)
	}
	return r.digest([]byte(r.secret), text, body)
}

// params are the signed parameters in order.
func (r *reading) params() ([]param, error) {
	all, err := readParams(nil, r.content, r.query, r.header, r.body)
	if err != nil {
		return nil, err
	}
	var params []param
	for i, p := range all {
		if p.name != paramSign && (i+1 == len(all) || all[i+1].name != p.name) {
			params = append(params, p)
		}
	}
	if r.withSign {
		params = append(params, param{name: paramSign})
	}
	switch {
	case r.unsorted:
		slices.SortStableFunc(params, func(a, b param) int { return cmp.Compare(r.place(a.name), r.place(b.name)) })
	case r.compare != nil:
		slices.SortStableFunc(params, func(a, b param) int { return r.compare(a.name, b.name) })
	default:
		slices.SortStableFunc(params, func(a, b param) int { return cmp.Compare(a.name, b.name) })
	}
	return params, nil
}

// place is where a name stands in the query; names that do not come after.
func (r *reading) place(name string) int {
	if i := strings.Index("&"+r.query, "&"+url.QueryEscape(name)+"="); i >= 0 {
		return i
	}
	return len(r.query) + 1
}

// param is the value of a parameter; "" where it is not there.
func (r *reading) param(name string) string {
	params, _ := readParams(nil, r.content, r.query, r.header, r.body)
	value := ""
	for _, p := range params {
		if p.name == name {
			value = p.value
		}
	}
	return value
}

// rewrite changes the raw pairs of the query, and of a form; a pair for which
// change answers false is left out. It tells whether anything is different.
func (r *reading) rewrite(change func(name, value string) (string, bool)) bool {
	query := rewritePairs(r.query, change)
	changed := query != r.query
	r.query = query
	if r.content.kind == contentForm {
		form := rewritePairs(string(r.body), change)
		changed = changed || form != string(r.body)
		r.body = []byte(form)
	}
	return changed
}

func rewritePairs(raw string, change func(name, value string) (string, bool)) string {
	var pairs []string
	for pair := range strings.SplitSeq(raw, "&") {
		name, value, found := strings.Cut(pair, "=")
		value, keep := change(name, value)
		switch {
		case !keep:
		case found || value != "":
			pairs = append(pairs, name+"="+value)
		default:
			pairs = append(pairs, name)
		}
	}
	return strings.Join(pairs, "&")
}

// sandwich is the gateway's digest.
func sandwich(secret, text, body []byte) []byte {
	sum := digest(secret, text, body)
	return sum[:]
}

// hashed is a digest of another kind, over the parts that are named.
func hashed(newHash func() hash.Hash, front, end bool) func(secret, text, body []byte) []byte {
	return func(secret, text, body []byte) []byte {
		h := newHash()
		if front {
			h.Write(secret)
		}
		h.Write(text)
		h.Write(body)
		if end {
			h.Write(secret)
		}
		return h.Sum(nil)
	}
}

// keyed is an HMAC.
func keyed(newHash func() hash.Hash) func(secret, text, body []byte) []byte {
	return func(secret, text, body []byte) []byte {
		h := hmac.New(newHash, secret)
		h.Write(text)
		h.Write(body)
		return h.Sum(nil)
	}
}

// digests are the ones that other platforms, and other legs of this one, use.
var digests = []struct {
	code, zh, en string
	digest       func(secret, text, body []byte) []byte
}{
	{"hmac", "HMAC-MD5", "HMAC-MD5", keyed(md5.New)},
	{"hmac", "HMAC-SHA256", "HMAC-SHA256", keyed(sha256.New)},
	{"hash", "SHA-256", "SHA-256", hashed(sha256.New, true, true)},
	{"hash", "SHA-1", "SHA-1", hashed(sha1.New, true, true)},
	{"secret-once", "只在开头放了 secret 的 MD5", "MD5 with the secret in front only", hashed(md5.New, true, false)},
	{"secret-once", "只在末尾放了 secret 的 MD5", "MD5 with the secret at the end only", hashed(md5.New, false, true)},
}
