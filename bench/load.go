package main

import (
	"bufio"
	"bytes"
	"cmp"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

const (
	connections = 64
	benchSecret = "bench-secret-not-for-production"
)

// flow is what a server did under load.
type flow struct {
	perSecond float64
	p99       time.Duration
}

// load sends the requests over 64 connections, each waiting for its answer
// before it sends the next, and refuses an answer without success.
func load(addr string, requests [][]byte) (flow, error) {
	latencies := make([]time.Duration, len(requests))
	errs := make([]error, connections)
	var wg sync.WaitGroup
	start := time.Now()
	for c := range connections {
		wg.Go(func() {
			errs[c] = talk(addr, requests, latencies, c)
		})
	}
	wg.Wait()
	took := time.Since(start)
	if err := cmp.Or(errs...); err != nil {
		return flow{}, err
	}
	slices.Sort(latencies)
	return flow{float64(len(requests)) / took.Seconds(), latencies[len(latencies)*99/100]}, nil
}

// talk sends every 64th request over one connection.
func talk(addr string, requests [][]byte, latencies []time.Duration, first int) error {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer conn.Close() //nolint:errcheck // nothing is lost with it
	answers := bufio.NewReader(conn)
	for i := first; i < len(requests); i += connections {
		start := time.Now()
		if _, err := conn.Write(requests[i]); err != nil {
			return err
		}
		resp, err := http.ReadResponse(answers, nil)
		if err != nil {
			return err
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		latencies[i] = time.Since(start)
		if err != nil || !bytes.Contains(body, []byte(`"true"`)) {
			return fmt.Errorf("request %d: %s: %w", i, body, cmp.Or(err, errRefused))
		}
	}
	return nil
}

// serve runs a handler on loopback while f loads it.
func serve(h http.Handler, f func(addr string) (flow, error)) (flow, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return flow{}, err
	}
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	result, err := f(listener.Addr().String())
	_ = server.Close()
	<-done
	return result, err
}
