package qimen

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/chudan-io/chudan/policy"
)

// Handler answers qimen.alibaba.finance.insurance.policy.issuing. Mount it
// under the path that the platform was told; it answers POST with 200 and JSON
// whatever becomes of the request, and anything else with 405.
type Handler struct {
	issuer   Issuer
	unread   func(context.Context, policy.Tenant, []byte, policy.Faults)
	verifier verifier
	gate     *gate
	timeout  time.Duration
	maxBody  int64
	observer Observer
	log      *slog.Logger
}

// NewHandler makes a Handler; the error names what is wrong with the Config.
func NewHandler(c Config) (*Handler, error) {
	if err := c.validate(); err != nil {
		return nil, err
	}
	h := &Handler{
		issuer: c.Issuer, unread: c.Unread,
		verifier: verifier{
			apps:   c.Apps,
			clock:  time.Now,
			window: orDefault(c.Window, 10*time.Minute),
			lax:    c.Lax,
			signed: make(map[string]bool),
			origin: origin{allowed: c.AllowFrom, proxies: c.TrustedProxies},
		},
		gate:     newGate(orDefault(c.MaxWorking, 256), orDefault(c.MaxWaiting, 1024)),
		timeout:  orDefault(c.Timeout, 3*time.Second),
		maxBody:  orDefault(c.MaxBody, 64<<10),
		observer: c.Observer,
		log:      orDefault(c.Log, slog.Default()),
	}
	if c.Clock != nil {
		h.verifier.clock = c.Clock
	}
	for _, name := range c.SignedHeaders {
		h.verifier.signed[http.CanonicalHeaderKey(name)] = true
	}
	return h, nil
}

// ServeHTTP answers one request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "POST only", http.StatusMethodNotAllowed)
		return
	}
	c := &call{began: time.Now(), reference: policy.NewReference(), lang: policy.Chinese}
	answer := h.answer(c, w, r)
	var space [512]byte
	reply := policyIssuing.append(space[:0], &answer)
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(reply)))
	_, _ = w.Write(reply) //nolint:gosec // JSON, and told to be; a caller who is gone asks again
	h.record(r.Context(), c, &answer)
}

// answer finds the answer to a request. Nothing that panics below brings down
// the server, or shows outside.
func (h *Handler) answer(c *call, w http.ResponseWriter, r *http.Request) (a Answer) {
	defer func() {
		if v := recover(); v != nil {
			a = newAnswer(policy.Receipt{}, c.panicked(v), c.lang, c.reference)
		}
	}()
	receipt, err := h.serve(c, w, r)
	if errors.Is(err, errUnverified) {
		return signFailure
	}
	c.err = err
	return newAnswer(receipt, err, c.lang, c.reference)
}

// errUnverified is the error of whatever fails to prove that it comes from the
// platform; the call keeps the reason.
var errUnverified = errors.New("qimen: not verified")

func (h *Handler) serve(c *call, w http.ResponseWriter, r *http.Request) (policy.Receipt, error) {
	body, err := h.read(c, w, r)
	if err != nil {
		w.Header().Set("Connection", "close") // what is left of the body is not worth reading
		return policy.Receipt{}, err
	}
	content := parseContentType(r.Header.Get("Content-Type"))
	v, err := h.verifier.verify(r, content, body)
	if err != nil {
		c.reason = err.Error()
		return policy.Receipt{}, errUnverified
	}
	c.app, c.lang = v.app, orDefault(v.app.Lang, policy.Chinese)
	if c.request, err = c.decode(v, content, body); err != nil {
		if h.unread != nil {
			h.unread(policy.WithReference(r.Context(), c.reference), v.app.Tenant, body, policy.FaultsOf(err))
		}
		return policy.Receipt{}, err
	}
	// The work goes on when the caller is gone: he will ask again, and then the
	// answer had better be there.
	ctx, cancel := context.WithDeadline(context.WithoutCancel(r.Context()), c.began.Add(h.timeout))
	defer cancel()
	if err := h.gate.enter(ctx, r.Context()); err != nil {
		return policy.Receipt{}, err
	}
	defer h.gate.leave()
	return h.issuer.Issue(policy.WithReference(ctx, c.reference), v.app.Tenant, c.request)
}

// read takes the body in, up to the limit and the deadline. What is too large
// is refused before it is looked at: that tells nothing to whoever cannot sign.
func (h *Handler) read(c *call, w http.ResponseWriter, r *http.Request) ([]byte, error) {
	// Where the server cannot bound the time, as httptest's recorder, nothing
	// can arrive slowly either. What is refused here keeps the bound, for the
	// server reads on for a while before it closes.
	bound := http.NewResponseController(w)
	_ = bound.SetReadDeadline(c.began.Add(h.timeout))
	if r.ContentLength > h.maxBody {
		return nil, c.refuse(tooLarge(h.maxBody))
	}
	var body []byte
	var err error
	if r.ContentLength >= 0 {
		body = make([]byte, r.ContentLength)
		_, err = io.ReadFull(r.Body, body)
	} else {
		body, err = io.ReadAll(io.LimitReader(r.Body, h.maxBody+1))
	}
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, fmt.Errorf("qimen: the body came too slowly: %w", context.DeadlineExceeded)
	case err != nil:
		c.reason = "the body broke off"
		return nil, errUnverified
	case int64(len(body)) > h.maxBody:
		return nil, c.refuse(tooLarge(h.maxBody))
	}
	_ = bound.SetReadDeadline(time.Time{})
	return body, nil
}
