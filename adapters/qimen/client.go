package qimen

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/chudan-io/chudan/policy"
)

// Client calls as the gateway does: for tests, and for an institution that
// wants to see its own endpoint answer.
type Client struct {
	URL          string // of the endpoint, without a query
	AppKey       string // of the caller; left out where empty
	TargetAppKey string // of the institution's app; left out where empty
	Secret       string // of the institution's app

	Charset string           // of the body and the Content-Type; default utf-8
	Clock   func() time.Time // for the timestamp; default time.Now
	HTTP    *http.Client     // default: 30 seconds for a call, as the gateway's longest
}

// maxReply bounds what is read of an answer, in bytes.
const maxReply = 1 << 20

// Issue sends a request, JSON in UTF-8, and reads the answer. A refusal is an
// answer; the error is for what is none.
func (c *Client) Issue(ctx context.Context, body []byte) (Answer, error) {
	reply, err := c.Post(ctx, body)
	if err != nil {
		return Answer{}, err
	}
	return ParseAnswer(reply)
}

// Post sends a request, JSON in UTF-8, and gives the answer as it came.
func (c *Client) Post(ctx context.Context, body []byte) ([]byte, error) {
	r, err := c.NewRequest(ctx, body)
	if err != nil {
		return nil, err
	}
	client := c.HTTP
	if client == nil {
		client = &http.Client{Timeout: 30 * time.Second}
	}
	resp, err := client.Do(r)
	if err != nil {
		return nil, fmt.Errorf("qimen: %w", withoutQuery(err))
	}
	defer resp.Body.Close()
	reply, err := io.ReadAll(io.LimitReader(resp.Body, maxReply+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("qimen: reading the answer: %w", err)
	case resp.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("qimen: the endpoint answers %s, not 200", resp.Status)
	case len(reply) > maxReply:
		return nil, fmt.Errorf("qimen: the answer is over %d bytes", maxReply)
	}
	return reply, nil
}

// withoutQuery keeps the signature out of an error's text.
func withoutQuery(err error) error {
	if failed := (*url.Error)(nil); errors.As(err, &failed) {
		failed.URL, _, _ = strings.Cut(failed.URL, "?")
	}
	return err
}

// NewRequest makes a signed request of a body, JSON in UTF-8.
func (c *Client) NewRequest(ctx context.Context, body []byte) (*http.Request, error) {
	charset := strings.ToLower(orDefault(c.Charset, "utf-8"))
	body, err := fromUTF8(body, charset)
	if err != nil {
		return nil, err
	}
	contentType := "application/json;charset=" + charset
	query := c.query()
	sign, err := Sign(c.Secret, contentType, query, nil, body)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL+"?"+query+"&sign="+sign, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("qimen: the endpoint's URL: %w", withoutQuery(err))
	}
	r.Header.Set("Content-Type", contentType)
	return r, nil
}

// query is the public parameters that the gateway sends.
func (c *Client) query() string {
	now := time.Now
	if c.Clock != nil {
		now = c.Clock
	}
	q := url.Values{
		"format":       {"json"},
		paramMethod:    {MethodPolicyIssuing},
		"sign_method":  {"md5"},
		paramTimestamp: {now().In(policy.Zone()).Format(time.DateTime)},
		"v":            {"2.0"},
	}
	if c.AppKey != "" {
		q.Set("app_key", c.AppKey)
	}
	if c.TargetAppKey != "" {
		q.Set(paramTarget, c.TargetAppKey)
	}
	return q.Encode()
}
