package main

import (
	"net/http"
	"sync/atomic"
)

// turns gives requests to handlers one after the other, as a balancer does.
type turns struct {
	handlers []http.Handler
	next     atomic.Uint64
}

func (t *turns) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	t.handlers[t.next.Add(1)%uint64(len(t.handlers))].ServeHTTP(w, r)
}
