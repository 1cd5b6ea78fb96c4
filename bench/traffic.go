package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/chudan-io/chudan/adapters/memory"
	"github.com/chudan-io/chudan/adapters/qimen"
	"github.com/chudan-io/chudan/adapters/sqlite"
	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
)

const (
	contentType = "application/json;charset=UTF-8"
	appKey      = "12345678"
)

// signedRequests are n applications like the published one, each with its own
// identifier and payment, signed as the gateway signs, ready to be written to
// a connection.
func signedRequests(n int, label string) ([][]byte, error) {
	data, err := sampleBytes()
	if err != nil {
		return nil, err
	}
	query := "app_key=" + appKey + "&format=json&method=" + qimen.MethodPolicyIssuing +
		"&sign_method=md5&target_app_key=" + appKey + "&timestamp=" + url.QueryEscape(time.Now().In(policy.Zone()).Format(time.DateTime)) + "&v=2.0"
	requests := make([][]byte, n)
	for i := range requests {
		id := fmt.Appendf(nil, "%s%022d", label, i)
		body := bytes.Replace(data, []byte("010101004178221080402170019"), id, 1)
		body = bytes.Replace(body, []byte("2021080410002001660575461643"), id, 1)
		sign, err := qimen.Sign(benchSecret, contentType, query, nil, body)
		if err != nil {
			return nil, err
		}
		requests[i] = fmt.Appendf(nil, "POST /qimen?%s&sign=%s HTTP/1.1\r\nHost: bench\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s",
			query, sign, contentType, len(body), body)
	}
	return requests, nil
}

// door is our handler over a store.
func door(store policy.Store) (http.Handler, error) {
	catalog, err := products.Load(products.Library())
	if err != nil {
		return nil, err
	}
	keys, err := policy.ParseKeys([]byte(policy.NewKeyFile()))
	if err != nil {
		return nil, err
	}
	numbering, err := policy.ParseNumbering(policy.DefaultNumberTemplate, map[string]string{"default": "PBDI"})
	if err != nil {
		return nil, err
	}
	issuer, err := policy.New(policy.Config{
		Catalog: catalog, Store: store, Keys: keys, Numbering: numbering,
		PublicURL: "https://policies.example.com", Clock: time.Now,
	})
	if err != nil {
		return nil, err
	}
	return handler(issuer)
}

func handler(issuer qimen.Issuer) (http.Handler, error) {
	apps, err := qimen.NewApps(qimen.App{Key: appKey, Secrets: []qimen.Secret{{Value: benchSecret}}})
	if err != nil {
		return nil, err
	}
	return qimen.NewHandler(qimen.Config{Issuer: issuer, Apps: apps, Log: slog.New(slog.DiscardHandler)})
}

// decider answers without a store: what decoding, signing and deciding cost.
type decider struct{ catalog policy.Catalog }

func (d decider) Issue(_ context.Context, _ policy.Tenant, r *policy.Request) (policy.Receipt, error) {
	decision, err := policy.Decide(d.catalog, r)
	if err != nil || decision.Verdict() > policy.Note {
		return policy.Receipt{}, errRefused
	}
	return policy.Receipt{PolicyNo: "PBDI20210804000000016", PolicyFileURL: "https://policies.example.com/policies/PBDI2021080400000001L"}, nil
}

func deciding() (http.Handler, func(), error) {
	catalog, err := products.Load(products.Library())
	if err != nil {
		return nil, nil, err
	}
	h, err := handler(decider{catalog})
	return h, func() {}, err
}

// echo decodes into a struct and answers: what net/http and encoding/json cost
// anybody.
func echo() (http.Handler, func(), error) {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var q straightRequest
		if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]string{"success": "true", "policyNo": q.Identifier})
	}), func() {}, nil
}

func withMemory() (http.Handler, func(), error) {
	h, err := door(memory.New())
	return h, func() {}, err
}

func withSQLite() (http.Handler, func(), error) {
	dir, err := os.MkdirTemp("", "chudan-bench-")
	if err != nil {
		return nil, nil, err
	}
	store, err := sqlite.Open(context.Background(), sqlite.Config{Path: filepath.Join(dir, "bench.db")})
	if err != nil {
		return nil, nil, err
	}
	h, err := door(store)
	return h, func() { _ = store.Close(); _ = os.RemoveAll(dir) }, err
}

func straightAlone() (http.Handler, func(), error) {
	h, err := newStraight(nil)
	return h, func() {}, err
}

func straightWithSQLite() (http.Handler, func(), error) {
	dir, err := os.MkdirTemp("", "chudan-bench-")
	if err != nil {
		return nil, nil, err
	}
	store, err := openStraightStore(filepath.Join(dir, "bench.db"))
	if err != nil {
		return nil, nil, err
	}
	h, err := newStraight(store)
	return h, func() { store.close(); _ = os.RemoveAll(dir) }, err
}

// server is one way to serve; the first of a contest is ours.
type server struct {
	name string
	open func() (http.Handler, func(), error)
}

// flows loads the servers in turn, for a few rounds, each with new identifiers
// and a fresh store.
func flows(servers []server, requests, turns int) ([][]flow, error) {
	all := make([][]flow, len(servers))
	for turn := range turns {
		signed, err := signedRequests(requests, fmt.Sprintf("t%d", turn))
		if err != nil {
			return nil, err
		}
		for i, s := range servers {
			h, closeAll, err := s.open()
			if err != nil {
				return nil, fmt.Errorf("%s: %w", s.name, err)
			}
			f, err := serve(h, func(addr string) (flow, error) { return load(addr, signed) })
			closeAll()
			if err != nil {
				return nil, fmt.Errorf("%s: %w", s.name, err)
			}
			all[i] = append(all[i], f)
		}
	}
	return all, nil
}
