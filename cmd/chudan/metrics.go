package main

import (
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// metrics counts what is answered. It is a qimen.Observer.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	working  prometheus.Gauge
}

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "chudan_requests_total",
			Help: "Answers to policy.issuing by errorCode; SUCCESS counts replays too.",
		}, []string{"code"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "chudan_request_duration_seconds",
			Help:    "From the first byte to the answer, by outcome: success, refused (isv.), trouble (isp.), unsigned.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5},
		}, []string{"outcome"}),
		working: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "chudan_requests_in_flight",
			Help: "Requests to policy.issuing that have not been answered yet.",
		}),
	}
	m.registry.MustRegister(m.requests, m.duration, m.working,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Observe is qimen.Observer's.
func (m *metrics) Observe(code string, took time.Duration) {
	m.requests.WithLabelValues(code).Inc()
	m.duration.WithLabelValues(outcome(code)).Observe(took.Seconds())
}

func outcome(code string) string {
	switch {
	case code == "SUCCESS":
		return "success"
	case strings.HasPrefix(code, "isp."):
		return "trouble"
	case strings.HasPrefix(code, "isv."):
		return "refused"
	}
	return "unsigned"
}

// inFlight counts the requests that are being answered.
func (m *metrics) inFlight(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.working.Inc()
		defer m.working.Dec()
		next.ServeHTTP(w, r)
	})
}
