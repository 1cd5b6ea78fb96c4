// Package document serves policies as pages (电子保单): one HTML page each,
// in Chinese with short English subtitles, made to be read and printed on A4.
// It needs no scripts, pictures or fonts from elsewhere.
//
// Mount it where the issuer's links point:
//
//	pages, err := document.New(document.Config{Policies: issuer, Insurer: insurer})
//	http.Handle("/policies/", pages)
//
// Whoever holds a link may read the policy, so nothing on its way may keep or
// pass on the link: the answers forbid caching, indexing and referrers. A wrong
// number and a wrong token get the same answer.
package document

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/chudan-io/chudan/policy"
)

// Policies finds policies: a *policy.Issuer.
type Policies interface {
	// Policy gives the policy with this number to whoever holds the token of its
	// link, policy.ErrErased where its retention is over, and policy.ErrNotFound
	// to everybody else.
	Policy(ctx context.Context, number, token string) (policy.Case, error)
}

// Insurer is the insurer (保险人) as it stands on its policies. Only the name is
// required; the law asks for the address too.
type Insurer struct {
	Name                    policy.Text
	Address, Phone, Website string
}

// Config is what the pages need.
type Config struct {
	Policies Policies
	Insurer  Insurer

	// Filing is the number under which an edition was filed with the regulator
	// (备案编号), "" where there is none. It may be nil.
	Filing func(product, edition string) string

	Logger  *slog.Logger  // of trouble, never of links; nothing is logged where it is nil
	Timeout time.Duration // of a look into the store; 3 s where it is 0
}

func (c *Config) validate() error {
	switch {
	case c.Policies == nil:
		return errors.New("document: Config needs Policies (a *policy.Issuer)")
	case c.Insurer.Name == policy.Text{}:
		return errors.New("document: Config needs the insurer's name")
	}
	return nil
}

// New makes the handler of /policies/{number}/{token}.
func New(c Config) (http.Handler, error) {
	if err := c.validate(); err != nil {
		return nil, err
	}
	c.Insurer.Name.ZH = c.Insurer.Name.In(policy.Chinese)
	c.Timeout = cmp.Or(c.Timeout, 3*time.Second)
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return &handler{c}, nil
}

type handler struct{ Config }

// root is where the issuer's links point.
const root = "/policies/"

// retryAfter is told, in seconds, while the store is in trouble.
const retryAfter = "5"

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		answer(w, http.StatusMethodNotAllowed, noticePage(wrongMethod))
		return
	}
	number, token, ok := parseLink(r.URL.Path)
	if !ok {
		answer(w, http.StatusNotFound, noticePage(noSuchPolicy))
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), h.Timeout)
	defer cancel()
	found, err := h.Policies.Policy(ctx, number, token)
	switch {
	case err == nil:
		answer(w, http.StatusOK, h.policyPage(&found))
	case errors.Is(err, policy.ErrNotFound):
		answer(w, http.StatusNotFound, noticePage(noSuchPolicy))
	case errors.Is(err, policy.ErrErased):
		answer(w, http.StatusGone, noticePage(erased))
	default:
		h.Logger.LogAttrs(ctx, slog.LevelError, "a policy could not be shown", slog.String("policyNo", number), slog.Any("error", err))
		w.Header().Set("Retry-After", retryAfter)
		answer(w, http.StatusServiceUnavailable, noticePage(unavailable))
	}
}

// parseLink reads /policies/{number}/{token}.
func parseLink(path string) (number, token string, ok bool) {
	rest, ok := strings.CutPrefix(path, root)
	if !ok {
		return "", "", false
	}
	number, token, ok = strings.Cut(rest, "/")
	return number, token, ok && number != "" && token != "" && !strings.Contains(token, "/")
}

// answer sends a page that nobody may keep, index, frame or load anything into.
func answer(w http.ResponseWriter, status int, page *bytes.Buffer) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(page.Len()))
	h.Set("Content-Language", "zh-CN")
	h.Set("Cache-Control", "private, no-store")
	h.Set("Content-Security-Policy", contentSecurity)
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Robots-Tag", "noindex")
	w.WriteHeader(status)
	_, _ = w.Write(page.Bytes()) //nolint:gosec // html/template has escaped it
}
