package mysql

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"github.com/go-sql-driver/mysql"
)

// connector opens connections whose sessions are as we need them, whatever the
// server's defaults are.
type connector struct {
	driver.Connector
	session []string
}

// connect gives a pool. idle is how long the server keeps a session that says
// nothing, 0 for as long as it does anyway.
func (c *Config) connect(most int, idle time.Duration) (*sql.DB, error) {
	d := c.driver.Clone()
	d.Timeout = c.Connect
	d.MaxAllowedPacket = 0    // the server's own
	d.ClientFoundRows = true  // an UPDATE counts the rows that it found, changed or not
	d.MultiStatements = false // nothing that slips into one statement becomes two
	// One round trip for a statement instead of three. It is as safe as prepared statements as long as both sides read a literal in the same way:
	// the driver knows the session's NO_BACKSLASH_ESCAPES, the connection is utf8mb4, in which no character ends in a backslash, and all
	// text is passed as bytes, which become _binary'…' and are not interpreted in any character set.
	d.InterpolateParams = true
	d.Logger = &mysql.NopLogger{} // what it would say comes as an error too
	inner, err := mysql.NewConnector(d)
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(&connector{inner, c.session(idle)})
	db.SetMaxOpenConns(most)
	db.SetMaxIdleConns(most)
	db.SetConnMaxIdleTime(time.Minute)
	if idle > 0 {
		db.SetConnMaxIdleTime(idle / 2) // before the server does
	}
	return db, nil
}

// session are the statements that every connection begins with.
func (c *Config) session(idle time.Duration) []string {
	all := []string{
		// No gap locks, and each statement sees what is committed when it begins: what is read behind the lock on head is up to date.
		"SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
		// What does not fit is an error. Without it, a value that is too long is cut off and stored.
		"SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'",
		"SET SESSION innodb_lock_wait_timeout = " + seconds(c.Wait+time.Second),
	}
	if idle > 0 {
		all = append(all, "SET SESSION wait_timeout = "+seconds(idle))
	}
	return all
}

// seconds is d in whole seconds, 1 at least.
func seconds(d time.Duration) string {
	return fmt.Sprint(max(1, int64((d+time.Second-1)/time.Second)))
}

// Connect is driver.Connector's.
func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, &unreached{err}
	}
	run, ok := conn.(driver.ExecerContext)
	if !ok {
		return nil, errors.Join(errors.New("the driver runs no statements"), conn.Close())
	}
	for _, statement := range c.session {
		// A server without the setting waits for locks in its own way; the deadlines of our contexts hold all the same.
		if _, err := run.ExecContext(ctx, statement, nil); err != nil && number(err) != unknownVariable {
			return nil, &unreached{errors.Join(err, conn.Close())}
		}
	}
	return conn, nil
}

// unreached is the error of a connection that did not come about: nothing was
// asked on it, and asking again at once is of no use.
type unreached struct{ error }

func (u *unreached) Unwrap() error { return u.error }
