package policy

import (
	"encoding/json"
	"fmt"
)

// Case is one decision as it was kept: who asked for what, what was answered,
// and under which edition.
type Case struct {
	Record    Record
	Request   *Request
	Title     Text       // of the product, as it was then
	Coverages []Coverage // of the request
	Premium   Premium
	Faults    Faults
	Receipt   Receipt // zero unless issued
	Reference string
}

// memo is the sealed part of a record.
type memo struct {
	Request   sealedRequest `json:"request"`
	Title     Text          `json:"title"`
	Coverages []Coverage    `json:"coverages,omitempty"`
	Premium   Premium       `json:"premium"`
	Faults    Faults        `json:"faults,omitempty"`
	Receipt   Receipt       `json:"receipt,omitzero"`
	Reference string        `json:"reference"`
	Refused   []refused     `json:"refused,omitempty"` // earlier payloads under the key that rules refused
}

// refused is what a late duplicate of a refused payload is answered from.
type refused struct {
	Fingerprint []byte `json:"fingerprint"`
	Faults      Faults `json:"faults"`
	Reference   string `json:"reference"`
}

// maxRefused is how many refused payloads of one key are remembered, so that
// a caller who tries for ever does not make a record grow for ever.
const maxRefused = 32

// sealedRequest is a request with its personal texts, for sealing only: one
// object of path and text.
type sealedRequest struct{ *Request }

// MarshalJSON writes the texts as they came.
func (s sealedRequest) MarshalJSON() ([]byte, error) {
	out := append(make([]byte, 0, 2048), '{')
	put := func(path, text string) {
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(appendJSON(out, path), ':')
		out = appendJSON(out, text)
	}
	for i := range fields {
		if text := fields[i].Text(s.Request); text != "" {
			put(fields[i].Path, text)
		}
	}
	for path, raw := range s.Unknown {
		put(unknownMark+path, raw)
	}
	return append(out, '}'), nil
}

// unknownMark stands before the paths that the page does not know; no path of
// the page begins with it.
const unknownMark = "?"

// UnmarshalJSON reads what MarshalJSON wrote.
func (s *sealedRequest) UnmarshalJSON(data []byte) error {
	var texts map[string]string
	if err := json.Unmarshal(data, &texts); err != nil {
		return fmt.Errorf("policy: a sealed request: %w", err)
	}
	s.Request = &Request{}
	for path, text := range texts {
		if f, ok := fieldByPath[path]; ok {
			f.SetText(s.Request, text)
			continue
		}
		if s.Unknown == nil {
			s.Unknown = make(map[string]string)
		}
		s.Unknown[path[len(unknownMark):]] = text
	}
	return nil
}

// openCase reads a record's sealed part.
func (i *Issuer) openCase(rec *Record) (*memo, error) {
	text, err := i.config.Keys.open(rec.Key, rec.Sealed)
	if err != nil {
		return nil, err
	}
	m := new(memo)
	if err := json.Unmarshal(text, m); err != nil {
		return nil, fmt.Errorf("policy: a sealed record does not read: %w", err)
	}
	return m, nil
}

// Open reads what a store keeps, for people who ask what was decided and why.
func (i *Issuer) Open(rec Record) (Case, error) {
	m, err := i.openCase(&rec)
	if err != nil {
		return Case{}, err
	}
	return Case{
		Record: rec, Request: m.Request.Request, Title: m.Title, Coverages: m.Coverages,
		Premium: m.Premium, Faults: m.Faults, Receipt: m.Receipt, Reference: m.Reference,
	}, nil
}
