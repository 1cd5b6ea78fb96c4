package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"strconv"
	"time"
)

// maxBody is more than a proposal ever has: the request in it is 64 KiB at
// most.
const maxBody = 256 << 10

// system answers chudan.
type system struct {
	secrets [][]byte
	ledger  *ledger
	blocked []string // sellers, by their id
	now     func() time.Time
}

// call is what the example reads of a body: yours reads what it keeps.
type call struct {
	Kind    string `json:"kind"`
	ID      string `json:"id"`
	Pool    string `json:"pool"` // of a range
	Size    string `json:"size"`
	Premium struct {
		Currency string `json:"currency"`
		Rounded  string `json:"rounded"` // a text: read it as a decimal, never as a float
	} `json:"premium"`
	Facts   map[string]string `json:"facts"` // that are asked for: their names and types
	Request struct {
		Order struct {
			SellerID string `json:"sellerId"`
		} `json:"orderSubjectMatterInfo"`
	} `json:"request"`
}

func (s *system) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		return
	}
	id := r.Header.Get("Idempotency-Key")
	t, ok := verify(s.secrets, r.Header.Get("Chudan-Signature"), id, body, s.now())
	if !ok {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	var c call
	if err := json.Unmarshal(body, &c); err != nil || c.ID != id {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	answer := func() (entry, error) { return s.ledger.once(id, func() (entry, error) { return s.decide(&c) }) }
	if c.Kind == "facts" {
		answer = func() (entry, error) { return s.facts(&c) }
	}
	said, err := answer()
	if err != nil {
		// Nobody knows whether it was kept: the same id comes again.
		slog.Error("not booked", "id", id, "error", err)
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Chudan-Signature", "t="+t+",v1="+sign(s.secrets[0], fmt.Sprintf("answer %d", said.Status), t, id, said.Answer))
	w.WriteHeader(said.Status)
	_, _ = w.Write(said.Answer)
}

var poolForm = regexp.MustCompile(`^[A-Z]{1,16}$`)

// decide is where a core system does its own work: it is called once for an id,
// and what it answers is kept before anybody is told.
func (s *system) decide(c *call) (entry, error) {
	switch c.Kind {
	case "booking":
		if c.Premium.Currency != "CNY" {
			return declined("CURRENCY", "本系统只记人民币保单", "this system books policies in CNY only")
		}
		number := fmt.Sprintf("CORE%08d", s.ledger.draw("CORE", 1))
		return answered(http.StatusOK, map[string]string{"policyNo": number, "policyFileUrl": "https://core.example/policies/" + number})
	case "range":
		size, err := strconv.ParseUint(c.Size, 10, 20)
		if err != nil || size == 0 || !poolForm.MatchString(c.Pool) || c.Pool == "CORE" {
			return declined("POOL", "没有该号段池", "there is no such pool of numbers")
		}
		from := s.ledger.draw(c.Pool, size)
		return answered(http.StatusOK, map[string]string{"prefix": c.Pool, "from": fmt.Sprintf("%08d", from), "to": fmt.Sprintf("%08d", from+size-1)})
	}
	return declined("KIND", "未知的请求", "a request of an unknown kind")
}

func declined(code, zh, en string) (entry, error) {
	return answered(http.StatusUnprocessableEntity, map[string]any{"declined": code, "message": map[string]string{"zh": zh, "en": en}})
}

func answered(status int, body any) (entry, error) {
	text, err := json.Marshal(body)
	return entry{Status: status, Answer: text}, err
}
