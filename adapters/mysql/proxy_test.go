package mysql_test

import (
	"bytes"
	"net"
	"sync"
	"testing"
)

// proxy stands between a store and its server, and fails as networks do.
type proxy struct {
	net.Listener
	server string

	mu    sync.Mutex
	fault fault // of the next COMMIT
	hit   int   // how many it befell
	open  map[net.Conn]bool
	done  sync.WaitGroup
}

// fault is what becomes of a COMMIT.
type fault int

const (
	none    fault = iota
	deaf          // it is carried out, and the answer does not arrive
	hasty         // the connection breaks while it is carried out
	mute          // it does not arrive, and the server does not learn that the connection broke
	dropped       // it does not arrive
)

func newProxy(t testing.TB, server string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return serveOn(t, l, server)
}

// serveOn is newProxy on a listener that is there already.
func serveOn(t testing.TB, l net.Listener, server string) *proxy {
	p := &proxy{Listener: l, server: server, open: map[net.Conn]bool{}}
	p.done.Go(p.accept)
	t.Cleanup(p.stop)
	return p
}

func (p *proxy) accept() {
	for {
		client, err := p.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", p.server)
		if err != nil {
			_ = client.Close()
			continue
		}
		p.keep(client, server)
		answered := make(chan bool, 1) // gets whether the next answer is to be passed on
		p.done.Go(func() { p.requests(client, server, answered) })
		p.done.Go(func() { p.answers(client, server, answered) })
	}
}

// requests passes on what the client says.
func (p *proxy) requests(client, server net.Conn, answered chan<- bool) {
	buf := make([]byte, 64<<10)
	for {
		n, err := client.Read(buf)
		if err != nil {
			p.drop(server)
			return
		}
		befallen := none
		if bytes.HasSuffix(buf[:n], []byte("\x03COMMIT")) || bytes.Contains(buf[:n], []byte("\x03INSERT INTO chudan_visit")) { // a commit of its own
			befallen = p.befall()
		}
		switch befallen {
		case none, hasty:
		case deaf:
			answered <- false
		case mute:
			p.drop(client)
			return
		case dropped:
			p.drop(client)
			p.drop(server)
			return
		}
		_, _ = server.Write(buf[:n])
		if befallen == hasty {
			p.drop(client)
			p.drop(server)
			return
		}
	}
}

// answers passes on what the server says.
func (p *proxy) answers(client, server net.Conn, answered <-chan bool) {
	buf := make([]byte, 64<<10)
	for {
		n, err := server.Read(buf)
		pass := err == nil
		select {
		case pass = <-answered:
		default:
		}
		if !pass {
			p.drop(client)
			p.drop(server)
			return
		}
		if _, err := client.Write(buf[:n]); err != nil {
			return // mute: the server is not to learn of it
		}
	}
}

// befall is what becomes of this COMMIT.
func (p *proxy) befall() fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	f := p.fault
	p.fault = none
	if f != none {
		p.hit++
	}
	return f
}

func (p *proxy) set(f fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fault = f
}

func (p *proxy) hits() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.hit
}

func (p *proxy) keep(conns ...net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range conns {
		p.open[c] = true
	}
}

func (p *proxy) drop(c net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.open, c)
	_ = c.Close()
}

func (p *proxy) stop() {
	_ = p.Close()
	p.mu.Lock()
	for c := range p.open {
		_ = c.Close()
	}
	p.mu.Unlock()
	p.done.Wait()
}
