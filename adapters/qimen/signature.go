package qimen

import (
	"cmp"
	"crypto/md5" //nolint:gosec // the gateway signs with nothing else
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// The names that the signature itself reads.
const (
	paramSign      = "sign"
	paramTimestamp = "timestamp"
	paramTarget    = "target_app_key"
	paramMethod    = "method"
	headerSigned   = "Top-Sign-List"
)

// Sign is the gateway's signature of a request, 32 upper-case hex digits:
//
//	MD5(secret + name + value + name + value … + body + secret)
//
// The names, sorted by bytes, are those of the headers that the header
// top-sign-list names, of the query (without sign, wherever it stands) and, for
// a form, of the body; any other body follows as its raw bytes. Values are
// URL-decoded and hashed as the bytes that this gives, so that the charset of
// the content type decides nothing here. secret is the target app's.
//
// Sign reproduces the official class with its oddities: of a name that stands
// twice the last value counts, and a pair with a second raw = is left out, so
// that it may be changed at will. A [Handler] refuses such requests.
//
// The error tells that the content type is none that the gateway signs, or
// that a % is not followed by two hex digits.
// Source: official SDK, SpiUtils.sign and the three maps that it is given.
func Sign(secret, contentType, rawQuery string, header http.Header, body []byte) (string, error) {
	c := parseContentType(contentType)
	var params [16]param
	signed, err := readParams(params[:0], c, rawQuery, header, body)
	if err != nil {
		return "", err
	}
	if c.kind == contentForm {
		body = nil
	}
	var text [512]byte
	sum := digest([]byte(secret), signedText(text[:0], signed), body)
	return strings.ToUpper(hex.EncodeToString(sum[:])), nil
}

// digest hashes without building the whole text: a body may be long, and there
// may be several secrets to try.
func digest(secret, text, body []byte) (sum [md5.Size]byte) {
	h := md5.New() //nolint:gosec // see above
	h.Write(secret)
	h.Write(text)
	h.Write(body)
	h.Write(secret)
	h.Sum(sum[:0])
	return sum
}

// param is one signed name and its value, URL-decoded.
type param struct {
	name, value string
	from        paramSource
}

type paramSource uint8

const (
	fromHeader paramSource = iota
	fromQuery
	fromForm
)

// readParams appends all signed parameters, sorted by name; of those with one
// name the one that counts comes last.
func readParams(params []param, c content, rawQuery string, header http.Header, body []byte) ([]param, error) {
	if c.kind == contentUnsigned {
		return nil, errors.New("qimen: the content type is none that the gateway signs")
	}
	params, err := headerParams(params, header)
	if err != nil {
		return nil, err
	}
	if params, err = queryParams(params, rawQuery); err != nil {
		return nil, err
	}
	if c.kind == contentForm {
		if params, err = formParams(params, string(body)); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(params, func(a, b param) int { return cmp.Compare(a.name, b.name) })
	return params, nil
}

func headerParams(params []param, header http.Header) ([]param, error) {
	list := header.Get(headerSigned)
	if list == "" {
		return params, nil
	}
	for name := range strings.SplitSeq(list, ",") {
		value, err := url.QueryUnescape(header.Get(name))
		if err != nil {
			return nil, errEscape
		}
		params = append(params, param{name, value, fromHeader})
	}
	return params, nil
}

func queryParams(params []param, rawQuery string) ([]param, error) {
	// Java's split drops empty pairs at the end, and only there.
	for pair := range strings.SplitSeq(strings.TrimRight(rawQuery, "&"), "&") {
		name, value, signed := splitPair(pair)
		if !signed {
			continue
		}
		p, err := unescape(name, value, fromQuery)
		if err != nil {
			return nil, err
		}
		params = append(params, p)
	}
	return params, nil
}

// splitPair splits a pair at its = as Java's split does: = signs at the end
// vanish, and what then still holds two is not signed at all.
func splitPair(pair string) (name, value string, signed bool) {
	trimmed := strings.TrimRight(pair, "=")
	if trimmed == "" && pair != "" {
		return "", "", false
	}
	name, value, _ = strings.Cut(trimmed, "=")
	return name, value, !strings.Contains(value, "=")
}

// formParams adds the fields of a form that the query does not have. A servlet
// container has read them, not the class itself: the first of one name counts.
func formParams(params []param, form string) ([]param, error) {
	seen := make(map[string]bool, len(params))
	for _, p := range params {
		seen[p.name] = seen[p.name] || p.from == fromQuery
	}
	for pair := range strings.SplitSeq(form, "&") {
		name, value, _ := strings.Cut(pair, "=")
		p, err := unescape(name, value, fromForm)
		if err != nil {
			return nil, err
		}
		if p.name != "" && !seen[p.name] {
			seen[p.name] = true
			params = append(params, p)
		}
	}
	return params, nil
}

var errEscape = errors.New("qimen: a % in a parameter is not followed by two hex digits")

func unescape(name, value string, from paramSource) (p param, err error) {
	p.from = from
	if p.name, err = url.QueryUnescape(name); err != nil {
		return param{}, errEscape
	}
	if p.value, err = url.QueryUnescape(value); err != nil {
		return param{}, errEscape
	}
	return p, nil
}

// signedText appends what is signed of sorted parameters: names and values
// without anything between them.
func signedText(text []byte, params []param) []byte {
	for i, p := range params {
		if p.name == paramSign || i+1 < len(params) && params[i+1].name == p.name {
			continue
		}
		text = append(text, p.name...)
		text = append(text, p.value...)
	}
	return text
}
