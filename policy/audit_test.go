package policy_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/chudan-io/chudan/policy"
)

// oneChain is a chain of n events.
func oneChain(n int) (rows []policy.AuditRow) {
	var head [32]byte
	for i := range n {
		event := fmt.Appendf(nil, `{"identifier":"K%d"}`, i)
		head = policy.ChainHash(head, event)
		rows = append(rows, policy.AuditRow{Position: int64(i) + 1, Event: event, Hash: bytes.Clone(head[:])})
	}
	return rows
}

// manyChains is what n nodes leave, one after the other: openings, then chains
// of m events.
func manyChains(n, m int) []policy.AuditRow {
	var openings, rows []policy.AuditRow
	type seen struct {
		Chain    int    `json:"chain"`
		Position int    `json:"position"`
		Hash     string `json:"hash"`
	}
	var before [32]byte
	heads := []seen{}
	for chain := 1; chain <= n; chain++ {
		event, _ := json.Marshal(map[string]any{"chain": chain, "heads": heads})
		before = policy.ChainHash(before, event)
		openings = append(openings, policy.AuditRow{Chain: int64(chain), Event: event, Hash: bytes.Clone(before[:])})
		head := before
		for i := 1; i <= m; i++ {
			event := fmt.Appendf(nil, `{"identifier":"K%d-%d"}`, chain, i)
			head = policy.ChainHash(head, event)
			rows = append(rows, policy.AuditRow{Chain: int64(chain), Position: int64(i), Event: event, Hash: bytes.Clone(head[:])})
		}
		heads = append(heads, seen{chain, m, hex.EncodeToString(head[:])})
	}
	return append(openings, rows...)
}

// walked are the rows that break a chain, and those that are missing.
func walked(rows []policy.AuditRow) (breaks, missing int, heads []policy.AuditRow) {
	var c policy.AuditCheck
	for _, r := range rows {
		if !c.Add(r) {
			breaks++
		}
	}
	return breaks, len(c.Missing()), c.Heads()
}

// tamperings is how often each kind of tampering is tried; CHUDAN_TAMPERINGS sets
// another number.
func tamperings(t testing.TB) int {
	n, err := strconv.Atoi(os.Getenv("CHUDAN_TAMPERINGS"))
	if err != nil {
		return 1000
	}
	t.Logf("%d of each kind, as CHUDAN_TAMPERINGS says", n)
	return n
}

// Events that are altered, dropped, inserted or swapped are found, wherever that
// is, also by one who computes the hash of what he wrote anew.
func TestTampering(t *testing.T) {
	times, random := tamperings(t), rand.New(rand.NewPCG(19, 1))
	// rehash makes the row at i continue the one before it, as who tampers could.
	rehash := func(rows []policy.AuditRow, i int) {
		var before [32]byte
		if i > 0 {
			copy(before[:], rows[i-1].Hash)
		}
		hash := policy.ChainHash(before, rows[i].Event)
		rows[i].Hash = hash[:]
	}
	renumber := func(rows []policy.AuditRow) []policy.AuditRow {
		for i := range rows {
			rows[i].Position = int64(i) + 1
		}
		return rows
	}
	for what, tamper := range map[string]func(rows []policy.AuditRow, i int) []policy.AuditRow{
		"altered": func(rows []policy.AuditRow, i int) []policy.AuditRow {
			rows[i].Event = bytes.Clone(rows[i].Event)
			rows[i].Event[random.IntN(len(rows[i].Event))] ^= 1 << random.IntN(8)
			return rows
		},
		"altered with its hash": func(rows []policy.AuditRow, i int) []policy.AuditRow {
			rows[i].Event = append(bytes.Clone(rows[i].Event), '!')
			rehash(rows, i)
			return rows
		},
		"dropped": func(rows []policy.AuditRow, i int) []policy.AuditRow { return slices.Delete(rows, i, i+1) },
		"dropped, and the others moved up": func(rows []policy.AuditRow, i int) []policy.AuditRow {
			return renumber(slices.Delete(rows, i, i+1))
		},
		"inserted, and the others moved down": func(rows []policy.AuditRow, i int) []policy.AuditRow {
			rows = renumber(slices.Insert(rows, i, policy.AuditRow{Event: []byte("{}")}))
			rehash(rows, i)
			return rows
		},
		"swapped": func(rows []policy.AuditRow, i int) []policy.AuditRow {
			rows[i], rows[i+1] = rows[i+1], rows[i]
			return renumber(rows)
		},
		"its hash altered": func(rows []policy.AuditRow, i int) []policy.AuditRow {
			rows[i].Hash = append(bytes.Clone(rows[i].Hash), 0)[random.IntN(2):]
			return rows
		},
	} {
		found, localised := 0, 0
		for range times {
			rows := oneChain(2 + random.IntN(60))
			breaks, _, _ := walked(tamper(rows, random.IntN(len(rows)-1)))
			if breaks > 0 {
				found++
			}
			if breaks <= 3 {
				localised++
			}
		}
		t.Logf("%-36s found %d of %d", what, found, times)
		if found != times || localised != times {
			t.Errorf("%s: found %d of %d, of which %d near where it was done", what, found, times, localised)
		}
	}
	if breaks, _, _ := walked(oneChain(60)); breaks > 0 {
		t.Errorf("%d breaks where nobody did anything", breaks)
	}
}

func TestAuditCheck(t *testing.T) {
	at := func(chain, position int64) func(policy.AuditRow) bool {
		return func(r policy.AuditRow) bool { return r.Chain == chain && r.Position == position }
	}
	for name, c := range map[string]struct {
		rows            []policy.AuditRow
		breaks, missing int
		heads           string
	}{
		"nothing":                         {nil, 0, 0, "[]"},
		"one chain":                       {oneChain(3), 0, 0, "[0.3]"},
		"the end of it cut off":           {oneChain(3)[:2], 0, 0, "[0.2]"},
		"three chains":                    {manyChains(3, 4), 0, 0, "[3.4]"},
		"an opening that nothing follows": {slices.DeleteFunc(manyChains(3, 4), func(r policy.AuditRow) bool { return r.Chain == 3 && r.Position > 0 }), 0, 0, "[3.0]"},
		"an earlier chain cut off":        {slices.DeleteFunc(manyChains(3, 4), at(1, 4)), 0, 1, "[1.3 3.4]"},
		"all of an earlier chain cut off": {slices.DeleteFunc(manyChains(3, 4), func(r policy.AuditRow) bool { return r.Chain == 2 && r.Position > 0 }), 0, 1, "[3.4]"},
		"an opening dropped":              {slices.DeleteFunc(manyChains(3, 4), at(2, 0)), 2, 0, "[3.4]"},
		"a row of a chain dropped":        {slices.DeleteFunc(manyChains(3, 4), at(2, 2)), 1, 0, "[3.4]"},
		"a row of a chain never opened":   {append(manyChains(1, 2), policy.AuditRow{Chain: 9, Position: 1}), 1, 0, "[1.2 9.1]"},
		"a row of no chain beside chains": {append(manyChains(1, 2), policy.AuditRow{Chain: 0, Position: -1}), 1, 0, "[0.-1 1.2]"},
	} {
		t.Run(name, func(t *testing.T) {
			breaks, missing, heads := walked(c.rows)
			told := []string{}
			for _, h := range heads {
				told = append(told, fmt.Sprintf("%d.%d", h.Chain, h.Position))
			}
			if breaks != c.breaks || missing != c.missing || fmt.Sprint(told) != c.heads {
				t.Errorf("%d breaks, %d missing, heads %v", breaks, missing, told)
			}
		})
	}
}
