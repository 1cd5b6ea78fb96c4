package main

import (
	"encoding/json"
	"net/http"
	"slices"
)

// facts answers those that this system knows, out of those that were asked for.
// They are looked up anew each time, and kept by whoever asks: no ledger. What
// is not known is left out, never guessed.
func (s *system) facts(c *call) (entry, error) {
	known := make(map[string]any)
	for name := range c.Facts {
		if name == "sellerBlocked" && c.Request.Order.SellerID != "" {
			known[name] = slices.Contains(s.blocked, c.Request.Order.SellerID)
		}
	}
	text, err := json.Marshal(known)
	return entry{Status: http.StatusOK, Answer: text}, err
}
