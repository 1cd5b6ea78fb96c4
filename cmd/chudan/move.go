package main

import (
	"bytes"
	"context"
	"encoding/json"
	"iter"
	"time"

	"github.com/chudan-io/chudan/policy"
)

// storeCopied is the type of the audit event that ends a copy.
const storeCopied = "store.copied"

// copied is what the audit chain of a copy says of where it came from.
type copied struct {
	Type       string    `json:"type"`
	From       string    `json:"from"` // as --store names it, without user and password
	Head       string    `json:"head"` // of the chain that was copied: HASH@POSITION
	LastNumber uint64    `json:"lastNumber"`
	Time       time.Time `json:"time"`
}

// moved is how many decisions are written in one transaction.
const moved = 256

// move is a copy on its way. What the target has already must be how the
// source begins: the two audit chains are gone through side by side.
type move struct {
	*console
	from, into      side
	bar             *bar
	began, reported time.Time

	check       policy.AuditCheck // of the source
	rows, there int               // of the source's chain: gone through, and met in the target
	head        policy.AuditRow   // the last of them
	noted       bool              // the target says already that it is a copy up to the head

	holdings func() (policy.Holding, error, bool)
	pending  func() (policy.PendingEvent, error, bool)
	compared int                            // rows and keys, once all is copied
	event    policy.PendingEvent            // the next one of pending; position 0 where there is none
	open     map[policy.Key]*policy.Holding // that have revisions to come
	batch    []policy.Draft
}

func newMove(c *console) *move {
	return &move{console: c, began: time.Now(), open: make(map[policy.Key]*policy.Holding)}
}

func (m *move) run(ctx context.Context) error {
	if err := m.carryEditions(ctx); err != nil {
		return err
	}
	if err := m.carry(ctx); err != nil {
		return err
	}
	visits, err := m.carryVisits(ctx)
	if err != nil {
		return err
	}
	if err := m.end(ctx); err != nil {
		return err
	}
	c := &collation{move: m, Visits: visits}
	return c.run(ctx)
}

// carry takes over the decisions in the order of the audit chain.
func (m *move) carry(ctx context.Context) error {
	standing, leave := iter.Pull2(positions(m.into.Audit(ctx)))
	defer leave()
	holdings, stop := iter.Pull2(m.from.Holdings(ctx))
	defer stop()
	pending, end := iter.Pull2(m.from.PendingEvents(ctx))
	defer end()
	m.holdings, m.pending = holdings, pending
	if err := m.nextEvent(); err != nil {
		return err
	}
	beyond := false // the target holds no more
	for r, err := range m.from.Audit(ctx) {
		if err != nil {
			return err
		}
		if !m.check.Add(r) {
			return m.broken("与前一行的哈希不衔接", "does not continue the row before it", r)
		}
		if !beyond {
			given, err, there := standing()
			if err != nil {
				return err
			}
			if beyond = !there; there && !bytes.Equal(given.Event, r.Event) {
				return m.foreign(given)
			}
		}
		if err := m.take(ctx, r, !beyond); err != nil {
			return err
		}
		m.head = r
		m.progress(time.Now())
	}
	if err := m.flush(ctx); err != nil {
		return err
	}
	if _, err, more := m.holdings(); err != nil {
		return err
	} else if more || len(m.open) > 0 {
		return m.grown()
	}
	if beyond {
		return nil
	}
	return m.meetEnd(standing)
}

// meetEnd looks at what the target has behind all that the source has.
func (m *move) meetEnd(standing func() (policy.AuditRow, error, bool)) error {
	last, err, there := standing()
	if err != nil || !there {
		return err
	}
	var c copied
	if m.noted = json.Unmarshal(last.Event, &c) == nil && c.Type == storeCopied && c.Head == headName(m.head); !m.noted {
		return m.foreign(last)
	}
	if last, err, there = standing(); err != nil || !there {
		return err
	}
	return usage("%s 已复制完成，并已投入使用：不能再次复制", "%s was copied, and has been in use since: it cannot be copied into again", m.into.name)
}

// take goes one row on. there tells that the target has it already.
func (m *move) take(ctx context.Context, r policy.AuditRow, there bool) error {
	m.rows++
	var e auditedDecision
	if err := json.Unmarshal(r.Event, &e); err != nil || e.Type == "" {
		return m.broken("事件无法解析", "is no event of a decision", r)
	}
	if there {
		m.there++
	}
	if e.ofStore() { // the source is a copy itself, say
		if err := m.flush(ctx); err != nil || there {
			return err
		}
		return m.into.Note(ctx, r.Event, 0)
	}
	if e.ofRetention() {
		if err := m.flush(ctx); err != nil || there {
			return err
		}
		return m.retain(ctx, r, &e)
	}
	d, err := m.draft(r, &e)
	if err != nil || there {
		return err
	}
	if m.batch = append(m.batch, d); len(m.batch) == moved {
		return m.flush(ctx)
	}
	return nil
}

// retain does once more what the event tells of: the record that was erased has
// come without what is gone.
func (m *move) retain(ctx context.Context, r policy.AuditRow, e *auditedDecision) (err error) {
	switch e.Type {
	case policyHeld:
		err = m.into.store.Hold(ctx, policy.Hold{Key: e.key(), By: e.By, Why: e.Why, At: e.Time}, r.Event)
	case policyReleased:
		err = m.into.store.Release(ctx, e.key(), r.Event)
	case policyErased:
		err = m.into.store.Erase(ctx, e.key(), e.Revision, e.Time, r.Event)
	}
	if refusedToErase(err) {
		return m.broken("与此前的事件不符", "does not fit what the rows before it tell", r)
	}
	return err
}

// draft is a decision as it was made, ready to be written once more.
func (m *move) draft(r policy.AuditRow, e *auditedDecision) (policy.Draft, error) {
	key := e.key()
	if e.Revision == 1 {
		h, err, there := m.holdings()
		if err != nil {
			return policy.Draft{}, err
		}
		if there {
			m.open[h.Records[0].Key] = &h
		}
	}
	h := m.open[key]
	if h == nil || e.Revision < 1 || e.Revision > int64(len(h.Records)) || !e.tellsOf(&h.Records[e.Revision-1]) {
		return policy.Draft{}, m.broken("记录与此事件不符：记录被改动或缺失", "is not what its record says: the record was altered, or is gone", r)
	}
	entry := policy.Entry{Record: h.Records[e.Revision-1], Audit: r.Event}
	if m.event.Position == r.Position {
		entry.Event = m.event.Event
		if err := m.nextEvent(); err != nil {
			return policy.Draft{}, err
		}
	}
	d := policy.Draft{Key: key, Replaces: e.Revision - 1, Complete: func(uint64) (policy.Entry, error) { return entry, nil }}
	if e.Revision == int64(len(h.Records)) {
		d.Unique = h.Claims // which are those that it holds now, whatever came and went before
		delete(m.open, key)
	}
	return d, nil
}

func (m *move) nextEvent() error {
	e, err, there := m.pending()
	if !there {
		e = policy.PendingEvent{}
	}
	m.event = e
	return err
}

func (m *move) flush(ctx context.Context) error {
	if len(m.batch) == 0 {
		return nil
	}
	err := m.into.Receive(ctx, m.batch)
	m.batch = m.batch[:0]
	return err
}

// end writes into the target's chain where it came from, and moves its numbers
// on behind those of the source.
func (m *move) end(ctx context.Context) error {
	last, err := m.from.LastNumber(ctx)
	if err != nil || m.noted {
		return err
	}
	text, err := json.Marshal(copied{storeCopied, m.from.name.String(), headName(m.head), last, time.Now().UTC().Truncate(time.Microsecond)})
	if err != nil {
		return err
	}
	return m.into.Note(ctx, text, last)
}

func (m *move) progress(now time.Time) {
	if m.reported.IsZero() {
		m.reported = m.began
	}
	if now.Sub(m.reported) < time.Second {
		return
	}
	m.reported = now
	told := say("已复制 %[1]s 条决定（%[2]v）", "%[1]s decisions copied (%[2]v)", thousands(m.rows), now.Sub(m.began).Round(time.Second))
	if m.compared > 0 {
		told = say("已比较 %[1]s 条（%[2]v）", "%[1]s compared (%[2]v)", thousands(m.compared), now.Sub(m.began).Round(time.Second))
	}
	text := told.In(m.language())
	if m.bar != nil {
		m.bar.draw(text)
		return
	}
	m.note("%s", "%s", text)
}

// positions leaves the openings of chains out.
func positions(rows iter.Seq2[policy.AuditRow, error]) iter.Seq2[policy.AuditRow, error] {
	return func(yield func(policy.AuditRow, error) bool) {
		for r, err := range rows {
			if (err != nil || r.Position != 0 || r.Chain == 0) && !yield(r, err) {
				return
			}
		}
	}
}

// broken is the failure of a source whose audit chain does not hold.
func (m *move) broken(zh, en string, r policy.AuditRow) error {
	return &failure{code: exitBroken, text: say("不复制 %[1]s：审计链第 %[2]d 行"+zh+"。见 chudan verify-audit --records",
		"%[1]s is not copied: row %[2]d of its audit chain "+en+"; see chudan verify-audit --records", m.from.name, r.Position)}
}

// foreign refuses a target that holds something else.
func (m *move) foreign(r policy.AuditRow) error {
	var c copied
	if json.Unmarshal(r.Event, &c) == nil && c.Type == storeCopied {
		return usage("%[1]s 已复制到 %[2]s 为止，此后源数据库又有新的决定：请复制到新的空数据库",
			"%[1]s was copied up to %[2]s, and more was decided in the source since; copy into another, empty store", m.into.name, c.Head)
	}
	return usage("%[1]s 中已有其他内容（审计链第 %[2]d 行）：请指定空的数据库", "%[1]s holds something else (row %[2]d of its audit chain); name an empty store", m.into.name, r.Position)
}

// grown refuses a source that holds what its audit chain has not told of yet.
func (m *move) grown() error {
	return usage("%s 中有审计链未记载的记录：若仍有程序在出单，请先停止，再次运行",
		"%s holds records of which its audit chain does not tell; if something still issues into it, stop that first, and run it again", m.from.name)
}
