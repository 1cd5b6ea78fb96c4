package postgres

import "context"

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
