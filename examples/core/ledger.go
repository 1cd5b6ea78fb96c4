package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
)

// entry is what an id was answered, and up to where its numbers are used.
type entry struct {
	ID     string          `json:"id"`
	Status int             `json:"status"`
	Answer json.RawMessage `json:"answer"`
	Pool   string          `json:"pool,omitempty"`
	Last   uint64          `json:"last,omitempty"`
}

// ledger keeps the answer of each id: what a table with the id as its primary
// key does in a database.
type ledger struct {
	mu      sync.Mutex
	file    *os.File // nil: in memory only
	failed  error    // of the file: nothing is answered any more, for nobody knows what it holds
	entries map[string]entry
	last    map[string]uint64 // the last number of each pool
	drawn   entry             // the pool and number that the decision under way took
}

// openLedger reads the ledger of a file; "" is one in memory.
func openLedger(path string) (*ledger, error) {
	l := &ledger{entries: make(map[string]entry), last: make(map[string]uint64)}
	if path == "" {
		return l, nil
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	l.file = file
	lines := bufio.NewScanner(file)
	for n := 1; lines.Scan(); n++ {
		var e entry
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			// A line that a crash cut off was told to nobody; a person looks at it.
			return nil, errors.Join(fmt.Errorf("%s:%d is no entry: %w", path, n, err), file.Close())
		}
		l.entries[e.ID] = e
		l.last[e.Pool] = max(l.last[e.Pool], e.Last)
	}
	return l, lines.Err()
}

// once answers what an id was answered before or, the first time, what decide
// says; it is on the disk before anybody hears it.
func (l *ledger) once(id string, decide func() (entry, error)) (entry, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e, ok := l.entries[id]; ok {
		return e, nil
	}
	if l.failed != nil {
		return entry{}, l.failed
	}
	l.drawn = entry{}
	e, err := decide()
	if err != nil {
		return entry{}, err
	}
	e.ID, e.Pool, e.Last = id, l.drawn.Pool, l.drawn.Last
	if err := l.keep(e); err != nil {
		l.failed = err
		return entry{}, err
	}
	l.entries[id] = e
	return e, nil
}

func (l *ledger) keep(e entry) error {
	if l.file == nil {
		return nil
	}
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	if _, err := l.file.Write(append(line, '\n')); err != nil {
		return err
	}
	return l.file.Sync()
}

// draw takes the next numbers of a pool, within a decision, and answers the
// first of them.
func (l *ledger) draw(pool string, count uint64) uint64 {
	first := l.last[pool] + 1
	l.last[pool] += count
	l.drawn = entry{Pool: pool, Last: l.last[pool]}
	return first
}

func (l *ledger) close() error {
	if l.file == nil {
		return nil
	}
	return l.file.Close()
}
