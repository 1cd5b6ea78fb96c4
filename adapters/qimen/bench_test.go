package qimen_test

import (
	"bytes"
	"crypto/md5"
	stdjson "encoding/json"
	"io"
	"net/http"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/chudan-io/chudan/adapters/qimen"
	"github.com/chudan-io/chudan/policy"
)

// BenchmarkSign beside MD5 over the body alone, which nothing can beat.
func BenchmarkSign(b *testing.B) {
	body := sample(b)
	b.Run("limit/md5", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			md5.Sum(body)
		}
	})
	b.Run("sign", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := qimen.Sign(secret, jsonUTF8, publicQuery, nil, body); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkDecode reads the published request. The peers read structs and check
// nothing; they get insurePeriod as text, so that they read all of it.
func BenchmarkDecode(b *testing.B) {
	body := sample(b)
	texts := bytes.Replace(body, []byte(`"insurePeriod":40`), []byte(`"insurePeriod":"40"`), 1)
	b.Run("peer/jsonv2", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := json.Unmarshal(texts, new(policy.Request)); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("peer/encoding-json", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := stdjson.Unmarshal(texts, new(policy.Request)); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("decode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, faults := qimen.Decode(body, qimen.DecodeOptions{}); faults != nil {
				b.Fatal(faults)
			}
		}
	})
	b.Run("decode+shape", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			r, _ := qimen.Decode(body, qimen.DecodeOptions{})
			if _, faults := policy.NewApplication(r); faults != nil {
				b.Fatal(faults)
			}
		}
	})
}

// BenchmarkHandler answers the published request without the network: ours
// with its signature, and one that reads and writes JSON and checks nothing.
func BenchmarkHandler(b *testing.B) {
	body := sample(b)
	texts := bytes.Replace(body, []byte(`"insurePeriod":40`), []byte(`"insurePeriod":"40"`), 1)
	b.Run("peer/echo", func(b *testing.B) {
		benchHandler(b, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			text, err := io.ReadAll(r.Body)
			if err != nil {
				b.Fatal(err)
			}
			var q policy.Request
			if err := stdjson.Unmarshal(text, &q); err != nil {
				b.Fatal(err)
			}
			reply, err := stdjson.Marshal(map[string]any{"success": "true", "errorCode": "SUCCESS", "errorMessage": "OK", "context": receipt})
			if err != nil {
				b.Fatal(err)
			}
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write(reply)
		}), post{body: texts})
	})
	b.Run("ours", func(b *testing.B) {
		benchHandler(b, newHandler(b, qimen.Config{}), post{body: body})
	})
}

func benchHandler(b *testing.B, h http.Handler, p post) {
	r := p.sign(b)
	reader := bytes.NewReader(p.body)
	r.Body = io.NopCloser(reader)
	w := &discard{header: make(http.Header)}
	b.ReportAllocs()
	for b.Loop() {
		reader.Reset(p.body)
		clear(w.header)
		h.ServeHTTP(w, r)
	}
	if w.status != 0 || w.written/b.N < 150 {
		b.Fatalf("status %d, %d bytes an answer", w.status, w.written/b.N)
	}
}

// discard is a ResponseWriter that keeps nothing.
type discard struct {
	header  http.Header
	status  int
	written int
}

func (d *discard) Header() http.Header { return d.header }
func (d *discard) WriteHeader(s int)   { d.status = s }
func (d *discard) Write(p []byte) (int, error) {
	d.written += len(p)
	return len(p), nil
}
