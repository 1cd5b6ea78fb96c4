package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/jackc/pgx/v5"

	"github.com/chudan-io/chudan/policy"
)

// receiver is the connection over which a copy arrives; nil before the first
// of it.
type receiver struct {
	sync.Mutex
	session *session
}

// Receive is policy.Mover's. Deciding sorts keys, so that nodes do not wait for
// each other in a circle; here there is one writer, and they arrive in the
// order of the drafts.
func (s *Store) Receive(ctx context.Context, drafts []policy.Draft) error {
	batch := make([]*waiting, len(drafts))
	for i, d := range drafts {
		if !nameable(&d) {
			return errText
		}
		batch[i] = &waiting{ctx: ctx, draft: d}
	}
	var own error // of a draft: nothing is wrong with the server
	err := s.receiving(ctx, func(ctx context.Context, r *session) error {
		places, entries, err := r.arrive(ctx, batch)
		if err == nil {
			_, err = r.commit(ctx, batch, places, nil, entries)
		}
		if errors.Is(err, policy.ErrNotReceived) || errors.Is(err, errText) || constraint(err) == "chudan_record_number" {
			own = fmt.Errorf("postgres: %s: %w", s.where, policy.ErrNotReceived)
		}
		return err
	})
	if own != nil {
		return own
	}
	return err
}

// arrive begins the transaction, takes keys and business keys and tells where
// each record goes.
func (s *session) arrive(ctx context.Context, drafts []*waiting) (places []place, entries []policy.Entry, err error) {
	var names keyColumns
	var claims claimColumns
	met := make(map[policy.Key]bool, len(drafts))
	for _, d := range drafts {
		e, err := d.draft.Make(0)
		if err != nil {
			return nil, nil, err
		}
		if !keepable(&e.Record) {
			return nil, nil, errText
		}
		entries = append(entries, e)
		if !met[d.draft.Key] {
			met[d.draft.Key] = true
			names.add(d.draft.Key)
		}
		if e.Record.Status.Holds() {
			claims.add(d.draft.Key, d.draft.Unique...)
		}
	}
	standing, claimed, err := s.take(ctx, &names, &claims)
	if err != nil {
		return nil, nil, err
	}
	if claimed < len(claims.rows) {
		return nil, nil, policy.ErrNotReceived
	}
	for i, d := range drafts {
		p, there := standing[d.draft.Key]
		if !there || p.revision != d.draft.Replaces {
			return nil, nil, policy.ErrNotReceived
		}
		if p.revision++; entries[i].Record.Status == policy.StatusIssued {
			delete(standing, d.draft.Key) // it is final
		} else {
			standing[d.draft.Key] = p
		}
		entries[i].Record.Revision = p.revision
		places = append(places, p)
	}
	return places, entries, nil
}

// take gives the keys that are not issued, each with the revision that it has;
// 0 for one that is new.
func (s *session) take(ctx context.Context, names *keyColumns, claims *claimColumns) (standing map[policy.Key]place, claimed int, err error) {
	standing = map[policy.Key]place{}
	var k policy.Key
	var p place
	var one int
	b := &pgx.Batch{}
	b.Queue("begin")
	b.Queue(`INSERT INTO chudan_key (identifier, tenant) SELECT identifier, tenant FROM unnest($1::text[], $2::text[]) WITH ORDINALITY n (identifier, tenant, place)
		ORDER BY place ON CONFLICT DO NOTHING`, names.args()...)
	each(b, `SELECT k.identifier, k.tenant, k.id, coalesce(r.revision, 0) FROM unnest($1::text[], $2::text[]) n (identifier, tenant)
		JOIN chudan_key k USING (identifier, tenant) LEFT JOIN LATERAL
		(SELECT revision, status, erased FROM chudan_record WHERE key = k.id ORDER BY revision DESC LIMIT 1) r ON true
		WHERE r.status IS DISTINCT FROM 'issued' AND r.erased IS NULL`,
		names.args(), []any{&k.Identifier, &k.Tenant, &p.key, &p.revision}, func() error {
			standing[k] = p
			return nil
		})
	if len(claims.rows) > 0 {
		each(b, `INSERT INTO chudan_claim (value, path, tenant, identifier) SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])
			ON CONFLICT DO NOTHING RETURNING 1`, claims.args(), []any{&one}, func() error { claimed++; return nil })
	}
	err = send(ctx, s.conn, b)
	return standing, claimed, err
}
