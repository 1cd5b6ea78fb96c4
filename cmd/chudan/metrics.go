package main

import (
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/chudan-io/chudan/adapters/queue"
)

// metrics counts what is answered. It is a qimen.Observer, a queue.Observer and
// a queue.RelayObserver.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	working  prometheus.Gauge

	messages  *prometheus.CounterVec
	deciding  prometheus.Histogram
	published prometheus.Counter
	unsent    prometheus.Counter
	oldest    prometheus.Gauge

	completed prometheus.Counter
	unkept    prometheus.Counter
	facts     *prometheus.HistogramVec
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
		messages: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "chudan_queue_messages_total",
			Help: "Messages from the queue by what became of them: issued (replays too), refused, retried, dead, panicked.",
		}, []string{"outcome"}),
		deciding: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "chudan_queue_decision_seconds",
			Help:    "Deciding a message from the queue, without fetching and answering it.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}),
		published: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "chudan_events_published_total",
			Help: "Events that the broker has taken from the outbox.",
		}),
		unsent: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "chudan_events_failures_total",
			Help: "Attempts at publishing events that failed; they are repeated.",
		}),
		oldest: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "chudan_events_oldest_seconds",
			Help: "Age of the oldest event that the last look at the outbox found; 0 where it was empty. It grows while publishing fails.",
		}),
		completed: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "chudan_bookings_completed_total",
			Help: "Bookings in a core system that a call had left and that were finished later.",
		}),
		unkept: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "chudan_journal_failures_total",
			Help: "Requests that the journal could not keep; they were answered all the same.",
		}),
		facts: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "chudan_facts_call_seconds",
			Help:    "Calls of the systems that answer facts, by outcome: answered, failed. After a failed one the product's on_error applies.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5},
		}, []string{"outcome"}),
	}
	m.registry.MustRegister(m.requests, m.duration, m.working,
		m.messages, m.deciding, m.published, m.unsent, m.oldest, m.completed, m.unkept, m.facts,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Observe is qimen.Observer's.
func (m *metrics) Observe(code string, took time.Duration) {
	m.requests.WithLabelValues(code).Inc()
	m.duration.WithLabelValues(outcome(code)).Observe(took.Seconds())
}

// asked counts a call for facts.
func (m *metrics) asked(took time.Duration, err error) {
	outcome := "answered"
	if err != nil {
		outcome = "failed"
	}
	m.facts.WithLabelValues(outcome).Observe(took.Seconds())
}

// Message is queue.Observer's.
func (m *metrics) Message(outcome queue.Outcome, took time.Duration) {
	m.messages.WithLabelValues(string(outcome)).Inc()
	m.deciding.Observe(took.Seconds())
}

// Relayed is queue.RelayObserver's.
func (m *metrics) Relayed(published int, oldest time.Duration, err error) {
	m.published.Add(float64(published))
	m.oldest.Set(oldest.Seconds())
	if err != nil {
		m.unsent.Inc()
	}
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
