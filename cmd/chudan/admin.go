package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/chudan-io/chudan/policy"
)

// probeTimeout is how long the store may take to answer a probe.
const probeTimeout = 2 * time.Second

// adminHandler is what operators and their machines look at.
//
//   - /healthz: the process runs; where it fails, restart it
//   - /readyz: requests can be taken; where it fails, send them elsewhere
//   - /metrics: for Prometheus
func (s *server) adminHandler(store policy.Store) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { reply(w, http.StatusOK, "ok") })
	mux.HandleFunc("/readyz", func(w http.ResponseWriter, r *http.Request) {
		switch err := probe(r.Context(), store); {
		case s.leaving.Load():
			reply(w, http.StatusServiceUnavailable, "leaving")
		case err != nil:
			s.log.Error("the store cannot be reached", "error", err)
			reply(w, http.StatusServiceUnavailable, "the store cannot be reached")
		default:
			reply(w, http.StatusOK, "ready")
		}
	})
	mux.Handle("/metrics", promhttp.HandlerFor(s.metrics.registry, promhttp.HandlerOpts{}))
	return mux
}

func reply(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text+"\n")
}

// probe asks the store whether it can be worked with: one that can tell tells,
// over a connection that no request waits for; any other is asked for a policy
// that cannot be, for no number is empty.
func probe(ctx context.Context, store policy.Store) error {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	if p, can := store.(interface {
		Ping(ctx context.Context) error
	}); can {
		return p.Ping(ctx)
	}
	if _, err := store.Policy(ctx, ""); !errors.Is(err, policy.ErrNotFound) {
		return err
	}
	return nil
}
