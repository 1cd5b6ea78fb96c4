package policy

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Case is one decision as it was kept: who asked for what, what was answered,
// and under which edition.
type Case struct {
	Record    Record
	Request   *Request   // and the facts that it was decided with
	Title     Text       // of the product, as it was then
	Coverages []Coverage // of the request
	Premium   Premium
	Faults    Faults
	Receipt   Receipt // zero unless issued
	Reference string
	Booking   *Booking // of a core system; nil where none was asked, or has answered
	Ruled     []Ruled  // by people, or the core system where it declined; oldest first
}

// memo is what was answered. A record's sealed part is two lines of JSON: the
// request, and the memo; a repeated request is answered from the memo alone.
type memo struct {
	Title     Text              `json:"title"`
	Coverages []Coverage        `json:"coverages,omitempty"`
	Premium   Premium           `json:"premium"`
	Faults    Faults            `json:"faults,omitempty"`
	Receipt   Receipt           `json:"receipt,omitzero"`
	Reference string            `json:"reference"`
	Unique    []string          `json:"unique,omitempty"`  // the paths of its business keys, while they are needed
	Exposed   *exposed          `json:"exposed,omitempty"` // likewise
	Booking   *Booking          `json:"booking,omitempty"`
	Ruled     []Ruled           `json:"ruled,omitempty"`
	Facts     map[string]string `json:"facts,omitempty"`
	Refused   []refused         `json:"refused,omitempty"` // other payloads under the key that rules refused

	request []byte // the first line
}

// refused is what a late duplicate of a refused payload is answered from.
type refused struct {
	Request   json.RawMessage `json:"request"`
	Faults    Faults          `json:"faults"`
	Reference string          `json:"reference"`
}

// maxRefused is how many refused payloads of one key are remembered, so that
// a caller who tries for ever does not make a record grow for ever.
const maxRefused = 32

// text is what is sealed.
func (m *memo) text() ([]byte, error) {
	line, err := json.Marshal(m)
	return slices.Concat(m.request, []byte{'\n'}, line), err
}

// withReceipt is what text wrote, with the receipt as the memo's last member.
func withReceipt(text []byte, r Receipt) ([]byte, error) {
	receipt, err := json.Marshal(r)
	return slices.Concat(text[:len(text)-1], []byte(`,"receipt":`), receipt, []byte{'}'}), err
}

// readMemo reads what text wrote.
func readMemo(text []byte) (*memo, error) {
	request, line, _ := bytes.Cut(text, []byte{'\n'})
	m := &memo{request: request}
	if err := json.Unmarshal(line, m); err != nil {
		return nil, fmt.Errorf("policy: a sealed record does not read: %w", err)
	}
	return m, nil
}

// requestText is a request with its personal texts, for sealing only: one line,
// one JSON object of path and text.
func requestText(r *Request) []byte {
	out := append(make([]byte, 0, 4096), '{')
	put := func(path, text string) {
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(appendJSON(out, path), ':')
		out = appendJSON(out, text)
	}
	for i := range fields {
		if text := fields[i].Text(r); text != "" {
			put(fields[i].Path, text)
		}
	}
	for path, raw := range r.Unknown {
		put(unknownMark+path, raw)
	}
	return append(out, '}')
}

// unknownMark stands before the paths that the page does not know; no path of
// the page begins with it.
const unknownMark = "?"

// readRequest reads what requestText wrote.
func readRequest(line []byte) (*Request, error) {
	var texts map[string]string
	if err := json.Unmarshal(line, &texts); err != nil {
		return nil, fmt.Errorf("policy: a sealed request does not read: %w", err)
	}
	r := &Request{}
	for path, text := range texts {
		if f, ok := fieldByPath[path]; ok {
			f.SetText(r, text)
			continue
		}
		if r.Unknown == nil {
			r.Unknown = make(Unknown)
		}
		r.Unknown[strings.TrimPrefix(path, unknownMark)] = text
	}
	return r, nil
}

// memoOf opens a record's sealed part.
func (i *Issuer) memoOf(rec *Record) (*memo, error) {
	if rec.Erased() {
		return nil, ErrErased
	}
	text, err := i.config.Keys.open(rec.Key, rec.Sealed)
	if err != nil {
		return nil, err
	}
	return readMemo(text)
}

// Open reads what a store keeps, for people who ask what was decided and why.
// Its error is ErrErased where that is gone.
func (i *Issuer) Open(rec Record) (Case, error) {
	m, err := i.memoOf(&rec)
	if err != nil {
		return Case{}, err
	}
	r, err := readRequest(m.request)
	if err != nil {
		return Case{}, err
	}
	r.Facts = Facts(m.Facts)
	return Case{
		Record: rec, Request: r, Title: m.Title, Coverages: m.Coverages,
		Premium: m.Premium, Faults: m.Faults, Receipt: m.Receipt, Reference: m.Reference,
		Booking: m.Booking, Ruled: m.Ruled,
	}, nil
}
