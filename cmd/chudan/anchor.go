package main

import (
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/chudan-io/chudan/policy"
)

// anchor is a head that was kept, and what became of it.
type anchor struct {
	Anchor string `json:"anchor"`
	Result string `json:"result"` // found, altered or gone
	row    policy.AuditRow
}

// headName is a row as it is kept elsewhere.
func headName(r policy.AuditRow) string {
	place := strconv.FormatInt(r.Position, 10)
	if r.Chain != 0 {
		place = strconv.FormatInt(r.Chain, 10) + "." + place
	}
	return hex.EncodeToString(r.Hash) + "@" + place
}

// parseAnchor reads what headName wrote.
func parseAnchor(text string) (*anchor, error) {
	digest, place, found := strings.Cut(text, "@")
	a := &anchor{Anchor: text, Result: "gone"}
	var err error
	a.row.Hash, err = hex.DecodeString(digest)
	chain, position, several := strings.Cut(place, ".")
	if !several {
		chain, position = "0", place
	}
	var wrong [2]error
	a.row.Chain, wrong[0] = strconv.ParseInt(chain, 10, 64)
	a.row.Position, wrong[1] = strconv.ParseInt(position, 10, 64)
	if !found || err != nil || len(a.row.Hash) != 32 || wrong[0] != nil || wrong[1] != nil || headName(a.row) != strings.ToLower(text) {
		return nil, usage("--anchor %s：应为 verify-audit 打印的链头，如 64 位十六进制@1200", "--anchor %s: want a head as verify-audit prints it: 64 hexadecimal digits, @ and a position", text)
	}
	return a, nil
}
