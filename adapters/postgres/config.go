package postgres

import (
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Config says which database, and how much of what.
type Config struct {
	// DSN is a connection string as libpq has them: a URL
	// (postgres://user@host:port/database?sslmode=verify-full) or words
	// (host=… dbname=…). What it leaves out comes from the PG… variables and the
	// password file. Several hosts may be named; target_session_attrs=read-write
	// then finds the one that is the primary. It is never part of an error.
	DSN string

	Wait    time.Duration // for the database to answer or to give a lock; 0 is 5 s
	Connect time.Duration // for a connection; 0 is what the DSN says (connect_timeout), or 2 s
	Batch   int           // drafts in one transaction at most; 0 is 256
	Writers int           // transactions under way at the same time at most; 0 is 1 (more make nodes on one machine get in each other's way)
	Readers int           // connections that read at the same time at most; 0 is 4
	Relays  int           // calls of Relay at the same time at most; 0 is 4
	Publish time.Duration // that Relay's publish may take; 0 is 30 s

	// What Open refuses, unless it is to be put up with.
	AcceptLoss        bool // fsync, full_page_writes or synchronous_commit is off: a crash may lose policies that were answered
	AcceptReplica     bool // a standby: reading works, everything else answers policy.ErrUnavailable
	AcceptNewerSchema bool // tables that a newer version of this program has changed
}

func (c *Config) validate() error {
	var faults []error
	fault := func(wrong bool, format string, args ...any) {
		if wrong {
			faults = append(faults, fmt.Errorf("postgres: "+format, args...))
		}
	}
	fault(c.DSN == "", "Config.DSN is empty; name the database, such as postgres://user@host:5432/database")
	fault(c.Wait < 0, "Config.Wait %v is negative", c.Wait)
	fault(c.Connect < 0, "Config.Connect %v is negative", c.Connect)
	fault(c.Batch < 0, "Config.Batch %d is negative", c.Batch)
	fault(c.Writers < 0, "Config.Writers %d is negative", c.Writers)
	fault(c.Readers < 0, "Config.Readers %d is negative", c.Readers)
	fault(c.Relays < 0, "Config.Relays %d is negative", c.Relays)
	fault(c.Publish < 0, "Config.Publish %v is negative", c.Publish)
	if c.DSN != "" {
		// Not the parser's own words: they quote the DSN, and hide the password only where they recognise it.
		_, err := pgxpool.ParseConfig(c.DSN)
		fault(err != nil, "Config.DSN is no connection string; want postgres://user:password@host:port/database?setting=value, "+
			"with %%-escapes for what is special in it (@ is %%40), and files that it names must be there")
	}
	if c.Wait == 0 {
		c.Wait = 5 * time.Second
	}
	if c.Batch == 0 {
		c.Batch = 256
	}
	if c.Writers == 0 {
		c.Writers = 1
	}
	if c.Readers == 0 {
		c.Readers = 4
	}
	if c.Relays == 0 {
		c.Relays = 4
	}
	if c.Publish == 0 {
		c.Publish = 30 * time.Second
	}
	return errors.Join(faults...)
}

// grace is what a client waits beyond Wait: the server gives up first, with
// an error that tells why and a connection that stays.
func (c *Config) grace() time.Duration { return c.Wait + min(c.Wait/5, time.Second) }
