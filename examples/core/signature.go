package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// tolerance is how far the two clocks may be apart. A request that somebody
// recorded is worth nothing after that; within, it is the same booking again.
const tolerance = 5 * time.Minute

// sign is the hex of HMAC-SHA-256 over v1, part, t, id and body, with a line
// feed between them.
func sign(secret []byte, part, t, id string, body []byte) string {
	h := hmac.New(sha256.New, secret)
	fmt.Fprintf(h, "v1\n%s\n%s\n%s\n", part, t, id)
	h.Write(body)
	return hex.EncodeToString(h.Sum(nil))
}

// verify tells whether a header of a request holds its signature by one of the
// secrets, and answers its t, which the answer is signed with.
func verify(secrets [][]byte, header, id string, body []byte, now time.Time) (t string, ok bool) {
	parts := strings.Split(header, ",")
	t, ok = strings.CutPrefix(parts[0], "t=")
	seconds, err := strconv.ParseInt(t, 10, 64)
	if !ok || err != nil || now.Sub(time.Unix(seconds, 0)).Abs() > tolerance {
		return "", false
	}
	for _, secret := range secrets {
		want := "v1=" + sign(secret, "request", t, id, body)
		for _, got := range parts[1:] {
			if hmac.Equal([]byte(got), []byte(want)) {
				return t, true
			}
		}
	}
	return "", false
}
