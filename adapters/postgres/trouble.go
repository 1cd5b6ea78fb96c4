package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/chudan-io/chudan/policy"
)

// trouble tells what failed, on which server, and what may help. It wraps
// policy.ErrUnavailable, but for errors that no waiting cures.
func (s *Store) trouble(err error) error {
	if errors.Is(err, policy.ErrUnavailable) {
		return err
	}
	advice := advise(err)
	if advice == "" {
		return fmt.Errorf("postgres: %s: %w", s.where, plain(err))
	}
	return fmt.Errorf("postgres: %s: %s: %w (%w)", s.where, advice, policy.ErrUnavailable, plain(err))
}

// advise gives the words for an error of the database; "" for one that lies in
// what was asked of it. The codes are those of PostgreSQL's appendix A.
func advise(err error) string {
	state := code(err)
	switch state {
	case "28000", "28P01":
		return "the server does not let this user in; see the user and the password (PGPASSWORD, ~/.pgpass), and the server's pg_hba.conf"
	case "3D000":
		return "there is no such database on the server; create it: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0"
	case "42501":
		return "the user lacks a right; it needs CREATE on the schema once, and SELECT, INSERT, UPDATE and DELETE on the tables"
	case "3F000":
		return "there is no schema to create the tables in; see search_path"
	case "53100":
		return "the server's disk is full; free some space"
	case "53300":
		return "the server has no connection left; raise max_connections, or give Config.Readers and Config.Relays less"
	case "57P01", "57P02", "57P03":
		return "the server is starting or stopping; it will be tried again"
	case "55P03", "57014", "25P03":
		return "the database took longer than Config.Wait; see what holds its locks (pg_locks, pg_stat_activity)"
	case "40001", "40P01":
		return "the transaction had to give way to another; it may be begun anew"
	case "25P02":
		return "the host's transaction has failed before; roll it back"
	case "42P01":
		return "there are no tables of chudan where this connection looks for them; see search_path"
	case "25006":
		return errReplica.Error()
	}
	switch {
	case state == "" && isTimeout(err):
		return "the server did not answer in time; see whether it runs and can be reached"
	case state == "" && isUnreachable(err):
		return "the server cannot be reached; see whether it runs, and the host and port"
	case state == "" && isLost(err):
		return "the connection to the server has broken; another one will be made"
	case strings.HasPrefix(state, "22"), strings.HasPrefix(state, "23"), strings.HasPrefix(state, "54"):
		return ""
	}
	return "the database failed"
}

// code is the SQLSTATE that the server answered; "" where it answered none.
func code(err error) string {
	if pg := (*pgconn.PgError)(nil); errors.As(err, &pg) {
		return pg.Code
	}
	return ""
}

func constraint(err error) string {
	if pg := (*pgconn.PgError)(nil); errors.As(err, &pg) {
		return pg.ConstraintName
	}
	return ""
}

// isConflict tells that the transaction was the one to give way to others, and
// may be repeated as it was.
func isConflict(err error) bool {
	state := code(err)
	return state == "40001" || state == "40P01"
}

// isLost tells that the connection has ended, or is in a state that nobody
// knows, and so whatever was asked over it.
func isLost(err error) bool {
	if errors.Is(err, errLost) || errors.Is(err, errNotCommitted) || errors.Is(err, policy.ErrUnavailable) {
		return false
	}
	if pg := (*pgconn.PgError)(nil); errors.As(err, &pg) {
		severity := pg.SeverityUnlocalized
		return severity == "FATAL" || severity == "PANIC"
	}
	return true
}

func isUnreachable(err error) bool {
	var connecting *pgconn.ConnectError
	var network *net.OpError
	return errors.As(err, &connecting) || errors.As(err, &network)
}

func isTimeout(err error) bool {
	return pgconn.Timeout(err) || errors.Is(err, context.DeadlineExceeded)
}

// plain is an error of ours or of pgx in one line, without what a context of
// our own or of another caller has to do with it.
func plain(err error) error { return &oneLine{err} }

type oneLine struct{ err error }

func (e *oneLine) Error() string {
	lines := strings.FieldsFunc(e.err.Error(), func(r rune) bool { return r == '\n' || r == '\t' })
	// With and without TLS, an address that cannot be reached is tried twice.
	return strings.Replace(strings.Join(slices.Compact(lines), "; "), ":; ", ": ", 1)
}

// Unwrap is for errors.As, so that whoever asks gets the server's own error.
func (e *oneLine) Unwrap() error {
	if pg := (*pgconn.PgError)(nil); errors.As(e.err, &pg) {
		return pg
	}
	return nil
}
