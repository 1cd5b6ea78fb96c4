package main

import (
	"github.com/prometheus/client_golang/prometheus"
)

// shelfMetrics tell which products are sold, and what became of those that
// were offered since. They are there where a directory is watched.
type shelfMetrics struct {
	reloads *prometheus.CounterVec
	info    *prometheus.GaugeVec
	loaded  prometheus.Gauge
	good    prometheus.Gauge
}

func newShelfMetrics(registry *prometheus.Registry) *shelfMetrics {
	m := &shelfMetrics{
		reloads: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "chudan_products_reloads_total",
			Help: "What became of changed products, the start included: swapped, refused (they do not load, or do not pass their tests), unreadable.",
		}, []string{"outcome"}),
		info: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "chudan_products_info",
			Help: "1, with the SHA-256 of the products in use.",
		}, []string{"digest"}),
		loaded: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "chudan_products_loaded_timestamp_seconds",
			Help: "When the products in use were taken into use, in Unix time.",
		}),
		good: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "chudan_products_last_reload_successful",
			Help: "1 where the products in use are those of the directory, 0 where those were not taken.",
		}),
	}
	for _, outcome := range []string{outcomeSwapped, outcomeRefused, outcomeUnreadable} {
		m.reloads.WithLabelValues(outcome)
	}
	registry.MustRegister(m.reloads, m.info, m.loaded, m.good)
	return m
}

// swapped notes that products were taken into use.
func (m *shelfMetrics) swapped(digest string) {
	m.info.Reset()
	m.info.WithLabelValues(digest).Set(1)
	m.loaded.SetToCurrentTime()
	m.good.Set(1)
	m.reloads.WithLabelValues(outcomeSwapped).Inc() // the last: whoever waits for it finds the others done
}

// kept notes that those from before stay in use.
func (m *shelfMetrics) kept(outcome string) {
	m.good.Set(0)
	m.reloads.WithLabelValues(outcome).Inc()
}

// same notes that the directory holds what is in use.
func (m *shelfMetrics) same() { m.good.Set(1) }
