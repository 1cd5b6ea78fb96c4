package postgres

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	oldestServer   = 14 // the oldest that its makers still mend
	defaultConnect = 2 * time.Second
)

// connConfig is the DSN as pgx has it, and what we have to say to it.
func (c *Config) connConfig() (*pgxpool.Config, error) {
	config, err := pgxpool.ParseConfig(c.DSN)
	if err != nil {
		return nil, err
	}
	conn := config.ConnConfig
	switch {
	case c.Connect > 0:
		conn.ConnectTimeout = c.Connect
	case conn.ConnectTimeout == 0:
		conn.ConnectTimeout = defaultConnect
	}
	if conn.RuntimeParams["application_name"] == "" {
		conn.RuntimeParams["application_name"] = "chudan"
	}
	if conn.DefaultQueryExecMode == pgx.QueryExecModeSimpleProtocol {
		return nil, errors.New("the DSN asks for the simple protocol, in which values become part of the statement; take default_query_exec_mode out")
	}
	return config, nil
}

// settle gives a new connection the settings that its statements count on.
// idle is how long a transaction may do nothing before the server ends it, so
// that a node that vanished leaves no locks behind.
func (c *Config) settle(ctx context.Context, conn *pgx.Conn, idle time.Duration) error {
	wait := milliseconds(c.Wait)
	batch := &pgx.Batch{}
	for _, s := range []struct{ name, value string }{
		{"statement_timeout", wait},
		{"lock_timeout", wait},
		{"idle_in_transaction_session_timeout", milliseconds(idle)},
		// Each statement looks things up by an index. A plan that was made while the tables were small, and is
		// kept, must not read them whole when they have grown.
		{"enable_seqscan", "off"},
		{"enable_hashjoin", "off"},
		{"enable_mergejoin", "off"},
		{"jit", "off"},
		// A longer array is no reason to plan the same statement again.
		{"plan_cache_mode", "force_generic_plan"},
	} {
		batch.Queue("SELECT set_config($1, $2, false)", s.name, s.value)
	}
	return conn.SendBatch(ctx, batch).Close()
}

func milliseconds(d time.Duration) string { return strconv.FormatInt(max(d.Milliseconds(), 1), 10) }

// pool opens a pool of at most n connections. Nothing connects until it is used.
func (c *Config) pool(n int, idle time.Duration) (*pgxpool.Pool, error) {
	config, err := c.connConfig()
	if err != nil {
		return nil, err
	}
	config.MaxConns, config.MinConns, config.MinIdleConns = int32(n), 0, 0 //nolint:gosec // a handful
	config.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error { return c.settle(ctx, conn, idle) }
	return pgxpool.NewWithConfig(context.Background(), config)
}

// server is what a server says of itself.
type server struct {
	version                                  int // 150018 is 15.18
	encoding                                 string
	fsync, fullPageWrites, synchronousCommit string
	replica                                  bool
}

func ask(ctx context.Context, conn *pgx.Conn) (s server, err error) {
	err = conn.QueryRow(ctx, `SELECT current_setting('server_version_num')::int, current_setting('server_encoding'),
		current_setting('fsync'), current_setting('full_page_writes'), current_setting('synchronous_commit'), pg_is_in_recovery()`).
		Scan(&s.version, &s.encoding, &s.fsync, &s.fullPageWrites, &s.synchronousCommit, &s.replica)
	return s, err
}

// refuses tells why policies should not be entrusted to this server.
func (c *Config) refuses(s server) error {
	var faults []error
	off := func(setting, value, loss string) {
		if value == "off" && !c.AcceptLoss {
			faults = append(faults, fmt.Errorf("%s is off: %s; turn it on, or set Config.AcceptLoss where policies may be lost", setting, loss))
		}
	}
	if s.version < oldestServer*10000 {
		faults = append(faults, fmt.Errorf("the server is PostgreSQL %d.%d; want %d or later", s.version/10000, s.version%10000, oldestServer))
	}
	if s.encoding != "UTF8" {
		faults = append(faults, fmt.Errorf("the database has the encoding %s; want UTF8: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0", s.encoding))
	}
	off("fsync", s.fsync, "a crash of the machine may destroy the database")
	off("full_page_writes", s.fullPageWrites, "a crash of the machine may destroy the database")
	off("synchronous_commit", s.synchronousCommit, "a crash of the server loses policies that were answered")
	if s.replica && !c.AcceptReplica {
		faults = append(faults, errReplica)
	}
	return errors.Join(faults...)
}

var errReplica = errors.New("the server is a replica, on which nothing can be written; name the primary, " +
	"or all of the hosts with target_session_attrs=read-write, or set Config.AcceptReplica to read only")

// connect opens a connection of its own, to a server that was held against
// what is refused.
func (c *Config) connect(ctx context.Context, idle time.Duration) (*pgx.Conn, error) {
	config, err := c.connConfig()
	if err != nil {
		return nil, err
	}
	conn, err := pgx.ConnectConfig(ctx, config.ConnConfig)
	if err != nil {
		return nil, err
	}
	err = c.settle(ctx, conn, idle)
	if err == nil {
		var s server
		if s, err = ask(ctx, conn); err == nil {
			err = c.refuses(s)
		}
	}
	if err != nil {
		return nil, errors.Join(err, hangUp(conn))
	}
	return conn, nil
}

// hangUp ends a connection without waiting for a server that may be gone.
func hangUp(conn *pgx.Conn) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	err := conn.Close(ctx)
	if pg := (*pgconn.PgError)(nil); err != nil && !errors.As(err, &pg) {
		return nil // it was gone already
	}
	return err
}
