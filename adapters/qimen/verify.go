package qimen

import (
	"crypto/md5" //nolint:gosec // the gateway signs with nothing else
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/chudan-io/chudan/policy"
)

// verifier tells whether a request comes from the platform.
type verifier struct {
	apps   *Apps
	clock  func() time.Time
	window time.Duration
	lax    bool
	signed map[string]bool // names of headers, in canonical form
	origin origin
}

// verified is what a request tells of itself under a signature that holds.
type verified struct {
	app    *App
	method string // "" where it was not sent
}

// verify checks all that makes a request the platform's. The error is for the
// log alone: it names keys, parameters and times, and never a secret, a
// signature or a part of the body.
//
// The signature comes before the clock and the address, so that whoever cannot
// sign learns nothing of these.
// Source: official SDK, SpiUtils.checkSign, checkTimestamp and checkRemoteIp,
// whose holes are closed here.
func (v *verifier) verify(r *http.Request, c content, body []byte) (verified, error) {
	var space [16]param
	params, err := v.params(space[:0], r, c, body)
	if err != nil {
		return verified{}, err
	}
	claims := claimsOf(params)
	sign, err := parseSign(claims.sign)
	if err != nil {
		return verified{}, err
	}
	if c.kind == contentForm {
		body = nil
	}
	var text [512]byte
	match := v.apps.current.Load().match(sign, claims.target, signedText(text[:0], params), body)
	if match == nil {
		return verified{}, v.mismatch(claims.target)
	}
	now := v.clock()
	if !match.secret.validAt(now) {
		return verified{}, fmt.Errorf("signed with a secret of the app %s that is not valid now", match.app.Key)
	}
	if err := v.fresh(claims.timestamp, now); err != nil {
		return verified{}, err
	}
	if err := v.origin.allows(r); err != nil {
		return verified{}, err
	}
	return verified{app: match.app, method: claims.method}, nil
}

// params appends what is signed and, unless the verifier is lax, refuses what can
// be read in two ways.
func (v *verifier) params(params []param, r *http.Request, c content, body []byte) ([]param, error) {
	query, list := r.URL.RawQuery, r.Header.Get(headerSigned)
	if len(query)+len(list) > maxQuery {
		return nil, fmt.Errorf("the query and the list of signed headers are over %d bytes", maxQuery)
	}
	n := strings.Count(query, "&") + strings.Count(list, ",")
	if c.kind == contentForm {
		n += strings.Count(string(body), "&")
	}
	if n > maxParams {
		return nil, fmt.Errorf("more than %d parameters", maxParams)
	}
	params, err := readParams(params, c, query, r.Header, body)
	if err != nil || v.lax {
		return params, err
	}
	if err := checkPairs(query); err != nil {
		return nil, err
	}
	return params, checkParams(params, func(header string) bool {
		return v.signable(r.Header, header)
	})
}

// signable tells whether a header may be among those that are signed: an X- one
// or a configured one, sent once.
func (v *verifier) signable(sent http.Header, name string) bool {
	canonical := http.CanonicalHeaderKey(name)
	return len(sent[headerSigned]) == 1 && len(sent[canonical]) <= 1 &&
		(strings.HasPrefix(canonical, "X-") || v.signed[canonical])
}

// mismatch tells an operator where to look.
func (v *verifier) mismatch(target string) error {
	set := v.apps.current.Load()
	switch own, known := set.byKey[target]; {
	case target == "":
		return fmt.Errorf("the signature fits none of the %d secrets of all apps", len(set.all))
	case !known && digits(target) != len(target):
		return errors.New("the target_app_key is malformed")
	case !known:
		return fmt.Errorf("the target_app_key %s is no app of ours", target)
	default:
		return fmt.Errorf("the signature fits none of the %d secrets of the app %s", len(own), target)
	}
}

// fresh tells whether a request was made just now. The official check looks
// back only, so that a timestamp in the future would hold for ever.
func (v *verifier) fresh(timestamp string, now time.Time) error {
	if timestamp == "" {
		return errors.New("there is no timestamp")
	}
	made, err := time.ParseInLocation(time.DateTime, timestamp, policy.Zone())
	if err != nil || stamp(timestamp) != len(timestamp) {
		return errors.New("the timestamp is no time")
	}
	if age := now.Sub(made); age > v.window || age < -v.window {
		return fmt.Errorf("the timestamp is %v off our clock, more than %v", age.Round(time.Second), v.window)
	}
	return nil
}

// claims are the parameters that decide; "" where they were not sent.
type claims struct{ sign, timestamp, target, method string }

// claimsOf reads sorted parameters. The signature counts in the query only.
func claimsOf(params []param) claims {
	var c claims
	for _, p := range params {
		switch p.name {
		case paramSign:
			if p.from == fromQuery {
				c.sign = p.value
			}
		case paramTimestamp:
			c.timestamp = p.value
		case paramTarget:
			c.target = p.value
		case paramMethod:
			c.method = p.value
		}
	}
	return c
}

func parseSign(text string) (sign [md5.Size]byte, err error) {
	if text == "" {
		return sign, errors.New("there is no sign in the query")
	}
	if upperHex(text) != len(text) {
		return sign, errors.New("the sign is not 32 upper-case hex digits")
	}
	_, err = hex.Decode(sign[:], []byte(text))
	return sign, err
}
