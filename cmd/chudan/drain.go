package main

import (
	"net/http"
	"time"
)

// quiet is how long no request may have come before the door is closed.
const quiet = time.Second

// leave ends a server so that no request is lost. A connection that is closed
// while a request is on its way over it looks to the caller like a crash, so
// first the callers are told to go: readiness is off, and every answer closes
// its connection. When they have gone, or have had half of the time, the door is
// closed, and whoever is inside gets the rest.
func (s *server) leave(out *http.Server) error {
	deadline := s.leaveBy(time.Now())
	s.leaving.Store(true)
	s.log.Info("leaving: readiness is off, requests are still taken", "drain", s.drain)
	s.awaitQuiet(time.Now().Add(s.drain / 2))
	_ = s.public.Close()
	for s.conns.busy() && time.Now().Before(deadline) {
		time.Sleep(time.Millisecond)
	}
	late := s.conns.busy()
	_ = out.Close()
	if late {
		return &failure{code: exitInternal, text: say("停机超时，仍在处理的请求被中断，请加大 --drain", "ending took too long and requests in flight were cut off; give --drain more time")}
	}
	s.log.Info("left: nothing was in flight")
	return nil
}

// leaveBy is when everything has to have ended, from the first time that it is
// asked for.
func (s *server) leaveBy(now time.Time) time.Time {
	if s.deadline.IsZero() {
		s.deadline = now.Add(s.drain)
	}
	return s.deadline
}

// awaitQuiet waits until no request has come for a while.
func (s *server) awaitQuiet(until time.Time) {
	for now := time.Now(); now.Before(until); now = time.Now() {
		rest := time.Unix(0, s.lastSeen.Load()).Add(quiet).Sub(now)
		if rest <= 0 {
			return
		}
		time.Sleep(min(rest, until.Sub(now)))
	}
}

// draining notes when requests come, and sends callers away while we leave.
func (s *server) draining(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.lastSeen.Store(time.Now().UnixNano())
		if s.leaving.Load() {
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, r)
	})
}
