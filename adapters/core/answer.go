package core

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"unicode/utf8"

	"github.com/chudan-io/chudan/policy"
)

// answer is what a core system said, its signature verified.
type answer struct {
	status  int
	members map[string]json.RawMessage
}

// parseObject reads one JSON object. encoding/json alone would take a name
// twice and policyno for policyNo; here names are exact and stand once. Names
// that nobody asks for are passed over: they are for versions to come.
func parseObject(text []byte) (map[string]json.RawMessage, error) {
	if !utf8.Valid(text) {
		return nil, fmt.Errorf("%w: it is not UTF-8", ErrAnswer)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	if begin, err := d.Token(); err != nil || begin != json.Delim('{') {
		return nil, fmt.Errorf("%w: it is no JSON object", ErrAnswer)
	}
	members := make(map[string]json.RawMessage)
	for d.More() {
		name, err := d.Token()
		text, is := name.(string)
		var value json.RawMessage
		if err != nil || !is || d.Decode(&value) != nil {
			return nil, fmt.Errorf("%w: it is no JSON object", ErrAnswer)
		}
		if _, twice := members[text]; twice {
			return nil, fmt.Errorf("%w: a name stands in it twice", ErrAnswer)
		}
		members[text] = value
	}
	_, err := d.Token()
	if err != nil || len(bytes.TrimSpace(text[d.InputOffset():])) > 0 {
		return nil, fmt.Errorf("%w: it is no JSON object, or something follows it", ErrAnswer)
	}
	return members, nil
}

// text is a member that is a text; "" where it is null or not there.
func (a *answer) text(name string) (string, error) {
	raw, ok := a.members[name]
	if !ok || string(raw) == "null" {
		return "", nil
	}
	var text string
	if raw[0] != '"' || json.Unmarshal(raw, &text) != nil {
		return "", fmt.Errorf("%w: %s wants a text", ErrAnswer, name)
	}
	return text, nil
}

// needs is a member that is a text and not empty.
func (a *answer) needs(name string) (string, error) {
	text, err := a.text(name)
	if err == nil && text == "" {
		err = fmt.Errorf("%w: %s is missing", ErrAnswer, name)
	}
	return text, err
}

var declinedForm = regexp.MustCompile(`^[A-Z0-9_]{1,64}$`)

// maxMessage is the length of a message in characters.
const maxMessage = 256

// declined reads a no: a *policy.DeclinedError or, where it is malformed, an
// error that matches ErrAnswer.
func (a *answer) declined() error {
	code, err := a.needs("declined")
	if err != nil {
		return err
	}
	if !declinedForm.MatchString(code) {
		return fmt.Errorf("%w: declined wants 1 to 64 of A–Z, 0–9 and _", ErrAnswer)
	}
	no := &policy.DeclinedError{Code: code}
	raw, ok := a.members["message"]
	if !ok || string(raw) == "null" {
		return no
	}
	message := answer{}
	if message.members, err = parseObject(raw); err != nil {
		return fmt.Errorf("%w: message wants {\"zh\": …, \"en\": …}", ErrAnswer)
	}
	for name, into := range map[string]*string{"zh": &no.Message.ZH, "en": &no.Message.EN} {
		if *into, err = message.text(name); err != nil {
			return err
		}
		if utf8.RuneCountInString(*into) > maxMessage {
			return fmt.Errorf("%w: message.%s is over %d characters", ErrAnswer, name, maxMessage)
		}
	}
	return no
}
