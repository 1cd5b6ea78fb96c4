package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/chudan-io/chudan/adapters/qimen"
)

// prober asks an endpoint.
type prober struct {
	client  qimen.Client
	http    *http.Client
	request map[string]json.RawMessage // the one that all others are made of
	prefix  string
	timeout time.Duration

	issued *issuedProbe // the request that later probes repeat; nil until it is issued

	mu       sync.Mutex
	policies map[string]bool // numbers of all that were issued
	gone     *unreachable    // set where nobody answers
}

// issuedProbe is a request that the endpoint has issued, and its answer.
type issuedProbe struct {
	suffix string
	body   []byte
	answer endpointAnswer
}

// unreachable is the error of an endpoint where nobody is.
type unreachable struct{ err error }

func (u *unreachable) Error() string { return u.err.Error() }

func newProber(client qimen.Client, request []byte, prefix string, timeout time.Duration) (*prober, error) {
	p := &prober{client: client, prefix: prefix, timeout: timeout, policies: make(map[string]bool)}
	if err := json.Unmarshal(bytes.TrimPrefix(request, []byte("\xef\xbb\xbf")), &p.request); err != nil {
		return nil, err
	}
	if p.request == nil {
		return nil, errors.New("null")
	}
	p.http = &http.Client{
		Transport:     http.DefaultTransport.(*http.Transport).Clone(),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return p, nil
}

// body is the request under an identifier, and a payment, of its own.
func (p *prober) body(suffix string) []byte {
	text, _ := json.Marshal(p.prefix + suffix)
	members := copyMembers(p.request)
	members["identifier"] = text
	if attrs := object(members["attrs"]); attrs["premiumFundStreamNo"] != nil {
		attrs["premiumFundStreamNo"] = text
		members["attrs"] = encode(attrs)
	}
	return encode(members)
}

// alterable are texts that an insurer writes down as they are: a change of one
// is a change of the request, and no reason to refuse it. One of them is always
// there in a request that was issued.
var alterable = [][2]string{
	{"orderSubjectMatterInfo", "subjectMatterName"}, {"applicantCompanyInfo", "companyAddress"}, {"insuredPersonalInfo", "personName"}, {"", "insureId"},
}

// altered is a request with one text changed.
func (p *prober) altered(suffix string) []byte {
	members := object(p.body(suffix))
	for _, path := range alterable {
		in := members
		if path[0] != "" {
			in = object(members[path[0]])
		}
		var text string
		if json.Unmarshal(in[path[1]], &text) != nil || text == "" {
			continue
		}
		in[path[1]] = json.RawMessage(`"` + "ALTERED" + `"`)
		if path[0] != "" {
			members[path[0]] = encode(in)
		}
		return encode(members)
	}
	members["insureId"] = json.RawMessage(`"ALTERED"`)
	return encode(members)
}

// nothing is a request that no endpoint can issue: an identifier alone.
func (p *prober) nothing(suffix string) []byte {
	return fmt.Appendf(nil, `{"identifier":%q}`, p.prefix+suffix)
}

func object(text []byte) map[string]json.RawMessage {
	var members map[string]json.RawMessage
	_ = json.Unmarshal(text, &members) // what is no object has no members
	return members
}

func copyMembers(members map[string]json.RawMessage) map[string]json.RawMessage {
	return object(encode(members))
}

// encode writes members that were read before. Chinese stays as it is, so that
// charsets are tried.
func encode(members map[string]json.RawMessage) []byte {
	text, _ := json.Marshal(members) // raw members that were valid are so still
	return text
}

// ask signs a body, has the request changed, sends it, and reads the answer.
func (p *prober) ask(ctx context.Context, client qimen.Client, body []byte, change func(*http.Request)) (endpointAnswer, error) {
	ctx, cancel := context.WithTimeout(ctx, p.timeout)
	defer cancel()
	r, err := client.NewRequest(ctx, body)
	if err != nil {
		return endpointAnswer{}, err
	}
	if change != nil {
		change(r)
	}
	return p.send(r)
}

// maxAnswer bounds what is read of an answer, in bytes.
const maxAnswer = 1 << 20

func (p *prober) send(r *http.Request) (endpointAnswer, error) {
	resp, err := p.http.Do(r)
	if err != nil {
		return endpointAnswer{}, p.broken(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return endpointAnswer{}, p.broken(err)
	}
	if len(raw) > maxAnswer {
		return endpointAnswer{}, fmt.Errorf("the answer is over %d bytes", maxAnswer)
	}
	a := readAnswer(resp, raw)
	if a.success {
		p.mu.Lock()
		p.policies[a.policyNo] = true
		p.mu.Unlock()
	}
	return a, nil
}

// broken is an error of the transport without the URL and the signature in it.
// Who cannot be reached at all need not be asked again.
func (p *prober) broken(err error) error {
	if failed := (*url.Error)(nil); errors.As(err, &failed) {
		err = failed.Err
	}
	if dial := (*net.OpError)(nil); errors.As(err, &dial) && dial.Op == "dial" {
		p.mu.Lock()
		p.gone = &unreachable{err}
		p.mu.Unlock()
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%w", context.DeadlineExceeded)
	}
	return err
}
