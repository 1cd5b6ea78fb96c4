package core

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/chudan-io/chudan/policy"
)

// booking is the body of a proposal. Every value in it is a text: amounts lose
// their digits in the floats of many a JSON reader.
type booking struct {
	Kind       string            `json:"kind"`
	ID         string            `json:"id"`
	Tenant     string            `json:"tenant"`
	Identifier string            `json:"identifier"`
	Reference  string            `json:"reference"`
	ReservedAt string            `json:"reservedAt"`
	Product    string            `json:"product"`
	Edition    string            `json:"edition"`
	Digest     string            `json:"digest"`
	Title      policy.Text       `json:"title"`
	Coverages  []policy.Coverage `json:"coverages"`
	Premium    premium           `json:"premium"`
	Request    map[string]any    `json:"request"`
}

// premium is one of package policy in texts.
type premium struct {
	Currency   string  `json:"currency"`
	Source     string  `json:"source"` // declared, product or unknown
	Rate       string  `json:"rate,omitempty"`
	Exact      string  `json:"exact"`
	Rounding   string  `json:"rounding"`
	Rounded    string  `json:"rounded"`
	Declared   string  `json:"declared"`
	Difference string  `json:"difference"`
	CNY        string  `json:"cny"`
	Method     string  `json:"method"`
	Steps      []step  `json:"steps,omitempty"`
	Allocation []share `json:"allocation,omitempty"`
}

type step struct {
	Name  string `json:"name"`
	Exact string `json:"exact"`
	Value string `json:"value"`
}

type share struct {
	Coverage string `json:"coverage"`
	Weight   string `json:"weight"`
	Amount   string `json:"amount"`
}

const cents = 2 // decimals of CNY

func newBooking(p *policy.Proposal) booking {
	b := booking{
		Kind: "booking", ID: p.ID, Tenant: string(p.Key.Tenant), Identifier: p.Key.Identifier, Reference: p.Reference,
		ReservedAt: p.At.UTC().Format("2006-01-02T15:04:05.000000Z"),
		Product:    p.Product, Edition: p.Edition, Digest: p.Digest, Title: p.Title,
		Coverages: append([]policy.Coverage{}, p.Coverages...),
		Premium:   newPremium(&p.Premium), Request: map[string]any{},
	}
	if p.Request != nil {
		b.Request = pageOf(p.Request)
	}
	return b
}

func newPremium(p *policy.Premium) premium {
	places := p.Currency.MinorUnit()
	b := premium{
		Currency: string(p.Currency), Source: string(p.Source), Rate: p.Rate.String(), Exact: p.Exact.String(), Rounding: p.Rounding.String(),
		Rounded: p.Rounded.Fixed(places), Declared: p.Declared.Fixed(max(places, p.Declared.Scale())),
		Difference: p.Difference.Fixed(max(places, p.Difference.Scale())),
		CNY:        p.CNY.Fixed(cents), Method: p.Method.String(),
	}
	if p.Source == policy.RateUnknown {
		b.Source, b.Rate = "unknown", ""
	}
	for _, s := range p.Steps {
		b.Steps = append(b.Steps, step{s.Name, s.Exact.String(), s.Value.String()})
	}
	for _, s := range p.Shares {
		b.Allocation = append(b.Allocation, share{s.Coverage, s.Weight.String(), s.Amount.Fixed(places)})
	}
	return b
}

// pageOf is a request as the API page writes it: its names, its objects, and
// what is absent left out.
func pageOf(r *policy.Request) map[string]any {
	page := make(map[string]any)
	for _, f := range policy.Fields() {
		text := f.Text(r)
		if text == "" {
			continue
		}
		into, name := page, f.Path
		if object, inner, nested := strings.Cut(f.Path, "."); nested {
			below, ok := page[object].(map[string]any)
			if !ok {
				below = make(map[string]any)
				page[object] = below
			}
			into, name = below, inner
		}
		into[name] = text
	}
	return page
}

// encode writes a body. What goes wrong is told without the value that it went
// wrong with.
func encode(body any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(body); err != nil {
		return nil, fmt.Errorf("core: a %T cannot be written as JSON", body)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
