package postgres

import (
	"bytes"
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/chudan-io/chudan/policy"
)

// look reads what is committed and answers the drafts that have lost to it,
// and those that an attempt before this one has written after all.
func (s *session) look(ctx context.Context, drafts []*waiting) error {
	b := &pgx.Batch{}
	// Of one moment, so that what is told of keys and business keys fits together.
	b.Queue("begin isolation level repeatable read read only")
	return look(ctx, s.conn, b, drafts, "commit")
}

// look does so in the transaction that b begins and the last statement ends,
// or in one that is under way and goes on.
func look(ctx context.Context, conn sender, b *pgx.Batch, drafts []*waiting, last ...string) error {
	var names keyColumns
	var claims claimColumns
	for _, d := range drafts {
		names.add(d.draft.Key)
		claims.add(d.draft.Key, d.draft.Unique...)
	}
	records := make(map[policy.Key]policy.Record, len(drafts))
	holders := map[claimName]string{}
	b.Queue(`SELECT `+recordColumns+` FROM unnest($1::text[], $2::text[]) n (identifier, tenant) JOIN chudan_key k USING (identifier, tenant) `+latestRecord, names.args()...).
		Query(func(rows pgx.Rows) error {
			for rows.Next() {
				r, err := scan(rows)
				if err != nil {
					return err
				}
				records[r.Key] = r
			}
			return rows.Err()
		})
	if len(claims.rows) > 0 {
		var c claimed
		each(b, `SELECT value, path, tenant, c.identifier FROM chudan_claim c JOIN unnest($1::text[], $2::text[], $3::text[], $4::text[]) n (value, path, tenant, mine) USING (value, path, tenant)`,
			claims.args(), []any{&c.name.Value, &c.name.Path, &c.name.tenant, &c.identifier}, func() error {
				holders[c.name] = c.identifier
				return nil
			})
	}
	for _, statement := range last {
		b.Queue(statement)
	}
	if err := send(ctx, conn, b); err != nil {
		return err
	}
	for _, d := range drafts {
		if r, there := records[d.draft.Key]; there && d.standsBefore(r) {
			continue
		}
		i := slices.IndexFunc(d.draft.Unique, func(b policy.BusinessKey) bool {
			holder, held := holders[claimName{b, d.draft.Key.Tenant}]
			return held && holder != d.draft.Key.Identifier
		})
		if i >= 0 {
			d.settle(answer{err: &policy.TakenError{Path: d.draft.Unique[i].Path}})
		}
	}
	return nil
}

// standsBefore answers the draft with the record that its key has, unless it
// may take its place. The bytes are the caller's own.
func (d *waiting) standsBefore(r policy.Record) bool {
	r.Sealed, r.Fingerprint = slices.Clone(r.Sealed), slices.Clone(r.Fingerprint)
	if p := d.prior; p != nil && p.Revision == r.Revision && bytes.Equal(p.Sealed, r.Sealed) {
		d.settle(answer{record: r, won: true})
		return true
	}
	if r.Final() || r.Revision != d.draft.Replaces {
		d.settle(answer{record: r})
		return true
	}
	return false
}
