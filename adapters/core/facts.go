package core

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/chudan-io/chudan/policy"
)

// question is the body of a call for facts.
type question struct {
	Kind       string                     `json:"kind"`
	ID         string                     `json:"id"`
	Tenant     string                     `json:"tenant"`
	Identifier string                     `json:"identifier"`
	Reference  string                     `json:"reference"`
	Product    string                     `json:"product"`
	Edition    string                     `json:"edition"`
	Facts      map[string]policy.FactType `json:"facts"`
	Request    map[string]any             `json:"request"`
}

// Facts asks for the facts of an application. The request in the question is
// sent as it is, with the texts that logs mask: who is asked whether somebody
// is barred has to know whom. Facts that come from the store are not asked for.
// Each call has an ID of its own: an answer is good for its question alone.
func (h *Hook) Facts(ctx context.Context, q policy.FactQuery) (policy.Facts, error) {
	wanted := make(map[string]policy.FactType, len(q.Facts))
	for _, f := range q.Facts {
		if len(f.PerFields) == 0 {
			wanted[f.Name] = f.Type
		}
	}
	if len(wanted) == 0 {
		return nil, nil
	}
	id, err := newID()
	if err != nil {
		return nil, err
	}
	ask := question{
		Kind: "facts", ID: id, Tenant: string(q.Key.Tenant), Identifier: q.Key.Identifier, Reference: q.Reference,
		Product: q.Product, Edition: q.Edition, Facts: wanted, Request: map[string]any{},
	}
	if q.Application != nil && q.Application.Request != nil {
		ask.Request = pageOf(q.Application.Request)
	}
	body, err := encode(ask)
	if err != nil {
		return nil, err
	}
	a, err := h.post(ctx, id, body)
	if err != nil {
		return nil, err
	}
	if a.status != http.StatusOK {
		return nil, unexpected(a.status)
	}
	return a.facts(wanted)
}

// facts reads those that were asked for; null leaves one out. Numbers keep
// their digits. Whether each is of its type is the Issuer's to judge.
func (a *answer) facts(wanted map[string]policy.FactType) (policy.Facts, error) {
	facts := make(policy.Facts, len(wanted))
	for name := range wanted {
		raw, ok := a.members[name]
		if !ok || string(raw) == "null" {
			continue
		}
		text := string(raw)
		switch {
		case strings.HasPrefix(text, `"`):
			if json.Unmarshal(raw, &text) != nil {
				return nil, fmt.Errorf("%w: the fact %s is no text", ErrAnswer, name)
			}
		case strings.ContainsAny(text[:1], "{["):
			return nil, fmt.Errorf("%w: the fact %s wants true, false, a number or a text", ErrAnswer, name)
		}
		facts[name] = text
	}
	return facts, nil
}
