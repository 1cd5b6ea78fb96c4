package mysql

import (
	"errors"
	"fmt"
	"time"

	"github.com/go-sql-driver/mysql"
)

// Config says which server, and how much of what.
type Config struct {
	// DSN names the server and the database, and is never part of an error:
	//
	//	mysql://user:password@host:3306/database?tls=true&ca=/etc/chudan/ca.pem
	//	mysql://user:password@/database?socket=/run/mysqld/mysqld.sock
	//
	// tls is true (the server's certificate must be good), skip-verify, preferred
	// (encrypted if the server can; what is meant without tls) or false; ca is a
	// file of certificates in PEM to trust in the place of the system's.
	DSN string

	Wait    time.Duration // for a lock or an answer, before giving up; 0 is 5 s
	Connect time.Duration // for a connection; 0 is 2 s
	Batch   int           // drafts in one transaction at most; 0 is 256
	Readers int           // connections that read at the same time at most; 0 is 8

	// Lease is how long one call of Relay may take to publish its events, on the
	// server's clock; 0 is a minute. What a process that was killed was at work on
	// waits as long.
	Lease time.Duration

	// What Open refuses, unless it is to be put up with.
	AcceptLoss        bool // commits are acknowledged before they are on the disk: a crash may lose policies that were answered
	AcceptReplica     bool // the server is read-only, or replicates from another one as each of two masters does; only one may be written to
	AcceptNewerSchema bool // tables that a newer version of this program has changed

	driver *mysql.Config // what DSN says
}

func (c *Config) validate() error {
	var faults []error
	fault := func(wrong bool, format string, args ...any) {
		if wrong {
			faults = append(faults, fmt.Errorf("mysql: "+format, args...))
		}
	}
	fault(c.Wait < 0, "Config.Wait %v is negative", c.Wait)
	fault(c.Connect < 0, "Config.Connect %v is negative", c.Connect)
	fault(c.Batch < 0, "Config.Batch %d is negative", c.Batch)
	fault(c.Readers < 0, "Config.Readers %d is negative", c.Readers)
	fault(c.Lease < 0, "Config.Lease %v is negative", c.Lease)
	if c.Wait == 0 {
		c.Wait = 5 * time.Second
	}
	if c.Connect == 0 {
		c.Connect = 2 * time.Second
	}
	if c.Batch == 0 {
		c.Batch = 256
	}
	if c.Readers == 0 {
		c.Readers = 8
	}
	if c.Lease == 0 {
		c.Lease = time.Minute
	}
	var err error
	if c.driver, err = parseDSN(c.DSN); err != nil {
		faults = append(faults, fmt.Errorf("mysql: Config.DSN: %w", err))
	}
	return errors.Join(faults...)
}
