package postgres

import (
	"bytes"
	"errors"
	"math"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chudan-io/chudan/policy"
)

const (
	// trimmed is how many rows of amounts that ended long before a transaction
	// deletes at most: more than it adds, as a rule, and too few to be felt.
	trimmed = 256

	// endedFor is how long a row is kept after its end: nodes have clocks of their
	// own, and a draft may have waited since it was decided.
	endedFor = 10 * time.Minute
)

var (
	errTooMuch  = errors.New("postgres: with this amount more would be in force for a subject than a sum can hold")
	errNegative = errors.New("postgres: the amount of an exposure is below zero")
)

// sumsAt gives what is in force for subjects at a time.
const sumsAt = `SELECT s.subject, (s.amount
	- coalesce((SELECT sum(e.amount) FROM chudan_exposure e WHERE e.subject = s.subject AND e.until > s.settled AND e.until <= $2), 0)
	+ coalesce((SELECT sum(e.amount) FROM chudan_exposure e WHERE e.subject = s.subject AND e.until > $2 AND e.until <= s.settled), 0))::bigint
	FROM chudan_exposure_sum s WHERE s.subject = ANY($1::bytea[])`

// trimEnded deletes some of the rows of subjects that ended long before.
const trimEnded = `DELETE FROM chudan_exposure WHERE ctid = ANY(ARRAY(SELECT e.ctid FROM unnest($1::bytea[]) n (subject) CROSS JOIN LATERAL
	(SELECT ctid FROM chudan_exposure WHERE subject = n.subject AND until <= $2 ORDER BY until LIMIT $3) e LIMIT $3))`

// standing is what a batch has to do with the amounts in force: what they are
// while it holds the locks of their subjects, and what it changes.
type standing struct {
	at      int64                    // the earliest time of its drafts, for all: what is in force then is no less than later
	sums    map[policy.Subject]int64 // in force, with what the batch has changed so far
	counted map[exposureName]int64   // the amounts of keys that had a record before, where they count
	asked   exposureRows             // which of those were asked for
	owners  keyColumns               // whose they would be
	added   exposureRows             // what counts from now on
	gone    exposureRows             // what does so no longer
}

// exposureName is the name of a row of chudan_exposure.
type exposureName struct {
	subject    policy.Subject
	until, key int64
}

// exposureRows are rows of chudan_exposure as the parameters of a statement.
type exposureRows struct {
	subjects           [][]byte
	until, key, amount []int64
}

func (r *exposureRows) add(n exposureName, amount int64) {
	r.subjects, r.until = append(r.subjects, n.subject[:]), append(r.until, n.until)
	r.key, r.amount = append(r.key, n.key), append(r.amount, amount)
}

// standingOf is what the drafts have to do with what is in force; nil where they
// have nothing.
func standingOf(drafts []*waiting) *standing {
	s := &standing{at: math.MaxInt64, sums: map[policy.Subject]int64{}, counted: map[exposureName]int64{}}
	for _, d := range drafts {
		x := d.draft.Exposure
		for _, subject := range x.All() {
			s.at = min(s.at, x.At.UnixMicro())
			s.sums[subject] = 0
			if d.draft.Replaces != 0 {
				s.ask(subject, x, d.draft.Key)
			}
		}
	}
	if len(s.sums) == 0 {
		return nil
	}
	return s
}

// ask has the amount of a key looked up that may count already.
func (s *standing) ask(subject policy.Subject, x *policy.Exposure, k policy.Key) {
	s.asked.add(exposureName{subject, x.Until.UnixMicro(), 0}, 0)
	s.owners.add(k)
}

// subjects in the order in which they are locked.
func (s *standing) subjects() [][]byte {
	all := make([][]byte, 0, len(s.sums))
	for subject := range s.sums {
		all = append(all, subject[:])
	}
	slices.SortFunc(all, bytes.Compare)
	return all
}

// lock queues what locks the subjects, and then, because only a statement that
// begins afterwards sees what others had written under the locks, what reads
// their sums.
func (s *standing) lock(b *pgx.Batch) {
	if s == nil {
		return
	}
	subjects := s.subjects()
	b.Queue(`INSERT INTO chudan_exposure_sum (subject, amount, settled) SELECT n, 0, 0 FROM unnest($1::bytea[]) n ON CONFLICT DO NOTHING`, subjects)
	b.Queue(`SELECT FROM chudan_exposure_sum WHERE subject = ANY($1::bytea[]) ORDER BY subject FOR NO KEY UPDATE`, subjects)
	var subject []byte
	var n exposureName
	var amount int64
	each(b, sumsAt, []any{subjects, s.at}, []any{&subject, &amount}, func() error {
		s.sums[policy.Subject(subject)] = amount
		return nil
	})
	if len(s.asked.subjects) > 0 {
		each(b, `SELECT e.subject, e.until, e.key, e.amount FROM unnest($1::bytea[], $2::bigint[], $3::text[], $4::text[]) n (subject, until, identifier, tenant)
			JOIN chudan_key k USING (identifier, tenant) JOIN chudan_exposure e ON (e.subject, e.until, e.key) = (n.subject, n.until, k.id)`,
			append([]any{s.asked.subjects, s.asked.until}, s.owners.args()...), []any{&subject, &n.until, &n.key, &amount}, func() error {
				n.subject = policy.Subject(subject)
				s.counted[n] = amount
				return nil
			})
	}
}

// inForce are the sums that a draft is told.
func (s *standing) inForce(x *policy.Exposure) []int64 {
	var sums []int64
	for _, subject := range x.All() {
		sums = append(sums, s.sums[subject])
	}
	return sums
}

// check refuses what cannot be added up.
func (s *standing) check(x *policy.Exposure) error {
	switch {
	case x == nil:
		return nil
	case x.Amount < 0:
		return errNegative
	case slices.ContainsFunc(x.Subjects, func(subject policy.Subject) bool { return s.sums[subject] > math.MaxInt64-x.Amount }):
		return errTooMuch
	}
	return nil
}

// count has the amount of a key count, or no longer, and tells whether that
// changes anything. Under the names of before it never does: it would count
// twice.
func (s *standing) count(x *policy.Exposure, key int64, holds bool) (changed bool) {
	for i, subject := range x.All() {
		n := exposureName{subject, x.Until.UnixMicro(), key}
		amount, counts := s.counted[n]
		wanted := holds && i < len(x.Subjects)
		if counts == wanted {
			continue
		}
		changed = true
		if wanted {
			amount = x.Amount
			s.counted[n] = amount
			s.added.add(n, amount)
		} else {
			delete(s.counted, n)
			s.gone.add(n, amount)
			amount = -amount
		}
		if n.until > s.at {
			s.sums[subject] += amount
		}
	}
	return changed
}

// queue queues what was changed: the rows, and sums that are settled at the
// batch's time.
func (s *standing) queue(b *pgx.Batch) {
	if s == nil {
		return
	}
	subjects := s.subjects()
	sums := make([]int64, len(subjects))
	for i, subject := range subjects {
		sums[i] = s.sums[policy.Subject(subject)]
	}
	if g := &s.gone; len(g.subjects) > 0 {
		b.Queue(`DELETE FROM chudan_exposure e USING unnest($1::bytea[], $2::bigint[], $3::bigint[]) n (subject, until, key)
			WHERE (e.subject, e.until, e.key) = (n.subject, n.until, n.key)`, g.subjects, g.until, g.key)
	}
	if a := &s.added; len(a.subjects) > 0 {
		b.Queue(`INSERT INTO chudan_exposure (subject, until, key, amount) SELECT * FROM unnest($1::bytea[], $2::bigint[], $3::bigint[], $4::bigint[])`,
			a.subjects, a.until, a.key, a.amount)
	}
	b.Queue(`UPDATE chudan_exposure_sum s SET amount = n.amount, settled = $3 FROM unnest($1::bytea[], $2::bigint[]) n (subject, amount)
		WHERE s.subject = n.subject`, subjects, sums, s.at)
	b.Queue(trimEnded, subjects, s.at-endedFor.Microseconds(), trimmed)
}
