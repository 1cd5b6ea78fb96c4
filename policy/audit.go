package policy

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"iter"
	"maps"
	"slices"
)

// AuditRow is a row of an audit chain as it is stored.
type AuditRow struct {
	Chain    int64  // 0 in a store that keeps one chain; else 1, 2, 3 … in the order in which they were opened
	Position int64  // in its chain, 1, 2, 3 …; 0 is the opening of a chain
	Event    []byte // of an opening: {"chain":2,"heads":[{"chain":1,"position":9,"hash":"…"}]}, how far chains before it had come
	Hash     []byte // ChainHash of the row before it and of Event
}

// Auditor is what a Store offers beside, for whoever verifies its audit chain.
type Auditor interface {
	// Audit gives the rows page by page: all openings first, in order, then each
	// chain in the order of its positions. Chains that are opened meanwhile are not
	// given. The first error, that of Store, ends it.
	Audit(ctx context.Context) iter.Seq2[AuditRow, error]
}

// AuditCheck follows the rows that an Auditor gives; its zero value is at their
// beginning. An event that was altered, dropped, inserted or swapped breaks a
// chain. What was cut off at the very end breaks none: that takes a head which
// was kept elsewhere.
type AuditCheck struct {
	last map[int64]chainEnd
	told map[place]string // what openings saw, and no row has confirmed yet
}

type place struct{ chain, position int64 }

// chainEnd is the last row of a chain so far.
type chainEnd struct {
	position int64
	hash     string
	bound    bool // a later opening has seen it
}

// Add tells whether a row continues its chain. The next row is held against
// this one as it is stored, so that each break is told once.
func (c *AuditCheck) Add(r AuditRow) bool {
	if c.last == nil {
		c.last, c.told = make(map[int64]chainEnd), make(map[place]string)
	}
	if r.Position == 0 {
		return c.open(r)
	}
	before, begun := c.last[r.Chain]
	if !begun && r.Chain == 0 {
		before, begun = chainEnd{hash: string(make([]byte, sha256.Size))}, true
	}
	sound := begun && r.Position == before.position+1 && follows(before.hash, r)
	at := place{r.Chain, r.Position}
	seen, bound := c.told[at]
	if bound {
		sound = sound && seen == string(r.Hash)
		delete(c.told, at)
	}
	c.last[r.Chain] = chainEnd{r.Position, string(r.Hash), bound}
	return sound
}

// open holds an opening against the one before it, and notes what it saw.
func (c *AuditCheck) open(r AuditRow) bool {
	before, begun := c.last[r.Chain-1]
	if r.Chain == 1 {
		before, begun = chainEnd{hash: string(make([]byte, sha256.Size))}, true
	}
	var says struct {
		Chain int64 `json:"chain"`
		Heads []struct {
			Chain    int64  `json:"chain"`
			Position int64  `json:"position"`
			Hash     string `json:"hash"`
		} `json:"heads"`
	}
	sound := json.Unmarshal(r.Event, &says) == nil && says.Chain == r.Chain && begun && before.position == 0 && follows(before.hash, r)
	if begun {
		before.bound = true
		c.last[r.Chain-1] = before
	}
	if r.Chain == 1 {
		delete(c.last, 0)
	}
	c.last[r.Chain] = chainEnd{0, string(r.Hash), false}
	for _, h := range says.Heads {
		hash, err := hex.DecodeString(h.Hash)
		at := place{h.Chain, h.Position}
		if seen, again := c.told[at]; err != nil || again && seen != string(hash) {
			sound = false
		}
		c.told[at] = string(hash)
	}
	return sound
}

func follows(before string, r AuditRow) bool {
	var previous [sha256.Size]byte
	copy(previous[:], before)
	hash := ChainHash(previous, r.Event)
	return len(before) == len(previous) && string(hash[:]) == string(r.Hash)
}

// Heads are the last rows of the chains, without their events: those that no
// later opening has seen. Whoever keeps them elsewhere finds out that rows up to
// them were cut off.
func (c *AuditCheck) Heads() []AuditRow {
	var heads []AuditRow
	for _, chain := range slices.Sorted(maps.Keys(c.last)) {
		if end := c.last[chain]; !end.bound {
			heads = append(heads, AuditRow{Chain: chain, Position: end.position, Hash: []byte(end.hash)})
		}
	}
	return heads
}

// Missing are the rows that openings saw and that were not given, without their
// events: at the end of the rows, those that were cut off.
func (c *AuditCheck) Missing() []AuditRow {
	var missing []AuditRow
	for at, hash := range c.told {
		missing = append(missing, AuditRow{Chain: at.chain, Position: at.position, Hash: []byte(hash)})
	}
	slices.SortFunc(missing, func(a, b AuditRow) int {
		return slices.Compare([]int64{a.Chain, a.Position}, []int64{b.Chain, b.Position})
	})
	return missing
}
