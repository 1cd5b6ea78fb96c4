package postgres

import (
	"context"
	_ "embed"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

var (
	//go:embed schema/1.sql
	schema1 string
	//go:embed schema/2.sql
	schema2 string
	//go:embed schema/3.sql
	schema3 string
	//go:embed schema/4.sql
	schema4 string
)

// migrations lead from each version of the schema to the next; what was
// released is never edited. Those that were applied stand in chudan_schema.
var migrations = []string{schema1, schema2, schema3, schema4}

// The keys of our advisory locks in a database: "chud" in ASCII, and which.
const (
	lockClass   = 0x63687564
	lockSchema  = 1
	lockOpening = 2

	lockHosted = lockClass + 1 // with the number of a chain
)

// migrate brings the schema up to date. Of any number of nodes that start at
// once, one does the work. Where there is none to be done nothing but the
// right to read is needed.
func (c *Config) migrate(ctx context.Context, conn *pgx.Conn) error {
	version, err := schemaVersion(ctx, conn)
	switch {
	case err != nil:
		return err
	case version > len(migrations) && !c.AcceptNewerSchema:
		return fmt.Errorf("the schema has version %d, newer than the %d that this program knows; take the newer program, "+
			"or set Config.AcceptNewerSchema if its notes say that this one may go on", version, len(migrations))
	case version >= len(migrations):
		return nil
	case conn.PgConn().ParameterStatus("in_hot_standby") == "on":
		return fmt.Errorf("the schema has version %d of %d, and a replica cannot bring it up to date; open the primary first", version, len(migrations))
	}
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error { return upgrade(ctx, tx) })
}

func upgrade(ctx context.Context, tx pgx.Tx) error {
	// A large table may take long; ctx bounds it.
	if _, err := tx.Exec(ctx, `SELECT set_config('statement_timeout', '0', true), set_config('lock_timeout', '0', true)`); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1, $2)`, lockClass, lockSchema); err != nil {
		return err
	}
	version, err := schemaVersion(ctx, tx) // again: another node may have been faster
	if err != nil {
		return err
	}
	if version == 0 {
		_, err = tx.Exec(ctx, `CREATE TABLE IF NOT EXISTS chudan_schema (version int PRIMARY KEY, applied timestamptz NOT NULL DEFAULT now())`)
	}
	for ; err == nil && version < len(migrations); version++ {
		// Several statements at once, which only the simple protocol takes; they are our own and have no values.
		if _, err = tx.Conn().PgConn().Exec(ctx, migrations[version]).ReadAll(); err == nil {
			_, err = tx.Exec(ctx, `INSERT INTO chudan_schema (version) VALUES ($1)`, version+1)
		}
	}
	if err != nil {
		return fmt.Errorf("migrating the schema to version %d: %w", version+1, err)
	}
	return nil
}

type querier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// schemaVersion is 0 where there is no schema.
func schemaVersion(ctx context.Context, q querier) (version int, err error) {
	// Not to_regclass: after waiting for another node's migration it may still know that there is no such table.
	var there bool
	if err := q.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_catalog.pg_class WHERE relname = 'chudan_schema' AND pg_catalog.pg_table_is_visible(oid))`).Scan(&there); err != nil || !there {
		return 0, err
	}
	err = q.QueryRow(ctx, `SELECT version FROM chudan_schema ORDER BY version DESC LIMIT 1`).Scan(&version)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, nil
	}
	return version, err
}
