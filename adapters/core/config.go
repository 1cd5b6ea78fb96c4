package core

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/chudan-io/chudan/policy"
)

// Config is what a [Hook] needs.
type Config struct {
	URL     string       // required: https, or http on loopback; without user and fragment
	Secrets Secrets      // required: the first signs, and an answer may be signed with any
	Client  *http.Client // default one of its own, see [New]; redirects are never followed, whatever it says
	Clock   func() time.Time
}

// The limits of an exchange.
const (
	maxAnswer  = 64 << 10         // bytes of an answer
	maxHeader  = 16 << 10         // bytes of an answer's header
	atMost     = 30 * time.Second // of a call whose context has no deadline
	leastBytes = 16               // of a secret
	maxConns   = 128              // connections of a Hook; calls beyond wait for one
	maxIdle    = 64               // of them, while there is less to do
)

// New makes a Hook. Its errors name what is wrong with the config, never a
// secret.
//
// A client of the Hook's own has at most 128 connections, speaks HTTP/1.1, and
// keeps to itself what a server sends unasked, behind an answer or before a
// call. Package net/http writes that to the standard logger for any other
// client.
func New(c Config) (*Hook, error) {
	u, err := url.Parse(c.URL)
	switch {
	case err != nil || u.Hostname() == "" || u.User != nil || u.Fragment != "":
		// The text is not shown: it may hold a password.
		return nil, errors.New("core: Config.URL: want https://host[/path], without user and fragment")
	case u.Scheme != "https" && (u.Scheme != "http" || !policy.IsLoopback(u.Hostname())):
		return nil, errors.New("core: Config.URL: want https (http on loopback only): proposals hold personal data")
	}
	if err := c.Secrets.check(); err != nil {
		return nil, fmt.Errorf("core: Config.Secrets: %w", err)
	}
	h := &Hook{url: u.String(), clock: c.Clock, client: http.Client{Transport: transport(u, &tls.Config{MinVersion: tls.VersionTLS12})}}
	h.secrets.Store(c.Secrets.clone())
	if c.Client != nil {
		h.client = *c.Client
	}
	h.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if h.client.Timeout == 0 {
		h.client.Timeout = atMost
	}
	if h.clock == nil {
		h.clock = time.Now
	}
	return h, nil
}
