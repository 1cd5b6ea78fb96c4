// Package tcpproxy is a network that fails on demand, between a test and its
// server.
package tcpproxy

import (
	"bytes"
	"context"
	"net"
	"sync"
	"sync/atomic"
	"testing"
)

// Proxy passes connections on to a server until it is told not to.
type Proxy struct {
	listener        net.Listener
	network, target string
	running         sync.WaitGroup

	mu     sync.Mutex
	closed bool
	conns  map[net.Conn]bool
	silent chan struct{} // closed when bytes pass again; nil where they do

	pattern []byte
	when    func(n int) bool
	found   int
	cuts    atomic.Int64
}

// Start listens on loopback, until the test ends, for a server at an address
// such as "unix", "/tmp/pg/.s.PGSQL.5432".
func Start(t testing.TB, network, target string) *Proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{listener: l, network: network, target: target, conns: map[net.Conn]bool{}}
	p.running.Go(p.accept)
	t.Cleanup(p.close)
	return p
}

// Addr is where the proxy listens, as host:port.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// CutReplies looks for a pattern in what the server sends and asks when about
// each that it finds, counted from 1. Where that says true the connection is
// cut, both ways, before the reply has passed: the server has done what the
// client will never hear of. A nil pattern ends it.
func (p *Proxy) CutReplies(pattern []byte, when func(n int) bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pattern, p.when, p.found = pattern, when, 0
}

// Cuts is how many replies CutReplies has held back.
func (p *Proxy) Cuts() int { return int(p.cuts.Load()) }

// Cut ends all connections that there are.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		_ = c.Close()
	}
}

// Silence holds back all bytes, as a network does that has lost its way: nobody
// is told. false lets them pass.
func (p *Proxy) Silence(on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.silence(on)
}

func (p *Proxy) silence(on bool) {
	switch {
	case on && p.silent == nil:
		p.silent = make(chan struct{})
	case !on && p.silent != nil:
		close(p.silent)
		p.silent = nil
	}
}

func (p *Proxy) close() {
	p.mu.Lock()
	p.closed = true
	p.silence(false)
	p.mu.Unlock()
	_ = p.listener.Close()
	p.Cut()
	p.running.Wait()
}

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		server, err := new(net.Dialer).DialContext(context.Background(), p.network, p.target)
		if err != nil {
			_ = client.Close()
			continue
		}
		if !p.hold(client, server) {
			return
		}
		p.running.Go(func() { p.pass(client, server, false) })
		p.running.Go(func() { p.pass(server, client, true) })
	}
}

func (p *Proxy) hold(conns ...net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range conns {
		if p.closed {
			_ = c.Close()
		} else {
			p.conns[c] = true
		}
	}
	return !p.closed
}

// longest is how long a pattern may be: so much of what came before is judged
// with every reply.
const longest = 64

func (p *Proxy) pass(from, to net.Conn, reply bool) {
	defer func() {
		_, _ = from.Close(), to.Close()
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.conns, from)
	}()
	buf := make([]byte, 64<<10)
	before := 0
	for {
		n, err := from.Read(buf[before:])
		if err != nil || !p.passes(buf[:before+n], before, reply) {
			return
		}
		if _, err := to.Write(buf[before : before+n]); err != nil {
			return
		}
		before = copy(buf, buf[max(0, before+n-longest):before+n])
	}
}

// passes tells whether what was seen may go on; before of it has done so
// already.
func (p *Proxy) passes(seen []byte, before int, reply bool) bool {
	p.mu.Lock()
	silent := p.silent
	p.mu.Unlock()
	if silent != nil {
		<-silent
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if reply && len(p.pattern) > 0 {
		fresh := seen[max(0, before-len(p.pattern)+1):]
		for range bytes.Count(fresh, p.pattern) {
			if p.found++; p.when(p.found) {
				p.cuts.Add(1)
				return false
			}
		}
	}
	return !p.closed
}
