package main

import (
	"net"
	"net/http"
	"sync"
	"time"
)

// census knows the connections of a server. http.Server.Shutdown is no use in
// its place: it closes a connection on which a request is just arriving without
// a word, and waits seconds for one over which none ever comes.
type census struct {
	mu    sync.Mutex
	conns map[net.Conn]connection
}

type connection struct {
	state http.ConnState
	since time.Time
}

// note is an http.Server's ConnState.
func (c *census) note(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch state {
	case http.StateClosed, http.StateHijacked:
		delete(c.conns, conn)
	case http.StateNew, http.StateActive, http.StateIdle:
		if c.conns == nil {
			c.conns = make(map[net.Conn]connection)
		}
		c.conns[conn] = connection{state, time.Now()}
	}
}

// busy tells whether a request is being answered, or may be on its way over a
// connection that was opened a moment ago.
func (c *census) busy() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, conn := range c.conns {
		if conn.state == http.StateActive || conn.state == http.StateNew && time.Since(conn.since) < quiet {
			return true
		}
	}
	return false
}
