package sqlite

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"

	"github.com/chudan-io/chudan/policy"
	sqlite3 "modernc.org/sqlite/lib"
)

var errNumberUsed = errors.New("sqlite: the policy number that was made belongs to another policy; see the number template")

// head is the end of the journal: what the next decision continues.
type head struct {
	hash     [sha256.Size]byte
	sequence uint64
}

// answer is what a draft comes to. Its error is the draft's own: nothing was
// written for it, and the transaction goes on.
type answer struct {
	record policy.Record
	won    bool
	err    error
}

func (s *session) readHead(ctx context.Context) (head, error) {
	var h head
	var hash []byte
	err := s.head.QueryRowContext(ctx).Scan(&hash, &h.sequence)
	if errors.Is(err, sql.ErrNoRows) {
		return head{}, nil
	}
	copy(h.hash[:], hash)
	return h, err
}

// issue carries out one draft in the open transaction. An error is the
// transaction's; all checks come before the first write, so that a draft which
// fails by itself has nothing to undo.
func (s *session) issue(ctx context.Context, d policy.Draft, h *head) (answer, error) {
	id, old, err := s.current(ctx, d)
	if err != nil {
		return answer{}, err
	}
	if id != 0 && (old.Final() || old.Revision != d.Replaces) {
		return answer{record: old}, nil
	}
	for _, b := range d.Unique {
		var one int
		switch err := s.taken.QueryRowContext(ctx, b.Value, b.Path, d.Key.Tenant, id).Scan(&one); {
		case err == nil:
			return answer{err: &policy.TakenError{Path: b.Path}}, nil
		case !errors.Is(err, sql.ErrNoRows):
			return answer{}, err
		}
	}
	next := *h
	var seq uint64
	if d.Numbered {
		next.sequence++
		seq = next.sequence
	}
	x, err := sumUp(ctx, s.sums, d.Exposure)
	switch {
	case errors.Is(err, errTooMuch):
		return answer{err: err}, nil
	case err != nil:
		return answer{}, err
	}
	entry, err := d.Make(seq, x.sums()...)
	if err == nil && entry.Record.Status.Holds() {
		err = x.check()
	}
	if err != nil {
		return answer{err: err}, nil //nolint:nilerr // the draft's own, not the transaction's
	}
	entry.Record.Revision = old.Revision + 1
	next.hash = policy.ChainHash(h.hash, entry.Audit)
	if err := s.write(ctx, d, x, entry, next, id, old); err != nil {
		if errors.Is(err, errNumberUsed) {
			return answer{err: err}, nil
		}
		return answer{}, err
	}
	*h = next
	s.untuned++
	return answer{record: entry.Record, won: true}, nil
}

// current gives the record of the draft's key and its row; row 0 where there
// is none. The columns beside revision and status are read where they are
// answered or replaced.
func (s *session) current(ctx context.Context, d policy.Draft) (id int64, r policy.Record, err error) {
	err = s.find.QueryRowContext(ctx, d.Key.Identifier, d.Key.Tenant).Scan(&id, &r.Revision, &r.Status)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, policy.Record{}, nil
	}
	if err == nil {
		r, err = scan(s.full.QueryRowContext(ctx, id))
	}
	return id, r, err
}

func (s *session) write(ctx context.Context, d policy.Draft, x *exposure, e policy.Entry, next head, id int64, old policy.Record) error {
	id, err := s.writeRecord(ctx, e.Record, id, old)
	if err != nil {
		return err
	}
	if holds := e.Record.Status.Holds(); holds || old.Status.Holds() {
		change := s.giveBack
		if holds {
			change = s.claim
		}
		for _, b := range d.Unique {
			if _, err := change.ExecContext(ctx, b.Value, b.Path, d.Key.Tenant, id); err != nil {
				return err
			}
		}
	}
	if x != nil {
		if err := s.count(ctx, x, id, old.Status.Holds(), e.Record.Status.Holds()); err != nil {
			return err
		}
	}
	var event any // NULL where there is none
	if len(e.Event) > 0 {
		event = e.Event
	}
	_, err = s.journal.ExecContext(ctx, event, blob(e.Audit), next.hash[:], next.sequence)
	return err
}

// writeRecord goes first, because a policy number in use is found out by it:
// the statement that fails undoes itself, and nothing else has been written.
func (s *session) writeRecord(ctx context.Context, r policy.Record, id int64, old policy.Record) (int64, error) {
	var err error
	if id == 0 {
		var result sql.Result
		result, err = s.insert.ExecContext(ctx, r.Key.Identifier, r.Key.Tenant, r.Revision, r.Status, r.Number,
			r.Product, r.Edition, r.Digest, blob(r.Fingerprint), r.At.UnixMicro(), blob(r.Sealed))
		if err == nil {
			return result.LastInsertId()
		}
	} else {
		_, err = s.replace.ExecContext(ctx, r.Revision, r.Status, r.Number,
			r.Product, r.Edition, r.Digest, blob(r.Fingerprint), r.At.UnixMicro(), blob(r.Sealed), id)
		if err == nil {
			_, err = s.keep.ExecContext(ctx, id, old.Revision, old.Status,
				old.Product, old.Edition, old.Digest, blob(old.Fingerprint), old.At.UnixMicro(), blob(old.Sealed))
			return id, err
		}
	}
	if code(err) == sqlite3.SQLITE_CONSTRAINT_UNIQUE {
		return 0, errNumberUsed
	}
	return 0, err
}

// blob is b as a value that is not NULL.
func blob(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
