package core

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync"
	"time"
)

// line is a connection on which a server is heard only while it is asked.
//
// Package net/http writes to the standard logger what comes behind an answer, up
// to 4 KiB of it and with no way to say no. A server need not be hostile for
// that: where its Content-Length counts characters, the end of each answer comes
// behind it, names and all. So what is read of a line is handed out byte by
// byte, which leaves nothing in the transport's buffer behind an answer, and
// ends the line instead of handing out what nobody asked for.
type line struct {
	net.Conn

	mu    sync.Mutex
	turn  int    // which call has the line, or had it last
	asked bool   // that call is under way
	held  []byte // that came and were not handed out
	from  [4 << 10]byte
}

// Read hands out the next byte. Only the transport calls it, one call at a time.
func (l *line) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if !l.holds() {
		n, err := l.Conn.Read(l.from[:])
		if n == 0 {
			return 0, err
		}
		l.hold(l.from[:n])
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.asked {
		return 0, io.EOF
	}
	p[0], l.held = l.held[0], l.held[1:]
	return 1, nil
}

func (l *line) holds() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.held) > 0
}

func (l *line) hold(came []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.held = came
}

// begin lets the server be heard by a call. On a line that holds something
// already the call finds the end, and the transport repeats it on another one.
func (l *line) begin() (turn int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.turn++
	l.asked = len(l.held) == 0
	return l.turn
}

// end ends a call, unless another one has the line already.
func (l *line) end(turn int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.turn == turn {
		l.asked = false
	}
}

// lines is a transport whose connections are lines.
type lines struct{ *http.Transport }

// RoundTrip is http.RoundTripper's.
func (t lines) RoundTrip(r *http.Request) (*http.Response, error) {
	var has *line
	var turn int
	return t.Transport.RoundTrip(r.WithContext(httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{
		GotConn: func(got httptrace.GotConnInfo) {
			if l, is := got.Conn.(*line); is {
				has, turn = l, l.begin()
			}
		},
		// Called before the transport looks at what comes next.
		PutIdleConn: func(error) {
			if has != nil {
				has.end(turn)
			}
		},
	})))
}

// dialTimeout is how long it may take to be connected, TLS included.
const dialTimeout = 10 * time.Second

// transport keeps connections to an address open for many calls at once, and
// bounds them. It speaks HTTP/1.1, whose connections have one call at a time.
// Behind a proxy, where a line cannot be had, each call has a connection of its
// own.
func transport(u *url.URL, trust *tls.Config) http.RoundTripper {
	t := &http.Transport{}
	if usual, ok := http.DefaultTransport.(*http.Transport); ok {
		t = usual.Clone()
	}
	t.MaxConnsPerHost, t.MaxIdleConnsPerHost = maxConns, maxIdle
	t.MaxResponseHeaderBytes, t.TLSClientConfig = maxHeader, trust
	if t.Proxy != nil {
		if by, err := t.Proxy(&http.Request{URL: u}); err != nil || by != nil {
			t.DisableKeepAlives = true
			return t
		}
	}
	t.Proxy, t.ForceAttemptHTTP2 = nil, false
	plain := &net.Dialer{Timeout: dialTimeout}
	secure := &tls.Dialer{NetDialer: plain, Config: trust}
	t.DialContext, t.DialTLSContext = lineOf(plain.DialContext), lineOf(secure.DialContext)
	return lines{t}
}

// dial is how a connection is made.
type dial func(ctx context.Context, network, address string) (net.Conn, error)

// lineOf makes lines of connections.
func lineOf(d dial) dial {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		ctx, cancel := context.WithTimeout(ctx, dialTimeout)
		defer cancel()
		c, err := d(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &line{Conn: c}, nil
	}
}
