package postgres

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/chudan-io/chudan/policy"
)

var (
	errNumberUsed = errors.New("postgres: the policy number that was made belongs to another policy; see the number template")
	errText       = errors.New("postgres: a text has a zero byte in it or is not UTF-8, which PostgreSQL does not keep")
)

// place is where a draft's record goes.
type place struct{ key, revision int64 }

// write carries out drafts whose keys and business keys all differ, in one
// transaction, or answers errLost. Keys are taken before business keys and both
// in order, so that two nodes never wait for each other in a circle.
func (s *session) write(ctx context.Context, drafts []*waiting) (committing bool, err error) {
	if s.chain == 0 {
		if s.chain, s.head, err = openChain(ctx, s.conn, false); err != nil {
			s.chain = 0
			return false, err
		}
	}
	b := &pgx.Batch{}
	b.Queue("begin")
	places, standing, err := win(ctx, s.conn, b, drafts)
	if err != nil {
		return false, err
	}
	numbered := 0
	for _, d := range drafts {
		// Whatever an attempt before this one came to, it is not what is there now.
		d.prior = nil
		if d.draft.Numbered {
			numbered++
		}
	}
	drawn, err := s.numbers.draw(ctx, s.conn, numbered)
	if err == nil {
		var entries []policy.Entry
		if entries, err = makeAll(drafts, places, standing, drawn); err == nil {
			committing, err = s.commit(ctx, drafts, places, standing, entries)
		}
	}
	if err != nil && !isLost(err) {
		s.numbers.put(drawn)
	}
	return committing, err
}

// win takes the keys, then the business keys and then the subjects of what is in
// force, and tells where each record goes. b holds what is to be done before, in
// the same round trip.
func win(ctx context.Context, conn sender, b *pgx.Batch, drafts []*waiting) ([]place, *standing, error) {
	ordered := slices.Clone(drafts)
	slices.SortFunc(ordered, func(a, b *waiting) int { return compareKeys(a.draft.Key, b.draft.Key) })
	var names, replaced keyColumns
	var claims, looks claimColumns
	for _, d := range ordered {
		names.add(d.draft.Key)
		if d.draft.Replaces != 0 {
			replaced.add(d.draft.Key)
		}
		if d.claims {
			claims.add(d.draft.Key, d.draft.Unique...)
		} else {
			looks.add(d.draft.Key, d.draft.Unique...)
		}
	}
	won := make(map[policy.Key]place, len(drafts))
	held, foreign := 0, 0
	var k policy.Key
	var p place

	each(b, `INSERT INTO chudan_key (identifier, tenant) SELECT * FROM unnest($1::text[], $2::text[])
		ON CONFLICT DO NOTHING RETURNING identifier, tenant, id`,
		names.args(), []any{&k.Identifier, &k.Tenant, &p.key}, func() error {
			won[k] = place{p.key, 1}
			return nil
		})
	if len(replaced.identifiers) > 0 {
		// Two statements: what the first one waited for, only the second sees.
		b.Queue(`SELECT FROM unnest($1::text[], $2::text[]) n (identifier, tenant) JOIN chudan_key k USING (identifier, tenant)
			ORDER BY identifier, tenant FOR NO KEY UPDATE OF k`, replaced.args()...)
		standing := map[policy.Key]int64{}
		for _, d := range drafts {
			standing[d.draft.Key] = d.draft.Replaces
		}
		each(b, `SELECT k.identifier, k.tenant, k.id, r.revision FROM unnest($1::text[], $2::text[]) n (identifier, tenant)
			JOIN chudan_key k USING (identifier, tenant) CROSS JOIN LATERAL
			(SELECT revision, status, erased FROM chudan_record WHERE key = k.id ORDER BY revision DESC LIMIT 1) r WHERE r.status <> 'issued' AND r.erased IS NULL`,
			replaced.args(), []any{&k.Identifier, &k.Tenant, &p.key, &p.revision}, func() error {
				if standing[k] == p.revision {
					won[k] = place{p.key, p.revision + 1}
				}
				return nil
			})
	}
	var one int
	if claims.sort(); len(claims.rows) > 0 {
		each(b, `INSERT INTO chudan_claim (value, path, tenant, identifier) SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])
			ON CONFLICT DO NOTHING RETURNING 1`, claims.args(), []any{&one}, func() error { held++; return nil })
	}
	if len(claims.rows) > 0 && len(replaced.identifiers) > 0 {
		// A record before may hold them for its key already; those that were inserted are among these.
		each(b, `SELECT count(*) FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) n (value, path, tenant, mine)
			JOIN chudan_claim c USING (value, path, tenant) WHERE c.identifier = n.mine`,
			claims.args(), []any{&held}, func() error { return nil })
	}
	if len(looks.rows) > 0 {
		each(b, `SELECT 1 FROM chudan_claim c JOIN unnest($1::text[], $2::text[], $3::text[], $4::text[]) n (value, path, tenant, mine)
			USING (value, path, tenant) WHERE c.identifier <> n.mine`,
			looks.args(), []any{&one}, func() error { foreign++; return nil })
	}
	standing := standingOf(drafts)
	standing.lock(b)
	if err := send(ctx, conn, b); err != nil {
		return nil, nil, err
	}
	if len(won) < len(drafts) || held < len(claims.rows) || foreign > 0 {
		return nil, nil, errLost
	}
	places := make([]place, len(drafts))
	for i, d := range drafts {
		places[i] = won[d.draft.Key]
	}
	return places, standing, nil
}

// makeAll completes the drafts. One that fails has its answer, and the
// transaction nothing to commit: what it has won is to be free again.
func makeAll(drafts []*waiting, places []place, standing *standing, drawn []uint64) ([]policy.Entry, error) {
	entries := make([]policy.Entry, len(drafts))
	failed := false
	for i, d := range drafts {
		var seq uint64
		if d.draft.Numbered {
			seq, drawn = drawn[0], drawn[1:]
		}
		x := d.draft.Exposure
		e, err := d.draft.Make(seq, standing.inForce(x)...)
		if err == nil && !keepable(&e.Record) {
			err = errText
		}
		if err == nil && e.Record.Status.Holds() {
			err = standing.check(x)
		}
		switch holds := e.Record.Status.Holds(); {
		case err != nil:
			d.settle(answer{err: err})
			failed = true
			continue
		case holds != d.claims && len(d.draft.Unique) > 0:
			d.claims = holds // now it is known
			failed = true
		}
		e.Record.Revision = places[i].revision
		entries[i] = e
		standing.count(x, places[i].key, e.Record.Status.Holds())
	}
	if failed {
		return nil, errLost
	}
	return entries, nil
}

// commit writes what was made and commits it, in one round trip. committing
// tells that an error leaves open whether it did: COMMIT was on its way.
func (s *session) commit(ctx context.Context, drafts []*waiting, places []place, standing *standing, entries []policy.Entry) (committing bool, err error) {
	b := &pgx.Batch{}
	written := false
	standing.queue(b)
	next := queue(b, drafts, places, entries, s.chain, s.head, &written)
	b.Queue("commit").Exec(func(tag pgconn.CommandTag) error {
		if tag.String() != "COMMIT" {
			return errNotCommitted
		}
		return nil
	})
	if err := send(ctx, s.conn, b); err != nil {
		if open := isLost(err) && (written || code(err) == ""); open {
			for i, d := range drafts {
				d.prior = &entries[i].Record
			}
			return true, err
		}
		return false, err
	}
	s.head = next
	for i, d := range drafts {
		d.settle(answer{record: entries[i].Record, won: true})
	}
	return false, nil
}

// queue queues what writes the entries and continues a chain, and gives the
// chain's new head. written tells when the server has done all of it.
func queue(b *pgx.Batch, drafts []*waiting, places []place, entries []policy.Entry, chain int64, next head, written *bool) head {
	var c columns
	var given claimColumns
	for i, d := range drafts {
		next.position++
		next.hash = policy.ChainHash(next.hash, entries[i].Audit)
		c.add(places[i], &entries[i], next)
		if places[i].revision > 1 && !entries[i].Record.Status.Holds() {
			given.add(d.draft.Key, d.draft.Unique...)
		}
	}
	b.Queue(`INSERT INTO chudan_record (key, revision, status, number, product, edition, digest, fingerprint, at, sealed)
		SELECT key, revision, status, nullif(number, ''), product, edition, digest, fingerprint, at, sealed
		FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bytea[], $9::timestamptz[], $10::bytea[])
		AS n (key, revision, status, number, product, edition, digest, fingerprint, at, sealed)`, c.record()...)
	if len(given.rows) > 0 {
		// After the records: while the one before held them, nobody gives them back.
		b.Queue(`DELETE FROM chudan_claim c USING unnest($1::text[], $2::text[], $3::text[], $4::text[]) n (value, path, tenant, mine)
			WHERE (c.value, c.path, c.tenant, c.identifier) = (n.value, n.path, n.tenant, n.mine)`, given.args()...)
	}
	if len(c.eventful) > 0 {
		b.Queue(`INSERT INTO chudan_outbox (chain, position) SELECT $1, * FROM unnest($2::bigint[])`, chain, c.eventful)
	}
	b.Queue(`INSERT INTO chudan_journal (chain, position, event, audit, hash) SELECT $1, * FROM unnest($2::bigint[], $3::bytea[], $4::bytea[], $5::bytea[])`,
		chain, c.position, c.event, c.audit, c.hash).
		Exec(func(pgconn.CommandTag) error { *written = true; return nil })
	return next
}

func compareKeys(a, b policy.Key) int {
	return cmp.Or(cmp.Compare(a.Identifier, b.Identifier), cmp.Compare(a.Tenant, b.Tenant))
}

// columns are the rows of a transaction, column by column.
type columns struct {
	key, revision, position, eventful        []int64
	status, number, product, edition, digest []string
	fingerprint, sealed, event, audit, hash  [][]byte
	at                                       []time.Time
}

func (c *columns) add(p place, e *policy.Entry, h head) {
	r := &e.Record
	c.key, c.revision = append(c.key, p.key), append(c.revision, p.revision)
	c.status, c.number = append(c.status, string(r.Status)), append(c.number, r.Number)
	c.product, c.edition, c.digest = append(c.product, r.Product), append(c.edition, r.Edition), append(c.digest, r.Digest)
	c.fingerprint, c.sealed, c.at = append(c.fingerprint, blob(r.Fingerprint)), append(c.sealed, blob(r.Sealed)), append(c.at, r.At)
	c.position, c.audit, c.hash = append(c.position, h.position), append(c.audit, blob(e.Audit)), append(c.hash, h.hash[:])
	var event []byte // NULL where there is none
	if len(e.Event) > 0 {
		event, c.eventful = e.Event, append(c.eventful, h.position)
	}
	c.event = append(c.event, event)
}

func (c *columns) record() []any {
	return []any{c.key, c.revision, c.status, c.number, c.product, c.edition, c.digest, c.fingerprint, c.at, c.sealed}
}

// blob is b as a value that is not NULL.
func blob(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
