package mysql

import (
	"context"
	"crypto/tls"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/go-sql-driver/mysql"

	"github.com/chudan-io/chudan/policy"
)

// The numbers of the servers' errors that mean something to us.
// Source: MySQL's and MariaDB's references of server error messages; TiDB's error codes for 8002 to 9010.
const (
	accessDenied    = 1045
	databaseDenied  = 1044
	unknownDatabase = 1049
	tableExists     = 1050
	columnExists    = 1060
	indexExists     = 1061
	duplicate       = 1062
	syntax          = 1064
	tableDenied     = 1142
	noTable         = 1146
	packetTooLarge  = 1153
	unknownVariable = 1193
	lockWait        = 1205
	deadlock        = 1213
	recordChanged   = 1020 // since the snapshot; MariaDB with innodb_snapshot_isolation
	notAllowed      = 1227
	dataTooLong     = 1406
	raised          = 1644 // by a trigger's SIGNAL
	retryForUpdate  = 8002
	schemaChanged   = 8028
	writeConflict   = 9007
	readOnlyOption  = 1290
	readOnlyMode    = 1836
	readOnlySession = 1792
	tooManyOfAll    = 1040
	tooManyOfUser   = 1203
	diskFull        = 1021
	tableFull       = 1114
)

// failure is the error of a transaction or a look-up in words that hold nothing
// of what is stored: the server's own quote values (Duplicate entry '…') and
// statements.
type failure struct{ cause error }

func (f *failure) Unwrap() error { return f.cause }

// Code is the number of the server's error; 0 where it is none of the server's.
func (f *failure) Code() int { return number(f.cause) }

func (f *failure) Error() string {
	var server *mysql.MySQLError
	if !errors.As(f.cause, &server) {
		return f.cause.Error()
	}
	if quotesNothing(server) {
		return fmt.Sprintf("error %d: %s", server.Number, server.Message)
	}
	return fmt.Sprintf("error %d, SQLSTATE %s", server.Number, server.SQLState)
}

// quotesNothing tells whether the server's message is about itself and us, not
// about values.
func quotesNothing(e *mysql.MySQLError) bool {
	switch e.Number {
	case accessDenied, databaseDenied, unknownDatabase, tableDenied, notAllowed, noTable, lockWait, deadlock,
		readOnlyOption, readOnlyMode, readOnlySession, tooManyOfAll, tooManyOfUser, diskFull, tableFull, unknownVariable:
		return true
	}
	return strings.HasPrefix(string(e.SQLState[:]), "08") || strings.HasPrefix(string(e.SQLState[:]), "28")
}

// trouble tells what failed, on which server, and what may help. It wraps
// policy.ErrUnavailable, but for errors that no waiting cures. ctx is that of
// the caller: if it has ended, that is all there is to say.
func (s *Store) trouble(ctx context.Context, err error) error {
	if ended := ctx.Err(); ended != nil {
		return fmt.Errorf("mysql: %w", ended)
	}
	advice := s.advise(err)
	if advice == "" {
		return fmt.Errorf("mysql: %s: %w", s.place, &failure{err})
	}
	return fmt.Errorf("mysql: %s: %s: %w (%w)", s.place, advice, policy.ErrUnavailable, &failure{err})
}

// advise gives the words for an error of the server or on the way to it; "" for
// one that lies in what was asked.
func (s *Store) advise(err error) string {
	if own(err) {
		return ""
	}
	switch number(err) {
	case 0:
		return s.adviseUnreached(err)
	case accessDenied, 1698, 1130, 3159, 3118:
		return "the server does not let this user in; see the user and the password, and from where the server lets him in"
	case databaseDenied, tableDenied, 1143, notAllowed:
		return "the user lacks a right; see the grants that the package's documentation lists"
	case unknownDatabase:
		return "the server has no such database; create it, or name another one"
	case noTable, 1054, 1176:
		return "a table, an index or a column is missing; restore it, or name another database"
	case lockWait:
		return "another transaction keeps a lock; end it (see SHOW PROCESSLIST), or give Config.Wait more time"
	case recordChanged:
		return "others have written since the transaction read first, and innodb_snapshot_isolation lets it write no more; begin it at READ COMMITTED"
	case deadlock, retryForUpdate, schemaChanged, writeConflict:
		return "transactions of others were in the way"
	case readOnlyOption, readOnlyMode, readOnlySession:
		return "the server is read-only; name the one that is written to"
	case tooManyOfAll, tooManyOfUser, 1226:
		return "the server takes no more connections; see max_connections, or give Config.Readers less"
	case diskFull, tableFull, 3675:
		return "the server's disk is full; free some space"
	}
	return "the server failed"
}

func (s *Store) adviseUnreached(err error) string {
	switch {
	case errors.As(err, new(*net.DNSError)):
		return "the server's name is not known; see the host"
	case errors.Is(err, mysql.ErrNoTLS):
		return "the server takes no encrypted connections; see its tls, or give tls=false"
	case errors.As(err, new(*tls.CertificateVerificationError)):
		return "the server's certificate is not trusted; give ca, the file of who vouches for it"
	case isTimeout(err):
		return fmt.Sprintf("no connection within %v, or no answer within %v", s.config.Connect, s.config.Wait)
	case errors.As(err, new(*unreached)):
		return "the server cannot be reached; see whether it runs, and the host and port"
	case broken(err):
		return "the connection to the server broke"
	}
	return ""
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout()
}

// own tells whether an error is that of what was asked: a value that is taken,
// does not fit, or is refused by the database itself.
func own(err error) bool {
	var server *mysql.MySQLError
	if !errors.As(err, &server) {
		return errors.Is(err, mysql.ErrPktTooLarge)
	}
	switch server.Number {
	case duplicate, packetTooLarge, dataTooLong, raised, syntax:
		return true
	}
	state := string(server.SQLState[:2])
	return state == "22" || state == "23"
}

// passing tells whether the same transaction may well succeed now: it was rolled
// back because of another one, or its connection broke before the commit.
func passing(err error) bool {
	switch number(err) {
	case 0:
		return broken(err)
	case deadlock, lockWait, recordChanged, retryForUpdate, schemaChanged, writeConflict:
		return true
	}
	return false
}

// broken tells whether a connection ended that had come about.
func broken(err error) bool {
	if number(err) != 0 || errors.As(err, new(*unreached)) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return false
	}
	var network net.Error
	return errors.Is(err, driver.ErrBadConn) || errors.Is(err, mysql.ErrInvalidConn) || errors.Is(err, io.EOF) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &network)
}

// number is that of the server's error; 0 for an error that is not the server's.
func number(err error) int {
	var server *mysql.MySQLError
	if errors.As(err, &server) {
		return int(server.Number)
	}
	return 0
}
