package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/chudan-io/chudan/adapters/core"
)

const (
	maxProposal = 1 << 20 // bytes
	maxAge      = 5 * time.Minute
)

// house books. Where a real core system has a table whose primary key is the
// proposal's id, written in the transaction in which it books, this has a map.
type house struct {
	secrets core.Secrets
	clock   func() time.Time

	mu      sync.Mutex
	answers map[string]answer // by id
	last    int
}

// answer is what was answered, and is answered again.
type answer struct {
	status int
	body   []byte
}

func newHouse(s core.Secrets, clock func() time.Time) *house {
	return &house{secrets: s, clock: clock, answers: make(map[string]answer)}
}

// ServeHTTP verifies, books and signs.
func (h *house) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost || r.URL.Path != "/bookings" {
		http.NotFound(w, r)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxProposal))
	if err != nil {
		http.Error(w, "the body is too large, or broke off", http.StatusBadRequest)
		return
	}
	id, at, ok := h.verify(r.Header, body)
	if !ok {
		http.Error(w, "the signature does not hold, or is too old", http.StatusUnauthorized)
		return
	}
	a, err := h.book(id, body)
	if err != nil {
		http.Error(w, "the proposal does not read", http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set(core.SignatureHeader, h.secrets.Sign(core.Message{Part: core.AnswerPart(a.status), At: at, ID: id, Body: a.body}))
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) // whoever has gone asks again
}

// verify tells who is asked for, and when, if chudan has signed it just now.
func (h *house) verify(header http.Header, body []byte) (id string, at int64, ok bool) {
	id, signature := header.Get(core.IDHeader), header.Get(core.SignatureHeader)
	seconds, _, _ := strings.Cut(strings.TrimPrefix(signature, "t="), ",")
	at, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil || h.clock().Sub(time.Unix(at, 0)).Abs() > maxAge {
		return "", 0, false
	}
	err = h.secrets.Verify(signature, core.Message{Part: "request", At: at, ID: id, Body: body})
	return id, at, err == nil
}

// book books an id once. This house does not insure category 50023914.
func (h *house) book(id string, body []byte) (answer, error) {
	var proposal struct {
		ID      string `json:"id"`
		Request struct {
			Order struct {
				Category string `json:"subjectMatterCategory"`
			} `json:"orderSubjectMatterInfo"`
		} `json:"request"`
	}
	if err := json.Unmarshal(body, &proposal); err != nil || proposal.ID != id || id == "" {
		return answer{}, fmt.Errorf("no proposal (%w)", err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if a, again := h.answers[id]; again {
		return a, nil
	}
	a := answer{http.StatusUnprocessableEntity, []byte(`{"declined":"CATEGORY","message":{"zh":"该类目不承保","en":"this category is not insured"}}`)}
	if proposal.Request.Order.Category != "50023914" {
		h.last++
		a = answer{http.StatusOK, fmt.Appendf(nil, `{"policyNo":"CORE-%08d"}`, h.last)}
	}
	h.answers[id] = a
	return a, nil
}
