package postgres

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/chudan-io/chudan/policy"
)

// opening is what a chain begins with. Its hash continues that of the opening
// before, and the first position of the chain continues its own.
type opening struct {
	Chain int64     `json:"chain"`
	Heads []chained `json:"heads"` // of the chains before it that were opened last, newest first
}

// chained is how far a chain had come.
type chained struct {
	Chain    int64  `json:"chain"`
	Position int64  `json:"position"`
	Hash     string `json:"hash"` // in hex
}

// headsTold is how many chains before it an opening tells the heads of: what
// was written before is bound by it as if it were one chain.
const headsTold = 32

// openChain begins a chain, which a session continues or, where it is hosted,
// one host's transaction after the other. Nodes take turns at it, which is why
// they then need not take turns at writing.
func openChain(ctx context.Context, on interface {
	Begin(ctx context.Context) (pgx.Tx, error)
}, hosted bool,
) (chain int64, begins head, err error) {
	err = pgx.BeginFunc(ctx, on, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1, $2)`, lockClass, lockOpening); err != nil {
			return err
		}
		o := opening{Chain: 1, Heads: []chained{}}
		var before, hash []byte
		err := tx.QueryRow(ctx, `SELECT id + 1, hash FROM chudan_chain ORDER BY id DESC LIMIT 1`).Scan(&o.Chain, &before)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		rows, err := tx.Query(ctx, `SELECT c.id, j.position, j.hash FROM (SELECT id FROM chudan_chain ORDER BY id DESC LIMIT $1) c
			CROSS JOIN LATERAL (SELECT position, hash FROM chudan_journal WHERE chain = c.id ORDER BY position DESC LIMIT 1) j
			ORDER BY c.id DESC`, headsTold)
		if err != nil {
			return err
		}
		var last chained
		_, err = pgx.ForEachRow(rows, []any{&last.Chain, &last.Position, &hash}, func() error {
			last.Hash = hex.EncodeToString(hash)
			o.Heads = append(o.Heads, last)
			return nil
		})
		if err != nil {
			return err
		}
		text, err := json.Marshal(o)
		if err != nil {
			return err
		}
		var from [sha256.Size]byte
		if copy(from[:], before) < len(before) {
			return fmt.Errorf("the hash of chain %d is not one", o.Chain-1)
		}
		begun := policy.ChainHash(from, text)
		if _, err := tx.Exec(ctx, `INSERT INTO chudan_chain (id, opening, hash, hosted) VALUES ($1, $2, $3, $4)`, o.Chain, text, begun[:], hosted); err != nil {
			return err
		}
		chain, begins = o.Chain, head{hash: begun}
		return nil
	})
	return chain, begins, err
}
