package queue

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/chudan-io/chudan/policy"
)

// Letter is a dead letter: what people need in order to find out what was
// wrong, and to send the request again. It holds no personal data in the clear.
type Letter struct {
	Reference  string        `json:"reference"` // under which the log tells more
	Reason     policy.Kind   `json:"reason"`    // of the last attempt
	Panicked   bool          `json:"panicked,omitempty"`
	Tenant     policy.Tenant `json:"tenant"`
	Identifier string        `json:"identifier,omitempty"` // where it could be read
	Place      string        `json:"place"`                // where the broker keeps the message, if it still does
	Attempts   int           `json:"attempts"`
	At         time.Time     `json:"at"`
	Sealed     []byte        `json:"sealed,omitempty"` // what was sent (see Config.Seal), in base64
}

const jsonType = "application/json; charset=utf-8"

// letter writes the dead letter of a message. Headers are left out: nobody
// knows what senders put there.
func (c *Consumer) letter(r *result) Message {
	l := Letter{
		Reference: r.reference, Reason: r.reason, Panicked: r.outcome == Panicked, Tenant: c.config.Tenant, Identifier: r.identifier,
		Place: r.delivery.Place, Attempts: r.delivery.Attempt, At: c.config.Clock().UTC().Truncate(time.Microsecond),
	}
	if c.config.Seal != nil {
		l.Sealed = c.config.Seal(c.config.Tenant, r.reference, r.delivery.Body)
	}
	body, err := json.Marshal(l)
	if err != nil { // a clock beyond the year 9999
		l.At = time.Time{}
		body, _ = json.Marshal(l)
	}
	return Message{Key: r.identifier, ID: l.Place, Headers: map[string]string{"content-type": jsonType, "reference": r.reference}, Body: body}
}

// The lengths in bytes of what is copied into headers.
const (
	maxIdentifier  = 64
	maxCorrelation = 256
)

// isPlain tells whether a text of somebody else may stand in a header.
func isPlain(text string, most int) bool {
	for _, b := range []byte(text) {
		if b < ' ' || b > '~' {
			return false
		}
	}
	return text != "" && len(text) <= most && strings.TrimSpace(text) == text
}

func (r *result) answer() Message {
	headers := map[string]string{"content-type": jsonType, "reference": r.reference}
	if r.identifier != "" {
		headers["identifier"] = r.identifier
	}
	if id := r.delivery.Headers["correlation-id"]; isPlain(id, maxCorrelation) {
		headers["correlation-id"] = id
	}
	return Message{Key: r.identifier, Headers: headers, Body: r.reply}
}
