package docs_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chudan-io/chudan/adapters/memory"
	"github.com/chudan-io/chudan/adapters/qimen"
	"github.com/chudan-io/chudan/policy"
	"github.com/chudan-io/chudan/products"
)

// TestAnswers gets each code of an answer: from the request that the page links
// to, or else in the way that it tells.
func TestAnswers(t *testing.T) {
	link := regexp.MustCompile(`\]\((\.\./examples/requests/[a-z-]+)\.json\)`)
	for _, p := range pages(t)["codes"] {
		for _, tab := range p.tables {
			if tab.kind[0] != "wire" {
				continue
			}
			for _, r := range tab.rows {
				code, got := spans(r.cells[0])[0], ""
				if m := link.FindStringSubmatch(r.cells[4]); m != nil {
					answer, err := os.ReadFile(filepath.FromSlash(m[1] + ".answer.json"))
					if err != nil {
						t.Fatal(err)
					}
					a, err := qimen.ParseAnswer(answer)
					if err != nil {
						t.Fatal(err)
					}
					got = a.Code
				} else if provoke := provoked[code]; provoke != nil && r.cells[4] != "" {
					got = provoke(t)
				}
				if got != code {
					t.Errorf("%s:%d: got %q, want %s", p.name, r.line, got, code)
				}
			}
		}
	}
}

// provoked are the codes that one request to the products does not give.
var provoked = map[string]func(*testing.T) string{
	"isv.idempotent-parameter-mismatch:amount": func(t *testing.T) string { return second(t, `"amount":"1018.0"`, `"amount":"1018.01"`) },
	"isv.duplicate-business-key:attrs.premiumFundStreamNo": func(t *testing.T) string {
		return second(t, `"010101004178221080402170019"`, `"another"`, `"010101001178221080402961044"`, `"another"`)
	},
	"sign-check-failure": func(t *testing.T) string {
		return posted(t, nil, func(r *http.Request) { r.URL.RawQuery += "0" })
	},
	"isv.unsupported-content-type": func(t *testing.T) string {
		return posted(t, nil, func(r *http.Request) { r.Header.Set("Content-Type", "text/xml;charset=utf-8") })
	},
	"isv.request-too-large": func(t *testing.T) string {
		body := strings.Replace(string(sample(t)), `"test"`, `"`+strings.Repeat("x", 64<<10)+`"`, 1)
		return code(t, posting(t, nil, []byte(body)))
	},
	"isp.request-in-progress": func(t *testing.T) string { return posted(t, policy.ErrInProgress, nil) },
	"isp.result-unknown":      func(t *testing.T) string { return posted(t, policy.ErrResultUnknown, nil) },
	"isp.service-unavailable": func(t *testing.T) string { return posted(t, policy.ErrUnavailable, nil) },
	"isp.service-timeout":     func(t *testing.T) string { return posted(t, context.DeadlineExceeded, nil) },
	"isp.internal-error":      func(t *testing.T) string { return posted(t, errors.New("a defect"), nil) },
}

// second issues the published request, and then once more with something else in it.
func second(t *testing.T, replace ...string) string {
	t.Helper()
	catalog, err := products.Load(products.Library())
	if err != nil {
		t.Fatal(err)
	}
	keys, err := policy.ParseKeys([]byte(policy.NewKeyFile()))
	if err != nil {
		t.Fatal(err)
	}
	numbering, err := policy.ParseNumbering(policy.DefaultNumberTemplate, map[string]string{"default": "PBDI"})
	if err != nil {
		t.Fatal(err)
	}
	issuer, err := policy.New(policy.Config{
		Catalog: catalog, Store: memory.New(), Keys: keys, Numbering: numbering, PublicURL: "http://127.0.0.1:8080", Clock: clock,
	})
	if err != nil {
		t.Fatal(err)
	}
	if first := code(t, through(t, issuer, sample(t))); first != "SUCCESS" {
		t.Fatalf("the published request: %s", first)
	}
	return code(t, through(t, issuer, []byte(strings.NewReplacer(replace...).Replace(string(sample(t))))))
}

func clock() time.Time { return time.Date(2021, 8, 4, 15, 23, 28, 0, policy.Zone()) }

// issues answers an error, or a receipt.
type issues struct{ err error }

func (i issues) Issue(context.Context, policy.Tenant, *policy.Request) (policy.Receipt, error) {
	return policy.Receipt{PolicyNo: "1", PolicyFileURL: "http://127.0.0.1/1"}, i.err
}

// posted is the code of the answer to the published request, with the request
// changed after it was signed, from an institution that has this trouble.
func posted(t *testing.T, trouble error, change func(*http.Request)) string {
	t.Helper()
	return code(t, posting(t, trouble, sample(t)), change)
}

// exchange is a signed request and who answers it.
type exchange struct {
	door    http.Handler
	request *http.Request
}

func posting(t *testing.T, trouble error, body []byte) exchange {
	t.Helper()
	return through(t, issues{trouble}, body)
}

func through(t *testing.T, issuer qimen.Issuer, body []byte) exchange {
	t.Helper()
	const secret, target = "helloworld", "87654321"
	apps, err := qimen.NewApps(qimen.App{Key: target, Secrets: []qimen.Secret{{Value: secret}}})
	if err != nil {
		t.Fatal(err)
	}
	door, err := qimen.NewHandler(qimen.Config{Issuer: issuer, Apps: apps, Clock: clock, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	client := qimen.Client{URL: "http://127.0.0.1/qimen", AppKey: "12345678", TargetAppKey: target, Secret: secret, Clock: clock}
	request, err := client.NewRequest(t.Context(), body)
	if err != nil {
		t.Fatal(err)
	}
	return exchange{door, request}
}

func code(t *testing.T, x exchange, changes ...func(*http.Request)) string {
	t.Helper()
	for _, change := range changes {
		if change != nil {
			change(x.request)
		}
	}
	w := httptest.NewRecorder()
	x.door.ServeHTTP(w, x.request)
	reply, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := qimen.ParseAnswer(reply)
	if err != nil {
		t.Fatal(err)
	}
	return answer.Code
}
