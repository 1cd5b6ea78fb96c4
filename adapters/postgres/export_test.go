package postgres

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"
)

// What tests need to see that no server shows on demand.

// Refuses tells why a server of this version and encoding is refused.
func Refuses(c Config, version int, encoding string) error {
	return c.refuses(server{version: version, encoding: encoding, fsync: "on", fullPageWrites: "on", synchronousCommit: "on"})
}

// Migrations is how many there are.
func Migrations() int { return len(migrations) }

// Spare is how many sequence numbers the store has drawn and not used.
func (s *Store) Spare() int { return len(s.numbers.spare) }

// BackendOf is the process on the server that the store writes through.
func (s *Store) BackendOf(context.Context) uint32 { return s.writers[0].session.conn.PgConn().PID() }

var explained = map[string]string{
	"keys": keysAfter, "pending": pendingAfter, "last": lastBlock, "blocks": blocksBetween, "between": keysBetween, "records": selectedOf,
	"visits": visitsAfter, "visits/reference": visitsOfReference, "visits/identifier": visitsOfIdentifier, "visits/forget": forgetVisits,
	"sums": sumsAt, "ended": trimEnded,
}

// Explain runs a query with these arguments, written in SQL, as the store
// plans it, and gives the plan with what it did.
func (s *Store) Explain(ctx context.Context, query, args string) (string, error) {
	conn, err := s.reads.Acquire(ctx)
	if err != nil {
		return "", err
	}
	defer conn.Release()
	if _, err := conn.Exec(ctx, "PREPARE explained AS "+explained[query]); err != nil {
		return "", err
	}
	execute := "EXECUTE explained"
	if args != "" {
		execute += "(" + args + ")"
	}
	rows, err := conn.Query(ctx, "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) "+execute, pgx.QueryExecModeSimpleProtocol)
	if err != nil {
		return "", err
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err == nil {
		_, err = conn.Exec(ctx, "DEALLOCATE explained")
	}
	return strings.Join(lines, "\n"), err
}
