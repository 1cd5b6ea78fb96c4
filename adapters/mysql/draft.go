package mysql

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/chudan-io/chudan/policy"
)

var errNumberUsed = errors.New("mysql: the policy number that was made belongs to another policy; see the number template")

// answer is what a draft comes to. Its error is the draft's own: nothing was
// written for it, and the transaction goes on.
type answer struct {
	record policy.Record
	won    bool
	err    error
}

// decide carries out drafts in the order in which they came. All looks come
// before the first write, and writes wait in pending, so that a draft that fails
// by itself has nothing to undo.
func (t *transaction) decide(ctx context.Context, batch []*waiting) error {
	drafts := make([]*policy.Draft, 0, len(batch))
	for _, d := range batch {
		drafts = append(drafts, &d.draft)
	}
	if err := t.lookUp(ctx, drafts); err != nil {
		return err
	}
	for _, d := range batch {
		if ended := d.ctx.Err(); ended != nil {
			d.answer = answer{err: fmt.Errorf("mysql: ended before it was written: %w", ended)}
			continue
		}
		var err error
		if d.answer, err = t.issue(ctx, &d.draft); err != nil {
			return err
		}
	}
	return nil
}

// issue carries out one draft. An error is the transaction's.
func (t *transaction) issue(ctx context.Context, d *policy.Draft) (answer, error) {
	old := t.known[d.Key]
	if old.id != 0 && (old.record.Final() || old.record.Revision != d.Replaces) {
		return answer{record: clone(old.record)}, nil
	}
	for _, b := range d.Unique {
		if holder, taken := t.taken[claim{d.Key.Tenant, b}]; taken && holder != old.id {
			return answer{err: &policy.TakenError{Path: b.Path}}, nil
		}
	}
	next := t.head
	var seq uint64
	if d.Numbered {
		next.sequence++
		seq = next.sequence
	}
	entry, err := d.Make(seq, t.inForce(d.Exposure.All())...)
	if err == nil {
		err = t.fits(d, &entry)
	}
	if err == nil && entry.Record.Status.Holds() {
		err = t.countable(d.Exposure, old.id)
	}
	if err != nil {
		return answer{err: err}, nil //nolint:nilerr // the draft's own, not the transaction's
	}
	if old.fresh { // changed twice in one transaction: the row must be there, and its claims, to be replaced
		if err := t.flush(ctx); err != nil {
			return answer{}, err
		}
	}
	entry.Record.Revision = old.record.Revision + 1
	next.journal++
	next.hash = policy.ChainHash(t.head.hash, entry.Audit)
	id := old.id
	if id == 0 {
		next.record++
		id = next.record
	}
	t.head = next
	t.note(d, &entry, old, id)
	return answer{record: clone(entry.Record), won: true}, nil
}

// note puts an entry where it waits to be written, and where later drafts of
// the batch see it.
func (t *transaction) note(d *policy.Draft, e *policy.Entry, old kept, id int64) {
	r := &e.Record
	if old.id == 0 {
		t.pending.records = append(t.pending.records, recordRow(id, r))
	} else {
		t.pending.replacements = append(t.pending.replacements, replacement{id, old.record, *r})
	}
	if r.Status == policy.StatusIssued {
		t.numbers[r.Number] = true
	}
	for _, b := range d.Unique {
		t.hold(claim{d.Key.Tenant, b}, id, r.Status.Holds())
	}
	t.count(d.Exposure, id, r.Status.Holds())
	var event any // NULL where there is none
	if len(e.Event) > 0 {
		event = e.Event
		t.pending.events = append(t.pending.events, row{t.head.journal, 0, 0})
	}
	t.pending.journal = append(t.pending.journal, row{t.head.journal, event, blob(e.Audit), slices.Clone(t.head.hash[:])})
	t.last = kept{id, *r, true}
	t.known[d.Key] = t.last
	t.decided = true
}

// hold claims a business key for a record, or gives it back. It is that record's
// already, or nobody's; and it may be named twice.
func (t *transaction) hold(c claim, id int64, holds bool) {
	_, held := t.taken[c]
	r := row{[]byte(c.key.Value), []byte(c.key.Path), []byte(c.tenant), id}
	switch {
	case holds && !held:
		t.taken[c] = id
		t.pending.claims = append(t.pending.claims, r)
	case held && !holds:
		delete(t.taken, c)
		t.pending.releases = append(t.pending.releases, r)
	}
}

// widths are how many bytes the columns hold; see the schema.
const (
	maxIdentifier, maxTenant, maxNumber, maxName, maxDigest = 255, 128, 128, 160, 128
	maxValue, maxPath, maxBlob                              = 384, 128, 1<<24 - 1
)

// fits refuses what has no room in its column, before the server does so with
// the whole batch, and a number that was given away a moment ago.
func (t *transaction) fits(d *policy.Draft, e *policy.Entry) error {
	r := &e.Record
	if t.numbers[r.Number] {
		return errNumberUsed
	}
	check := func(what string, length, most int) error {
		if packet := t.packet - 1024; most > packet && length > packet {
			return fmt.Errorf("mysql: %s has %d bytes, and the server takes %d; see its max_allowed_packet", what, length, packet)
		}
		return room(what, length, most)
	}
	all := []error{
		check("the identifier", len(r.Key.Identifier), maxIdentifier), check("the tenant", len(r.Key.Tenant), maxTenant),
		check("the policy number", len(r.Number), maxNumber), check("the product", len(r.Product), maxName),
		check("the edition", len(r.Edition), maxName), check("the digest", len(r.Digest), maxDigest),
		check("the fingerprint", len(r.Fingerprint), maxBlob), check("the sealed record", len(r.Sealed), maxBlob),
		check("the event", len(e.Event), maxBlob), check("the audit event", len(e.Audit), maxBlob),
	}
	if r.Status.Holds() {
		for _, b := range d.Unique {
			all = append(all, check("the value of "+b.Path, len(b.Value), maxValue), check("a business key's path", len(b.Path), maxPath))
		}
	}
	return errors.Join(all...)
}

// room tells what has none in its column. It does not quote the value.
func room(what string, length, most int) error {
	if length > most {
		return fmt.Errorf("mysql: %s has %d bytes, and there is room for %d", what, length, most)
	}
	return nil
}

// clone parts a record from its bytes: drafts of one batch may be answered with
// the same one.
func clone(r policy.Record) policy.Record {
	r.Fingerprint = slices.Clone(r.Fingerprint)
	r.Sealed = slices.Clone(r.Sealed)
	return r
}
